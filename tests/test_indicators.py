"""The promises that every indicator keeps; a new one is held to them without editing this file."""

from __future__ import annotations

import copy
import csv
import inspect
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest

import gbf_workbench as gbf
from gbf_workbench.catalogue import indicator
from gbf_workbench.catalogue.specs import (
    FOLDER,
    MATURITY,
    NATIONAL,
    QUESTIONNAIRE,
    IndicatorSpec,
    read_spec,
    specs,
)
from gbf_workbench.doors.making import parameters_source
from gbf_workbench.doors.notebooks import notebook_folder
from gbf_workbench.locales import read_yaml, source_texts
from gbf_workbench.pipeline import Tables, compute, science_of
from gbf_workbench.preparation.country import open_country
from gbf_workbench.preparation.inputs import Inputs
from gbf_workbench.preparation.schema import schema_names, schema_of

ROOT = Path(__file__).resolve().parent.parent
WORKED = ROOT / "data_samples" / "worked"
ALL = list(specs().values())
every_indicator = pytest.mark.parametrize("spec", ALL, ids=lambda spec: spec.slug)


def test_each_spec_has_its_function_and_each_function_its_spec():
    found = {path.stem for path in FOLDER.glob("*.py")} - {"__init__"}
    assert found == {*specs(), NATIONAL, QUESTIONNAIRE}
    assert {path.stem for path in FOLDER.glob("*.yml")} == found


