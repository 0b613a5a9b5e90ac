"""Lines of a budget: no amount counts as planned and as spent, and the most particular share holds."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from gbf_workbench.errors import WorkbenchError
from gbf_workbench.methods.doubts import Doubts
from gbf_workbench.methods.public_spending import bodies_without_spending, departments, of_stage, planned, shares
from tests.money_tables import table

SPENT, REVISED, ORIGINAL = "spent", "revised budget", "original budget"


def lines(*rows: dict[str, Any], **same: Any) -> pd.DataFrame:
    return table("public_expenditure", *rows, **{"year": 2022, "stage": SPENT, "amount": 1, **same})


def attributions(*rows: dict[str, Any]) -> pd.DataFrame:
    return table("spending_attributions", *({"attribution": 0.5, **row} for row in rows))


def said(doubts: Doubts) -> dict[str, dict[str, Any]]:
    return {one["key"]: one["values"] for one in doubts}


def judged(some: pd.DataFrame, by: pd.DataFrame | None, whole: bool = False) -> tuple[list[Any], list[Any], dict]:
    doubts = Doubts()
    share, category = shares(some, by, whole, doubts)
    assert share.index.equals(some.index)
    return share.tolist(), [one if isinstance(one, str) else None for one in category], said(doubts)


def test_a_stage_that_was_chosen_is_taken_alone_and_in_its_order():
    every = lines({"stage": REVISED}, {}, {"stage": REVISED, "year": 2023}, {"stage": None})
    doubts = Doubts()
    assert of_stage(every, REVISED, "public_expenditure", doubts).index.tolist() == [0, 2]
    assert of_stage(every, SPENT, "public_expenditure", doubts).index.tolist() == [1]
    assert said(doubts) == {}


def test_a_stage_no_line_is_of_is_refused_with_the_name_of_the_table():
    with pytest.raises(WorkbenchError) as refused:
        of_stage(lines({}, {"stage": None}), ORIGINAL, "spending_by_function", Doubts())
    [issue] = refused.value.issues
    assert (issue.key.rsplit(".", 1)[-1], issue.table, issue.column) == (
        "no_such_stage",
        "spending_by_function",
        "stage",
    )
    assert issue.value == ORIGINAL


@pytest.mark.parametrize(
    ("there", "taken", "doubted"),
    [
        ([ORIGINAL, REVISED, SPENT, None, SPENT], [2, 4], {}),
        ([ORIGINAL, REVISED, None], [1], {"budget_years": {"years": "2022"}}),
        ([None, ORIGINAL], [1], {"budget_years": {"years": "2022"}}),
        ([None, None], [0, 1], {"stage_unknown": {"count": 2}}),
    ],
)
def test_the_best_stage_is_spending_then_the_newest_budget_then_what_nobody_named(
    there: list[str | None], taken: list[int], doubted: dict[str, Any]
):
    doubts = Doubts()
    kept = of_stage(lines(*({"stage": one} for one in there)), "best", "public_expenditure", doubts)
    assert kept.index.tolist() == taken
    assert said(doubts) == doubted


def test_the_best_stage_is_that_of_each_year_and_years_of_budgets_are_named_once_and_in_order():
    every = lines({"year": 2024, "stage": ORIGINAL}, {"year": 2023, "stage": REVISED}, {"year": 2023, "stage": REVISED},
                  {"year": 2022}, {"year": 2022, "stage": REVISED})  # fmt: skip
    doubts = Doubts()
    assert of_stage(every, "best", "public_expenditure", doubts).index.tolist() == [0, 1, 2, 3]
    assert said(doubts) == {"budget_years": {"years": "2023, 2024"}}


def test_a_budget_is_planned_and_a_stage_that_is_not_known_is_not():
    every = lines({}, {"stage": REVISED}, {"stage": ORIGINAL}, {"stage": None})
    assert planned(every).tolist() == [False, True, True, False]


def test_ministries_with_a_budget_and_no_spending_are_named_in_years_of_which_spending_was_taken():
    every = lines(
        {"ministry": "A"}, {"ministry": "A", "stage": REVISED}, {"ministry": "C", "stage": REVISED},
        {"ministry": "B", "stage": ORIGINAL}, {"ministry": "B", "stage": ORIGINAL}, {"stage": ORIGINAL},
        {"ministry": "D", "stage": None}, {"ministry": "E", "stage": ORIGINAL, "year": 2023},
    )  # fmt: skip
    kept = of_stage(every, "best", "public_expenditure", Doubts())
    assert bodies_without_spending(every, kept) == ["– 2022", "B 2022", "C 2022"]
    assert bodies_without_spending(every[:2], kept[:1]) == []


def test_spending_of_another_year_is_no_spending_of_this_one():
    every = lines({"ministry": "A"}, {"ministry": "B"}, {"ministry": "A", "year": 2023},
                  {"ministry": "B", "year": 2023, "stage": ORIGINAL})  # fmt: skip
    kept = of_stage(every, "best", "public_expenditure", Doubts())
    assert bodies_without_spending(every, kept) == ["B 2023"]


def test_a_line_without_a_share_and_a_table_stays_missing():
    some = lines({"attribution": 0.25, "biofin_category": "restoration"}, {"attribution": 0}, {})
    share, category, doubts = judged(some, None)
    assert (share[:2], share[2] == share[2]) == ([0.25, 0.0], False)
    assert category == ["restoration", None, None]
    assert doubts == {}


def test_what_is_said_of_a_programme_stands_over_its_department_and_that_over_its_ministry():
    known = attributions(
        {"ministry": "M", "attribution": 0.1, "biofin_category": "m"},
        {"department": "D", "attribution": 0.2, "biofin_category": "d"},
        {"ministry": "M", "department": "D", "attribution": 0.3, "biofin_category": "md"},
        {"programme": "P", "attribution": 0.4, "biofin_category": "p"},
        {"ministry": "M", "programme": "P", "attribution": 0.5, "biofin_category": "mp"},
        {"department": "D", "programme": "P", "attribution": 0.6, "biofin_category": "dp"},
        {"ministry": "M", "department": "D", "programme": "P", "attribution": 0.7, "biofin_category": "mdp"},
    )
    every = [{"ministry": m, "department": d, "programme": p} for p in ("P", "Q") for d in ("D", "E") for m in "MN"]
    share, category, doubts = judged(lines(*every), known)
    assert share[:7] == [0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1]
    assert share[7] != share[7]
    assert category == ["mdp", "dp", "mp", "p", "md", "d", "m", None]
    assert doubts == {}


def test_a_line_keeps_its_own_share_and_its_own_category_each_by_itself():
    known = attributions({"ministry": "M", "attribution": 0.1, "biofin_category": "restoration"})
    some = lines({"attribution": 0}, {"biofin_category": "biosafety"}, {}, ministry="M")
    share, category, doubts = judged(some, known)
    assert share == [0.0, 0.1, 0.1]
    assert category == ["restoration", "biosafety", "restoration"]
    # A share of a whole ministry is there to be overruled.
    assert doubts == {}


def test_a_share_that_differs_from_that_of_its_programme_is_said_and_the_same_is_not():
    known = attributions(
        {"programme": "P", "attribution": 0.5}, {"ministry": "M", "programme": "P", "attribution": 0.5}
    )
    some = lines({"attribution": 0.5}, {"attribution": 0.5 + 1e-12}, {}, programme="P")
    assert judged(some, known[:1])[2] == {}
    some = lines({"attribution": 0.5}, {"attribution": 0.25}, {"attribution": 0.75}, {}, programme="P")
    assert judged(some, known[:1])[2] == {"shares_differ": {"count": 2}}
    # Said for each table row that is contradicted.
    both = lines({"attribution": 0.25}, programme="P", ministry="M")
    assert judged(both, known)[2] == {"shares_differ": {"count": 2}}


def test_five_shares_that_fit_no_line_are_named_and_more_are_counted():
    def unused(count: int) -> dict[str, Any]:
        rows = [{"ministry": "M", "programme": f"P{at}"} for at in range(count)]
        return judged(lines({"ministry": "N"}), attributions(*rows))[2]["shares_unused"]

    five = ", ".join(f"M / P{at}" for at in range(5))
    assert unused(5) == {"count": 5, "names": five}
    assert unused(6) == {"count": 6, "names": five + " …"}


def test_a_row_that_fits_a_line_that_is_judged_otherwise_is_not_unused():
    known = attributions({"ministry": "M"}, {"department": "D"}, {"department": "d"})
    assert judged(lines({"ministry": "M", "department": "D"}), known)[2]["shares_unused"] == {"count": 1, "names": "d"}


def test_lines_of_the_function_count_whole_where_asked_and_only_without_a_share():
    some = lines({"cofog": "05.4"}, {"cofog": "05.4", "attribution": 0.5}, {"cofog": "05.3"}, {},
                 {"cofog": "05.4", "ministry": "M"})  # fmt: skip
    known = attributions({"ministry": "M", "attribution": 0})
    share, _, doubts = judged(some, known, whole=True)
    assert (share[:2], share[4], share[2] == share[2], share[3] == share[3]) == ([1.0, 0.5], 0.0, False, False)
    assert doubts == {"whole_by_function": {"count": 1}}
    share, _, doubts = judged(some, None)
    assert share[0] != share[0]
    assert doubts == {}


def test_departments_of_one_name_are_told_apart_in_every_year_once_they_meet_in_one():
    some = lines(
        {"department": "Parks", "ministry": "A"}, {"department": "Parks", "ministry": "B"},
        {"department": "Parks", "ministry": "A", "year": 2023}, {"department": "Seas", "ministry": "A"},
        {"department": "Seas", "ministry": "A"}, {"ministry": "A"}, {"ministry": "B"},
    )  # fmt: skip
    found = departments(some)
    assert found[:5].tolist() == ["Parks (A)", "Parks (B)", "Parks (A)", "Seas", "Seas"]
    assert found[5:].isna().all()


def test_a_department_that_moved_between_years_keeps_one_name_and_an_unknown_ministry_is_a_dash():
    moved = lines({"ministry": "A"}, {"ministry": "B", "year": 2023}, department="Parks")
    assert departments(moved).tolist() == ["Parks", "Parks"]
    unknown = lines({"ministry": "A"}, {}, department="Parks")
    assert departments(unknown).tolist() == ["Parks (A)", "Parks (–)"]
