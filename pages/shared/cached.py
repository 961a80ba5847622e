"""The only caches. Keys are digests of contents, arrays travel beside them as `_image`.

The platform hashes large arrays from a sample, so that two pictures could share a key; and what
its data cache returns is a copy each time. Hence digests, and read-only results that are shared.
What is large, or as many as visitors like, is `kept`: bounded in bytes. The rest are a few of a
kind that the server has anyway.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from functools import partial, wraps
from inspect import signature
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import numpy as np
import streamlit as st

from core.imaging.decoding import BY_TYPE
from core.imaging.images import Region
from pages.shared import departures, garbage
from pages.shared.jobs import Job
from pages.shared.line import Line
from pages.shared.store import store
from pages.shared.values import Picture, picture_of
from pages.shared.visits import Visit, owner

if TYPE_CHECKING:
    from torch import Tensor, nn

    from core.degradations import Degradation, Switch
    from core.imaging.decoding import Decoded
    from core.leaderboard import ClaimSpec, Finding
    from core.leaderboard.results import Results
    from core.models.vit_encoder import Encoder
    from core.sets import PictureSet, SetPicture
    from core.statistics import Interval
    from core.variants.library import Kept, Library
    from core.variants.store import Card
    from pages.shared.linked_viewer import EncodedImage

P, T = ParamSpec("P"), TypeVar("T")
resource = partial(st.cache_resource, show_spinner=False)
DECODING = Lock()
PHOTOS = 500_000_000
"""Bytes of decoded files together: of a large one only a part is looked at."""


def kept(function: Callable[P, T], *, within: int | None = None) -> Callable[P, T]:
    """Keep what a function gives, by its arguments without those that begin with an underscore.

    With `within`, all that it gives is held to so many bytes: what takes more memory than all
    that is made of it, and can be had again.
    """
    name, takes = function.__qualname__, signature(function)

    @wraps(function)
    def found(*args: P.args, **kwargs: P.kwargs) -> T:
        given = takes.bind(*args, **kwargs).arguments
        key = tuple(value for argument, value in given.items() if argument[0] != "_")
        make = partial(function, *args, **kwargs)
        return store().get((name, *key), make, owner(), within)

    found.clear = lambda: store().forget(name)
    return found


def forget_everything() -> None:
    """Empty every cache; for tests."""
    st.cache_resource.clear()
    store().forget()


# Pictures ----------------------------------------------------------------------------------------


@kept
def gallery_array(key: str) -> np.ndarray:
    """A gallery picture, uint8 (H, W, 3), read-only."""
    from core.imaging.gallery import GALLERY

    array = GALLERY[key]()
    array.setflags(write=False)
    return array


def uploaded_picture(data: bytes, values: str = BY_TYPE.key) -> Decoded:
    """A file's picture, its pixels read-only. Raises `ImageError` in one sentence.

    One file at a time: decoding takes several times the memory of the picture.
    """
    from core.imaging.decoding import read_picture

    with DECODING:
        found = read_picture(data, values)
    found.pixels.setflags(write=False)
    return found


@partial(kept, within=PHOTOS)
def decoded(digest: str, _read: Callable[[], np.ndarray]) -> np.ndarray:
    """The uploaded picture of this digest; its visit has the file."""
    return _read()


@resource(max_entries=2)
def opened_set(text: str) -> PictureSet | None:
    """The set that the server was started with, None without one; `text` is in JSON."""
    if not text:
        return None
    from core.sets.request import Request

    request = Request.parse(text)
    return request.open() if request.has_pictures else None


@partial(kept, within=PHOTOS)
def set_picture(
    digest: str, index: int, role: str, values: str, _picture: SetPicture
) -> Decoded | None:
    """What a role has at a place of a set, None if there is none; `values` as in `read`."""
    with DECODING:
        return _picture.read(role, values)


@kept
def set_is_deep(digest: str, index: int, _picture: SetPicture) -> bool:
    """Whether a file at a place of a set has values of more than 8 bits."""
    return _picture.is_deep


@kept
def set_thumbnail(
    digest: str, index: int, side: int, values: str, _picture: SetPicture
) -> np.ndarray:
    """A small picture of what stands at a place of a set. Raises `ValueError`."""
    from core.imaging.images import thumbnail as smaller

    with DECODING:
        roles = [*("clean", "noisy"), *_picture.outputs]
        first = next(role for role in roles if role in _picture.files)
        return smaller(_picture.read(first, values).pixels, side)


@kept
def array_digest(name: str, _image: np.ndarray) -> str:
    """The digest of an array that `name` stands for."""
    from core.imaging.images import digest

    return digest(_image)


@kept
def thumbnail(digest: str, side: int, _read: Callable[[], np.ndarray]) -> np.ndarray:
    """The picture with no side over `side` pixels."""
    from core.imaging.images import thumbnail as smaller

    return smaller(_read(), side)


@kept
def clean_picture(digest: str, part: str | None, _read: Callable[[], np.ndarray]) -> Picture:
    """The part of a picture that is looked at, as an image."""
    from core.imaging.images import crop, to_tensor

    image = _read()
    chosen = crop(image, Region.parse(part)) if part else image
    return picture_of(to_tensor(np.ascontiguousarray(chosen)))


@kept
def measurement(
    digest: str, degradation: str, parameters: tuple[tuple[str, float], ...], _image: Tensor
) -> Picture:
    """What a degradation makes of the image of this digest.

    Its image holds the values as they are, beyond [0, 1] where the noise is not clipped: that is
    what is restored, measured and named by the digest. Only the array that is drawn is clipped.
    """
    from core.degradations import DEGRADATIONS

    return picture_of(DEGRADATIONS[degradation](_image[None], **dict(parameters))[0])


def clipping_of(clean: Picture, degradation: Degradation) -> str:
    """What clipping its noise does to a clean picture, in a sentence; empty where it is little."""
    return _clipping_of(clean.digest, str(degradation), clean.image, degradation)


@kept
def _clipping_of(digest: str, text: str, _image: Tensor, _degradation: Degradation) -> str:
    from core.degradations import clipping

    found = clipping(_degradation, _image)
    return found.sentence if found else ""


def suited(switch: Switch, digest: str, read: Callable[[], np.ndarray]) -> bool:
    """Where a switch starts on the picture of this digest."""
    return _suited(switch.name, digest, switch, read)


@kept
def _suited(name: str, digest: str, _switch: Switch, _read: Callable[[], np.ndarray]) -> bool:
    return _switch.suited(_read())


@kept
def encoded(digest: str, _image: np.ndarray) -> EncodedImage:
    """The picture of this digest as the viewer sends it."""
    from pages.shared.linked_viewer import encode_image

    return encode_image(_image)


# Variants ----------------------------------------------------------------------------------------


def variants_folder() -> Path:
    """Where the variant files are."""
    from core.base.paths import CHECKPOINTS

    return CHECKPOINTS


def variant_names() -> set[str]:
    """The names of the files in the variants' folder, whatever they hold."""
    return {path.stem for path in variants_folder().glob("*.safetensors")}


