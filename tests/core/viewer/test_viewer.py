"""What the viewer is given: sums of pictures, panels and layers, and the message of all."""

from __future__ import annotations

import numpy as np
import pytest

from core.imaging.images import Region
from core.viewer import (
    LONGEST_NOTE,
    MOST_PINS,
    Goto,
    Layer,
    Panel,
    Pin,
    Place,
    encode_image,
    encode_layer,
    message,
    picture_behind,
    pixel_sum,
    read_pins,
)


def picture(seed=0):
    return np.random.default_rng(seed).integers(0, 256, (5, 7, 3), dtype=np.uint8)


def digest_of(encoded):
    return encoded.digest


def test_the_sum_of_a_picture_is_the_one_worked_out_by_hand():
    image = np.array([[[1, 2, 3], [0, 0, 1]]], np.uint8)
    first, second = 1 + 2 * 256 + 3 * 65536 + 255 * 2**24, 65536 + 255 * 2**24
    assert pixel_sum(image) == (first + 3 * second) % 2**32


def test_one_level_of_one_pixel_makes_another_sum():
    image = picture()
    sums = {pixel_sum(image)}
    for at in np.ndindex(image.shape):
        other = image.copy()
        other[at] ^= 1
        sums.add(pixel_sum(other))
    assert len(sums) == image.size + 1


def test_a_message_holds_addresses_and_what_layers_share_once():
    layers = [
        Layer("grid", "Grid", encode_layer(np.full((5, 7), i, np.float32)), 0, 1, unit="levels")
        for i in range(2)
    ]
    panels = [
        Panel(str(i), f"Panel {i}", encode_image(picture(i)), layers=(layers[i],))
        for i in range(2)
    ]
    told = message(panels, digest_of, key="v")
    assert [one["image"]["url"] for one in told["panels"]] == [p.image.digest for p in panels]
    assert told["layers"]["grid"]["unit"] == "levels"
    assert told["panels"][1]["layers"] == [{"key": "grid", "url": layers[1].values.digest}]


def test_wrong_arguments_are_refused_with_what_exists():
    layer = encode_layer(np.zeros((2, 2)))
    with pytest.raises(ValueError, match="colour map 'sunset'.*magma"):
        Layer("a", "A", layer, 0, 1, colours="sunset")
    with pytest.raises(ValueError, match="low 1 is not below high 1"):
        Layer("a", "A", layer, 1, 1)
    with pytest.raises(ValueError, match="extent .* is not"):
        Layer("a", "A", layer, 0, 1, extent=(0, 0, 0, 4))
    with pytest.raises(ValueError, match="13 categories; there are 12 colours"):
        Layer("a", "A", layer, 0, 1, categories=("c",) * 13)
    with pytest.raises(ValueError, match="role 'truth'.*clean, measurement, output"):
        Panel("a", "A", None, role="truth")
    with pytest.raises(ValueError, match="0 x 4 pixels"):
        Panel("a", "A", None, blank=(0, 4))
    with pytest.raises(ValueError, match="zoom is 65"):
        Goto(1, zoom=65)
    panels = [Panel("a", "A", None)]
    with pytest.raises(ValueError, match="share a key: a, a"):
        message(panels * 2, digest_of, key="v")
    with pytest.raises(ValueError, match="no panel 'c'.*a"):
        message(panels, digest_of, key="v", places=[Place(Region(0, 0, 1, 1), "c", "C")])
    with pytest.raises(ValueError, match="no axes 'time'.*pixels, frequency"):
        message(panels, digest_of, key="v", axes="time")
    with pytest.raises(ValueError, match="no drag 'zoom'.*pan, region"):
        message(panels, digest_of, key="v", drag="zoom")


def test_notes_are_of_the_clean_picture_and_judged_when_they_are_read():
    panels = [
        Panel("a", "A", encode_image(picture(0))),
        Panel("n", "N", encode_image(picture(1)), "measurement"),
        Panel("c", "C", encode_image(picture(2)), "clean"),
    ]
    pins = [Pin(3, 4, "here"), Pin(0, 0)]
    told = message(panels, digest_of, key="v", pins=pins)["notes"]
    assert told["of"] == panels[2].image.digest and read_pins(told["pins"]) == tuple(pins)
    assert picture_behind(panels[:2]) == panels[1].image.digest
    assert picture_behind(panels[:1]) == panels[0].image.digest
    assert picture_behind([Panel("a", "A", None)]) == ""
    one = {"x": 1, "y": 2, "text": "t"}
    assert read_pins([one | {"text": "a\nb"}])[0].text == "a\\nb"
    for wrong, told in (
        ({}, "list"), ("x", "list"), ([3], "list"), ([one] * (MOST_PINS + 1), f"{MOST_PINS + 1}"),
        ([one | {"x": True}], "x must"), ([one | {"y": -1}], "y must"), ([one | {"x": 1.5}], "x"),
        ([one | {"text": None}], "text"), ([one | {"text": "a" * (LONGEST_NOTE + 1)}], "120"),
        ([{}], "x must"),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=told):
            read_pins(wrong)
    with pytest.raises(ValueError, match=f"{MOST_PINS} are allowed"):
        message(panels, digest_of, key="v", pins=[Pin(0, 0)] * (MOST_PINS + 1))
