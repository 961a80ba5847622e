"""Pairing: names as people write them, and that no rule ever puts two pictures in one place."""

import random
from collections import Counter

import pytest

from core.sets import pairing as pairing_module
from core.sets.names import is_litter, natural, role_of
from core.sets.pairing import pair
from core.sets.roles import assign


def paired(**claims):
    """The pairing of names, role -> "name name …"; the files are role/name."""
    return pair(
        {role: {f"{role}/{n}": n for n in names.split()} for role, names in claims.items()}
    )


def rows(pairing):
    """Each row as its files' names without their roles, by role."""
    return {
        row.name: {role: file.removeprefix(f"{role}/") for role, file in row.files.items()}
        for row in pairing.rows
    }


# Names as they are ---------------------------------------------------------------------------

TOGETHER = [
    # One picture each, and another beside it, by the roles' names.
    {"clean": "1.png 2.png", "noisy": "1.jpg 2.jpg"},
    {"clean": "1.png 2.png", "noisy": "1_noisy.png 2_noisy.png"},
    {"clean": "1_gt.png 2_gt.png", "noisy": "1_lq.png 2_lq.png", "SwinIR": "1.png 2.png"},
    {"clean": "x_raw.jpg y_raw.jpg", "noisy": "x_noised.jpg y_noised.jpg"},
    {"clean": "x_clean.png y_clean.png", "noisy": "x-noisy.PNG y-noisy.PNG"},
    {"clean": "GT_1.png GT_2.png", "noisy": "NOISY_1.png NOISY_2.png"},
    {"clean": "a_HR.png b_HR.png", "noisy": "a_LRx4.png b_LRx4.png"},
    {"clean": "0801.png 0802.png", "noisy": "0801x4.png 0802x4.png"},  # DIV2K
    {"clean": "s_GT_SRGB_1.PNG t_GT_SRGB_1.PNG", "noisy": "s_NOISY_SRGB_1.PNG t_NOISY_SRGB_1.PNG"},
    {"clean": "c_mean.JPG d_mean.JPG", "noisy": "c_Real.JPG d_Real.JPG"},  # PolyU
    {"clean": "baboon.png lenna.png", "SwinIR": "baboon_SwinIR.png lenna_SwinIR.png"},  # BasicSR
    {"clean": "a.png b.png", "Real-ESRGAN": "a_out.png b_out.png"},
    {"clean": "a.png b.png", "my_net": "a_my_net.png b_my_net.png"},
    {"clean": "a.png b.png", "DnCNN": "a_noisy25_DnCNN_x2.png b_noisy25_DnCNN_x2.png"},
    {"clean": "a.png b.png", "A": "a_restored.png b_denoised.png", "B": "out_a.png out_b.png"},
    {"clean": "kodim01.png kodim12.png", "A": "01.png 12.png"},
    {"clean": "kodim01.png kodim12.png", "A": "res-kodim01-ep9.png res-kodim12-ep9.png"},
    {"clean": "Img1.png Img2.png", "noisy": "img1.png img2.png"},
    {"clean": "s/1.png s/2.png", "noisy": "1.png 2.png"},
    {"noisy": "a_noisy.png b_noisy.png", "A": "a_noisy_A.png b_noisy_A.png", "B": "a.png b.png"},
    {"A": "a_A.png b_A.png", "B": "a_B.png b_B.png"},
    {"clean": "img_1.png img_1_x4.png", "noisy": "img_1_noisy.png img_1_x4_noisy.png"},
    {"clean": "img_1.png img_1_x4.png", "A": "img_1_A.png img_1_x4_A.png"},
    {"clean": "n_1.png n_2.png", "noisy": "n_1.png n_2.png"},
    {"clean": "a.png a.jpg", "noisy": "a.png a.jpg"},
    {"clean": "p/x_raw.png q/x_raw.png", "noisy": "p/x_noised.png q/x_noised.png"},
]  # fmt: skip


