"""The Compare page without a browser: panels, tables, presets, the zip."""

from __future__ import annotations

import json
import math
import os
import re
from dataclasses import asdict, replace
from threading import Event
from time import monotonic

import pytest
import torch

from core.artifacts import observe, observed_captions, telling_view
from core.degradations import DEGRADATIONS, clipping, parse_degradation
from core.imaging.gallery import GALLERY
from core.imaging.images import Region, crop, to_tensor, to_uint8
from core.metrics import METRICS, Measured, MetricSpec
from core.metrics.checkerboard import PERIODS
from core.sets import open_set
from core.variants.restore import restore
from pages.shared import cached, metric_table, numbers, restoring
from pages.shared.jobs import Job, Look, wait_for
from pages.shared.values import Number, Taken, picture_of
from pages.shared.visits import VISIT
from tests.pages.conftest import (
    PATIENCE,
    components,
    downloads,
    fresh_app,
    read,
    run_until_ready,
    running_jobs,
    text_of,
)

PICTURE = "concrete-pores"
REGION = Region(16, 32, 64, 48)


def tables(app) -> list[list[list[str]]]:
    """The cells of every table, row by row, without the header."""
    found = []
    for element in app.get("html"):
        rows = re.findall(r"<tr><th scope=row>(.*?)</tr>", element.proto.body)
        if rows:
            found.append([re.sub(r"<[^>]*>", "|", row).split("|") for row in rows])
    return [[[cell for cell in row if cell] for row in table] for table in found]


def panels(app) -> list[dict]:
    (component,) = [c for c in components(app) if "compare" in c.id]
    return json.loads(component.json)["panels"]


@pytest.fixture
def compared(variants):
    app = fresh_app()
    app.query_params["image"] = PICTURE
    app.query_params["variants"] = ["unet-mse", "unet-frequency"]
    app.query_params["region"] = REGION.text
    return run_until_ready(app)


def expected_rows(
    names: list[str], expression: str = "gaussian_noise(sigma=0.15, seed=0)"
) -> dict[str, torch.Tensor]:
    clean = to_tensor(GALLERY[PICTURE]())[None]
    noisy = parse_degradation(expression)(clean)
    outputs = restore(noisy, names, load=cached.variants.model)
    return {"clean": clean, "noisy": noisy} | outputs


def expected_value(
    spec: MetricSpec, output: torch.Tensor, target: torch.Tensor, measured: Measured | None = None
) -> float:
    return math.nan if spec.absent() else float(spec(output, target, measured))


HERE = [spec for spec in METRICS.values() if not spec.absent()]
"""The metrics that this machine can measure: the columns."""
ASKED = {
    "gaussian_noise": ({}, "Noisy"),
    "motion_blur": ({"length": "15", "angle": "45"}, "Blurred"),
    "motion_blur_noise": ({"length": "5", "level": "0.1", "seed": "3"}, "Blurred, noisy"),
}


@pytest.mark.parametrize("key", ASKED)
def test_tables_show_what_core_metrics_gives(variants, key):
    parameters, input_label = ASKED[key]
    app = fresh_app()
    app.query_params.update({"image": PICTURE, "noise": key, "region": REGION.text, **parameters})
    app.query_params["variants"] = ["unet-mse", "unet-frequency"]
    run_until_ready(app)
    written = ", ".join(f"{name}={value}" for name, value in parameters.items())
    degradation = parse_degradation(f"{key}({written})")
    images = expected_rows(["unet-mse", "unet-frequency"], str(degradation))
    clean = images.pop("clean")
    whole, region = tables(app)
    for table, place in ((whole, None), (region, REGION)):
        assert len(table) == len(images) and table[0][0] == input_label
        for row, image in zip(table, images.values(), strict=True):
            output, target = (crop(i, place) if place else i for i in (image, clean))
            measured = Measured(images["noisy"], degradation.operator(image))
            measured = measured.crop(place) if place else measured
            values = [spec.number(expected_value(spec, output, target, measured)) for spec in HERE]
            assert row[1:] == values


def test_the_best_of_each_column_is_a_variant_never_the_noisy_input(compared):
    images = expected_rows(["unet-mse", "unet-frequency"])
    clean, _noisy = images.pop("clean"), images.pop("noisy")
    body = next(e.proto.body for e in compared.get("html") if "<tr><th scope=row>" in e.proto.body)
    rows = re.findall(r"<tr><th scope=row>(.*?)</tr>", body)
    assert "class=best" not in rows[0]
    for column, spec in enumerate(HERE, start=1):
        if spec.needs_measurement:
            assert not any("class=best" in row.split("<td")[column] for row in rows)
            continue
        best = spec.best([expected_value(spec, output, clean) for output in images.values()])
        marked = ["class=best" in row.split("<td")[column] for row in rows[1:]]
        assert marked == [index == best for index in range(len(images))]


