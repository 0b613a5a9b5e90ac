"""Conditions over columns and rows, rows that add up others, rows that stand twice, names of columns."""

from __future__ import annotations

import random
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gbf_workbench.preparation.checks import check_table
from gbf_workbench.preparation.mapping import Overrule, TableMapping
from gbf_workbench.preparation.schema import Field, ForeignKey, TableSchema, schema_of
from gbf_workbench.preparation.tables import RawTable

PARTS = tuple(Field(name, "number") for name in ("a", "b", "c"))
WORDS = (Field("kind", enum=("x", "y")), Field("thing"), Field("year", "year"), Field("currency"))


def check(schema: TableSchema, mapping: TableMapping | None = None, /, **columns: list) -> tuple[pd.DataFrame, list]:
    rows = len(next(iter(columns.values())))
    data = pd.DataFrame(columns, index=range(2, rows + 2), dtype=object)
    table, issues = check_table(RawTable(data.where(data.notna(), None), "f.csv"), schema, mapping or TableMapping())
    for issue in issues:
        assert issue.sentence()
        assert issue.remedy() or not issue.stops
    return table, issues


def told(issues: list) -> set[tuple[str, str, tuple[int, ...]]]:
    return {(one.level, one.key.removeprefix("check."), one.rows) for one in issues}


def with_rule(rule: dict[str, Any]) -> TableSchema:
    return TableSchema("t", "table", (*PARTS, *WORDS), rules=(rule,))


N = None
RULES = {
    "order": (
        {"rule": "order", "fields": ["a", "b", "c"]},
        {"a": [1, 3, 5, N], "b": [2, N, 5, 1], "c": [2, 2, 5, N]},
        (3,),
    ),
    "any_of": ({"rule": "any_of", "fields": ["a", "b"]}, {"a": [1, N, N], "b": [N, 2, N], "c": [1, 2, 3]}, (4,)),
    "together": ({"rule": "together", "fields": ["a", "b"]}, {"a": [1, N, N], "b": [2, 2, N], "c": [1, 2, 3]}, (3,)),
    "required_if": (
        {"rule": "required_if", "field": "a", "when": {"kind": ["x"]}},
        {"kind": ["x", "x", "y", N], "a": [1, N, N, N]},
        (3,),
    ),
    "forbidden_if": (
        {"rule": "forbidden_if", "field": "a", "when": {"kind": ["x"]}},
        {"kind": ["x", "x", "y"], "a": [1, N, 4]},
        (2,),
    ),
    "one_value": (
        {"rule": "one_value", "field": "currency"},
        {"currency": ["USD", "XAF", "USD", N], "a": [1, 2, 3, 4]},
        (3,),
    ),
    "at_most": (
        {"rule": "at_most", "fields": ["a", "b"], "of": "c"},
        {"a": [1, 2, 0.1], "b": [2, 2, 0.2], "c": [3, 3, 0.3]},
        (3,),
    ),
    "adds_up": ({"rule": "adds_up", "parts": ["a", "b"], "to": 100}, {"a": [50, 33.3, 40], "b": [50, 66.6, 40]}, (4,)),
    "same_set": (
        {"rule": "same_set", "by": "year", "of": ["thing"]},
        {"year": [2010, 2020, 2010], "thing": ["frog", "frog", "toad"]},
        (4,),
    ),
    "decided": (
        {"rule": "decided", "field": "a", "lower": "b", "upper": "c", "threshold": 500},
        {"a": [N, N, 700, N, N], "b": [100, 600, 100, 400, 500], "c": [500, 900, 900, 600, N]},
        (5, 6),
    ),
}


@pytest.mark.parametrize("name", RULES)
def test_a_rule_names_the_rows_that_break_it_and_no_others(name):
    rule, columns, rows = RULES[name]
    _, issues = check(with_rule(rule), **columns)
    assert told(issues) == {("error", f"rule_{name}", rows)}
    _, issues = check(with_rule({**rule, "level": "flag"}), **columns)
    assert told(issues) == {("flag", f"rule_{name}", rows)}


def test_a_flag_of_a_rule_gives_way_to_the_word_of_an_expert():
    rule, columns, rows = RULES["same_set"]
    word = Overrule("check.rule_same_set", "A. Person", "2026-03-31", "Toads came later.")
    _, [issue] = check(with_rule({**rule, "level": "flag"}), TableMapping(overrules=(word,)), **columns)
    assert (issue.key, issue.rows) == ("check.overruled", rows)
    assert "Toads came later." in issue.sentence()


def test_a_column_that_matters_is_asked_for_until_somebody_says_that_it_is_not_known():
    schema = TableSchema("t", "table", (Field("a", "number"), Field("lost", "integer", ask=True)))
    for columns in ({"a": [1, 2]}, {"a": [1, 2], "lost": ["", None]}):
        assert told(check(schema, **columns)[1]) == {("question", "asked_for", ())}
    assert told(check(schema, TableMapping(unknown=("lost",)), a=[1, 2])[1]) == set()
    assert told(check(schema, TableMapping(constants={"lost": 0}), a=[1, 2])[1]) == set()
    assert told(check(schema, a=[1, 2], lost=[0, None])[1]) == set()


