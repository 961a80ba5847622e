"""Write a loss of your own to begin with, and its test: `python -m core.losses.new NAME`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from ..base.cli import exit_code
from ..base.files import write_whole
from ..base.own_losses import FLAG, OWN_LOSSES, own_folder

LOSS = '''"""A loss of your own: the mean absolute difference, to be changed."""

LABEL = "{label}"
FORMULA = "weight * mean |output - target|"
TEX = r"\\frac{{w}}{{n}}\\sum_i|\\hat x_i-x_i|"
REWARDS = "what an output is rewarded for, in half a sentence"
LOOK_FOR = "what you expect to see in what is trained with it"


def {name}(output, target, weight=1.0):
    """`(N, 3, H, W)` twice, in [0, 1] -> `(N,)`: one value per picture, the smaller the better."""
    return weight * (output - target).abs().mean(dim=(1, 2, 3))
'''

TEST = '''"""What every loss must keep; run it from LossLens's folder."""

from pathlib import Path

import torch

from core.losses.own import read_loss

LOSS = read_loss(Path(__file__).with_name("{name}.py"))


def pair(count=2):
    generator = torch.Generator().manual_seed(0)
    return torch.rand(2, count, 3, 48, 64, generator=generator, dtype=torch.float64)


def test_one_value_per_picture_and_pictures_do_not_mix():
    output, target = pair()
    alone = [LOSS(output[[i]], target[[i]]) for i in range(len(output))]
    torch.testing.assert_close(LOSS(output, target), torch.cat(alone))


def test_it_is_smallest_at_the_target():
    output, target = pair()
    assert (LOSS(target, target) < LOSS(output, target)).all()


def test_a_small_step_against_the_gradient_descends():
    output, target = pair(1)
    output.requires_grad_()
    before = LOSS(output, target)
    (gradient,) = torch.autograd.grad(before.sum(), output)
    after = LOSS(output - 1e-4 * gradient / gradient.abs().max(), target)
    assert after < before


def test_its_gradient_is_finite_where_nothing_is_wrong():
    output, target = pair()[1].clone().requires_grad_(), pair()[1]
    LOSS(output, target).sum().backward()
    assert output.grad.isfinite().all()
'''

TOLD = """Wrote {loss}
Wrote {test}

Change the first, then look at it:
  {variable}=1 make run          the dashboard: pages Losses and Lab
  python -m core.open RESULTS {flag}
  python -m core.train NAME {flag}
  python -m pytest {test}"""


def write_new(name: str, folder: Path) -> tuple[Path, Path]:
    """Write the template of a loss and its test, and give their paths.

    Raises `ValueError` for a name that no loss can have or that is taken, and for files that are
    there.
    """
    from . import LOSSES
    from .own import TEST as PREFIX
    from .own import check_name, taken

    loss, test = folder / f"{name}.py", folder / f"{PREFIX}{name}.py"
    check_name(loss)
    if name in LOSSES:
        raise ValueError(taken(loss))
    for path in (loss, test):
        if path.exists():
            raise ValueError(f"There is a file '{path}' already; nothing was written.")
    folder.mkdir(parents=True, exist_ok=True)
    for path, text in ((loss, LOSS), (test, TEST)):
        write_whole(path, text.format(name=name, label=name.replace("_", " ")))
    return loss, test


def arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m core.losses.new", description=__doc__)
    parser.add_argument(
        "name", metavar="NAME", help="small letters, digits and _, such as my_loss"
    )
    parser.add_argument(
        "--folder", type=Path, metavar="DIR", help="by default losses/ of the data folder"
    )
    return parser.parse_args(argv)


def work(options: argparse.Namespace) -> None:
    loss, test = write_new(options.name, options.folder or own_folder())
    print(TOLD.format(loss=loss, test=test, variable=OWN_LOSSES, flag=FLAG))


def main(argv: Sequence[str] | None = None) -> int:
    options = arguments(argv)
    return exit_code("core.losses.new", lambda: work(options))


if __name__ == "__main__":
    sys.exit(main())
