"""The report on known vulnerabilities says what was asked about, and never claims more."""

import json
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / ".ci" / "audit.py"
SKIPPED = {"name": "a", "skip_reason": "not found"}
SAFE = {"name": "b", "version": "1", "vulns": []}
FLAW = {"id": "PYSEC-1", "fix_versions": ["2.1", "3.0"], "aliases": [], "description": ""}
BAD = {"name": "c", "version": "2.0", "vulns": [FLAW, {**FLAW, "id": "X-2", "fix_versions": []}]}


def told(text: str) -> list[str]:
    command = [sys.executable, str(SCRIPT)]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def report(*packages: dict) -> str:
    return json.dumps({"dependencies": packages, "fixes": []})


def test_each_flaw_is_a_line_with_what_mends_it():
    first, *flaws = told(report(SKIPPED, SAFE, BAD))
    assert first.endswith("2 of 3 packages: 2.")
    assert len(flaws) == 2 and "PYSEC-1" in flaws[0] and "2.1, 3.0" in flaws[0]
    assert "X-2" in flaws[1] and "no version" in flaws[1]


def test_nothing_is_claimed_where_nothing_was_reached():
    assert told(report(SKIPPED, SKIPPED)) == told("") == told("Traceback")
    assert "could not be reached" in told("")[0]
    assert told(report(SAFE)) == ["Audit: known vulnerabilities of 1 packages: 0."]
