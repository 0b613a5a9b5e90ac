"""The catalogue holds what decision 16/31 asks for, and answers by code, target, word and data at hand."""

from __future__ import annotations

import subprocess
import sys
import uuid
from collections import Counter
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from gbf_workbench import catalogue
from gbf_workbench.catalogue import describe, find, indicator, load_edition, national_indicators, with_national
from gbf_workbench.catalogue.framework import DIRECTIONS, METHOD_STATUS
from gbf_workbench.catalogue.specs import IndicatorSpec, Role, specs
from gbf_workbench.errors import WorkbenchError

# Counted by hand in the annexes of the decision.
KINDS = {"headline": 27, "binary": 15, "component": 52, "complementary": 110}
ROLES = {"headline": 37, "binary": 16, "component": 59, "complementary": 162}
QUESTIONS = {
    "B.b": 4, "1.b": 4, "5.b": 1, "6.b": 3, "8.b": 9, "9.b": 4, "12.b": 2, "13.b": 7, "14.b": 5, "15.b": 5, "16.b": 3,
    "17.b": 6, "20.b": 5, "22.b": 9, "23.b": 4,
}  # fmt: skip
HEADLINES = [
    "A.1", "A.2", "A.3", "A.4", "B.1", "C.1", "C.2", "D.1", "D.2", "D.3", "1.1", "2.1", "3.1", "5.1", "6.1", "7.1",
    "7.2", "9.1", "9.2", "10.1", "10.2", "12.1", "15.1", "18.1", "18.2", "21.1", "22.1",
]  # fmt: skip
ELEMENTS = {"A": 8, "B": 5, "C": 7, "D": 6} | {
    f"T{number}": count
    for number, count in enumerate(
        (9, 6, 13, 9, 9, 7, 8, 8, 7, 9, 9, 9, 8, 10, 9, 7, 5, 6, 8, 7, 7, 8, 4), start=1
    )
}  # fmt: skip
HEDGEROWS = "0f8fad5b-d9cb-469f-a165-70867728950e"


@pytest.fixture
def edition():
    return load_edition()


@pytest.fixture
def hedgerows():
    return {
        "code": HEDGEROWS, "name": {"en": "Length of hedgerows", "fr": "Longueur des haies"}, "unit": "km",
        "desired_direction": "increase", "targets": ["T10", "B"],
    }  # fmt: skip


def a_spec(slug, code, inputs, alternatives):
    roles = {role: Role(role, table, of_frame=role in ("land", "sea")) for role, table in inputs.items()}
    return IndicatorSpec(slug, code, "%", roles, alternatives, {}, {"name": "m", "version": "1"}, "provisional", "none")


@pytest.fixture
def three_specs(monkeypatch):
    known = {
        "sites": a_spec("sites", "3.1", {"sites": "protected_areas", "land": "land"}, (("sites", "land"),)),
        "risk": a_spec("risk", "A.3", {"full": "assessments", "short": "counts"}, (("full",), ("short",))),
        "risk_simple": a_spec("risk_simple", "A.3", {"short": "counts", "groups": "groups"}, (("short", "groups"),)),
    }
    monkeypatch.setattr("gbf_workbench.catalogue.specs.specs", lambda: known)
    return known


# ---------------------------------------------------------------- the facts


def test_nothing_of_the_monitoring_framework_is_missing(edition):
    assert len(edition.goals) == 4
    assert [target.number for target in edition.targets] == list(range(1, 24))
    assert len(edition.indicators()) == 204
    assert Counter(one.kind for one in edition.indicators()) == KINDS
    roles = Counter(role for one in edition.indicators() for role, aims in one.roles.items() for _ in aims)
    assert roles == ROLES


def test_the_headline_indicators_are_those_of_annex_one_in_its_order(edition):
    assert [one.code for one in edition.indicators("headline")] == HEADLINES


def test_counts_written_in_the_edition_are_true(edition):
    counts = edition.about["counts"]
    assert {kind: counts[kind] for kind in KINDS} == KINDS
    assert counts["roles"] == ROLES
    assert (counts["goals"], counts["targets"], counts["indicators"], counts["questions"]) == (4, 23, 204, 71)


def test_every_indicator_is_named_in_three_languages(edition):
    for one in edition.indicators():
        assert set(one.name) == {"en", "fr", "es"}, one.code
        assert all(name.strip() == name and name for name in one.name.values()), one.code
        assert one.said("name", "fr") == one.name["fr"]


