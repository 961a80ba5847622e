"""Every entry: what it is, where it comes from, and what the first look at yours found."""

from __future__ import annotations

from pages.shared.choose import choose
from pages.shared.workbench import load_pytorch
from pages.variants.bring import bring
from pages.variants.every import every_card
from pages.variants.yours import yours

VIEWS = {"yours": ("Yours", yours), "all": ("All variants", every_card)}

load_pytorch()
bring()
_, view = VIEWS[choose("entries", "Entries", {key: label for key, (label, _) in VIEWS.items()})]
view()
