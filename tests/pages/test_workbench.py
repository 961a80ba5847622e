"""The sidebar: what the address says, what a person chooses, and what they upload."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from core.degradations import DEGRADATIONS, Degradation
from core.imaging.gallery import GALLERY
from core.imaging.images import digest, to_uint8
from core.models import CLASSICAL, MODELS, build_model
from core.variants.card import classical_card
from core.variants.store import list_variants, load_variant, save_variant
from pages.shared import cached, kept_files, workbench
from pages.shared.jobs import wait_for
from pages.shared.kinds import KINDS, task_of
from pages.shared.line import Line
from pages.shared.navigation import PAGES
from pages.shared.picture import LINKED_UPLOAD
from pages.shared.restoring import restoration
from pages.shared.uploads import NAME_LENGTH, PREFIX
from pages.shared.visits import VISIT
from pages.shared.workbench import variant_sets
from tests.pages.conftest import (
    downloads,
    fake_card,
    fresh_app,
    on_page,
    read,
    run_until_ready,
    text_of,
)

SIZE = (48, 64)
GLOBAL = next(spec.key for spec in MODELS.values() if spec.halo is None)


def random_picture(seed: int = 0, size: tuple[int, int] = SIZE) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (*size, 3), dtype=np.uint8)


def png(array: np.ndarray, kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    Image.fromarray(array).save(file, kind)
    return file.getvalue()


def key_of(array: np.ndarray) -> str:
    return PREFIX + digest(array)[:NAME_LENGTH]


def upload(app, name: str, data: bytes, key: str = "upload"):
    app.file_uploader(key=key).upload(name, data)
    return app.run()


@pytest.fixture
def app(variants, idle):
    """The app on a small upload, of which nothing is computed."""
    started = fresh_app()
    started.run()
    return upload(started, "small.png", png(random_picture()))


def opened(**query):
    app = fresh_app()
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def test_it_starts_on_the_first_picture_with_every_variant(variants, idle):
    app = opened()
    assert app.selectbox(key="image").value == next(iter(GALLERY))
    assert app.selectbox(key="noise").value == next(iter(DEGRADATIONS))
    assert app.slider(key="sigma").value == 0.15
    assert app.multiselect(key="variants").value == variants


def test_every_variant_is_offered_the_trained_ones_first(variants, idle):
    options = opened().multiselect(key="variants").options
    assert options[:3] == [
        "MSE · U-Net", "MSE + sharpness · U-Net", "MSE + frequency · U-Net",
    ]  # fmt: skip
    assert options[3:] == [method.label for method in CLASSICAL.values()]


def test_it_starts_on_the_storys_variants_where_there_are_some(use_folder, tmp_path, idle):
    for name, loss in [("aaa", "l1"), ("unet-mse", "mse"), ("hybrid-frequency", "0.5*mse")]:
        save_variant(build_model("unet", width=4), fake_card(name, loss), tmp_path)
    use_folder(tmp_path)
    chosen = opened().multiselect(key="variants")
    assert chosen.value == ["hybrid-frequency", "unet-mse"]
    assert chosen.options[:3] == ["0.5 MSE · U-Net", "MSE · U-Net", "L1 · U-Net"]


def test_classical_variants_are_chosen_by_name_and_by_label(variants, idle):
    app = opened(variants=["wavelet", "Gaussian blur 7 × 7, σ auto", "unet-mse"])
    assert set(app.multiselect(key="variants").value) == {"unet-mse", "blur-k7-s0", "wavelet"}
    assert not app.warning and not app.exception


# Sets --------------------------------------------------------------------------------------------


def sets_of(app):
    return app.button_group(key="variant_set")


def listed(app) -> list[str]:
    """The chosen variants as the sidebar lists them."""
    (lines,) = [e.proto.body for e in app.sidebar.get("html") if "class=chosen" in e.proto.body]
    return re.findall("<li [^>]*>([^<]*)", lines)


def test_a_set_is_chosen_at_once_and_held_while_its_variants_are_chosen(variants, idle):
    app = opened(variants="wavelet")
    assert sets_of(app).options == ["Story 3", "Hybrid 1", "Classical 19"]
    assert sets_of(app).value is None and listed(app) == ["Wavelet shrinkage"]
    app = sets_of(app).set_value("classical").run()
    assert app.multiselect(key="variants").value == list(CLASSICAL)
    assert sets_of(app).value == "classical" and len(listed(app)) == len(CLASSICAL)
    app = sets_of(app).set_value("story").run()
    assert app.multiselect(key="variants").value == variants
    assert KINDS["story"].sentence in text_of(app)
    app.multiselect(key="variants").set_value(variants[1:]).run()
    assert sets_of(app).value is None and KINDS["story"].sentence not in text_of(app)
    assert listed(app) == ["MSE + sharpness · U-Net", "MSE + frequency · U-Net"]
    assert not app.exception


@pytest.mark.parametrize("told", [None, "gone"])
def test_a_set_that_is_not_there_any_more_changes_nothing(monkeypatch, told):
    here = {workbench.SET: told, "variants": ["wavelet"], "noise": "none"}
    monkeypatch.setattr(workbench.st, "session_state", dict(here))
    workbench._take_set({"story": ["unet-mse"]})
    assert workbench.st.session_state == here


def test_a_set_that_is_chosen_by_its_variants_is_held(variants, idle):
    assert sets_of(opened()).value == "story"
    assert sets_of(opened(variants=[*CLASSICAL])).value == "classical"


def test_a_set_is_a_kind_that_has_some_but_not_all_and_no_two_are_the_same(make_card):
    hybrid = {"model": "hybrid_vit_unet"}
    cards = [
        make_card("conv-dae-mse", model="conv_dae"),
        make_card("conv-dae-regional-sharpness-resize", model="conv_dae"),
        make_card("hybrid-mse", **hybrid),
        make_card("hybrid-l1", **hybrid, loss="l1"),
        make_card("hybrid-no-skip-mse", **hybrid),
        make_card("unet-mse"),
        make_card("unet-ladder"),
        make_card("unet-motion", degradation={"key": "motion_blur_noise"}),
        make_card("unet-s1"),
        classical_card("wavelet"),
    ]
    found = {
        "story": ["conv-dae-mse"],
        "hybrid": ["hybrid-mse", "unet-mse"],
        "losses": ["hybrid-mse", "hybrid-l1"],
        "no_skip": ["hybrid-no-skip-mse"],
        "decoders": ["conv-dae-regional-sharpness-resize"],
        "networks": ["unet-ladder"],
        "motion": ["unet-motion"],
        "seeds": ["unet-s1"],
        "classical": ["wavelet"],
    }
    assert variant_sets({card.name: card for card in cards}) == found
    few = [make_card("unet-mse"), make_card("hybrid-mse", **hybrid), cards[-1]]
    assert variant_sets({card.name: card for card in few[1:]}) == {
        "hybrid": ["hybrid-mse"], "classical": ["wavelet"],
    }  # fmt: skip
    assert [*variant_sets({card.name: card for card in few})] == [
        "hybrid", "losses", "classical",
    ]  # fmt: skip


@pytest.mark.parametrize("spec", KINDS.values(), ids=lambda spec: spec.key)
def test_every_set_has_a_degradation_and_a_sentence(spec):
    assert spec.task in DEGRADATIONS and spec.sentence.endswith(".")
    assert len(spec.label) <= 12  # two fit beside each other in the sidebar


@pytest.mark.parametrize("spec", KINDS.values(), ids=lambda spec: spec.key)
def test_a_set_is_of_one_task_and_brings_it(spec):
    """On what is shipped: the networks of a set were all trained for the degradation it sets."""
    every = {card.name: card for card in list_variants()}
    members = variant_sets(every).get(spec.key, [])
    tasks = {task_of(every[name]) for name in members if every[name].trained}
    assert tasks <= {spec.task}
    assert members or spec.key == "all" or not any(map(spec.holds, every.values()))


@pytest.fixture
def with_motion(use_folder, tmp_path):
    """A variant for each of two tasks; the one for noise is the story's stand-in."""
    course = {"key": "motion_blur_noise", "range": {"length": [9, 9]}}
    cards = fake_card("unet-mse", "mse"), replace(fake_card("b", "mse"), degradation=course)
    for card in cards:
        save_variant(build_model("unet", width=4), card, tmp_path)
    use_folder(tmp_path)


