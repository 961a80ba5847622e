"""The laws of the Dockerfile, read from it: no container engine is needed."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from core.base.paths import CHECKPOINTS, RESULTS, ROOT
from pages.shared.own import PRIVATE
from pages.shared.serving.hosts import HOSTS

KNOWN = {"FROM", "WORKDIR", "COPY", "RUN", "ENV", "USER", "EXPOSE", "HEALTHCHECK", "CMD"}


def steps() -> list[tuple[str, str]]:
    """Instruction and arguments, one after another."""
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text("utf8"), flags=re.MULTILINE)
    lines = text.replace("\\\n", " ").splitlines()
    return [tuple(line.split(None, 1)) for line in lines if line.strip()]


STEPS = steps()
PLACE = {name: place for place, (name, _) in enumerate(STEPS)}
"""Where each instruction stands last."""


def said(name: str) -> list[str]:
    return [rest for instruction, rest in STEPS if instruction == name]


def copied() -> list[str]:
    """What comes into the image, as named in the repository."""
    return [source for rest in said("COPY") for source in rest.split()[:-1]]


def test_only_these_instructions_are_used():
    assert {name for name, _ in STEPS} == KNOWN


def test_the_base_is_one_release():
    [base] = said("FROM")
    assert re.fullmatch(r"python:3\.1[123]\.\d+-slim-\w+", base)


def test_it_runs_as_nobody_in_particular():
    [user] = said("USER")
    assert int(user) >= 1000
    assert f"useradd --uid {user} " in " ".join(said("RUN"))
    assert PLACE["RUN"] < PLACE["USER"] < PLACE["CMD"]
    assert not re.search(r"chmod|sudo|--privileged", " ".join(said("RUN")))


def test_packages_are_the_locked_ones_and_come_before_the_code():
    installs = next(place for place, (_, rest) in enumerate(STEPS) if "pip install" in rest)
    assert "--require-hashes -r requirements.lock" in STEPS[installs][1]
    assert "--no-cache-dir" in STEPS[installs][1]
    before = [rest.split()[:-1] for name, rest in STEPS[:installs] if name == "COPY"]
    assert before == [["requirements.lock"]]


@pytest.mark.parametrize("source", copied())
def test_what_is_copied_is_in_the_repository_and_let_in(source):
    assert (ROOT / source).exists()
    assert f"!{source}" in (ROOT / ".dockerignore").read_text("utf8").splitlines()


def test_nothing_else_is_let_in():
    lines = (ROOT / ".dockerignore").read_text("utf8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    assert {rule[1:] for rule in rules if rule[0] == "!"} == set(copied())
    assert "**/__pycache__" in rules


def test_weights_results_and_all_code_are_inside():
    for path in (CHECKPOINTS, RESULTS, ROOT / "core", ROOT / "pages", ROOT / "app.py"):
        assert str(path.relative_to(ROOT)) in copied()
    assert ".streamlit" in copied() and "LICENSE" in copied()


def test_it_listens_beyond_itself_with_names_and_privacy_to_set():
    [environment] = said("ENV")
    values = dict(pair.split("=", 1) for pair in environment.split())
    assert values["STREAMLIT_SERVER_ADDRESS"] == "0.0.0.0"
    assert values[HOSTS] == "" and values[PRIVATE] == "1"


def test_its_health_is_asked_at_the_port_that_it_serves():
    [check], [port] = said("HEALTHCHECK"), said("EXPOSE")
    program = json.loads(check.partition(" CMD ")[2])
    assert f"http://127.0.0.1:{port}/_stcore/health" in program[-1]
    compile(program[-1], "health check", "exec")
    assert json.loads(said("CMD")[0]) == ["streamlit", "run", "app.py"]
    assert Path(program[0]).name == "python"
