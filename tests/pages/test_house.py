"""The laws of the house that concern pages: read from the source, so that none can be missed."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator
from functools import cache, reduce
from pathlib import Path

import pytest

from core.leaderboard.published import SOURCES as TITLED
from pages.shared.navigation import DEFAULT, PAGES, SECTIONS

ROOT = Path(__file__).resolve().parents[2]
CACHED = ROOT / "pages" / "shared" / "cached"
SOURCES = [ROOT / "app.py", *sorted((ROOT / "pages").rglob("*.py"))]
PAGE_FILES = sorted((ROOT / "pages").glob("*/page.py"))
CORE = sorted((ROOT / "core").rglob("*.py"))
HEAVY = {"matplotlib", "torch", "transformers", "pytorch_grad_cam", "skimage", "sklearn"}


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf8"))


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """All of a file, from the outside in."""
    return tuple(ast.walk(parsed(path)))


def against(law: Callable[[Path], bool], paths: Iterable[Path]) -> list[str]:
    """The names of the files that do not keep a law; there is a file to keep it."""
    files = list(paths)
    assert files
    return [name_of(path) for path in files if not law(path)]


def imports(path: Path, *, only_top: bool = False) -> Iterator[str]:
    """Dotted names of everything that a file imports, those for type checkers left out."""
    unseen = {
        id(inner)
        for node in nodes(path)
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in parsed(path).body if only_top else nodes(path):
        if id(node) in unseen:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def texts(path: Path) -> Iterator[str]:
    """All texts of a file that somebody could read on a page: docstrings are for its readers."""
    told = {id(node.value) for node in nodes(path) if isinstance(node, ast.Expr)}
    for node in nodes(path):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.value


def test_the_sources_are_called_by_their_titles():
    """A visitor knows neither "the course" nor "part 3"; the titles become links."""
    riddle = re.compile(r"\b(the (course|series)|part [0-9])\b", re.IGNORECASE)
    for path in (*CORE, *SOURCES):
        for text in texts(path):
            if riddle.search(text):
                left = reduce(lambda rest, source: rest.replace(source.title, ""), TITLED, text)
                assert not riddle.search(left), f"{name_of(path)}: {text}"


@cache
def imported(path: Path) -> frozenset[str]:
    return frozenset(imports(path))


def test_core_imports_no_user_interface():
    banned = {"streamlit", "pages", "app"}
    assert not against(
        lambda path: not banned & {name.split(".")[0] for name in imported(path)}, CORE
    )


def test_pages_import_only_core_what_pages_share_and_their_own_folder():
    def law(path: Path) -> bool:
        folder = path.relative_to(ROOT).parts[1]
        own = [name for name in imported(path) if name.split(".")[0] in ("pages", "app")]
        found = {".".join(name.split(".")[:2]) for name in own}
        return found <= {"pages.shared", f"pages.{folder}"}

    assert not against(law, SOURCES[1:])


def users(module: str) -> set[str]:
    """The page folders that import a shared module, themselves or by way of other shared ones."""
    found, seen, queue = set(), set(), [module]
    while queue:
        wanted = queue.pop()
        for path in SOURCES:
            used = imported(path)
            if path in seen or not any(f"{name}.".startswith(f"{wanted}.") for name in used):
                continue
            seen.add(path)
            if "shared" in path.parts:
                module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
                queue.append(module.removesuffix(".__init__"))
            else:
                found.add(path.parent.name)
    return found


FRAME = ROOT / "pages" / "shared" / "frame.py"
SHARED = [path for path in sorted(FRAME.parent.iterdir()) if path.suffix == ".py" or path.is_dir()]
BENCH = [path.read_text("utf8") for path in (ROOT / "core" / "bench").glob("*.py")]


def test_what_is_shared_serves_two_pages_or_the_frame_around_all():
    """Or it is what the benchmark measures the pages with, and no page uses it."""
    around = imported(FRAME) | imported(SOURCES[0])

    def law(path: Path) -> bool:
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        framed = any(f"{name}.".startswith(f"{module}.") for name in around)
        parts = [" / ".join(f'"{part}"' for part in path.relative_to(ROOT).parts), f'"{module}"']
        measuring = any(part in text for part in parts for text in BENCH)
        return framed or len(users(module)) > 1 or (measuring and not users(module))

    assert not against(law, [one for one in SHARED if one.name not in (FRAME.name, "__pycache__")])


def test_app_imports_pages_and_computes_nothing():
    names = set(imports(SOURCES[0]))
    assert any(name.startswith("pages.shared") for name in names)
    assert not any(name.split(".")[0] == "core" for name in names)


def test_no_file_directly_in_pages():
    assert list((ROOT / "pages").glob("*.py")) == []


def files_that_say(text: str) -> list[Path]:
    return [path for path in SOURCES if text in path.read_text("utf8")]


def test_only_one_file_says_how_things_are_kept():
    assert files_that_say("st.cache_") == [CACHED / "keeping.py"]


def test_only_one_folder_caches():
    def caches(path: Path) -> bool:
        return any(name.startswith("pages.shared.cached.keeping") for name in imported(path))

    assert {path.parent for path in SOURCES if caches(path)} == {CACHED}


def cached_functions(way: str) -> list[ast.FunctionDef]:
    """Those whose decorator is called so."""
    return [
        node
        for path in sorted(CACHED.glob("*.py"))
        for node in parsed(path).body
        if isinstance(node, ast.FunctionDef)
        and any(way in ast.unparse(decorator) for decorator in node.decorator_list)
    ]


@pytest.mark.parametrize("function", cached_functions("resource"), ids=lambda f: f.name)
def test_what_is_cached_by_number_is_bounded(function):
    assert any("max_entries" in ast.unparse(one) for one in function.decorator_list)


@pytest.mark.parametrize(
    "function", [*cached_functions("kept"), *cached_functions("resource")], ids=lambda f: f.name
)
def test_what_is_cached_has_a_key(function):
    """A parameter with an underscore is no part of the key: some other must be."""
    every = [*function.args.args, *filter(None, [function.args.vararg])]
    names = [argument.arg for argument in every]
    assert not names or any(not name.startswith("_") for name in names)


def test_pictures_and_jobs_are_bounded_in_bytes():
    kept = {function.name for function in cached_functions("kept")}
    assert {"encoded", "measurement", "restoration_job", "job"} <= kept
    giving = {f.name: ast.unparse(f.returns) for f in cached_functions("resource") if f.returns}
    large = re.compile(r"\b(Picture|ndarray|EncodedImage|Job)\b")
    assert not [name for name, what in giving.items() if large.search(what)]


LOSSY = {"image", "pyplot"}
COLOURED_BY_PLOTLY = {"Heatmap", "Heatmapgl", "imshow"}


def test_pixels_reach_the_browser_by_the_viewer_only():
    """The platform's pictures are scaled or packed with loss, a chart's heat map is resampled."""
    lossy = {f"{module}.{name}" for module in ("st", "streamlit") for name in LOSSY}

    def law(path: Path) -> bool:
        named = [n for n in nodes(path) if getattr(n, "attr", "") in LOSSY | COLOURED_BY_PLOTLY]
        names = {ast.unparse(node) for node in named} | imported(path)
        return not lossy & names and not COLOURED_BY_PLOTLY & {n.split(".")[-1] for n in names}

    assert not against(law, SOURCES)


SPOKEN = {"st.error", "st.warning"}


def test_errors_and_warnings_are_shown_as_plain_text():
    """They quote files and addresses, which could otherwise put links and pictures on a page."""

    def law(path: Path) -> bool:
        spoken = [call for call in calls(path) if ast.unparse(call.func) in SPOKEN]
        return all(ast.unparse(call.args[0]).startswith("plain(") for call in spoken)

    assert not against(law, SOURCES)


def calls(path: Path) -> list[ast.Call]:
    return [node for node in nodes(path) if isinstance(node, ast.Call)]


def test_every_page_file_is_in_the_table():
    assert sorted(PAGE_FILES) == sorted(spec.path for spec in PAGES)


def test_addresses_are_distinct_and_sections_known():
    assert len({spec.folder for spec in PAGES}) == len(PAGES)
    assert {spec.section for spec in PAGES} <= set(SECTIONS)
    assert DEFAULT.folder == "compare"


def test_first_paint_waits_for_nothing_heavy():
    """Importing all that a page imports at its top brings in none of the slow packages."""
    modules = sorted({name for path in SOURCES for name in imports(path, only_top=True)})
    own = [name for name in modules if name.split(".")[0] in ("pages", "core")]
    code = f"""
