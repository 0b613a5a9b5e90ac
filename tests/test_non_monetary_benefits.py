"""C.2 Non-monetary benefits: what a user would miss if it broke."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from gbf_workbench.errors import WorkbenchError
from gbf_workbench.indicators.non_monetary_benefits import BENEFICIARIES, non_monetary_benefits
from tests.money_tables import said, table, values

RESEARCH, TRAINING = "Joint research", "Education and training"


def listed(*rows: dict[str, Any], **same: Any) -> pd.DataFrame:
    known = {"year": 2021, "instrument": "Nagoya Protocol", "benefit_type": RESEARCH, "agreement_id": "A"}
    numbered = ({"benefit_id": str(at), **row} for at, row in enumerate(rows))
    return table("non_monetary_benefits", *numbered, **{**known, **same})


def counted(*rows: dict[str, Any]) -> pd.DataFrame:
    return table("non_monetary_benefit_counts", *({"year": 2021, "benefit_type": RESEARCH, **row} for row in rows))


def benefits(one: pd.DataFrame | None, other: pd.DataFrame | None = None, **settings: Any) -> pd.DataFrame:
    rows = non_monetary_benefits(one, other, **{"count": "benefits", "base_year": 0, **settings})
    rows.attrs["unit"] = "benefits"
    return rows


def change(rows: pd.DataFrame) -> dict[int, float]:
    return {year: v for (year, _), v in values(rows, "Average change since the base year", "%").items()}


def test_a_benefit_counts_once_in_every_year_of_its_delivery():
    rows = benefits(listed({"last_year": 2023}, {"year": 2023}, {"year": 2025}))
    found = values(rows)
    assert [found[year, ""] for year in (2021, 2022, 2023, 2025)] == [1, 1, 2, 1]
    assert np.isnan(found[2024, ""])


def test_agreements_count_once_however_many_benefits_they_brought():
    table_of_all = listed({}, {}, {"benefit_type": TRAINING}, {"agreement_id": "B"})
    rows = benefits(table_of_all, count="agreements")
    assert values(rows) == {(2021, ""): 2}
    assert values(rows, "Kind of benefit") == {(2021, RESEARCH): 2, (2021, TRAINING): 1}
    with pytest.raises(WorkbenchError) as refused:
        benefits(listed({"agreement_id": None}), count="agreements")
    assert refused.value.issues[0].rows == (0,)
    with pytest.raises(WorkbenchError):
        benefits(None, counted({"benefit_count": 3}), count="agreements")


def test_the_average_change_is_of_kinds_and_not_of_the_number():
    rows = benefits(listed({}, {}, {"benefit_type": TRAINING}, *[{"year": 2022, "benefit_type": TRAINING}] * 3,
                           {"year": 2022, "benefit_type": "Other"}))  # fmt: skip
    # Research 2 → 0 is −100 %, training 1 → 3 is +200 %; the number of all rises by a third.
    assert change(rows) == {2021: 0, 2022: 50}
    assert values(rows)[2022, ""] == 4
    assert said(rows)["kinds_without_base"] == {"count": 1, "year": 2021}


def test_the_base_year_can_be_chosen_and_has_to_be_there():
    table_of_all = listed({}, {"year": 2022}, {"year": 2022})
    assert change(benefits(table_of_all, base_year=2022)) == {2021: -50, 2022: 0}
    with pytest.raises(WorkbenchError) as refused:
        benefits(table_of_all, base_year=2019)
    assert refused.value.issues[0].values["years"] == "2021, 2022"


def test_what_reached_peoples_and_communities_has_limits_where_it_is_not_known():
    rows = benefits(listed({"indigenous_local": True}, {"indigenous_local": False}, {}))
    row = rows[rows["disaggregation"] == BENEFICIARIES].iloc[0]
    assert (row["value"], row["lower"], row["upper"], row["value_status"]) == (1, 1, 2, "estimated")
    nobody = benefits(listed({}))
    assert nobody.loc[nobody["disaggregation"] == BENEFICIARIES, "value_status"].tolist() == ["missing"]


def test_numbers_of_all_instruments_together_are_not_added_to_their_parts():
    rows = benefits(None, counted(
        {"benefit_count": 5, "indigenous_local_count": 2}, {"benefit_count": 3, "instrument": "Plant Treaty"},
        {"benefit_count": 0, "benefit_type": TRAINING, "instrument": "Plant Treaty"},
    ))  # fmt: skip
    assert values(rows) == {(2021, ""): 5}
    assert values(rows, "Kind of benefit") == {(2021, RESEARCH): 5, (2021, TRAINING): 0}


def test_a_kind_that_was_not_counted_makes_the_average_missing_not_a_fall():
    rows = benefits(None, counted(
        {"benefit_count": 5}, {"benefit_count": 2, "benefit_type": TRAINING}, {"benefit_count": 5, "year": 2022}
    ))  # fmt: skip
    assert change(rows)[2021] == 0
    assert np.isnan(change(rows)[2022])


def test_splitting_a_span_of_years_into_single_years_changes_nothing():
    whole = benefits(listed({"last_year": 2023}))
    parts = benefits(listed({}, {"year": 2022}, {"year": 2023}))
    assert values(whole) == values(parts)


def test_where_there_is_a_list_and_numbers_the_list_counts_and_it_is_said():
    both = benefits(listed({"indigenous_local": True}), counted({"benefit_count": 9}))
    assert values(both) == {(2021, ""): 1}
    assert said(both) == {"both_tables": {}}
    assert said(benefits(listed({"indigenous_local": True}))) == {}
    assert said(benefits(None, counted({"benefit_count": 9, "indigenous_local_count": 1}))) == {}


def test_an_agreement_with_one_benefit_known_to_be_theirs_is_theirs():
    rows = benefits(listed(
        {"indigenous_local": True}, {}, {"agreement_id": "B"}, {"agreement_id": "B", "indigenous_local": False},
        {"agreement_id": "C", "indigenous_local": False},
    ), count="agreements")  # fmt: skip
    row = rows[rows["disaggregation"] == BENEFICIARIES].iloc[0]
    assert (row["value"], row["lower"], row["upper"], row["value_status"]) == (1, 1, 2, "estimated")
    assert said(rows) == {"beneficiary_unknown": {"count": 2}}


def test_what_is_known_of_all_has_no_limits():
    rows = benefits(listed({"indigenous_local": True}, {"indigenous_local": False}))
    assert values(rows, "Received by") == {(2021, BENEFICIARIES): 1}
    assert "upper" not in rows
    other = benefits(None, counted({"benefit_count": 5, "indigenous_local_count": 2},
                                   {"benefit_count": 3, "benefit_type": TRAINING}))  # fmt: skip
    row = other[other["disaggregation"] == BENEFICIARIES].iloc[0]
    assert (row["value"], row["lower"], row["upper"]) == (2, 2, 5)
    # What was not delivered cannot have reached them.
    none = benefits(None, counted({"benefit_count": 5, "indigenous_local_count": 2},
                                  {"benefit_count": 0, "benefit_type": TRAINING}))  # fmt: skip
    assert values(none, "Received by") == {(2021, BENEFICIARIES): 2}


def test_kinds_that_were_0_in_the_base_year_are_in_no_average_and_without_any_there_is_none():
    rows = benefits(None, counted(
        {"benefit_count": 0}, {"benefit_count": 3, "year": 2022}, {"benefit_count": 4, "benefit_type": TRAINING},
        {"benefit_count": 3, "benefit_type": TRAINING, "year": 2022},
    ))  # fmt: skip
    assert change(rows) == {2021: 0, 2022: -25}
    assert rows.loc[rows["unit"] == "%", "n"].tolist() == [1, 1]
    assert change(benefits(None, counted({"benefit_count": 0}, {"benefit_count": 3, "year": 2022}))) == {}


def test_instruments_that_are_not_stated_are_named_so_and_where_none_is_there_is_no_breakdown():
    rows = benefits(listed({}, {"instrument": None}))
    assert values(rows, "Instrument") == {(2021, "Nagoya Protocol"): 1, (2021, "Not stated"): 1}
    assert values(benefits(listed({"instrument": None})), "Instrument") == {}
    assert rows.loc[rows["disaggregation_type"] == "", "n"].tolist() == [2]


def test_agreements_that_are_missing_are_refused_with_their_number():
    with pytest.raises(WorkbenchError) as refused:
        benefits(listed({"agreement_id": None}, {}, {"agreement_id": None}), count="agreements")
    [issue] = refused.value.issues
    assert (issue.rows, issue.values["count"]) == ((0, 2), 2)