def test_a_language_without_a_name_falls_back_to_english():
    assert indicator("A.3").said("name", "ru") == "Red List Index"
    assert indicator("A.3").said("name", "es-CO") == "Índice de la Lista Roja"


def test_each_indicator_serves_goals_and_targets_that_exist_and_is_at_home_where_its_code_says(edition):
    for one in edition.indicators():
        assert set(one.serves) <= set(edition.aims)
        home = one.code.split(".")[0]
        assert one.kind in one.roles_for(home if home in "ABCD" else f"T{home}"), one.code


def test_roles_away_from_home_are_kept():
    assert indicator("8.CT.2").roles == {"component": ("T8",), "complementary": ("A",)}
    assert indicator("7.1").roles == {"headline": ("T7",), "complementary": ("T8",)}
    assert indicator("20.CT.1").roles_for("T20") == ("component", "complementary")
    assert indicator("B.1").serves == ("B", "T11")


@pytest.mark.parametrize(
    ("code", "identifier"),
    [
        ("2.1", "GBF-INDICATOR-2.2"), ("B.1", "GBF-INDICATOR-B1"), ("14.b", "KMGBF-INDICATOR-BIN-C-14"),
        ("13.b", "KMGBF-INDICATOR-BIN-C-13"), ("3.1", "GBF-INDICATOR-3.1"), ("A.CT.4", "GBF-INDICATOR-115"),
    ],
)  # fmt: skip
def test_identifiers_of_the_reporting_tool_are_kept_with_their_oddities(edition, code, identifier):
    assert indicator(code).ort_identifier == identifier
    assert edition.by_identifier(identifier.lower()) == (code,)


def test_identifiers_lead_back_to_all_that_share_them(edition):
    assert edition.by_identifier("GBF-INDICATOR-219") == ("8.CY.2", "8.CY.3")
    assert edition.by_identifier("GBF-INDICATOR-151") == ()
    shared = [one for one, codes in edition._by_identifier.items() if len(codes) > 1]
    assert shared == ["GBF-INDICATOR-219"]


@pytest.mark.parametrize("spelling", ["GBF-TARGET-12", "GBF-TARGET-012"])
def test_both_spellings_of_a_target_are_accepted(edition, spelling):
    assert edition.by_identifier(spelling) == ("T12",)
    assert edition.by_identifier("GBF-TARGET-05") == ("T5",)
    assert edition.by_identifier("GBF-GOAL-A") == ("A",)


def test_every_goal_and_target_has_its_elements(edition):
    assert {code: len(aim.elements) for code, aim in edition.aims.items()} == ELEMENTS
    ids = [element.id for aim in edition.aims.values() for element in aim.elements]
    assert len(set(ids)) == len(ids) == 208


def test_targets_are_titled_in_three_languages(edition):
    assert all(set(target.title) == {"en", "fr", "es"} for target in edition.targets)
    assert edition.aims["T3"].said("title", "es").startswith("Conservar el 30 %")


def test_thresholds_are_numbers(edition):
    [terrestrial, marine] = edition.aims["T3"].thresholds
    assert (terrestrial.value, terrestrial.unit, terrestrial.comparator, terrestrial.by) == (30, "%", ">=", 2030)
    assert [(one.value, one.by) for one in edition.aims["T19"].thresholds] == [(200, 2030), (20, 2025), (30, 2030)]
    assert marine.value == 30


def test_the_eighteen_considerations_say_how_sure_they_are(edition):
    assert "".join(one.letter for one in edition.considerations) == "abcdefghijklmnopqr"
    assert [one.letter for one in edition.considerations if one.confidence == "high"] == ["a"]


def test_headline_indicators_have_what_a_report_needs(edition):
    for one in edition.indicators("headline"):
        assert one.unit or one.unit_note, one.code
        assert one.custodian or one.custodian_note, one.code
        assert one.desired_direction in DIRECTIONS
        assert one.method_status in METHOD_STATUS
        assert one.definition
        assert one.computation
        assert set(one.confidence) == {"unit", "computation", "metadata_url"}
    assert indicator("3.1").value_range == (0, 100)
    assert indicator("6.1").value_range == (0, None)
    assert [one.code for one in edition.indicators() if one.detailed_template] == ["A.1", "A.2", "B.1", "2.1", "12.1"]
    under_development = [one.code for one in edition.indicators() if one.method_status == "under_development"]
    assert under_development == ["1.1", "7.2", "9.1", "9.2", "22.1"]


