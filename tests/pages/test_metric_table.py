"""The table of metrics: what has a number is a column, and the rest is one sentence."""

from __future__ import annotations

import re
from dataclasses import replace
from math import nan

import pytest

from core.metrics import METRICS
from pages.shared import cells, metric_table
from pages.shared.metric_table import left_out, meaning
from pages.shared.numbers import undefined
from pages.shared.values import Number
from tests.pages.conftest import read

SPECS = [replace(METRICS[key], absent=lambda: None) for key in ("psnr", "ssim", "blur", "flip")]
LACKING = "weights absent: it needs weights."
NEEDS = "{} needs a clean image."


@pytest.fixture
def drawn(monkeypatch):
    """A function that draws a table and gives its HTML and its sentences."""
    said: list[str] = []
    made: list[str] = []
    monkeypatch.setattr(cells.st, "html", made.append)
    monkeypatch.setattr(metric_table.st, "caption", said.append)

    def draw(rows, **options):
        said.clear(), made.clear()
        metric_table.metric_table(rows, "Whole", judged=rows, **{"specs": SPECS, **options})
        return "".join(made), [read(sentence) for sentence in said]

    return draw


def row(**values: float | str) -> dict[str, Number]:
    """Numbers by metric; a sentence stands for one that is none."""
    return {k: Number(nan, v) if isinstance(v, str) else Number(v) for k, v in values.items()}


def heads(html: str) -> list[str]:
    return re.findall("<th scope=col>(.*?)</th>", html)


def test_metrics_that_need_what_is_not_there_are_left_out_in_one_sentence(drawn):
    missing = {spec.key: NEEDS.format(spec.label) for spec in SPECS if spec.needs_reference}
    html, said = drawn({"a": row(**missing, blur=0.3), "b": row(**missing, blur=0.2)})
    assert heads(html) == [METRICS["blur"].heading] and "—" not in html
    assert said == ["Left out here: PSNR, SSIM, FLIP (needs a clean image)."]


def test_several_reasons_are_one_sentence_and_no_column_is_no_table(drawn):
    other = "Blur needs sides of at least 16 pixels."
    missing = {s.key: NEEDS.format(s.label) if s.key != "blur" else other for s in SPECS}
    html, said = drawn({"a": row(**missing)})
    assert html == ""
    (sentence,) = said
    assert sentence.count("needs") == 2 and "Blur (needs sides of at least 16 pixels)" in sentence


def test_what_this_machine_lacks_stands_in_no_table_but_where_metrics_are_explained(drawn):
    lacking = replace(METRICS["flip"], absent=lambda: LACKING)
    rows = {"a": row(psnr=20.0, flip=LACKING), "b": row(psnr=21.0, flip=LACKING)}
    html, said = drawn(rows, specs=[SPECS[0], lacking])
    assert heads(html) == [METRICS["psnr"].heading] and said == []
    assert read(meaning(lacking)).endswith(f"Not measured here, {LACKING}")
    assert "Not measured" not in meaning(SPECS[0])


def test_a_single_number_that_is_none_is_a_dash_with_its_reason(drawn):
    why = undefined(METRICS["ssim"])
    html, said = drawn(
        {"a": row(psnr=20.0, ssim=why), "b": row(psnr=21.0, ssim=0.5)}, specs=SPECS[:2]
    )
    assert len(heads(html)) == 2 and html.count("<td>—") == 1
    assert said == [f"— {why}"]
    assert left_out([], {}) == ""


def test_a_number_that_is_still_to_come_is_dots_and_nothing_is_best_before(drawn):
    rows = {"a": row(psnr=20.0, flip=0.2), "b": row(psnr=21.0)}
    html, said = drawn(rows, specs=[SPECS[0], SPECS[3]])
    assert heads(html) == [SPECS[0].heading, SPECS[3].heading] and said == []
    assert html.count(f"<td>{metric_table.TO_COME}") == 1
    assert "<td class=best>21.00" in html and "<td>0.2000" in html
    html, _ = drawn({"a": row(psnr=20.0), "b": row(psnr=21.0)}, specs=[SPECS[3]])
    assert html.count(f"<td>{metric_table.TO_COME}") == 2
    assert metric_table.differences(rows, to="a") == {"b": {"psnr": Number(1.0)}}


def test_the_best_of_a_column_stands_out_and_labels_are_text(drawn):
    html, _ = drawn({"<b>a": row(psnr=20.0), "b": row(psnr=21.0)}, specs=SPECS[:1])
    assert "<td class=best>21.00" in html and "<td>20.00" in html and "<b>" not in html
