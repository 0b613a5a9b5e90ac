"""The rules of the architecture hold: which way imports point, where files are read, how modules are named."""

from __future__ import annotations

import ast
import io
import re
import subprocess
import sys
import tokenize
from functools import cache
from pathlib import Path

import pytest

from tests.bad_inputs.case import covers

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "gbf_workbench"
MODULES = sorted(path.relative_to(ROOT).as_posix() for path in PACKAGE.rglob("*.py"))

SAY_NOTHING = {"utils", "util", "core", "base", "helpers", "helper", "common", "misc", "tools"}


@cache
def code_only(module: str) -> str:
    """Source of a module without comments and texts."""
    source = (ROOT / module).read_text(encoding="utf-8")
    kept = (tokenize.COMMENT, tokenize.STRING)
    return " ".join(t.string for t in tokenize.generate_tokens(io.StringIO(source).readline) if t.type not in kept)


def test_imports_point_one_way() -> None:
    script = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    done = subprocess.run(
        [sys.executable, "-c", script, "--no-cache"], cwd=ROOT, capture_output=True, text=True, encoding="utf-8"
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("module", MODULES)
def test_names_tell_a_reader_something(module: str) -> None:
    assert not SAY_NOTHING & set(Path(module).with_suffix("").parts)


@pytest.mark.parametrize("module", MODULES)
def test_modules_stay_below_400_lines(module: str) -> None:
    lines = (ROOT / module).read_text(encoding="utf-8").count("\n")
    assert lines <= 400


#: Calls that open a file of data, by the last name; those in capitals make an object of a library that does.
OPENERS = {
    "read_csv", "read_excel", "read_fwf", "read_table", "read_feather", "read_parquet", "read_file", "read_pickle",
    "read_hdf", "read_dataframe", "read_info", "read_bounds", "list_layers", "open_arrow", "load_workbook",
    "genfromtxt", "loadtxt", "memmap", "unpack_archive", "open_dataset", "read_layer", "read_raster", "read_sheets",
    "csv_cells",
    "attributes_in", "open_layer", "open_map", "marked_workbook", "unpack_shapefile",
    "ZipFile", "ParquetFile", "CalamineWorkbook", "TarFile",
}  # fmt: skip
#: The same where only the whole name tells.
OPENERS_OF = {
    ("rasterio", "open"), ("sqlite3", "connect"), ("tarfile", "open"), ("np", "load"), ("numpy", "load"),
    ("pickle", "load"), ("gzip", "open"), ("zipfile", "is_zipfile"), ("json", "load"), ("etree", "parse"),
}  # fmt: skip
#: Calls that open any file.
PLAIN = {"open", "read_text", "read_bytes"}

#: Modules beside ``preparation/`` that may open something, and what that is.
NOT_OF_USERS = {
    "methods/rasters.py": "the clean copy of a map that the reading process wrote",
    "reporting/workbook.py": "the workbook it has just written, to take the hour out of it",
    "reporting/word_parts.py": "the document it has just written, to take the hour out of it",
    "reporting/files.py": "results that the workbench wrote",
    "reporting/pages.py": "style sheets of the package",
    "locales/__init__.py": "texts of the package",
    "catalogue/search.py": "mapping.yml, by the safe reader of YAML",
    "provenance.py": "bytes, for their hash alone",
    "doors/upload.py": "scripts of the package, and the file it is just receiving",
    "doors/session.py": "scripts of the package",
    "doors/controls.py": "the workbook and the archive it has just written",
    "doors/cli.py": "the null device",
    "doors/preparing.py": "the archive of clean files it has just written",
    "doors/packing.py": "the data pack it writes",
    "install.py": "the lock of the package",
}
#: Modules of ``preparation/`` that run in the calculation itself and not in the reading process: they open no data.
IN_THE_CALCULATION = ("inputs.py", "country.py", "frame.py", "readiness.py", "territory.py", "reader/asking.py")


def opened_in(source: str, plain: bool) -> set[str]:
    """Names of the calls in a module that open a file."""
    found = set()
    for call in (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)):
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        of = call.func.value if isinstance(call.func, ast.Attribute) else None
        owner = getattr(of, "id", getattr(of, "attr", ""))
        # A class method of a class that opens (``CalamineWorkbook.from_path``) opens too.
        if name in OPENERS or owner in OPENERS or (owner, name) in OPENERS_OF or (plain and name in PLAIN):
            found.add(f"{owner}.{name}".lstrip("."))
    return found


