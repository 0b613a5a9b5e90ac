"""Effective sizes: what is known comes in an order, 500 itself is not above, and lost populations count once."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from gbf_workbench.methods.doubts import Doubts
from gbf_workbench.methods.genetic_diversity import (
    effective_sizes,
    shares_of_species,
    species_of_assessments,
    species_of_populations,
)

NAN = float("nan")


def listed(*rows: dict[str, object]) -> pd.DataFrame:
    return pd.DataFrame([{"species": "A", "year": 2024, **row} for row in rows])


def sizes(*rows: dict[str, object], ratios=None, groups=None, **own: float) -> pd.DataFrame:
    group = pd.Series(groups or {}, dtype=object)
    return effective_sizes(listed(*rows), ratios, group, **{"ratio": 0.1, "ratio_low": 0.05, "ratio_high": 0.2, **own})


def one(*rows: dict[str, object], **more: object) -> list[object]:
    """Size, lowest and highest size, and how they are known, of the last row."""
    row = sizes(*rows, **more).iloc[-1]
    return [*(None if pd.isna(row[name]) else round(row[name], 6) for name in ("ne", "low", "high")), row["basis"]]


GENETIC, ADULTS, CLASS, UNKNOWN = "Genetic estimate", "Number of adults", "Class of size", "Not known"


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"ne": 300}, [300, 300, 300, GENETIC]),
        ({"ne": 300, "ne_lower": 200}, [300, 200, 300, GENETIC]),
        ({"ne": 300, "ne_upper": 900}, [300, 300, 900, GENETIC]),
        # Limits on one side of 500 stand for a size: the one nearer to it. 500 itself is not above.
        ({"ne_lower": 600, "ne_upper": 900}, [600, 600, 900, GENETIC]),
        ({"ne_lower": 100, "ne_upper": 500}, [500, 100, 500, GENETIC]),
        ({"ne_lower": 501}, [501, 501, math.inf, GENETIC]),
        ({"ne_upper": 400}, [400, 0, 400, GENETIC]),
        # Limits on both sides are all there is.
        ({"ne_lower": 500, "ne_upper": 501}, [None, 500, 501, UNKNOWN]),
        ({"ne_lower": 400}, [None, 400, math.inf, UNKNOWN]),
        ({"nc": 4000}, [400, 200, 800, ADULTS]),
        ({"nc": 4000, "nc_lower": 1000, "nc_upper": 9000}, [400, 50, 1800, ADULTS]),
        ({"nc_lower": 6000}, [600, 300, math.inf, ADULTS]),
        ({"nc_upper": 5000}, [500, 0, 1000, ADULTS]),
        ({"nc_lower": 4000, "nc_upper": 6000}, [None, 200, 1200, UNKNOWN]),
        ({}, [None, None, None, UNKNOWN]),
        ({"nc": 0}, [0, 0, 0, ADULTS]),
    ],
)  # fmt: skip
def test_a_size_is_what_is_given_and_limits_on_one_side_of_500_are_enough(cells, expected):
    empty = dict.fromkeys(("ne", "ne_lower", "ne_upper", "nc", "nc_lower", "nc_upper", "nc_class"))
    assert one({**empty, **cells}) == expected
    assert one(cells) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("more than 5000 by much", [1000, 500, math.inf, CLASS]),
        ("more than 5000", [550, 250.05, 2000, CLASS]),
        ("range includes 5000", [500.1, 25, 2000, CLASS]),
        ("less than 5000", [405, 25, 999.8, CLASS]),
        ("less than 5000 by much", [50, 0, 100, CLASS]),
        ("anything else", [None, None, None, UNKNOWN]),
    ],
)
def test_a_class_stands_for_a_number_of_adults(name, expected):
    assert one({"nc_class": name}) == expected


def test_what_is_surest_is_used_and_limits_on_both_sides_of_500_do_not_stand_in_the_way_of_the_next():
    adults, classed = {"nc": 4000}, {"nc_class": "more than 5000"}
    undecided, unclear = {"ne_lower": 400, "ne_upper": 600}, {"nc_lower": 4000, "nc_upper": 6000}
    assert one({"ne": 80, **adults, **classed})[::3] == [80, GENETIC]
    assert one({"ne_upper": 90, **adults, **classed})[::3] == [90, GENETIC]
    assert one({**undecided, **adults}) == [400, 200, 800, ADULTS]
    assert one({**undecided, **unclear, **classed}) == [550, 250.05, 2000, CLASS]
    assert one({**undecided, **unclear}) == [None, 400, 600, UNKNOWN]


def test_the_size_from_adults_is_told_beside_a_genetic_one():
    table = sizes({"ne": 80, "nc": 4000}, {"nc": 4000, "nc_class": "more than 5000"}, {"nc_class": "more than 5000"},
                  {"ne": 80})  # fmt: skip
    assert table["ne_of_adults"].tolist()[:3] == pytest.approx([400, 400, 550])
    assert np.isnan(table["ne_of_adults"].iloc[3])


def test_a_range_of_ratios_that_leaves_out_the_ratio_is_drawn_out_to_it():
    assert one({"nc": 1000}, ratio_low=0.2, ratio_high=0.3)[:3] == [100, 100, 300]
    assert one({"nc": 1000}, ratio_low=0.02, ratio_high=0.05)[:3] == [100, 20, 100]


RATIOS = pd.DataFrame({"taxon": ["Fishes", "B", "C"], "ratio": [0.3, 0.5, 0.4], "ratio_lower": [0.2, None, 0.1],
                       "ratio_upper": [None, None, 0.6]})  # fmt: skip


def test_a_ratio_is_that_of_the_row_before_the_species_before_its_group_before_all():
    rows = [{"species": name, "nc": 1000, "ne_nc_ratio": own} for name, own in (
        ("A", None), ("B", None), ("C", None), ("D", None), ("B", 0.9))]  # fmt: skip
    table = sizes(*rows, ratios=RATIOS, groups={"A": "Fishes", "B": "Fishes", "C": "Ferns"})
    # A limit of a ratio that is not given is the ratio itself.
    assert table[["ne", "low", "high"]].round(6).to_numpy().tolist() == [
        [300, 200, 300], [500, 500, 500], [400, 100, 600], [100, 50, 200], [900, 900, 900]]  # fmt: skip
    assert sizes(*rows[:1])["ne"].tolist() == [100]


def test_sizes_stand_under_the_names_of_their_rows_and_a_list_without_rows_has_none():
    table = listed({"ne": 1}, {"ne": 2}).set_axis([7, 3])
    found = effective_sizes(table, None, pd.Series(dtype=object), ratio=0.1, ratio_low=0.1, ratio_high=0.3)
    assert found["ne"].to_dict() == {7: 1, 3: 2}
    none = effective_sizes(table[:0], None, pd.Series(dtype=object), ratio=0.1, ratio_low=0.1, ratio_high=0.3)
    assert len(none) == 0


def numbers(*rows: dict[str, object]) -> tuple[list[dict[str, object]], dict[str, int]]:
    doubts = Doubts()
    table = species_of_populations(listed(*rows), sizes(*rows), doubts)
    return table.to_dict("records"), {said["key"]: said["values"]["count"] for said in doubts}


def test_populations_are_counted_by_what_is_known_of_them():
    [found], said = numbers(
        {"ne": 500}, {"ne": 501}, {"nc": 0}, {}, {"nc": 6000}, {"ne_lower": 400, "ne_upper": 600},
        {"ne": 600, "ne_lower": 500, "ne_upper": 700}, {"ne": 500, "ne_upper": 500.5},
    )  # fmt: skip
    # Adults 6000 may be 300 to 1200.
    assert found == {"species": "A", "year": 2024, "assessment": "", "extant": 7, "sized": 5, "above": 3,
                     "decidable": 6, "low_above": 1, "high_above": 5, "lost": 1}  # fmt: skip
    assert said == {"size_zero": 1}


def test_a_lost_population_may_have_any_upper_limit_and_is_still_lost():
    [found], _ = numbers({"ne": 0, "ne_upper": 900}, {"ne": 0, "ne_lower": 600, "ne_upper": 900})
    assert [found[name] for name in ("extant", "sized", "decidable", "low_above", "high_above", "lost")] == [
        0, 0, 0, 0, 0, 2]  # fmt: skip


@pytest.mark.parametrize(
    ("told", "zeros", "lost"),
    [((3, 3), 0, 3), ((3, 1), 1, 3), ((None, None), 0, None), ((None, None), 2, 2), ((1, None), 2, 2), ((0, 0), 0, 0)],
)
def test_populations_lost_are_those_told_of_or_those_of_size_0_whichever_are_more(told, zeros, lost):
    rows = [{"ne": 600, "populations_lost": number} for number in told] + [{"ne": 0}] * zeros
    [found], _ = numbers(*rows)
    assert (None if np.isnan(found["lost"]) else found["lost"]) == lost


def test_populations_ex_situ_do_not_count_and_those_of_unknown_origin_do():
    [found], said = numbers({"ne": 600, "origin": "ex situ"}, {"ne": 600, "origin": None}, {"ne": 6, "origin": "wild"})
    assert (found["extant"], found["above"]) == (2, 1)
    assert said == {"ex_situ": 1}


def test_species_years_and_assessments_stand_apart_and_sorted():
    found, said = numbers({"species": "B", "ne": 1}, {"ne": 1, "assessment": "b"}, {"ne": 1, "year": 2020},
                          {"ne": 1, "assessment": "a"}, {"ne": 1, "assessment": "a"})  # fmt: skip
    assert [(row["species"], row["year"], row["assessment"], row["extant"]) for row in found] == [
        ("A", 2020, "", 1), ("A", 2024, "a", 2), ("A", 2024, "b", 1), ("B", 2024, "", 1)]  # fmt: skip
    assert said == {}


def test_numbers_of_an_assessment_are_taken_as_they_are_and_have_no_cases():
    table = species_of_assessments(pd.DataFrame({
        "species": ["B", "A"], "year": 2024, "n_extant_populations": [5, None], "n_extinct_populations": [1, 0],
        "n_populations_sized": [4, 2], "n_populations_above_500": [3, 0],
    }))  # fmt: skip
    assert table["species"].tolist() == ["A", "B"]
    numbers = {"extant": 5, "lost": 1, "sized": 4, "above": 3, "decidable": 4, "low_above": 3, "high_above": 3}
    assert table.loc[1].to_dict() == {"species": "B", "year": 2024, "assessment": "", **numbers}
    assert np.isnan(table.loc[0, "extant"])
    named = species_of_assessments(pd.DataFrame({"species": ["A", "A"], "year": 2024, "assessment": ["z", None]}))
    assert named["assessment"].tolist() == ["", "z"]


def shares(lost_as_zero: bool = True, **row: float) -> list[float | None]:
    """above, total, share, kept, worst and best of one assessment."""
    base = {"extant": 4, "lost": 0, "sized": 4, "above": 2, "decidable": 4, "low_above": 1, "high_above": 3}
    table = pd.DataFrame([{"species": "A", "year": 2024, "assessment": "", **base, **row}], dtype=object)
    table = table.astype(dict.fromkeys(base, float))
    found = shares_of_species(table, lost_as_zero=lost_as_zero).iloc[0]
    return [
        None if np.isnan(found[name]) else found[name] for name in ("above", "total", "share", "kept", "worst", "best")
    ]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({}, [2, 4, 0.5, 1, 0.25, 0.75]),
        ({"lost": 4}, [2, 8, 0.25, 0.5, 0.125, 0.375]),
        ({"lost": NAN}, [2, 4, 0.5, None, 0.25, 0.75]),
        ({"sized": 1, "above": 1, "lost": 1, "decidable": 2, "low_above": 0, "high_above": 2},
         [1, 2, 0.5, 0.8, 0, 2 / 3]),
        # None of the living has a size: the lost ones alone say nothing of them.
        ({"sized": 0, "above": 0, "decidable": 0, "low_above": 0, "high_above": 0, "lost": 2},
         [None, None, None, 4 / 6, None, None]),
        # None has a size, but limits on both sides of 500 bound the cases.
        ({"sized": 0, "above": 0, "decidable": 1, "low_above": 0, "high_above": 1, "lost": 3},
         [None, None, None, 4 / 7, 0, 0.25]),
        # All are lost: nothing is left to be known.
        ({"extant": 0, "sized": 0, "above": 0, "decidable": 0, "low_above": 0, "high_above": 0, "lost": 2},
         [0, 2, 0, 0, 0, 0]),
        ({"extant": 0, "sized": 0, "above": 0, "decidable": 0, "low_above": 0, "high_above": 0, "lost": 0},
         [None] * 6),
        ({"sized": NAN, "above": NAN, "decidable": NAN, "low_above": NAN, "high_above": NAN, "lost": 1},
         [None, None, None, 0.8, None, None]),
        ({"above": NAN}, [0, 4, 0, 1, 0.25, 0.75]),
    ],
)  # fmt: skip
def test_shares_of_one_assessment_with_the_lost_ones_in_the_denominator(row, expected):
    assert shares(**row) == pytest.approx(expected)


def test_lost_populations_may_be_left_out_of_the_share_and_still_count_among_those_not_kept():
    assert shares(lost_as_zero=False, lost=4) == pytest.approx([2, 4, 0.5, 0.5, 0.25, 0.75])
    gone = {"extant": 0, "sized": 0, "above": 0, "decidable": 0, "low_above": 0, "high_above": 0, "lost": 2}
    assert shares(lost_as_zero=False, **gone) == [None, None, None, 0, None, None]


def test_assessments_of_a_species_are_averaged_and_its_cases_are_the_widest():
    base = {"species": "A", "year": 2024, "lost": 0.0, "extant": 4.0, "sized": 4.0, "decidable": 4.0}
    table = pd.DataFrame([
        {**base, "assessment": "a", "above": 4.0, "low_above": 2.0, "high_above": 4.0},
        {**base, "assessment": "b", "above": 1.0, "low_above": 1.0, "high_above": 2.0},
        {**base, "species": "B", "assessment": "", "above": 0.0, "low_above": 0.0, "high_above": 0.0},
    ])  # fmt: skip
    found = shares_of_species(table, lost_as_zero=True).set_index("species")
    assert found.columns.tolist() == ["year", "above", "total", "share", "kept", "worst", "best"]
    assert found.loc["A"].tolist() == [2024, 2.5, 4, 0.625, 1, 0.25, 1]
    assert found.loc["B"].tolist() == [2024, 0, 4, 0, 1, 0, 0]
