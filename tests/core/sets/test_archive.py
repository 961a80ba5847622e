"""Zip files: what people send is opened, and nothing leads out, swells or stays behind."""

import struct
import zipfile

import pytest

from core.sets import archive, open_set
from core.sets.archive import unpack

DATA = b"as many bytes as a picture"


def zipped(path, entries, **options):
    """A zip file of entries: a name or a ZipInfo, and its content or None for `DATA`."""
    with zipfile.ZipFile(path, "w", **options) as file:
        for name, content in entries.items():
            file.writestr(name, DATA if content is None else content)
    return path


def entry(name, mode=0):
    info = zipfile.ZipInfo("x.png")
    info.filename = name  # as it is: the constructor mends names
    info.external_attr = mode << 16
    return info


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "unpacked"
    path.mkdir()
    return path


def files(folder):
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def test_pictures_and_arrays_are_unpacked_and_litter_is_not(tmp_path, folder):
    names = [
        "set/gt/1.png", "set/input/1_noisy.JPG", "set/all.mat", "set/notes.txt", "set/run.py",
        "set/.DS_Store", "__MACOSX/set/gt/._1.png", "set/gt/._1.png", "set/Thumbs.db",
        "set/inner.zip", "win\\gt\\2.png", "__MACOSX\\._2.png",
    ]  # fmt: skip
    paths = unpack(zipped(tmp_path / "a.zip", {entry(n): None for n in names}), folder)
    wanted = ["set/all.mat", "set/gt/1.png", "set/input/1_noisy.JPG", "win/gt/2.png"]
    assert (
        files(folder) == wanted
        and sorted(p.relative_to(folder).as_posix() for p in paths) == wanted
    )
    assert {path.read_bytes() for path in paths} == {DATA}


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("../out.png", "leads out"),
        ("a/../../out.png", "leads out"),
        ("..\\out.png", "leads out"),
        ("/out.png", "leads out"),
        ("\\out.png", "leads out"),
        ("C:/out.png", "leads out"),
        ("c:out.png", "leads out"),
        ("../notes.txt", "leads out"),
        ("a.png\0.txt", "null byte"),
    ],
)
def test_a_name_that_leads_out_is_refused_before_anything_is_written(tmp_path, folder, name, why):
    file = zipped(tmp_path / "slip.zip", {"good.png": None, entry(name): None})
    with pytest.raises(ValueError, match=why) as refused:
        unpack(file, folder)
    assert "slip.zip" in str(refused.value)
    assert files(tmp_path) == ["slip.zip"]


@pytest.mark.parametrize("mode", [0o120777, 0o010644, 0o020644])
def test_links_and_devices_are_refused(tmp_path, folder, mode):
    file = zipped(tmp_path / "link.zip", {entry("a.png", mode): b"/etc/passwd"})
    with pytest.raises(ValueError, match="link or no file"):
        unpack(file, folder)
    assert not files(folder)


def test_a_bomb_is_refused_by_its_ratio(tmp_path, folder, monkeypatch):
    monkeypatch.setattr(archive, "SMALL", 1000)
    content = {"a.bmp": bytes(300_000)}
    bomb = zipped(tmp_path / "bomb.zip", content, compression=zipfile.ZIP_DEFLATED)
    with pytest.raises(ValueError, match="packs 300,000 bytes into .* more than 200 to 1"):
        unpack(bomb, folder)
    monkeypatch.setattr(archive, "SMALL", 300_000)
    assert len(unpack(bomb, folder)) == 1


@pytest.mark.parametrize(
    ("bound", "most", "why"),
    [
        ("MOST_PACKED", 100, "a.zip' has [0-9,]+ bytes; .* up to 100"),
        ("MOST_ENTRIES", 2, "has 3 entries; .* up to 2"),
        ("MOST_UNPACKED", 70, "unpacks to 78 bytes; .* unpack to 70"),
    ],
)
def test_bounds_are_named_with_the_numbers(tmp_path, folder, monkeypatch, bound, most, why):
    file = zipped(tmp_path / "a.zip", {"1.png": None, "2.png": None, "3.png": None})
    monkeypatch.setattr(archive, bound, most)
    with pytest.raises(ValueError, match=why):
        unpack(file, folder)
    assert not files(folder)


