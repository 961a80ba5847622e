"""Loss, degradation and protocol expressions.

Each is made as (kind, text). Expected is the normal form where it is read, and where it is refused
a part of the sentence.
"""

from __future__ import annotations

from .case import Case, Outcome

CANNOT = "Cannot read the {}"
LONG = "500 are allowed"
READ = {
    ("loss", "mse"): "mse",
    ("loss", " mse "): "mse",
    ("loss", "1*mse"): "mse",
    ("loss", "1.0*mse+0*l1"): "mse + 0*l1",
    ("loss", "mse + mse"): "mse + mse",
    ("loss", "((0.5*mse) + (0.5*l1))"): "0.5*mse + 0.5*l1",
    ("loss", "mse + (l1 + ssim)"): "mse + l1 + ssim",
    ("loss", "(mse\n+ l1)"): "mse + l1",
    ("loss", "1e-300*mse"): "1e-300*mse",
    ("loss", "1e300*mse"): "1e+300*mse",
    ("loss", "1_0*mse"): "10*mse",
    ("loss", "0x10*mse"): "16*mse",
    ("loss", "frequency_radial()"): "frequency_radial",
    ("loss", "frequency_radial(weight=2,)"): "frequency_radial(weight=2)",
    ("loss", "0.8*mse+0.2*frequency_radial( weight = 2.0 )"): (
        "0.8*mse + 0.2*frequency_radial(weight=2)"
    ),
    ("degradation", "none"): "none",
    ("degradation", "gaussian_noise"): "gaussian_noise(sigma=0.15, seed=0)",
    ("degradation", "gaussian_noise(seed=7.0)"): "gaussian_noise(sigma=0.15, seed=7)",
    ("degradation", "gaussian_noise(clip=0)"): "gaussian_noise(sigma=0.15, seed=0, clip=0)",
    ("degradation", "motion_blur(length=9.5)"): "motion_blur(length=9.5, angle=20)",
    ("degradation", "motion_blur(angle=0, length=1)"): "motion_blur(length=1, angle=0)",
    ("protocol", "basicsr_y"): "basicsr_y",
    ("protocol", "basicsr_y(border=4)"): "basicsr_y",
    ("protocol", "ours(border=0)"): "ours",
    ("protocol", "basicsr_y(border=2)"): "basicsr_y(border=2, y_channel=1, rounded=1)",
}
UNREADABLE = {
    "loss": [
        "", " ", "0.8", "()", "(mse", "mse)", "mse +", "+ mse", "mse + + l1", "mse - l1",
        "mse * 0.5", "0.5*0.5*mse", "-1*mse", "mse, l1", "mse; l1", "mse\nl1", "mse(1)", "mse()()",
        "mse(weight=)", "mse(**{})", "mse(*())", "mse.backward", "mse[0]", "mse if 1 else l1",
        "1if 1else l1",
        "lambda: mse", "(x := mse)", "await mse", "True*mse", "None*mse", "inf*mse", "nan*mse",
        "1e999*mse", "1j*mse", "'1'*mse", "mse + 'l1'", "__import__('os').system('true')",
        "exec('1')", "f'{mse}'", "mse # l1", "٣*mse", "ｍｓｅ", "mse＋l1", "0.5×mse", "0,5*mse",
        "mse\0", "mse\u202e", "mse\ud800", "@mse", "mse\\\n+ l1", "(" * 300, "-" * 499 + "1",
        "<script>alert(1)</script>", "../../etc/passwd", "%s%s%n", "' OR 1=1 --",
    ],
    "degradation": [
        "", "motion_blur(9)", "motion_blur + none", "motion_blur(length=nine)",
        "motion_blur(length=inf)", "motion_blur(length=-9)", "gaussian_noise(sigma=1e999)",
        "gaussian_noise(sigma=٠)", "gaussian_noise(clip=True)", "gaussian_noise(clip=false)",
        "0.5*gaussian_noise", "gaussian_noise(sigma=0.1 + 0.1)", "gaussian_noise(sigma=0.1))",
        f"gaussian_noise(seed={'9' * 400})", "gaussian_noise(seed=open('x'))",
    ],
    "protocol": ["", "ours + skimage", "ours(border=__import__('os'))", "ours(4)", "ours\0"],
}  # fmt: skip
REFUSED = {
    ("loss", "sharp"): "no loss 'sharp'",
    ("loss", "MSE"): "no loss 'MSE'",
    ("loss", "__debug__"): "no loss '__debug__'",
    ("loss", "x" * 400): "no loss 'xxx",
    ("loss", "mse(weight=1)"): "no parameter 'weight'",
    ("loss", f"mse({'w' * 400}=1)"): "no parameter 'www",
    ("loss", "frequency_radial(weight=1, weight=2)"): "'weight' is given twice",
    ("loss", "+".join(["mse"] * 126)): LONG,
    ("loss", "mse" + " " * 600): LONG,
    ("loss", "+".join(["mse"] * 100)): LONG,
    ("loss", "+".join(["9e9*mse"] * 50)): LONG,
    ("degradation", "blur"): "no degradation 'blur'",
    ("degradation", "motion_blur(speed=3)"): "no parameter 'speed'",
    ("degradation", "motion_blur(length=99)"): "1 to 31",
    ("degradation", "motion_blur(length=1e308)"): "1 to 31",
    ("degradation", "motion_blur(length=9, length=9)"): "'length' is given twice",
    ("degradation", "gaussian_noise(seed=7.5)"): "whole numbers from 0 to 999999",
    ("degradation", "gaussian_noise(seed=1000000)"): "whole numbers from 0 to 999999",
    ("degradation", "gaussian_noise(clip=2)"): "0 or 1",
    ("degradation", "x" * 501): LONG,
    ("protocol", "matlab"): "no protocol 'matlab'",
    ("protocol", "ours(border=1.5)"): "0 to 256",
    ("protocol", "ours(border=1e300)"): "0 to 256",
    ("protocol", "ours(border=1, border=2)"): "'border' is given twice",
    ("protocol", "ours(cut=4)"): "no parameter 'cut'",
}


def _case(kind: str, text: str, outcome: Outcome, expected: str) -> Case:
    shown = text if len(text) < 60 else f"{text[:12]}… ({len(text)} characters)"
    return Case(f"{kind} `{ascii(shown)[1:-1]}`", outcome, lambda: (kind, text), expected)


CASES = [
    *(_case(*one, Outcome.SHOWN, normal) for one, normal in READ.items()),
    *(
        _case(kind, text, Outcome.REFUSED, CANNOT.format(kind))
        for kind, texts in UNREADABLE.items()
        for text in texts
    ),
    *(_case(*one, Outcome.REFUSED, told) for one, told in REFUSED.items()),
]