import sys, importlib
for name in {own!r}:
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as error:  # a name inside a module
        assert error.name == name, error
print(*{{name.split(".")[0] for name in sys.modules}})
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert "pages" in loaded
    assert not HEAVY & loaded


def test_settings_keep_everything_on_this_machine():
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf8"))
    assert config["browser"]["gatherUsageStats"] is False
    assert config["browser"]["serverAddress"] == "localhost"
    assert config["server"]["address"] == "127.0.0.1"
    assert config["server"]["showEmailPrompt"] is False
    assert config["runner"]["postScriptGC"] is False
    assert config["runner"]["magicEnabled"] is False  # else pages are parsed as libraries load
    assert config["client"]["showErrorDetails"] == "type"
    assert "http" not in str(config["theme"])
    assert {"light", "dark"} <= set(config["theme"])


BINDING = "query-params"


def test_files_come_by_one_widget():
    """The platform's own answers a name that it does not expect with a traceback."""
    assert [path.name for path in files_that_say("st.file_uploader")] == ["file_field.py"]


def test_widgets_are_bound_to_the_address_in_one_place():
    """What binds a widget also reads the address first, and tells what it does not get."""
    assert [path.name for path in files_that_say(BINDING)] == ["choose.py"]


def test_what_the_platform_tells_twice_is_acted_upon_once():
    """It also tells of widgets that an interrupted run, or another page, did not come to."""
    files = {"acting.py": {"_act"}, "file_field.py": {"then"}}  # files are new by their own names

    def law(path: Path) -> bool:
        changes = [k for call in calls(path) for k in call.keywords if k.arg == "on_change"]
        return {ast.unparse(k.value) for k in changes} <= {"'rerun'", *files.get(path.name, ())}

    assert not against(law, SOURCES)


