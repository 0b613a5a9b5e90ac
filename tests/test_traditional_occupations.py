"""9.2 Traditional occupations: who counts, of whom, with what error, and when two years must not be compared."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gbf_workbench as gbf
from gbf_workbench.catalogue.specs import spec_of
from gbf_workbench.errors import WorkbenchError
from gbf_workbench.indicators.traditional_occupations import traditional_occupations
from gbf_workbench.methods.occupation_tables import CLASSES
from gbf_workbench.preparation.code_lists import code_list

DEFAULTS = {name: one.default for name, one in spec_of("9.2").parameters.items()}
WORKED = Path(__file__).resolve().parent.parent / "data_samples" / "worked" / "traditional_occupations"
LIST = pd.DataFrame({
    "isco_code": ["63", "6222", None], "national_occupation": [None, None, "N-1"],
    "title": ["own use", "fishers", "weavers"],
})  # fmt: skip
PERSON = {
    "year": 2020, "consent": True, "weight": 1.0, "stratum": None, "cluster": None, "age": 30, "sex": "female",
    "indigenous": "no", "area_type": "rural", "region": "North", "employment_status": "employed", "isco_code": "5120",
    "national_occupation": None, "second_isco_code": None,
}  # fmt: skip


def people(*changes: dict) -> pd.DataFrame:
    return pd.DataFrame([PERSON | {"household_id": f"H{at}", "person_id": "1"} | one for at, one in enumerate(changes)])


def counts(*rows: tuple) -> pd.DataFrame:
    """Counts from ``(year, code, persons[, {column: value}])``."""
    made = [
        dict.fromkeys(CLASSES) | {"standard_error": None, "value_status": "measured", "own_use_included": True}
        | {"year": year, "isco_code": code, "persons": persons} | (more[0] if more else {})
        for year, code, persons, *more in rows
    ]  # fmt: skip
    return pd.DataFrame(made)


def computed(table: pd.DataFrame, **given_settings: object) -> pd.DataFrame:
    roles = (None, table) if "persons" in table else (table, None)
    return traditional_occupations(*roles, LIST, **{**DEFAULTS, **given_settings})


def value(rows: pd.DataFrame, kind: str = "", name: str = "", year: int = 2020) -> float:
    own = (rows["disaggregation_type"] == kind) & (rows["disaggregation"].fillna("") == name) & (rows["unit"] == "%")
    [found] = rows.loc[own & (rows["year"] == year), "value"]
    return found


def doubts(rows: pd.DataFrame) -> dict[str, dict]:
    return {one["key"]: one["values"] for one in rows.attrs["doubts"]}


def test_the_interval_of_the_worked_example_is_that_of_its_arithmetic():
    total = gbf.compute("9.2", WORKED).totals.iloc[0]
    # Seven persons with weights of 100 to 200 are worth 1000²/155,000 = 6.45 equal ones: too few for the logit scale.
    assert total["lower"] < 15
    assert total["upper"] > 70
    assert total["n"] == 7


def test_the_list_of_codes_is_whole():
    codes = code_list("isco_08").values
    # Major, sub-major, minor and unit groups as the International Labour Organization counts them.
    assert Counter(map(len, codes)) == {1: 10, 2: 43, 3: 130, 4: 436}
    assert all(code[:-1] in codes for code in codes if len(code) > 1)


def test_weights_count_and_who_stated_no_occupation_stays_in_the_base():
    rows = computed(people({"isco_code": "6340", "weight": 3.0}, {"weight": 5.0}, {"isco_code": None, "weight": 2.0}))
    assert value(rows) == pytest.approx(30)
    assert value(rows, "Occupation not stated", "Not stated") == pytest.approx(20)
    assert doubts(rows)["not_stated"] == {"count": 1}


def test_own_use_producers_count_unless_the_newer_definition_is_chosen():
    table = people({"isco_code": "6310", "employment_status": "own-use producer"}, {"isco_code": "6222"}, {}, {})
    assert value(computed(table)) == pytest.approx(50)
    assert value(computed(table, own_use="exclude")) == pytest.approx(100 / 3)


def test_the_base_can_be_everybody_of_working_age_and_both_are_shown():
    table = people({"isco_code": "6340"}, {}, {"employment_status": "unemployed", "isco_code": "6340"}, {"age": 14})
    rows = computed(table, base="working_age")
    assert value(rows) == value(rows, "Base", "People of working age") == pytest.approx(100 / 3)
    assert value(rows, "Base", "People who work") == pytest.approx(50)
    assert value(computed(table, base="working_age", minimum_age=14)) == pytest.approx(25)


def test_only_indigenous_persons_can_be_counted_of_the_same_base():
    table = people({"isco_code": "6340", "indigenous": "yes"}, {"isco_code": "6340"}, {"indigenous": "yes"}, {})
    assert value(computed(table)) == pytest.approx(50)
    assert value(computed(table, who="indigenous")) == pytest.approx(25)
    assert value(computed(table), "Indigenous peoples and local communities", "Others") == pytest.approx(50)


def test_a_second_job_counts_only_where_any_job_is_asked_for():
    rows = computed(people({"second_isco_code": "6340"}, {}))
    assert (value(rows), value(rows, "Jobs", "Main or second job")) == (0, pytest.approx(50))


def test_persons_without_consent_are_counted_and_used_for_nothing_else():
    table = people({"isco_code": "6340", "consent": False}, {"isco_code": "6340"}, {})
    rows = computed(table)
    assert value(rows) == pytest.approx(50)
    assert doubts(rows)["withheld"] == {"count": 1}
    with pytest.raises(WorkbenchError) as refused:
        computed(table.assign(consent=False))
    assert refused.value.issues[0].remedy()


def test_without_clusters_the_household_is_the_cluster():
    half = [{"isco_code": "6340"} if at % 2 else {} for at in range(40)]
    apart = computed(people(*half)).iloc[0]
    together = people(*half).assign(household_id=[f"H{at % 2}{at // 8}" for at in range(40)], person_id=range(40))
    # Ten households of four that all do the same tell as much as ten persons.
    assert computed(together).iloc[0]["upper"] > apart["upper"] + 10
    assert "no_design" not in doubts(computed(people(*half)))
    assert "full_count" in doubts(computed(people(*half)))


def test_a_share_of_none_has_an_upper_limit_above_zero():
    total = computed(people(*[{"weight": 2.0 + at} for at in range(30)])).iloc[0]
    assert (total["value"], total["lower"]) == (0, 0)
    assert 5 < total["upper"] < 20


def test_a_new_definition_of_work_is_a_break():
    table = counts((2009, None, 100), (2009, "63", 44), (2020, None, 100, {"own_use_included": False}),
                   (2020, "63", 40, {"own_use_included": False}))  # fmt: skip
    assert doubts(computed(table))["definition_break"]["first"] == "2009"
    assert "jump" not in doubts(computed(table))


def test_a_jump_that_people_cannot_have_made_is_a_suspected_break():
    table = counts((2009, None, 100), (2009, "63", 44), (2020, None, 100), (2020, "63", 20))
    assert doubts(computed(table))["jump"] == {"first": "2009", "second": "2020", "before": 44.0, "after": 20.0}
    assert "jump" not in doubts(computed(table, break_points=25.0))
    surveyed = people(
        {"isco_code": "6310", "employment_status": "own-use producer"}, {}, {"year": 2021}, {"year": 2021}
    )
    assert "definition_break" in doubts(computed(surveyed))


def test_a_suppressed_number_is_neither_zero_nor_left_out():
    hidden = {"value_status": "suppressed"}
    rows = computed(counts((2020, None, 100), (2020, "6340", None, hidden), (2020, "6310", 30)))
    total = rows.iloc[0]
    assert (total["value_status"], total["note"]) == ("suppressed", "cell_suppressed")


def test_an_occupation_that_the_tables_do_not_show_is_not_known_and_a_written_zero_is_zero():
    assert computed(counts((2020, None, 100), (2020, "5120", 30))).iloc[0]["value_status"] == "missing"
    assert computed(counts((2020, None, 100), (2020, "63", 0))).iloc[0]["value"] == 0
    assert computed(counts((2020, None, 0), (2020, "63", 0))).iloc[0]["value_status"] == "not_applicable"


def test_two_levels_of_the_classification_would_count_people_twice():
    with pytest.raises(WorkbenchError) as refused:
        computed(counts((2020, None, 100), (2020, "63", 50), (2020, "6340", 20)))
    assert (refused.value.issues[0].value, refused.value.issues[0].rows) == ("6340", (1, 2))


def test_without_a_number_of_all_the_occupations_are_added_and_that_is_said():
    rows = computed(counts((2020, "63", 20), (2020, "51", 60)))
    assert value(rows) == pytest.approx(25)
    assert doubts(rows)["base_added"] == {"count": 1}


def test_classes_of_published_tables_are_breakdowns():
    men, native = {"sex": "male"}, {"indigenous": "yes"}
    north = men | {"region": "North"}
    table = counts(
        (2020, None, 100), (2020, "63", 20), (2020, None, 40, men), (2020, "63", 10, men), (2020, None, 5, north),
        (2020, "63", 1, north), (2020, "63", 12, native), (2020, None, 15, native),
    )  # fmt: skip
    rows = computed(table)
    assert value(rows, "Sex", "male") == pytest.approx(25)
    assert value(rows, "Sex and region", "male, North") == pytest.approx(20)
    assert value(rows, "Occupation", "own use") == pytest.approx(20)
    assert value(computed(table, who="indigenous")) == pytest.approx(12)


def test_where_only_indigenous_persons_count_none_of_the_others_does_in_tables_as_in_surveys():
    kind, chosen = "Indigenous peoples and local communities", {"who": "indigenous"}
    native, rest = {"indigenous": "yes"}, {"indigenous": "no"}
    table = counts(
        (2020, None, 5), (2020, "63", 3), (2020, None, 2, native), (2020, "63", 1, native), (2020, None, 3, rest),
        (2020, "63", 2, rest),
    )  # fmt: skip
    weaver = {"isco_code": "6340"}
    surveyed = people(weaver | native, native, weaver, weaver, {})
    for rows in (computed(table, **chosen), computed(surveyed, **chosen)):
        assert [value(rows), value(rows, kind, "Indigenous or local community"), value(rows, kind, "Others")] == [
            pytest.approx(20), pytest.approx(50), 0
        ]  # fmt: skip


def test_ages_fall_into_classes_of_ten_years_from_15_on():
    rows = computed(people(*({"age": age} for age in (14, 15, 24, 25, 54, 55, 64, 65, 99))), minimum_age=14)
    ages = rows[rows["disaggregation_type"] == "Age"].set_index("disaggregation")["n"]
    assert ages.to_dict() == {"15–24": 2, "25–34": 1, "45–54": 1, "55–64": 2, "65+": 2}
    assert rows.loc[rows["disaggregation"] == "People of working age", "n"].tolist() == [9]


@pytest.mark.parametrize(("number", "note"), [(29, "few_persons"), (30, "")])
def test_a_share_of_fewer_than_thirty_persons_is_said_to_be_one(number: int, note: str):
    assert computed(people(*[{}] * number)).iloc[0]["note"] == note


def test_persons_are_counted_by_weight_and_the_error_is_that_of_the_percentage():
    rows = computed(people(*([{"isco_code": "6340", "weight": 2.0}] * 20 + [{"weight": 2.0}] * 20)))
    persons = rows[rows["unit"] == "persons"].iloc[0]
    assert (persons["value"], persons["n"]) == (40, 20)
    error = rows[rows["disaggregation_type"] == "Standard error"].iloc[0]
    # 100·√(½·½/39) percentage points of 40 persons.
    assert (error["value"], error["unit"], error["n"]) == (pytest.approx(50 / 39**0.5), "percentage points", 40)
    alone = computed(people({"isco_code": "6340"}))
    assert "Standard error" not in set(alone["disaggregation_type"])
    assert "Main or second job" not in set(alone["disaggregation"])


def test_only_those_who_work_have_jobs_or_lack_the_name_of_one():
    idle = {"employment_status": "unemployed"}
    rows = computed(people(
        {}, {"second_isco_code": "6340"}, {"isco_code": "6"}, idle | {"second_isco_code": "6340", "isco_code": "6340"},
        idle | {"isco_code": None}, idle | {"isco_code": "6"},
    ), base="working_age")  # fmt: skip
    assert value(rows, "Jobs", "Main or second job") == pytest.approx(100 / 6)
    assert (value(rows), value(rows, "Base", "People who work")) == (0, 0)
    assert value(rows, "Occupation not stated", "Not stated") == 0
    assert doubts(rows) == {"code_too_short": {"count": 1}, "full_count": {"count": 1}}


def test_what_is_known_of_the_design_is_said():
    one = {"isco_code": "6340", "weight": 2.0}
    assert doubts(computed(people(one, {}))) == {"no_design": {"count": 1}}
    drawn = [one | {"stratum": "a"}, {"stratum": "b"}, {"stratum": "b"}]
    assert doubts(computed(people(*drawn))) == {"lonely_strata": {"count": 1}}
    assert doubts(computed(people(*drawn, {"stratum": "a"}))) == {}


def test_occupations_of_the_list_without_agreement_and_a_second_table_are_said():
    listed, table = LIST.assign(agreed_with=["council", None, None]), people({}, {})
    rows = traditional_occupations(table, counts((2020, None, 1)), listed, **DEFAULTS)
    assert doubts(rows)["not_agreed"] == {"count": 2}
    assert "both_tables" in doubts(rows)
    assert not {"not_agreed", "both_tables"} & set(doubts(computed(table)))


def test_own_use_that_tables_hold_is_said_where_it_should_not_be_in():
    table = counts((2009, None, 100), (2009, "63", 4), (2020, None, 100, {"own_use_included": False}), (2020, "63", 4))
    assert doubts(computed(table, own_use="exclude"))["own_use_inside"] == {"count": 2}
    assert "own_use_inside" not in doubts(computed(table, own_use="include"))
    newer = table.assign(own_use_included=table["year"] == 2009)
    assert doubts(computed(newer, own_use="exclude"))["own_use_inside"] == {"count": 1}


def test_a_change_of_just_so_many_points_is_no_jump_and_years_without_a_number_are_passed_over():
    table = counts((2009, None, 100), (2009, "63", 44), (2015, None, 100), (2020, None, 100), (2020, "63", 34))
    assert doubts(computed(table, break_points=10.0)) == {}
    assert doubts(computed(table, break_points=9.99))["jump"]["second"] == "2020"


def test_tables_of_workers_have_no_share_of_people_of_working_age():
    rows = computed(counts((2020, None, 100), (2020, "63", 4)), base="working_age")
    assert rows[["value_status", "note"]].to_numpy().tolist() == [["missing", "base_not_in_table"]]


def test_a_suppressed_or_estimated_base_makes_the_share_so():
    table = counts((2020, None, None, {"value_status": "suppressed"}), (2020, "63", 4))
    assert computed(table).iloc[0]["note"] == "cell_suppressed"
    rows = computed(counts((2020, None, 100, {"value_status": "estimated"}), (2020, "63", 4)))
    assert rows.iloc[0]["value_status"] == "estimated"
    assert rows.loc[rows["unit"] == "persons", ["value", "value_status"]].to_numpy().tolist() == [[4, "measured"]]
    native = computed(counts((2020, None, 9), (2020, "63", 4)), who="indigenous")
    assert "Occupation" not in set(native["disaggregation_type"])


@settings(max_examples=10)
@given(st.randoms(use_true_random=False), st.floats(0.1, 50))
def test_neither_the_order_of_rows_nor_the_scale_of_weights_changes_a_percentage(chance: random.Random, factor: float):
    table = gbf.load("9.2", WORKED)["persons"].copy()
    turned = table.sample(frac=1, random_state=chance.randrange(2**31)).assign(weight=table["weight"] * factor)
    one, other = computed(table), computed(turned)
    percent = one["unit"] == "%"
    pd.testing.assert_frame_equal(
        one.loc[percent, ["value", "lower"]], other.loc[percent, ["value", "lower"]], rtol=1e-9
    )
