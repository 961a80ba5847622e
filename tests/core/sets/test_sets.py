"""Sets: opened from whatever people have, decoded only when asked, and nothing said in silence."""

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy.io import savemat

from core.imaging.decoding import RangeError, read_picture
from core.imaging.images import ImageError
from core.sets import open_set
from core.sets import picture_set as module
from tests.core.imaging.writers import png, tiff


@pytest.fixture
def tree(tmp_path):
    """A function that makes a folder of empty files, or of pictures whose grey is their number."""

    def make(names, greys=None, root="results"):
        for number, name in enumerate(names.split()):
            path = tmp_path / root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if greys is None:
                path.touch()
            else:
                Image.new("RGB", (20, 16), (greys + number,) * 3).save(path)
        return tmp_path / root

    return make


def placed(found):
    """Each picture's files, by role, below the folder they have in common."""
    files = [path for picture in found for path in picture.files.values()]
    root = os.path.commonpath([path.parent for path in files])
    return {
        picture.name: {r: path.relative_to(root).as_posix() for r, path in picture.files.items()}
        for picture in found
    }


# What is opened ------------------------------------------------------------------------------


def test_a_folder_of_roles_and_methods_with_a_macs_litter(tree):
    folder = tree(
        "gt/1.png gt/2.png gt/10.png input/1_noisy.png input/2_noisy.png input/10_noisy.png "
        "m10/1_m10.png m10/2_m10.png m9/1.png m9/2.png m9/10.png m9/11.png "
        "__MACOSX/gt/._1.png gt/.DS_Store gt/Thumbs.db gt/._2.png notes.txt m9/log.json"
    )
    found = open_set([folder])
    assert (found.name, len(found), found.methods) == ("results", 3, ("m9", "m10"))
    assert [picture.name for picture in found] == ["1", "2", "10"]
    assert placed(found)["1"] == {
        "clean": "gt/1.png", "noisy": "input/1_noisy.png", "m9": "m9/1.png",
        "m10": "m10/1_m10.png",
    }  # fmt: skip
    assert [tuple(one) for one in found.pairing.missing] == [("10", "m10")]
    assert [tuple(one) for one in found.pairing.left_over] == [("m9", "m9/11.png")]
    assert found[-1].name == "10" and [p.name for p in found[:2]] == ["1", "2"]
    with pytest.raises(IndexError):
        found[3]


def test_explicit_roles_and_outputs(tree):
    folder = tree("a/1.png a/2.png b/1_x4.png b/2_x4.png c/1_out.png c/2_out.png")
    found = open_set(
        [], clean=folder / "a", noisy=folder / "b", outputs={"Mine (v2)": folder / "c"}
    )
    assert found.pairing.is_complete and found.methods == ("Mine (v2)",) and len(found) == 2
    clean = open_set([], clean=folder / "a", outputs={"c": folder / "c"})
    assert clean[0].noisy is None and [*clean[0].files] == ["clean", "c"]


def test_paths_beside_an_explicit_role_are_methods(tree):
    folder = tree("a/1.png a/2.png b/1.png b/2.png c/1.png c/2.png")
    assert open_set([folder / "b"], clean=folder / "a").methods == ("b",)
    several = open_set([folder / "b", folder / "c"], clean=folder / "a")
    assert several.methods == ("b", "c") and several.pairing.is_complete


def test_loose_files_and_several_folders(tree):
    folder = tree("x_clean.png x_noisy.png x_ours.png gt/1.png lq/1.png ours/1.png")
    found = open_set(sorted(folder.glob("*.png")))
    assert placed(found) == {
        "x": {"clean": "x_clean.png", "noisy": "x_noisy.png", "ours": "x_ours.png"}
    }
    found = open_set([folder / "lq", folder / "gt", folder / "ours"])
    assert placed(found) == {"1": {"clean": "gt/1.png", "noisy": "lq/1.png", "ours": "ours/1.png"}}


def test_a_folder_says_its_role_by_its_own_name(tree):
    folder = tree("noisy/1.png photos/1.png")
    assert [*open_set([folder / "noisy"])[0].files] == ["noisy"]
    assert [*open_set(folder / "photos")[0].files] == ["clean"]


