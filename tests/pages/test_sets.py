"""A set on the pages: what it brings stands in the panels, and what it lacks is told."""

import io
import zipfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image
from streamlit.util import calc_hash

from core.imaging.images import to_uint8
from core.metrics import METRICS
from core.sets.request import ALLOW_PATHS, OPENED, Request
from pages.compare import sweep
from pages.shared import by_hand, filmstrip, kept_files, sets, upload_sets
from pages.shared.jobs import Job
from pages.shared.navigation import PAGES
from pages.shared.workbench import BENCH, OFFER
from tests.pages.conftest import fresh_app, on_page, read, run_until_ready, text_of

SIZE = (96, 128)
ON_PICTURE = [spec.folder for spec in PAGES if spec.on_picture]


def smooth(seed: int) -> np.ndarray:
    """A coloured picture with edges, uint8 (96, 128, 3)."""
    blocks = np.random.default_rng(seed).integers(30, 220, (12, 16, 3))
    return blocks.repeat(8, 0).repeat(8, 1).astype(np.uint8)


def noisy(seed: int, sigma: float = 20) -> np.ndarray:
    noise = np.random.default_rng(100 + seed).normal(0, sigma, (*SIZE, 3))
    return (smooth(seed) + noise).clip(0, 255).round().astype(np.uint8)


def save(folder: Path, name: str, pixels: np.ndarray) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(folder / f"{name}.png")


@pytest.fixture
def results(tmp_path):
    """Three pictures, clean and noisy, and the outputs of two methods."""
    for number in range(3):
        save(tmp_path / "results" / "clean", f"img{number}", smooth(number))
        save(tmp_path / "results" / "noisy", f"img{number}_noisy", noisy(number))
        save(tmp_path / "results" / "First", f"img{number}", noisy(number, 5))
        save(tmp_path / "results" / "Second", f"img{number}", noisy(number, 10))
    return tmp_path / "results"


@pytest.fixture
def open_results(variants, monkeypatch):
    """A function that lets the server open a folder; then pages start on it."""

    def start(*paths, **roles):
        request = Request(paths, roles.get("clean"), roles.get("noisy"), roles.get("outputs", {}))
        monkeypatch.setenv(OPENED, request.text)

    return start


def bench_of(app):
    return app.session_state[BENCH]


def test_what_the_set_brings_is_what_is_measured(open_results, results):
    open_results(results)
    app = on_page("compare", {"item": "2"})
    bench = bench_of(app)
    np.testing.assert_array_equal(bench.clean.array, smooth(1))
    np.testing.assert_array_equal(bench.measurement.array, noisy(1))
    assert [card.label for card in bench.cards] == ["First", "Second"]
    assert bench.input_label == "Noisy" and bench.taken is None
    for one, sigma in zip(bench.brought.values(), (5, 10), strict=True):
        picture = one.picture(None)
        np.testing.assert_array_equal(to_uint8(picture.image), noisy(1, sigma))
        psnr = METRICS["psnr"](picture.image[None], bench.clean.image[None]).item()
        assert f">{psnr:.2f}" in "".join(html.value for html in app.get("html"))


@pytest.mark.parametrize("folder", ON_PICTURE)
@pytest.mark.parametrize("roles", ["First Second", "clean First", "noisy First", "clean noisy"])
def test_every_page_takes_what_there_is(open_results, results, folder, roles):
    kept = roles.split()
    named = {role: results / role for role in ("clean", "noisy") if role in kept}
    outputs = {role: results / role for role in ("First", "Second") if role in kept}
    open_results(**named, outputs=outputs)
    app = on_page(folder, {})
    assert not app.exception
    bench = bench_of(app)
    assert (bench.clean is not None) == ("clean" in kept)
    has_noisy = "noisy" in kept
    made_here = "clean" in kept and not has_noisy
    assert (bench.source.given.noisy is not None) == has_noisy
    assert (bench.taken is not None) == made_here


def test_attention_offers_the_next_best(open_results, results, monkeypatch):
    monkeypatch.setattr("core.variants.featured.HYBRIDS", ("unet-mse",))
    open_results(results)
    app = on_page("attention", {})
    assert "First and Second" in text_of(app)
    app.button(key="offer_networks").click()
    app = run_until_ready(app)
    assert [card.name for card in bench_of(app).networks] == ["unet-mse"]
    assert not app.exception and OFFER not in text_of(app)