@pytest.mark.parametrize("claims", TOGETHER, ids=lambda c: " ".join(c.values()))
@pytest.mark.parametrize("turned", [False, True])
def test_names_as_people_write_them(claims, turned):
    """Every case has two pictures whose names stand in the same order in each role."""
    given = {
        role: " ".join(reversed(names.split()) if turned else names.split())
        for role, names in claims.items()
    }
    pairing = paired(**given)
    assert pairing.is_complete
    found = {tuple(files[role] for role in claims) for files in rows(pairing).values()}
    assert found == set(zip(*(names.split() for names in claims.values()), strict=True))


@pytest.mark.parametrize(
    "claims",
    [
        {"clean": "a.png b.png", "noisy": "c.png d.png"},  # as many, in order: and not the same
        {"clean": "1.png 2.png", "noisy": "01_x.png 3.png"},
        {"clean": "city_1.png city_2.png", "noisy": "wood_1.png wood_2.png"},
        {"clean": "img_1.png", "noisy": "img_10.png img_11.png"},
        {"clean": "CleanNet.png", "noisy": "Net.png"},
    ],
    ids=lambda c: " ".join(c.values()),
)
def test_nothing_is_paired_that_only_stands_in_the_same_place(claims):
    pairing = paired(**claims)
    assert all(len(row.files) == 1 for row in pairing.rows)
    assert len(pairing.missing) == sum(len(names.split()) for names in claims.values())


# What is missing, doubled and left over ------------------------------------------------------


def test_what_is_missing_is_named_and_what_has_no_picture_is_left_over():
    pairing = paired(clean="1.png 2.png", noisy="1.png 3.png", A="1_A.png 9_A.png")
    assert rows(pairing) == {
        "1": {"clean": "1.png", "noisy": "1.png", "A": "1_A.png"},
        "2": {"clean": "2.png"},
        "3": {"noisy": "3.png"},
    }
    assert {tuple(m) for m in pairing.missing} == {
        ("2", "noisy"), ("2", "A"), ("3", "clean"), ("3", "A"),
    }  # fmt: skip
    assert [tuple(one) for one in pairing.left_over] == [("A", "A/9_A.png")]
    assert not pairing.is_complete and not pairing.doubled


def test_two_files_for_one_place_are_named_and_neither_is_taken():
    pairing = paired(clean="1.png 2.png", noisy="1_noisy.png 1_noised.png 2.png")
    assert rows(pairing)["1"] == {"clean": "1.png"} and len(pairing.rows) == 2
    assert [tuple(one) for one in pairing.doubled] == [
        ("1", "noisy", ("noisy/1_noised.png", "noisy/1_noisy.png"))
    ]
    assert not pairing.missing


def test_a_file_that_may_be_two_pictures_is_neithers():
    pairing = paired(clean="1.png 1.jpg 2.png", noisy="1.bmp 2.png", A="1.png 2.png")
    assert rows(pairing) == {
        "1": {"noisy": "1.bmp"},
        "2": {"clean": "2.png", "noisy": "2.png", "A": "2.png"},
    }
    assert [tuple(one) for one in pairing.doubled] == [
        ("1", "clean", ("clean/1.jpg", "clean/1.png"))
    ]
    assert [one.file for one in pairing.left_over] == ["A/1.png"]


def test_an_exact_name_comes_before_a_reduced_one():
    pairing = paired(clean="1.png", A="1.png 1_A.png 1_out.png")
    assert rows(pairing) == {"1": {"clean": "1.png", "A": "1.png"}}
    assert {one.file for one in pairing.left_over} == {"A/1_A.png", "A/1_out.png"}


def test_a_partner_that_is_taken_makes_no_other_one_right():
    pairing = paired(clean="p/x.png q/x.png", noisy="p/x.png x_noisy.png")
    assert [len(row.files) for row in pairing.rows if row.name == "p/x"] == [2]
    assert [d.files for d in pairing.doubled] == [("clean/p/x.png", "clean/q/x.png")]


