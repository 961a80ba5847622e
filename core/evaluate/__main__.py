"""Measure variants on images: `python -m core.evaluate PATH… --out results.parquet`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..base.cli import add_json, check_json, exit_code, write_json
from ..base.files import check_writable
from ..base.launch import alone_on, processes
from ..base.paths import CHECKPOINTS
from ..imaging.decoding import BY_TYPE, RANGES
from ..sets.names import SOURCES

if TYPE_CHECKING:
    from .run import Outcome
    from .settings import Settings
    from .work import Work

OUTPUT = Path(".runs/evaluation.parquet")
MOST = 16  # images of a chunk


def arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m core.evaluate",
        description="Measure variants on images: a row for each image, degradation and variant.",
        epilog="A run that was stopped goes on when the same command is given again. With "
        "`torchrun --nproc-per-node N -m core.evaluate …` N processes share the work; "
        "the table is the same.",
    )
    parser.add_argument(
        "paths", nargs="+", type=Path, metavar="PATH",
        help="images, or folders with images at any depth; x_noised.* is taken as the measurement "
        "of x_raw.*, x_noisy.* as that of x.*, what lies in folders such as noisy and clean as "
        "pairs, and folders beside them as outputs; every other image is clean and gets degraded",
    )  # fmt: skip
    parser.add_argument(
        "--variants", nargs="+", default=[], metavar="NAME",
        help="default: every trained and classical one; with --write-cards every trained one",
    )  # fmt: skip
    parser.add_argument(
        "--degradation", nargs="+", default=[], metavar="EXPR",
        help="such as 'motion_blur_noise(length=9, angle=20)', several for a sweep; default: "
        "'gaussian_noise(sigma=0.15)', with --write-cards what each was trained on",
    )  # fmt: skip
    parser.add_argument(
        "--metrics", nargs="+", default=[], metavar="KEY", help="columns; default: every metric"
    )
    parser.add_argument(
        "--protocol", default="ours", metavar="KEY",
        help="how images are prepared for MSE, PSNR and SSIM: ours, skimage, basicsr_y, or one "
        "changed, as 'basicsr_y(border=2)'; default: ours",
    )  # fmt: skip
    parser.add_argument(
        "--clean", type=Path, metavar="DIR",
        help="PATHs are measurements; their clean images have the same names below DIR, but for "
        "what people add to names, as _noisy, _gt or x4",
    )  # fmt: skip
    parser.add_argument(
        "--outputs", nargs="+", default=[], type=named_folder, metavar="NAME=DIR",
        help="what a method made of the PATHs, as images of the same names below DIR; measured as "
        "variant NAME, and without --variants no network runs",
    )  # fmt: skip
    parser.add_argument(
        "--network", nargs="+", default=[], metavar="[NAME=]FILE",
        help="networks of yours, from their weights: variant files of LossLens, and state dicts "
        "of its architectures and of published ones; without --variants no other network runs",
    )  # fmt: skip
    parser.add_argument(
        "--values", default=BY_TYPE.key, choices=RANGES.keys(),
        help="how values deeper than 8 bits are read: by their type, from their own minimum to "
        "maximum, or as one of these ranges; default: type (docs/files.md)",
    )  # fmt: skip
    parser.add_argument("--crop", type=int, metavar="SIDE", help="cut this much from the middle")
    parser.add_argument(
        "--batch", type=int, default=1, metavar="N",
        help=f"images of one size that a network sees at once, up to {MOST}; for GPUs",
    )  # fmt: skip
    parser.add_argument(
        "--threads", type=int, metavar="N",
        help="images at once in each process; default: cores over processes",
    )  # fmt: skip
    parser.add_argument(
        "--checkpoints", type=Path, default=CHECKPOINTS, metavar="DIR", help="the variants' folder"
    )
    parser.add_argument(
        "--write-cards", action="store_true",
        help="keep the means in the trained variants' cards; with --crop 224",
    )  # fmt: skip
    add_json(parser)
    parser.add_argument(
        "--out", type=Path, default=OUTPUT, metavar="FILE",
        help=f"the table, in Parquet; default: {OUTPUT}",
    )  # fmt: skip
    return parser.parse_args(argv)


def named_folder(text: str) -> tuple[str, Path]:
    """The name and the folder of "NAME=DIR"."""
    name, equals, folder = text.partition("=")
    if not (name and equals and folder):
        raise argparse.ArgumentTypeError(f"'{text}' is not NAME=DIR, a method and its folder.")
    return name, Path(folder)


def outputs_of(options: argparse.Namespace) -> dict[str, Path]:
    """Method -> folder, as asked for. Raises `ValueError` for names that cannot be a method's."""
    outputs = dict(options.outputs)
    if len(outputs) < len(options.outputs):
        raise ValueError("--outputs has a NAME twice.")
    role = next((name for name in outputs if name in SOURCES), None)
    if role:
        raise ValueError(f"--outputs {role}=… says a role; give the method another name.")
    return outputs


