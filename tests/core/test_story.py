"""The story follows the numbers, and the README follows the story, the tables and the cards."""

import re

import pytest

from core import readme
from core.checkpoints import list_variants
from core.leaderboard import claims, read_results
from core.losses import LOSSES
from core.metrics import METRICS
from core.story import FINDINGS, STORY, findings, shown_first, story_first

GOOD = {  # the sources' story as they tell it
    "hybrid-mse": {"detail_gain": -4, "checkerboard_added": 0.0, "colour_shift": 1.0},
    "hybrid-regional-sharpness": {
        "psnr": 26.5, "detail_gain": 0, "checkerboard_added": 0.5, "colour_shift": 1.3,
    },
    "hybrid-frequency": {"psnr": 26.9, "detail_gain": -2},
    "hybrid-frequency-radial": {"psnr": 26.85, "detail_gain": -1.8},
    "unet-mse": {"psnr": 26.7},
    "hybrid-regional-sharpness-resize": {"psnr": 26.6, "detail_gain": -0.2},
}  # fmt: skip
BASE = {"psnr": 27.0, "detail_truth": 0.4, "checkerboard_added": 0.0, "colour_shift": 1.0}


@pytest.fixture
def cards(make_card):
    def make(**changes):
        return [
            make_card(name, validation={"metrics": {**BASE, **means, **changes.get(name, {})}})
            for name, means in GOOD.items()
        ]

    return make


def test_the_sources_story_holds_where_the_numbers_say_so(cards):
    told = findings(cards())
    assert len(told) == len(FINDINGS)
    assert not any("Does not hold" in sentence for sentence in told)
    assert "+0.06 dB" in told[0] and "-4.0 dB" in told[1] and "0.50" in told[3]


@pytest.mark.parametrize(
    ("changes", "number"),
    [
        ({"hybrid-mse": {"detail_gain": 0.5}}, 1),
        ({"hybrid-regional-sharpness": {"detail_gain": -4}}, 2),
        ({"hybrid-regional-sharpness": {"checkerboard_added": 0.0}}, 3),
        ({"hybrid-regional-sharpness": {"colour_shift": 0.9}}, 4),
        ({"hybrid-frequency": {"detail_gain": 3}}, 5),
        ({"hybrid-frequency": {"checkerboard_added": 0.6}}, 5),
        ({"hybrid-frequency-radial": {"psnr": 26.0}}, 6),
        ({"unet-mse": {"psnr": 27.5}}, 7),
        ({"hybrid-regional-sharpness-resize": {"checkerboard_added": 0.48}}, 8),
    ],
)
def test_each_part_falls_when_its_number_does(cards, changes, number):
    told = findings(cards(**{name: change for name, change in changes.items()}))
    assert "Does not hold" in told[number]


def test_what_was_not_measured_is_not_told(cards):
    others = [card for card in cards() if card.name != "unet-mse"]
    assert len(findings(others)) == len(FINDINGS) - 1
    assert findings([]) == []


def test_the_readme_is_what_tables_and_cards_say():
    text = readme.README.read_text(encoding="utf-8")
    assert text == readme.rewritten(text), "run `make readme`"


def test_every_part_of_the_story_is_told_of_the_shipped_variants():
    assert len(findings(list_variants())) == len(FINDINGS)


def test_every_file_that_the_readme_names_exists():
    text = readme.README.read_text(encoding="utf-8")
    named = re.findall(r"\]\(([\w./-]+)\)", text)
    assert named and all((readme.README.parent / path).is_file() for path in named), named


def test_the_readmes_tables_list_every_key():
    for table, write in [(LOSSES, readme.losses_table), (METRICS, readme.metrics_table)]:
        assert re.findall(r"^\| `(\w+)`", write(), re.MULTILINE) == table.keys()
    listed = re.findall(r"^\| `([\w-]+)`", readme.variants_table(), re.MULTILINE)
    assert listed == [card.name for card in list_variants(classical=False)]


def test_the_readmes_claims_are_the_leaderboards():
    found = claims(read_results())
    lines = readme.claims_table().splitlines()[2:]
    assert len(lines) == len(found)
    for line, (claim, finding) in zip(lines, found, strict=True):
        assert claim.claim in line and f"**{finding.verdict}**" in line
        for number in finding.numbers:
            assert f"{number.label}: {number.text()}" in line
        assert line.count("✓") == sum(n.verdict == "holds" for n in finding.numbers)
        assert line.count("✗") == sum(n.verdict == "does not hold" for n in finding.numbers)


def test_the_protocol_names_those_who_were_measured_in_another_way(monkeypatch, make_card):
    how = {"a": "with noise", "b": "with noise", "c": "with blur"}
    cards = [make_card(n, validation={"count": 2, "protocol": p}) for n, p in how.items()]
    monkeypatch.setattr(readme, "list_variants", lambda classical: cards)
    told = "Means over 2 photos: with noise. `c`: means over 2 photos: with blur."
    assert readme.protocol() == told


def test_a_missing_block_is_named(tmp_path, capsys):
    path = tmp_path / "README.md"
    path.write_text("# nothing\n")
    assert readme.main(["--file", str(path)]) == 2
    assert "no block 'variants'" in capsys.readouterr().err


def test_the_storys_variants_are_shipped_and_shown_first():
    cards = list_variants(hidden=True)
    assert [card.name for card in story_first(cards)[: len(STORY)]] == list(STORY)
    assert len(story_first(cards)) == len(cards)
    assert shown_first(list_variants()) == list(STORY)


def test_without_the_storys_variants_all_trained_ones_are_shown_first(make_card):
    cards = [make_card("b"), make_card("a", loss="l1"), make_card("c", loss="")]
    assert shown_first(cards) == ["b", "a"]
    assert shown_first([*cards, make_card("unet-mse")]) == ["unet-mse"]
