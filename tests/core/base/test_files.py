"""Files are written whole or not at all, by one helper; and tables of text by another."""

import ast
import errno
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path
from socket import AF_UNIX, socket

import pytest

from core.base.files import (
    PARTIAL,
    FileError,
    check_writable,
    clear_partials,
    read_plain,
    signature,
    write_whole,
    written_whole,
)
from core.base.paths import ROOT
from core.base.text_table import text_table
from tests.core.syntax import nodes_naming

CORE = ROOT / "core"


@pytest.fixture
def umask():
    """Files may be read by the group and by nobody else."""
    former = os.umask(0o027)
    yield
    os.umask(former)


def test_a_file_is_replaced_when_the_block_ends_and_not_before(tmp_path):
    path = tmp_path / "new" / "a.txt"
    with written_whole(path) as file:
        file.write_text("one")
        assert file.parent == path.parent and not path.exists()
    with written_whole(path) as file:
        file.write_text("two")
        assert path.read_text() == "one"
    assert path.read_text() == "two" and [*path.parent.iterdir()] == [path]


def test_a_block_that_fails_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(ZeroDivisionError), written_whole(path) as file:
        file.write_text("half")
        raise ZeroDivisionError
    assert path.read_text() == "old" and [*tmp_path.iterdir()] == [path]


def test_only_what_is_to_last_waits_for_the_disk(tmp_path, monkeypatch):
    waited = []
    monkeypatch.setattr(os, "fsync", waited.append)
    write_whole(tmp_path / "a.txt", "soon", lasting=False)
    assert (tmp_path / "a.txt").read_text() == "soon" and not waited
    write_whole(tmp_path / "a.txt", "for good")
    assert (tmp_path / "a.txt").read_text() == "for good" and len(waited) == 2


@pytest.mark.parametrize(
    ("number", "why"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EDQUOT, "the share of the disk"),
        (errno.EROFS, "can only be read"),
        (errno.EACCES, "not allowed"),
        (errno.EXDEV, "Invalid cross-device link"),
    ],
)
def test_what_the_system_refuses_is_one_sentence_for_pages_and_commands(tmp_path, number, why):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(FileError) as caught, written_whole(path) as file:
        file.write_text("half")
        raise OSError(number, os.strerror(number), str(file))
    assert str(caught.value).startswith(f"'{path}' was not written: ") and why in str(caught.value)
    assert isinstance(caught.value, ValueError) and isinstance(caught.value, OSError)
    assert path.read_text() == "old" and [*tmp_path.iterdir()] == [path]


def test_a_write_that_the_disk_cuts_off_leaves_what_was_there(tmp_path, no_room):
    path = tmp_path / "a.bin"
    write_whole(path, b"old")
    with no_room(100_000), pytest.raises(FileError, match="larger than files may be"):
        write_whole(path, bytes(200_000))
    assert path.read_bytes() == b"old" and [*tmp_path.iterdir()] == [path]


@pytest.mark.parametrize("place", ["a.txt/b.txt", "a.txt/deeper/b.txt", "folder", "x" * 300])
def test_a_place_where_no_file_can_be_is_a_sentence(tmp_path, place):
    (tmp_path / "a.txt").write_text("old")
    (tmp_path / "folder").mkdir()
    with pytest.raises(FileError, match="was not written: "):
        write_whole(tmp_path / place, "new")
    assert {path.name for path in tmp_path.iterdir()} == {"a.txt", "folder"}


def test_a_new_file_has_the_permissions_of_new_files_whoever_wrote_it(tmp_path, umask):
    path = tmp_path / "a.bin"
    with written_whole(path) as file:
        file.unlink()
        os.close(os.open(file, os.O_CREAT | os.O_WRONLY, 0o600))
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_two_who_write_at_once_write_files_of_their_own(tmp_path):
    path = tmp_path / "a.txt"
    with written_whole(path) as one, written_whole(path) as two:
        one.write_text("one")
        two.write_text("two")
        assert one != two
    assert path.read_text() == "one" and [*tmp_path.iterdir()] == [path]