def numbers_of(app):
    return {e.key: e.value for e in (*app.sidebar.slider, *app.sidebar.number_input)}


@pytest.mark.parametrize(
    ("before", "chosen", "noise", "numbers"),
    [
        ({"sigma": "0.2", "seed": "7"}, "hybrid", "gaussian_noise", {"sigma": 0.2, "seed": 7}),
        ({"noise": "motion_blur", "length": "15"}, "hybrid", "gaussian_noise", {"sigma": 0.15}),
        ({"noise": "relative_noise"}, "classical", "gaussian_noise", {"sigma": 0.15}),
        ({"sigma": "0.2"}, "motion", "motion_blur_noise",
         {"length": 9, "angle": 20, "level": 0.01}),
        ({"noise": "motion_blur", "length": "15"}, "motion", "motion_blur_noise", {"length": 9}),
        ({"noise": "motion_blur_noise", "length": "15"}, "motion", "motion_blur_noise",
         {"length": 15}),
        ({"noise": "none"}, "hybrid", "none", {}),
    ],
)  # fmt: skip
def test_a_set_brings_its_degradation_and_leaves_a_persons_own_numbers(
    with_motion, before, chosen, noise, numbers, idle
):
    app = sets_of(opened(variants="total-variation", **before)).set_value(chosen).run()
    assert app.selectbox(key="noise").value == noise and sets_of(app).value == chosen
    assert numbers.items() <= numbers_of(app).items()
    assert not app.exception and not app.error


