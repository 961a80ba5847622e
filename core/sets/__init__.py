"""Sets of pictures as people have them: folders, zip files and arrays, paired by their names.

One idea per file: `names` knows what people write into names, `roles` says which file is what,
`pairing` which files show the same picture, `archive` unpacks zip files within bounds, `opening`
makes a `PictureSet` of it all, from which pixels are read when they are asked for. `run` makes one
of the folder that a training script fills.
"""

from .opening import open_set
from .pairing import Doubled, LeftOver, Missing, PairedRow, Pairing, pair
from .picture_set import PictureSet, SetPicture
from .run import RunSet

__all__ = [
    "Doubled",
    "LeftOver",
    "Missing",
    "PairedRow",
    "Pairing",
    "PictureSet",
    "RunSet",
    "SetPicture",
    "open_set",
    "pair",
]
