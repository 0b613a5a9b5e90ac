"""Flows by their biodiversity marker: what counts, whose share holds when, and what nobody looked at is not 0."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from gbf_workbench.methods.doubts import Doubts
from gbf_workbench.methods.rio_markers import countable, markers, significant_shares, weights
from tests.money_tables import table


def flows(*rows: dict[str, Any], **same: Any) -> pd.DataFrame:
    known = {"year": 2021, "provider": "A", "recipient": "R", "flow_code": "11", "modality": "C01", "disbursement": 1}
    return table("development_finance", *rows, **{**known, **same})


def said(doubts: Doubts) -> dict[str, dict[str, Any]]:
    return {one["key"]: one["values"] for one in doubts}


def counted(activities: pd.DataFrame, measure: str = "disbursement") -> tuple[list[int], dict[str, dict[str, Any]]]:
    doubts = Doubts()
    kept = countable(activities, ["11", "13"], ["C01", "D01"], measure, doubts)
    return kept.index.tolist(), said(doubts)


def shared(marker: str, by: pd.DataFrame | None, *rows: tuple[str, int]) -> tuple[list[float], dict[str, Any]]:
    doubts = Doubts()
    activities = pd.DataFrame(rows, columns=["provider", "year"], index=range(5, 5 + len(rows))).assign(marker=marker)
    found = significant_shares(activities, by, 0.4, doubts)
    assert found.index.equals(activities.index)
    return found.tolist(), said(doubts)


def coefficients(*rows: tuple[str, float, int | None]) -> pd.DataFrame:
    made = ({"provider": one, "significant_share": share, "first_year": since} for one, share, since in rows)
    return table("provider_coefficients", *made)


def test_activities_of_all_codes_that_count_stay_and_nothing_is_said():
    assert counted(flows({}, {"flow_code": "13"}, {"modality": "D01"}, {"disbursement": 0})) == ([0, 1, 2, 3], {})


def test_what_is_of_neither_kind_is_counted_once_among_what_was_left_out():
    kept, doubts = counted(flows({}, {"flow_code": "30"}, {"modality": "A01"}, {"flow_code": "30", "modality": "A01"},
                                 {"flow_code": "30", "modality": None}))  # fmt: skip
    assert kept == [0]
    assert doubts == {"flows_left_out": {"count": 2 + 1}, "modalities_left_out": {"count": 1}}


def test_a_code_that_is_not_known_leaves_nothing_out_and_is_said_once_for_each_activity():
    kept, doubts = counted(flows({"flow_code": None}, {"modality": None}, {"flow_code": None, "modality": None}, {}))
    assert kept == [0, 1, 2, 3]
    assert doubts == {"codes_unknown": {"count": 3}}


@pytest.mark.parametrize(("measure", "kept"), [("disbursement", [0, 1]), ("commitment", [2])])
def test_only_activities_with_the_measure_count_and_the_others_are_said(measure: str, kept: list[int]):
    activities = flows({}, {"disbursement": 2}, {"disbursement": None, "commitment": 3})
    assert counted(activities, measure) == (kept, {f"no_{measure}": {"count": 3 - len(kept)}})


def test_money_paid_back_is_what_is_below_zero_among_what_counts():
    activities = flows({"disbursement": -0.01}, {"disbursement": 0}, {"disbursement": -5, "flow_code": "30"})
    assert counted(activities) == ([0, 1], {"flows_left_out": {"count": 1}, "refunds": {"count": 1}})


def test_the_purpose_biodiversity_is_principal_where_there_is_no_marker_and_only_there():
    rows = [{"purpose_code": code, "biodiversity_marker": one} for code in ("41030", "41010", None)
            for one in ("2", "1", "0", None)]  # fmt: skip
    doubts = Doubts()
    assert markers(flows(*rows), doubts).tolist() == ["2", "1", "0", "2", "2", "1", "0", "", "2", "1", "0", ""]
    assert said(doubts) == {"purpose_without_marker": {"count": 1}, "purpose_against_marker": {"count": 1}}
    doubts = Doubts()
    assert markers(flows({"biodiversity_marker": "0"}, {}, purpose_code="41010"), doubts).tolist() == ["0", ""]
    assert said(doubts) == {}


def test_a_share_holds_from_its_first_year_until_the_next_and_before_it_the_default():
    known = coefficients(("A", 0.2, 2020), ("A", 0.1, 2015))
    years = [2014, 2015, 2019, 2020, 2030]
    found, doubts = shared("1", known, *(("A", year) for year in years))
    assert found == [0.4, 0.1, 0.1, 0.2, 0.2]
    assert doubts == {"default_share": {"count": 1, "share": 0.4, "names": "A"}}


def test_a_share_without_a_first_year_holds_for_all_years_before_the_next():
    known = coefficients(("A", 0.2, 2020), ("A", 0.7, None))
    assert shared("1", known, ("A", 1990), ("A", 2020)) == ([0.7, 0.2], {})


def test_a_share_is_its_providers_own_and_may_be_zero():
    known = coefficients(("A", 0.0, None), ("B", 1.0, None))
    assert shared("1", known, ("B", 2020), ("A", 2020)) == ([1.0, 0.0], {})


def test_the_default_is_doubted_only_where_an_activity_is_significant():
    assert shared("2", None, ("A", 2020)) == ([0.4], {})
    assert shared("", None, ("A", 2020)) == ([0.4], {})
    assert shared("1", None, ("A", 2020), ("A", 2021))[1]["default_share"]["count"] == 1


def test_five_providers_are_named_and_more_are_counted():
    def names(count: int) -> list[str]:
        return [f"P{at}" for at in range(count)]

    five = "P0, P1, P2, P3, P4"
    for count, text in ((5, five), (6, five + " …")):
        doubts = shared("1", None, *((one, 2020) for one in names(count)))[1]
        assert doubts == {"default_share": {"count": count, "share": 0.4, "names": text}}
        unused = coefficients(("A", 0.1, None), *((one, 0.1, None) for one in names(count)))
        assert shared("1", unused, ("A", 2020))[1] == {"coefficients_unused": {"count": count, "names": text}}


def test_a_principal_activity_counts_whole_a_significant_one_with_its_share_and_others_nothing():
    found = weights(pd.Series(["1", "2", "0", "", "1"]), pd.Series([0.3, 0.2, 0.1, 0.5, 0.0]))
    assert found.tolist() == [0.3, 1.0, 0.0, 0.0, 0.0]