@every_indicator
def test_the_signature_of_the_science_is_the_spec(spec: IndicatorSpec):
    parameters = inspect.signature(science_of(spec)).parameters.values()
    positional = [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
    keyword = [p.name for p in parameters if p.kind is p.KEYWORD_ONLY]
    assert positional == list(spec.inputs)
    assert keyword == list(spec.parameters)
    assert all(p.default is p.empty for p in parameters)


@every_indicator
def test_what_a_spec_names_exists(spec: IndicatorSpec):
    assert indicator(spec.code).code == spec.code
    assert {role.table for role in spec.inputs.values()} <= set(schema_names())
    assert all(set(roles) <= set(spec.inputs) for roles in spec.alternatives)
    assert spec.maturity in MATURITY
    assert spec.evidence
    # Below “reproduced”, a sentence says why, wherever the maturity is shown.
    assert (f"indicators.{spec.slug}.shortfall" in source_texts()) == (spec.maturity != "reproduced")
    assert spec.method["source"]
    assert spec.method["version"]
    for key in ("summary", "uncertainty.text", *(f"reading.{one}" for one in ("says", "says_not", "decision"))):
        assert f"indicators.{spec.slug}.{key}" in source_texts()


@every_indicator
def test_every_table_of_an_indicator_has_an_example_for_each_needed_column(spec: IndicatorSpec):
    for role in spec.inputs.values():
        for one in schema_of(role.table).fields:
            assert one.example is not None or not one.required, f"{role.table}.{one.name}"


@every_indicator
def test_the_worked_example_gives_the_answer_worked_by_hand(spec: IndicatorSpec):
    folder = WORKED / spec.slug
    assert (folder / "ANSWER.md").read_text(encoding="utf-8").strip()
    data = compute(spec.code, folder).data
    key = ["year", "disaggregation_type", "disaggregation", "unit"]
    ours = {tuple(row[k] for k in key): row for row in data.to_dict("records")}
    with (folder / "expected.csv").open(encoding="utf-8", newline="") as file:
        expected = list(csv.DictReader(file))
    assert expected
    for row in expected:
        found = ours[int(row["year"]), row["disaggregation_type"], row["disaggregation"], row["unit"]]
        if row["value"]:
            assert found["value"] == pytest.approx(float(row["value"]), rel=1e-6, abs=1e-9), row
        else:
            assert found["value_status"] not in ("measured", "estimated"), row


@every_indicator
def test_the_same_recipe_gives_the_same_numbers_bit_for_bit(spec: IndicatorSpec):
    first, second = (compute(spec.code, WORKED / spec.slug) for _ in range(2))
    assert first.recipe == second.recipe
    pd.testing.assert_frame_equal(first.data, second.data, check_exact=True)


@every_indicator
def test_the_order_of_rows_changes_neither_recipe_nor_numbers(spec: IndicatorSpec):
    tables = gbf.load(spec.code, WORKED / spec.slug)
    turned = {
        role: content.iloc[::-1] if isinstance(content, pd.DataFrame) else content
        for role, content in tables.inputs.contents.items()
    }
    other = Tables(spec, tables.country, Inputs(turned, tables.inputs.files, tables.inputs.issues))
    one, two = compute(spec.code, tables), compute(spec.code, other)
    assert one.recipe == two.recipe
    pd.testing.assert_frame_equal(one.data, two.data, rtol=1e-12)


@every_indicator
def test_the_science_leaves_its_inputs_as_they_were(spec: IndicatorSpec):
    tables = gbf.load(spec.code, WORKED / spec.slug)
    before = {r: copy.deepcopy(c) for r, c in tables.inputs.contents.items() if isinstance(c, pd.DataFrame)}
    compute(spec.code, tables)
    for role, table in before.items():
        pd.testing.assert_frame_equal(tables[role], table)


@every_indicator
def test_a_changed_setting_changes_the_recipe(spec: IndicatorSpec):
    base = compute(spec.code, WORKED / spec.slug).recipe
    for name, parameter in spec.parameters.items():
        if parameter.type == "int" and parameter.maximum is None and name == "seed":
            assert compute(spec.code, WORKED / spec.slug, **{name: parameter.default + 1}).recipe != base


@every_indicator
def test_a_number_has_an_interval_or_a_stated_reason_why_not(spec: IndicatorSpec):
    kind = read_yaml(FOLDER / f"{spec.slug}.yml")["uncertainty"]["kind"]
    totals = compute(spec.code, WORKED / spec.slug).totals
    bounded = totals["lower"].notna()
    assert bounded.all() if kind != "none" else not bounded.any()


@every_indicator
def test_a_mistyped_setting_is_refused_and_the_known_ones_are_named(spec: IndicatorSpec):
    with pytest.raises(gbf.WorkbenchError) as refused:
        compute(spec.code, WORKED / spec.slug, replicats=10)
    [issue] = refused.value.issues
    assert issue.key == "use.parameter_unknown"
    assert issue.column == "replicats"


def notebooks() -> list[IndicatorSpec]:
    return [*ALL, *(read_spec(FOLDER / f"{name}.yml") for name in (NATIONAL, QUESTIONNAIRE))]


def notebook_of(spec: IndicatorSpec) -> Path:
    # One slug can be the end of another: monetary_benefits of non_monetary_benefits.
    [path] = [one for one in notebook_folder().glob("*.ipynb") if one.stem.partition("_")[2] == spec.slug]
    return path


@pytest.mark.parametrize("spec", notebooks(), ids=lambda spec: spec.slug)
def test_each_indicator_has_one_notebook_on_the_template(spec: IndicatorSpec):
    path = notebook_of(spec)
    assert path.stem == spec.file_stem
    notebook = nbformat.read(path, as_version=4)
    assert notebook.metadata["gbf"] == {"name": spec.slug, "code": spec.code}
    template = [cell for cell in notebook.cells if "lesson" not in cell.metadata.get("tags", ())]
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    tagged = [cell for cell in code if "parameters" in cell.metadata.get("tags", ())]
    assert [cell.source for cell in tagged] == [parameters_source(spec)]
    assert all(not cell.outputs and cell.execution_count is None for cell in code)
    assert all(len(cell.source.splitlines()) <= 10 for cell in code if cell not in tagged)
    headings = [c.source.splitlines()[0] for c in template if c.cell_type == "markdown"][1:]
    parts = ("The indicator", "The data", "The calculation", "The reading", "The report", "Further")
    assert headings == [f"## {part}" for part in parts]


@every_indicator
def test_papermill_reads_every_parameter_with_its_type_and_help(spec: IndicatorSpec):
    from papermill import inspect_notebook

    path = notebook_of(spec)
    read = inspect_notebook(str(path))
    for name, parameter in spec.parameters.items():
        assert read[name]["inferred_type_name"] == parameter.type
        assert read[name]["help"]


def test_numbers_of_a_result_are_finite_or_their_status_says_why():
    for spec in ALL:
        data = compute(spec.code, WORKED / spec.slug).data
        counted = data["value_status"].isin(["measured", "estimated"])
        assert np.isfinite(data.loc[counted, "value"]).all()
        assert data.loc[~counted, "value"].isna().all()


def test_the_country_folder_and_the_subfolder_of_one_indicator_give_the_same_result():
    folder = WORKED / "red_list_index"
    assert compute("A.3", folder / "red_list_index").recipe == compute("A.3", folder).recipe
    assert open_country(folder / "red_list_index").code == "XAR"
