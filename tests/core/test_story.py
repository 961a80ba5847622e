"""The README follows the leaderboard, the tables and the cards, and what is shown first."""

import re

from core.leaderboard import FAMILIES, NOT_MEASURED, STATEMENTS, claims, read_results
from core.losses import LOSSES
from core.metrics import METRICS
from core.readme import __main__ as readme
from core.statistics import SIGNS
from core.variants.featured import HYBRIDS, STORY, shown_first, story_first
from core.variants.store import list_variants


def test_the_readme_is_what_tables_and_cards_say():
    text = readme.README.read_text(encoding="utf-8")
    assert text == readme.rewritten(text), "run `make readme`"


def test_every_file_that_the_readme_names_exists():
    text = readme.README.read_text(encoding="utf-8")
    named = re.findall(r"\]\(([\w./-]+)\)", text)
    assert named and all((readme.README.parent / path).is_file() for path in named), named


def test_the_readmes_tables_list_every_key():
    for table, write in [(LOSSES, readme.losses_table), (METRICS, readme.metrics_table)]:
        assert re.findall(r"^\| `(\w+)`", write(), re.MULTILINE) == table.keys()
    listed = re.findall(r"^\| `([\w-]+)`", readme.variants_table(), re.MULTILINE)
    assert listed == [card.name for card in list_variants(classical=False)]


# The README's claims and the leaderboard's -------------------------------------------------------


def cells_of(block):
    """The cells of a block's table in the README, its header left out."""
    text = readme.README.read_text(encoding="utf-8")
    (inside,) = re.findall(rf"<!-- {block} -->\n(.*?)<!-- /{block} -->", text, re.DOTALL)
    lines = [line for line in inside.splitlines() if line.startswith("|")]
    return [re.split(r"(?<!\\)\|", line)[1:-1] for line in lines[2:]]


def verdict_of(cell):
    """A cell's verdict, and the lines below it."""
    verdict, *below = cell.strip().split("<br>")
    return verdict.strip("*"), below


def test_the_readme_says_of_every_claim_what_the_leaderboard_says():
    """Verdict, what it waits for, parts, and every number with its own verdict."""
    found = claims(read_results())
    lines = cells_of("claims")
    assert len(lines) == len(found)
    for (told, judged, numbers), (claim, finding) in zip(lines, found, strict=True):
        assert told.strip() == f"{claim.claim} ({claim.source})"
        verdict, below = verdict_of(judged)
        assert verdict == finding.verdict
        waits = [NOT_MEASURED] if finding.waits else []
        assert below == waits + ([finding.parts] if finding.parts else [])
        told = [f"{SIGNS.get(n.verdict, '')} {n.label}: {n.text()}" for n in finding.numbers]
        assert numbers.strip().split("<br>") == [line.strip() for line in told]


def test_the_story_says_of_every_family_what_its_claims_say():
    found = {(one.statement, one.family): finding for one, finding in claims(read_results())}
    lines = cells_of("story")
    assert [line[0].strip() for line in lines] == [s.statement for s in STATEMENTS.values()]
    for key, line in zip(STATEMENTS, lines, strict=True):
        assert len(line) == 1 + len(FAMILIES)
        for family, cell in zip(FAMILIES, line[1:], strict=True):
            verdict, below = verdict_of(cell)
            finding = found[key, family]
            assert verdict == finding.verdict
            assert (finding.parts in below) == bool(finding.parts)


def test_no_claim_stands_twice_with_different_verdicts():
    """Whatever is said of a family's statement, in whichever table."""
    judged = {}
    for told, cell, _ in cells_of("claims"):
        judged.setdefault(told.rpartition(" (")[0].strip(), set()).add(verdict_of(cell)[0])
    for statement, *cells in cells_of("story"):
        for family, cell in zip(FAMILIES.values(), cells, strict=True):
            claim = f"{family.label}: {statement.strip()}"
            judged[claim].add(verdict_of(cell)[0])
    assert {len(verdicts) for verdicts in judged.values()} == {1}
    text = readme.README.read_text(encoding="utf-8")
    blocks = [block for block in readme.BLOCKS if block not in ("claims", "story", "cracks")]
    for block in blocks:
        text = re.sub(rf"<!-- {block} -->.*?<!-- /{block} -->", "", text, flags=re.DOTALL)
    outside = re.sub(r"^\|.*$", "", text, flags=re.MULTILINE)
    assert not re.search(r"\*\*(holds|does not hold|cannot be told)\*\*", outside, re.IGNORECASE)


def test_the_best_classical_denoiser_is_a_number_without_a_verdict(monkeypatch, make_card):
    def told(**validation):
        card = make_card("hybrid-mse", validation=validation)
        monkeypatch.setattr(readme, "list_variants", lambda classical: [card])
        return readme.story().partition("\n\n")[2]

    said = told(metrics={"psnr": readme.CBM3D_DB + 0.5})
    assert f"{readme.CBM3D_DB} dB" in said and "27.44 dB, +0.50 dB" in said
    assert not any(verdict in said for verdict in SIGNS)
    assert "∞ dB" in told(metrics={"psnr": "Infinity"})
    assert told() == ""


def test_an_infinite_mean_in_a_card_is_no_dash(make_card):
    card = make_card("one", validation={"metrics": {"psnr": "Infinity"}})
    assert readme._means(card)[:2] == ["∞ dB", "—"]


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


def test_the_storys_variants_come_first_in_its_order():
    cards = list_variants(hidden=True)
    told = [name for name in STORY if name in {card.name for card in cards}]
    assert [card.name for card in story_first(cards)[: len(told)]] == told
    assert len(story_first(cards)) == len(cards)
    assert shown_first(list_variants()) == (told or list(HYBRIDS))


def test_without_the_storys_variants_its_stand_ins_are_shown_first_and_else_all(make_card):
    cards = [make_card("b"), make_card("a", loss="l1"), make_card("c", loss="")]
    assert shown_first(cards) == ["b", "a"]
    cards += [make_card(name) for name in reversed(HYBRIDS)]
    assert shown_first(cards) == list(HYBRIDS)
    cards += [make_card(name) for name in (STORY[2], STORY[0])]
    assert shown_first(cards) == [STORY[0], STORY[2]]