def test_the_list_says_all_of_a_label_under_the_pointer_and_is_no_markup(
    use_folder, tmp_path, idle
):
    card = replace(fake_card("unet-mse", "0.9*mse + 0.1*l1"), parent="<b>'x")
    save_variant(build_model("unet", width=4), card, tmp_path)
    use_folder(tmp_path)
    (html,) = [e.proto.body for e in opened().sidebar.get("html") if "chosen" in e.proto.body]
    title = "0.9 MSE + 0.1 L1 · U-Net, 1 steps, sigma 0.03 to 0.25, seed 0, from &lt;b&gt;&#x27;x"
    assert f"<li title='{title}'>MSE + L1 · U-Net" in html


@pytest.mark.parametrize(
    "text",
    ["unet-regional-sharpness", "MSE + sharpness · U-Net", "MSE + regional sharpness · U-Net",
     "0.8 MSE + 0.2 sharpness · U-Net", "MSE + sharpness · U-Net (unet-regional-sharpness)"],
)  # fmt: skip
def test_a_link_knows_a_variant_by_any_of_its_names(variants, text, idle):
    app = opened(variants=text)
    assert app.multiselect(key="variants").value == ["unet-regional-sharpness"]
    assert app.query_params["variants"] == "MSE + sharpness · U-Net"
    assert not app.warning and not app.exception


@pytest.mark.parametrize(
    "query",
    [
        {"image": "brick", "variants": "unet-frequency"},
        {"image": "Brick wall", "variants": "MSE + frequency · U-Net"},
    ],
    ids=["keys", "labels"],
)
def test_the_address_chooses_by_key_and_by_label(variants, query, idle):
    app = opened(**query, noise="gaussian_noise", sigma="0.2", seed="7")
    assert app.selectbox(key="image").value == "brick"
    assert app.multiselect(key="variants").value == ["unet-frequency"]
    assert app.slider(key="sigma").value == 0.2
    assert app.number_input(key="seed").value == 7
    assert not app.warning and not app.exception


@pytest.mark.parametrize("spec", DEGRADATIONS.values(), ids=lambda spec: spec.key)
def test_every_degradation_and_its_numbers_are_in_the_address(variants, spec, idle):
    wanted = {parameter.name: parameter.high for parameter in spec.parameters}
    app = opened(noise=spec.key, **{name: f"{value:g}" for name, value in wanted.items()})
    assert app.selectbox(key="noise").value == spec.key
    shown = {e.key: e.value for e in (*app.sidebar.slider, *app.sidebar.number_input)}
    assert shown == wanted
    assert not app.warning and not app.exception and not app.error