def test_outputs_alone_are_a_set():
    pairing = paired(A="1.png 2.png", B="1.png 3.png")
    assert [row.name for row in pairing.rows] == ["1", "2", "3"] and not pairing.left_over


def test_order_is_natural_in_pictures_and_methods():
    pairing = paired(clean="img10.png img2.png img1.png", m10="img2.png", m9="img2.png")
    assert [row.name for row in pairing.rows] == ["img1", "img2", "img10"]
    assert pairing.roles == ("clean", "m9", "m10")
    names = ["b", "a10", "A2", "a", "2", "10"]
    assert sorted(names, key=natural) == ["2", "10", "a", "A2", "a10", "b"]


# Laws ----------------------------------------------------------------------------------------

PIECES = "1 2 10 a b img noisy clean gt x4 out A x B raw n25".split()


def random_name(dice):
    words = [dice.choice(PIECES) for _ in range(dice.randint(1, 3))]
    folder = dice.choice(["", "", "s/", "t/"])
    return f"{folder}{dice.choice('_-').join(words)}{dice.choice(['.png', '.png', '.jpg'])}"


@pytest.mark.parametrize("seed", range(10))
def test_never_two_pictures_in_one_place_and_no_file_is_lost(seed):
    dice = random.Random(seed)
    for _ in range(40):
        claims = {}
        for role in ("clean", "noisy", "A", "B")[: dice.randint(1, 4)]:
            names = {random_name(dice) for _ in range(dice.randint(1, 12))}
            claims[role] = {f"{role}/{name}": name for name in names}
        check_laws(claims, pair(claims))


def check_laws(claims, pairing):
    placed = Counter(file for row in pairing.rows for file in row.files.values())
    left = {one.file for one in pairing.left_over}
    doubled = {file for one in pairing.doubled for file in one.files}
    assert max(placed.values(), default=1) == 1 and not left & set(placed)
    every = {file for files in claims.values() for file in files}
    assert set(placed) | left | doubled == every
    assert len({row.name for row in pairing.rows}) == len(pairing.rows)
    for row in pairing.rows:
        assert all(file in claims[role] for role, file in row.files.items())
        missing = {one.role for one in pairing.missing if one.picture == row.name}
        contested = {one.role for one in pairing.doubled if one.picture == row.name}
        assert not missing & set(row.files)
        assert {*row.files, *missing, *contested} == set(pairing.roles)


@pytest.mark.parametrize("seed", range(10))
def test_the_order_in_which_files_are_found_changes_nothing(seed):
    dice = random.Random(seed)
    claims = {r: [random_name(dice) for _ in range(8)] for r in ("clean", "noisy", "A")}
    found = []
    for _ in range(2):
        for names in claims.values():
            dice.shuffle(names)
        pairing = pair({r: {f"{r}/{n}": n for n in names} for r, names in claims.items()})
        found.append(
            ({tuple(sorted(row.files.items())) for row in pairing.rows}, {*pairing.left_over})
        )
    assert found[0] == found[1]


@pytest.mark.parametrize("seed", range(10))
def test_equal_stems_that_are_single_are_always_together(seed):
    dice = random.Random(seed)
    stems = {random_name(dice).rpartition(".")[0] for _ in range(12)}
    pairing = pair(
        {
            r: {f"{r}/{s}": f"{s}.{e}" for s in stems}
            for r, e in (("clean", "png"), ("noisy", "jpg"))
        }
    )
    assert pairing.is_complete and len(pairing.rows) == len(stems)
    assert all(row.files["clean"][6:] == row.files["noisy"][6:] for row in pairing.rows)


