"""Samples to loads to fluxes to the index, with every conversion by hand and every day of the year in one sample."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gbf_workbench.methods.nutrient_loads import as_element, concentrations, fluxes, icep, loads_of_samples


def index(nitrogen: float, phosphorus: float, silica: float) -> tuple[float, float]:
    by_nitrogen, by_phosphorus = icep(np.array([nitrogen]), np.array([phosphorus]), np.array([silica]))
    return float(by_nitrogen[0]), float(by_phosphorus[0])


def test_the_index_is_the_carbon_of_what_silica_does_not_use():
    # One mole of phosphorus and sixteen of nitrogen feed 106 of carbon, 12 g each; twenty of silica use them up.
    assert index(16 * 14, 0, 0) == pytest.approx((106 * 12, 0))
    assert index(0, 31, 0) == pytest.approx((0, 106 * 12))
    assert index(0, 0, 20 * 28) == pytest.approx((-106 * 12, -106 * 12))
    assert index(16 * 14 * 3, 31 * 2, 20 * 28) == pytest.approx((2 * 1272, 1272))


def loads(*rows: tuple) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["basin_id", "year", "nutrient", "load_t"])


def test_tonnes_a_year_become_kilograms_a_day_and_square_kilometre():
    table = loads(
        ("A", 2020, "nitrogen", 365.25), ("A", 2020, "phosphorus", 36.525), ("A", 2020, "silica", 0.0),
        ("B", 2020, "nitrogen", 365.25), ("A", 2021, "silica", 730.5),
    )  # fmt: skip
    found = fluxes(table, pd.Series({"B": 10.0, "A": 100.0, "C": 1.0}))
    assert list(found.columns) == ["nitrogen", "phosphorus", "silica"]
    assert found.loc[("A", 2020)].tolist() == pytest.approx([10, 1, 0])
    assert found.loc[("A", 2021)].tolist() == pytest.approx([np.nan, np.nan, 20], nan_ok=True)
    assert found.loc[("B", 2020)].tolist() == pytest.approx([100, np.nan, np.nan], nan_ok=True)
    assert len(found) == 3


def test_a_nutrient_that_nobody_measured_is_a_column_of_unknowns():
    found = fluxes(loads(("A", 2020, "nitrogen", 1.0)), pd.Series({"A": 1.0}))
    assert found[["phosphorus", "silica"]].isna().all(axis=None)


@pytest.mark.parametrize(
    ("nutrient", "compound", "share"),
    # N 14.007, P 30.974, Si 28.085, O 15.999, H 1.008.
    [
        ("nitrogen", "element", 1.0), ("nitrogen", "NO3", 14.007 / (14.007 + 3 * 15.999)),
        ("nitrogen", "NH4", 14.007 / (14.007 + 4 * 1.008)), ("phosphorus", "PO4", 30.974 / (30.974 + 4 * 15.999)),
        ("phosphorus", "P2O5", 2 * 30.974 / (2 * 30.974 + 5 * 15.999)),
        ("silica", "SiO2", 28.085 / (28.085 + 2 * 15.999)), ("silica", "element", 1.0),
    ],
)  # fmt: skip
def test_a_compound_holds_its_element_by_atomic_weights(nutrient: str, compound: str, share: float):
    table = pd.DataFrame({"nutrient": [nutrient], "expressed_as": [compound], "t": [200.0]}, index=[7])
    amounts, wrong = as_element(table, "t", "nutrient_loads")
    assert amounts.to_dict() == {7: pytest.approx(200 * share, rel=1e-5)}
    assert wrong == []


def test_each_compound_that_does_not_hold_its_nutrient_is_an_error_with_its_rows():
    table = pd.DataFrame({
        "nutrient": ["nitrogen", "phosphorus", "silica", "nitrogen", "phosphorus"],
        "expressed_as": ["PO4", "NO3", "SiO2", "PO4", "element"], "mg": 1.0,
    }, index=[2, 3, 4, 5, 6])  # fmt: skip
    amounts, wrong = as_element(table, "mg", "nutrient_samples")
    assert [(one.level, one.table, one.column, one.value, one.values, one.rows) for one in wrong] == [
        ("error", "nutrient_samples", "expressed_as", "PO4", {"nutrient": "nitrogen"}, (2, 5)),
        ("error", "nutrient_samples", "expressed_as", "NO3", {"nutrient": "phosphorus"}, (3,)),
    ]
    assert amounts.notna().tolist() == [False, False, True, False, True]


def test_only_what_is_below_the_limit_and_has_no_number_is_put_at_a_share_of_the_limit():
    samples = pd.DataFrame({
        "concentration_mg_per_l": [2.0, np.nan, np.nan, 0.3, 0.0], "loq_mg_per_l": [0.4, 0.4, 0.4, 0.4, 0.4],
        "below_loq": pd.array([False, True, None, True, None], "boolean"),
    })  # fmt: skip
    assert concentrations(samples, 0.5).tolist() == pytest.approx([2, 0.2, np.nan, 0.3, 0], nan_ok=True)
    assert concentrations(samples, 0.0).tolist() == pytest.approx([2, 0, np.nan, 0.3, 0], nan_ok=True)
    assert concentrations(samples, 1.0)[1] == 0.4


def of_samples(*rows: tuple) -> dict[tuple, tuple]:
    """Loads from ``(basin, day, nutrient, mg/L, m³/s)``: tonnes, number of samples, longest gap."""
    names = ["basin_id", "date", "nutrient", "mg_per_l", "discharge_m3_per_s"]
    made = loads_of_samples(pd.DataFrame(rows, columns=names))
    assert list(made.columns) == ["basin_id", "year", "nutrient", "load_t", "samples", "gap"]
    return {(b, y, n): (t, count, gap) for b, y, n, t, count, gap in made.itertuples(index=False)}


def test_each_sample_stands_for_the_days_nearest_to_it():
    # At noon of 11 January (10.5) and of 31 January (30.5): halves meet at 20.5, the second has the other 344.5.
    found = of_samples(("A", "2021-01-31", "nitrogen", 1.0, 10.0), ("A", "2021-01-11", "nitrogen", 3.0, 2.0))
    tonnes = (3 * 2 * 20.5 + 1 * 10 * 344.5) * 86_400 / 1e6
    assert found == {("A", 2021, "nitrogen"): (pytest.approx(tonnes), 2, 334.5)}


def test_a_single_sample_stands_for_its_whole_year_leap_day_and_all():
    assert of_samples(("A", "2020-12-31", "silica", 1.0, 1.0)) == {
        ("A", 2020, "silica"): (pytest.approx(366 * 0.0864), 1, 365.5)
    }
    assert of_samples(("A", "2021-01-01", "silica", 1.0, 1.0))["A", 2021, "silica"][2] == 364.5


def test_several_samples_of_a_day_are_one_of_their_mean_load():
    found = of_samples(("A", "2021-07-02", "nitrogen", 1.0, 10.0), ("A", "2021-07-02", "nitrogen", 3.0, 2.0))
    assert found == {("A", 2021, "nitrogen"): (pytest.approx(8 * 365 * 0.0864), 1, 182.5)}


def test_basins_nutrients_and_years_do_not_mix():
    found = of_samples(
        ("B", "2021-07-02", "nitrogen", 1.0, 1.0), ("A", "2021-07-02", "nitrogen", 2.0, 1.0),
        ("A", "2020-07-02", "nitrogen", 4.0, 1.0), ("A", "2021-07-02", "silica", 8.0, 1.0),
    )  # fmt: skip
    assert {key: round(one[0] / 0.0864) for key, one in found.items()} == {
        ("A", 2020, "nitrogen"): 4 * 366, ("A", 2021, "nitrogen"): 2 * 365, ("A", 2021, "silica"): 8 * 365,
        ("B", 2021, "nitrogen"): 365,
    }  # fmt: skip
