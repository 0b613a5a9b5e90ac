"""How farms are rated green, yellow or red in the eleven parts of productive and sustainable agriculture."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

GREEN, YELLOW, RED, UNKNOWN = 2, 1, 0, -1
PARTS = tuple(range(1, 12))

#: The answer that would be worst and best for the rating, for items that are missing.
_WORST = {
    "profitable_years": 0, "has_credit": False, "has_insurance": False, "largest_product_share": 1.0,
    "degraded_share": 1.0, "irrigated_share": 1.0, "water_availability": "declining", "water_body_effective": False,
    "uses_fertiliser": True, "fertiliser_measures": 0, "uses_pesticides": True, "uses_hazardous_pesticides": True,
    "pesticide_health_measures": 0, "pesticide_environment_measures": 0, "biodiversity_criteria": 0,
    "unskilled_pay": "below", "food_insecurity": "severe", "tenure": "none", "output_of_reference": 0.0,
}  # fmt: skip
_BEST = {
    "profitable_years": 3, "has_credit": True, "has_insurance": True, "largest_product_share": 0.0,
    "degraded_share": 0.0, "irrigated_share": 0.0, "water_availability": "stable", "water_body_effective": True,
    "uses_fertiliser": False, "fertiliser_measures": 8, "uses_pesticides": False, "uses_hazardous_pesticides": False,
    "pesticide_health_measures": 3, "pesticide_environment_measures": 7, "biodiversity_criteria": 6,
    "unskilled_pay": "above", "food_insecurity": "mild or none", "output_of_reference": 1.0,
    "tenure": "document with name or right to sell or bequeath",
}  # fmt: skip
#: Shares are quotients of areas with few decimals; the last bits are not theirs.
_DIGITS = 12

Items = Mapping[str, np.ndarray]


def farm_ratings(holdings: pd.DataFrame, *, organic_schemes: bool) -> np.ndarray:
    """Ratings of holdings by the rules of SDG indicator 2.4.1.

    Parameters
    ----------
    holdings : DataFrame, shape (n, …)
        Answers of one year, with the columns of the table ``farm_holdings``; areas [ha], output in one currency.
    organic_schemes : bool
        Whether the country has schemes for organic farming, which makes six criteria of biodiversity instead of five.

    Returns
    -------
    ndarray of int, shape (n, 11)
        2 green, 1 yellow, 0 red, -1 where missing answers leave it open. A rating is known as soon as no answer that is
        missing could change it.

    References
    ----------
    FAO, metadata of SDG indicator 2.4.1, 16 December 2022; farm survey: FAO 2020, ca7154en.

    Examples
    --------
    >>> farm = {"weight": 1.0, "agricultural_area_ha": 2.0, "production_system": "crops", "sector": "household"}
    >>> holdings = pd.DataFrame([farm | {"has_credit": True, "has_insurance": True}])
    >>> farm_ratings(holdings, organic_schemes=True)[0, [2, 3]].tolist()
    [2, -1]
    """
    items = _items(holdings)
    worst = {name: _filled(items[name], _WORST[name]) for name in _WORST}
    best = {name: _filled(items[name], _BEST[name]) for name in _BEST}
    least = 3 if organic_schemes else 2
    columns = []
    for part in PARTS:
        low, high = (_RULES[part](one, least) for one in (worst, best))
        columns.append(np.where(low == high, low, UNKNOWN))
    rated = np.column_stack(columns)
    rated[holdings["sector"].ne("household").to_numpy(dtype=bool), 9] = GREEN
    return rated


def reference_output(per_hectare: np.ndarray, weights: np.ndarray, share: float = 0.9) -> float:
    """The output per hectare that this share of the holdings (by weight) does not exceed.

    The smallest value at or below which at least ``share`` of the weight lies; it is always that of a holding.

    >>> reference_output(np.array([10.0, 30.0, 20.0]), np.array([5.0, 1.0, 4.0]))
    20.0
    """
    order = np.argsort(per_hectare, kind="stable")
    reached = np.cumsum(weights[order])
    # The weights' sum has rounding of its own, which must not push the place one holding on.
    place = np.searchsorted(reached, share * reached[-1] * (1 - 1e-12))
    return float(per_hectare[order[place]])


def _items(holdings: pd.DataFrame) -> dict[str, np.ndarray]:
    """Every answer as an array of objects with None where it is missing."""
    area = holdings["agricultural_area_ha"].to_numpy(dtype=float)
    made = {
        "degraded_share": _of_area(holdings, "degraded_soil_ha", area),
        "irrigated_share": _of_area(holdings, "irrigated_area_ha", area),
        "output_of_reference": _of_reference(holdings, area),
    }
    found = {name: _objects(holdings, name) for name in _WORST if name not in made} | made
    # “Not applicable” is an answer of those who do not irrigate and of companies, whose ratings do not ask for it.
    for name in ("water_availability", "food_insecurity"):
        found[name] = np.where(found[name] == "not applicable", None, found[name])
    return found


def _objects(holdings: pd.DataFrame, name: str) -> np.ndarray:
    if name not in holdings:
        return np.full(len(holdings), None, dtype=object)
    column = holdings[name].astype(object)
    return column.where(holdings[name].notna(), None).to_numpy()


def _of_area(holdings: pd.DataFrame, name: str, area: np.ndarray) -> np.ndarray:
    """Share of the agricultural area."""
    part = np.array([np.nan if one is None else float(one) for one in _objects(holdings, name)])
    share = np.round(np.divide(part, area, out=np.full(len(area), np.nan), where=area > 0), _DIGITS)
    return np.where(np.isnan(share), None, share)


def _of_reference(holdings: pd.DataFrame, area: np.ndarray) -> np.ndarray:
    """Output per hectare as a part of the reference of the production system."""
    output = np.array([np.nan if one is None else float(one) for one in _objects(holdings, "output_value")])
    each = np.divide(output, area, out=np.full(len(area), np.nan), where=area > 0)
    weights, found = holdings["weight"].to_numpy(dtype=float), np.full(len(area), np.nan)
    for system in holdings["production_system"].unique():
        of_system = holdings["production_system"].eq(system).to_numpy(dtype=bool)
        known = of_system & ~np.isnan(each) & (weights > 0)
        if known.any() and (reference := reference_output(each[known], weights[known])) > 0:
            found[of_system] = np.round(each[of_system] / reference, _DIGITS)
    return np.where(np.isnan(found), None, found)


def _filled(items: np.ndarray, answer: object) -> np.ndarray:
    """Items with an answer in place of missing ones, numbers as floats."""
    filled = np.array([answer if one is None else one for one in items], dtype=object)
    return filled if isinstance(answer, str) else filled.astype(bool if isinstance(answer, bool) else float)


def _graded(green: np.ndarray, yellow: np.ndarray) -> np.ndarray:
    return np.where(green, GREEN, np.where(yellow, YELLOW, RED))


def _output(items: Items, _: int) -> np.ndarray:
    # Two thirds and one third of the reference, the limits themselves included.
    thirds = np.round(3 * items["output_of_reference"], _DIGITS - 2)
    return _graded(thirds >= 2, thirds >= 1)


def _income(items: Items, _: int) -> np.ndarray:
    return _graded(items["profitable_years"] >= 3, items["profitable_years"] >= 1)


def _risk(items: Items, _: int) -> np.ndarray:
    diverse = items["largest_product_share"] <= 0.66
    means = items["has_credit"].astype(int) + items["has_insurance"].astype(int) + diverse.astype(int)
    return _graded(means >= 2, means >= 1)


def _soil(items: Items, _: int) -> np.ndarray:
    return _graded(items["degraded_share"] < 0.1, items["degraded_share"] <= 0.5)


def _water(items: Items, _: int) -> np.ndarray:
    safe = (items["irrigated_share"] < 0.1) | (items["water_availability"] == "stable")
    return _graded(safe, items["water_body_effective"])


def _fertiliser(items: Items, _: int) -> np.ndarray:
    none, measures = ~items["uses_fertiliser"], items["fertiliser_measures"]
    return _graded(none | (measures >= 4), measures >= 2)


def _pesticides(items: Items, _: int) -> np.ndarray:
    none, health = ~items["uses_pesticides"], items["pesticide_health_measures"]
    safe, nature = ~items["uses_hazardous_pesticides"], items["pesticide_environment_measures"]
    return _graded(none | (safe & (health >= 3) & (nature >= 4)), safe & (health >= 2) & (nature >= 2))


def _biodiversity(items: Items, least: int) -> np.ndarray:
    return _graded(items["biodiversity_criteria"] >= least, items["biodiversity_criteria"] >= 1)


def _pay(items: Items, _: int) -> np.ndarray:
    return _graded(np.isin(items["unskilled_pay"], ["above", "no hired labour"]), items["unskilled_pay"] == "equal")


def _food(items: Items, _: int) -> np.ndarray:
    return _graded(items["food_insecurity"] == "mild or none", items["food_insecurity"] == "moderate")


def _tenure(items: Items, _: int) -> np.ndarray:
    return _graded(items["tenure"] == _BEST["tenure"], items["tenure"] == "document without name")


_RULES: dict[int, Callable[[Items, int], np.ndarray]] = dict(
    zip(
        PARTS,
        (_output, _income, _risk, _soil, _water, _fertiliser, _pesticides, _biodiversity, _pay, _food, _tenure),
        strict=True,
    )
)