def test_outputs_only_are_a_set(tree):
    found = open_set([tree("A/1.png A/2.png B/1.png B/2.png")])
    assert found.methods == ("A", "B") and found[0].clean is None and found[0].noisy is None


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"paths": ["nowhere"]}, "no file or folder"),
        ({"clean": Path("nowhere")}, "no file or folder"),
        ({"paths": []}, "no picture in no path"),
        ({"paths": [""]}, "no picture in"),
        ({"outputs": {"noisy": Path()}}, "'noisy' is no name for a method"),
    ],
)
def test_what_cannot_be_opened_is_refused_in_one_sentence(tmp_path, given, why):
    paths = [tmp_path / path for path in given.pop("paths", [])]
    with pytest.raises(ValueError, match=why) as refused:
        open_set(paths, **given)
    assert str(refused.value).endswith(".") and "\n" not in str(refused.value)


def test_a_link_to_a_folder_is_not_followed(tree):
    folder = tree("gt/1.png lq/1.png")
    (folder / "gt/again").symlink_to(folder)
    (folder / "lq/2.png").symlink_to(folder / "lq/1.png")
    found = open_set([folder])
    assert [len(picture.files) for picture in found] == [2, 1]  # a link to a file is a file


# What is read --------------------------------------------------------------------------------


def test_pixels_come_when_they_are_asked_for_and_are_not_kept(tree, monkeypatch):
    folder = tree("gt/1.png lq/1.png A/1.png B/1.png", greys=100)
    read = []
    monkeypatch.setattr(
        module, "read_picture", lambda *given: read.append(1) or read_picture(*given)
    )
    found = open_set([folder])
    picture = found[0]
    assert found.digest and [*picture.files] == ["clean", "noisy", *picture.outputs]
    assert len(picture.outputs) == 2
    assert "A" in picture.outputs and "C" not in picture.outputs and not read
    assert picture.clean.shape == (16, 20, 3) and picture.clean.dtype == np.uint8
    assert len(read) == 2 and picture.clean is not picture.clean
    read.clear()
    values = [picture.clean, picture.noisy, *picture.outputs.values()]
    assert [int(pixels[0, 0, 0]) for pixels in values] == [100, 101, 102, 103] and len(read) == 4
    assert not any(pixels.flags.writeable for pixels in values)
    with pytest.raises(KeyError):
        picture.outputs["C"]


def test_a_damaged_or_vanished_file_is_named(tree):
    folder = tree("gt/1.png lq/1.png")
    picture = open_set([folder])[0]
    with pytest.raises(ImageError, match=r"'1.png': The file is empty"):
        _ = picture.clean
    (folder / "lq/1.png").unlink()
    with pytest.raises(ImageError, match=r"'1.png' cannot be read: there is no such file"):
        _ = picture.noisy


def test_deep_values_are_read_by_one_rule_for_all_files_of_a_picture(tree):
    folder = tree("gt/1.png lq/1.png A/1.png", greys=100)
    values = np.linspace(0, 4095, 20 * 16).reshape(16, 20).astype("u2")
    (folder / "lq/1.png").write_bytes(png(values, 0, 16))
    (folder / "A/1.tif").write_bytes(tiff(values.astype("f4")))
    (folder / "A/1.png").unlink()
    picture = open_set([folder])[0]
    assert picture.is_deep and picture.read("B") is None
    wanted = np.rint(values / 4095 * 255)
    for role in ("noisy", "A"):
        np.testing.assert_array_equal(picture.read(role, "4095").pixels[..., 0], wanted)
    assert (picture.read("clean", "4095").pixels == picture.clean).all()
    with pytest.raises(RangeError, match="'1.tif': .*0 to 4095"):
        picture.outputs["A"]


def test_eight_bits_are_not_deep(tree):
    assert not open_set([tree("gt/1.png lq/1.png", greys=100)])[0].is_deep


def test_the_digest_is_of_names_sizes_and_times_wherever_they_lie(tree):
    names = "gt/1.png lq/1.png"
    one, other = tree(names, greys=100, root="a"), tree(names, greys=100, root="b")
    for file in [*one.rglob("*.png"), *other.rglob("*.png")]:
        os.utime(file, (1000, 1000))
    digest = open_set([one]).digest
    assert digest == open_set([other]).digest and int(digest, 16) >= 0
    os.utime(other / "gt/1.png", (1001, 1001))
    assert open_set([other]).digest != digest
    (one / "gt/1.png").write_bytes(b"")
    os.utime(one / "gt/1.png", (1000, 1000))
    assert open_set([one]).digest != digest