@pytest.mark.parametrize("spec", DEGRADATIONS.values(), ids=lambda spec: spec.key)
def test_every_degradation_starts_at_its_defaults(variants, spec, idle):
    app = opened(noise=spec.key)
    shown = {e.key: e.value for e in (*app.sidebar.slider, *app.sidebar.number_input)}
    assert shown == {parameter.name: parameter.default for parameter in spec.parameters}
    labels = [e.label for e in (*app.sidebar.slider, *app.sidebar.number_input)]
    assert all(
        parameter.unit in label for parameter, label in zip(spec.parameters, labels, strict=True)
    )


@pytest.mark.parametrize(
    ("name", "value", "widget", "expected"),
    [
        ("length", "32", ("slider", "length"), 9),
        ("angle", "steep", ("slider", "angle"), 20),
        ("level", "-0.1", ("slider", "level"), 0.01),
    ],
)
def test_a_bad_number_of_a_blur_is_told_and_ignored(variants, name, value, widget, expected, idle):
    app = opened(noise="motion_blur_noise", **{name: value})
    assert getattr(app, widget[0])(key=widget[1]).value == expected
    assert [f"“{value}”" in read(warning.value) for warning in app.warning] == [True]
    assert not app.exception and not app.error


@pytest.mark.parametrize(
    ("name", "value", "widget", "expected"),
    [
        ("image", "no-such-picture", ("selectbox", "image"), next(iter(GALLERY))),
        ("noise", "blur", ("selectbox", "noise"), "gaussian_noise"),
        ("variants", "../../etc/passwd", ("multiselect", "variants"), None),
        ("sigma", "7", ("slider", "sigma"), 0.15),
        ("sigma", "nan", ("slider", "sigma"), 0.15),
        ("seed", "many", ("number_input", "seed"), 0),
        ("seed", "-1", ("number_input", "seed"), 0),
    ],
)
def test_a_bad_value_in_the_address_is_told_and_ignored(
    variants, name, value, widget, expected, idle
):
    app = opened(**{name: value})
    kind, key = widget
    assert getattr(app, kind)(key=key).value == (variants if expected is None else expected)
    assert len(app.warning) == 1
    assert f"“{value}”" in read(app.warning[0].value)
    assert not app.exception and not app.error


def test_a_note_on_the_address_goes_when_the_person_takes_over(variants, idle):
    app = opened(image="no-such-picture")
    app.slider(key="sigma").set_value(0.1).run()
    assert not app.warning


def test_a_bad_region_in_the_address_is_told(variants):
    app = run_until_ready(opened(region="1,2"))
    assert "“1,2”, but it must be four whole numbers" in read(app.warning[0].value)
    assert not app.error and "region" not in app.query_params
    app.text_input(key="region").set_value("1,2,900,")
    assert "not four whole numbers" in read(run_until_ready(app).error[0].value)


def test_sigma_is_shown_in_levels_and_outside_the_training_range(variants, idle):
    app = opened(sigma="0.3")
    assert "Sigma 0.3 is 76.5/255." in text_of(app)
    assert "Sigma 0.3 is 1.2× the largest" in text_of(app)
    app.slider(key="sigma").set_value(0.25).run()
    assert "the largest" not in text_of(app)


def test_numbers_are_read_in_other_units(variants, idle):
    app = opened(noise="motion_blur_noise", level="0.07", angle="45")
    assert "Level 0.07 is 7 % of the picture’s norm." in text_of(app)
    assert "45° counter-clockwise from the horizontal." in text_of(app)


def test_another_degradation_than_the_trained_one_is_told_once(variants, idle):
    app = opened(noise="motion_blur")
    assert (
        "⚠ Motion blur is new to MSE · U-Net, MSE + sharpness · U-Net and "
        "MSE + frequency · U-Net (trained on Gaussian noise)." in text_of(app)
    )
    assert "is new to" not in text_of(opened(noise="gaussian_noise"))
    assert "is new to" not in text_of(opened(noise="none"))