def cards(*, hidden: bool = False) -> dict[str, Card]:
    """The cards of all variants on offer by name; if asked, hidden ones too.

    The story's come first, then the other trained ones, then the classical ones.
    """
    found = _folder_contents(_stamp(variants_folder()))[0]
    return {card.name: card for card in found if hidden or not card.hidden}


def refused() -> dict[str, str]:
    """File name -> why it was refused."""
    return _folder_contents(_stamp(variants_folder()))[1]


Stamp = tuple[tuple[str, tuple[int, ...] | None], ...]


def _stamp(folder: Path) -> Stamp:
    """What changes when a file is added, removed or replaced."""
    from core.base.files import shown, signature

    return tuple((shown(path), signature(path)) for path in sorted(folder.glob("*.safetensors")))


@resource(max_entries=4)
def _folder_contents(stamp: Stamp) -> tuple[list[Card], dict[str, str]]:
    from core.variants.featured import story_first
    from core.variants.store import list_variants, refused_variants

    folder = variants_folder()
    return story_first(list_variants(folder, hidden=True)), refused_variants(folder)


# Measured before ---------------------------------------------------------------------------------


def leaderboard() -> Results:
    """What was measured on the test set. Raises `ValueError` in one sentence if it is not here."""
    return _leaderboard(leaderboard_stamp())