def test_a_sweep_offers_the_next_best(open_results, results, monkeypatch):
    monkeypatch.setattr("core.variants.featured.HYBRIDS", ("unet-mse",))
    open_results(clean=results / "clean", outputs={"First": results / "First"})
    app = on_page("compare", {"sweep": "true"})
    assert app.button(key="offer_networks") and not app.exception
    app.button(key="offer_networks").click()
    app = run_until_ready(app)
    assert "offer_networks" not in {button.key for button in app.button}
    assert not app.exception


def test_a_sweep_says_that_a_sets_own_noise_has_no_strength_to_vary(open_results, results):
    open_results(results)
    app = on_page("compare", {"sweep": "true", "variants": "unet-mse"})
    assert not app.exception and sweep.AS_GIVEN in text_of(app)


@pytest.mark.parametrize("folder", ON_PICTURE)
def test_every_page_takes_outputs_beside_a_network(open_results, results, folder):
    open_results(results)
    app = on_page(folder, {"variants": ["First", "unet-mse"]})
    assert not app.exception and not app.error
    assert [card.label for card in bench_of(app).cards][0] == "First"
    assert [card.name for card in bench_of(app).networks] == ["unet-mse"]


def test_stepping_goes_through_the_set_and_round(open_results, results):
    open_results(results)
    app = on_page("compare", {})
    seen = []
    for _ in range(4):
        seen.append(bench_of(app).source.label)
        next(b for b in app.button if b.label.startswith("Next")).click()
        app = run_until_ready(app)
    assert seen == ["img0", "img1", "img2", "img0"]
    assert app.query_params.get("item") in (["2"], "2")


def test_the_order_is_where_two_entries_differ_most(open_results, results):
    for number, sigma in enumerate((5, 20, 10)):
        save(results / "First", f"img{number}", noisy(number, sigma))
    open_results(results)
    app = on_page("compare", {"order": "clean − First"})
    shown = [b.label.strip() for b in app.button if (b.key or "").startswith("film_button_")]
    assert shown == ["img1", "img2", "img0"]
    next(b for b in app.button if b.label.startswith("◀")).click()
    app = run_until_ready(app)
    assert bench_of(app).source.label == "img2"  # before the one that differs least, img0


def test_a_missing_or_larger_output_is_told_and_the_others_stay(open_results, results):
    (results / "First" / "img0.png").unlink()
    save(results / "Second", "img0", smooth(0)[:80])
    open_results(results)
    app = on_page("compare", {})
    said = "\n".join(error.value for error in app.error)
    assert "First" in said and "img0" in said
    assert "128 × 80" in said.replace("\\", "") and "128 × 96" in said.replace("\\", "")


def test_a_pair_of_other_sizes_is_refused_with_both(open_results, results):
    save(results / "noisy", "img0_noisy", noisy(0)[:80])
    open_results(results)
    app = fresh_app().run()
    [error] = app.error
    assert "80" in error.value and "96" in error.value and not app.exception


def test_a_fault_is_named_and_one_click_corrects_it(open_results, results):
    for number in range(3):
        save(results / "First", f"img{number}", noisy(number, 5)[..., ::-1])
    open_results(results)
    app = on_page("compare", {})
    [button] = [b for b in app.button if b.key and b.key.startswith("correct_First")]
    button.click()
    app = run_until_ready(app)
    [first, _] = bench_of(app).brought.values()
    np.testing.assert_array_equal(first.array(), noisy(0, 5))
    assert not [b for b in app.button if b.key and b.key.startswith("correct_First")]
    [undo] = [b for b in app.button if b.key and b.key.startswith("undo_First")]
    undo.click()
    app = run_until_ready(app)
    [first, _] = bench_of(app).brought.values()
    np.testing.assert_array_equal(first.array(), noisy(0, 5)[..., ::-1])


def test_a_size_is_corrected_in_every_picture_once_a_corner_was_chosen(open_results, results):
    for number in range(3):
        save(results / "First", f"img{number}", noisy(number, 5)[:80])
    open_results(results)
    app = on_page("compare", {})
    [corner] = [b for b in app.button if (b.key or "").startswith("correct_First_size_4")]
    assert "bottom right" in corner.label
    corner.click()
    app = run_until_ready(app)
    bench = bench_of(app)
    np.testing.assert_array_equal(bench.clean.array, smooth(0)[16:])
    np.testing.assert_array_equal(bench.measurement.array, noisy(0)[16:])
    first, second = (one.array() for one in bench.brought.values())
    np.testing.assert_array_equal(first, noisy(0, 5)[:80])
    np.testing.assert_array_equal(second, noisy(0, 10)[16:])
    assert not app.error and "Every picture" in text_of(app)
    next(b for b in app.button if (b.key or "").startswith("undo_")).click()
    assert bench_of(run_until_ready(app)).clean.array.shape[0] == 96


