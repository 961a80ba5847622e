"""Files of own losses.

Each is made as (file name, text), and put beside one that is sound. Expected is a pattern of the
sentence.
"""

from __future__ import annotations

from .case import Case, Outcome

LOSS = "def {name}(output, target, weight=1.0):\n    return {value}\n"
SOUND = "weight * (output - target).abs().mean((1, 2, 3))"
RETURNED = {
    "one value for all images": ("(output - target).abs().mean()", r"one value per .* gives \(\)"),
    "a map": ("output - target", r"gives \(2, 3, 32, 40\)"),
    "a plain number": ("1.0", r"gives 1\.0"),
    "nothing": ("None", r"gives None"),
    "an error": ("output @ target[0, 0]", r"fails on images \(2, 3, 32, 40\): RuntimeError"),
    "NaN": ("(output - target - 9).log().mean((1, 2, 3))", r"gives \[nan, nan\] on random images"),
    "infinity": ("(output * 0).pow(-1).mean((1, 2, 3))", r"gives \[inf, inf\]"),
    "whole numbers": ("(output - target).mean((1, 2, 3)).long()", r"gives \[0, 0\]"),
    "no gradient": ("(output > target).float().mean((1, 2, 3))", "no gradient: nothing in it"),
    "the target alone": ("target.mean((1, 2, 3))", "no gradient: nothing in it"),
    "a gradient without end": (
        "(output - output).abs().sqrt().mean((1, 2, 3))",
        "gradient that is no finite number",
    ),
}
"""What a function gives."""
WRITTEN = {
    "an empty file": ("", "no function 'broken'"),
    "a syntax error": ("def broken(output, target)\n", "no Python in line 1: expected ':'"),
    "a null byte": ("x = 1\0", "no Python|cannot be run"),
    "a division by zero": ("1 / 0", "cannot be run: ZeroDivisionError, division by zero"),
    "an end of the program": ("raise SystemExit(3)", "cannot be run: SystemExit"),
    "a missing module": ("import no_such_module", "cannot be run: ModuleNotFoundError"),
    "another name": (LOSS.format(name="other", value=SOUND), "no function 'broken'"),
    "a number of that name": ("broken = 3", "no function 'broken'"),
    "no target": ("def broken(output): return output", r"must begin with \(output, target\)"),
    "a text as an argument": ("def broken(output, target, way='l1'): ...", "'way' is none"),
    "an argument without a default": ("def broken(output, target, w): ...", "'w' is none"),
    "any arguments": ("def broken(output, target, **more): ...", "'more' is none"),
}
"""What stands in broken.py."""
NAMED = {
    "mse.py": "has the name of one that exists",
    "My loss.py": "small letters",
    "lambda.py": "small letters",
    "1st.py": "small letters",
    "_hidden.py": "small letters",
}


def _case(name: str, file: str, text: str, said: str) -> Case:
    return Case(name, Outcome.REFUSED, lambda: (file, text), said)


CASES = [
    *(
        _case(f"a function that gives {what}", "broken.py", LOSS.format(name="broken", value=v), s)
        for what, (v, s) in RETURNED.items()
    ),
    *(_case(f"{what}", "broken.py", text, said) for what, (text, said) in WRITTEN.items()),
    *(
        _case(f"`{file}`", file, LOSS.format(name="f", value=SOUND), said)
        for file, said in NAMED.items()
    ),
    Case("a test", Outcome.IGNORED, lambda: ("test_mine.py", "raise RuntimeError")),
    Case("a text file", Outcome.IGNORED, lambda: ("notes.txt", "broken")),
]
