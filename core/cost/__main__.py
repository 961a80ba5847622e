"""What each network costs: `python -m core.cost [MODEL…] [--size PIXELS] [--json FILE]`."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

import torch
from torch import Tensor, nn
from tqdm import tqdm

from ..base.cli import add_json, check_json, exit_code, write_json
from ..models import MODELS, ModelSpec, spec_of

SIZE = 224  # the sources' pictures
LEAST, MOST = 16, 1024  # what networks take, and what is restored whole
PATCHES = (8, 16, 32)  # the course's exercise: what a patch's side does to tokens and attention
ROUNDS = 7
BATCHED = (torch.ops.aten.bmm, torch.ops.aten.baddbmm)  # nothing but attention uses them


@dataclass(frozen=True)
class Cost:
    """What a network costs: numbers that depend on no machine.

    `parameters` counts the `frozen` ones of a shared ViT too. `tokens` is what it attends over, 0
    where it does not. `multiply_adds` are those for one image, `attention` the part of them that
    grows with the square of the tokens; None for a method without weights, which does other work.
    """

    parameters: int
    frozen: int
    tokens: int
    multiply_adds: int | None
    attention: int | None


@dataclass(frozen=True)
class Row:
    """A line of the table: a model, what it is built with other than usual, and its cost."""

    spec: ModelSpec
    cost: Cost
    arguments: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The key with the arguments that set it apart, e.g. `vit_reconstructor(patch=16)`."""
        words = ", ".join(f"{name}={value}" for name, value in self.arguments.items())
        return f"{self.spec.key}({words})" if words else self.spec.key

    def build(self) -> nn.Module:
        """The network, with random weights, as it is run and not trained."""
        return self.spec(**self.arguments).eval()


# Counting ------------------------------------------------------------------------------------


def multiply_adds(model: Callable[[Tensor], Tensor], *shape: int) -> tuple[int, int]:
    """Multiply-adds of a network on an input of this shape, and how many of them attention's are.

    Nothing is computed, only counted: the products of convolutions, linear layers and attention.
    Activations, norms, resizing and the adding of biases are left out, as is usual. Attention's
    are queries times keys and weights times values; its projections are linear layers.
    """
    from torch._subclasses.fake_tensor import FakeTensorMode
    from torch.nn.attention import SDPBackend, sdpa_kernel
    from torch.utils.flop_counter import FlopCounterMode

    counter = FlopCounterMode(display=False)
    # On a CPU the counter passes over attention that is fused into one step, so it is split into
    # its two batched matrix products. With gradients off, `nn.MultiheadAttention` would fuse its
    # projections too.
    with (
        torch.enable_grad(),
        FakeTensorMode(allow_non_fake_inputs=True),
        sdpa_kernel(SDPBackend.MATH),
        counter,
    ):
        model(torch.empty(shape))
    counts = counter.get_flop_counts().get("Global", {})  # nothing counted: no entry
    batched = sum(counts.get(product, 0) for product in BATCHED)
    return counter.get_total_flops() // 2, batched // 2


def weights(model: nn.Module) -> list[nn.Parameter]:
    """Every parameter of a network, those of the frozen ViT that it shares included."""
    parts = (model, getattr(model, "encoder", None))
    found = {id(p): p for part in parts if part is not None for p in part.parameters()}
    return list(found.values())


def cost(model: nn.Module, size: int = SIZE) -> Cost:
    """What a network of the table `MODELS` costs on an image of `size` x `size` pixels.

    Raises `ValueError` for other networks and for a size outside 16 to 1024.
    """
    check_size(size)
    spec = spec_of(model)
    if spec is None:
        known = ", ".join(MODELS)
        raise ValueError(f"{type(model).__name__} is no network of the table, which has: {known}.")
    parameters = weights(model)
    counted = multiply_adds(model, 1, 3, size, size) if parameters else (None, None)
    return Cost(
        parameters=sum(p.numel() for p in parameters),
        frozen=sum(p.numel() for p in parameters if not p.requires_grad),
        tokens=spec.tokens(model, size, size),
        multiply_adds=counted[0],
        attention=counted[1],
    )


def check_size(size: int) -> None:
    """Raise `ValueError` for a size that not every network takes, or that is not run whole."""
    if not LEAST <= size <= MOST:
        raise ValueError(f"The size is {size} pixels; it must be {LEAST} to {MOST}.")


