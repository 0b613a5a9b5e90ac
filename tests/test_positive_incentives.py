"""18.1 Positive incentives: what a user would miss if it broke."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gbf_workbench.catalogue.specs import spec_of
from gbf_workbench.errors import WorkbenchError
from gbf_workbench.indicators.positive_incentives import positive_incentives
from tests.money_tables import said, table, values

SETTINGS = spec_of("18.1").settings()


def listed(*rows: dict[str, Any]) -> pd.DataFrame:
    known = {"name": "N", "instrument_type": "Tax", "introduced": 2020}
    numbered = ({"instrument_id": str(at), "name": f"N{at}", **row} for at, row in enumerate(rows))
    return table("incentive_instruments", *numbered, **{key: one for key, one in known.items() if key != "name"})


def money(*rows: dict[str, Any]) -> pd.DataFrame:
    return table("incentive_revenues", *({"instrument_id": "0", "year": 2020, **row} for row in rows))


def incentives(*tables: pd.DataFrame | None, **changed: Any) -> pd.DataFrame:
    rows = positive_incentives(*[*tables, *[None] * (5 - len(tables))], **{**SETTINGS, **changed})
    rows.attrs["unit"] = "instruments"
    return rows


def test_an_instrument_is_in_force_from_its_first_year_and_no_longer_in_the_year_of_its_end():
    rows = incentives(listed({"ended": 2022}, {"introduced": 2021}), last_year=2023)
    assert values(rows) == {(2020, ""): 1, (2021, ""): 2, (2022, ""): 1, (2023, ""): 1}


def test_a_kind_with_none_in_force_is_a_measured_0_and_kinds_add_up():
    rows = incentives(listed({"ended": 2021}, {"instrument_type": "Offset", "introduced": 2021}), last_year=2022)
    assert values(rows, "Kind of incentive") == {
        (2020, "Offset"): 0, (2021, "Offset"): 1, (2022, "Offset"): 1,
        (2020, "Tax"): 1, (2021, "Tax"): 0, (2022, "Tax"): 0,
    }  # fmt: skip


def test_an_instrument_without_figures_counts_and_its_money_is_not_0():
    rows = incentives(listed({}, {}), money({"amount": 30, "earmarked_share": 0.5}))
    assert values(rows)[2020, ""] == 2
    assert values(rows, "Money", "USD") == {
        (2020, "All instruments with figures"): 30, (2020, "Set aside for biodiversity"): 15,
    }  # fmt: skip
    assert values(rows, "Instruments with figures of money", "%") == {(2020, ""): 50}


def test_money_of_the_last_year_counts_and_that_of_other_times_does_not():
    revenues = money({"amount": 1, "year": 2022}, {"amount": 2, "year": 2021}, {"amount": 4, "year": 2019})
    rows = incentives(listed({"ended": 2021}, {}), revenues, first_year=2019)
    assert values(rows, "Money", "USD") == {(2021, "All instruments with figures"): 2}
    assert said(rows)["money_out_of_force"] == {"count": 2}
    assert values(rows, "Instruments with figures of money", "%") == {(2021, ""): 0}


def test_yearly_numbers_are_the_simple_route_and_a_year_between_is_missing():
    counts = table("incentive_counts", {"year": 2020, "instrument_type": "Tax", "instrument_count": 2},
                   {"year": 2022, "instrument_type": "Tax", "instrument_count": 0})  # fmt: skip
    rows = incentives(None, None, counts)
    assert values(rows)[2020, ""] == 2
    assert values(rows)[2022, ""] == 0
    assert np.isnan(values(rows)[2021, ""])


def test_one_instrument_listed_twice_is_doubted():
    assert said(incentives(listed({"name": "Park  fee"}, {"name": "park fee"})))["same_name"] == {"count": 2}


def test_a_series_that_ends_before_it_begins_is_refused():
    with pytest.raises(WorkbenchError) as refused:
        incentives(listed({}), first_year=2022, last_year=2021)
    assert refused.value.issues[0].remedy()


@settings(max_examples=20)
@given(st.lists(st.tuples(st.integers(2000, 2010), st.none() | st.integers(2000, 2012)), min_size=1, max_size=6))
def test_the_number_is_that_of_asking_each_instrument_in_each_year(spans: list[tuple[int, int | None]]):
    rows = incentives(listed(*({"introduced": since, "ended": until} for since, until in spans)), last_year=2012)
    for (year, _), value in values(rows).items():
        assert value == sum(since <= year and (until is None or until > year) for since, until in spans)


def test_the_series_ends_with_the_last_year_of_the_data_whichever_table_it_is_in():
    def years(*tables: pd.DataFrame) -> list[int]:
        return [year for year, _ in values(incentives(*tables))]

    assert years(listed({})) == [2020]
    assert years(listed({"ended": 2022})) == [2020, 2021, 2022]
    assert years(listed({}), money({"amount": 1, "year": 2021})) == [2020, 2021]
    assert [year for year, _ in values(incentives(listed({}), first_year=2019, last_year=2019))] == [2019]


def test_instruments_with_figures_are_counted_once_and_only_between_the_years_that_have_figures():
    revenues = money({"amount": 1, "year": 2021}, {"amount": 2, "year": 2021, "instrument_id": "1"},
                     {"amount": 4, "year": 2023})  # fmt: skip
    rows = incentives(listed({}, {}, {}, {}), revenues, last_year=2024)
    assert values(rows, "Instruments with figures of money", "%") == {(2021, ""): 50, (2022, ""): 0, (2023, ""): 25}
    assert values(rows, "Money by kind of incentive", "USD") == {(2021, "Tax"): 3, (2023, "Tax"): 4}
    assert values(rows, "Money", "USD").keys() == {(year, "All instruments with figures") for year in (2021, 2023)}
    assert said(rows) == {}


def test_money_set_aside_is_of_the_amounts_whose_share_is_known():
    revenues = money({"amount": 10, "earmarked_share": 0.5}, {"amount": 8, "instrument_id": "1"})
    rows = incentives(listed({}, {}), revenues)
    assert values(rows, "Money", "USD")[2020, "Set aside for biodiversity"] == 5
    assert said(rows) == {"earmark_unknown": {"count": 1}}


def test_figures_of_times_without_an_instrument_leave_no_money():
    rows = incentives(listed({"introduced": 2020}), money({"amount": 1, "year": 2019}), first_year=2019)
    assert set(rows["unit"]) == {"instruments"}
    assert said(rows) == {"money_out_of_force": {"count": 1}}
    early = incentives(listed({}), money({"amount": 1, "year": 2019}, {"amount": 2}))
    # What lies before the series was not asked for and is no mistake.
    assert said(early) == {}


def test_where_there_is_a_list_and_numbers_the_list_counts_and_it_is_said():
    counts = table("incentive_counts", {"year": 2020, "instrument_type": "Tax", "instrument_count": 9})
    assert said(incentives(listed({}), None, counts)) == {"both_tables": {}}
    assert values(incentives(listed({}), None, counts)) == {(2020, ""): 1}


def test_one_name_of_two_kinds_or_two_years_is_two_instruments():
    kinds = listed({"name": "Fee"}, {"name": "fee", "instrument_type": "Offset"})
    assert said(incentives(kinds)) == said(incentives(listed({"name": "F"}, {"name": "F", "introduced": 2021}))) == {}