def test_a_header_that_lies_about_a_size_is_not_believed(tmp_path, folder):
    """The listed size says 5 bytes of 26: what comes is checked, and nothing stays behind."""
    file = zipped(tmp_path / "lies.zip", {"1.png": None, "2.png": None})
    data = bytearray(file.read_bytes())
    second = data.rindex(b"PK\x01\x02")
    data[second + 24 : second + 28] = struct.pack("<I", 5)
    file.write_bytes(data)
    with pytest.raises(ValueError, match="lies.zip"):
        unpack(file, folder)
    assert not files(folder)


def test_more_than_allowed_is_stopped_while_it_is_written(tmp_path, folder, monkeypatch):
    file = zipped(tmp_path / "a.zip", {"1.png": None, "2.png": None})
    real = archive._checked

    def late(*given):
        wanted = real(*given)
        monkeypatch.setattr(archive, "MOST_UNPACKED", 40)
        return wanted

    monkeypatch.setattr(archive, "_checked", late)
    with pytest.raises(ValueError, match="unpacks to 52 bytes"):
        unpack(file, folder)
    assert not files(folder)


def test_a_password_is_named(tmp_path, folder):
    file = zipped(tmp_path / "secret.zip", {"1.png": None})
    data = bytearray(file.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    file.write_bytes(data)
    with pytest.raises(ValueError, match="'1.png', which needs a password"):
        unpack(file, folder)


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("twice", ["1.png", "1.PNG"])
def test_two_files_of_one_name_are_refused(tmp_path, folder, twice):
    file = zipped(tmp_path / "a.zip", {entry("1.png"): None, entry(twice): b"other"})
    with pytest.raises(ValueError, match="twice"):
        unpack(file, folder)


@pytest.mark.parametrize("cut", [0, 1, 40, 80, 110])
def test_what_is_no_zip_or_cut_off_is_refused_in_one_sentence(tmp_path, folder, cut):
    file = tmp_path / "cut.zip"
    file.write_bytes(zipped(tmp_path / "whole.zip", {"1.png": None}).read_bytes()[:cut])
    with pytest.raises(ValueError, match="'cut.zip' is not a zip file, or damaged"):
        unpack(file, folder)


def test_a_file_that_is_a_folder_too_is_refused_and_nothing_stays(tmp_path, folder):
    file = zipped(tmp_path / "a.zip", {"1.png": None, "1.png/2.png": None})
    with pytest.raises(ValueError, match="'a.zip' cannot be unpacked"):
        unpack(file, folder)
    assert not files(folder)


def test_what_was_in_the_folder_stays(tmp_path, folder):
    (folder / "1.png").write_bytes(b"mine")
    with pytest.raises(ValueError, match="cannot be unpacked"):
        unpack(zipped(tmp_path / "a.zip", {"0.png": None, "1.png": None}), folder)
    assert files(folder) == ["1.png"] and (folder / "1.png").read_bytes() == b"mine"


def test_a_zip_file_opens_as_a_set_and_goes_with_it(tmp_path):
    names = ["res/gt/1.png", "res/noisy/1_noisy.png", "res/A/1_A.png", "__MACOSX/res/gt/._1.png"]
    file = zipped(tmp_path / "mine.zip", {n: None for n in names})
    found, again = open_set([file]), open_set([file])
    assert (found.name, found.methods, len(found)) == ("mine", ("A",), 1)
    assert found.digest == again.digest and found.pairing.is_complete
    picture = found[0]
    where = picture.files["clean"]
    del found
    assert where.read_bytes() == DATA  # a picture is enough to keep it
    del picture
    assert not where.exists() and again[0].files["clean"].exists()


def test_a_refused_zip_file_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    with pytest.raises(ValueError, match="leads out"):
        open_set([zipped(tmp_path / "a.zip", {"1.png": None, entry("../2.png"): None})])
    assert not list((tmp_path / "temporary").iterdir())
