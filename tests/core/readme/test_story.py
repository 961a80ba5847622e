"""README and docs follow tables, cards and results; and what is shown first."""

import re

import pytest

from core.attention.cam import CAM_METHODS
from core.base.paths import DOCS, ROOT
from core.degradations import DEGRADATIONS
from core.leaderboard import FAMILIES, NOT_MEASURED, STATEMENTS, claims, read_results
from core.leaderboard.published import SOURCES
from core.losses import LOSSES
from core.metrics import METRICS, PROTOCOLS
from core.models import MODELS
from core.readme import __main__ as readme
from core.readme import claims as findings
from core.readme import commands, variants
from core.readme.blocks import BLOCKS, PAGES, rewritten
from core.readme.markdown import linked
from core.statistics import SIGNS
from core.train.optimisers import OPTIMISERS
from core.variants.featured import HYBRIDS, STORY, shown_first, story_first
from core.variants.store import list_variants

README = ROOT / "README.md"
WRITTEN = [README, *sorted(DOCS.glob("*.md"))]
LINK = re.compile(r"\]\(((?:https://)?[\w./-]+)(?:#[\w-]+)?\)")


def text_of(page):
    return (DOCS / page).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_what_tables_cards_and_results_say(page):
    assert text_of(page) == rewritten(text_of(page), page), "run `make readme`"


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.name)
def test_every_file_that_is_named_exists(path):
    text = path.read_text(encoding="utf-8")
    linked_to = [one for one in LINK.findall(text) if not one.startswith("https://")]
    assert all((path.parent / one).is_file() for one in linked_to), linked_to
    folders = re.findall(r"`((?:core|pages|docs|checkpoints|tests)/[\w/.-]*)`", text)
    assert all((ROOT / one).exists() for one in folders), folders


def test_the_readme_leads_to_every_page_of_the_docs():
    named = set(LINK.findall(README.read_text(encoding="utf-8")))
    assert {f"docs/{path.name}" for path in DOCS.glob("*.md")} <= named
    pictures = {path.name for path in DOCS.iterdir() if path.suffix in (".png", ".webp")}
    shown = {one for path in WRITTEN for one in LINK.findall(path.read_text(encoding="utf-8"))}
    assert pictures <= {one.rpartition("/")[2] for one in shown}


@pytest.mark.parametrize(
    ("block", "keys"),
    [
        ("losses", LOSSES.keys()),
        ("metrics", METRICS.keys()),
        ("protocols", PROTOCOLS.keys()),
        ("models", MODELS.keys()),
        ("degradations", DEGRADATIONS.keys()),
        ("variants", [card.name for card in list_variants(classical=False)]),
    ],
)
def test_a_table_lists_every_key(block, keys):
    assert re.findall(r"^\| `([\w-]+)`", BLOCKS[block].write(), re.MULTILINE) == keys


CALLED = '\nif __name__ == "__main__":\n'


def test_the_commands_are_those_that_can_be_called():
    """Each is listed by its module's name, which `python -m` finds."""
    listed = re.findall(r"^\| `python -m ([\w.]+)", commands.commands_table(), re.MULTILINE)
    called = (p for p in (ROOT / "core").rglob("*.py") if CALLED in p.read_text("utf8"))
    parts = (path.relative_to(ROOT).with_suffix("").parts for path in called)
    named = {".".join(part for part in names if part != "__main__") for names in parts}
    assert len(set(listed)) == len(listed) and set(listed) == named


def test_a_command_that_does_not_say_how_it_is_called_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(commands, "ROOT", tmp_path)
    (tmp_path / "mine.py").write_text('"""Does something."""\n')
    with pytest.raises(ValueError, match="mine.py"):
        commands.called(tmp_path / "mine.py")


# The sources -------------------------------------------------------------------------------------

TITLES = [source.title for source in SOURCES]
RIDDLES = re.compile(r"(?<!autoencoders, )(?<!that )\bpart [13]\b|\bthe course\b", re.IGNORECASE)
"""What only those who know the sources understand; one title has "that Part 3" in it."""


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.name)
def test_a_source_is_called_by_its_title_and_linked(path):
    text = path.read_text(encoding="utf-8")
    assert not RIDDLES.findall(text)
    links = {source.title.lower(): source.link for source in SOURCES}
    outside = re.sub(r"\[[^]]*\]\([^)]*\)", lambda found: checked(found[0], links), text)
    assert not [title for title in TITLES if title.lower() in outside.lower()]


def checked(link, links):
    """A link, left out where it is a source's own; one that leads elsewhere stays."""
    said, there = re.fullmatch(r"\[(.*)\]\((.*)\)", link, re.DOTALL).groups()
    return "" if links.get(" ".join(said.split()).lower(), there) == there else link


