"""Recipes of figures.

Each is made as the bytes of a file that stands alone in its folder. Expected is a pattern of the
sentence.
"""

from __future__ import annotations

from dataclasses import replace

from core.report.figure import PanelRecipe, PictureRecipe, Recipe

from .case import Case, Outcome

RECIPE = Recipe(
    PictureRecipe(gallery="brick", part="0,0,96,80"),
    (PanelRecipe("clean"), PanelRecipe("measurement"), PanelRecipe("blur-k3-s1", label="a_b")),
    preset="two_columns",
    degradation="gaussian_noise(sigma=0.1, seed=3)",
    metrics=("psnr", "ssim"),
    regions=("3,5,12,8",),
)
"""A sound one."""
CHANGED = {
    "an unknown size": ({"preset": "poster"}, "'poster'.*one_column"),
    "an unknown metric": ({"metrics": ("best",)}, "'best'.*psnr"),
    "five metrics": ({"metrics": ("psnr", "ssim", "mse", "blur", "flip")}, "0 to 4 metrics.*5"),
    "an unknown degradation": ({"degradation": "rain"}, "'rain'.*gaussian_noise"),
    "an impossible noise": ({"degradation": "gaussian_noise(sigma=9)"}, "sigma is 9; allowed"),
    "an unknown protocol": ({"protocol": "mine"}, "'mine'.*ours"),
    "a region of three numbers": ({"regions": ("1,2,3",)}, "1,2,3"),
    "a region outside": ({"regions": ("90,0,20,8",)}, "outside"),
    "four regions": ({"regions": RECIPE.regions * 4}, "0 to 3 regions.*4"),
    "an unknown picture": ({"picture": PictureRecipe(gallery="mona")}, "'mona'"),
    "no picture": ({"picture": PictureRecipe()}, "gallery and file"),
    "two pictures": ({"picture": PictureRecipe(gallery="brick", file="a")}, "gallery and file"),
    "a picture that is missing": ({"picture": PictureRecipe(file="x.png")}, "x.png"),
    "a picture that is a folder": ({"picture": PictureRecipe(file=".")}, "it is a folder"),
    "a picture that is the recipe": ({"picture": PictureRecipe(file="fig.toml")}, "fig.toml"),
    "a null byte in a name": ({"picture": PictureRecipe(file="a\0")}, "null"),
    "a part outside": ({"picture": PictureRecipe(gallery="brick", part="0,0,9999,9")}, "outside"),
    "an unknown range of values": (
        {"picture": PictureRecipe(file="x.png", values="all")},
        "'all'",
    ),
    "a picture with other pixels": (
        {"picture": PictureRecipe(gallery="brick", digest="00")},
        "another picture",
    ),
    "a noisy file and a degradation": (
        {"picture": PictureRecipe(gallery="brick", noisy="x.png")},
        "takes no degradation",
    ),
    "an unknown variant": ({"panels": (PanelRecipe("magic"),)}, "magic"),
    "a network that is missing": ({"panels": (PanelRecipe(network="n.pth"),)}, "n.pth"),
    "a panel of nothing": ({"panels": (PanelRecipe(label="a"),)}, "'a'.*has 0"),
    "a panel of two things": ({"panels": (PanelRecipe("clean", file="b"),)}, "has 2"),
    "no panels": ({"panels": ()}, "panels"),
    "25 panels": ({"panels": RECIPE.panels[:1] * 25}, "1 to 24 panels.*25"),
    "a clean picture where there is none": ({"degradation": "none"}, "no clean picture"),
}
"""What differs from the sound one."""
WRITTEN = {
    "an empty file": ("", "missing"),
    "half a line": ("preset = ", "no TOML"),
    "bytes that are no text": (b"\xff\xfe\x00", "no TOML"),
    "lists in lists": ("a = " + "[" * 5000, "no TOML"),
    "an unknown setting": ("colour = 1\n" + RECIPE.text, "'colour'.*preset"),
    "an unknown setting of the picture": (RECIPE.text + "\n[picture.more]\n", "no TOML|'more'"),
    "a number for a text": (RECIPE.text.replace('"two_columns"', "2"), "'preset'"),
    "panels that are no list": ("panels = 3\n[picture]\ngallery = 'brick'\n", "'panels'"),
}


def _case(name: str, text: str | bytes, said: str) -> Case:
    data = text if isinstance(text, bytes) else text.encode()
    return Case(name, Outcome.REFUSED, lambda: data, said)


CASES = [
    *(_case(name, text, said) for name, (text, said) in WRITTEN.items()),
    *(
        _case(name, replace(RECIPE, **changes).text, said)
        for name, (changes, said) in CHANGED.items()
    ),
]