def test_links_to_the_sustainable_development_goals_say_how_sure_they_are():
    assert {link.code for link in indicator("8.CT.1").sdg} == {"1.5.3", "11.b.1", "13.1.2"}
    assert indicator("A.3").sdg[0].confidence == "high"
    assert indicator("2.CT.1").sdg[0].confidence == "memory"


# ---------------------------------------------------------------- questions


def test_the_questionnaires_hold_the_seventy_one_questions(edition):
    counted = {
        code: sum(question.in_decision for question in one.questions) for code, one in edition.questionnaires.items()
    }
    assert counted == QUESTIONS
    assert sum(counted.values()) == 71
    assert {code: one.in_decision for code, one in edition.questionnaires.items()} == QUESTIONS
    assert sum(len(one.questions) for one in edition.questionnaires.values()) == 83
    assert set(edition.questionnaires) == {one.code for one in edition.indicators("binary")}


def test_questions_are_opened_by_questions_before_them_with_answers_they_offer(edition):
    for questionnaire in edition.questionnaires.values():
        seen = {}
        for question in questionnaire.questions:
            for key, answers in question.opened_by.items():
                assert set(answers) <= seen[key], question.key
            seen[question.key] = {option.value for option in question.options}
            assert (question.type == "text") == (not question.options)


def open_keys(edition, code, answers):
    return [question.key for question in edition.questionnaires[code].open_questions(answers)]


def test_a_landlocked_country_is_not_asked_about_its_sea(edition):
    assert open_keys(edition, "1.b", {}) == ["1", "1_1_a", "1_1_b"]
    assert "1_1_c" not in open_keys(edition, "1.b", {"1": "yes"})
    assert "1_1_c" in open_keys(edition, "1.b", {"1": "no"})


@pytest.mark.parametrize(("answer", "is_open"), [("no", False), ("underDevelopment", True), ("fully", True)])
def test_any_one_of_several_conditions_opens_a_question(edition, answer, is_open):
    assert ("1_2" in open_keys(edition, "1.b", {"1_1_a": "no", "1_1_b": answer})) is is_open


def test_the_answer_to_a_closed_question_opens_nothing(edition):
    answers = {"14_3": "fully", "14_3_a": ["energy", "other"]}
    assert "14_3_a_1" in open_keys(edition, "14.b", answers)
    assert not {"14_3_a", "14_3_a_1"} & set(open_keys(edition, "14.b", answers | {"14_3": "no"}))
    assert "1_2" not in open_keys(edition, "1.b", {"1": "yes", "1_1_c": "fully"})


@settings(deadline=None)
@given(st.data())
def test_answering_more_never_closes_a_question_of_the_groups(data):
    questionnaire = load_edition().questionnaires["22.b"]
    keys = [question.key for question in questionnaire.questions]
    answers = {key: ["other"] for key in data.draw(st.sets(st.sampled_from(keys)))}
    more = answers | {data.draw(st.sampled_from(keys)): ["other"]}
    fewer, after = ({question.key for question in questionnaire.open_questions(one)} for one in (answers, more))
    assert fewer <= after


def test_benefit_sharing_answers_are_kept_twice_by_the_reporting_tool(edition):
    assert edition.questionnaires["13.b"].response_keys == ("binaryResponseGoalC", "binaryResponseTarget13")
    assert edition.questionnaires["9.b"].departures


def test_options_are_said_in_words(edition):
    last = catalogue.questions("1.b")[-1]
    assert [option.value for option in last.options][2:] == ["forCostalMarinePlanning", "none"]
    assert last.options[2].said("label") == "For coastal and marine spatial planning"
    assert not last.on_scale
    assert catalogue.questions("3.1") == ()


# ---------------------------------------------------------------- lists and forms


def test_code_lists_are_complete(edition):
    lists = edition.part("code_lists")["lists"]
    assert {name: len(edition.code_list(name)) for name in lists} == {
        "get_biomes": 25, "get_functional_groups": 110, "iucn_threats": 12, "pa_oecm": 2, "pa_oecm_neither": 3,
        "natural_seminatural": 2, "ecosystem_service_types": 3, "restoration_activities": 60,
    }  # fmt: skip
    biomes = {one.code for one in edition.code_list("get_biomes")}
    assert {one.parent for one in edition.code_list("get_functional_groups")} == biomes
    assert all(one.code.startswith(one.parent) for one in edition.code_list("get_functional_groups"))


