"""The load: what is counted, and that it is counted right. Never a time."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import psutil
import pytest

from core.bench import BENCHMARKS, NotMeasured, load, measured
from core.bench import __main__ as bench
from core.readme.load import NOT_YET, load_table

SEEN = {"0": {"compare: a": "1", "saved: b": "2"}, "1": {"compare: a": "3"}}
CROWD = {
    "errors": [], "failed_downloads": [], "downloads": 2, "waits": [1.0, 2.0, 3.0], "seen": SEEN,
}  # fmt: skip
NOTHING = {"errors": [], "failed_downloads": [], "downloads": 0, "waits": [], "seen": {}}


def memory(*taken: int) -> load.Memory:
    return load.Memory(psutil.Process(), list(taken))


def found(crowd=CROWD, leavers=NOTHING, alone=CROWD, taken=(1, 1, 1, 1), left=0) -> load.Measured:
    return load.Measured(crowd, leavers, alone, memory(*taken), left)


@pytest.fixture
def came(monkeypatch):
    """A function that says what came of the load that the rows ask for."""
    return lambda what: monkeypatch.setattr(load, "measure", lambda *asked: what)


def rows():
    """Those of a load that nobody has measured yet."""
    return load.rows(load.Load())


def values() -> dict[str, float]:
    return {spec.key: spec() for spec in rows()}


def test_a_good_load_reaches_every_row(came):
    came(found())
    assert all(spec.is_reached(spec()) for spec in rows())
    assert values()["load_wait"] == pytest.approx(2.9)


@pytest.mark.parametrize(
    ("row", "what"),
    [
        ("errors", found(crowd={**CROWD, "errors": ["trip 0: a traceback"]})),
        ("errors", found(leavers={**NOTHING, "errors": ["leaver 3: closed"]})),
        ("downloads", found(crowd={**CROWD, "failed_downloads": ["trip 1: 404"]})),
        ("wrong", found(alone={**CROWD, "seen": {**SEEN, "1": {"compare: a": "4"}}})),
        ("wrong", found(alone={**CROWD, "seen": {**SEEN, "1": {}}})),
        ("wait", found(crowd={**CROWD, "waits": [1.0, 1000.0]})),
        ("memory", found(taken=(10**11,) * 4)),
        ("growth", found(taken=(0, 0, 0, 10**9))),
        ("left", found(left=1)),
    ],
)
def test_each_fault_misses_its_row_and_no_other(came, row, what):
    came(what)
    missed = {spec.key for spec in rows() if not spec.is_reached(spec())}
    assert missed == {f"load_{row}"}


def test_growth_is_that_of_the_last_quarter():
    assert memory(0, 0, 900, 900, 10, 20, 30, 50).growth == 25
    assert memory(5, 7).growth == 2


def test_visits_of_which_one_saw_only_a_part_are_compared_by_that():
    count, wrong = load.compared(SEEN, {"0": {"compare: a": "1", "saved: b": "9"}})
    assert (count, wrong) == (2, ["trip 0, saved: b"])


@pytest.mark.parametrize(
    "what",
    [found(alone=NOTHING), found(alone={**CROWD, "errors": ["x"]}), found(crowd=NOTHING)],
)
def test_without_something_to_compare_with_nothing_is_said(what):
    with pytest.raises(NotMeasured):
        assert what.wrong == what.wait == 0


def test_a_load_is_a_crowd_then_leavers_then_one_alone_on_another_server(monkeypatch):
    calls, servers = [], []

    @contextmanager
    def started(script, **environment):
        assert script == load.APP and environment["LOSSLENS_CACHE_MB"].isdecimal()
        servers.append(f"http://server-{len(servers)}")
        yield servers[-1], os.getpid()

    def visitors(kind, address, seconds, **options):
        calls.append((kind, address, seconds, options))
        return CROWD

    for name, stand_in in {
        "started": started, "visitors": visitors, "work_left": lambda address: 3,
        "SAMPLE": 0.001,
    }.items():  # fmt: skip
        monkeypatch.setattr(load, name, stand_in)
    asked = load.Load(0.01)
    came = asked.measured
    assert came is asked.measured and came.left == 3 and max(came.memory.taken, default=1) > 0
    assert calls == [
        ("crowd", servers[0], 0.01, {"visitors": load.FEW_VISITORS}),
        ("leavers", servers[0], 0, {"times": load.FEW_LEAVERS}),
        ("alone", servers[1], 0.01, {"trips": [0, 1]}),
    ]


# The command -------------------------------------------------------------------------------------


@pytest.fixture
def kept(monkeypatch, tmp_path):
    file = tmp_path / "load.json"
    monkeypatch.setattr(measured, "MEASURED", file)
    return file


def test_the_rows_of_the_load_are_asked_for_by_one_name(came, kept, tmp_path, capsys):
    came(found())
    written = tmp_path / "rows.json"
    assert bench.main(["load", "--seconds", "7", "--json", str(written), "--docs"]) == 0
    keys = [spec.key for spec in load.LOAD]
    assert [row["name"] for row in json.loads(written.read_text())] == keys
    document = json.loads(kept.read_text())
    assert f"errors of {load.FEW_VISITORS} visitors in 7 s" in document["rows"][0]["about"]
    assert f"of {load.FEW_LEAVERS} visitors who leave" in document["rows"][-1]["about"]
    assert [row["name"] for row in document["rows"]] == keys and document["seconds"] == 7
    assert f"{os.cpu_count()} cores" in document["machine"]
    assert set(keys) <= set(BENCHMARKS)


@pytest.mark.parametrize("seconds", ["0", "-3", "nan"])
def test_a_load_takes_some_time(seconds, capsys):
    assert bench.main(["load", "--seconds", seconds]) == 2
    assert "must be above 0" in capsys.readouterr().err


@pytest.mark.parametrize("asked", [[], ["load_errors"], ["load", "regional_sharpness"]])
def test_the_docs_are_of_the_whole_load_and_nothing_else(asked, kept, capsys):
    assert bench.main([*asked, "--docs"]) == 2 and not kept.exists()
    assert "--docs keeps the 7 rows" in capsys.readouterr().err


class Figures(BaseHTTPRequestHandler):
    """A server that tells of one figure."""

    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"# TYPE work gauge\nwork_running 3.0\n")

    def log_message(self, *_):
        pass


def test_a_figure_that_no_server_tells_is_not_measured():
    with HTTPServer(("127.0.0.1", 0), Figures) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        assert load.figure(address, "work_running") == 3
        with pytest.raises(NotMeasured, match="no figure 'work_waiting'"):
            sum(load.figure(address, name) for name in ("work_waiting",))
        server.shutdown()
    with pytest.raises(NotMeasured, match="does not tell"):
        load.figure(address, "work_running")


def test_the_docs_show_what_was_kept(came, kept):
    assert load_table() == NOT_YET
    came(found(left=2))
    assert bench.main(["load", "--docs"]) == 0
    lines = load_table().splitlines()
    assert sum("| reached |" in line for line in lines) == len(load.LOAD) - 1
    (missed,) = [line for line in lines if "| missed |" in line]
    assert "| 2 pieces | <= 0 pieces |" in missed and "work that is left" in missed
    kept.write_text('{"machine": "x", "seconds": 1, "rows": [{}]}')
    assert load_table() == NOT_YET