def leaderboard_stamp() -> str:
    """Names the very results that are here."""
    return _file_stamp(leaderboard_file())


def leaderboard_file() -> Path:
    """Where the results are."""
    from core.leaderboard.results import RESULTS

    return RESULTS


@resource(max_entries=2)
def _leaderboard(stamp: str) -> Results:
    from core.leaderboard.results import read_results

    return read_results(leaderboard_file())


def evaluation(path: Path) -> tuple[str, Results]:
    """A file of `core.evaluate` on the server: what names its content, and its results.

    Raises `ValueError` in one sentence.
    """
    stamp = f"{_file_stamp(path)} {_stamp(variants_folder())}"
    return stamp, _evaluation(stamp, path)


@resource(max_entries=4)
def _evaluation(stamp: str, _path: Path) -> Results:
    from core.leaderboard.evaluation import read_evaluation

    return read_evaluation(_path, folder=variants_folder())


def _file_stamp(path: Path) -> str:
    """What changes when a file is replaced."""
    from core.base.files import signature

    return f"{path} {signature(path)}"


@kept
def differences(
    stamp: str, condition: str, metrics: tuple[str, ...], baseline: str, _results: Results
) -> Mapping[tuple[str, str], Interval]:
    """(Metric, variant) -> its difference to a baseline in the results that `stamp` names."""
    from core.leaderboard.ranks import differences_in

    return differences_in(_results, condition, metrics, baseline)


@kept
def ranks(
    stamp: str, condition: str, metrics: tuple[str, ...], names: tuple[str, ...], _results: Results
) -> Mapping[tuple[str, str], int | None]:
    """(Metric, variant) -> its rank among these variants, None where there is none."""
    from core.leaderboard.ranks import ranks_in

    found = {metric: ranks_in(_results, metric, condition, names) for metric in metrics}
    return {(metric, name): rank for metric in metrics for name, rank in found[metric].items()}


def claims() -> list[tuple[ClaimSpec, Finding]]:
    """What the results say of each of the sources' claims."""
    return _claims(_file_stamp(leaderboard_file()))


@resource(max_entries=2)
def _claims(stamp: str) -> list[tuple[ClaimSpec, Finding]]:
    from core.leaderboard.claims import claims as measured_claims

    return measured_claims(leaderboard())