def test_the_spelling_of_the_templates_is_kept_beside_ours(edition):
    printed = {one.code: one.as_printed for one in edition.code_list("get_functional_groups")}
    assert printed["T1.1"] == "T1.1Tropical-subtropical lowland rainforests"
    assert printed["FM1.2"] == "FM 1.2 Permanently open riverine estuaries and bays"
    assert printed["M1.3"] == "M1.3 Photic coral reefs"
    last = edition.code_list("pa_oecm_neither")[-1]
    assert last.name == "Not a protected area or other effective conservation measure"
    assert last.as_printed == "No ta  protected area or other effective conservation measure"


def test_detailed_tables_name_lists_that_exist(edition):
    lists = set(edition.part("code_lists")["lists"]) | {"free_text"}
    for code, count in {"A.1": 6, "A.2": 5, "B.1": 5, "2.1": 6, "12.1": 3}.items():
        types = edition.disaggregation_types(code)
        assert len(types) == count
        assert {one.code_list for one in types} <= lists
    assert edition.disaggregation_types("3.1") == ()


def test_the_upload_has_the_nine_columns_of_the_reporting_tool(edition):
    row = edition.part("report_template")["indicator_data"]["row"]
    assert [one["header"] for one in row] == [
        "Indicator code", "Indicator", "Does this data row represent a disaggregation", "Disaggregation type",
        "Disaggregation", "Year", "Unit", "Value", "Footnote",
    ]  # fmt: skip


def test_the_report_has_its_sections_and_mandatory_fields(edition):
    sections = {section.number: section for section in edition.report_sections}
    assert list(sections) == ["I", "II", "III", "IV", "V", ""]
    assert [one.name for one in sections["III"].fields if not one.mandatory] == ["sdgRelationSummary"]
    assert [one.name for one in sections["I"].fields if one.personal_data] == ["contactPerson", "contactDetails"]
    assert sum(len(section.fields) for section in sections.values()) == 4 + 9 + 9 + 3 + 1 + 2


def test_fields_of_the_report_are_asked_for_when_they_apply(edition):
    fields = {one.name: one for one in edition.report_sections[1].fields}
    assert fields["anticipatedNbsapDate"].shown({"hasRevisedNbsap": "inProgress"})
    assert not fields["anticipatedNbsapDate"].shown({"hasRevisedNbsap": "yes"})
    assert not fields["anticipatedNbsapAdoptionDate"].shown({"hasNbsapAdopted": "inProgress"})
    assert fields["hasRevisedNbsap"].shown({})
    sources = {one.name: one for one in edition.record_fields("indicator_data")}
    assert sources["data"].shown({"sourceOfData": "national"})
    assert not sources["data"].shown({"sourceOfData": "noData"})


def test_progress_has_six_levels_and_unknown_identifiers_are_empty(edition):
    levels = edition.vocabulary("level_of_progress")
    assert len(levels) == 6
    assert {one.name for one in levels if not one.identifier} == {"Achieved", "Unknown", "Not applicable"}
    assert [one.name for one in edition.vocabulary("source_of_data")] == [
        "national", "availableDataset", "noData", "notRelevant",
    ]  # fmt: skip


def test_every_vocabulary_a_field_names_exists(edition):
    template = edition.part("report_template")
    records = [name for name, one in template.items() if "fields" in one]
    fields = [one for name in records for one in edition.record_fields(name)]
    fields += [one for section in edition.report_sections for one in section.fields]
    assert {one.vocabulary for one in fields if one.vocabulary} <= set(template["vocabularies"])
    assert {one.domain for one in fields if one.domain} <= set(template["domains"])


def test_each_part_names_its_source_and_licence(edition):
    for part in ("framework", "indicators", "questions", "code_lists", "report_template", "context"):
        meta = edition.part(part)["meta"]
        assert meta["source"]
        assert meta["licence"]
        assert meta["confidence"]
    assert "CC BY 4.0 IGO" in edition.about["licence"]
    assert "not an official publication" in edition.about["licence"]