def test_only_views_that_are_there_are_run_alone():
    """By `run_alone`, which looks first."""

    def law(path: Path) -> bool:
        alone = [c for c in calls(path) if c.args and ast.unparse(c.func) == "st.rerun"]
        return not alone or path.name == "views.py"

    assert not against(law, SOURCES)


MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in [*SOURCES, *CORE]
}


def neighbours(name: str) -> set[str]:
    """The modules of ours that a module imports, also inside functions and for type checkers.

    A package hands names on, so that a module may import from the one that it stands in.
    """
    path, found = MODULES[name], set()
    package = name if path.stem == "__init__" else name.rpartition(".")[0]
    for node in nodes(path):
        if isinstance(node, ast.ImportFrom):
            up = package.split(".")[: len(package.split(".")) - node.level + 1]
            source = ".".join([*(up if node.level else []), *filter(None, [node.module])])
            wanted = (f"{source}.{alias.name}" for alias in node.names)
            found |= {one if one in MODULES else source for one in wanted}
    above = {".".join(name.split(".")[:depth]) for depth in range(1, name.count(".") + 1)}
    return (found & set(MODULES)) - above - {name}


def test_no_modules_import_each_other_in_a_circle():
    """Modules are taken away one after another, each when it imports none that is left."""
    left = {name: neighbours(name) for name in MODULES}
    assert left["app"] and left["core.metrics.psnr"]
    while free := {name for name, names in left.items() if not names & set(left)}:
        left = {name: names for name, names in left.items() if name not in free}
    assert not left, sorted(left)


def test_the_address_is_read_and_written_in_one_place():
    """So whatever it asks for is judged: nothing gets by `settle`."""

    def uses(path: Path) -> bool:
        return any(getattr(node, "attr", "") == "query_params" for node in nodes(path))

    assert [path.name for path in SOURCES if uses(path)] == ["address.py"]


# What is drawn alone -----------------------------------------------------------------------------