def cost_of(model: str, arguments: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What a network with all these arguments costs, as the command measured it, or None."""
    from core.cost.results import RESULTS, cost_of

    return cost_of(_costs(_file_stamp(RESULTS)), model, arguments)


@resource(max_entries=2)
def _costs(stamp: str) -> list[dict[str, Any]]:
    from core.cost.results import read_costs

    return read_costs()


@resource(max_entries=1)
def own_networks() -> dict[str, tuple[Library, Kept]]:
    """Name -> where a network is that somebody brought; visits write down those they list.

    Threads that restore know no visit; a name holds the digest of the weights.
    """
    return {}


def variant_stamp(name: str) -> str:
    """Names the very file that holds a variant; a classical one has none."""
    if name in own_networks():
        library, kept = own_networks()[name]
        return library.stamp(kept)
    return _file_stamp(variants_folder() / f"{name}.safetensors")


def model(name: str) -> nn.Module:
    """A variant's network, shared by all sessions. Raises `ValueError` in one sentence."""
    make = _own_model if name in own_networks() else _model
    return make(name, variant_stamp(name))


@kept
def _own_model(name: str, stamp: str) -> nn.Module:
    one_thread_each()
    library, kept = own_networks()[name]
    network = library.open(kept)
    network.module.tiled = network.description.tiled
    return network.module


# Every variant on offer, and the hidden ones: a network takes 2 MB, a classical method nothing.
@resource(max_entries=128)
def _model(name: str, stamp: str) -> nn.Module:
    from core.variants.store import load_variant, read_card

    one_thread_each()
    folder = variants_folder()
    vit = _vit_here(read_card(name, folder))
    shared = _encoder(vit) if vit else None
    return load_variant(name, folder, encoder=shared)


def running_model(name: str) -> nn.Module:
    """The same to be run where networks run: itself on the CPU, its copy on an accelerator.

    Shared as well. Raises `ValueError` in one sentence.
    """
    from core.variants.device import device

    shared, place = model(name), device()
    on_cpu = place.type == "cpu"
    return shared if on_cpu else _model_on(place.type, name, variant_stamp(name), shared)


@resource(max_entries=128)
def _model_on(kind: str, name: str, stamp: str, _model: nn.Module) -> nn.Module:
    import torch

    from core.models.vit_encoder import Encoder
    from core.variants.device import copy_on

    place, vit = torch.device(kind), getattr(_model, "encoder", None)
    there = _encoder_on(kind, id(vit), vit)[1] if isinstance(vit, Encoder) else None
    return copy_on(_model, place, there)


@resource(max_entries=2)
def _encoder_on(kind: str, identity: int, _encoder: Encoder) -> tuple[Encoder, Encoder]:
    """A ViT and its copy on an accelerator; the first is held so that its identity is its own."""
    import torch

    from core.variants.device import copy_on

    return _encoder, copy_on(_encoder, torch.device(kind))


def _vit_here(card: Card) -> str | None:
    """The name of a variant's ViT. Raises `ValueError` if it would have to be fetched.

    The dashboard goes online for nothing that a file names.
    """
    from core.models import MODELS
    from core.models.vit_encoder import encoder_folder

    arguments = {**MODELS[card.model].defaults, **card.arguments}
    vit = card.encoder["name"] if card.encoder else arguments.get("encoder")
    if vit and encoder_folder(vit) is None:
        raise ValueError(
            f"'{card.name}' needs the ViT '{vit}', which is no folder on this machine, "
            "and the dashboard fetches nothing."
        )
    return vit


@resource(max_entries=2)
def _encoder(name: str) -> Encoder:
    from core.models.vit_encoder import load_encoder

    return load_encoder(name)


@resource(max_entries=1)
def one_thread_each() -> None:
    """Let each forward pass use one core: the pool of core.variants.restore puts one on each."""
    import torch

    torch.set_num_threads(1)


def warm_up() -> None:
    """Import what is slow and load every variant, before the first visitor needs them.

    In the order of the cards: what a visitor sees first is loaded first.
    """
    from core import degradations, metrics  # noqa: F401 (imported to be there)
    from core.attention import cam
    from core.variants import restore  # noqa: F401

    for name in cards():
        try:
            running_model(name)
        except ValueError:
            continue  # a page that asks for it says why
        except Exception:  # one bad file must not keep the others from being warm
            logging.getLogger(__name__).exception("The variant %s cannot be loaded", name)
    cam.import_library()
    garbage.freeze()


# Jobs --------------------------------------------------------------------------------------------


@kept
def restoration_job(measurement_digest: str, variant: str, stamp: str) -> Job[Picture]:
    """The one job that makes a variant's output."""
    return Job()


@kept
def job(kind: str, *key: str | None) -> Job[Any]:
    """The one job of this kind and key."""
    return Job()


@resource(max_entries=1)
def restoring_line() -> Line:
    """Where restorations wait; one of them keeps two cores busy."""
    return _line("restoring", max(1, _cores() // 2))


@resource(max_entries=1)
def computing_line() -> Line:
    """Where metrics and maps wait, one for each core."""
    return _line("computing", _cores())


@resource(max_entries=1)
def later_line() -> Line:
    """Where what may come later waits: it has one thread, and nothing else waits behind it."""
    return _line("later", 1)


@resource(max_entries=1)
def long_line() -> Line:
    """Where what takes a minute waits, so that it holds up nothing else."""
    return _line("at-length", max(1, _cores() // 2))


def lines() -> tuple[Line, ...]:
    """All of them."""
    return restoring_line(), computing_line(), later_line(), long_line()


def _line(name: str, threads: int) -> Line:
    one_thread_each()
    return Line(threads, name)


def _cores() -> int:
    return os.cpu_count() or 1


# Visits ------------------------------------------------------------------------------------------


@resource(max_entries=8, scope="session", on_release=departures.left)
def present(visit_id: str, _visit: Visit) -> Visit:
    """Say in every run that a visit is here: the platform tells when its browser is gone."""
    return _visit
