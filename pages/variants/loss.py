"""What the loss of a brought network cannot see; where no file tells it, the person may."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from core.variants.library import Kept, Library
from pages.shared import cached
from pages.shared.acting import acting
from pages.shared.blind_row import BlindRow
from pages.shared.plain import plain
from pages.shared.views import polled

if TYPE_CHECKING:
    from torch import Tensor

PICTURE, SIDE = "coffee", 128
REFUSED = "loss_refused"
UNKNOWN = (
    "**What its loss cannot see** is not known, as the file does not say which loss it was "
    "trained with. If you know it, write it here."
)
FIELD = "Loss it was trained with"


def loss_of(library: Library, kept: Kept) -> None:
    """The row of the loss where it is known; a field where the file does not tell it."""
    if kept.loss:
        polled(blind_row(kept.loss))
    else:
        st.markdown(UNKNOWN)
    if kept.about.get("loss"):
        return
    key = f"loss_{kept.name}"
    acting(
        st.text_input,
        FIELD,
        kept.stated,
        key=key,
        placeholder="such as 0.8*mse + 0.2*frequency",
        act=partial(_state, library, kept, key),
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


def blind_row(expression: str) -> BlindRow:
    """What a loss makes of the changes of one picture of the gallery, the same for every loss."""
    from core.imaging.gallery import GALLERY

    picture = f"the middle of “{GALLERY[PICTURE].label}”"
    return BlindRow(expression, (expression,), middle, picture)


def middle() -> Tensor:
    """The middle of that picture, `(3, H, W)`."""
    from core.imaging.images import to_tensor
    from core.imaging.photos import centre_crop

    picture = cached.pictures.gallery_array(PICTURE)
    return to_tensor(centre_crop(picture, min(SIDE, *picture.shape[:2])))
