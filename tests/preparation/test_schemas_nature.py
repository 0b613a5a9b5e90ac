"""The tables of the indicators of nature and its use: whole, unambiguous, and right about their own example."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest

from gbf_workbench.catalogue import indicator
from gbf_workbench.catalogue.specs import spec_of
from gbf_workbench.locales import read_yaml
from gbf_workbench.preparation.checks import check_table
from gbf_workbench.preparation.code_lists import code_list, code_list_names
from gbf_workbench.preparation.columns import Source, convert
from gbf_workbench.preparation.mapping import TableMapping
from gbf_workbench.preparation.schema import FOLDER, TableSchema, schema_of
from gbf_workbench.preparation.tables import plain, read_table
from gbf_workbench.preparation.templates import start
from gbf_workbench.preparation.units import unit_named
from tests.bad_inputs.case import covers

CODES = "A.1 A.2 A.3 A.4 1.1 2.1 3.1 5.1 6.1 7.1 7.2 9.1 9.2 10.1 10.2 12.1 22.1".split()
#: Tables that are kept elsewhere: the frame of the country, and money.
_OTHERS = ("frame_", "exchange_rates", "deflators")
TABLES = sorted(
    {
        role.table for code in CODES for role in spec_of(code).inputs.values()
        if not role.table.startswith(_OTHERS)
    }
)  # fmt: skip
#: Units without a conversion to others.
_OWN_UNITS = {"individuals", "persons", "years", "mg/L", "µg/L", "m3/s", "t/ha", "1000 ha", "currency"}
#: What stands beside the kinds of rules: the words each needs.
_RULE_WORDS = {
    "order": {"fields"}, "any_of": {"fields"}, "together": {"fields"}, "required_if": {"field", "when"},
    "forbidden_if": {"field", "when"}, "one_value": {"field"}, "same_set": {"by", "of"}, "at_most": {"fields", "of"},
    "adds_up": {"parts", "to"}, "decided": {"field", "lower", "upper", "threshold"},
    "explained": {"field", "change", "of", "by"}, "no_return": {"field", "from", "by", "of"},
}  # fmt: skip
#: Lists that are too long to be written by hand and come with the list of their publisher.
_PENDING = {"isco"}
SOURCES = {
    "protected_planet", "iucn_red_list", "gbif", "obis", "un_sdg", "world_bank", "fao_fra", "faostat", "fishstat",
    "oecd", "esa_worldcover", "cci_land_cover", "copernicus_land_cover", "natural_earth", "official_boundaries",
    "openstreetmap", "cbd_reporting",
}  # fmt: skip

every_code = pytest.mark.parametrize("code", CODES)
every_table = pytest.mark.parametrize("table", TABLES)


def raw(table: str) -> dict:
    return read_yaml(FOLDER / f"{table}.yml")


@every_code
def test_an_indicator_says_how_to_reach_it_and_whom_to_ask(code: str):
    spec = spec_of(code)
    assert indicator(code).kind == "headline"
    assert spec.said("summary")
    assert spec.said("reading.find_data")
    assert spec.said("reading.without_data")
    assert {way.name for way in spec.ways} == {"full", "simple", "global"}
    for way in spec.ways:
        assert set(way.needs) <= set(spec.inputs)
        assert set(way.sources) <= SOURCES
        low, high = way.weeks
        assert 0 < low <= high
        assert spec.said(f"ways.{way.name}.gives").endswith(".")
        assert spec.said(f"ways.{way.name}.asks").endswith(".")
    assert next(way for way in spec.ways if way.name == "global").sources


@every_code
def test_every_way_is_enough_to_begin_with(code: str):
    spec = spec_of(code)
    for roles in spec.alternatives:
        assert set(roles) <= set(spec.inputs)
    for way in spec.ways:
        assert any(set(roles) <= set(way.needs) for roles in spec.alternatives), way.name


@every_code
def test_what_to_fill_in_can_be_written_for_every_indicator(code: str, tmp_path: Path):
    written = {path.name for path in start(code, tmp_path)}
    tables = {role.table for role in spec_of(code).inputs.values() if schema_of(role.table).kind == "table"}
    assert {f"{table}.xlsx" for table in tables} <= written


@every_table
def test_every_column_has_a_title_a_description_and_an_example(table: str):
    said = raw(table)
    assert said["name"] == table
    assert said["title"]
    assert said["description"].endswith(".")
    for one in said["fields"]:
        assert one["title"], one["name"]
        assert one["description"].endswith("."), one["name"]
        assert one["example"] is not None, one["name"]
        assert one.get("ask", False) is False or one["question"].strip(), one["name"]


@every_table
def test_no_name_of_a_column_means_two_columns(table: str):
    taken: dict[str, str] = {}
    for one in schema_of(table).fields:
        for name in (one.name, *one.aliases):
            assert taken.setdefault(plain(name), one.name) == one.name, f"{name}: {taken[plain(name)]} or {one.name}?"


@every_table
def test_no_way_to_write_a_value_means_two_values(table: str):
    for one in schema_of(table).fields:
        meant = {value.casefold(): value for value in one.enum}
        for words, value in one.synonyms.items():
            assert isinstance(words, str), (one.name, words)
            assert meant.setdefault(words.casefold(), value) == value, (one.name, words)
            assert value in (one.enum or ("yes", "no")) or one.codes, (one.name, words, value)


@every_table
def test_units_and_lists_of_codes_are_known(table: str):
    for one in schema_of(table).fields:
        assert not one.unit or unit_named(one.unit) == one.unit or one.unit in _OWN_UNITS, (one.name, one.unit)
        assert not one.codes or one.codes in {*code_list_names(), *_PENDING}, (one.name, one.codes)
        assert not (one.codes and one.enum), one.name
        assert all(isinstance(value, str) for value in one.enum), one.name


@every_table
def test_keys_and_rules_name_columns_that_are_there(table: str):
    schema = schema_of(table)
    names = set(schema.names)
    assert set(schema.primary_key) <= names
    for key in schema.foreign_keys:
        assert set(key.fields) <= names
        assert set(key.reference) <= set(schema_of(key.table).names)
    for one in schema.fields:
        assert {*one.bounds, *filter(None, [one.period_end])} <= names
    for rule in schema.rules:
        assert {"key", "says", "remedy"} <= set(rule), rule
        assert _RULE_WORDS[rule["rule"]] <= set(rule), rule
        assert _named(rule) <= names, rule
        assert rule.get("level", "error") in ("error", "question", "flag")
    assert len({rule["key"] for rule in schema.rules}) == len(schema.rules)


def _named(rule: dict) -> set[str]:
    named = {*rule.get("fields", ()), *rule.get("parts", ()), *rule.get("when", ())}
    for word in ("field", "of", "by", "lower", "upper", "unless", "change"):
        named |= {rule[word]} if isinstance(rule.get(word), str) else set(rule.get(word, ()))
    return named


@every_table
def test_conditions_name_values_that_a_column_can_have(table: str):
    schema = schema_of(table)
    for rule in schema.rules:
        for name, values in rule.get("when", {}).items():
            one = schema.field(name)
            assert all(value in one.enum for value in values) or one.type == "boolean", (rule["key"], name)


def example_file(schema: TableSchema, folder: Path) -> Path:
    path = folder / f"{schema.name}.csv"
    example = ["" if one.example is None else one.example for one in schema.fields]
    with path.open("w", newline="", encoding="utf-8") as file:
        # Where it stands in the first row it is the example of a template; further down it is data.
        csv.writer(file).writerows([schema.names, example, example])
    return path


@pytest.mark.parametrize("table", [one for one in TABLES if schema_of(one).kind == "table"])
def test_the_example_of_a_table_passes_its_own_check(table: str, tmp_path: Path):
    schema = schema_of(table)
    raw_table = read_table(example_file(schema, tmp_path), schema, TableMapping())
    checked, issues = check_table(raw_table, schema, TableMapping())
    assert [(issue.level, issue.key) for issue in issues] == [("flag", "check.example_row")]
    assert len(checked) == 1
    assert checked.notna().all(axis=None)


@pytest.mark.parametrize("name", ["iucn_red_list", "iucn_ecosystems", "ecosystem_typology", "iucn_threats",
                                  "fao_fishing_areas", "restoration_activities"])  # fmt: skip
def test_a_list_of_codes_names_its_publisher_and_every_code(name: str):
    one = code_list(name)
    assert one.name == name
    assert one.title
    assert one.source
    assert all(one.titles[code] for code in one.values)


#: Vulnerable, Endangered and the others in English, French, Spanish, Arabic, Chinese and Russian, then the old ways.
SIX = {
    "LC": "Least Concern|Préoccupation mineure|Preocupación menor|غير مهدد|无危|Вызывающие наименьшие опасения|LR/lc",
    "NT": "Near Threatened|Quasi menacée|Casi amenazado|قريب من التهديد|近危|Близкие к уязвимому положению|LR/nt|LR/cd",
    "VU": "Vulnerable|Vulnérable|Vulnerable|معرض للانقراض|易危|Уязвимые|V|vu",
    "EN": "Endangered|En danger|En peligro|مهدد بالانقراض|濒危|Исчезающие|E",
    "CR": "Critically Endangered|En danger critique|En peligro crítico|مهدد بخطر انقراض أقصى|极危|"
    "В критической опасности",
    "CR(PE)": "CR (PE)|CR-PE|Critically Endangered (Possibly Extinct)|En danger critique (peut-être éteinte)",
    "CR(PEW)": "CR (PEW)|Critically Endangered (Possibly Extinct in the Wild)",
    "RE": "Regionally Extinct|Disparue au niveau régional|Extinto a nivel regional|منقرض إقليميا|区域灭绝|"
    "Исчезнувшие в регионе",
    "EW": "Extinct in the Wild|Éteinte à l'état sauvage|Extinto en estado silvestre|منقرض في البرية|野外灭绝",
    "EX": "Extinct|Éteinte|Extinto|منقرض|灭绝|Исчезнувшие|Ex",
    "DD": "Data Deficient|Données insuffisantes|Datos insuficientes|بيانات غير كافية|数据缺乏|Недостаточно данных|I|K",
    "NE": "Not Evaluated|Non évaluée|No evaluado|غير مقيم|未评估|Не оценены|Не оценено",
    "NA": "Not Applicable|Non applicable|No aplicable|لا ينطبق|不适用|Неприменимо",
}


@covers("RL-01")
@pytest.mark.parametrize(("category", "written"), [(code, one) for code, all in SIX.items() for one in all.split("|")])
def test_a_category_is_known_in_six_languages_and_in_its_old_form_and_the_change_is_noted(category: str, written: str):
    schema = schema_of("red_list_assessments")
    rows = pd.DataFrame({"category": [written, written]}, index=[2, 3], dtype=object)
    issues: list = []
    made = convert(rows["category"], schema.field("category"), Source("category"), issues)["category"]
    assert made.tolist() == [category, category]
    (issue,) = issues
    assert (issue.level, issue.key, issue.value, issue.rows) == ("repair", "check.synonym", written, (2, 3))
    assert category in issue.sentence("en")


@covers("RL-01", "RL-03")
@pytest.mark.parametrize("written", ["R", "O", "LR", "Threatened", "CR*", "V.", "VU EN", "\u0421R", "\u0395N"])
def test_what_could_be_more_than_one_category_or_none_is_refused(written: str):
    issues: list = []
    field = schema_of("red_list_assessments").field("category")
    made = convert(pd.Series([written], index=[2], dtype=object), field, Source("category"), issues)["category"]
    assert made.isna().all()
    assert [one.level for one in issues] == ["error"]


def test_the_typology_holds_every_biome_and_group_of_the_templates():
    lists = read_yaml(FOLDER.parent.parent / "catalogue" / "editions" / "16-31" / "code_lists.yml")["lists"]
    there = code_list("ecosystem_typology").titles
    for item in lists["get_biomes"]["items"] + lists["get_functional_groups"]["items"]:
        assert there[item["code"]] == item["name"]
