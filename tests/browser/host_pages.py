"""Pages of scripts that stand beside the tests, which begin anew without being loaded again."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page

from tests.browser import anew
from tests.browser.waiting import IS_QUIET, TWO_FRAMES, wait

USUAL = {"device_scale_factor": 1, "permissions": ["clipboard-read", "clipboard-write"]}
"""Of a page of a host: each other choice has a context of its own, which loads all anew."""
WINDOW = {"width": 1300, "height": 1000}
# The field takes another address; what the script drew before goes some time after it has ended.
BEGIN = """
  const [serial, query, label] = given, former = all(".viewer");
  scrollTo(0, 0);
  history.replaceState(null, "", location.pathname + query);
  const field = document.querySelector(`input[aria-label="${label}"]`);
  field.focus();
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(field, query);
  field.dispatchEvent(new Event("input", { bubbles: true }));
  await FRAMES;
  field.blur()""".replace("FRAMES", TWO_FRAMES)
BEGUN = f"""says(serial) && {IS_QUIET} && former.every((one) => !one.isConnected)
  && !document.querySelector("[data-testid=InputInstructions]")"""


def is_complaint(kind: str, text: str) -> bool:
    """Whether the console says what it should not; canvases are read by tests, not the viewer."""
    return kind in ("error", "warning") and "willReadFrequently" not in text


class HostPages:
    """Pages of scripts that stand beside the tests: one that no test uses any more begins anew."""

    def __init__(self, new_page: Callable[..., Page], serve: Callable[[Path], str]) -> None:
        self.new_page, self.serve = new_page, serve
        self.complaints: list[str] = []
        self.used: list[tuple[str, Page]] = []
        self.free: dict[str, list[Page]] = {}
        self.serial = 0

    def open(
        self,
        script: Path,
        query: str = "",
        viewport: dict | None = None,
        page: Page | None = None,
        **options: object,
    ) -> Page:
        """A page of the script at this address; an address with a serial is loaded as it is.

        It is another page than those that the test has, or `page`, which begins anew.
        """
        page = page or self.another(script, {**USUAL, **options})
        page.set_viewport_size(viewport or WINDOW)
        if f"{anew.SERIAL}=" in query:
            page.goto(self.serve(script) + query)
            return page
        self.serial += 1
        query = anew.addressed(query, self.serial)
        if page.url == "about:blank":
            page.goto(self.serve(script) + query)
            begin = "const [serial] = given, former = []"
        else:
            page.mouse.move(2, 2)
            begin = BEGIN
        serial = f"{anew.SERIAL}={self.serial}"
        wait(page, BEGUN, serial, query, anew.FIELD, before=begin)
        return page

    def another(self, script: Path, options: dict[str, object]) -> Page:
        key = json.dumps([str(script), options], sort_keys=True)
        page = self.free.get(key, []).pop() if self.free.get(key) else self.blank(options)
        self.used.append((key, page))
        return page

    def blank(self, options: dict[str, object]) -> Page:
        page = self.new_page(**options)
        page.on("console", lambda message: self.listen(message.type, message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return page

    def listen(self, kind: str, text: str) -> None:
        if is_complaint(kind, text):
            self.complaints.append(text)

    def release(self, *, good: bool) -> list[str]:
        """What the console said; the pages are free again, or closed after a test that failed."""
        for key, page in self.used:
            if good:
                self.free.setdefault(key, []).append(page)
            else:
                page.close()
        said, self.used, self.complaints = self.complaints, [], []
        return said
