"""Names of pictures as people and programs write them: order, words that say a role, litter."""

from __future__ import annotations

import os
import re

from ..imaging.photos import SUFFIXES

CLEAN, NOISY = "clean", "noisy"
SOURCES = (CLEAN, NOISY)
"""The roles that are no method's; every other role is the name of a method."""

WORDS = {
    CLEAN: frozenset(
        "clean cleaned gt groundtruth hq hr target targets reference references ref label labels "
        "sharp highres".split()
    ),
    NOISY: frozenset(
        "noisy noised noise degraded corrupted input inputs lq lr lrbic lowres blurry measurement "
        "measurements measured".split()
    ),
}
"""What a folder, or a part of a file's name, says of its role."""
LOOSE = {CLEAN: frozenset("raw mean original originals orig".split()), NOISY: frozenset({"real"})}
"""Words that say a role only beside a partner: UIEB's `raw` is degraded, the sources' is clean."""
CERTAIN = frozenset({"noised", "noisy", "degraded", "corrupted"})
"""Words of a file's name that make it noisy even where no other file is named likewise."""
NEUTRAL = frozenset(
    "image images img imgs picture pictures photo photos patch patches block blocks crop crops "
    "cropped srgb rgb color colour png jpg test val valid validation train training data dataset "
    "set bicubic bic sigma level".split()
)
"""Words beside a role's that do not change it: `test_gt`, `NoisyBlocksSrgb`."""
ADDED = frozenset(
    "out output outputs result results restored restoration denoised denoise dn deblurred "
    "enhanced recon reconstructed pred prediction predicted sr final bicubic".split()
)
"""What programs add to a name without saying a role."""
LITTER = frozenset({"__macosx", "thumbs.db", "desktop.ini", "$recycle.bin", "@eadir"})
MATLAB = ".mat"

_NUMBERED = re.compile(r"(?:x|sigma|noise|noisy|lrx|lr|n|sr)[0-9]{1,3}|[0-9]x")
_SEPARATORS = re.compile(r"[^0-9A-Za-z\u0080-\U0010ffff]+")
_DIGITS = re.compile(r"([0-9]+)")


def natural(name: str) -> tuple[list[tuple[int, int, str]], str]:
    """A key that sorts numbers by value: img2 before img10; equal only for equal names."""
    parts = _DIGITS.split(name.casefold())
    # Odd places hold numbers, which stand before letters.
    return [(0, int(p), "") if n % 2 else (1, 0, p) for n, p in enumerate(parts) if p], name


def is_litter(name: str) -> bool:
    """Whether a file or folder of this name is the operating system's, or hidden."""
    return name.startswith(".") or name.casefold() in LITTER


def is_picture(name: str) -> bool:
    """Whether a file of this name is read as a picture."""
    return os.path.splitext(name)[1].lower() in SUFFIXES


def is_wanted(path: str) -> bool:
    """Whether the file at a path with `/` is a picture or arrays, and nothing on it litter."""
    suffix = os.path.splitext(path)[1].lower()
    return (suffix in SUFFIXES or suffix == MATLAB) and not any(map(is_litter, path.split("/")))


def split(path: str) -> tuple[str, str]:
    """The folder of a path with `/`, and the file's name without its suffix."""
    folder, _, name = path.rpartition("/")
    base, dot, _ = name.rpartition(".")
    return folder, base if dot and base else name


def tokens(name: str) -> tuple[str, ...]:
    """The words of a name in lower case, as separators divide them: ("img", "1", "noisy")."""
    return tuple(word for word in _SEPARATORS.split(name.casefold()) if word)


ROLE_WORDS = frozenset().union(*WORDS.values())
"""Words that say a role by themselves, wherever in a file's name."""
EDGE_WORDS = ROLE_WORDS.union(*LOOSE.values())
"""Words that say a role at either end of a file's name."""
END_WORDS = EDGE_WORDS | ADDED


def is_added(word: str) -> bool:
    """Whether a word at a name's end says a role, a scale, a noise level or a step of work."""
    return word in END_WORDS or _NUMBERED.fullmatch(word) is not None


def role_of(name: str, table: dict[str, frozenset[str]] = WORDS) -> str | None:
    """The role that the whole of a folder's name says, or None: it is a method's then.

    Capitals divide words (`NoisyBlocks`); numbers and neutral words do not count. Every other
    word must say the role: `CleanNet` and `Noise2Clean` are methods.
    """
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)
    for words in ([re.sub(r"x?[0-9]+$", "", w) for w in tokens(spaced)], ["".join(tokens(name))]):
        telling = {word for word in words if word and word not in NEUTRAL}
        for role, known in table.items():
            if telling and telling <= known:
                return role
    return None