@pytest.mark.parametrize(
    ("count", "text"),
    [(1, "a"), (2, "a and b"), (3, "a, b and c"), (4, "a, b and 2 more")],
)
def test_a_few_labels_are_named(count, text):
    assert workbench.few(list("abcd")[:count]) == text


def test_an_upload_is_shown_and_named_by_its_content(app):
    array = random_picture()
    assert app.selectbox(key="image").value == key_of(array)
    assert "small.png" in text_of(app) and "64 × 48" in text_of(app)
    assert app.selectbox(key="image").options[-1] == f"small.png ({key_of(array)})"
    assert not app.error and not app.exception


def test_two_uploads_are_two_pictures(app):
    other = random_picture(1, (40, 40))
    upload(app, "other.png", png(other))
    assert app.selectbox(key="image").value == key_of(other)
    assert "40 × 40" in text_of(app)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("text.png", b"not a picture"),
        ("empty.jpg", b""),
        ("cut.png", png(random_picture())[:900]),
        ("tiny.png", png(random_picture(size=(1, 1)))),
        ("narrow.png", png(random_picture(size=(400, 8)))),
        ("header_only.png", png(random_picture())[:33]),
        ("gif.png", png(random_picture(), "GIF")),
        ("cut.jpg", png(random_picture(), "JPEG")[:700]),
        ("cut.webp", png(random_picture(), "WEBP")[:300]),
        ("cut.tif", png(random_picture(), "TIFF")[:200]),
        ("cut.bmp", png(random_picture(), "BMP")[:100]),
        ("zeros.bmp", bytes(5000)),
    ],
)
def test_a_bad_upload_is_one_sentence_and_the_picture_stays(app, name, data):
    before = app.selectbox(key="image").value
    upload(app, name, data)
    assert [read(error.value).startswith(f"{name}: The ") for error in app.error] == [True]
    assert app.selectbox(key="image").value == before
    assert not app.exception


@pytest.mark.parametrize("link", ["{}", "theirs.png ({})", "odd (1) (upload-0) ({})"])
def test_a_link_to_an_upload_asks_for_the_file_and_keeps_the_rest(variants, link, idle):
    array = random_picture(2)
    app = opened(image=link.format(key_of(array)), sigma="0.1", variants="unet-mse")
    assert app.selectbox(key="image").options[-1] == link.format(key_of(array))
    assert LINKED_UPLOAD in text_of(app)
    upload(app, "same.png", png(array), key="linked_upload")
    assert LINKED_UPLOAD not in text_of(app)
    assert not app.warning
    assert app.slider(key="sigma").value == 0.1
    assert app.multiselect(key="variants").value == ["unet-mse"]
    assert "same.png" in text_of(app)


def test_another_file_than_the_links_is_a_new_picture_with_a_note(variants, idle):
    app = opened(image=key_of(random_picture(2)))
    other = random_picture(3)
    upload(app, "other.png", png(other), key="linked_upload")
    assert app.selectbox(key="image").value == key_of(other)
    assert "other.png is not the file of the link" in text_of(app)


def test_next_and_previous_go_round(variants, idle):
    app = opened()
    keys = GALLERY.keys()
    press = {button.label: button for button in app.sidebar.button}
    press["◀ Previous"].click().run()
    assert app.selectbox(key="image").value == keys[-1]


@pytest.fixture
def large(variants):
    """The app on a part of a photo that is too large to be looked at whole."""
    app = opened(variants="unet-mse", part="100,50,64,33")
    return upload(app, "my [large] photo.png", large_photo())


def large_photo() -> bytes:
    return png(np.zeros((1040, 1200, 3), np.uint8))


def restored_whole(app):
    app.button(key="whole_start").click().run()
    photo = app.session_state["whole_photo"]
    wait_for([photo.job], 60)
    app.run()
    return photo


def photos(app) -> list[str]:
    """The labels of downloads other than the one that every comparison has."""
    return [label for label in downloads(app) if "pictures and numbers" not in label]


