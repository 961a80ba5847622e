"""The memory that there is: the machine's, or less where a container is given less."""

import psutil
import pytest

from core.base import memory


@pytest.mark.parametrize(
    ("text", "limit"), [("2000000\n", 2_000_000), ("max\n", None), (f"{2**63 - 4096}\n", None)]
)
def test_a_container_may_be_given_less(tmp_path, monkeypatch, text, limit):
    said = tmp_path / "memory.max"
    said.write_text(text)
    monkeypatch.setattr(memory, "CONTAINER_LIMITS", (said, tmp_path / "absent"))
    assert memory.machine_memory() == (limit or psutil.virtual_memory().total)
