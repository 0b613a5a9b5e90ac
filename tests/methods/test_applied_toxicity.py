"""Masses weighed by thresholds: who is named where there is none, and what an index without a base is."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gbf_workbench.methods.applied_toxicity import against_base_years, applied_toxicity, in_one_unit, site_verdicts
from gbf_workbench.methods.doubts import Doubts

THRESHOLDS = pd.DataFrame({
    "cas_number": ["1", "1"], "species_group": ["Fish", "Bees"], "threshold": [2.0, 0.5],
    "threshold_unit": ["µg/L", "µg/bee"],
})  # fmt: skip


def used(count: int, mass: float = 10.0, **columns: object) -> pd.DataFrame:
    """As many substances without a threshold as are asked for."""
    table = pd.DataFrame({
        "year": 2020, "cas_number": [f"9{at:02d}" for at in range(count)], "pesticide_type": "Insecticides",
        "substance": [f"Substance {at:02d}" for at in range(count)], "sector": "Fields", "mass_kg": mass,
    })  # fmt: skip
    return table.assign(**columns)


def said(use: pd.DataFrame, missing: str = "leave_out") -> dict[str, dict[str, object]]:
    doubts = Doubts()
    applied_toxicity(use, THRESHOLDS, missing, doubts)
    return {one["key"]: one["values"] for one in doubts}


def test_twenty_substances_are_named_and_more_are_counted():
    exactly, more = said(used(20))["no_threshold"], said(used(21))["no_threshold"]
    assert exactly["names"].split(", ") == [f"Substance {at:02d}" for at in range(20)]
    assert (more["count"], more["names"]) == (21, exactly["names"] + " …")


def test_a_substance_without_a_name_is_named_by_its_number():
    assert said(used(2, substance=["Known", None]))["no_threshold"]["names"] == "901, Known"
    assert said(used(1, substance=""))["no_threshold"]["names"] == "900"


def test_a_substance_of_which_nothing_was_used_needs_no_threshold():
    assert said(used(3, mass=0.0)) == {}


def test_toxicity_is_mass_over_threshold_in_each_group_and_rows_are_counted_through():
    use = used(1).assign(cas_number="1")
    table = applied_toxicity(use, THRESHOLDS, "leave_out", Doubts())
    assert dict(zip(table["species_group"], table["toxicity"], strict=True)) == {"Bees": 20.0, "Fish": 5.0}
    assert table.index.tolist() == [0, 1]


def test_an_imputed_threshold_is_the_median_of_substances_and_is_said():
    # Thresholds 2, 4 and 12 of one type; the first was used in two years and counts once.
    use = pd.concat([used(4).assign(cas_number=["1", "2", "3", "4"]), used(1).assign(cas_number="1", year=2021)])
    thresholds = pd.DataFrame({
        "cas_number": ["1", "2", "3"], "species_group": "Fish", "threshold": [2.0, 4.0, 12.0], "threshold_unit": "µg/L",
    })  # fmt: skip
    doubts = Doubts()
    table = applied_toxicity(use, thresholds, "median_of_type", doubts)
    assert table.loc[table["cas_number"] == "4", "toxicity"].tolist() == [10 / 4]
    assert [one["key"] for one in doubts] == ["thresholds_imputed"]


def test_milligrams_are_a_thousand_micrograms():
    table = THRESHOLDS.assign(threshold_unit=["mg/L", "µg/bee"])
    assert in_one_unit(table)["threshold"].tolist() == [2000.0, 0.5]


@pytest.mark.parametrize(
    ("measured", "limit", "above", "unsure"),
    [(2.0, None, False, False), (2.1, None, True, False), (None, 2.0, False, False), (None, 2.1, False, True)],
)
def test_the_threshold_itself_is_not_above_and_a_limit_above_it_leaves_the_site_unsure(measured, limit, above, unsure):
    samples = pd.DataFrame({
        "site_id": ["S"], "date": ["2020-05-01"], "cas_number": ["1"], "concentration_ug_per_l": [measured],
        "below_loq": [limit is not None], "loq_ug_per_l": [limit],
    })  # fmt: skip
    samples[["concentration_ug_per_l", "loq_ug_per_l"]] = samples[["concentration_ug_per_l", "loq_ug_per_l"]].astype(
        "Float64"
    )
    row = site_verdicts(samples, THRESHOLDS[:1], "each").iloc[0]
    assert (bool(row["above"]), bool(row["unsure"])) == (above, unsure)


def test_a_site_that_is_above_is_not_unsure():
    samples = pd.DataFrame({
        "site_id": "S", "date": ["2020-05-01", "2020-06-01"], "cas_number": ["1", "1"],
        "concentration_ug_per_l": pd.array([3.0, None], "Float64"), "below_loq": [False, True],
        "loq_ug_per_l": pd.array([None, 5.0], "Float64"),
    })  # fmt: skip
    row = site_verdicts(samples, THRESHOLDS[:1], "each").iloc[0]
    assert (bool(row["above"]), bool(row["unsure"]), float(row["quotient"])) == (True, False, 1.5)


def test_without_a_base_or_with_one_of_zero_there_is_no_index():
    series = pd.Series({2015: 0.0, 2022: 3.0})
    index, base = against_base_years(series, 2010, 2020)
    assert (index.isna().all(), base) == (True, [2015])
    index, base = against_base_years(series, 1990, 2000)
    assert (np.isnan(index).all(), base) == (True, [])


def test_the_years_that_bound_the_base_belong_to_it():
    series = pd.Series({2010: 1.0, 2020: 3.0, 2021: 9.0})
    index, base = against_base_years(series, 2010, 2020)
    assert (index.tolist(), base) == ([50.0, 150.0, 450.0], [2010, 2020])