def test_a_form_of_very_many_pictures_is_not_tried_against_each(monkeypatch):
    compared, settle = [], pairing_module._Joining.settle
    monkeypatch.setattr(
        pairing_module._Joining,
        "settle",
        lambda self, edges: compared.append(len(edges)) or settle(self, edges),
    )
    count = 300
    claims = {
        role: {f"{role}/{n}": f"{role}{n}/img.png" for n in range(count)}
        for role in ("clean", "A")
    }
    pairing = pair(claims)
    assert len(pairing.rows) == len(pairing.left_over) == count
    assert sum(compared) < count


# Roles ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "names"),
    [
        ("clean", "gt GT clean HQ target targets hr reference GroundTruth ground_truth test_gt "
                  "reference-890 cleanImages Set5_HR"),
        ("noisy", "input inputs noisy LQ lr noised degraded noisy25 LRbicx4 LR_x4 test-input "
                  "noisy_sigma25 NoisyBlocksSrgb"),
        (None, "SwinIR DnCNN CleanNet Noise2Clean noise2noise Noise2Void TargetNet results "
               "clean_noisy restored raw 1 images"),
    ],
)  # fmt: skip
def test_roles_of_folders(role, names):
    assert {name: role_of(name) for name in names.split()} == dict.fromkeys(names.split(), role)


FOLDERS = [
    ("gt/1.png input/1.png SwinIR/1.png", "clean:1 noisy:1 SwinIR:1"),
    ("r/gt/1.png r/SwinIR/1.png", "clean:1 SwinIR:1"),
    ("raw-890/1.png reference-890/1.png", "noisy:1 clean:1"),
    ("raw/1.png noised/1.png", "clean:1 noisy:1"),
    ("Set5/HR/a.png Set5/LR/a.png Set14/HR/a.png", "clean:2 noisy:1"),
    ("A/1.png A/2.png B/1.png B/2.png", "A:2 B:2"),
    ("cats/1.png cats/2.png dogs/3.png dogs/4.png", "clean:4"),
    ("1/clean.png 1/noisy.png 1/ours.png 2/clean.png 2/noisy.png", "clean:2 noisy:2 ours:1"),
    ("clean.png noisy.png ours.png", "clean:1 noisy:1 ours:1"),
    ("x_raw.png x_noised.png y.png", "clean:2 noisy:1"),
    ("1.png 1_noisy.png 1_ours.png", "clean:1 noisy:1 ours:1"),
    ("1_gt.png 1.png", "clean:1 noisy:1"),
    ("1_gt.png 1_lq.png 1.png", "clean:1 noisy:1 output:1"),
    ("a_X.png a_Y.png b_X.png b_Y.png", "X:2 Y:2"),
    ("img_1.png img_1_x4.png img_2.png", "clean:3"),
    ("photo.png photo_copy.png tree.png sun.png", "clean:4"),
    ("a_lr.png b_input.png n25.png", "clean:3"),
    ("input.png DnCNN.png", "noisy:1 DnCNN:1"),
    ("cat_left.png cat_right.png", "clean:2"),
    ("1_2.png 1_3.png 2_2.png 2_3.png", "clean:4"),
    ("s/GT_SRGB.png s/NOISY_SRGB.png t/GT_SRGB.png t/NOISY_SRGB.png", "clean:2 noisy:2"),
]


@pytest.mark.parametrize(("files", "expected"), FOLDERS)
def test_roles_by_folders_and_names(files, expected):
    found = assign(files.split())
    assert {r: len(names) for r, names in found.items() if names} == {
        role: int(count) for role, count in (word.split(":") for word in expected.split())
    }
    assert sorted(file for names in found.values() for file in names) == sorted(files.split())


def test_two_folders_of_one_role_are_refused_with_their_names():
    with pytest.raises(ValueError, match="2 folders .* 'gt' and 'hq'"):
        assign("gt/1.png hq/1.png lq/1.png".split())


def test_litter():
    names = [".DS_Store", "._1.png", "__MACOSX", "Thumbs.db", "desktop.ini", ".hidden.png"]
    assert all(map(is_litter, names)) and not is_litter("1.png")
