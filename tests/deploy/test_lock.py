"""The lock file: each package once on every system, with its hashes, from no particular place."""

from __future__ import annotations

import re

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from core.base.paths import ROOT

LOCK = (ROOT / "requirements.lock").read_text("utf8")
ENTRY = re.compile(
    r"^([a-z0-9][^\\\n]*?) \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", re.M
)
SYSTEMS = {
    "Linux": {"sys_platform": "linux", "platform_machine": "x86_64", "os_name": "posix"},
    "Linux on ARM": {"sys_platform": "linux", "platform_machine": "aarch64", "os_name": "posix"},
    "macOS on ARM": {"sys_platform": "darwin", "platform_machine": "arm64", "os_name": "posix"},
    "Windows": {"sys_platform": "win32", "platform_machine": "AMD64", "os_name": "nt"},
}
KERNELS = {"linux": "Linux", "darwin": "Darwin", "win32": "Windows"}
PYTHONS = ("3.11", "3.12", "3.13")


def pinned(text: str) -> list[Requirement]:
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return [Requirement(line) for line in lines if line]


WANTED = pinned((ROOT / "requirements.txt").read_text("utf8"))
LOCKED = [Requirement(found[1]) for found in ENTRY.finditer(LOCK)]


def test_every_line_is_a_version_with_hashes_or_a_comment():
    rest = ENTRY.sub("", LOCK).splitlines()
    assert [line for line in rest if not line.lstrip().startswith("#")] == []
    assert all(re.fullmatch(r"==[\w.!+]+", str(one.specifier)) for one in LOCKED)


def test_it_names_no_place_that_packages_come_from():
    assert not re.search(r"://|file:|/opt|--(extra-)?index|--find-links| @ |localhost", LOCK)


def test_what_is_asked_for_is_locked_at_its_version():
    """Otherwise `make lock` has to be run."""
    versions = {canonicalize_name(one.name): str(one.specifier) for one in LOCKED}
    for one in WANTED:
        assert versions.get(canonicalize_name(one.name)) == str(one.specifier), one.name


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("system", SYSTEMS)
def test_each_system_gets_each_package_once(system, python):
    kernel = KERNELS[SYSTEMS[system]["sys_platform"]]
    version = {"python_version": python, "python_full_version": f"{python}.9"}
    here = {**default_environment(), **SYSTEMS[system], **version, "platform_system": kernel}
    names = [one.name for one in LOCKED if not one.marker or one.marker.evaluate(here)]
    assert len(names) == len(set(names)) > len(WANTED)
    wanted = {canonicalize_name(one.name) for one in WANTED}
    assert wanted <= {canonicalize_name(name) for name in names}


def test_setup_installs_what_is_locked():
    makefile = (ROOT / "Makefile").read_text("utf8")
    assert "--require-hashes -r requirements.lock" in makefile
    assert ".venv/ready: requirements.lock" in makefile
    assert "-r requirements.txt" not in makefile