# Many ----------------------------------------------------------------------------------------


def test_thousands_of_pictures_are_opened_without_a_look_at_any(tmp_path, monkeypatch):
    patterns = {"gt": "{}.png", "lq": "{}_noisy.png", "A": "{}_A.png"}
    for folder, pattern in patterns.items():
        (tmp_path / folder).mkdir()
        for number in range(3000):
            (tmp_path / folder / pattern.format(number)).touch()
    looked = []
    monkeypatch.setattr(Path, "stat", lambda *_, **__: looked.append("stat") or os.stat(tmp_path))
    monkeypatch.setattr(module, "read_picture", lambda *_: looked.append("decode"))
    found = open_set([tmp_path])
    assert len(found) == 3000 and found.pairing.is_complete
    assert [found[n].name for n in (0, 2, 10, 2999)] == ["0", "2", "10", "2999"]
    assert len(looked) < 10


# Matlab --------------------------------------------------------------------------------------


@pytest.fixture
def sidd(tmp_path):
    """Arrays as SIDD's: 2 images x 3 blocks of 32 x 24, in a folder."""
    dice = np.random.default_rng(0)
    arrays = {}
    for kind in ("Noisy", "Gt"):
        name = f"Validation{kind}BlocksSrgb"
        arrays[kind] = dice.integers(0, 256, (2, 3, 32, 24, 3), dtype=np.uint8)
        held = {name: arrays[kind], "notes": np.arange(3)}
        savemat(tmp_path / f"{name}.mat", held, do_compression=kind == "Gt")
    return tmp_path, arrays


def test_arrays_of_sidds_shape_are_pairs(sidd):
    folder, arrays = sidd
    found = open_set([folder])
    assert [p.name for p in found] == ["1-1", "1-2", "1-3", "2-1", "2-2", "2-3"]
    assert found.pairing.is_complete
    for number, picture in enumerate(found):
        place = divmod(number, 3)
        np.testing.assert_array_equal(picture.clean, arrays["Gt"][place])
        np.testing.assert_array_equal(picture.noisy, arrays["Noisy"][place])
        assert not picture.clean.flags.writeable
    assert found[0].files["clean"] == folder / "ValidationGtBlocksSrgb.mat"


def test_a_methods_array_is_an_output_and_explicit_roles_count(sidd):
    folder, arrays = sidd
    savemat(folder / "DnCNN.mat", {"results": arrays["Gt"]})
    assert open_set([folder]).methods == ("DnCNN",)
    found = open_set(
        [], clean=folder / "ValidationGtBlocksSrgb.mat", outputs={"mine": folder / "DnCNN.mat"}
    )
    assert found.methods == ("mine",) and len(found) == 6 and found.pairing.is_complete
    np.testing.assert_array_equal(found[4].outputs["mine"], arrays["Gt"][1, 1])


def test_an_array_is_unpacked_once_and_goes_with_the_set(sidd, tmp_path, monkeypatch):
    folder, _ = sidd
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    found = open_set([folder / "ValidationGtBlocksSrgb.mat"])
    assert not list(temporary.iterdir())
    assert [p.clean.shape for p in found] == [(32, 24, 3)] * 6
    assert len(list(temporary.iterdir())) == 1
    del found
    assert not list(temporary.iterdir())


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "not a Matlab file"),
        (b"MATLAB 5.0 MAT-file" + bytes(200), "not a Matlab file"),
        (b"MATLAB 7.3 MAT-file".ljust(124) + b"\x00\x02IM", "a Matlab file of version 7.3"),
    ],
)
def test_a_damaged_array_file_is_named(tmp_path, content, why):
    (tmp_path / "noisy.mat").write_bytes(content)
    with pytest.raises(ValueError, match=f"'noisy.mat' is {why}"):
        open_set([tmp_path])


def test_arrays_that_are_no_pictures_are_no_pictures(tmp_path):
    savemat(tmp_path / "a.mat", {"gt": np.zeros((2, 3, 4)), "text": "clean"})
    with pytest.raises(ValueError, match="no picture"):
        open_set([tmp_path])
