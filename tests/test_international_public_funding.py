"""D.1 International public funding: what a user would miss if it broke."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gbf_workbench.catalogue.specs import spec_of
from gbf_workbench.errors import WorkbenchError
from gbf_workbench.indicators.international_public_funding import international_public_funding
from tests.money_tables import said, table, values

SETTINGS = spec_of("D.1").settings()
WEIGHTED, UNWEIGHTED = "Weighted by objective", "Unweighted by objective"


def flows(*rows: dict[str, Any], **same: Any) -> pd.DataFrame:
    known = {"year": 2021, "provider": "A", "recipient": "R", "flow_code": "11", "modality": "C01"}
    return table("development_finance", *rows, **{**known, **same})


def funding(activities: pd.DataFrame | None, *others: pd.DataFrame | None, **settings: Any) -> pd.DataFrame:
    given_tables = [*others, *[None] * (5 - len(others))]
    return international_public_funding(activities, *given_tables, **{**SETTINGS, **settings})


def marked(**amounts: float) -> pd.DataFrame:
    return flows(*({"biodiversity_marker": one[1:] or None, "disbursement": a} for one, a in amounts.items()))


def test_the_four_figures_and_the_screened_share_are_five_numbers():
    rows = funding(marked(m2=10, m1=5, m0=7, m=3))
    assert values(rows) == {(2021, ""): 12}
    assert values(rows, UNWEIGHTED) == {
        (2021, "Principal objective"): 10, (2021, "Significant objective"): 5,
    }  # fmt: skip
    assert values(rows, WEIGHTED)[2021, "Significant objective"] == 2
    assert values(rows, "Both objectives") == {(2021, "Weighted"): 12, (2021, "Unweighted"): 15}
    assert values(rows, "Screened for biodiversity", "%") == {(2021, "Share of the money"): 88}
    assert values(rows, "Range")[2021, "Activities not screened count whole"] == 15


def test_the_headline_is_weighted_or_unweighted_as_chosen_and_the_other_keeps_its_name():
    one, other = funding(marked(m2=10, m1=5)), funding(marked(m2=10, m1=5), headline="unweighted")
    assert (values(one)[2021, ""], values(other)[2021, ""]) == (12, 15)
    for kind in (WEIGHTED, UNWEIGHTED, "Both objectives"):
        assert values(one, kind) == values(other, kind)


def test_each_provider_has_its_own_share_from_its_own_year():
    shares = table(
        "provider_coefficients", {"provider": "A", "significant_share": 1}, {"provider": "Z", "significant_share": 1},
        {"provider": "A", "significant_share": 0.1, "first_year": 2020},
    )  # fmt: skip
    rows = funding(
        flows({"year": 2019}, {"year": 2020}, {"provider": "B"}, disbursement=100, biodiversity_marker="1"), shares
    )
    assert values(rows) == {(2019, ""): 100, (2020, ""): 10, (2021, ""): 40}
    assert said(rows)["default_share"] == {"count": 1, "share": 0.4, "names": "B"}
    assert said(rows)["coefficients_unused"] == {"count": 1, "names": "Z"}


def test_the_purpose_biodiversity_without_a_marker_is_principal_and_with_marker_0_is_doubted():
    rows = funding(flows({"disbursement": 4}, {"disbursement": 9, "biodiversity_marker": "0"}, purpose_code="41030"))
    assert values(rows) == {(2021, ""): 4}
    assert said(rows)["purpose_without_marker"] == said(rows)["purpose_against_marker"] == {"count": 1}


def test_money_paid_back_stays_in_and_the_screened_share_stays_between_0_and_100():
    rows = funding(flows(
        {"disbursement": 10, "biodiversity_marker": "2"}, {"disbursement": -4, "biodiversity_marker": "2"},
        {"disbursement": -6},
    ))  # fmt: skip
    assert values(rows) == {(2021, ""): 6}
    assert values(rows, "Screened for biodiversity", "%")[2021, "Share of the money"] == 70
    assert said(rows)["refunds"] == {"count": 2}


def test_private_grants_budget_support_and_unknown_payments_do_not_count_unknown_codes_do():
    rows = funding(flows(
        {"disbursement": 1}, {"disbursement": 10, "flow_code": "30"}, {"disbursement": 100, "modality": "A01"},
        {"commitment": 1000}, {"disbursement": 2, "flow_code": None}, biodiversity_marker="2",
    ))  # fmt: skip
    assert values(rows) == {(2021, ""): 3}
    assert {k: v["count"] for k, v in said(rows).items() if k != "refunds"} == {
        "flows_left_out": 1, "modalities_left_out": 1, "codes_unknown": 1, "no_disbursement": 1,
    }  # fmt: skip
    assert values(funding(flows({"commitment": 7, "biodiversity_marker": "2"}), measure="commitment")) == {
        (2021, ""): 7
    }
    with pytest.raises(WorkbenchError) as refused:
        funding(flows({"disbursement": 1, "flow_code": "30"}))
    assert refused.value.issues[0].remedy()


def test_screened_and_not_targeted_is_a_measured_zero_and_not_screened_is_missing():
    rows = funding(flows({"biodiversity_marker": "0"}, {"year": 2022}, disbursement=5))
    assert values(rows)[2021, ""] == 0
    assert np.isnan(values(rows)[2022, ""])


def test_core_contributions_are_imputed_apart_and_in_no_total():
    core = table("multilateral_contributions", {"provider": "FRA", "agency": "Fund", "year": 2021, "amount": 200,
                                                "biodiversity_share": 0.25})  # fmt: skip
    rows = funding(marked(m2=10), None, core)
    assert values(rows) == {(2021, ""): 10}
    assert values(rows, "Imputed from core contributions") == {(2021, "Fund"): 50, (2021, "All agencies"): 50}


def test_yearly_totals_need_both_markers_and_one_direction():
    totals = table(
        "international_funding_totals", {"year": 2020, "biodiversity_marker": "2", "amount": 10},
        {"year": 2020, "biodiversity_marker": "1", "amount": 5},
        {"year": 2021, "biodiversity_marker": "2", "amount": 8}, direction="received",
    )  # fmt: skip
    rows = funding(None, None, None, totals)
    assert values(rows)[2020, ""] == 12
    assert np.isnan(values(rows)[2021, ""])
    assert values(rows, WEIGHTED)[2021, "Principal objective"] == 8
    given_too = pd.concat([totals, totals.assign(direction="given", amount=1.0)], ignore_index=True)
    with pytest.raises(WorkbenchError) as asked:
        funding(None, None, None, given_too)
    assert asked.value.issues[0].level == "question"
    assert values(funding(None, None, None, given_too, direction="given"))[2020, ""] == pytest.approx(1.4)


def test_a_table_of_many_countries_is_doubted():
    rows = funding(
        flows({"provider": "A"}, {"provider": "B", "recipient": "S"}, disbursement=1, biodiversity_marker="2")
    )
    assert said(rows)["many_sides"] == {"providers": 2, "recipients": 2}


@settings(max_examples=20)
@given(st.lists(st.tuples(st.sampled_from(["2", "1", "0", None]), st.integers(0, 100)), min_size=1, max_size=8))
def test_weighted_lies_between_principal_and_unweighted(rows: list[tuple[str | None, int]]):
    found = funding(flows(*({"biodiversity_marker": m, "disbursement": a} for m, a in rows)))
    principal = sum(a for m, a in rows if m == "2")
    unweighted = sum(a for m, a in rows if m in ("1", "2"))
    total = values(found)[2021, ""]
    if any(m for m, _ in rows):
        assert principal <= total <= unweighted
    else:
        assert np.isnan(total)


def test_where_nothing_counts_the_table_that_was_read_is_named():
    totals = table("international_funding_totals", {"year": 2020, "biodiversity_marker": "2", "amount": 10},
                   direction="received")  # fmt: skip
    with pytest.raises(WorkbenchError) as refused:
        funding(None, None, None, totals, direction="given")
    assert refused.value.issues[0].table == "international_funding_totals"
    with pytest.raises(WorkbenchError) as refused:
        funding(flows({"disbursement": 1, "flow_code": "30"}), None, None, totals)
    assert refused.value.issues[0].table == "development_finance"


def test_kinds_of_flow_are_told_by_their_codes_and_the_number_is_that_of_marked_activities():
    rows = funding(flows(
        {"flow_code": "11"}, {"flow_code": "14"}, {"flow_code": "30"}, {"flow_code": None},
        {"biodiversity_marker": "0"}, disbursement=1, biodiversity_marker="2",
    ), flow_codes=["11", "14", "30"])  # fmt: skip
    assert values(rows, "Kind of flow") == {
        (2021, "Official development assistance"): 1, (2021, "Other official flows"): 1, (2021, "Private grants"): 1,
        (2021, "Not stated"): 1,
    }  # fmt: skip
    assert rows.loc[rows["disaggregation_type"] == "", "n"].tolist() == [4]
    assert values(rows, "Screened for biodiversity", "%") == {(2021, "Share of the money"): 100}
    assert values(rows, "Range") == {}
    assert said(rows)["codes_unknown"] == {"count": 1}


def test_a_year_in_which_nothing_was_marked_has_no_activity_and_one_of_zeros_no_screened_share():
    rows = funding(flows({"biodiversity_marker": "0", "disbursement": 3}, {"year": 2022, "disbursement": 0}))
    assert rows.loc[rows["disaggregation_type"] == "", "n"].tolist()[0] == 0
    assert values(rows, "Screened for biodiversity", "%") == {(2021, "Share of the money"): 100}
    assert "many_sides" not in said(rows)


def test_many_of_one_side_and_one_of_the_other_is_the_table_of_a_country():
    rows = funding(flows({"provider": "A"}, {"provider": "B"}, disbursement=1, biodiversity_marker="2"))
    assert "many_sides" not in said(rows)
    rows = funding(flows({"recipient": "R"}, {"recipient": "S"}, disbursement=1, biodiversity_marker="2"))
    assert "many_sides" not in said(rows)


def test_yearly_totals_of_other_markers_beside_both_are_no_half_year_and_which_share_holds_is_said():
    totals = table(
        "international_funding_totals", *({"biodiversity_marker": one, "amount": 10} for one in ("2", "1", "0")),
        year=2020, direction="received",
    )  # fmt: skip
    rows = funding(None, None, None, totals)
    assert values(rows) == {(2020, ""): 14}
    assert said(rows) == {"one_share": {"share": 0.4}}
    assert "both_tables" in said(funding(marked(m2=10), None, None, totals))
    assert "both_tables" not in said(funding(marked(m2=10)))