def _sets_of_arguments(spec: ModelSpec) -> list[dict[str, Any]]:
    """What a model is built with, one set for each of its lines."""
    if spec.defaults.get("patch") in PATCHES:
        return [{"patch": patch} for patch in PATCHES]
    return [{}]


def rows(models: Iterable[str] = MODELS, size: int = SIZE) -> list[Row]:
    """A row for each model, in the order given; models with a patch have one for each side.

    Raises `ValueError`, listing what exists, for an unknown model, and for a size outside 16 to
    1024.
    """
    return [
        Row(spec, cost(spec(**arguments), size), arguments)
        for spec in [MODELS[key] for key in models]
        for arguments in _sets_of_arguments(spec)
    ]


# Timing --------------------------------------------------------------------------------------


def interleaved(works: Sequence[Callable[[], object]], rounds: int) -> Iterator[float]:
    """Seconds of processor time of each call: all of them in turn, round after round.

    So whatever slows the machine for a while slows all. One round more beforehand warms up.
    """
    from ..bench.timing import seconds

    for work in works:
        work()
    for _ in range(rounds):
        for work in works:
            yield seconds(work, time.process_time)


def milliseconds(
    table: Sequence[Row], size: int = SIZE, rounds: int = ROUNDS, show: bool = False
) -> list[float]:
    """How long each row's network takes for one image, one thread: the median over rounds."""
    from ..bench.timing import torch_threads

    networks = [row.build() for row in table]
    image = torch.rand(1, 3, size, size, generator=torch.Generator().manual_seed(0))
    works = [lambda network=network: network(image) for network in networks]
    with torch_threads(1), torch.inference_mode():
        times = interleaved(works, rounds)
        total = rounds * len(works)
        taken = list(tqdm(times, "Timing", total, unit="pass", disable=None if show else True))
    return [1000 * median(taken[number :: len(works)]) for number in range(len(works))]


# The command ---------------------------------------------------------------------------------

HEADER = (
    "model", "parameters", "frozen", "tokens", "multiply-adds", "of attention", "milliseconds",
)  # fmt: skip


def millions(count: int | None) -> str:
    """A number of multiply-adds for people, e.g. `629.4 M`; a dash for None."""
    return "-" if count is None else f"{count / 1e6:,.1f} M"


def render(table: Sequence[Row], times: Sequence[float]) -> str:
    """The rows as aligned text, numbers to the right."""
    lines = [HEADER] + [
        (
            row.name,
            f"{row.cost.parameters:,}",
            f"{row.cost.frozen:,}",
            f"{row.cost.tokens:,}",
            millions(row.cost.multiply_adds),
            millions(row.cost.attention),
            f"{taken:,.1f}",
        )
        for row, taken in zip(table, times, strict=True)
    ]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join([line[0].ljust(widths[0]), *map(str.rjust, line[1:], widths[1:])])
        for line in lines
    )


def as_json(table: Sequence[Row], times: Sequence[float], size: int) -> list[dict[str, Any]]:
    """The rows as `--json` writes them."""
    return [
        {
            "model": row.spec.key,
            "arguments": {**row.spec.defaults, **row.arguments},
            "size": size,
            **vars(row.cost),
            "milliseconds": taken,
        }
        for row, taken in zip(table, times, strict=True)
    ]


def arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m core.cost",
        description="Parameters, tokens, multiply-adds and milliseconds of each network for one "
        "image, on one thread; the ViT reconstructor with patches of 8, 16 and 32 pixels.",
    )
    parser.add_argument("models", nargs="*", metavar="MODEL", help="which; default: all")
    parser.add_argument(
        "--size", type=int, default=SIZE, metavar="PIXELS",
        help=f"the image's side, {LEAST} to {MOST}; default: {SIZE}",
    )  # fmt: skip
    add_json(parser, "the table")
    return parser.parse_args(argv)


def work(options: argparse.Namespace) -> None:
    check_json(options.json)
    table = rows(options.models or MODELS, options.size)
    times = milliseconds(table, options.size, show=True)
    write_json(options.json, as_json(table, times, options.size))
    print(render(table, times))


def main(argv: Sequence[str] | None = None) -> int:
    options = arguments(argv)
    return exit_code("core.cost", lambda: work(options))


if __name__ == "__main__":
    sys.exit(main())
