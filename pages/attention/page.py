"""What the layers of a network look at, with a threshold band under the finger."""

from __future__ import annotations

from pages.attention.choice import choose_map
from pages.attention.contact_sheet import contact_sheet_view
from pages.attention.cracks import cracks_view
from pages.attention.one_map import one_map_view
from pages.attention.self_attention import self_attention_view
from pages.attention.side_by_side import side_by_side_view
from pages.attention.stability import stability_view
from pages.shared.choose import choose
from pages.shared.workbench import workbench

SIGHTS = {
    "one": ("One map", one_map_view),
    "compare": ("Side by side", side_by_side_view),
    "self": ("Self-attention", self_attention_view),
    "gallery": ("Every picture", contact_sheet_view),
    "cracks": ("Does it see the crack?", cracks_view),
    "stable": ("Is it stable?", stability_view),
}

bench = workbench()
_, sight = SIGHTS[choose("sight", "Sight", {key: label for key, (label, _) in SIGHTS.items()})]
choice = choose_map(bench)
if choice:
    sight(bench, choice)
