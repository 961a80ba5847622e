"""The tour: who plays, what is measured, and what is said where an effect is or is not there."""

import math
from dataclasses import replace

import pytest
import torch

from core.artifacts import Observed
from core.lessons.tour.cast import CASTS, ROLES
from core.lessons.tour.coarse_error import correlation, error_of_cells
from core.lessons.tour.facts import Facts, Told, flat_grid, grey_picture, lattice_peak, measure
from core.lessons.tour.panels import CLEAN, NOISY, SCATTERED
from core.lessons.tour.steps import STEPS
from core.lessons.tour.stripes import Stripes, stripes_of
from core.variants import list_variants

SPECIAL = {CLEAN, NOISY, SCATTERED}
STORY = {
    NOISY: Told(20.5, Observed(6.0, 0.31), 1.0, 0.02),
    "mse": Told(28.25, Observed(-9.4, 0.52), 2.0, 0.004),
    "sharp": Told(27.0, Observed(-0.5, 0.37, {2: 2.1}), 38.0, 0.005),
    "resize": Told(27.5, Observed(-1.2, 0.4), -3.0, 0.006, Stripes(5.3, 14.2, (90, 48))),
    "fourier": Told(28.0, Observed(-4.0, 0.47), 3.0, 0.0053),
}
FACTS = Facts(
    STORY, None, torch.zeros(3, 8, 8), Told(15.06, magnitudes=0.0005),
    flat={"mse": 0.17, "sharp": 0.29, "resize": 0.01},
    error_correlation=0.02, flipped_correlation=0.13,
)  # fmt: skip
SAYS = {
    "noise": ["20.50 dB", "10% of the power", "0.31"],
    "blur": ["28.25 dB", "**blurred**", "34% of the clean picture’s strength (-9.4 dB)"],
    "sharpness": ["94% of", "-0.5 dB", "MSE’s has 34%",
                  "0.37 (MSE’s by 0.52, the noisy picture’s by 0.31)",
                  "**Most of what it shows there is hallucinated**",
                  "2.1 levels** of 255"],
    "architecture": ["2.1 levels", "no grid found", "0.29", "0.01",
                     "0.17 (on the picture no grid was found)",
                     "**stripes of 5.3 px**", "**the grid is the architecture’s**"],
    "spectrum": ["38 dB above", "**a grid**", "no grid found", "5.3 px**, 14 dB"],
    "fourier": ["**no grid found**", "**has less detail**", "-4.0 dB", "-9.4 dB",
                "28.00 dB", "**prefers it",
                "0.0005", "0.0053", "15.06 dB"],
    "attention": ["+0.02", "+0.13", "**not where the output is wrong**"],
}  # fmt: skip
"""What each step says of these facts, numbers first."""
FLATTERED = Facts(
    {role: Told(30.0, Observed(-0.2, 0.9), 0.0, 0.004) for role in STORY},
    None, torch.zeros(3, 8, 8), Told(15.06, magnitudes=0.01),
    flat={"sharp": 0.01, "resize": 0.01}, error_correlation=0.8,
)  # fmt: skip
"""A picture on which no network does anything wrong."""


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_a_step_shows_what_somebody_makes(step):
    assert set(step.panels) <= SPECIAL | set(ROLES)
    assert step.needs == [panel for panel in step.panels if panel in ROLES]


@pytest.mark.parametrize("cast", CASTS.values(), ids=CASTS)
def test_every_role_is_played_by_a_shipped_variant_and_the_loss_alone_differs(cast):
    cards = {card.name: card for card in list_variants(hidden=True)}
    assert list(cast.names) == list(ROLES)
    played = {role: cards[name] for role, name in cast.names.items()}
    assert len({card.model for card in played.values()}) == 1
    assert played["sharp"].loss == played["resize"].loss != played["mse"].loss == "mse"
    assert "frequency" in played["fourier"].loss


def test_parts_of_a_grid_are_told_with_it():
    seen = replace(STORY["sharp"].observed, grids={2: 1.2, 8: 1.1, 4: 0.1})
    told = STORY | {"sharp": replace(STORY["sharp"], observed=seen)}
    said = STEPS["sharpness"].sentence(replace(FACTS, told=told))
    assert "**grid of 2 px, 1.2 levels** of 255, with parts that repeat every 4 and 8 px" in said


@pytest.mark.parametrize("key", STEPS)
def test_a_step_says_what_was_measured(key):
    said = STEPS[key].sentence(FACTS)
    assert [part for part in SAYS[key] if part not in said] == []


@pytest.mark.parametrize("key", STEPS)
def test_what_is_not_there_is_not_claimed(key):
    """Words in bold claim an effect; "no grid found" is one too."""
    bold = STEPS[key].sentence(FLATTERED).split("**")[1::2]
    assert set(bold) <= {"no grid found"}


def test_what_turns_round_on_a_photo_with_little_noise_is_said_so():
    told = STORY | {
        NOISY: Told(31.0, Observed(0.1, 0.8)),
        "sharp": Told(29.0, Observed(-3.2, 0.64)),
    }
    facts = replace(FACTS, told=told, error_correlation=-0.7)
    said = {key: STEPS[key].sentence(facts) for key in STEPS}
    assert "64% of the power" in said["noise"]
    assert "falls from 31.00 dB to 28.25 dB, and" in said["blur"]
    assert "is crisper" in said["sharpness"] and "41% of panel 3’s power" in said["sharpness"]
    assert "goes against" in said["attention"] and "-0.70" in said["attention"]