def test_a_large_photo_is_seen_in_parts(variants, idle):
    app = opened(variants="unet-mse", part="100,50,64,33")
    upload(app, "large.png", large_photo())
    assert "64 × 32 at 96, 48" in text_of(app)
    app.text_input(key="part").set_value("somewhere").run()
    assert "'somewhere' is not four whole numbers" in text_of(app)
    assert not app.exception


def test_a_large_photo_is_restored_whole_under_its_own_name(large):
    assert "In tiles of 512 × 512 pixels" in text_of(large)
    assert "known after the first tile" in text_of(large)
    photo = restored_whole(large)
    with Image.open(io.BytesIO(photo.job.value)) as restored:
        assert restored.size == (1200, 1040)
    taken = "gaussian_noise-sigma-0.15-seed-0"
    assert photo.file_name == f"losslens_my-large-photo_{taken}_whole-photo_unet-mse.png"
    assert photos(large) == ["Download my [large] photo.png, MSE · U-Net"]
    assert not large.exception


def test_a_whole_photo_without_room_in_line_is_asked_for_until_there_is(large, monkeypatch):
    line = Line(1, "test", most=0)
    monkeypatch.setattr(cached.work, "long_line", lambda: line)
    large.button(key="whole_start").click().run()
    photo = large.session_state["whole_photo"]
    assert photos(large) == [] and photo.waits and not photo.job.running
    line.most = 1
    large.run()
    wait_for([photo.job], 60)
    assert photo.job.value and photo.begun


@pytest.mark.parametrize("change", ["sigma", "picture"])
def test_a_whole_photo_goes_with_its_picture_and_degradation(large, change):
    photo = restored_whole(large)
    if change == "sigma":
        large.slider(key="sigma").set_value(0.1)
    else:
        large.selectbox(key="image").set_value("concrete-pores")
    large.run()
    assert photo.job.stop.is_set()
    assert "whole_photo" not in large.session_state
    assert photos(large) == []


def test_another_part_of_the_same_photo_keeps_the_whole_one(large):
    photo = restored_whole(large)
    large.text_input(key="part").set_value("0,0,64,64")
    large.run()
    assert large.session_state["whole_photo"] is photo


@pytest.mark.parametrize("arguments", [{}, {"encoder": "someone/vit"}], ids=["card", "argument"])
def test_no_vit_is_fetched_for_a_file(use_folder, tmp_path, monkeypatch, arguments):
    encoder = None if arguments else {"name": "someone/vit", "sha256": ""}
    card = replace(fake_card("online", "mse"), model=GLOBAL, arguments=arguments, encoder=encoder)
    save_variant(torch.nn.Linear(1, 1), card, tmp_path)
    use_folder(tmp_path)
    asked = []
    monkeypatch.setattr("core.models.vit_encoder.load_encoder", asked.append)
    monkeypatch.setattr("core.variants.store.load_encoder", asked.append)
    with pytest.raises(ValueError, match="'online' needs the ViT 'someone/vit'"):
        cached.variants.model("online")
    assert not asked


def test_warming_up_survives_a_variant_that_fails(variants, monkeypatch):
    asked = []

    def model(name):
        asked.append(name)
        raise MemoryError

    monkeypatch.setattr(cached.variants, "model", model)
    cached.variants.warm_up()
    assert asked == [*variants, *CLASSICAL]


def said(app) -> str:
    return "\n".join(read(warning.value) for warning in app.warning)


def test_uploads_are_kept_up_to_so_many_bytes_and_the_newest_always(app, monkeypatch):
    arrays = [random_picture(), random_picture(1), random_picture(2)]
    monkeypatch.setattr(kept_files, "MEGABYTE", 1)
    monkeypatch.setattr(kept_files, "MOST_MB", sum(len(png(array)) for array in arrays[1:]))
    for number, array in enumerate(arrays[1:]):
        upload(app, f"{number}.png", png(array))
    assert list(app.session_state["uploads"]) == [key_of(array) for array in arrays[1:]]
    assert "“small.png” was let go" in said(app)
    big = random_picture(3, (200, 200))
    upload(app, "big.png", png(big))
    assert list(app.session_state["uploads"]) == [key_of(big)]
    assert "“0.png” was let go: a visit keeps at most 4 uploads" in said(app)
    assert not app.exception