def test_changes_are_differences_to_the_input(compared):
    images = expected_rows(["unet-mse"])
    compared.segmented_control(key="numbers").set_value("Change from the input").run()
    whole = tables(compared)[0]
    assert len(whole) == 2  # the input itself is left out
    spec = METRICS["psnr"]
    gain = float(
        spec(images["unet-mse"], images["clean"]) - spec(images["noisy"], images["clean"])
    )
    assert whole[0][1 + HERE.index(spec)] == spec.number(gain, signed=True)


def test_panels_stand_in_order_with_their_numbers(compared):
    names = [panel["key"] for panel in panels(compared)]
    assert names == ["clean", "measurement", "unet-mse", "unet-frequency"]
    assert [panel["role"] for panel in panels(compared)][:3] == ["clean", "measurement", "output"]
    assert all(panel["image"] for panel in panels(compared))
    assert all("PSNR" in panel["caption"][-1] for panel in panels(compared)[1:])
    assert text_of(compared).count("Rewards") == 2


def test_without_a_clean_image_there_are_no_reference_numbers(variants):
    app = fresh_app()
    app.query_params.update({"image": PICTURE, "noise": "none", "variants": "unet-mse"})
    run_until_ready(app)
    assert [panel["key"] for panel in panels(app)] == ["measurement", "unet-mse"]
    alone = [spec for spec in HERE if not (spec.needs_reference or spec.needs_measurement)]
    for row in tables(app)[0]:
        assert len(row) == 1 + len(alone) and "—" not in row
    sentences = [line for line in text_of(app).splitlines() if "needs a " in line]
    assert len(sentences) == 1
    left_out = {spec.label for spec in HERE} - {spec.label for spec in alone}
    assert all(label in sentences[0] for label in left_out)


