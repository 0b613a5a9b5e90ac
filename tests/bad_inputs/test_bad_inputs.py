"""Every entry of the catalogue of bad inputs has its stated outcome, the same through library, batch and app."""

from __future__ import annotations

import importlib
import json
import re
import shutil
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from gbf_workbench.catalogue.specs import spec_of
from gbf_workbench.doors import batch
from gbf_workbench.errors import Issue, WorkbenchError
from gbf_workbench.pipeline import check, compute
from tests.bad_inputs.case import Case, Finding, Variant, make_country

HERE = Path(__file__).parent
OUTCOMES: dict[str, dict[str, str]] = yaml.safe_load((HERE / "outcomes.yml").read_text(encoding="utf-8"))
MODULES = {
    group: importlib.import_module(f"tests.bad_inputs.{group}") for group in OUTCOMES if (HERE / f"{group}.py").exists()
}
CASES: list[Case] = [case for module in MODULES.values() for case in module.CASES]


def _named(case: Case) -> str:
    return f"{case.entry} {case.name}"


SHAPES = [
    pytest.param(case, at, id=f"{_named(case)} {one.label}") for case in CASES for at, one in enumerate(case.variants)
]
#: At the other doors a shape takes seconds: one of each group runs always, all of them where every test is asked for.
ALWAYS = [module.CASES[0] for module in MODULES.values() if module.CASES]
AT_DOORS = [
    pytest.param(case, at, id=shape.id, marks=[] if case in ALWAYS and not at else [pytest.mark.slow])
    for shape in SHAPES
    for case, at in [shape.values]
]


