"""9.1 Benefits from wild species: people, quantities and values by use, kinds of benefit never added to each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from gbf_workbench.methods.doubts import Doubts
from gbf_workbench.methods.money import Purse, open_purse

_USES = {
    "fishing": "Fishing", "gathering": "Gathering", "logging": "Logging", "hunting": "Hunting",
    "non-extractive": "Non-extractive use",
}  # fmt: skip
_PEOPLE, _QUANTITY, _GROSS, _OWN = "People engaged", "Quantity", "Gross value", "Subsistence value"
_BENEFITS = {
    "people engaged": _PEOPLE, "quantity": _QUANTITY, "gross value": _GROSS, "subsistence value": _OWN,
    "resource rent": "Resource rent",
}  # fmt: skip
_MONEY = (_GROSS, _OWN, "Resource rent")
_SUSTAINABLE = {"yes": "Known to be sustainable", "no": "Not sustainable", "unknown": "Not known"}
_GROUPS = {"user_group": "users", "sex": "sex", "region": "region"}
_USERS = {"indigenous peoples and local communities": "Indigenous peoples and local communities", "others": "Others"}
#: One row of a use may carry several benefits; these columns tell its benefits apart.
_KEY = ["year", "benefit", "unit"]
_ALL = "All uses"


def wild_species_benefits(
    uses: pd.DataFrame | None,
    benefit_totals: pd.DataFrame | None,
    exchange_rates: pd.DataFrame | None,
    deflators: pd.DataFrame | None,
    *,
    people: str,
    own_use_price: float,
    currency: str,
    prices: str,
    base_year: int,
) -> pd.DataFrame:
    """Benefits from the sustainable use of wild species.

    Parameters
    ----------
    uses : DataFrame or None
        Table ``wild_species_uses``: one row a use, species, group of users and year; an empty group stands for all.
    benefit_totals : DataFrame or None
        Table ``wild_species_benefit_totals``; used where there are no single uses.
    exchange_rates, deflators : DataFrame or None
    people : {"sum", "largest"}
        Whether people who use several species are added up, or the largest number of one species and use is taken.
    own_use_price : float
        What households keep is worth, as a part of the market price.
    currency, prices, base_year
        See ``methods.money.open_purse``.

    Returns
    -------
    DataFrame
        ``year, disaggregation_type, disaggregation, value, unit, n, value_status, note``. There is no national total,
        because people, quantities and values are different things; each kind of benefit has its own.

    Raises
    ------
    WorkbenchError
        If money cannot be brought together.

    Notes
    -----
    Gross value = Σ (q − q_own)·p + Σ q_own·p·s with s the ``own_use_price``; subsistence value is the second sum.

    References
    ----------
    IPBES 2022, assessment of the sustainable use of wild species (kinds of use), doi:10.5281/zenodo.6448567.

    Examples
    --------
    >>> one = {"year": 2022, "use_type": "gathering", "species": "a", "user_group": None, "sex": None, "region": None,
    ...        "quantity": 10.0, "quantity_unit": "t", "quantity_own_use": 4.0, "price_per_unit": 50.0,
    ...        "currency": "USD", "people_engaged": 7, "sustainable": "yes", "value_status": "measured"}
    >>> rows = wild_species_benefits(
    ...     pd.DataFrame([one]), None, None, None, people="sum", own_use_price=0.5, currency="", prices="as_given",
    ...     base_year=0,
    ... )
    >>> rows[rows["disaggregation"] == "All uses"].drop_duplicates("unit")[["value", "unit"]].values.tolist()
    [[400.0, 'USD'], [7.0, 'persons']]
    """
    doubts = Doubts()
    if uses is not None:
        if benefit_totals is not None:
            doubts.add("flag", "both_tables")
        table = _of_uses(uses, exchange_rates, deflators, own_use_price, (currency, prices, base_year), doubts)
        doubts.add("flag", "people_twice", count=int(people == "sum" and uses["people_engaged"].notna().sum() > 1))
    else:
        table = _of_totals(benefit_totals, exchange_rates, deflators, (currency, prices, base_year), doubts)
    doubts.add("flag", "suppressed_left_out", count=int(table["hidden"].sum()))
    doubts.add("flag", "nothing_sustainable", count=int(not table["sustainable"].eq("yes").any()))
    out = pd.DataFrame(list(_rows(table, people)))
    out.attrs["doubts"] = list(doubts)
    return out


def _of_uses(
    uses: pd.DataFrame,
    rates: pd.DataFrame | None,
    deflators: pd.DataFrame | None,
    own_use_price: float,
    money: tuple[str, str, int],
    doubts: Doubts,
) -> pd.DataFrame:
    """One row for each use and each benefit it has; the value is missing where it has the benefit but no number."""
    number = {name: uses[name].astype("Float64").astype(float) for name in
              ("quantity", "quantity_own_use", "price_per_unit", "people_engaged")}  # fmt: skip
    kilos = uses["quantity_unit"].eq("kg").to_numpy(dtype=bool, na_value=False)
    own = number["quantity_own_use"]
    doubts.add("flag", "own_use_unknown", count=int((own.isna() & number["quantity"].notna()).sum()))
    kept = own.fillna(0.0)
    price = number["price_per_unit"]
    amounts = {
        _PEOPLE: (number["people_engaged"], "persons", pd.Series(True, index=uses.index)),
        _QUANTITY: (
            number["quantity"] / np.where(kilos, 1000, 1),
            uses["quantity_unit"].astype(object).where(~kilos, "t"),
            number["quantity"].notna(),
        ),
    }
    worth = {_GROSS: (number["quantity"] - kept + kept * own_use_price) * price, _OWN: own * price * own_use_price}
    priced = uses.assign(price_basis="current", base_year=np.nan)[uses["currency"].notna()]
    if not priced.empty:
        purse = _purse(priced, rates, deflators, money, doubts)
        for name, values in worth.items():
            shown = purse.amounts(priced.assign(amount=values[priced.index]))[purse.units[0].name]
            asked = number["quantity"].notna() & (own.notna() | (name == _GROSS))
            amounts[name] = (shown.reindex(uses.index), purse.units[0].name, asked)
    about = uses[["year", "use_type", "species", *_GROUPS, "sustainable"]]
    status = {"hidden": _is(uses, "suppressed"), "estimated": _is(uses, "estimated")}
    blocks = [
        about.assign(**status, benefit=name, value=values, unit=unit)[there.to_numpy(dtype=bool)]
        for name, (values, unit, there) in amounts.items()
    ]
    return pd.concat(blocks, ignore_index=True)


def _of_totals(
    totals: pd.DataFrame,
    rates: pd.DataFrame | None,
    deflators: pd.DataFrame | None,
    money: tuple[str, str, int],
    doubts: Doubts,
) -> pd.DataFrame:
    """The same rows from totals; one that holds uses of every kind counts as not known to be sustainable."""
    benefit = totals["benefit"].map(_BENEFITS)
    values, units = totals["value"].astype("Float64").astype(float), totals["unit"].astype(object)
    is_money = benefit.isin(_MONEY)
    known = is_money & values.notna()
    if known.any():
        priced = totals[known].assign(price_basis="current", base_year=np.nan, currency=units[known])
        purse = _purse(priced, rates, deflators, money, doubts)
        shown = purse.amounts(priced, "value")[purse.units[0].name]
        # What is not known stands in the unit of the sum, or nobody would see that it is missing there.
        values, units = values.mask(known, shown), units.mask(is_money, purse.units[0].name)
    restricted = totals["sustainable_only"].to_numpy(dtype=bool)
    return pd.DataFrame({
        "year": totals["year"], "use_type": totals["use_type"], "species": "", "user_group": totals["user_group"],
        "sex": None, "region": None, "sustainable": np.where(restricted, "yes", "any"), "benefit": benefit,
        "value": values, "unit": units, "hidden": _is(totals, "suppressed"), "estimated": _is(totals, "estimated"),
    })  # fmt: skip


def _purse(
    priced: pd.DataFrame,
    rates: pd.DataFrame | None,
    deflators: pd.DataFrame | None,
    money: tuple[str, str, int],
    doubts: Doubts,
) -> Purse:
    currency, prices, base_year = money
    return open_purse(priced, rates, deflators, currency=currency, prices=prices, base_year=base_year, doubts=doubts)


def _is(table: pd.DataFrame, status: str) -> np.ndarray:
    return table["value_status"].eq(status).to_numpy(dtype=bool, na_value=False)


def _rows(table: pd.DataFrame, people: str) -> Iterator[dict[str, Any]]:
    """Each benefit by use, sustainability and group of people."""
    known = table[table["sustainable"] == "yes"]
    every = table if table["sustainable"].isin(_SUSTAINABLE).all() else table[table["sustainable"] == "any"]
    for part, ending in ((known, ""), (every, " whether sustainable or not")):
        whole = _coarsest(part, ())
        yield from _sums(whole, "use_type", _USES, ending, people)
        yield from _sums(whole, None, {}, ending, people)
    if every is table:
        yield from _sums(_coarsest(table, ()), "sustainable", _SUSTAINABLE, " by sustainability", people)
    for column, word in _GROUPS.items():
        names = _USERS if column == "user_group" else {}
        yield from _sums(_coarsest(known, (column,)), column, names, f" by {word}", people)


def _coarsest(table: pd.DataFrame, wanted: Sequence[str]) -> pd.DataFrame:
    """The rows that together make the whole once, divided by the wanted groups only.

    A row for all people together and rows for parts of them may stand side by side. Where there is one for all, the
    parts are left out; otherwise they are added.
    """
    rows = table[table[list(wanted)].notna().all(axis=1)] if wanted else table
    for column in _GROUPS:
        if column not in wanted and not rows.empty:
            key = [rows[name] for name in ("benefit", "year", "use_type", "species", *wanted)]
            together = rows[column].isna()
            rows = rows[together | ~together.groupby(key).transform("any")]
    return rows


def _sums(
    table: pd.DataFrame, column: str | None, names: dict[str, str], ending: str, people: str
) -> Iterator[dict[str, Any]]:
    """One row for each year, benefit, unit and value of the column."""
    by = [*_KEY, column] if column else _KEY
    for key, part in table.groupby(by, sort=True):
        benefit = key[1]
        if benefit == _QUANTITY and column != "use_type":
            # Tonnes of fish and tonnes of berries have no sum.
            continue
        about = {
            "year": int(key[0]), "disaggregation_type": f"{benefit}{ending}", "unit": str(key[2]),
            "disaggregation": names.get(key[3], str(key[3])) if column else _ALL,
        }  # fmt: skip
        yield about | _sum(part, people if benefit == _PEOPLE else "sum")


def _sum(part: pd.DataFrame, way: str) -> dict[str, Any]:
    shown = part[~part["hidden"]]
    known = shown["value"].dropna()
    if known.empty:
        status = "suppressed" if shown.empty else "missing"
        return {"value": np.nan, "value_status": status, "note": f"all_{status}", "n": 0}
    by_species = known.groupby([shown.loc[known.index, "use_type"], shown.loc[known.index, "species"]]).sum()
    unknown = len(shown) - len(known)
    estimated = unknown > 0 or bool(shown.loc[known.index, "estimated"].any())
    return {
        "value": float(by_species.max() if way == "largest" else by_species.sum()),
        "value_status": "estimated" if estimated else "measured",
        "note": f"in_part|count={unknown}" if unknown else "",
        "n": len(known),
    }
