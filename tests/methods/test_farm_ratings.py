"""Ratings of farms: every limit of the eleven rules, what a missing answer leaves open, and the reference of output."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gbf_workbench.methods.farm_ratings import GREEN, RED, UNKNOWN, YELLOW, farm_ratings, reference_output

#: A farm of 10 ha that is green everywhere.
GOOD = {
    "weight": 1.0, "sector": "household", "production_system": "crops", "agricultural_area_ha": 10.0,
    "output_value": 1000.0, "profitable_years": 3, "has_credit": True, "has_insurance": True,
    "largest_product_share": 0.5, "degraded_soil_ha": 0.0, "irrigated_area_ha": 0.0, "water_availability": "stable",
    "water_body_effective": True, "uses_fertiliser": False, "fertiliser_measures": 8, "uses_pesticides": False,
    "uses_hazardous_pesticides": False, "pesticide_health_measures": 3, "pesticide_environment_measures": 7,
    "biodiversity_criteria": 6, "unskilled_pay": "above", "food_insecurity": "mild or none",
    "tenure": "document with name or right to sell or bequeath",
}  # fmt: skip


def ratings(*changes: dict, organic: bool = True) -> np.ndarray:
    return farm_ratings(pd.DataFrame([GOOD | one for one in changes], dtype=object), organic_schemes=organic)


def rating(part: int, organic: bool = True, **answers: object) -> int:
    return int(ratings(answers, organic=organic)[0, part - 1])


def test_the_numbers_of_the_ratings_grow_with_what_is_good():
    assert (GREEN, YELLOW, RED, UNKNOWN) == (2, 1, 0, -1)
    assert ratings({}).tolist() == [[GREEN] * 11]


@pytest.mark.parametrize(
    ("part", "name", "red", "yellow", "green"),
    [
        (2, "profitable_years", [0], [1, 2], [3]), (4, "degraded_soil_ha", [5.001, 10.0], [1.0, 5.0], [0.0, 0.999]),
        (8, "biodiversity_criteria", [0], [1, 2], [3, 6]), (9, "unskilled_pay", ["below"], ["equal"],
                                                            ["above", "no hired labour"]),
        (10, "food_insecurity", ["severe"], ["moderate"], ["mild or none"]),
        (11, "tenure", ["none"], ["document without name"], [GOOD["tenure"]]),
    ],
)  # fmt: skip
def test_a_part_with_one_answer_at_its_limits(part: int, name: str, red: list, yellow: list, green: list):
    assert [rating(part, **{name: one}) for one in red] == [RED] * len(red)
    assert [rating(part, **{name: one}) for one in yellow] == [YELLOW] * len(yellow)
    assert [rating(part, **{name: one}) for one in green] == [GREEN] * len(green)
    assert rating(part, **{name: None}) == UNKNOWN


@pytest.mark.parametrize(("met", "found"), [(0, RED), (1, YELLOW), (2, GREEN)])
def test_two_criteria_of_five_are_as_good_as_three_of_six(met: int, found: int):
    assert rating(8, organic=False, biodiversity_criteria=met) == found


@pytest.mark.parametrize("credit", [True, False])
@pytest.mark.parametrize("insurance", [True, False])
@pytest.mark.parametrize(("largest", "diverse"), [(0.66, True), (0.661, False)])
def test_two_of_three_means_against_risk_are_green_and_one_is_yellow(
    credit: bool, insurance: bool, largest: float, diverse: bool
):
    found = rating(3, has_credit=credit, has_insurance=insurance, largest_product_share=largest)
    assert found == [RED, YELLOW, GREEN, GREEN][[credit, insurance, diverse].count(True)]


@pytest.mark.parametrize("open_one", ["has_credit", "has_insurance", "largest_product_share"])
def test_one_means_that_nobody_told_of_leaves_the_risk_open_where_it_decides(open_one: str):
    none = {"has_credit": False, "has_insurance": False, "largest_product_share": 0.7, open_one: None}
    others = [{"has_credit": True}, {"has_insurance": True}, {"largest_product_share": 0.5}]
    assert rating(3, **none) == UNKNOWN
    one, two = (none | one for one in others if open_one not in one)
    assert rating(3, **one) == rating(3, **two) == UNKNOWN
    assert rating(3, **(one | {name: two[name] for name in two if two[name] != none[name]})) == GREEN


@pytest.mark.parametrize(
    ("irrigated", "water", "effective", "found"),
    [
        (0.999, "declining", False, GREEN), (1.0, "declining", False, RED), (1.0, "declining", True, YELLOW),
        (1.0, "stable", False, GREEN), (1.0, "not known", False, RED), (1.0, "not known", True, YELLOW),
        (1.0, "not applicable", True, UNKNOWN), (0.5, "not applicable", False, GREEN), (None, "stable", False, GREEN),
        (None, "declining", True, UNKNOWN), (1.0, "declining", None, UNKNOWN), (1.0, None, None, UNKNOWN),
    ],
)  # fmt: skip
def test_water_is_safe_where_little_is_irrigated_or_it_stays(
    irrigated: float | None, water: str | None, effective: bool | None, found: int
):
    assert rating(5, irrigated_area_ha=irrigated, water_availability=water, water_body_effective=effective) == found


@pytest.mark.parametrize(
    ("uses", "measures", "found"),
    [(True, 4, GREEN), (True, 3, YELLOW), (True, 2, YELLOW), (True, 1, RED), (False, 0, GREEN), (False, None, GREEN),
     (None, 4, GREEN), (None, 3, UNKNOWN), (True, None, UNKNOWN)],
)  # fmt: skip
def test_fertiliser_needs_four_measures_of_eight(uses: bool | None, measures: int | None, found: int):
    assert rating(6, uses_fertiliser=uses, fertiliser_measures=measures) == found


@pytest.mark.parametrize(
    ("uses", "hazardous", "health", "nature", "found"),
    [
        (True, False, 3, 4, GREEN), (True, False, 3, 3, YELLOW), (True, False, 2, 7, YELLOW),
        (True, False, 2, 2, YELLOW), (True, False, 2, 1, RED), (True, False, 1, 7, RED),
        (True, True, 3, 7, RED), (False, True, 0, 0, GREEN),
        (True, True, None, None, RED), (True, None, 3, 4, UNKNOWN), (True, False, None, 1, RED),
        (True, False, 3, None, UNKNOWN), (None, False, 3, 4, GREEN), (None, False, 3, 3, UNKNOWN),
    ],
)  # fmt: skip
def test_pesticides_need_measures_for_people_and_for_nature(
    uses: bool | None, hazardous: bool | None, health: int | None, nature: int | None, found: int
):
    answers = {"uses_hazardous_pesticides": hazardous, "pesticide_health_measures": health}
    assert rating(7, uses_pesticides=uses, pesticide_environment_measures=nature, **answers) == found


@pytest.mark.parametrize("sector", ["household", "non-household"])
def test_food_is_asked_of_households_only(sector: str):
    for answer, found in (("severe", RED), ("not applicable", UNKNOWN), (None, UNKNOWN)):
        assert rating(10, sector=sector, food_insecurity=answer) == (found if sector == "household" else GREEN)
    assert rating(11, sector=sector, tenure="none") == RED


def test_questions_that_were_not_asked_leave_every_part_open():
    few = ["weight", "sector", "production_system", "agricultural_area_ha"]
    table = pd.DataFrame([GOOD])[few]
    assert farm_ratings(table, organic_schemes=True).tolist() == [[UNKNOWN] * 11]


def test_two_thirds_of_the_reference_are_green_and_one_third_is_yellow():
    # The reference is 9 a hectare: 6 and 3 are its thirds, themselves included.
    values = [90.0, 60.0, 59.9, 30.0, 29.9, 0.0, None]
    found = ratings({"weight": 94.0, "output_value": 90.0}, *({"output_value": one} for one in values))
    assert found[1:, 0].tolist() == [GREEN, GREEN, YELLOW, YELLOW, RED, RED, UNKNOWN]


def test_thirds_that_have_no_end_are_still_thirds():
    # 0.7/3 and 0.7·2/3 of 0.7 differ from thirds in the last bits only.
    found = ratings(
        {"weight": 90.0, "output_value": 7.0},
        {"output_value": 7.0 / 3},
        {"output_value": 14.0 / 3},
        {"output_value": 2.3},
    )
    assert found[:, 0].tolist() == [GREEN, YELLOW, GREEN, RED]


def test_each_production_system_has_its_own_reference_from_holdings_that_count():
    found = ratings(
        {"output_value": 1000.0}, {"output_value": 300.0}, {"production_system": "livestock", "output_value": 300.0},
        # Neither a holding without weight nor one without area sets the reference.
        {"weight": 0.0, "output_value": 1e6}, {"agricultural_area_ha": 0.0, "output_value": 1e6},
    )  # fmt: skip
    assert found[:, 0].tolist() == [GREEN, RED, GREEN, GREEN, UNKNOWN]


def test_a_system_in_which_nothing_is_produced_or_known_has_no_reference():
    assert ratings({"output_value": 0.0}, {"output_value": 0.0})[:, 0].tolist() == [UNKNOWN] * 2
    assert ratings({"output_value": None}, {"weight": 0.0})[:, 0].tolist() == [UNKNOWN] * 2


def test_shares_of_a_farm_without_area_are_not_known():
    found = ratings({"agricultural_area_ha": 0.0, "water_availability": "declining"})[0]
    assert (found[3], found[4]) == (UNKNOWN, UNKNOWN)


def test_shares_of_areas_are_freed_of_their_last_bits():
    # 0.3/3 is a hair below a tenth in floating point, and 0.1 is not less than a tenth.
    assert 0.3 / 3 < 0.1
    assert rating(4, agricultural_area_ha=3.0, degraded_soil_ha=0.3) == YELLOW
    assert rating(5, agricultural_area_ha=3.0, irrigated_area_ha=0.3, water_availability="declining") == YELLOW


@pytest.mark.parametrize(
    ("weights", "share", "found"),
    [
        ([1] * 10, 0.9, 9), ([0.1] * 10, 0.9, 9), ([1] * 10, 0.91, 10), ([1] * 10, 0.89, 9), ([1] * 10, 1.0, 10),
        ([1] * 9 + [100], 0.9, 10), ([90] + [1] * 9, 0.9, 1), ([1] * 10, 0.1, 1),
    ],
)  # fmt: skip
def test_the_reference_is_the_smallest_value_that_enough_weight_does_not_exceed(
    weights: list[float], share: float, found: float
):
    turned = np.random.default_rng(1).permutation(10)
    assert reference_output(np.arange(1.0, 11)[turned], np.array(weights, dtype=float)[turned], share) == found


def test_nine_tenths_of_the_weight_are_asked_for_unless_said_otherwise():
    assert reference_output(np.arange(1.0, 21), np.ones(20)) == 18
