"""D.2 Domestic public funding: what a user would miss if it broke."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from gbf_workbench.errors import WorkbenchError
from gbf_workbench.indicators.domestic_public_funding import domestic_public_funding
from tests.money_tables import PLAIN, said, table, values

SETTINGS: dict[str, Any] = {"stage": "best", "whole_function": True, **PLAIN}


def lines(*rows: dict[str, Any], **same: Any) -> pd.DataFrame:
    return table("public_expenditure", *rows, **{"year": 2022, "stage": "spent", **same})


def funding(expenditure: pd.DataFrame | None, *others: pd.DataFrame | None, **settings: Any) -> pd.DataFrame:
    given = [*others, *[None] * (5 - len(others))]
    return domestic_public_funding(expenditure, *given, **{**SETTINGS, **settings})


def test_each_line_counts_with_its_share_and_zero_is_a_number():
    rows = funding(lines(
        {"amount": 100, "attribution": 1}, {"amount": 80, "attribution": 0.25}, {"amount": 9, "attribution": 0},
        {"amount": 5, "attribution": 0, "year": 2023},
    ))  # fmt: skip
    assert values(rows) == {(2022, ""): 120, (2023, ""): 0}
    assert values(rows, "Purpose")[2022, "Wholly for biodiversity"] == 100


def test_rows_that_look_alike_are_different_payments():
    twice = lines(*[{"amount": 100, "attribution": 1, "department": "Parks"}] * 2)
    assert values(funding(twice)) == {(2022, ""): 200}
    # A tidy hand would take half of the money away.
    assert values(funding(twice.drop_duplicates())) == {(2022, ""): 100}


def test_plans_and_spending_of_a_year_never_add_up():
    table_of_all = lines(
        {"amount": 100}, {"amount": 110, "stage": "revised budget"}, {"amount": 120, "stage": "original budget"},
        {"amount": 130, "stage": "original budget", "year": 2023},
        {"amount": 140, "stage": "revised budget", "year": 2023}, attribution=1,
    )  # fmt: skip
    rows = funding(table_of_all)
    assert values(rows) == {(2022, ""): 100, (2023, ""): 140}
    assert said(rows)["budget_years"] == {"years": "2023"}
    assert rows.loc[rows["year"] == 2023, "note"].iloc[0] == "budget"
    assert values(funding(table_of_all, stage="original budget")) == {(2022, ""): 120, (2023, ""): 130}
    with pytest.raises(WorkbenchError) as refused:
        funding(lines({"amount": 1, "attribution": 1}), stage="revised budget")
    assert refused.value.issues[0].remedy()


def test_a_ministry_without_accounts_in_a_year_with_accounts_is_named():
    rows = funding(
        lines({"amount": 1, "ministry": "A"}, {"amount": 2, "ministry": "B", "stage": "original budget"}, attribution=1)
    )
    assert said(rows)["bodies_without_spending"] == {"count": 1, "names": "B 2022"}


def test_transfers_and_money_from_abroad_stand_apart_and_what_is_unknown_counts():
    rows = funding(lines(
        {"amount": 100, "level": "central"}, {"amount": 40, "transfer": True, "level": "central"},
        {"amount": 40, "level": "local"}, {"amount": 7, "foreign_funded": True}, attribution=1,
    ))  # fmt: skip
    assert values(rows) == {(2022, ""): 140}
    assert values(rows, "Left out") == {
        (2022, "Paid with money from abroad"): 7, (2022, "Transfers to other levels of government"): 40,
    }  # fmt: skip
    assert said(rows)["transfers_left_out"] == {"count": 1}
    assert said(rows)["abroad_unknown"] == {"count": 2}


def test_a_transfer_to_a_level_the_table_does_not_hold_is_said():
    rows = funding(lines({"amount": 100}, {"amount": 40, "transfer": True}, attribution=1, level="central"))
    assert said(rows)["transfers_of_one_level"] == {"count": 1}


def test_the_most_particular_share_counts_after_the_lines_own():
    shares = table(
        "spending_attributions", {"ministry": "M", "attribution": 0.1}, {"department": "D", "attribution": 0.2},
        {"ministry": "M", "programme": "P", "attribution": 0.3}, {"ministry": "Nowhere", "attribution": 1},
    )  # fmt: skip
    rows = funding(lines(
        {"programme": "P", "department": "D"}, {"programme": "Q", "department": "D"},
        {"programme": "Q", "department": "E"}, {"programme": "P", "attribution": 0.5}, ministry="M", amount=100,
    ), shares)  # fmt: skip
    assert values(rows)[2022, ""] == pytest.approx(30 + 20 + 10 + 50)
    assert said(rows)["shares_unused"] == {"count": 1, "names": "Nowhere"}
    assert said(rows)["shares_differ"] == {"count": 1}


def test_lines_nobody_has_judged_are_bounds_not_zeros():
    rows = funding(lines({"amount": 100, "attribution": 1}, {"amount": 60}, {"amount": 5, "year": 2024}))
    assert values(rows)[2022, ""] == 100
    assert values(rows, "Range")[2022, "Lines without a share count whole"] == 160
    assert np.isnan(values(rows)[2024, ""])
    assert np.isnan(values(rows)[2023, ""])
    with pytest.raises(WorkbenchError) as refused:
        funding(lines({"amount": 60}))
    assert "spending_attributions" in refused.value.issues[0].remedy()


def test_function_05_4_counts_whole_unless_somebody_judged_otherwise():
    two = lines({"amount": 10, "cofog": "05.4"}, {"amount": 10, "cofog": "05.4", "attribution": 0.5})
    assert values(funding(two)) == {(2022, ""): 15}
    assert values(funding(two, whole_function=False)) == {(2022, ""): 5}


def test_the_simple_route_is_function_05_4_alone():
    totals = table(
        "spending_by_function", {"cofog": "05", "amount": 90}, {"cofog": "05.4", "amount": 30}, year=2022, stage="spent"
    )
    rows = funding(None, None, totals)
    assert values(rows) == {(2022, ""): 30}
    assert "lower_bound" in said(rows)
    with pytest.raises(WorkbenchError) as refused:
        funding(None, None, totals.iloc[:1])
    assert refused.value.issues[0].remedy()


def test_shares_of_budget_and_economy_are_of_the_same_year_and_currency():
    sizes = table(
        "public_finance_totals", {"year": 2022, "total_expenditure": 1000, "gdp": 0}, {"year": 2023, "gdp": 4000}
    )
    rows = funding(lines({"amount": 10}, {"amount": 20, "year": 2023}, attribution=1), None, None, sizes)
    assert values(rows, unit="% of public spending") == {(2022, ""): 1}
    assert values(rows, unit="% of GDP") == {(2023, ""): 0.5}


def test_departments_of_one_name_in_two_ministries_are_told_apart():
    rows = funding(lines({"ministry": "A"}, {"ministry": "B"}, {"ministry": "B", "department": "Parks"},
                         department="Secretariat", amount=1, attribution=1))  # fmt: skip
    assert set(values(rows, "Department")) == {(2022, "Secretariat (A)"), (2022, "Secretariat (B)"), (2022, "Parks")}


def test_breakdowns_add_up_and_the_order_of_rows_does_not_matter():
    table_of_all = lines(*[
        {"amount": 10.1 * at, "attribution": at / 7, "ministry": "AB"[at % 2], "level": ["central", None][at % 2],
         "programme": f"P{at % 3}", "biofin_category": ["restoration", None][at % 2]} for at in range(1, 8)
    ])  # fmt: skip
    rows, turned = funding(table_of_all), funding(table_of_all.iloc[::-1])
    for kind in ("Ministry", "Level of government", "Programme", "Category of biodiversity spending", "Purpose"):
        assert sum(values(rows, kind).values()) == pytest.approx(values(rows)[2022, ""])
        assert values(turned, kind) == pytest.approx(values(rows, kind))


def test_a_year_whose_stage_nobody_wrote_down_is_not_called_a_budget():
    assert funding(lines({"amount": 5, "stage": None}, attribution=1))["note"].iloc[0] == ""
    totals = table("spending_by_function", {"year": 2022, "stage": None}, {"year": 2023, "stage": "revised budget"},
                   cofog="05.4", amount=30)  # fmt: skip
    rows = funding(None, None, totals)
    assert rows["note"].tolist() == ["function_only", "function_only;budget"]
    assert said(rows)["stage_unknown"] == {"count": 1}


def test_five_ministries_without_accounts_are_named_and_more_are_counted():
    def lacking(count: int) -> dict[str, Any]:
        plans = [{"ministry": f"M{at}", "stage": "original budget"} for at in range(count)]
        return said(funding(lines({"ministry": "A"}, *plans, amount=1, attribution=1)))["bodies_without_spending"]

    five = ", ".join(f"M{at} 2022" for at in range(5))
    assert lacking(5) == {"count": 5, "names": five}
    assert lacking(6) == {"count": 6, "names": five + " …"}


def test_what_is_not_judged_is_a_percentage_of_the_money_that_could_count():
    # 1 of 3 is not judged; the transfer and the money from abroad could not count and weigh nothing here.
    rows = funding(lines(
        {"amount": 2, "attribution": 1}, {"amount": -1}, {"amount": 50, "transfer": True},
        {"amount": 70, "foreign_funded": True},
    ))  # fmt: skip
    assert said(rows)["unjudged"] == {"count": 1, "percent": 33.33}
    assert said(rows)["abroad_left_out"] == {"count": 1}
    assert "transfers_unknown" not in said(rows)


def test_levels_of_which_no_line_says_whether_it_is_a_transfer_are_doubted():
    rows = funding(lines({"level": "central"}, {"level": "local"}, amount=1, attribution=1))
    assert "transfers_unknown" in said(rows)
    rows = funding(lines({"level": "central"}, {"level": "local", "transfer": False}, amount=1, attribution=1))
    assert "transfers_unknown" not in said(rows)
    assert "transfers_unknown" not in said(funding(lines({"level": "central", "amount": 1, "attribution": 1})))


def test_where_there_are_lines_and_totals_the_lines_count_and_it_is_said():
    totals = table("spending_by_function", {"cofog": "05.4", "amount": 30}, year=2022, stage="spent")
    rows = funding(lines({"amount": 1, "attribution": 1}), None, totals)
    assert values(rows) == {(2022, ""): 1}
    assert "both_tables" in said(rows)
    assert "both_tables" not in said(funding(None, None, totals))
