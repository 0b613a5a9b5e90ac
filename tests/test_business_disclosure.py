"""15.1 Business disclosure: what a user would miss if it broke."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from gbf_workbench.errors import WorkbenchError
from gbf_workbench.indicators.business_disclosure import business_disclosure
from tests.money_tables import said, table, values

NONE = {"discloses_risks": False, "discloses_dependencies": False, "discloses_impacts": False}
WHOLE = dict.fromkeys(NONE, True)


def reports(*rows: dict[str, Any]) -> pd.DataFrame:
    known = {"year": 2023, "kind": "large", "sector": "A", **WHOLE}
    return table("company_disclosures", *({"company_id": str(at), **known, **row} for at, row in enumerate(rows)))


def numbers(*rows: dict[str, Any]) -> pd.DataFrame:
    return table("company_numbers", *({"year": 2023, **row} for row in rows))


def disclosure(one: pd.DataFrame | None, other: pd.DataFrame | None = None, groups: bool = True) -> pd.DataFrame:
    rows = business_disclosure(one, other, groups=groups)
    rows.attrs["unit"] = "companies"
    return rows


def test_only_a_report_with_all_three_parts_counts_and_each_part_has_its_own_number():
    rows = disclosure(reports({}, {**NONE, "discloses_risks": True}, NONE))
    assert values(rows) == {(2023, ""): 1}
    assert values(rows, "Part") == {(2023, "Risks"): 2, (2023, "Dependencies"): 1, (2023, "Impacts"): 1}


def test_parts_in_two_reports_of_a_group_do_not_make_one_whole():
    risks, rest = {**NONE, "discloses_risks": True}, {**WHOLE, "discloses_risks": False, "parent_id": "0"}
    assert values(disclosure(reports(risks, rest))) == {(2023, ""): 0}


def test_a_parent_and_its_daughters_are_one_company_however_long_the_chain():
    chain = reports({}, {"parent_id": "0", "sector": "B"}, {"parent_id": "1"}, {"parent_id": "X"}, {"parent_id": "X"})
    rows = disclosure(chain)
    assert values(rows) == {(2023, ""): 2}
    assert values(rows, "Sector") == {(2023, "A"): 2}
    assert values(disclosure(chain, groups=False)) == {(2023, ""): 5}
    assert values(disclosure(chain, groups=False), "Sector") == {(2023, "A"): 4, (2023, "B"): 1}


def test_companies_that_are_each_others_parents_are_refused():
    with pytest.raises(WorkbenchError) as refused:
        disclosure(reports({"parent_id": "1"}, {"parent_id": "0"}))
    assert refused.value.issues[0].rows == (0, 1)
    # A company that names itself as its parent has none.
    assert values(disclosure(reports({"parent_id": "0"}))) == {(2023, ""): 1}


def test_small_companies_do_not_count_and_those_of_unknown_kind_are_a_range():
    rows = disclosure(reports({}, {"kind": "smaller"}, {"kind": None}, {"kind": "financial institution"}))
    assert values(rows) == {(2023, ""): 2}
    assert values(rows, "Range") == {
        (2023, "Companies of unknown kind do not count"): 2, (2023, "Companies of unknown kind count"): 3,
    }  # fmt: skip


def test_a_year_of_reports_without_a_whole_one_is_0_and_a_year_without_reports_is_missing():
    rows = disclosure(reports({"year": 2020}, {"year": 2022, **NONE}))
    assert values(rows)[2022, ""] == 0
    assert np.isnan(values(rows)[2021, ""])


def test_shares_are_of_the_companies_of_the_same_year_and_sector():
    rows = disclosure(reports({}, {"sector": "K"}), numbers({"company_count": 10}, {"sector": "A", "company_count": 4}))
    assert values(rows, unit="%") == {(2023, ""): 20}
    assert values(rows, "Sector", "%") == {(2023, "A"): 25}
    too_few = disclosure(reports({}, {}), numbers({"company_count": 1}))
    assert values(too_few, unit="%") == {}
    assert said(too_few)["more_than_all"] == {"count": 1}


def test_numbers_counted_elsewhere_are_taken_as_they_are():
    rows = disclosure(None, numbers(
        {"company_count": 10, "disclosing_count": 4}, {"company_count": 6, "disclosing_count": 3, "sector": "A"},
        {"year": 2024, "company_count": 10},
    ))  # fmt: skip
    assert values(rows)[2023, ""] == 4
    assert np.isnan(values(rows)[2024, ""])
    assert values(rows, unit="%") == {(2023, ""): 40}
    with pytest.raises(WorkbenchError) as refused:
        disclosure(None, numbers({"company_count": 10}))
    assert refused.value.issues[0].remedy()


def test_sectors_and_kinds_add_up_and_the_order_of_rows_does_not_matter():
    many = reports(*({"sector": "ABC"[at % 3], "kind": ["large", "transnational"][at % 2]} for at in range(7)),
                   {"sector": None, "company_id": "Z"})  # fmt: skip
    rows = disclosure(many)
    for kind in ("Sector", "Kind of company"):
        assert sum(values(rows, kind).values()) == values(rows)[2023, ""] == 8
        assert values(disclosure(many.iloc[::-1]), kind) == values(rows, kind)


def test_where_every_company_discloses_the_share_is_100_and_without_companies_there_is_none():
    assert values(disclosure(reports({}, {}), numbers({"company_count": 2})), unit="%") == {(2023, ""): 100}
    rows = disclosure(reports({}), numbers({"company_count": 0}))
    assert values(rows, unit="%") == {}
    assert said(rows) == {}
    with_shares = disclosure(reports({}), numbers({"company_count": 4}))
    assert with_shares.loc[with_shares["unit"] == "%", "n"].tolist() == [4]


def test_all_companies_are_those_of_the_row_without_a_sector_else_the_sum_of_sectors():
    sectors = [{"sector": "A", "company_count": 3}, {"sector": "B", "company_count": 5}]
    assert values(disclosure(reports({}, {}), numbers(*sectors)), unit="%") == {(2023, ""): 25}
    assert values(disclosure(reports({}, {}), numbers(*sectors, {"company_count": 10})), unit="%") == {(2023, ""): 20}


def test_a_sum_of_sectors_of_which_one_was_not_counted_is_missing():
    counted = {"company_count": 5, "disclosing_count": 2, "sector": "A"}
    rows = disclosure(None, numbers(counted, {"company_count": 5, "sector": "B"}))
    assert np.isnan(values(rows)[2023, ""])
    assert rows["note"].dropna().tolist() == ["not_counted"]
    assert values(rows, "Sector") == {(2023, "A"): 2}
    assert values(rows, "Sector", "%") == {(2023, "A"): 40}
    assert said(rows) == {"counted_elsewhere": {}}


def test_a_group_is_of_the_sector_and_kind_of_its_head_else_of_its_first_company():
    daughters = [{"company_id": "2", "parent_id": "9", "sector": "B", "kind": "transnational"},
                 {"company_id": "1", "parent_id": "9", "sector": "C"}]  # fmt: skip
    rows = disclosure(reports(*daughters))
    assert values(rows, "Sector") == {(2023, "C"): 1}
    headed = disclosure(reports(*daughters, {"company_id": "9", "sector": "D"}))
    assert values(headed, "Sector") == {(2023, "D"): 1}
    assert values(headed, "Kind of company") == {(2023, "large"): 1}
    assert said(headed) == {"one_report_of_a_group": {"count": 2}}


def test_companies_of_unknown_kind_and_small_ones_are_counted_in_what_is_said():
    rows = disclosure(reports({}, {"kind": "smaller"}, {"kind": "smaller"}, {"kind": None}))
    assert said(rows) == {"smaller_left_out": {"count": 2}, "kind_unknown": {"count": 1}}
    partly = disclosure(reports({}, {"kind": None, **NONE, "discloses_risks": True}))
    assert values(partly, "Range")[2023, "Companies of unknown kind count"] == 1
    assert values(disclosure(reports({})), "Range") == said(disclosure(reports({}))) == {}


def test_a_parent_in_a_circle_it_is_not_part_of_is_refused_with_the_circle():
    with pytest.raises(WorkbenchError) as refused:
        disclosure(reports({"parent_id": "1"}, {"parent_id": "2"}, {"parent_id": "1"}, {}))
    [issue] = refused.value.issues
    assert (issue.rows, issue.value) == ((0, 1, 2), "0")
    # Companies that count alone may name each other.
    assert values(disclosure(reports({"parent_id": "1"}, {"parent_id": "0"}), groups=False)) == {(2023, ""): 2}