@cache
def names_in(path: Path) -> dict[str, tuple[Path, str]]:
    """What a module calls its own functions and classes, and those of other modules of ours."""
    tops = [n for n in parsed(path).body if isinstance(n, ast.FunctionDef | ast.ClassDef)]
    found = {one.name: (path, one.name) for one in tops}
    for node in nodes(path):
        if isinstance(node, ast.ImportFrom) and node.module in MODULES:
            found |= {one.name: (MODULES[node.module], one.name) for one in node.names}
    return found


@cache
def definition(path: Path, name: str) -> ast.AST | None:
    return next((n for n in parsed(path).body if getattr(n, "name", "") == name), None)


def begun_alone() -> Iterator[tuple[Path, str]]:
    """Views, and whatever is made a fragment."""
    for path in SOURCES:
        for node in nodes(path):
            if isinstance(node, ast.ClassDef) and re.search("View|OneResult", bases(node)):
                yield path, node.name
            if any(map(makes_fragments, getattr(node, "decorator_list", ()))):
                yield path, node.name
            if isinstance(node, ast.Call) and makes_fragments(node.func):
                yield from ((path, ast.unparse(one)) for one in node.args)


def makes_fragments(node: ast.expr) -> bool:
    return getattr(node, "attr", "") == "fragment" and ast.unparse(node) == "st.fragment"


def bases(node: ast.ClassDef) -> str:
    return " ".join(map(ast.unparse, node.bases))


def called_in(node: ast.AST) -> list[str]:
    return [ast.unparse(one.func) for one in ast.walk(node) if isinstance(one, ast.Call)]


@cache
def drawn_alone() -> frozenset[tuple[Path, str]]:
    """Module and name of what is drawn within a view or a fragment, wherever it is defined."""
    found, queue = set(), list(begun_alone())
    while queue:
        path, name = queue.pop()
        where = names_in(path).get(name)
        node = where and definition(*where)
        if node is None or where in found:
            continue
        found.add(where)
        queue += [(where[0], one) for one in called_in(node)]
    return frozenset(found)


def callbacks(path: Path) -> list[str]:
    """What a click or a change calls in what is drawn alone, but for what draws the page again."""
    found = {
        ast.unparse(keyword.value)
        for of, name in drawn_alone()
        if of == path
        for keyword in ast.walk(definition(of, name))
        if isinstance(keyword, ast.keyword) and keyword.arg in ("on_click", "on_change")
    }
    return sorted(one for one in found if not one.startswith(("and_the_page(", "'")))


def key_of(node: ast.expr) -> str:
    """How a key begins, before what is put into it; a name or a property stands for its value."""
    first = node.values[0] if isinstance(node, ast.JoinedStr) else node
    return str(first.value) if isinstance(first, ast.Constant) else last(ast.unparse(first))


def last(dotted: str) -> str:
    return dotted.rpartition(".")[2]


def keys_outside(path: Path) -> set[str]:
    """Of the fields that other modules draw."""
    return {
        key_of(node.value)
        for other in SOURCES
        if other != path
        for node in nodes(other)
        if isinstance(node, ast.keyword) and node.arg == "key"
    }


def keys_put(path: Path, name: str) -> set[str]:
    """What a callback of a page puts into the session's state, itself or by what it calls."""
    defined = {
        node.name: node
        for one in path.parent.glob("*.py")
        for node in nodes(one)
        if isinstance(node, ast.FunctionDef)
    }
    seen, queue = {}, [last(name)]
    while queue:
        one = queue.pop()
        if one in defined and one not in seen:
            seen[one] = defined[one]
            queue += map(last, called_in(defined[one]))
    return {
        key_of(node.slice)
        for function in seen.values()
        for node in ast.walk(function)
        if isinstance(node, ast.Subscript)
        and isinstance(node.ctx, ast.Store)
        and ast.unparse(node.value) == "st.session_state"
    }


def test_what_a_view_changes_outside_of_it_has_the_page_drawn_again():
    """Outside is what all pages share, and a field that another module draws."""
    acting = [path for path in SOURCES if callbacks(path)]
    assert acting
    for path in acting:
        mine = {name for name in imported(path) if name.startswith("pages.shared.")}
        shared = {name.split(".")[-1] for name in mine}
        for name in callbacks(path):
            assert name.split(".")[0] not in shared, (name_of(path), name)
            assert not keys_put(path, name) & keys_outside(path), (name_of(path), name)