@pytest.fixture
def unpaired(results):
    """The noisy file of img1 has a name that nobody can place, and two of First are exchanged."""
    (results / "noisy" / "img1_noisy.png").rename(results / "noisy" / "scan.png")
    save(results / "First", "img0", noisy(2, 5))
    save(results / "First", "img2", noisy(0, 5))
    return results


def partner(app, place):
    """The list of a place, which ends the key of its widget."""
    return next(one for one in app.selectbox if (one.key or "").endswith(place))


def pair(app, place, file):
    partner(app, place).set_value(file)
    return run_until_ready(app)


def test_partners_are_named_by_hand_and_every_page_uses_them(variants, unpaired):
    app = fresh_app().run()
    app.file_uploader(key="upload").upload("results.zip", packed(unpaired))
    app = run_until_ready(app)
    key = bench_of(app).source.key
    assert app.number_input(key="item").max == 4
    assert partner(app, " img1 noisy").options == ["none", "results/noisy/scan.png"]
    assert not [one for one in app.selectbox if (one.key or "").endswith(" img0 First")]
    app.number_input(key="item").set_value(3)
    app = pair(run_until_ready(app), " img1 noisy", "results/noisy/scan.png")
    assert app.number_input(key="item").max == 3 and not app.exception
    # The same picture is looked at, though one before it is gone; then the wrong ones.
    assert bench_of(app).source.label == "img2"
    next(one for one in app.toggle if "wrongly" in (one.key or "")).set_value(True)
    app = pair(run_until_ready(app), " img2 First", "results/First/img0.png")
    app = pair(app, " img0 First", "results/First/img2.png")
    assert bench_of(app).source.key == key and not app.exception
    app._page_hash = calc_hash("spectrum")
    for place in range(3):
        app = run_until_ready(app)
        app.number_input(key="item").set_value(place + 1)
        app = run_until_ready(app)
        bench = bench_of(app)
        np.testing.assert_array_equal(bench.clean.array, smooth(place))
        np.testing.assert_array_equal(bench.measurement.array, noisy(place))
        first = next(iter(bench.brought.values()))
        np.testing.assert_array_equal(first.array(), noisy(place, 5))


def test_what_was_said_by_hand_can_be_taken_back(variants, unpaired):
    app = fresh_app().run()
    app.file_uploader(key="upload").upload("results.zip", packed(unpaired))
    app = pair(run_until_ready(app), " img1 noisy", "results/noisy/scan.png")
    assert "By hand: noisy of “img1” is results/noisy/scan.png" in text_of(app)
    next(one for one in app.button if (one.key or "").startswith("unsay")).click()
    app = run_until_ready(app)
    assert app.number_input(key="item").max == 4 and "By hand" not in text_of(app)


def packed(folder: Path, litter: bool = True) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for path in sorted(folder.rglob("*.png")):
            inner = path.relative_to(folder.parent).as_posix()
            archive.write(path, inner)
            if litter:
                archive.writestr(f"__MACOSX/{Path(inner).parent}/._{path.name}", b"litter")
    return file.getvalue()


def test_a_zip_is_opened_as_its_folder_is(variants, results):
    app = fresh_app().run()
    app.file_uploader(key="upload").upload("results.zip", packed(results))
    app = run_until_ready(app)
    assert [card.label for card in bench_of(app).cards] == ["First", "Second"]
    np.testing.assert_array_equal(bench_of(app).measurement.array, noisy(0))
    (kept,) = app.session_state[kept_files.KEPT].values()
    files = [path for path in Path(kept.folder.name).rglob("*") if path.is_file()]
    assert len(files) == 12 and {path.suffix for path in files} == {".png"}  # and no archive
    assert app.button(key="confirm_set")
    app.button(key="confirm_set").click()
    app = run_until_ready(app)
    assert "confirm_set" not in {button.key for button in app.button}