@pytest.mark.parametrize("table", [LOSSES, MODELS, CAM_METHODS, OPTIMISERS], ids=lambda t: t.kind)
def test_every_reference_names_a_source_a_year_or_a_library(table):
    for spec in table.values():
        named = [title for title in TITLES if title in spec.reference]
        assert named or re.search(r"\b(18|19|20)\d\d\b|torch\.", spec.reference), spec.key
        assert not RIDDLES.search(spec.reference)


def test_a_source_becomes_a_link_in_whatever_case():
    source = SOURCES[-1]
    assert linked(f"as {source.title.upper()} says") == (
        f"as [{source.title.upper()}]({source.link}) says"
    )
    assert linked("nobody") == "nobody"


# The claims in the docs and the leaderboard's ----------------------------------------------------


def cells_of(block):
    """The cells of a block's table, its header left out."""
    text = text_of(BLOCKS[block].page)
    (inside,) = re.findall(rf"<!-- {block} -->\n(.*?)<!-- /{block} -->", text, re.DOTALL)
    lines = [line for line in inside.splitlines() if line.startswith("|")]
    return [re.split(r"(?<!\\)\|", line)[1:-1] for line in lines[2:]]


def verdict_of(cell):
    """A cell's verdict, and the lines below it."""
    verdict, *below = cell.strip().split("<br>")
    return verdict.strip("*"), below


def test_the_docs_say_of_every_claim_what_the_leaderboard_says():
    """Verdict, what it waits for, parts, and every number with its own verdict."""
    found = claims(read_results())
    lines = cells_of("claims")
    assert len(lines) == len(found)
    for (told, judged, numbers), (claim, finding) in zip(lines, found, strict=True):
        assert told.strip() == f"{claim.claim} ({linked(claim.source)})"
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
        judged.setdefault(told.partition(" (")[0].strip(), set()).add(verdict_of(cell)[0])
    for statement, *cells in cells_of("story"):
        for family, cell in zip(FAMILIES.values(), cells, strict=True):
            claim = f"{family.label}: {statement.strip()}"
            judged[claim].add(verdict_of(cell)[0])
    assert {len(verdicts) for verdicts in judged.values()} == {1}
    texts = [path.read_text(encoding="utf-8") for path in WRITTEN]
    outside = re.sub(r"^\|.*$", "", "\n".join(texts), flags=re.MULTILINE)
    assert not re.search(r"\*\*(holds|does not hold|cannot be told)\*\*", outside, re.IGNORECASE)


def test_the_best_classical_denoiser_is_a_number_without_a_verdict(monkeypatch, make_card):
    def told(**validation):
        card = make_card("hybrid-mse", validation=validation)
        monkeypatch.setattr(findings, "list_variants", lambda classical: [card])
        return findings.story().partition("\n\n")[2]

    said = told(metrics={"psnr": findings.CBM3D_DB + 0.5})
    assert f"{findings.CBM3D_DB} dB" in said and "27.44 dB, +0.50 dB" in said
    assert not any(verdict in said for verdict in SIGNS)
    assert "∞ dB" in told(metrics={"psnr": "Infinity"})
    assert told() == ""


def test_an_infinite_mean_in_a_card_is_no_dash(make_card):
    card = make_card("one", validation={"metrics": {"psnr": "Infinity"}})
    assert variants._means(card)[:2] == ["∞ dB", "—"]


def test_the_protocol_names_those_who_were_measured_in_another_way(monkeypatch, make_card):
    how = {"a": "with noise", "b": "with noise", "c": "with blur"}
    cards = [make_card(n, validation={"count": 2, "protocol": p}) for n, p in how.items()]
    monkeypatch.setattr(variants, "list_variants", lambda classical: cards)
    told = "Means over 2 photos: with noise. `c`: means over 2 photos: with blur."
    assert variants.protocol() == told


def test_a_missing_block_is_named_and_nothing_is_written(tmp_path, capsys):
    path = tmp_path / PAGES[0]
    path.write_text("# nothing\n")
    assert readme.main(["--docs", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert PAGES[0] in said and f"'{next(iter(BLOCKS))}'" in said
    assert path.read_text() == "# nothing\n" and [*tmp_path.iterdir()] == [path]


def test_a_block_is_written_between_its_marks_and_the_rest_is_left():
    text = "before\n<!-- commands -->\nold\n<!-- /commands -->\nafter\n"
    said = rewritten(text, "commands.md")
    begin, end = said.split(commands.commands_table())
    assert begin == "before\n<!-- commands -->\n\n"
    assert end == "\n\n<!-- /commands -->\nafter\n"


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