# ---------------------------------------------------------------- find


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        ("3.1", ("3.1",)), ("a.3", ("A.3",)), ("3.CT", ("3.CT.1", "3.CT.2")), ("GBF-INDICATOR-2.2", ("2.1",)),
        ("GBF-INDICATOR-219", ("8.CY.2", "8.CY.3")), ("liste rouge ecosystemes", ("A.1",)),
        ("LISTA ROJA ECOSISTEMAS", ("A.1",)), ("indice d'eutrophisation cotiere", ("7.1",)),
        ("zones protegees couverture", ("3.1",)), ("fish stocks", ("5.1",)), ("wildlife conflicts", ("4.CT.3",)),
    ],
)  # fmt: skip
def test_find_answers_by_code_identifier_and_words_in_any_language(words, codes):
    assert find(words).codes == codes


@pytest.mark.parametrize("words", ["3", "T3", "t3", "target 3", "Target 03", "cible 3", "meta 3", "GBF-TARGET-03"])
def test_find_answers_by_target_in_any_spelling(words):
    expected = {"3.1", "A.CT.6", "3.CT.1", "3.CT.2", "2.CY.2", *(f"3.CY.{number}" for number in range(1, 6))}
    found = find(target=words) if words.startswith("GBF") else find(words)
    assert set(found.codes) == expected
    assert set(find(target=words).codes) == expected


def test_find_answers_by_goal():
    expected = {"B.1", "B.b", "B.CT.1", "B.CT.2", "B.CT.3", "B.CY.1", "B.CY.2", "B.CY.3"}
    expected |= {"4.CT.2", "11.CT.2", "11.CT.3", "16.CT.3", "21.CT.3"}
    assert set(find("goal B").codes) == set(find("b").codes) == set(find(target="objetivo B").codes) == expected


def test_all_that_is_asked_for_must_hold():
    assert find("target 7 nitrogen").codes == ("7.CY.1", "7.CY.2")
    assert find("red list", target=5).codes == ("5.CT.1", "5.CY.2", "5.CY.3")
    assert find("3.1", target=4).codes == ()
    assert find("aires protegees", kind="headline").codes == ()


def test_kind_is_the_home_kind_or_the_role_at_a_target():
    assert "7.1" not in find(kind="complementary").codes
    assert "7.1" in find("T8", kind="complementary").codes
    assert find("T8", kind="headline").codes == ()
    assert len(find(kind="binary")) == 15


def test_without_a_question_find_gives_everything_in_the_order_of_the_framework():
    codes = find().codes
    assert len(codes) == 204
    assert codes[:2] == ("A.1", "A.2")
    assert codes.index("D.CY.17") < codes.index("1.1") < codes.index("1.b") < codes.index("1.CY.1") < codes.index("2.1")


@settings(deadline=None)
@given(st.sampled_from(catalogue.indicators()), st.sampled_from(["en", "fr", "es"]))
def test_an_indicator_is_found_by_its_whole_name(one, language):
    name = one.name[language]
    assert one.code in find(name).codes
    assert one.code in find(name.upper()).codes


@settings(deadline=None)
@given(st.text(max_size=30).filter(lambda words: not any(one.isdecimal() for one in words)))
def test_find_takes_any_text(words):
    assert set(find(words).codes) <= set(find().codes)


@pytest.mark.parametrize("words", ["objectif d'une politique", "objetivo a largo plazo", "²", "objectifs", "t"])
def test_words_that_only_look_like_a_goal_are_words(words):
    assert find(words).codes != find("goal A").codes
    assert find(words).codes != find("goal D").codes
    assert find(f"Goal A {words}").codes != find("Goal A").codes or words == "t"


def test_words_that_find_nothing_are_answered_with_words_that_are_near():
    found = find("protectd")
    assert len(found) == 0
    assert "protected" in found.near
    assert "protected" in str(found)
    assert "protected" in found._repr_html_()


def test_find_keeps_what_can_be_computed_from_the_data_at_hand(three_specs):
    assert find(tables=["protected_areas"]).codes == ("3.1",)
    [risk] = find(tables=["counts", "nonsense"])
    assert [spec.slug for spec in risk.specs] == ["risk"]
    [both] = find(tables=["counts", "groups"])
    assert [spec.slug for spec in both.specs] == ["risk", "risk_simple"]
    assert find(tables=[]).codes == ()


