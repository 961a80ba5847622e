"""One process at a time on one output, and none that was killed keeps others out."""

import os
import signal
import subprocess
import sys

import pytest

from core.base.files import FileError
from core.base.locks import alone
from core.base.paths import ROOT

# Takes the lock, says so, and waits to be killed.
HOLDER = """
import sys
from pathlib import Path
from core.base.locks import alone

with alone(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_another_process_is_refused_until_the_first_is_gone_even_killed(tmp_path):
    path = tmp_path / "new" / "table.parquet"
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, path],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    with holder:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(ValueError, match="Another command is working on .*table.parquet"):
            with alone(path):
                pass
        with alone(path.with_name("other.parquet")):
            pass
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait()
    with alone(path):
        pass
    with alone(path):
        pass


def test_where_no_lock_can_be_is_a_sentence(tmp_path):
    (tmp_path / "file").touch()
    with (
        pytest.raises(FileError, match="could not be written: "),
        alone(tmp_path / "file" / "out"),
    ):
        pass