def check_outputs(options: argparse.Namespace, work: Work) -> None:
    """Raise `ValueError` for what does not go with outputs."""
    if options.degradation:
        raise ValueError("With outputs the images are degraded already: no --degradation.")
    run = next((name for name in ("variants", "network") if getattr(options, name)), None)
    if run and not work.pairs:
        raise ValueError(f"There is no measurement for --{run}, only clean images and outputs.")


def prepare(options: argparse.Namespace) -> tuple[Work, Settings]:
    """What to measure, and with what. Raises `ValueError` for whatever is wrong with it."""
    # Imported here: the command's --help needs no torch.
    from .cards import check_protocol
    from .networks import named_network, open_networks
    from .settings import make_settings
    from .work import find_work

    if not 1 <= options.batch <= MOST:
        raise ValueError(f"--batch is {options.batch}; it can be 1 to {MOST}.")
    if options.threads is not None and options.threads < 1:
        raise ValueError(f"--threads is {options.threads}; it must be at least 1.")
    if options.out.is_dir():
        raise ValueError(f"--out '{options.out}' is a folder.")
    check_json(options.json)
    check_writable(options.out)
    if not options.checkpoints.is_dir():
        raise ValueError(f"There is no folder '{options.checkpoints}' with variants.")
    if options.clean and options.degradation:
        raise ValueError("--clean means that the images are degraded already: no --degradation.")
    if options.network and options.write_cards:
        raise ValueError("--write-cards is for the variants here: a --network has no card.")
    work = find_work(options.paths, options.clean, outputs_of(options))
    if work.methods:
        check_outputs(options, work)
    settings = make_settings(
        options.variants,
        options.degradation,
        options.metrics,
        options.checkpoints,
        options.crop,
        trained=options.write_cards,
        protocol=options.protocol,
        outputs=work.methods,
        values=options.values,
        networks=open_networks([named_network(text) for text in options.network]),
    )
    if options.write_cards:
        check_protocol(settings, work)
    return work, settings


def threads_of(options: argparse.Namespace, count: int) -> int:
    """Images at once in each of `count` processes, of which this machine may have a part."""
    here = int(os.environ.get("LOCAL_WORLD_SIZE", count))
    return options.threads or max(1, (os.cpu_count() or 1) // here)


def report(
    options: argparse.Namespace, work: Work, settings: Settings, outcome: Outcome, count: int
) -> None:
    """Print the means, the bad images and the speed; then write what was asked for besides."""
    from .cards import write_cards
    from .summary import left_out, render, render_bad

    clean = len(work.items) - work.pairs
    print(f"{clean:,} clean images, {work.pairs:,} pairs, {len(work.bad):,} halves of pairs.")
    print(render(outcome.means, settings.metrics))
    print(f"Protocol {settings.protocol.key}: {settings.protocol.sentence}")
    for line in (line for one in settings.networks for line in one.lines):
        print(line)
    for key, why in settings.absent().items():
        print(f"{key}: {why}")
    for line in left_out(options.variants, options.checkpoints):
        print(line)
    if outcome.bad:
        print(render_bad(outcome.bad))
    speed = outcome.images / outcome.seconds
    print(
        f"{outcome.images:,} images in {outcome.seconds:.1f} s: {speed:.2f} images/s, "
        f"{count} x {threads_of(options, count)} at once."
    )
    print(f"Wrote {options.out}")
    write_json(options.json, outcome.means)
    if options.write_cards:
        write_cards(outcome.means, settings, options.paths)


def measure(options: argparse.Namespace) -> None:
    work, settings = prepare(options)
    from .run import evaluate

    with processes() as state, alone_on(options.out, state):
        count = state.num_processes
        outcome = evaluate(
            work, settings, options.out, state,
            batch=options.batch, threads=threads_of(options, count),
        )  # fmt: skip
    if outcome:
        report(options, work, settings, outcome, count)


def main(argv: Sequence[str] | None = None) -> int:
    options = arguments(argv)
    return exit_code("core.evaluate", lambda: measure(options))


if __name__ == "__main__":
    sys.exit(main())