# --- Totals -----------------------------------------------------------------------------------------------------------

AREAS = TableSchema(
    "areas",
    "table",
    (
        Field("region", required=True),
        Field("year", "year", required=True),
        Field("area_km2", "number", minimum=0, unit="km2"),
    ),
    ("region", "year"),
)


@pytest.mark.parametrize(
    "words", ["Total", "TOTAL:", "Somme", "Sous-total", "Suma", "المجموع", "Итого", "合计", "World", "EU27"]
)
def test_a_row_that_is_called_a_total_stops_until_the_mapping_says_what_it_is(words):
    columns = {"region": ["North", "South", words], "year": [2020] * 3, "area_km2": [1, 2.5, 4]}
    assert told(check(AREAS, **columns)[1]) == {("error", "total_row", (4,))}
    table, issues = check(AREAS, TableMapping(leave_out_rows=(4,)), **columns)
    assert list(table.index) == [2, 3]
    assert told(issues) == {("repair", "rows_left_out", (4,))}
    table, issues = check(AREAS, TableMapping(keep_rows=(4,)), **columns)
    assert (len(table), issues) == (3, [])


@pytest.mark.parametrize("place", [0, 2, 4])
def test_a_row_that_is_the_sum_of_the_others_stops_although_it_has_another_name(place):
    rows = [("North", 12.5), ("South", 33.25), ("East", 7), ("West", 101)]
    rows.insert(place, ("Whole country", 153.75))
    columns = {"region": [name for name, _ in rows], "year": [2020] * 5, "area_km2": [area for _, area in rows]}
    _, issues = check(AREAS, **columns)
    assert told(issues) == {("error", "total_found", (place + 2,))}
    assert "153" not in issues[0].remedy()
    assert f"[{place + 2}]" in issues[0].remedy()
    assert told(check(AREAS, TableMapping(keep_rows=(place + 2,)), **columns)[1]) == set()


def test_a_total_in_every_year_is_found_in_all_of_them():
    columns = {
        "region": ["North", "South", "East", "Land"] * 2,
        "year": [2010] * 4 + [2020] * 4,
        "area_km2": [10, 20, 5, 35, 11, 19, 5, 35],
    }
    assert told(check(AREAS, **columns)[1]) == {("error", "total_found", (5, 9))}


@pytest.mark.parametrize("areas", [[1, 2, 3], [10, 20, 30], [5, 5, 10], [1, 1], [6, 3, 2, 1], [0, 0, 0, 0]])
def test_small_numbers_that_add_up_by_chance_are_left_alone(areas):
    columns = {"region": [f"R{at}" for at in range(len(areas))], "year": [2020] * len(areas), "area_km2": areas}
    assert check(AREAS, **columns)[1] == []


# --- Rows that stand twice --------------------------------------------------------------------------------------------


def test_the_same_row_again_is_left_out_and_a_contradiction_shows_both_values():
    columns = {"region": ["N", "S", "N", "S"], "year": [2020] * 4, "area_km2": [3.2, 5, 3.2, 5.5]}
    table, issues = check(AREAS, **columns)
    assert list(table.index) == [2, 3, 5]
    assert told(issues) == {("repair", "identical_rows", (4,)), ("error", "duplicate_key", (3, 5))}
    assert "5 / 5.5" in next(one for one in issues if one.stops).sentence()


def test_rows_without_a_key_may_be_the_same_and_are_all_used():
    schema = TableSchema("t", "table", (Field("what"), Field("amount", "number", unit="currency")))
    table, issues = check(schema, what=["salt", "salt", "oil"], amount=[5, 5, 1])
    assert len(table) == 3
    assert told(issues) == {("flag", "same_rows", (2, 3))}


def test_an_expert_may_keep_rows_that_are_the_same():
    word = Overrule("check.identical_rows", "A. Person", "2026-03-31", "Two sites of one size.")
    columns = {"region": ["N", "N"], "year": [2020] * 2, "area_km2": [3, 3]}
    table, issues = check(AREAS, TableMapping(overrules=(word,)), **columns)
    assert len(table) == 2
    assert {one.key for one in issues} == {"check.overruled", "check.duplicate_rows"}


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from([2010, 2020]), st.integers(1, 2)), min_size=1, max_size=6)
)
def test_no_row_goes_without_a_word(rows):
    columns = dict(zip(("region", "year", "area_km2"), (list(one) for one in zip(*rows, strict=True)), strict=True))
    table, issues = check(AREAS, **columns)
    dropped = {row for one in issues if one.key == "check.identical_rows" for row in one.rows}
    assert set(table.index) | dropped == set(range(2, len(rows) + 2))
    kept = [rows[row - 2] for row in table.index]
    assert len(set(kept)) == len(kept)
    clash = {row for one in issues if one.key == "check.duplicate_key" for row in one.rows}
    keys = [one[:2] for one in kept]
    assert clash == {row for row, key in zip(table.index, keys, strict=True) if keys.count(key) > 1}