def test_find_reads_the_tables_at_hand_from_a_folder(three_specs, tmp_path):
    (tmp_path / "sites").mkdir()
    (tmp_path / "sites" / "protected_areas.gpkg").touch()
    assert find(tables=tmp_path).codes == ("3.1",)
    assert find(tables=str(tmp_path / "sites")).codes == ("3.1",)
    with pytest.raises(WorkbenchError, match="does not exist"):
        find(tables=tmp_path / "nowhere")


def test_find_takes_tables_that_have_names_of_their_own_from_the_mapping(three_specs, tmp_path):
    (tmp_path / "mapping.yml").write_text("tables:\n  counts: {file: especies.csv}\n", encoding="utf-8")
    assert find(tables=tmp_path).codes == ("A.3",)
    (tmp_path / "mapping.yml").write_text("tables: [", encoding="utf-8")
    assert find(tables=tmp_path).codes == ()


def test_findings_show_what_is_needed_to_compute(three_specs):
    shown = str(find("A.3"))
    assert "risk (assessments or counts); risk_simple (counts + groups)" in shown
    assert "land" not in str(find("3.1")).split("protected_areas")[1]
    assert find("A.3")[0].computable
    assert not find("A.4")[0].computable


@pytest.mark.parametrize(
    ("request_", "key"),
    [
        ({"kind": "main"}, "catalogue.unknown_kind"), ({"target": 24}, "catalogue.unknown_target"),
        ({"words": "target 24"}, "catalogue.unknown_target"), ({"target": "forest"}, "catalogue.unknown_target"),
        ({"edition": "15/5"}, "catalogue.unknown_edition"),
    ],
)  # fmt: skip
def test_what_does_not_exist_is_said_with_what_does(request_, key):
    with pytest.raises(WorkbenchError) as refused:
        find(**request_)
    assert refused.value.issues[0].key == key
    assert "Choose one of" in str(refused.value)


# ---------------------------------------------------------------- describe


def test_an_indicator_is_described_with_everything_known():
    said = str(describe("2.1"))
    for part in ("2.1 Area under restoration", "GBF-INDICATOR-2.2", "15/5", "ha", "FAO", "km2", "Decision 16/31",
                 "CC BY 4.0 IGO", "by type of restoration activity", "Restore 30%"):  # fmt: skip
        assert part in said


def test_a_binary_indicator_is_described_with_its_questions():
    said = " ".join(str(describe("1.b")).split())
    assert "1.1(c)" in said
    assert "opened by the answer to 1.1(a), 1.1(b), 1.1(c)" in said
    assert "in the reporting tool only" in said


def test_a_target_is_described_with_elements_and_indicators():
    said = str(describe("target 3"))
    for part in (
        "Target 3 Conserve 30%",
        "≥ 30 %",
        "2030",
        "Fair governance",
        "3.1 Coverage",
        "A.CT.6",
        "GBF-TARGET-03",
    ):
        assert part in said
    assert describe("B").heading.startswith("Goal B")


def test_a_description_names_the_calculations_of_the_workbench():
    spec = next(iter(specs().values()))
    said = " ".join(str(describe(spec.slug)).split())
    assert describe(spec.slug).heading == describe(spec.code).heading
    for part in (spec.slug, spec.maturity, spec.evidence, spec.method["name"]):
        assert " ".join(part.split()) in said
    assert all(f"{name} = {parameter.default}" in said for name, parameter in spec.parameters.items())


def test_everything_in_the_catalogue_can_be_described(edition):
    for code in [*(one.code for one in edition.indicators()), *edition.aims]:
        assert describe(code).facts


@pytest.mark.parametrize(
    ("code", "near"),
    [("3.11", "3.1"), ("A3", "A.3"), ("protectd", "protected"), ("red list", "A.1"), ("10.CT.9", "10.CT.1")],
)
def test_an_unknown_code_is_answered_with_those_near_it(code, near):
    with pytest.raises(WorkbenchError) as refused:
        describe(code)
    assert near in str(refused.value)
    assert code in str(refused.value)


def test_what_has_nothing_near_is_refused_with_an_example():
    with pytest.raises(WorkbenchError, match=r"3\.1"):
        describe("zzzzzz")
    with pytest.raises(WorkbenchError):
        describe("  ")
    with pytest.raises(WorkbenchError):
        indicator("99.99")