def test_an_archive_among_other_files_is_part_of_the_set(tmp_path, results, monkeypatch):
    files = [
        ("more.png", (results / "clean" / "img0.png").read_bytes()),
        ("R.ZIP", packed(results)),
    ]
    came = [
        SimpleNamespace(name=n, suffix=Path(n).suffix.lower(), view=lambda d=d: d)
        for n, d in files
    ]
    kept = []
    monkeypatch.setattr(
        upload_sets.kept_files, "new_folder", lambda: SimpleNamespace(name=tmp_path)
    )
    monkeypatch.setattr(upload_sets.kept_files, "keep", lambda key, upload: None)
    monkeypatch.setattr(upload_sets.sets, "keep", kept.append)
    upload_sets.open_files(came)
    (found,) = kept
    assert len(found) == 4 and set(found.methods) == {"First", "Second"}


def test_what_of_several_files_is_no_part_of_the_set_is_named(monkeypatch):
    notes = []
    monkeypatch.setattr(upload_sets.address, "notes", lambda: notes)
    names = ("1.png", "2.zip", "notes.txt", "saved.losslens.html")
    files = [SimpleNamespace(name=name, suffix=Path(name).suffix) for name in names]
    upload_sets.tell_left_out(files)
    assert [name in " ".join(notes) for name in names] == [False, False, True, True]
    upload_sets.tell_left_out(files[-1:])
    assert len(notes) == 2  # alone it is the set


def test_a_set_that_is_let_go_is_held_nowhere(monkeypatch):
    state = {sets.VISIT: {"set-1": object()}, by_hand.PAIRED: {"set-1": object(), "set-2": 2}}
    monkeypatch.setattr("streamlit.session_state", state)
    sets.let_go("set-1")
    assert state == {sets.VISIT: {}, by_hand.PAIRED: {"set-2": 2}}


def test_the_order_of_another_pair_is_by_name_until_it_is_known(monkeypatch):
    kept, said = [], []
    monkeypatch.setattr(filmstrip.sets, "keep_order", lambda key, order: kept.append(order))
    monkeypatch.setattr(filmstrip.st, "caption", said.append)
    monkeypatch.setattr(filmstrip.st, "warning", said.append)
    view = object.__new__(filmstrip.Order)
    view.key, view.job = "set-1", Job()
    view.draw(pending=True)
    failed = Job()
    failed.run(lambda: int("x"))
    view.job.run(lambda: [2, 0, 1])
    view.draw(pending=False)
    view.job = failed
    view.draw(pending=False)
    assert kept == [None, [2, 0, 1], None] and len(said) == 2


def test_a_folder_can_be_named_where_the_server_allows_it(variants, results, monkeypatch):
    field = "server_folder"
    assert field not in {one.key for one in fresh_app().run().text_input}
    monkeypatch.setenv(ALLOW_PATHS, "1")
    app = fresh_app().run()
    before = bench_of(app).source.key
    app.text_input(key=field).set_value(str(results / "nowhere"))
    app = run_until_ready(app)
    assert bench_of(app).source.key == before
    assert any("nowhere" in error.value for error in app.error)
    app.text_input(key=field).set_value(str(results))
    app = run_until_ready(app)
    assert bench_of(app).source.given.set_name == "results" and not app.error


def test_a_bad_zip_leaves_everything_as_it_was(variants):
    app = fresh_app().run()
    before = bench_of(app).source.key
    app.file_uploader(key="upload").upload("bad.zip", b"PK no zip")
    app = run_until_ready(app)
    assert bench_of(app).source.key == before and not app.exception
    [error] = app.error
    assert "bad.zip" in read(error.value)


def test_the_sets_of_one_visit_are_not_anothers(variants, results):
    app = fresh_app().run()
    app.file_uploader(key="upload").upload("results.zip", packed(results))
    key = bench_of(run_until_ready(app)).source.key
    other = fresh_app()
    other.query_params["image"] = key
    other.run()
    assert bench_of(other).source.given is None
    assert any("does not exist" in warning.value for warning in other.warning)


def test_a_servers_set_is_read_once(open_results, results, monkeypatch):
    open_results(results)
    opened, read = [], Request.open
    monkeypatch.setattr(Request, "open", lambda request: opened.append(1) or read(request))
    first = on_page("compare", {})
    again = on_page("spectrum", {})
    assert bench_of(first).source.digest == bench_of(again).source.digest
    assert len(opened) == 1