def test_a_stream_is_written_to_and_stays_what_it_is(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write_whole(pipe, "said")
    assert os.read(reader, 99) == b"said" and stat.S_ISFIFO(pipe.stat().st_mode)
    os.close(reader)


def test_the_systems_streams_are_written_to_where_no_file_could_stand_beside_them(tmp_path):
    """As `--json /dev/stdout > out.json`: the link `/dev/stdout` leads to a plain file."""
    out = tmp_path / "out.json"
    with out.open("w") as file:
        stream = Path(f"/proc/self/fd/{file.fileno()}")
        for path in (stream, Path(f"/dev/fd/{file.fileno()}")):
            check_writable(path)
            with written_whole(path) as beside:
                assert beside == path
                beside.write_text("said")
    assert out.read_text() == "said" and [*tmp_path.iterdir()] == [out]
    with pytest.raises(FileError, match="no such file"):
        check_writable(Path("/dev/fd/no"))


def test_of_a_link_what_it_leads_to_is_written(tmp_path):
    link, second, kept = tmp_path / "link", tmp_path / "second", tmp_path / "there" / "kept"
    second.symlink_to("there/kept")
    link.symlink_to(second)
    for text in ("new", "again"):
        check_writable(link)
        write_whole(link, text)
        assert kept.read_text() == text and link.is_symlink() and second.is_symlink()
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    write_whole(loop, "a file")
    assert loop.read_text() == "a file"


# Begins to write a file, says so, and is killed.
KILLED = """
import os, signal, sys
from pathlib import Path
from core.base.files import written_whole

with written_whole(Path(sys.argv[1])) as file:
    file.write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_kill_left_is_removed_and_what_is_being_written_is_not(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    ended = subprocess.run([sys.executable, "-c", KILLED, path], cwd=ROOT, check=False)
    (left,) = tmp_path.glob(f".*{PARTIAL}")
    assert ended.returncode == -signal.SIGKILL and path.read_text() == "old"
    with written_whole(tmp_path / "b.txt") as file:
        assert not left.exists() and file.exists()
        clear_partials.cache_clear()
        clear_partials(tmp_path)
        assert file.exists()
    assert {one.name for one in tmp_path.iterdir()} == {"a.txt", "b.txt"}


# Reading -----------------------------------------------------------------------------------------


def broken(folder, kind):
    """What is no file to be read, of a kind; and the path to it."""
    path = folder / "a.txt"
    BROKEN[kind][0](path)
    return path


BROKEN = {
    "nothing": (lambda path: None, "there is no such file"),
    "folder": (lambda path: path.mkdir(), "a folder"),
    "pipe": (os.mkfifo, "a pipe"),
    "device": (lambda path: path.symlink_to("/dev/zero"), "a device"),
    "socket": (lambda path: socket(AF_UNIX).bind(str(path)), "cannot be read: "),
    "link to nothing": (lambda path: path.symlink_to("nowhere"), "a link to nothing"),
    "link to itself": (lambda path: path.symlink_to(path.name), "leads back to itself"),
    "link to a folder": (lambda path: path.symlink_to(path.parent), "a folder"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_what_is_no_file_is_a_sentence_and_nothing_is_waited_for(tmp_path, kind):
    path = broken(tmp_path, kind)
    open_files = len(os.listdir("/proc/self/fd"))
    with pytest.raises(FileError, match=BROKEN[kind][1]) as caught:
        read_plain(path, 99)
    assert len(os.listdir("/proc/self/fd")) == open_files
    assert "'a.txt'" in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["\udcff.txt", "a\nb.txt", "x" * 300, "a\0b", "a.txt/b"])
def test_a_name_that_no_page_could_show_is_written_out(tmp_path, name):
    (tmp_path / "a.txt").write_text("a file")
    with pytest.raises(FileError) as caught:
        read_plain(tmp_path / name, 99)
    assert str(caught.value).isprintable() and str(caught.value).encode()


def test_no_more_is_read_than_was_asked_for(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(bytes(100))
    assert len(read_plain(path, 100)) == 100
    with pytest.raises(FileError, match="it has 100 bytes, more than 99"):
        read_plain(path, 99)


def test_a_signature_changes_with_the_file_and_is_none_without(tmp_path):
    path = tmp_path / "a.txt"
    found = [signature(path)]
    for content in ("one", "longer", "longer"):
        write_whole(path, content)
        found.append(signature(path))
    (tmp_path / "loop").symlink_to("loop")
    assert len(set(found)) == 4 and found[0] is None and signature(tmp_path / "loop") is None


def test_nothing_else_in_core_puts_a_file_in_place():
    names = {"os.replace", "os.rename", "shutil.move"}
    last = {name.rpartition(".")[2] for name in names}
    found = set()
    for path in CORE.rglob("*.py"):
        nodes = (n for n in nodes_naming(path, last) if isinstance(n, ast.Attribute))
        if names & {ast.unparse(node) for node in nodes if node.attr in last}:
            found.add(path.relative_to(CORE).as_posix())
    assert found == {"base/files.py"}


def test_nothing_in_core_writes_a_file_but_in_sight_of_what_tells_of_a_full_disk():
    """Benchmarks aside, which nobody keeps anything of."""
    helpers, loose = {"written_whole", "writing", "TemporaryDirectory"}, []
    writers = ("write_text", "write_bytes", "write_table", "save_pretrained")
    for path in CORE.rglob("*.py"):
        if path.is_relative_to(CORE / "bench") or path == CORE / "base" / "files.py":
            continue
        nodes = nodes_naming(path, writers)
        guarded = {
            id(inner)
            for node in nodes
            if isinstance(node, ast.With)
            and any(ast.unparse(item.context_expr).split("(")[0] in helpers for item in node.items)
            for inner in ast.walk(node)
        }
        loose += [
            f"{path.relative_to(CORE)}:{node.lineno}"
            for node in nodes
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in writers
            and id(node) not in guarded
            and ast.unparse(node.func.value) != "writer"
        ]
    assert loose == []


def test_columns_are_aligned_words_to_the_left_and_numbers_to_the_right():
    lines = [["name", "n", "what"], ["a", "12", "x"]]
    assert text_table(lines) == "name  n   what\na     12  x"
    assert text_table(lines, numbers=True) == "name   n  what\na     12     x"
