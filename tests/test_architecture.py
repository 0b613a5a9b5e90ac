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

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "gbf_workbench"
MODULES = sorted(path.relative_to(ROOT).as_posix() for path in PACKAGE.rglob("*.py"))

SAY_NOTHING = {"utils", "util", "core", "base", "helpers", "helper", "common", "misc", "tools"}
READERS = re.compile(r"\b(read_csv|read_excel|read_file|read_parquet|rasterio\s*\.\s*open|pyogrio)\b")


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


def test_data_files_are_read_in_preparation_only() -> None:
    """All bad input meets the same checks, because there is one place where files come in."""
    # Rasters are too large to be read at once: the method walks through a path that preparation has checked.
    may_read = ("gbf_workbench/preparation/", "gbf_workbench/methods/rasters.py")
    reading = {module for module in MODULES if READERS.search(code_only(module))}
    assert {module for module in reading if not module.startswith(may_read)} == set()


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
