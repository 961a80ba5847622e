"""Several visitors at once on a real server, in the browser's protocol but without a browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from streamlit.proto.Common_pb2 import DoubleArray

from core.bench.load import compared, work_left
from core.imaging.images import decode, encode_png
from pages.shared.visitors.load import Trip, all_there, alone, crowd, leavers, saved
from pages.shared.visitors.visitor import Visitor
from tests.browser.conftest import HOST

TRIES, RUNS = 2, 3


@pytest.fixture
def address(serve: Callable[..., str]) -> str:
    return serve(HOST)


@pytest.fixture
def come(address: str) -> Iterator[Callable[..., Visitor]]:
    """A function that opens Compare for another visitor, who leaves at the end."""
    here: list[Visitor] = []

    def visitor(query: str) -> Visitor:
        here.append(Visitor(address))
        here[-1].open(query)
        here[-1].rest()
        return here[-1]

    yield visitor
    for one in here:
        one.leave()


def test_a_crowd_sees_what_each_would_see_alone(address):
    many = crowd(address, 4, 0.1)
    assert many.errors == many.failed_downloads == [] and many.downloads == len(many.waits) == 4
    one = alone(address, sorted(many.seen), 60)
    assert one.errors == []
    count, wrong = compared(many.seen, one.seen)
    assert wrong == [] and count > 4 * 10


def test_an_upload_comes_back_as_it_was(address, come):
    visitor, trip = come("variants=unet-mse"), Trip(7)
    visitor.upload("upload", "mine.png", encode_png(trip.picture))
    visitor.until(all_there, "the upload")
    visitor.rest()
    (panels,) = [one["panels"] for one in visitor.screen.components if "panels" in one]
    clean = decode(visitor.fetch(panels[0]["image"]["url"]))
    np.testing.assert_array_equal(clean, trip.picture)
    assert "clean.png" in saved(visitor)


def test_a_download_works_whatever_others_do_meanwhile(come):
    """The platform's own was forgotten at others' reruns: in a third of the tries with four."""
    here = come("image=brick&variants=unet-mse")
    others = [come(f"image=gravel&variants=unet-mse&seed={number}") for number in range(3)]

    def set_noise(visitor: Visitor, sigma: float) -> None:
        visitor.choose("slider", "sigma", double_array_value=DoubleArray(data=[sigma]))

    def run_often(other: Visitor) -> None:
        for turn in range(RUNS):
            set_noise(other, 0.1 + turn / 100)
            other.until(lambda screen: not screen.running, "a run")

    with ThreadPoolExecutor(len(others)) as threads:
        for turn in range(TRIES):
            set_noise(here, 0.05 + turn / 100)
            here.rest()
            running = [threads.submit(run_often, other) for other in others]
            while not all(one.done() for one in running):
                assert "metrics.csv" in saved(here)
            assert "metrics.csv" in saved(here)
            for one in running:
                one.result()


def test_whoever_leaves_in_the_middle_leaves_no_work(address):
    gone = leavers(address, 6)
    assert gone.errors == [] and work_left(address) == 0