@pytest.mark.parametrize("key", STEPS)
def test_without_an_output_or_on_a_speck_a_step_says_so(key):
    step = STEPS[key]
    told = {role: Told(20.0) for role in STORY}  # without detail, or too small for it
    assert "16 pixels" in step.sentence(replace(FACTS, told=told))
    large = replace(FACTS, told=told, scattered=torch.zeros(3, 64, 64))
    assert "no fine detail" in step.sentence(large)
    for role in step.needs:
        less = {one: told for one, told in STORY.items() if one != role}
        assert ROLES[role].label in step.sentence(replace(FACTS, told=less))


def test_a_checker_stands_out_by_its_level():
    """One of twice the amplitude has four times the power: 6 dB more."""
    generator = torch.Generator().manual_seed(0)
    clean = (0.5 + 0.02 * torch.randn(1, 64, 64, generator=generator)).expand(3, -1, -1)
    rows, columns = torch.meshgrid(torch.arange(64), torch.arange(64), indexing="ij")
    checker = 1.0 - 2.0 * ((rows + columns) % 2)
    one, two = (lattice_peak(clean + a * checker, clean) for a in (0.02, 0.04))
    assert two - one == pytest.approx(20 * math.log10(2), abs=0.5)
    assert one > 20 > abs(lattice_peak(clean, clean))


def test_facts_are_those_of_the_metrics():
    generator = torch.Generator().manual_seed(1)
    clean = torch.rand(3, 64, 48, generator=generator) * 0.5 + 0.25
    noisy = (clean + 0.1).clamp(0, 1)
    facts = measure(clean, noisy, {"mse": clean})
    assert facts[NOISY].psnr == pytest.approx(20.0, abs=1e-3)
    assert facts["mse"].psnr == math.inf and facts["mse"].magnitudes == 0
    assert facts["mse"].observed.gain == pytest.approx(0.0, abs=1e-4)
    assert facts.scattered.shape == clean.shape
    assert facts.of_scattered.magnitudes < 0.1 * facts[NOISY].magnitudes
    assert facts.of_scattered.psnr < facts[NOISY].psnr


class Drawing(torch.nn.Module):
    """Adds a checker of period 2: ±1 level on a grey of 0.35, ±2 on one of 0.65."""

    def forward(self, images):
        rows, columns = (torch.arange(side) for side in images.shape[-2:])
        checker = 1.0 - 2.0 * ((rows[:, None] + columns) % 2)
        return images + (1.0 + (images - 0.35) / 0.3) / 255 * checker


@pytest.mark.parametrize("along", [(1, 0), (0, 1)])
def test_stripes_are_found_at_their_period_and_level_along_either_side(along):
    """Of an amplitude a under the clean picture's noise of RMS s; nothing else is striped."""
    clean = 0.5 + 0.05 * torch.randn(1, 160, 200, generator=torch.Generator().manual_seed(0))
    clean = clean.expand(3, -1, -1)
    rows, columns = torch.meshgrid(torch.arange(160.0), torch.arange(200.0), indexing="ij")
    wave = torch.sin(2 * math.pi / 5 * (along[0] * columns + along[1] * rows)).expand(3, -1, -1)
    found = stripes_of(clean + 0.1 * wave, clean)
    assert found.period == pytest.approx(5, abs=0.15) and found.above > 10
    x, y = found.place
    assert abs(abs(x - 100) - 40 * along[0]) <= 1 and abs(abs(y - 80) - 32 * along[1]) <= 1
    finer = stripes_of(clean + 0.1 * torch.sin(math.pi * (rows + columns + 0.5)), clean)
    slanted = torch.sin(2 * math.pi / 5 * (0.6 * columns + 0.8 * rows))
    grainy = clean + 0.3 * torch.randn(3, 160, 200, generator=torch.Generator().manual_seed(1))
    others = (finer, stripes_of(clean, clean), stripes_of(grainy, clean))
    others = (*others, stripes_of(clean + 0.1 * slanted, clean))
    assert all(math.isnan(one.period) for one in others)
    assert math.isnan(stripes_of(clean + 0.1 * wave, clean + 0.1 * wave).period)


def test_the_strongest_grid_on_plain_greys_counts():
    assert flat_grid(Drawing()) == pytest.approx(2.0, abs=0.02)
    assert flat_grid(torch.nn.Identity()) == pytest.approx(0.0, abs=1e-4)


def test_a_grid_of_a_level_on_grey_is_seen_in_its_picture():
    drawn = grey_picture(Drawing(), (64, 48))
    assert drawn.shape == (3, 64, 48)
    assert (drawn.max() - drawn.min()).item() > 0.9  # 1.5 levels up and down, a hundred times
    assert grey_picture(torch.nn.Identity(), (64, 48)).std() < 1e-4


def test_an_error_is_averaged_over_the_cells_of_a_map():
    """4 x 6 pixels under 2 x 4 cells that cover 8 x 8: three cells of the first row have any."""
    clean = torch.zeros(3, 4, 6)
    output = clean.clone()
    output[:, :, 2] = 0.3  # half of the second cell's columns
    found = error_of_cells(output, clean, (2, 4), (8, 8))
    assert found.tolist() == [[0.0, pytest.approx(0.15), 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]]
    assert correlation(found, 2 * found + 1) == pytest.approx(1.0)
    assert correlation(found, -found) == pytest.approx(-1.0)
    assert math.isnan(correlation(found, torch.ones(2, 4)))
