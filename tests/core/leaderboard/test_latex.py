"""The table for a paper: its structure, its marks, and names that LaTeX would read otherwise."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import fields

import numpy as np
import pytest

from core.base.latex import SPECIAL, escaped
from core.base.quantity import Quantity
from core.leaderboard.latex import latex_table
from core.leaderboard.ranks import ranks_in
from core.leaderboard.results import Results
from core.metrics import METRICS
from core.statistics import paired

GIVEN = "as given"
NAMES = {"a": "Best_of 100 %", "b": r"[Second] & \co", "c": "*third*", "measurement": "The input"}
OFFSETS = np.array([-1.0, 0.0, 0.5, 1.5])
MEANS = {"a": 30.0, "b": 29.0, "c": 20.0, "measurement": 15.0}


def made_up(**means: float) -> Results:
    means = {**MEANS, **means}
    shape = 1, len(means), len(OFFSETS)
    psnr = np.array([[level + OFFSETS for level in means.values()]])
    table = {"psnr": psnr, "detail_gain": psnr - 25, "lpips": np.full(shape, np.nan)}
    metrics = {k: {f.name: getattr(METRICS[k], f.name) for f in fields(Quantity)} for k in table}
    stories = {"metrics": metrics, "protocol": "basicsr_y", "conditions": {GIVEN: {}}}
    images = tuple("wxyz")
    return Results(images, tuple(means), (GIVEN,), tuple(table), stories, table)


def table_of(results: Results) -> str:
    return latex_table(results, GIVEN, list(results.metrics), NAMES, "a")


def lines_of(text: str) -> list[list[str]]:
    """The cells of each line between the rules."""
    body = text.split("\\midrule\n")[1].split("\\bottomrule")[0]
    return [re.split(r" & ", line.removesuffix(r" \\")) for line in body.splitlines()]


def test_it_is_one_booktabs_table_with_a_line_of_means_and_one_of_differences():
    results = made_up()
    text = table_of(results)
    for name in ("table", "tabular"):
        assert text.count(rf"\begin{{{name}}}") == text.count(rf"\end{{{name}}}") == 1
    rules = [text.index(rule) for rule in (r"\toprule", r"\midrule", r"\bottomrule")]
    assert rules == sorted(rules) and "{lrrr}" in text
    lines = lines_of(text)
    assert {len(line) for line in lines} == {4}
    assert [line[0] for line in lines] == [
        escaped("Best_of 100 %"), escaped(r"[Second] & \co"), "", escaped("*third*"), "",
        "The input", "",
    ]  # fmt: skip
    assert lines[0][1] == rf"\textbf{{30.25}} $\pm$ {OFFSETS.std(ddof=1):.2f}"
    change = paired(results.values("b", "psnr", GIVEN), results.values("a", "psnr", GIVEN))
    assert change == (-1.0, -1.0, -1.0)
    assert lines[2][1] == r"\footnotesize $-$1.00 {[}$-$1.00, $-$1.00{]}"
    assert [line[3] for line in lines] == ["--", "--", "", "--", "", "--", ""]


def test_best_and_second_are_the_ranks_that_the_page_shows():
    results = made_up()
    marks = re.findall(r"\\(textbf|underline)\{([\d.]+)\}", table_of(results))
    found = ranks_in(results, "psnr", GIVEN, list(NAMES))
    assert found == {"a": 1, "b": 2, "c": 3, "measurement": None}
    assert ("textbf", "30.25") in marks and ("underline", "29.25") in marks
    assert not [number for _, number in marks if number in ("20.25", "15.25")]


def test_where_all_share_a_rank_none_is_best():
    results = made_up(a=20.0, b=20.0, c=20.0)
    assert r"\textbf" not in table_of(results) and r"\underline" not in table_of(results)


def test_those_that_share_the_first_rank_are_all_bold():
    marks = re.findall(r"\\(textbf|underline)\{29.25\}", table_of(made_up(a=29.0)))
    assert marks == ["textbf", "textbf"]


def test_the_caption_names_protocol_pictures_and_baseline():
    (caption,) = re.findall(r"\\caption\{(.*)\}", table_of(made_up()))
    assert all(word in caption for word in ("BasicSR", "4 pictures", GIVEN, r"Best\_of 100 \%"))


@pytest.mark.parametrize("sign", "&%$#_{}")
def test_what_latex_reads_otherwise_is_escaped(sign):
    assert escaped(f"a{sign}b") == rf"a\{sign}b"


def test_names_stay_on_one_line_and_say_no_command():
    assert escaped("a\nb\x00 c") == "a b c"
    assert escaped(r"\input{x}") == r"\textbackslash{}input\{x\}"
    assert escaped("--") == "-{}-" and escaped("~^") == r"\textasciitilde{}\textasciicircum{}"
    assert escaped("Gaussian blur 5 × 5, σ") == r"Gaussian blur 5 $\times$ 5, $\sigma$"
    assert not [sign for sign in "[*" if escaped(sign).startswith(sign)]  # after a line's end


def test_latex_takes_it(tmp_path):
    """Where there is one; elsewhere groups and mathematics are at least closed."""
    body = table_of(made_up()) + escaped("".join(SPECIAL))
    plain = re.sub(r"\\.", "", body)
    assert plain.count("{") == plain.count("}") and plain.count("$") % 2 == 0
    latex = shutil.which("pdflatex")
    if latex:
        head = "\\documentclass{article}\\usepackage{booktabs}\\begin{document}\n"
        (tmp_path / "x.tex").write_text(f"{head}{body}\n\\end{{document}}", encoding="utf8")
        call = [latex, "-halt-on-error", "-no-shell-escape", "x.tex"]
        ended = subprocess.run(call, cwd=tmp_path, capture_output=True, text=True)
        assert ended.returncode == 0, ended.stdout[-2000:]
