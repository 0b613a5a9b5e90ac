"""Lists of types from whichever tables there are: strangers refused, dates made comparable, sums held to numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gbf_workbench.errors import Issue, WorkbenchError
from gbf_workbench.methods.doubts import Doubts
from gbf_workbench.methods.ecosystem_lists import (
    RiskList,
    assembled,
    comparable_weights,
    groupings,
    of_counts,
    risk_list,
    types_of,
)

REASON = "reason_for_change"


def types(*rows: tuple, **more: object) -> pd.DataFrame:
    """Assessments from ``(id, year, category)``."""
    return pd.DataFrame(rows, columns=["ecosystem_id", "year", "category"]).assign(**more)


def judged(*rows: tuple) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["ecosystem_id", "year", "criterion", "category"])


def measured(*rows: tuple) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["name", "year", "km2", "eoo_km2", "aoo"])


def put_together(**tables: pd.DataFrame) -> tuple[RiskList, dict[str, dict]]:
    names = ("assessments", "criteria", "declines", "restrictions", "mapped", "legend")
    doubts = Doubts()
    given = [tables.get(name) for name in names]
    return assembled(*given, drawn_out="absolute", square_km=10, doubts=doubts), said(doubts)


def said(doubts: Doubts) -> dict[str, dict]:
    return {one["key"]: one["values"] for one in doubts}


def refusal(work: object, *given: object, **named: object) -> Issue:
    with pytest.raises(WorkbenchError) as stopped:
        work(*given, **named)
    [issue] = stopped.value.issues
    return issue


def overall(found: RiskList) -> dict[tuple[str, int], str]:
    return found.categories["overall"].to_dict()


def test_a_list_names_its_dates_and_its_criteria_in_order():
    table = judged(("a", 2024, "D1", "LC"), ("a", 2014, "A1", "VU"), ("b", 2024, "A3", "EN"))
    found, _ = put_together(criteria=table)
    assert (found.years, found.criteria) == ([2014, 2024], ["A", "D"])
    assert found.of(2014).index.tolist() == ["a"]
    newest = found.of(2024)
    assert newest[["overall", "A", "D", "name"]].to_dict("index") == {
        "a": {"overall": "LC", "A": "NE", "D": "LC", "name": "a"},
        "b": {"overall": "EN", "A": "EN", "D": "NE", "name": "b"},
    }


def test_tables_may_only_speak_of_types_of_the_first_of_them():
    declines = pd.DataFrame({
        "ecosystem_id": ["a", "B", "B", "c"], "year": 2024, "criterion": "A1", "extent_percent": 10.0,
        "severity_percent": np.nan,
    })  # fmt: skip
    issue = refusal(put_together, assessments=types(("a", 2024, "LC"), ("b", 2024, "LC")), declines=declines)
    assert (issue.key.rpartition(".")[2], issue.table, issue.column) == (
        "strangers",
        "ecosystem_declines",
        "ecosystem_id",
    )
    assert (issue.rows, issue.values) == ((1, 2, 3), {"count": 2, "names": "B, c"})
    # Where they stand alone they are the list.
    assert overall(put_together(declines=declines)[0]) == {(name, 2024): "LC" for name in "Bac"}


def test_a_restricted_range_may_be_one_of_the_list_or_of_the_map():
    rows = measured(("m", 2020, 5, 9e4, 90))
    known = pd.DataFrame({"ecosystem_id": ["a", "m"], "locations": 3, "sudden_collapse": True})
    found, doubts = put_together(assessments=types(("a", 2024, "VU")), restrictions=known, mapped=rows)
    # The mapped type is not in the list, and that is said.
    assert doubts["mapped_apart"] == {"count": 1, "names": "m"}
    assert overall(found) == {("a", 2024): "VU"}
    alone, doubts = put_together(mapped=rows, restrictions=known[1:])
    assert (overall(alone), "mapped_apart" in doubts) == ({("m", 2020): "VU"}, False)
    issue = refusal(put_together, mapped=rows, restrictions=known)
    assert (issue.table, issue.values["names"], issue.rows) == ("ecosystem_restrictions", "a", (0,))


def test_categories_from_maps_are_of_the_newest_list_or_of_the_newest_map():
    rows = measured(("a", 2000, 100, 9e4, 90), ("a", 2020, 10, 9e4, 90))
    assert set(overall(put_together(mapped=rows)[0])) == {("a", 2020)}
    later = pd.DataFrame(
        [("a", 2024, "C1", 9.0, 9.0)], columns=[*judged().columns[:3], "extent_percent", "severity_percent"]
    )
    found, doubts = put_together(criteria=judged(("a", 2010, "C1", "LC")), declines=later, mapped=rows)
    # 4.5 km² a year: nothing of 10 is left after 50 years, and 225 of 235 were lost before.
    assert overall(found) == {("a", 2010): "LC", ("a", 2024): "CR"}
    assert doubts == {}


def test_the_overall_category_of_an_expert_stands_and_is_held_against_the_worst_of_the_criteria():
    own = types(("a", 2024, "VU"), ("b", 2024, "LC"), ("c", 2024, "EN"), ("d", 2024, "LC"), ("e", 2024, "NT"))
    table = judged(
        ("a", 2024, "A1", "EN"), ("a", 2024, "A2a", "LC"), ("b", 2024, "B1", "LC"), ("c", 2024, "A1", "DD"),
        ("d", 2024, "A1", "NE"),
    )  # fmt: skip
    doubts = Doubts()
    found = risk_list(own, table, types_of([own], None), doubts)
    # Nothing is known of the criteria of c, d and e.
    assert said(doubts) == {"overall_apart": {"count": 1, "names": "a"}}
    rows = found.categories.xs(2024, level="year")
    assert rows["overall"].tolist() == ["VU", "LC", "EN", "LC", "NT"]
    assert (rows["A"].tolist(), rows["B"].tolist()) == (["EN", "NE", "DD", "NE", "NE"], ["NE", "LC", "NE", "NE", "NE"])
    assert found.categories.columns.tolist() == ["overall", "A", "B"]


def test_a_list_without_criteria_is_the_overall_categories_and_what_is_known_of_the_state():
    own = types(("a", 2024, "VU"), area_km2=7.0, main_threat="2", ecosystem_name="Wood")
    doubts = Doubts()
    found = risk_list(own, judged(), types_of([own], None), doubts)
    assert found.categories.reset_index().to_dict("records") == [
        {"ecosystem_id": "a", "year": 2024, "overall": "VU", "area_km2": 7.0, "main_threat": "2"}
    ]
    assert (found.criteria, doubts) == ([], [])


def test_of_a_type_the_first_table_and_its_latest_row_say_what_it_is():
    first = types(("a", 2024, "LC"), ("a", 2014, "LC"), ecosystem_name=["New", "Old"], region=[None, "North"])
    second = types(("a", 2030, "LC"), ("b", 2030, "LC"), ecosystem_name=["Other", "Bog"], region="South")
    legend = pd.DataFrame({"ecosystem_id": ["a", "c"], "name": ["Map", "Dune"], "get_code": ["T1.1", None]})
    found = types_of([first, second], legend)
    assert found.to_dict("index") == {
        "a": {"name": "New", "get_code": "T1.1", "ecosystem_group": "", "region": "North"},
        "b": {"name": "Bog", "get_code": "", "ecosystem_group": "", "region": "South"},
        "c": {"name": "Dune", "get_code": "", "ecosystem_group": "", "region": ""},
    }


def test_types_without_a_name_or_with_one_of_two_go_by_their_identifiers():
    table = types(*[(name, 2024, "LC") for name in "abcd"], ecosystem_name=["Wood", "Wood", None, "Bog"])
    assert types_of([table], None)["name"].to_dict() == {"a": "a", "b": "b", "c": "c", "d": "Bog"}


def counts(*rows: tuple) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["year", "get_code", "category", "type_count", "area_km2"])


def test_numbers_become_types_that_share_their_area_and_keep_their_place_from_date_to_date():
    doubts = Doubts()
    table = of_counts(
        counts((2024, None, "LC", 2, 30.0), (2024, None, "CO", 0, 4.0), (2014, None, "LC", 1, None)), doubts
    )
    assert table[["ecosystem_id", "year", "category", "get_code"]].to_dict("records") == [
        {"ecosystem_id": "|LC|0", "year": 2014, "category": "LC", "get_code": ""},
        {"ecosystem_id": "|LC|0", "year": 2024, "category": "LC", "get_code": ""},
        {"ecosystem_id": "|LC|1", "year": 2024, "category": "LC", "get_code": ""},
    ]
    np.testing.assert_array_equal(table["area_km2"], [np.nan, 15, 15])
    assert table.columns.tolist() == ["ecosystem_id", "year", "category", "area_km2", "get_code"]
    assert list(doubts) == [{"level": "flag", "key": "counts_no_trend", "values": {"count": 1}}]


def test_groups_go_before_totals_in_the_years_that_have_them():
    doubts = Doubts()
    table = of_counts(counts(
        (2024, "T1.1", "LC", 1, None), (2024, "F1.2", "LC", 1, None), (2024, "T1.1", "EN", 1, None),
        (2024, None, "LC", 2, None), (2024, None, "EN", 1, None),
    ), doubts)  # fmt: skip
    assert table["ecosystem_id"].tolist() == ["F1.2|LC|0", "T1.1|EN|0", "T1.1|LC|0"]
    assert doubts == []
    both = of_counts(counts((2014, None, "LC", 1, None), (2024, "T1.1", "LC", 1, None)), doubts)
    assert both["ecosystem_id"].tolist() == ["|LC|0", "T1.1|LC|0"]


def test_groups_that_do_not_add_up_are_named_with_both_numbers():
    table = counts(
        (2014, None, "LC", 9, None), (2024, "T1.1", "LC", 1, None), (2024, "F1.2", "LC", 1, None),
        (2024, "F1.2", "VU", 1, None), (2024, "F1.2", "CR", 1, None), (2024, None, "LC", 3, None),
        (2024, None, "CR", 1, None), (2024, None, "CO", 4, None),
    )  # fmt: skip
    issue = refusal(of_counts, table, Doubts())
    assert issue.values == {"said": "2024 CO: 4 / 0; 2024 LC: 3 / 2; 2024 VU: 0 / 1"}
    assert (issue.table, issue.column) == ("ecosystem_category_counts", "type_count")


def test_types_are_gathered_by_the_parts_of_their_code_their_region_and_their_threat():
    rows = pd.DataFrame({
        "get_code": ["T1.1", "MFT1", "SF", "X2.1", ""], "ecosystem_group": list("abcde"), "region": list("fghij"),
        "main_threat": ["2", None, "11", np.nan, "5"],
    })  # fmt: skip
    assert {kind: column.tolist() for kind, column in groupings(rows).items()} == {
        "Realm": ["Terrestrial", "Marine-freshwater-terrestrial", "Subterranean-freshwater", "", ""],
        "Biome": ["T1", "MFT1", "", "X2", ""],
        "Ecosystem functional group": ["T1.1", "", "", "X2.1", ""],
        "Group of ecosystem types": list("abcde"),
        "Region": list("fghij"),
        "Main threat": ["Threat 2", "", "Threat 11", "", "Threat 5"],
    }
    assert set(groupings(rows.drop(columns="main_threat"))["Main threat"]) == {""}


def weights(table: pd.DataFrame, rule: str = "ask") -> tuple[dict[str, list[float]], dict[str, dict]]:
    """Weights at each date by type, and what was said."""
    doubts = Doubts()
    found = comparable_weights(risk_list(table, judged(), types_of([table], None), Doubts()), rule, doubts)
    assert found.columns.tolist() == sorted(set(table["year"]))
    return {name: row.tolist() for name, row in found.iterrows()}, said(doubts)


def test_one_date_and_lists_as_assessed_keep_every_type_and_say_nothing():
    found, doubts = weights(types(("b", 2024, "DD"), ("a", 2024, "CO")))
    np.testing.assert_equal((found, doubts), ({"a": [5.0], "b": [np.nan]}, {}))
    found, doubts = weights(types(("a", 2014, "LC"), ("b", 2024, "VU"), **{REASON: "non-genuine"}), "as_assessed")
    np.testing.assert_equal((found, doubts), ({"a": [0.0, np.nan], "b": [np.nan, 2.0]}, {}))


SOME_SHORT = types(
    ("a", 2014, "LC"), ("a", 2024, "VU"), ("b", 2024, "CR"), ("c", 2014, "DD"), ("c", 2024, "EN"), ("d", 2024, "DD"),
    ("e", 2014, "EN"), ("e", 2024, "NE"), ("f", 2014, "NE"), ("f", 2024, "DD"),
)  # fmt: skip


def test_types_that_lack_a_date_are_a_question_that_names_them_and_the_dates():
    issue = refusal(weights, SOME_SHORT)
    # d lacks a date too, but would not count at the other.
    assert (issue.level, issue.values) == ("question", {"count": 1, "names": "b", "years": "2014, 2024"})


def test_types_that_lack_a_date_or_a_category_are_left_out_and_said():
    found, doubts = weights(SOME_SHORT, "exclude")
    assert found == {"a": [0.0, 2.0]}
    assert doubts["incomplete_excluded"] == {"count": 1, "names": "b"}
    assert doubts["silent_excluded"] == {"count": 3, "names": "c, e, f"}
    assert refusal(weights, SOME_SHORT[2:], "exclude").key.endswith(".no_common_types")


CHANGED = types(
    ("a", 2004, "LC"), ("a", 2014, "VU"), ("a", 2024, "EN"), ("b", 2004, "CR"), ("b", 2014, "CR"), ("b", 2024, "CR")
)


def test_a_list_that_gives_no_reasons_is_taken_as_genuine_and_its_changes_are_counted():
    for table in (CHANGED, CHANGED.assign(**{REASON: None})):
        found, doubts = weights(table)
        assert found == {"a": [0.0, 2.0, 3.0], "b": [4.0, 4.0, 4.0]}
        assert doubts == {"taken_as_genuine": {"count": 2}}


def test_what_was_only_learnt_is_carried_back_to_every_date_before():
    found, doubts = weights(CHANGED.assign(**{REASON: [None, "genuine", "non-genuine", None, None, None]}))
    assert found == {"a": [1.0, 3.0, 3.0], "b": [4.0, 4.0, 4.0]}
    assert doubts == {"back_cast": {"count": 1}}


def test_a_change_without_a_reason_beside_others_is_a_question_and_no_change_needs_none():
    issue = refusal(weights, CHANGED.assign(**{REASON: [None, None, "genuine", None, None, None]}))
    assert (issue.level, issue.column, issue.values) == ("question", REASON, {"count": 1, "names": "a"})
    # A reason at the first date explains no change.
    issue = refusal(weights, CHANGED.assign(**{REASON: ["genuine", None, None, None, None, None]}))
    assert issue.values == {"count": 2, "names": "a"}
