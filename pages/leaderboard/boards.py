"""Whose results the page shows: the test set's, or a file of `core.evaluate` that was opened."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from core.base import asked
from pages.leaderboard.common import Board, TaskSpec, find_board, variant_of
from pages.shared import address, cached
from pages.shared.acting import acting
from pages.shared.file_field import came, draw_file_field, release
from pages.shared.own import own_cards
from pages.shared.plain import plain
from pages.shared.workbench import load_pytorch

if TYPE_CHECKING:
    from core.leaderboard.results import Results

FILE = "board_file"
"""In the address: the file that the server was started with, or `TEST_SET`."""
TEST_SET = "losslens"
TEST_SET_LABEL = "LossLens’s test set"
WIDGET, UPLOAD, KEPT = "results_file", "results_upload", "kept_results"
VISIT, REFUSED = "own_results", "results_refused"
MOST_KEPT = 4
USUAL_SEED = ("seed", 0)
"""The one that labels need not say."""
LIST_PIXELS = 380
OPEN_LABEL = "Open results"
ABOUT = (
    "A table that `python -m core.evaluate` wrote: your pictures, the variants here, networks of "
    "yours (`--network FILE`), and outputs of any methods (`--outputs NAME=DIR`). Only you see "
    "it, until you close this page."
)


def choose_board(choose_view: Callable[[Board], str]) -> tuple[Board, str] | None:
    """The results that were chosen and their view, in one row; None where they cannot be read."""
    own = {**of_server(), **of_visit()}
    listed = {TEST_SET: TEST_SET_LABEL, **{key: board.file for key, board in own.items()}}
    row = st.container(horizontal=True, vertical_alignment="bottom")
    with row:
        chosen = choose_results(listed) if own else TEST_SET
    found = own[chosen] if chosen in own else find_board()
    with row:
        view = choose_view(found) if found else ""
        with st.popover(OPEN_LABEL):
            uploader()
    for sentence in refused_by_server():
        st.error(plain(sentence))
    return (found, view) if found else None


def choose_results(labels: Mapping[str, str]) -> str:
    """One of the results; those of the server have a place in the address."""
    server = of_server()
    first = next(iter(server), TEST_SET)
    reader = asked.one_of({key: key for key in labels}, labels[first])
    kept = st.session_state.get(KEPT) or "".join(address.settle(FILE, "results", reader)) or first
    if st.session_state.get(WIDGET) not in labels:
        st.session_state[WIDGET] = kept if kept in labels else TEST_SET
    chosen = acting(
        st.selectbox,
        "Results",
        list(labels),
        format_func=labels.__getitem__,
        key=WIDGET,
        act=address.forget_notes,
        width=LIST_PIXELS,
    )
    st.session_state[KEPT] = chosen
    address.put(FILE, [chosen] if server and chosen in (TEST_SET, *server) else [])
    return chosen


# What the server was started with ----------------------------------------------------------------


def of_server() -> dict[str, Board]:
    """Key -> the results in the files that the server was started with."""
    found = {}
    for key, path in files_of_server().items():
        try:
            load_pytorch()
            stamp, results = cached.measured.evaluation(path)
        except ValueError:
            continue  # told by `refused_by_server`
        found[key] = own_board(stamp, path.name, results)
    return found


def refused_by_server() -> list[str]:
    """Why files that the server was started with are not open: they changed since."""
    found = []
    for path in files_of_server().values():
        try:
            cached.measured.evaluation(path)
        except ValueError as error:
            found.append(str(error))
    return found


def files_of_server() -> dict[str, Path]:
    """Key -> path; the key is the file's name without its end, numbered where two share it."""
    from core.sets.request import OPENED, Request

    text, found = os.environ.get(OPENED, ""), {}
    for path in Request.parse(text).results if text else ():
        taken = [key for key in (TEST_SET, *found) if key.split("~")[0] == path.stem]
        found[f"{path.stem}~{len(taken) + 1}" if taken else path.stem] = path
    return found


# What this visit opened --------------------------------------------------------------------------


def of_visit() -> dict[str, Board]:
    """Key -> the results that this visit opened, the last ones."""
    kept: dict[str, tuple[str, Results]] = st.session_state.get(VISIT, {})
    return {key: own_board(key, name, results) for key, (name, results) in kept.items()}


def uploader() -> None:
    """The platform's widget, and why the last file was refused."""
    st.markdown(ABOUT)
    draw_file_field("Results (.parquet)", [".parquet"], UPLOAD, then=take)
    if refused := st.session_state.get(REFUSED):
        st.error(plain(refused))


def take() -> None:
    """Show what came; a file that is refused leaves everything as it was."""
    from core.leaderboard.evaluation import read_evaluation

    st.session_state.pop(REFUSED, None)
    if not (files := came(UPLOAD)):
        return
    data, name = files[0].bytes(), files[0].name
    release(files)
    try:
        results = read_evaluation(io.BytesIO(data), name, cached.variants.variants_folder())
    except ValueError as error:
        st.session_state[REFUSED] = str(error)
        return
    kept = st.session_state.setdefault(VISIT, {})
    key = f"own-{hashlib.blake2b(data, digest_size=16).hexdigest()}"
    kept.pop(key, None)
    kept[key] = name, results
    for old in list(kept)[:-MOST_KEPT]:
        kept.pop(old)
    st.session_state[KEPT] = st.session_state[WIDGET] = key
    address.forget_notes()


# Somebody's own results --------------------------------------------------------------------------


def own_board(stamp: str, name: str, results: Results) -> Board:
    """The results with a task for each of their conditions."""
    stories, files = (
        results.stories["variants"],
        cached.variants.variant_names() | set(own_cards()),
    )
    variants = {one: variant_of(one, stories[one], files) for one in results.variants}
    tasks = {condition: task_of(condition, results) for condition in results.conditions}
    return Board(results, variants, stamp, tasks, name)


def task_of(condition: str, results: Results) -> TaskSpec:
    """A condition in the words of its degradation; as it is written where nobody knows it."""
    from core.degradations import DEGRADATIONS

    key = condition.partition("(")[0]
    if key not in DEGRADATIONS:
        return TaskSpec(condition, condition.capitalize(), condition, "")
    values = results.parameters(condition)
    told = ", ".join(f"{k} {v:g}" for k, v in values.items() if (k, v) != USUAL_SEED)
    label = DEGRADATIONS[key].label
    known = key if DEGRADATIONS[key].operator else ""
    return TaskSpec(condition, f"{label}, {told}" if told else label, condition, known)
