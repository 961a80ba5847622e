"""Picture files.

What is shown is compared level by level with what was written; notes and refusals by words that
they must hold. One module a kind.
"""

from . import colours, damaged, jpegs, others, pngs, ranges, tiffs, turned, unread

CASES = [
    case
    for module in (tiffs, ranges, pngs, colours, turned, jpegs, others, damaged, unread)
    for case in module.CASES
]
