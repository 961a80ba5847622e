"""The blind test on Compare: nothing tells which is which, each answer counts once, the tally."""

from __future__ import annotations

import csv
import io
import json

import pytest

from core.imaging.images import decode
from pages.compare.blind import view
from pages.compare.blind.setup import Setup
from pages.compare.blind.trials import BLIND, BlindTest
from tests.pages.conftest import (
    components,
    downloads,
    fetched,
    fresh_app,
    run_until_ready,
    text_of,
)

PICTURE = "concrete-pores"
METHODS = ["blur-k3-s1", "blur-k5-s1", "blur-k9-s3"]


def opened(test, **address):
    app = fresh_app()
    app.query_params.update({"image": PICTURE, "variants": METHODS, **address})
    app.session_state["blind"] = True
    app.session_state[BLIND] = test
    return run_until_ready(app)


def told(app):
    """What the browser gets of the trial; None where there is none."""
    found = [one.json for one in components(app) if "blind_viewer" in one.id]
    return json.loads(found[0]) if found else None


def test_nothing_that_is_sent_tells_which_is_which(variants):
    test, orders = BlindTest(running=True), set()
    app = opened(test)
    for _ in range(12):
        document, trial = told(app), test.trial
        urls = [panel["image"].pop("url") for panel in document["panels"]]
        sums = [panel["image"].pop("sum") for panel in document["panels"]]
        text = json.dumps(document)
        labels = {label for one in (*test.trial.order, *METHODS) for label in one.split(" · ")}
        assert not [label for label in labels if label.lower() in text.lower()]
        # But for what they are called by place, and for their pixels, the panels are the same.
        plain = text.replace("picture-2", "picture-1").replace("Picture 2", "Picture 1")
        first, second = json.loads(plain)["panels"]
        assert first == second and first["caption"] == [] and first["role"] == "output"
        assert len(set(urls)) == len(set(sums)) == 2
        assert all(decode(fetched(url)).shape[2] == 3 for url in urls)
        orders.add(trial.order)
        test.go_on()
        app = run_until_ready(app)
    assert len(orders) > 2


def test_answers_count_once_and_names_come_after_them(variants):
    test = BlindTest(running=True)
    app = opened(test, blind_reveals="true", blind_steps="false")
    setup = Setup("prefer", {}, 2, "", True, False)
    trial, serial = test.trial, told(app)["question"]["serial"]
    for question, choice in ((serial - 1, 1), (serial, 3), (serial, 0), (serial, 2), (serial, 1)):
        view.take(test, setup, "=photo", "noise", question, choice, 1.5)
    assert [answer.chosen for answer in test.answers] == [trial.order[1]]
    app = run_until_ready(app)
    document = told(app)
    assert tuple(panel["label"] for panel in document["panels"]) == trial.order
    assert document["question"]["answers"] == 0 and trial.order[1] in document["question"]["text"]
    view.take(test, setup, "photo", "noise", document["question"]["serial"], 0, 0)
    app = run_until_ready(app)
    assert test.trial.group != trial.group and told(app)["question"]["answers"] == 2
    test.stop()
    app = run_until_ready(app)
    assert told(app) is None
    assert trial.order[1] in "".join(one.proto.body for one in app.get("html"))
    (row,) = csv.DictReader(io.StringIO(downloads(app)["Answers as CSV"].content().decode()))
    assert (row["picture"], row["order"], row["answer"]) == (
        "=photo", " | ".join(trial.order), trial.order[1],
    )  # fmt: skip


def test_each_group_is_asked_once_on_a_picture_and_nothing_before_all_is_there(variants):
    test = BlindTest(running=True)
    app = opened(test, blind_question="identify", blind_steps="false")
    asked = set()
    for _ in range(2):
        trial = test.trial
        assert trial.wanted in trial.order and told(app)["question"]["text"] == trial.sentence
        asked.add(trial.group)
        assert test.take(test.serial, 1, 1.0, "photo", "noise")
        assert test.answers[-1].right == (trial.order[0] == trial.wanted)
        test.go_on()
        app = run_until_ready(app)
    assert len(asked) == 2 and not test.running and told(app) is None
    assert "All of these were asked" in text_of(app)


@pytest.mark.parametrize("entries", [[], METHODS[:1]])
def test_fewer_entries_than_stand_side_by_side_are_refused(variants, entries):
    test = BlindTest(running=True)
    app = opened(test, variants=METHODS[:1])
    assert told(app) is None and not test.running and not app.exception
    assert "at least 2" in text_of(app)
