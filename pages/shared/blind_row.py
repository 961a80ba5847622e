"""What one loss makes of every change that an eye notices: a sentence, and a row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from core.base.words import in_a_sentence
from pages.shared.cells import BLIND_CELL, LOSS_FACTOR, Cell, Row, cell_table, scaled
from pages.shared.computing import computed
from pages.shared.plain import plain
from pages.shared.views import OneResult

if TYPE_CHECKING:
    from torch import Tensor

    from core.lessons.blind_spots import Seen

BLIND = "**What this loss cannot see**: {changes}. In training a network pays nothing for that."
SEES = "**What this loss cannot see**: nothing here, it sees each of these changes."
TITLE = "{factor} × the loss, of {picture} against its changes"
ABOVE = ", above the {equal} of equal pictures"


def seen(expression: str, clean: Callable[[], Tensor]) -> Mapping[str, Seen]:
    """What a loss makes of each change of a picture. Raises `ValueError` where it cannot."""
    from core.lessons.blind_spots import seen_by
    from core.losses import parse_loss

    return seen_by(parse_loss(expression), clean())


class BlindRow(OneResult[Mapping[str, "Seen"]]):
    """What a loss makes of each change, and in words those that it does not see.

    `key` names the loss and the picture that `clean` makes, `picture` is its name in a sentence.
    """

    computing = "computing: what the loss cannot see"

    def __init__(
        self, expression: str, key: tuple[str, ...], clean: Callable[[], Tensor], picture: str
    ) -> None:
        compute = partial(seen, expression, clean)
        super().__init__(computed("seen_by_loss", *key, compute=compute))
        self.expression, self.picture = expression, picture

    def show(self, found: Mapping[str, Seen]) -> None:
        """The sentence and the row."""
        from core.lessons.blind_spots import BLIND as ROUNDING
        from core.lessons.blind_spots import CHANGES

        blind = [in_a_sentence(CHANGES[key].label) for key, one in found.items() if one.is_blind]
        st.markdown(BLIND.format(changes=plain(", ".join(blind))) if blind else SEES)
        cells = [BLIND_CELL if one.is_blind else Cell(scaled(one.value)) for one in found.values()]
        title = TITLE.format(factor=LOSS_FACTOR, picture=self.picture)
        equal = next(iter(found.values())).equal
        if abs(equal) > ROUNDING:
            title += ABOVE.format(equal=scaled(equal))
        heads = [CHANGES[key].label for key in found]
        cell_table(title, heads, [Row(self.expression, cells)])
