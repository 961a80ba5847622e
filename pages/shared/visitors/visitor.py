"""One visitor: a connection to the server, what it shows, and what the visitor does."""

from __future__ import annotations

import http.client
import secrets
from collections.abc import Callable
from http.cookies import SimpleCookie
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from pages.shared.visitors.screen import Screen

PATIENCE = 120.0
ASKS_SECONDS, NOTHING_YET = 0.4, 204
"""How often a browser asks for news, and what is answered while there are none."""
XSRF = "_streamlit_xsrf"


class Failed(RuntimeError):
    """Something that a person would have seen go wrong, in a sentence."""


class Visitor:
    """A browser tab: opens a page, waits, chooses, fetches and leaves.

    `patience` is how many seconds it waits for anything.
    """

    def __init__(self, address: str, *, patience: float = PATIENCE) -> None:
        self.host = urlsplit(address).netloc
        self.patience = patience
        self.screen = Screen()
        self.states: dict[str, WidgetState] = {}
        self.query = ""
        self._http = http.client.HTTPConnection(self.host, timeout=patience)
        self._socket: Any = None
        self._token = ""
        self._asks = 0.0

    def open(self, query: str = "", page: str = "") -> None:
        """Open a page: `query` without its question mark, `page` as it stands in the address."""
        self.query = query
        self._token = self._cookie()
        self._socket = connect(
            f"ws://{self.host}/_stcore/stream",
            subprotocols=["streamlit"],
            max_size=None,
            open_timeout=self.patience,
            close_timeout=1,
            compression=None,
            max_queue=None,  # a tab that is not looked at reads on
            ping_interval=None,
        )
        self._rerun(page_name=page)

    def leave(self) -> None:
        """Close the tab."""
        self._http.close()
        if self._socket:
            self._socket.close()

    def go(self, page: str) -> None:
        """Choose another page in the navigation, "" for the first."""
        self._rerun(page_script_hash=self.screen.pages[page])

    def choose(self, kind: str, key: str, **value: Any) -> None:
        """Set a widget: `string_value="…"`, `bool_value=True` and so on."""
        found = self.screen.widget(kind, key)
        self.states[found.id] = WidgetState(id=found.id, **value)
        self._rerun(page_script_hash=self.screen.page_hash)

    def upload(self, key: str, name: str, data: bytes) -> None:
        """Give a file to an uploader."""
        asked = BackMsg()
        asked.file_urls_request.request_id = secrets.token_hex(8)
        asked.file_urls_request.file_names.append(name)
        asked.file_urls_request.session_id = self.screen.session
        self._send(asked)
        request = asked.file_urls_request.request_id
        self.until(lambda screen: request in screen.files, "an address for an upload")
        (urls,) = self.screen.files[request]
        self._put(urls.upload_url, name, data)
        found = self.screen.widget("file_uploader", key)
        state = WidgetState(id=found.id)
        file = state.file_uploader_state_value.uploaded_file_info.add()
        file.file_id, file.name, file.size = urls.file_id, name, len(data)
        file.file_urls.CopyFrom(urls)
        self.states[found.id] = state
        self._rerun(page_script_hash=self.screen.page_hash)

    def until(self, holds: Callable[[Screen], bool], what: str) -> None:
        """Take messages until something holds of the screen. Raises `Failed`, `what` in it."""
        end = monotonic() + self.patience
        while not holds(self.screen):
            now = monotonic()
            if now > end:
                raise Failed(f"In {self.patience:.0f} s there was not: {what}.")
            self._run_fragments(now)
            self._ask_for_news(now)
            times = [at for _, at in self.screen.due.values()]
            soonest = min([*times, self._asks] if self.screen.awaited else times, default=end)
            self._receive(max(0.0, min(soonest, end) - now) + 0.001)

    def rest(self) -> None:
        """Wait until the page is drawn and nothing on it is still to come."""
        self.until(lambda screen: screen.still, "a page at rest")

    def fetch(self, path: str) -> bytes:
        """What the server answers at an address. Raises `Failed` where it is an error."""
        status, body = self._ask("GET", path)
        if status != 200:
            raise Failed(f"{path.split('?')[0]} was answered {status}: {body[:200]!r}.")
        return body

    def _cookie(self) -> str:
        """Ask for the page first, as a browser does; the server's token comes along."""
        self._ask("GET", "/")
        self._http.request("GET", "/_stcore/health")
        answer = self._http.getresponse()
        answer.read()
        return SimpleCookie(answer.headers.get("Set-Cookie", ""))[XSRF].value

    def _ask(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[int, bytes]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            self._http.request(method, path, body, named)
            answer = self._http.getresponse()
        except ConnectionError:  # it was closed since the last request: as a browser, ask anew
            self._http.close()
            self._http.request(method, path, body, named)
            answer = self._http.getresponse()
        return answer.status, answer.read()

    def _put(self, path: str, name: str, data: bytes) -> None:
        border = secrets.token_hex(16)
        head = f'Content-Disposition: form-data; name="{name}"; filename="{name}"'
        body = b"".join(
            [f"--{border}\r\n{head}\r\n\r\n".encode(), data, f"\r\n--{border}--\r\n".encode()]
        )
        status, said = self._ask(
            "PUT",
            path if path.startswith("/") else f"/{path}",
            body,
            Content_Type=f"multipart/form-data; boundary={border}",
            Cookie=f"{XSRF}={self._token}",
            X_Xsrftoken=self._token,
        )
        if status >= 400:
            raise Failed(f"An upload was answered {status}: {said[:200]!r}.")

    def _rerun(self, **about: Any) -> None:
        message = BackMsg()
        message.rerun_script.query_string = self.query
        message.rerun_script.widget_states.CopyFrom(WidgetStates(widgets=self.states.values()))
        for name, value in about.items():
            setattr(message.rerun_script, name, value)
        self.screen.running = True
        self._send(message)

    def _run_fragments(self, now: float) -> None:
        for fragment, (interval, at) in list(self.screen.due.items()):
            if at <= now and not self.screen.running:
                self.screen.due[fragment] = interval, now + interval
                self._rerun(
                    fragment_id=fragment,
                    is_auto_rerun=True,
                    page_script_hash=self.screen.page_hash,
                )

    def _ask_for_news(self, now: float) -> None:
        if now < self._asks or self.screen.running:
            return
        self._asks = now + ASKS_SECONDS
        for address, fragment in self.screen.awaited.items():
            if self._ask("GET", address)[0] != NOTHING_YET:
                self._rerun(fragment_id=fragment, page_script_hash=self.screen.page_hash)
                return

    def _send(self, message: BackMsg) -> None:
        try:
            self._socket.send(message.SerializeToString())
        except ConnectionClosed as error:
            raise Failed("The server closed the connection.") from error

    def _receive(self, seconds: float) -> None:
        try:
            data = self._socket.recv(timeout=seconds)
        except TimeoutError:
            return
        except ConnectionClosed as error:
            raise Failed("The server closed the connection.") from error
        message = ForwardMsg()
        message.ParseFromString(data)
        self.screen.take(message)
