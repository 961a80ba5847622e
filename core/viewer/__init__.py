"""The linked viewer, wherever it is shown: what it is given, and the modules that draw it.

`specs` says what panels, layers and places are, `message` makes of them what the modules in
`modules/` read: JSON with an address for each picture and map. A page serves these, a saved
comparison holds them.
"""

from .message import message, picture_behind
from .pins import LONGEST_NOTE, MOST_PINS, Pin, read_pins
from .specs import (
    AXES,
    BAND_COLOURS,
    CATEGORICAL,
    DRAGS,
    MODULES,
    ROLES,
    Band,
    Encoded,
    EncodedImage,
    EncodedLayer,
    Goto,
    Grid,
    Layer,
    Mark,
    Panel,
    Place,
    Question,
    SavedView,
    ViewerState,
    colour_maps,
    encode_image,
    encode_layer,
    pixel_sum,
)

__all__ = [
    "AXES",
    "BAND_COLOURS",
    "CATEGORICAL",
    "DRAGS",
    "LONGEST_NOTE",
    "MODULES",
    "MOST_PINS",
    "ROLES",
    "Band",
    "Encoded",
    "EncodedImage",
    "EncodedLayer",
    "Goto",
    "Grid",
    "Layer",
    "Mark",
    "Panel",
    "Pin",
    "Place",
    "Question",
    "SavedView",
    "ViewerState",
    "colour_maps",
    "encode_image",
    "encode_layer",
    "message",
    "picture_behind",
    "pixel_sum",
    "read_pins",
]
