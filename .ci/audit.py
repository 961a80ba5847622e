"""Tells what pip-audit found, from its JSON on the standard input: a report, never a failure."""

from __future__ import annotations

import json
import sys


def told(text: str) -> list[str]:
    """The report's lines: what is known to be vulnerable, and how many could be asked about."""
    try:
        packages = json.loads(text)["dependencies"]
    except ValueError:
        packages = []
    asked = [one for one in packages if "skip_reason" not in one]
    if not asked:
        return ["Audit: the database of vulnerabilities could not be reached; nothing is known."]
    lines = [
        f"  {one['name']} {one['version']}: {flaw['id']}, mended in "
        f"{', '.join(flaw['fix_versions']) or 'no version yet'}"
        for one in asked
        for flaw in one["vulns"]
    ]
    of = "" if len(asked) == len(packages) else f" of {len(packages)}"
    return [f"Audit: known vulnerabilities of {len(asked)}{of} packages: {len(lines)}.", *lines]


if __name__ == "__main__":
    print("\n".join(told(sys.stdin.read())))