def test_no_more_than_so_many_uploads_are_kept_and_their_folders_go(app, monkeypatch):
    monkeypatch.setattr(kept_files, "MOST", 2)
    arrays = [random_picture(number) for number in range(3)]
    for number, array in enumerate(arrays):
        upload(app, f"{number}.png", png(array))
    kept = app.session_state[kept_files.KEPT]
    assert list(kept) == [key_of(array) for array in arrays[1:]]
    folders = [Path(one.folder.name) for one in kept.values()]
    assert all(folder.is_dir() for folder in folders)
    app.session_state[VISIT].end()
    assert not any(folder.exists() for folder in folders)


def test_an_upload_that_fell_out_of_memory_is_read_again(app):
    array = random_picture(5)
    upload(app, "mine.png", png(array))
    cached.pictures.decoded.clear()
    cached.pictures.clean_picture.clear()
    app.run()
    bench = app.session_state[workbench.BENCH]
    np.testing.assert_array_equal(bench.source.read(), array)
    np.testing.assert_array_equal(bench.clean.array, array)


def test_a_refused_file_is_named(use_folder, tmp_path, idle):
    (tmp_path / "broken.safetensors").write_bytes(b"not a variant")
    use_folder(tmp_path)
    app = opened()
    assert "broken.safetensors was refused." in text_of(app)
    assert "There are no trained variants here yet" in text_of(app)
    assert app.multiselect(key="variants").value == []
    assert not app.exception


def test_cached_results_are_read_only(variants):
    array = cached.pictures.gallery_array("brick")
    with pytest.raises(ValueError, match="read-only"):
        array[0, 0, 0] = 1


# Switches of the noise ---------------------------------------------------------------------------

SWITCHED = [spec for spec in DEGRADATIONS.values() if spec.switches]


def toggles(app) -> dict[str, bool]:
    return {toggle.key: toggle.value for toggle in app.sidebar.toggle}


@pytest.mark.parametrize("spec", DEGRADATIONS.values(), ids=lambda spec: spec.key)
@pytest.mark.parametrize(("image", "grey"), [("gravel", True), ("coffee", False)])
def test_switches_start_at_what_suits_the_picture(variants, spec, image, grey, idle):
    app = opened(image=image, noise=spec.key)
    suits = {switch.name: switch.default for switch in spec.switches}
    suits |= {"grey": grey} if "grey" in suits else {}
    assert toggles(app) == suits
    assert not {"grey", "clip"} & set(app.query_params)
    words = spec.noise_words(suits)
    assert f"· {words}" in text_of(app) if words else "colour noise" not in text_of(app)
    assert not app.warning and not app.exception and not app.error


def test_the_browser_is_told_where_a_switch_starts(variants, idle):
    app = opened(image="gravel")
    for _ in range(2):  # what a run says is lost where another follows before it is sent
        told = [(toggle.proto.set_value, toggle.proto.value) for toggle in app.sidebar.toggle]
        assert told == [(True, True)] * 2
        app.run()


def test_grey_noise_follows_the_picture_until_someone_chooses(variants, idle):
    app = opened(image="gravel")
    for image, grey in [("coffee", False), ("gravel", True)]:
        app.selectbox(key="image").set_value(image).run()
        assert app.toggle(key="grey").value is grey
    app.toggle(key="grey").set_value(False).run()
    for image in ("gravel", "coffee", "gravel"):
        app.selectbox(key="image").set_value(image).run()
        assert app.toggle(key="grey").value is False
        assert app.query_params["grey"] == "false" and "clip" not in app.query_params
    app.toggle(key="grey").set_value(True).run()
    app.selectbox(key="image").set_value("coffee").run()
    assert app.toggle(key="grey").value is True and app.query_params["grey"] == "true"
    assert "clipped grey noise" in text_of(app)


