"""Addresses.

Each is made as (kind of choice, all its texts). The kinds, and what each is without an address:
`view`, one of Table (its default), Curves and Claims, by button; `picture`, one of the same from a
list; `step`, one of them by a slider; `variants`, any of them, Table alone at first; `seed`, a
whole number from 0 to 999,999, 0; `sigma`, a number from 0 to 0.3, 0.15; `band`, two of them,
0.1 to 0.2; `picked`, a number from 0 to 1 or nothing, nothing; `grey`, yes or no, no; `region`,
four whole numbers, nothing; `unknown`, which no page reads. Expected is the value.
"""

from __future__ import annotations

from .case import Case, Outcome

NINES = "9" * 400
LONG = "x" * 5000
ODD = {
    "nothing": "", "a space": " ", "inf": "inf", "-inf": "-inf", "nan": "nan", "1e999": "1e999",
    "-1e999": "-1e999", "400 nines": NINES, "Arabic digits": "٣", "full-width digits": "７",
    "an underscore": "1_0", "hexadecimal": "0x7", "a complex number": "1j", "a null byte": "\0",
    "a line break": "a\nb", "a right-to-left mark": "\u202eelbaT", "a script": "<script>x",
    "Markdown": "[x](http://example.com)", "a path": "../../etc/passwd", "a list": "[]",
    "code": "__import__('os')", "5,000 letters": LONG, "None": "None", "undefined": "undefined",
}  # fmt: skip
"""Texts that no choice takes, but for a few: by what they are called."""
DEFAULTS = {
    "view": "table", "picture": "table", "step": "table", "variants": ["table"], "seed": 0,
    "sigma": 0.15, "band": (0.1, 0.2), "picked": None, "grey": False, "region": "",
}  # fmt: skip
BLANK = {"variants": [], "picked": None, "region": ""}
"""Kinds of which nothing is a possible choice, and what that is."""
TAKEN = {
    ("view", "curves"): "curves",
    ("view", "Curves"): "curves",
    ("view", "table", "table"): "table",
    ("picture", "claims"): "claims",
    ("picture", "the claims"): "claims",
    ("step", "claims"): "claims",
    ("variants", "curves", "table"): ["table", "curves"],
    ("variants", "curves,claims"): ["curves", "claims"],
    ("variants", "Curves, claims,"): ["curves", "claims"],
    ("variants", "curves", "Curves"): ["curves"],
    ("variants", "", "curves"): ["curves"],
    ("seed", "7"): 7,
    ("seed", "7.0"): 7,
    ("seed", " 7 "): 7,
    ("seed", "7e3"): 7000,
    ("seed", "999999"): 999_999,
    ("sigma", "0.0980392156862745"): 0.0980392156862745,
    ("sigma", "0.1", "0.1"): 0.1,
    ("sigma", ".2"): 0.2,
    ("band", "0.05", "0.3"): (0.05, 0.3),
    ("band", "0.2", "0.2"): (0.2, 0.2),
    ("picked", "0.25"): 0.25,
    ("grey", "true"): True,
    ("grey", "TRUE"): True,
    ("grey", "1"): True,
    ("region", "1,2,3,4"): "1,2,3,4",
    ("region", " 1, 2, 3, 4 "): "1, 2, 3, 4",
}
NOT_TAKEN = {
    ("view", "tables"): "table",
    ("view", "TABLE"): "table",
    ("view", "curves", "claims"): "table",
    ("view", "curves", ""): "table",
    ("view", "0"): "table",
    ("picture", "curves", "nope"): "table",
    ("step", "1"): "table",
    ("step", "curves", "claims"): "table",
    ("variants", "nope"): ["table"],
    ("variants", "nope,nor this"): ["table"],
    ("variants", "nope", "curves"): ["curves"],
    ("variants", "curves,nope"): ["curves"],
    ("seed", "7.5"): 0,
    ("seed", "-1"): 0,
    ("seed", "1000000"): 0,
    ("seed", "1e6"): 0,
    ("seed", "7,000"): 0,
    ("seed", "7 8"): 0,
    ("seed", "7", "8"): 0,
    ("sigma", "0.1", "0.3"): 0.15,
    ("sigma", "0,1"): 0.15,
    ("sigma", "-0.1"): 0.15,
    ("sigma", "0.301"): 0.15,
    ("band", "0.2"): (0.1, 0.2),
    ("band", "0.2", "0.1"): (0.1, 0.2),
    ("band", "0.1", "0.2", "0.3"): (0.1, 0.2),
    ("band", "0.1", "inf"): (0.1, 0.2),
    ("picked", "2"): None,
    ("grey", "true", "false"): False,
    ("grey", "2"): False,
    ("grey", "yes"): False,
    ("region", "1,2,3"): "",
    ("region", "1,2,-3,4"): "",
    ("region", "1,2,3,4", "5,6,7,8"): "",
    ("region", "9999999999,0,1,1"): "",
}
IGNORED = {("unknown", "1"): None, ("unknown", "<script>"): None, ("unknown", LONG): None}


def _name(kind: str, texts: tuple[str, ...]) -> str:
    called = {text: what for what, text in ODD.items()}
    return "&".join(
        f"`{kind}=` ({called[text]})" if text in called else f"`{kind}={text}`" for text in texts
    )


def _odd(kind: str, text: str) -> Case:
    """An odd text: the default and a sentence, but for nothing where that is a choice."""
    if kind in BLANK and not text.strip():
        return _case((kind, text), Outcome.SHOWN, BLANK[kind])
    return _case((kind, text), Outcome.DEFAULT, DEFAULTS[kind])


def _case(one: tuple[str, ...], outcome: Outcome, expected: object) -> Case:
    kind, *texts = one
    return Case(_name(kind, tuple(texts)), outcome, lambda: (kind, tuple(texts)), expected)


CASES = [
    *(_odd(kind, text) for kind in DEFAULTS for text in ODD.values()),
    *(_case(one, Outcome.SHOWN, value) for one, value in TAKEN.items()),
    *(_case(one, Outcome.DEFAULT, value) for one, value in NOT_TAKEN.items()),
    *(_case(one, Outcome.IGNORED, value) for one, value in IGNORED.items()),
]