def test_what_the_machine_lacks_is_said_in_words(variants, tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    app = fresh_app()
    app.query_params.update({"image": PICTURE, "variants": "unet-mse"})
    run_until_ready(app)
    lacking = [spec for spec in METRICS.values() if spec.absent()]
    assert [spec.key for spec in lacking] == ["lpips"]
    assert {len(row) for row in tables(app)[0]} == {1 + len(METRICS) - len(lacking)}
    assert "weights absent" not in text_of(app)  # but among what each number sees


def test_black_measurements_have_no_consistency_and_say_why():
    black = picture_of(torch.zeros(3, 32, 32))
    taken = Taken(black, parse_degradation("motion_blur"))
    found = numbers._measure(black, black, None, taken, METRICS.values())
    assert "the measurement is black" in found["data_consistency"].why


def test_restorations_and_numbers_get_the_values_beyond_the_range(variants):
    white = torch.ones(3, 32, 32)
    settings = (("level", 0.3), ("seed", 0))
    measured = cached.pictures.measurement("white", "relative_noise", settings, white)
    assert measured.image.max() > 1 and measured.array.max() == 255
    assert measured.digest == picture_of(measured.image).digest
    assert measured.digest != picture_of(measured.image.clamp(0, 1)).digest


def test_a_region_too_small_for_a_metric_says_so(compared):
    compared.text_input(key="region").set_value("0,0,8,8").run()
    run_until_ready(compared)
    assert "needs sides of at least" in text_of(compared)
    assert not compared.exception


def test_variants_of_one_loss_share_their_sentence_and_all_are_named(compared):
    said = [m.value for m in compared.markdown if "What each loss rewards" in m.value]
    assert len(said) == 1
    assert "- **MSE · U-Net**: Rewards" in read(said[0])


def test_what_the_numbers_mean_is_there_for_those_who_ask(compared):
    assert all(spec.why not in text_of(compared) for spec in METRICS.values())
    compared.session_state["about_numbers"] = True
    compared.run()
    assert all(spec.why in text_of(compared) for spec in METRICS.values())


def test_captions_say_what_stands_out_in_each_output(compared):
    images = expected_rows(["unet-mse", "unet-frequency"])
    clean = images.pop("clean")[0]
    seen = {name: observe(images[name][0], clean, looks=2) for name in list(images)[1:]}
    for name, words in observed_captions(seen).items():
        caption = next(panel["caption"] for panel in panels(compared) if panel["key"] == name)
        assert caption[: len(words)] == list(words)


def test_a_visit_begins_at_twice_the_size_where_the_variants_tell_most(compared):
    images = expected_rows(["unet-mse", "unet-frequency"])
    clean = images.pop("clean")[0]
    region = telling_view({name: images[name][0] for name in list(images)[1:]}, clean)
    goto = compared.session_state["goto"]
    assert (goto.cx, goto.cy) == (
        region.x + region.width / 2,
        region.y + region.height / 2,
    )
    assert goto.zoom == 2.0
    # Once a visit: another picture does not move a view that the person may have chosen.
    compared.session_state["image"] = "sand-crack"
    run_until_ready(compared)
    assert compared.session_state["goto"] == goto


def test_a_view_in_a_link_stays_though_the_pictures_come_later(variants):
    app = fresh_app()
    app.query_params["image"] = PICTURE
    app.query_params["variants"] = ["unet-mse", "unet-frequency"]
    app.query_params["view"] = "compare~20~30~8"
    run_until_ready(app)
    assert app.session_state["workbench"].source.key == PICTURE
    assert "goto" not in app.session_state  # which would move it


PROTOCOL = "basicsr_y"
VIEW = "compare~20~30~4~signed~wipe~unet-mse~measurement~unet-mse~0.25~2~1"


def saved(app, view: str = "") -> bytes:
    """The file of what is chosen, with a view as a browser tells it; the button tells its size."""
    (button,) = [label for label in downloads(app) if ".losslens.html" in label]
    (number, unit) = re.search(r"\(([\d.]+) (MB|kB)\)", button).groups()
    data = downloads(app)[button].content(view=view)
    size = len(data) / {"MB": 1e6, "kB": 1e3}[unit]
    assert float(number) == pytest.approx(size, abs=0.6 if unit == "kB" else 0.06)
    return data


def held(data: bytes) -> dict:
    """What a saved comparison holds."""
    return json.loads(data.partition(b'id="losslens-comparison">')[2].partition(b"</script>")[0])


def told(app) -> dict:
    """What the viewer is told."""
    (component,) = [c for c in components(app) if "compare" in c.id]
    return json.loads(component.json)


def test_a_saved_comparison_opens_as_it_was(compared):
    compared.selectbox(key="protocol").set_value(PROTOCOL)
    run_until_ready(compared)
    assert ".losslens.html" not in str(downloads(compared))
    compared.session_state["save_comparison"] = True
    run_until_ready(compared)
    data = saved(compared, VIEW)
    (one,) = held(data)["pictures"]
    assert [table["title"] for table in one["tables"]] == [
        "Whole image", f"Region {REGION.text}",
    ]  # fmt: skip
    shown = [
        [line["label"], *(c["text"] for c in line["cells"])] for line in one["tables"][0]["lines"]
    ]
    assert shown == tables(compared)[0]
    assert (one["settings"]["Degradation"], one["settings"]["Sigma"]) == ("Gaussian noise", 0.15)
    cards = held(data)["cards"]
    assert [card["facts"]["Loss"] for card in cards] == ["mse", "0.8*mse + 0.2*frequency"]
    before = [(panel["label"], panel["image"]["sum"]) for panel in panels(compared)]
    sentence = compared.session_state["workbench"].sentence
    goto = compared.session_state["goto"]
    # Elsewhere meanwhile: another picture, another region, another protocol.
    compared.session_state["image"] = "sand-crack"
    compared.session_state["region"] = "0,0,32,32"
    compared.session_state["protocol"] = "ours"
    run_until_ready(compared)
    compared.file_uploader(key="upload").upload("pores.losslens.html", data)
    run_until_ready(compared)
    bench = compared.session_state["workbench"]
    assert bench.source.given.set_name == "pores"
    assert [(panel["label"], panel["image"]["sum"]) for panel in panels(compared)] == before
    assert compared.session_state["protocol"] == PROTOCOL
    name = held(data)["title"]
    assert bench.sentence.replace(bench.source.label, name) == sentence
    assert bench.parameters["seed"] == 0
    again = told(compared)
    assert again["saved"]["text"] == VIEW and again["region"] == asdict(REGION)
    keys = again["saved"]["keys"]
    assert [keys[key] for key in ("clean", "measurement")] == ["clean", "measurement"]
    assert [panel["key"] for panel in again["panels"]] == list(keys.values())
    assert compared.session_state["goto"] == goto  # nothing else moves the view


def test_a_region_alone_can_be_saved_and_of_some_panels(compared, tmp_path):
    compared.session_state["save_comparison"] = True
    compared.run()
    compared.toggle(key="saved_region").set_value(True)
    (chosen,) = [one for one in compared.multiselect if one.label == "Panels"]
    chosen.set_value(["measurement", "unet-mse"]).run()
    path = tmp_path / "part.losslens.html"
    path.write_bytes(saved(compared))
    (one,) = open_set(path)
    images = expected_rows(["unet-mse"])
    assert (one.noisy == to_uint8(crop(images["noisy"][0], REGION))).all()
    assert list(one.outputs) == ["MSE · U-Net"] and one.clean is None
    output = to_uint8(crop(images["unet-mse"][0], REGION))
    assert (one.outputs["MSE · U-Net"] == output).all()
    chosen.set_value([]).run()
    assert "at least one" in text_of(compared) and ".losslens.html" not in str(downloads(compared))


def test_one_click_shows_the_whole_picture(compared):
    before = compared.session_state["goto"].serial
    compared.button(key="show_all").click()
    run_until_ready(compared)
    goto = compared.session_state["goto"]
    assert (goto.serial, goto.zoom) == (before + 1, None)


def test_a_preset_goes_to_the_worst_place_or_says_that_there_is_none(compared):
    before = compared.session_state["goto"]
    compared.button(key="show_blur").click()
    run_until_ready(compared)
    assert "the strongest blur against clean is" in text_of(compared)
    goto = compared.session_state["goto"]
    assert (goto.serial, goto.mode) == (before.serial + 1, "image")
    # Random weights: whether a grid stands out of a texture this sharp, the test alone decides.
    compared.button(key="show_checkerboard").click()
    run_until_ready(compared)
    named = "the strongest grid of" in text_of(compared)
    assert named or text_of(compared).count("by more than chance explains") == len(PERIODS)
    assert compared.session_state["goto"].serial == goto.serial + named


def test_a_variant_that_cannot_be_loaded_does_not_stop_the_others(
    use_folder, variants_folder, tmp_path
):
    good = (variants_folder / "unet-mse.safetensors").read_bytes()
    (tmp_path / "unet-mse.safetensors").write_bytes(good)
    data = bytearray((variants_folder / "unet-frequency.safetensors").read_bytes())
    data[-2:] = b"\x00\x7e"  # the last weight is not a number
    (tmp_path / "unet-frequency.safetensors").write_bytes(bytes(data))
    use_folder(tmp_path)
    app = fresh_app()
    app.query_params["image"] = PICTURE
    app.query_params["variants"] = ["unet-mse", "unet-frequency"]
    run_until_ready(app)
    assert len(tables(app)[0]) == 2
    assert any("not finite" in read(error.value) for error in app.error)
    assert not app.exception


def failing_numbers(of: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the numbers of the picture of this digest fail."""
    measure = numbers._measure

    def measured(output, *rest):
        if output.digest == of:
            raise ValueError("These numbers cannot be had.")
        return measure(output, *rest)

    monkeypatch.setattr(numbers, "_measure", measured)


def test_numbers_that_fail_are_told_and_the_table_stays(variants, monkeypatch):
    clean = to_tensor(GALLERY[PICTURE]())[None]
    noisy = DEGRADATIONS["gaussian_noise"](clean, sigma=0.15, seed=0)
    failing_numbers(picture_of(noisy[0]).digest, monkeypatch)
    app = fresh_app()
    app.query_params.update({"image": PICTURE, "variants": "unet-mse"})
    run_until_ready(app)
    assert [row[0] for row in tables(app)[0]] == ["MSE · U-Net"]
    said = [read(error.value) for error in app.error]
    assert said == ["The numbers of Noisy: These numbers cannot be had."]


def test_what_comes_soon_is_shown_while_the_slow_is_still_to_come(variants, monkeypatch):
    """FLIP never ends here: captions and all other columns stand, and nothing is marked in its."""
    go_on = Event()
    slow = replace(METRICS["flip"], function=lambda *_: go_on.wait(60) and torch.zeros(1))
    monkeypatch.setitem(METRICS._specs, "flip", slow)
    app = fresh_app()
    app.query_params.update({"image": PICTURE, "variants": ["unet-mse", "unet-frequency"]})
    column = 1 + [spec.key for spec in HERE].index("flip")
    try:
        end = monotonic() + 60
        app.run()
        while monotonic() < end and not (all_but(app, column) and all_told(app)):
            wait_for(running_jobs(), 0.2)
            app.run()
        assert all_but(app, column)
        assert all_told(app)
        assert "computing" in text_of(app)
    finally:
        go_on.set()
    assert [row[column] for row in tables(run_until_ready(app))[0]] == ["0.0000"] * 3


def all_told(app) -> bool:
    """Whether every picture but the clean one has its number."""
    captions = [panel["caption"] for panel in panels(app)[1:]]
    return all(caption and "PSNR" in caption[-1] for caption in captions)


def all_but(app, column: int) -> bool:
    """Whether the table has every number but those of one column."""
    rows = tables(app)[0] if tables(app) else []
    to_come = [[at for at, cell in enumerate(row) if cell == metric_table.TO_COME] for row in rows]
    return len(rows) == 3 and to_come == [[column]] * 3


def test_clipped_noise_stands_at_the_noisy_picture_and_is_told_where_it_matters(variants):
    def opened(**address):
        app = fresh_app()
        app.query_params.update({"image": PICTURE, "variants": "unet-mse", "sigma": "0.3"})
        app.query_params.update(address)
        return run_until_ready(app)

    app = opened()
    clean = to_tensor(GALLERY[PICTURE]())
    told = clipping(parse_degradation("gaussian_noise(sigma=0.3)"), clean).sentence
    assert told and told in text_of(app)
    assert panels(app)[1]["caption"][0] == "clipped colour noise"
    app = opened(clip="false")
    assert "Clipping the noise" not in text_of(app)
    assert panels(app)[1]["caption"][0] == "unclipped colour noise"


def test_a_number_that_is_none_says_why():
    flat = picture_of(torch.full((3, 32, 32), 0.5))
    found = numbers._measure(flat, flat, None, None, METRICS.values())
    for key in ("detail_gain", "detail_truth"):
        assert "no detail" in found[key].why
    assert not found["psnr"].why


def test_differences_of_infinite_numbers_say_why():
    infinite = {"psnr": Number(float("inf"))}
    rows = metric_table.differences({"a": infinite, "b": infinite}, to="a")
    assert rows["b"]["psnr"].why == metric_table.BOTH_INFINITE


def test_a_network_that_fails_leaves_the_others_alone(variants, monkeypatch):
    model = cached.variants.model

    def broken(name):
        return torch.nn.Linear(1, 1) if name == "unet-frequency" else model(name)

    monkeypatch.setattr(cached.variants, "model", broken)
    app = fresh_app()
    app.query_params.update({"image": PICTURE, "variants": ["unet-mse", "unet-frequency"]})
    run_until_ready(app)
    assert len(tables(app)[0]) == 2
    assert ["MSE + frequency" in read(error.value) for error in app.error] == [True]
    assert "could not be computed" in text_of(app)


def test_whatever_stops_a_variant_from_loading_ends_in_its_job(variants, monkeypatch):
    def model(name):
        raise MemoryError

    monkeypatch.setattr(cached.variants, "model", model)
    job = Job()
    assert job.claim()
    restoring.restore(picture_of(torch.rand(3, 32, 32)), {"unet-mse": job})
    assert job.ready and "MemoryError" in job.error


def test_a_restoration_that_nobody_waits_for_gives_its_jobs_back(variants):
    look, jobs = Look(), {name: Job() for name in variants}
    for job in jobs.values():
        job.ask(look)
        assert job.claim()
    look.over.set()
    restoring.restore(picture_of(torch.rand(3, 32, 32)), jobs)
    assert all(not job.ready and job.claim() for job in jobs.values())


def test_who_looks_on_gets_what_others_gave_up(variants):
    gone, here, jobs = Look(), Look(), {name: Job() for name in variants}
    for job in jobs.values():
        job.ask(gone)
        assert job.claim()
    jobs["unet-mse"].ask(here)
    gone.over.set()
    restoring.restore(picture_of(torch.rand(3, 32, 32)), jobs)
    assert [name for name, job in jobs.items() if job.ready] == ["unet-mse"]


def test_another_measurement_stops_the_former_even_where_all_is_ready(compared):
    former = compared.session_state[VISIT].look
    other = fresh_app()
    other.query_params.update({"image": PICTURE, "variants": "unet-mse", "sigma": "0.1"})
    run_until_ready(other)
    assert not former.over.is_set()
    compared.slider(key="sigma").set_value(0.1).run()
    assert former.over.is_set()


@pytest.fixture
def busy():
    """All lines have three others in them, whose work ends once this is set."""
    gate = Event()
    for line in cached.work.lines():
        for _ in range(os.cpu_count() + 3):
            line.join(Look(), lambda: gate.wait(PATIENCE))
    yield gate
    gate.set()


def test_a_visit_sees_its_place_in_line(variants, busy):
    app = fresh_app()
    app.query_params.update({"image": PICTURE, "variants": "unet-mse", "sigma": "0.11"})
    app.run()
    assert re.search(r"^\d+(th|rd|nd|st) in line", text_of(app), re.MULTILINE)
    busy.set()
    run_until_ready(app)
    assert "in line" not in text_of(app) and not app.exception