def test_only_the_reading_process_opens_files_of_users() -> None:
    """All bad input meets the same checks behind the same walls, because there is one place where files come in."""
    opening = {}
    for module in MODULES:
        inner = module.removeprefix("gbf_workbench/")
        if inner in NOT_OF_USERS:
            continue
        in_preparation = inner.startswith("preparation/")
        if in_preparation and inner.removeprefix("preparation/") not in IN_THE_CALCULATION:
            continue
        source = (ROOT / module).read_text(encoding="utf-8")
        if found := opened_in(source, plain=not in_preparation):
            opening[module] = found
    assert opening == {}


@pytest.mark.parametrize(
    "line",
    [
        "table = pd.read_csv(path)", "book = openpyxl.load_workbook(path)", "layer = geopandas.read_file(path)",
        "with rasterio.open(path) as map_: pass", "words = path.read_text()", "with open(path) as file: pass",
        "book = CalamineWorkbook.from_path(path)", "with zipfile.ZipFile(path) as archive: pass",
        "x = np.load(path, allow_pickle=True)", "table, issues = check_table(read_table(path, schema, mapping))",
        "layer, issues = vectors.read_layer(path, schema, mapping, crs)", "with path.open('rb') as file: pass",
        "base = sqlite3.connect(path)", "x = pickle.load(file)",
    ],
)  # fmt: skip
@pytest.mark.parametrize("module", ["indicators/red_list_index.py", "doors/panel.py"])
def test_a_line_that_opens_a_file_in_an_indicator_or_a_door_would_be_found(module: str, line: str) -> None:
    source = (PACKAGE / module).read_text(encoding="utf-8")
    assert opened_in(source, plain=True) == set()
    assert opened_in(f"{source}\n\ndef added(path):\n    {line}\n", plain=True) != set()


def test_loaders_are_called_by_the_reading_process_alone() -> None:
    """Whoever imports a loader elsewhere reads without walls."""
    loaders = {"read_layer", "read_raster", "read_sheets", "csv_cells", "attributes_in", "marked_workbook", "read_book"}
    calling = set()
    for module in MODULES:
        tree = ast.parse((ROOT / module).read_text(encoding="utf-8"))
        named = [one for one in ast.walk(tree) if isinstance(one, ast.ImportFrom) for _ in one.names]
        if not module.startswith("gbf_workbench/preparation/") and any(
            alias.name in loaders and "reader" not in (one.module or "") for one in named for alias in one.names
        ):
            calling.add(module)
    assert calling == set()


@covers("HX-14")
def test_nothing_is_ever_read_that_could_run_when_it_is_opened() -> None:
    """Pickles cross in one direction only: from the calculation to the process that reads for it."""
    risky = re.compile(
        r"\b(pickle|joblib|shelve|marshal|dill)\s*\.\s*loads?\b|read_pickle"
        r"|allow_pickle\s*=\s*True|yaml\s*\.\s*(unsafe_load|full_load)"
    )
    found = {module for module in MODULES if risky.search(code_only(module))}
    assert found <= {"gbf_workbench/preparation/reader/child.py"}


@pytest.mark.parametrize("module", MODULES)
def test_a_module_opens_with_one_sentence_a_reader_could_quote(module: str) -> None:
    tree = ast.parse((ROOT / module).read_text(encoding="utf-8"))
    first = (ast.get_docstring(tree) or "").split("\n\n")[0]
    assert not tree.body or re.search(r"[.:]$", first), first


def test_importing_the_package_brings_nothing_heavy() -> None:
    heavy = ["geopandas", "rasterio", "matplotlib", "ipywidgets", "papermill", "docx", "openpyxl", "voila"]
    script = f"import sys, gbf_workbench; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_no_outside_data_set_is_known_to_the_code(verify: Path) -> None:
    """The numbers of others are matched by the method, not by knowing which data are coming."""
    from babel import Locale

    folder_words = {
        word.lower() for path in verify.rglob("*") for word in re.split(r"[\W_]+", path.relative_to(verify).as_posix())
    }
    countries = {name.lower() for code, name in Locale("en").territories.items() if len(code) == 2}
    known = {f"'{country}'" for country in countries & folder_words} | {
        f'"{country}"' for country in countries & folder_words
    }
    # Names of one word (products, input) are words of the trade; longer ones could only mean that file.
    stems = {path.stem.lower() for path in verify.rglob("*") if len(re.split(r"[\W_]+", path.stem)) > 1}
    found = []
    for module in MODULES:
        source = (ROOT / module).read_text(encoding="utf-8").lower()
        found += [(module, name) for name in known | stems if name in source]
    assert found == []