# --- Names of columns -------------------------------------------------------------------------------------------------


HEADERS = {
    "en": ["Species identifier", "Taxonomic group", "Year of assessment", "Red List category"],
    "fr": [" ESPÈCE", "Groupe taxonomique", "Année", "Catégorie"],
    "es": ["especie ", "Grupo taxonómico", "AÑO", "categoría"],
    "ar": ["النوع", "المجموعة التصنيفية", "السنة", "الفئة"],
    "zh": ["物种", "分类群", "年份", "类别"],
    "ru": ["Вид", "Таксономическая группа", "Год", "Категория"],
}


@pytest.mark.parametrize("language", HEADERS)
def test_columns_are_known_by_their_names_in_six_languages(language):
    names = HEADERS[language]
    cells = [["S1", "S2"], ["Birds", "Birds"], ["2010", "2010"], ["LC", "VU"]]
    order = random.Random(language).sample(range(4), 4)
    schema = schema_of("red_list_assessments")
    if language != "en":
        # "Species" alone stands for the identifier here by alias, and in the other languages by the general words.
        schema = TableSchema(
            "t",
            "table",
            tuple(
                Field("species", required=True) if one.name == "species_id" else one
                for one in schema.fields
                if one.name in ("species_id", "taxonomic_group", "year", "category")
            ),
            ("species", "year"),
        )
    table, issues = check(schema, **{names[at]: cells[at] for at in order})
    assert table["year"].tolist() == [2010, 2010]
    assert table["category"].tolist() == ["LC", "VU"]
    assert "check.columns_renamed" in {one.key for one in issues}
    assert not [one for one in issues if one.key == "check.unused_columns"]


@pytest.mark.parametrize("heading", ["area_ha", "Area (ha)", "Area [hectares]", "AREA HA", "superficie (ha)"])
def test_a_column_named_with_another_unit_is_converted_and_that_is_said(heading):
    table, issues = check(AREAS, **{"region": ["N"], "year": [2020], heading: [250]})
    assert table["area_km2"].tolist() == [2.5]
    said = [one for one in issues if one.key == "check.unit_converted"]
    assert [(one.level, one.rows) for one in said] == [("repair", (2,))]
    assert "ha" in said[0].sentence()
    assert "km2" in said[0].sentence()


def test_a_unit_in_the_mapping_stands_above_the_heading_and_has_to_fit():
    columns = {"region": ["N"], "year": [2020], "area_km2": [250]}
    table, issues = check(AREAS, TableMapping(units={"area_km2": "ha"}), **columns)
    assert table["area_km2"].tolist() == [2.5]
    assert told(issues) == {("repair", "unit_converted", (2,))}
    for unit in ("kg", "furlong"):
        assert told(check(AREAS, TableMapping(units={"area_km2": unit}), **columns)[1]) == {
            ("error", "unit_unknown", ())
        }


def test_a_column_of_the_mapping_without_a_unit_in_its_name_is_noted():
    columns = {"region": ["N"], "year": [2020], "Forêt": [250]}
    _, issues = check(AREAS, TableMapping(columns={"area_km2": "Forêt"}), **columns)
    assert told(issues) == {("flag", "unit_assumed", ())}


# --- Between tables ---------------------------------------------------------------------------------------------------


def test_values_without_a_partner_are_counted_on_both_sides_and_may_be_accepted():
    from gbf_workbench.preparation.references import key_issues

    key = ForeignKey(("district",), "people", ("district",))
    schema = TableSchema("areas", "table", (Field("district", required=True),), foreign_keys=(key,))
    areas = pd.DataFrame({"district": ["Kisii", "Narok", "Nyeri", None]}, index=[2, 3, 4, 5])
    people = pd.DataFrame({"district": ["kisii", "Narok", "Meru"]}, index=[2, 3, 4])
    found = list(key_issues(areas, schema, people, key, TableMapping(), TableMapping()))
    assert [(one.level, one.key, one.value, one.rows) for one in found] == [
        ("error", "check.reference_blank", "", (5,)),
        ("error", "check.reference_missing", "Kisii", (2,)),
        ("error", "check.reference_missing", "Nyeri", (4,)),
        ("flag", "check.reference_unused", "", (2, 4)),
    ]
    assert "2 of 3 values do not: Kisii; Nyeri" in found[1].sentence()
    assert "kisii" in found[1].sentence()
    accepted = TableMapping(unmatched={"district": ("Kisii", "Nyeri")})
    left = list(
        key_issues(areas, schema, people, key, accepted, TableMapping(unmatched={"district": ("kisii", "Meru")}))
    )
    assert [one.key for one in left] == ["check.reference_blank"]