@pytest.fixture
def note(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Note for the table which entry was tried at which door."""
    return lambda entry, door: request.node.user_properties.append(("bad_input", (entry, door)))


def _folder(case: Case, write: Callable[[Path], None], where: Path) -> Path:
    folder = make_country(where / "country", case.country)
    write(folder)
    return folder


def _found_in_library(case: Case, folder: Path) -> tuple[Issue, ...]:
    if not case.computed:
        return check(case.code, folder)
    try:
        return compute(case.code, folder).issues
    except WorkbenchError as refused:
        # What was found before the science refused belongs to it; the doors show both.
        before = check(case.code, folder)
        return (*before, *(issue for issue in refused.issues if issue not in before))


def _matches(issue: dict[str, Any], one: Finding) -> bool:
    said = f"{issue['reason']} {issue['remedy']}"
    return (
        issue["level"] == one.level and issue["key"] == one.key
        and (not one.rows or tuple(issue["rows"]) == one.rows)
        and (not one.column or issue["column"] == one.column)
        and (not one.value or issue["value"] == one.value)
        and all(piece in said for piece in one.says)
    )  # fmt: skip


def _assert_found(records: list[dict[str, Any]], variant: Variant) -> None:
    shown = json.dumps(records, ensure_ascii=False, indent=1)
    for one in variant.finds:
        assert any(_matches(issue, one) for issue in records), f"{one}\nnot among\n{shown}"
    for issue in records:
        assert issue["reason"], shown
        assert not re.search(r"\{[a-z_]+\}", issue["reason"] + issue["remedy"]), shown
        if issue["level"] in ("error", "question"):
            assert issue["remedy"], f"no remedy: {issue['key']}"


def _shape(issues: Iterable[dict[str, Any]]) -> set[tuple[Any, ...]]:
    return {
        (one["level"], one["key"], one["file"], one["sheet"], tuple(one["rows"]), one["column"], one["value"])
        for one in issues
    }


#: Indicators whose first shapes go through the kernel of a batch to the number.
_ALL_THE_WAY = ("A.2", "A.3", "3.1")


@pytest.mark.parametrize(("case", "at"), SHAPES)
def test_it_is_found_in_the_library_with_place_and_remedy(case: Case, at: int, tmp_path: Path, note: Any):
    note(case.entry, "library")
    variant = case.variants[at]
    folder = _folder(case, variant.write, tmp_path)
    _assert_found([issue.record("en") for issue in _found_in_library(case, folder)], variant)


@pytest.mark.parametrize(("case", "at"), AT_DOORS)
def test_the_batch_says_the_same(case: Case, at: int, tmp_path: Path, note: Any, monkeypatch: pytest.MonkeyPatch):
    note(case.entry, "batch")
    variant = case.variants[at]
    folder = _folder(case, variant.write, tmp_path)
    expected = [issue.record("en") for issue in _found_in_library(case, folder)]
    stops = any(one["level"] in ("error", "question") for one in expected)
    whole = case.computed or (not at and case.code in _ALL_THE_WAY)
    if not stops and not whole:
        # The kernel adds nothing to what is found in the data, which is read before it.
        monkeypatch.setattr(batch, "_execute", lambda *_: "not run")
    unit = batch.run(folder, tmp_path / "out", only=[case.code], language="en").units[0]
    if case.computed:
        _assert_found(_of_the_unit(unit), variant)
        return
    assert _shape(issue.record("en") for issue in unit.issues) == _shape(expected)
    assert unit.state == ("failed" if stops or not whole else "ok")


def _of_the_unit(unit: batch.Unit) -> list[dict[str, Any]]:
    """What a batch says of an indicator whose number was tried: in its record, else as the reason why it failed."""
    if unit.record:
        return list(unit.record["issues"])
    return [issue.record("en") for issue in unit.issues]


@pytest.mark.parametrize(("case", "at"), AT_DOORS)
def test_the_upload_handler_of_the_app_says_the_same(case: Case, at: int, tmp_path: Path, note: Any, app_kernel: Any):
    note(case.entry, "app")
    variant = case.variants[at]
    folder = _folder(case, variant.write, tmp_path)
    expected = [issue.record("en") for issue in _found_in_library(case, folder)]
    answer = app_kernel(case.code, _to_bring(case, folder, tmp_path))
    if answer["failed"]:
        # Refused at the door, in words, before it was read: no less than an error.
        assert any(one["level"] == "error" for one in expected), answer
        return
    assert not answer["message"], answer["message"]
    found, wanted = _shape(answer["issues"]), _shape(expected)
    stops = any(one["level"] in ("error", "question") for one in expected)
    assert found == wanted if stops else found >= wanted


def _to_bring(case: Case, folder: Path, tmp_path: Path) -> list[Path]:
    """The files as somebody would bring them: as they are, or the zipped country folder where more belongs to them."""
    spec = spec_of(case.code)
    own = folder / (spec.folder or spec.slug)
    files = sorted(path for path in own.iterdir() if path.is_file()) if own.is_dir() else []
    alone = not case.country and len(list(folder.iterdir())) == 2 and not (own / "mapping.yml").exists()
    from gbf_workbench.doors.upload import EXTENSIONS

    if alone and files and all(path.suffix in EXTENSIONS for path in files):
        return files
    return [Path(shutil.make_archive(str(tmp_path / "brought"), "zip", folder))]


@pytest.mark.parametrize("case", CASES, ids=_named)
def test_the_near_twin_passes_without_a_word(case: Case, tmp_path: Path):
    folder = _folder(case, case.twin, tmp_path)
    said = [issue.line("en") for issue in check(case.code, folder)]
    assert not said, "\n".join(said)


@cache
def _marked_entries() -> set[str]:
    """Entries that a plain test somewhere in the tests says it covers."""
    marks = re.compile(r"covers\(([^)]*)\)")
    texts = (path.read_text(encoding="utf-8") for path in HERE.parent.rglob("test_*.py"))
    return {entry for text in texts for mark in marks.findall(text) for entry in re.findall(r'"([A-Z]{2}-\d\d)"', mark)}


@pytest.mark.parametrize("entry", [entry for outcomes in OUTCOMES.values() for entry in outcomes])
def test_every_entry_has_a_case_with_its_stated_outcome(entry: str):
    outcome = next(outcomes[entry] for outcomes in OUTCOMES.values() if entry in outcomes)
    own = [case for case in CASES if case.entry == entry]
    marked = entry in _marked_entries()
    assert own or marked, f"{entry}: no case and no test"
    if own and not marked:
        levels = {find.level for case in own for variant in case.variants for find in variant.finds}
        assert outcome in levels, f"{entry} must end in {outcome}, its cases end in {levels}"
