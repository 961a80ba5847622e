"""What the loss of a brought network cannot see; where no file tells it, the person may."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from core.base.words import in_a_sentence
from core.variants.library import Kept, Library
from pages.shared import cached
from pages.shared.cells import BLIND_CELL, LOSS_FACTOR, Cell, Row, cell_table, scaled
from pages.shared.computing import computed
from pages.shared.plain import plain
from pages.shared.views import OneResult, polled

if TYPE_CHECKING:
    from core.lessons.blind_spots import Seen

PICTURE, SIDE = "coffee", 128
REFUSED = "loss_refused"
UNKNOWN = (
    "**What its loss cannot see** is not known, as the file does not say which loss it was "
    "trained with. If you know it, write it here."
)
FIELD = "Loss it was trained with"
BLIND = "**What its loss cannot see**: {changes}. In training it paid nothing for that."
SEES = "**What its loss cannot see**: nothing here, it sees each of these changes."
TITLE = "{factor} × the loss, of the middle of “{picture}” against its changes"


def loss_of(library: Library, kept: Kept) -> None:
    """The row of the loss where it is known; a field where the file does not tell it."""
    if kept.loss:
        polled(BlindSpots(kept.loss))
    else:
        st.markdown(UNKNOWN)
    if kept.about.get("loss"):
        return
    key = f"loss_{kept.name}"
    st.text_input(
        FIELD,
        kept.stated,
        key=key,
        placeholder="such as 0.8*mse + 0.2*frequency",
        on_change=_state,
        args=(library, kept, key),
    )
    if refused := st.session_state.get(REFUSED, {}).get(kept.name):
        st.error(plain(refused))


def _state(library: Library, kept: Kept, key: str) -> None:
    """Take what the person wrote; what is no loss leaves the former one."""
    refused: dict[str, str] = st.session_state.setdefault(REFUSED, {})
    refused.pop(kept.name, None)
    try:
        library.state_loss(kept, st.session_state[key] or "")
    except ValueError as error:
        refused[kept.name] = str(error)


def seen(expression: str) -> Mapping[str, Seen]:
    """What a loss makes of each change of the picture. Raises `ValueError` where it cannot."""
    from core.imaging.images import to_tensor
    from core.imaging.photos import centre_crop
    from core.lessons.blind_spots import seen_by
    from core.losses import parse_loss

    picture = cached.pictures.gallery_array(PICTURE)
    clean = to_tensor(centre_crop(picture, min(SIDE, *picture.shape[:2])))
    return seen_by(parse_loss(expression), clean)


class BlindSpots(OneResult[Mapping[str, "Seen"]]):
    """A row: what a loss makes of each change, and in words those that it does not see."""

    computing = "computing: what the loss cannot see"

    def __init__(self, expression: str) -> None:
        super().__init__(computed("seen_by_loss", expression, compute=partial(seen, expression)))
        self.expression = expression

    def show(self, found: Mapping[str, Seen]) -> None:
        """The sentence and the row."""
        from core.imaging.gallery import GALLERY
        from core.lessons.blind_spots import CHANGES

        blind = [in_a_sentence(CHANGES[key].label) for key, one in found.items() if one.is_blind]
        st.markdown(BLIND.format(changes=plain(", ".join(blind))) if blind else SEES)
        cells = [BLIND_CELL if one.is_blind else Cell(scaled(one.value)) for one in found.values()]
        title = TITLE.format(factor=LOSS_FACTOR, picture=GALLERY[PICTURE].label)
        heads = [CHANGES[key].label for key in found]
        cell_table(title, heads, [Row(self.expression, cells)])