def test_names_are_escaped_in_a_notebook(hedgerows):
    own = with_national(None, national_indicators([hedgerows | {"name": "<script>alert(1)</script>"}]))
    for shown in (find(HEDGEROWS, edition=own), describe(HEDGEROWS, edition=own)):
        assert "<script>" not in shown._repr_html_()
        assert "&lt;script&gt;" in shown._repr_html_()


# ---------------------------------------------------------------- national indicators


def test_a_national_indicator_goes_through_everything_unchanged(hedgerows):
    own = with_national("16/31", national_indicators({"national_indicators": [hedgerows]}))
    assert own.indicator(HEDGEROWS.upper()).code == HEDGEROWS
    assert own.indicators("national")[0].serves == ("T10", "B")
    assert find("haies", edition=own).codes == (HEDGEROWS,)
    assert HEDGEROWS in find("target 10", edition=own).codes
    assert find(edition=own).codes[-1] == HEDGEROWS
    assert own.by_identifier(HEDGEROWS) == (HEDGEROWS,)
    said = str(describe(HEDGEROWS, edition=own))
    assert "Length of hedgerows" in said
    assert "km" in said
    assert HEDGEROWS in str(describe("T10", edition=own))


def test_national_indicators_leave_the_official_edition_alone(hedgerows):
    with_national(None, national_indicators([hedgerows]))
    assert HEDGEROWS not in load_edition()
    assert len(load_edition().indicators()) == 204


def test_a_code_not_yet_assigned_is_made_from_the_name_and_said_to_be(hedgerows):
    del hedgerows["code"]
    [first], [again] = national_indicators([hedgerows]), national_indicators([hedgerows])
    assert first.code == again.code == str(uuid.UUID(first.code))
    assert "country.yml" in str(describe(first.code, edition=with_national(None, [first])))


def test_new_codes_are_uuids_that_differ():
    first, second = catalogue.new_national_code(), catalogue.new_national_code()
    assert str(uuid.UUID(first)) == first != second


def test_everything_wrong_with_national_indicators_is_said_at_once(hedgerows):
    entries = [
        hedgerows, {**hedgerows, "name": "Ponds"},
        {"code": "N-1", "name": {}, "targets": ["T44"], "desired_direction": "up", "color": "red"}, "hedges",
    ]  # fmt: skip
    with pytest.raises(WorkbenchError) as refused:
        national_indicators(entries)
    keys = Counter(issue.key.removeprefix("catalogue.national_") for issue in refused.value.issues)
    assert keys == dict.fromkeys(
        ("twice", "code", "name", "unit", "target", "direction", "heading", "form"), 1
    )  # fmt: skip
    assert all(issue.file == "country.yml" for issue in refused.value.issues)
    assert "National indicators 1 and 2" in str(refused.value)
    assert "National indicator 3" in str(refused.value)


def test_a_country_without_national_indicators_has_none():
    assert national_indicators({"code": "XAR"}) == ()
    assert national_indicators({"national_indicators": None}) == ()


# ---------------------------------------------------------------- another edition beside this one


