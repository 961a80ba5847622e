"""The border study: how often attention maps are hottest at the picture's border.

The command is `python -m core.attention.border_study [--json FILE]`. A picture that has texture in
its middle only, and photos; both as the networks were trained, with zeros beyond the border, and
with the picture mirrored there.
"""

from .results import RESULTS, Row, read_borders
from .study import LEFT_OUT, PICTURES, measure
from .words import border_table

__all__ = ["LEFT_OUT", "PICTURES", "RESULTS", "Row", "border_table", "measure", "read_borders"]