def test_a_choice_outlives_another_degradation_and_page(variants, idle):
    app = opened(image="coffee", grey="true")
    app.selectbox(key="noise").set_value("motion_blur").run()
    assert toggles(app) == {}
    app.selectbox(key="noise").set_value("relative_noise").run()
    assert toggles(app) == {"grey": True}
    app.switch_page(next(str(spec.path) for spec in PAGES if spec.folder == "spectrum"))
    app.run()
    assert app.toggle(key="grey").value is True and app.query_params["grey"] == "true"


@pytest.mark.parametrize("spec", SWITCHED, ids=lambda spec: spec.key)
def test_switches_make_the_round_through_the_address(variants, spec, idle):
    app = opened(image="gravel", noise=spec.key)
    wanted = {key: not value for key, value in toggles(app).items()}
    for key, value in wanted.items():
        app.toggle(key=key).set_value(value)
    app.run()
    assert {key: app.query_params[key] for key in wanted} == {
        key: str(value).lower() for key, value in wanted.items()
    }
    again = opened(**app.query_params)
    assert toggles(again) == wanted
    assert spec.noise_words(wanted) in text_of(again)
    assert not again.warning and not again.exception


@pytest.mark.parametrize(("text", "on"), [("TRUE", True), ("1", True), ("0", False)])
def test_a_switch_in_the_address_may_be_a_number(variants, text, on, idle):
    app = opened(image="gravel", grey=text)
    assert app.toggle(key="grey").value is on and not app.warning
    assert app.query_params["grey"] == str(on).lower()


@pytest.mark.parametrize(("name", "value"), [("grey", "maybe"), ("clip", "2")])
def test_a_bad_switch_in_the_address_is_told_and_ignored(variants, name, value, idle):
    app = opened(image="gravel", **{name: value})
    assert toggles(app) == {"clip": True, "grey": True}
    assert [f"“{value}”" in read(warning.value) for warning in app.warning] == [True]
    assert name not in app.query_params and not app.exception
    app.toggle(key=name).set_value(False).run()
    assert not app.warning and app.query_params[name] == "false"


@pytest.mark.parametrize("spec", SWITCHED, ids=lambda spec: spec.key)
def test_values_beyond_the_range_reach_the_networks_and_only_what_is_drawn_is_clipped(
    variants, spec
):
    switches = {switch.name: not switch.default for switch in spec.switches}
    strength = spec.parameters[-2]  # the last but the seed
    values = {strength.name: strength.high, **switches}
    started = fresh_app()
    started.query_params.update({name: str(value).lower() for name, value in values.items()})
    started.query_params.update({"noise": spec.key, "variants": ["unet-mse", "wavelet"]})
    started.run()
    app = run_until_ready(upload(started, "small.png", png(random_picture())))
    bench = app.session_state[workbench.BENCH]
    expected = spec(bench.clean.image[None], **values)
    measured = bench.measurement
    assert torch.equal(measured.image, expected[0]) and measured.digest == digest(expected[0])
    assert expected.min() < 0 and expected.max() > 1
    assert np.array_equal(measured.array, to_uint8(expected[0].clamp(0, 1)))
    assert str(bench.taken.degradation) == str(Degradation(spec, spec.values(values)))
    for name in ("unet-mse", "wavelet"):
        with torch.no_grad():
            made = load_variant(name, cached.variants.variants_folder())(expected)[0].clamp(0, 1)
        shown = restoration(measured, name).value
        torch.testing.assert_close(shown.image, made, rtol=0, atol=1e-6)
    assert not app.exception and not app.error


@pytest.mark.parametrize("stem", [spec.folder for spec in PAGES if spec.on_picture])
def test_every_page_copes_with_values_beyond_the_range(variants, stem):
    address = {"clip": "false", "grey": "true", "sigma": "0.3", "variants": ["unet-mse"]}
    app = on_page(stem, {"image": "concrete-pores", "region": "0,0,64,64", **address})
    assert app.session_state[workbench.BENCH].measurement.image.max() > 1.1
    assert not app.exception and not app.error


def test_the_page_says_that_the_networks_never_saw_grey_noise(variants, idle):
    said = "⚠ Grey noise is new to MSE · U-Net"
    app = opened(image="gravel")
    assert said in text_of(app)
    app.toggle(key="grey").set_value(False).run()
    assert said not in text_of(app)