@pytest.fixture
def invented(tmp_path):
    """An edition that never was: two goals, one target, three indicators, a questionnaire of two questions."""
    folder = tmp_path / "20-1"
    folder.mkdir()
    aim = {"long_title": {"en": "…"}, "horizon": 2060, "summary": "…"}
    goals = [
        {"code": "E", "title": {"en": "Rivers run free"}, "ort_identifier": "GBF-GOAL-E", **aim},
        {"code": "F", "title": {"en": "Nights are dark"}, "ort_identifier": "GBF-GOAL-F", **aim},
    ]
    target = {"code": "T3", "title": {"en": "Fewer lamps"}, "ort_identifier": "X-3", "section": "light", **aim}
    target["elements"] = [{"id": "T3.e1", "text": "Lamps"}]
    indicators = [
        {"code": "3.1", "kind": "headline", "name": {"en": "Share of dark sky"}, "roles": {"headline": ["T3", "F"]},
         "unit": "%", "ort_identifier": "X-3.1"},
        {"code": "E.1", "kind": "headline", "name": {"en": "Free rivers"}, "roles": {"headline": ["E"]}},
        {"code": "3.b", "kind": "binary", "name": {"en": "Lamp rules"}, "roles": {"binary": ["T3"]}},
    ]  # fmt: skip
    questions = [
        {"key": "3_1", "number": "3.1", "type": "single", "text": "Rules?", "options": ["no", "yes"]},
        {"key": "3_2", "number": "3.2", "type": "text", "text": "Which?", "opened_by": {"3_1": ["yes"]}},
    ]
    parts = {
        "edition": {"title": {"en": "Decision 20/1"}, "decision": "INVENTED/20/1", "licence": "invented"},
        "framework": {"goals": goals, "targets": [target]},
        "indicators": {"meta": {"uri": "urn:x:{code}"}, "indicators": indicators},
        "questions": {
            "option_labels": {"yes": "Yes", "no": "No"},
            "questionnaires": {"3.b": {"response_keys": ["x"], "in_decision": 2, "questions": questions}},
        },
    }
    for name, content in parts.items():
        (folder / f"{name}.yml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return tmp_path


def test_another_edition_stands_beside_this_one(invented):
    assert catalogue.editions(invented) == ("20-1",)
    other, ours = load_edition("20/1", invented), load_edition()
    assert other.indicator("3.1").said("name") == "Share of dark sky"
    assert ours.indicator("3.1").said("name").startswith("Coverage of protected areas")
    assert (other.indicator("3.1").edition, ours.indicator("3.1").edition) == ("20-1", "16-31")
    assert [goal.code for goal in catalogue.goals(other)] == ["E", "F"]
    assert [target.number for target in catalogue.targets(other)] == [3]
    assert len(catalogue.indicators(edition=other)) == 3
    assert other.indicator("3.1").uri == "urn:x:3.1"


def test_everything_answers_from_another_edition(invented, hedgerows):
    other = load_edition(invented / "20-1")
    assert find("dark", edition=other).codes == ("3.1",)
    assert find("goal F", edition=other).codes == ("3.1",)
    assert set(find("target 3", edition=other).codes) == {"3.1", "3.b"}
    assert "Decision 20/1 (INVENTED/20/1)" in str(describe("3.1", edition=other))
    assert "Rules? No / Yes" in str(describe("3.b", edition=other))
    assert [question.key for question in other.questionnaires["3.b"].open_questions({"3_1": "yes"})] == ["3_1", "3_2"]
    assert other.report_sections == ()
    with pytest.raises(WorkbenchError):
        find("target 4", edition=other)
    own = with_national(other, national_indicators([hedgerows | {"targets": ["F"]}], other))
    assert HEDGEROWS in find("goal F", edition=own).codes


def test_national_indicators_are_held_against_the_edition_they_belong_to(invented, hedgerows):
    with pytest.raises(WorkbenchError, match="T10"):
        national_indicators([hedgerows], load_edition(invented / "20-1"))


# ---------------------------------------------------------------- cost and translation


def test_the_catalogue_is_imported_without_pandas():
    code = "import sys, gbf_workbench.catalogue; sys.exit('pandas' in sys.modules or 'yaml' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_one_indicator_is_described_without_reading_the_forms():
    code = (
        "import gbf_workbench.locales as l, gbf_workbench.catalogue as c;"
        "seen = []; read = l.read_yaml;"
        "import gbf_workbench.catalogue.edition as e;"
        "e.read_yaml = lambda path: (seen.append(path.stem), read(path))[1];"
        "c.load_edition().indicator('3.1').said('name', 'fr');"
        "assert seen == ['indicators'], seen"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_texts_in_our_own_words_can_be_translated_without_touching_the_edition(edition, monkeypatch):
    texts = edition.english()
    key = "editions.16-31.questions.1_1_a.text"
    assert texts[key] == edition.questions("1.b")[1].text
    assert "editions.16-31.elements.T3.e8.text" in texts
    assert "editions.16-31.fields.sectionI.contactPerson.label" in texts
    monkeypatch.setattr("gbf_workbench.locales.languages", lambda: ["en", "xx"])
    monkeypatch.setattr("gbf_workbench.locales.texts", lambda language: {key: "Traduit ?"})
    assert edition.questions("1.b")[1].said("text", "xx") == "Traduit ?"
    assert edition.questions("1.b")[2].said("text", "xx") == edition.questions("1.b")[2].text


def test_the_folder_of_the_edition_holds_data_only():
    assert {path.suffix for path in Path(load_edition().folder).iterdir()} == {".yml"}
