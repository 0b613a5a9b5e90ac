"""Nitrogen that comes to agricultural land and leaves it; a flow that nobody knows is never taken as none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gbf_workbench.errors import problem
from gbf_workbench.methods.cells import numbers, texts
from gbf_workbench.methods.doubts import Doubts
from gbf_workbench.methods.joins import joined, unmatched

_NOTES = "indicators.nitrogen_balance.notes"
#: Province and land type; empty where it is all of them.
Place = tuple[str, str]
WHOLE: Place = ("", "")
_KG_PER_T = 1000.0
#: A stock that grew takes nitrogen away from the land; every other flow is an amount.
_MAY_BE_NEGATIVE = "manure stock change"
_ROUNDED = 0.01
_MOST_NAMES = 8


@dataclass(frozen=True)
class Budget:
    """Flows that a balance counts: inputs with their sign, for manure can be taken away again, and outputs."""

    inputs: Mapping[str, int]
    outputs: tuple[str, ...]

    @property
    def flows(self) -> tuple[str, ...]:
        """All of them, inputs first."""
        return (*self.inputs, *self.outputs)

    def without(self, flows: Iterable[str]) -> Budget:
        """The flows less some that a country does not estimate.

        Raises
        ------
        WorkbenchError
            If no input or no output is left.
        """
        inputs = {name: sign for name, sign in self.inputs.items() if name not in flows}
        outputs = tuple(name for name in self.outputs if name not in flows)
        if not inputs or not outputs:
            raise problem(f"{_NOTES}.nothing_left", column="left_out")
        return Budget(inputs, outputs)


BUDGETS = {
    "agricultural_land": Budget(
        {
            "mineral fertiliser": 1, "manure production": 1, "manure withdrawals": -1, "manure stock change": 1,
            "manure imports": 1, "other organic fertiliser": 1, "biological fixation": 1, "atmospheric deposition": 1,
            "seed and planting material": 1,
        },
        ("crop harvest", "fodder harvest and grazing", "crop residues removed"),
    ),
    "cropland": Budget(
        {"mineral fertiliser": 1, "manure applied": 1, "biological fixation": 1, "atmospheric deposition": 1},
        ("crop harvest",),
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Account:
    """The flows of one place in one year.

    Attributes
    ----------
    inputs, outputs : float
        Their sums [t N]; not a number where one of their flows is missing.
    flows : mapping
        Tonnes of nitrogen of each flow that is known.
    missing : tuple of str
        Flows that are not.
    withheld : bool
        Whether one of those is known and kept secret.
    estimated : bool
    error : float
        Standard error of the balance [t N]; not a number where it is not known.
    area_ha : float
    """

    inputs: float
    outputs: float
    flows: Mapping[str, float]
    missing: tuple[str, ...]
    withheld: bool
    estimated: bool
    error: float
    area_ha: float

    @property
    def balance(self) -> float:
        """Inputs less outputs [t N]."""
        return self.inputs - self.outputs


def flows_of_table(table: pd.DataFrame) -> pd.DataFrame:
    """Flows that were given in tonnes of nitrogen, of which nobody told an error.

    Parameters
    ----------
    table : DataFrame
        ``year, flow, item, province, land_type, nitrogen_t, value_status`` [t N].

    Returns
    -------
    DataFrame
        ``year, flow, item, province, land_type, value, status, error``.

    Raises
    ------
    WorkbenchError
        If an amount is below 0.
    """
    flows = _keys(table).assign(value=numbers(table, "nitrogen_t"), status=texts(table, "value_status"), error=np.nan)
    return _none_negative(flows, "nitrogen_flows", "nitrogen_t")


def flows_of_quantities(table: pd.DataFrame, coefficients: pd.DataFrame, doubts: Doubts) -> pd.DataFrame:
    """Flows from quantities, each times the country's own coefficient.

    Parameters
    ----------
    table : DataFrame
        ``year, flow, item, province, land_type, quantity, unit``.
    coefficients : DataFrame
        ``flow, item, kg_n_per_unit, unit, standard_error_kg`` [kg N per unit].
    doubts : Doubts

    Returns
    -------
    DataFrame
        As ``flows_of_table``; ``error`` is what one standard error of the coefficient makes of the quantity [t N].

    Raises
    ------
    WorkbenchError
        If a quantity has no coefficient or one of another unit, or is below 0.

    Examples
    --------
    >>> quantities = pd.DataFrame({"year": [2020], "flow": "crop harvest", "item": "Maize", "quantity": 2000.0,
    ...                            "unit": "t"})
    >>> own = pd.DataFrame({"flow": ["crop harvest"], "item": "Maize", "kg_n_per_unit": 15.0, "unit": "t"})
    >>> flows_of_quantities(quantities, own, Doubts())["value"].tolist()
    [30.0]
    """
    names = ["flow", "item"]
    known = coefficients[names].assign(
        kg=numbers(coefficients, "kg_n_per_unit"), of=texts(coefficients, "unit"),
        spread=numbers(coefficients, "standard_error_kg"),
    )  # fmt: skip
    own = joined(
        table[["year", *names]].assign(unit=texts(table, "unit")), known, names,
        table="nitrogen_quantities", other="nitrogen_coefficients",
    )  # fmt: skip
    if (other := own["unit"].str.casefold() != own["of"].str.casefold()).any():
        said = {"names": listed(f"{row.item}: {row.unit} / {row.of}" for row in own[other].itertuples())}
        rows = tuple(int(row) for row in own.index[other])
        raise problem(f"{_NOTES}.other_unit", table="nitrogen_quantities", column="unit", rows=rows, **said)
    idle = unmatched(coefficients, table, names).left
    doubts.add("flag", "idle_coefficients", count=len(idle), names=listed(f"{flow}, {item}" for flow, item in idle))
    told = known["spread"].notna()
    doubts.add("flag", "some_errors", count=int((~told).sum()) if told.any() else 0)
    amount = numbers(table, "quantity") / _KG_PER_T
    flows = _keys(table).assign(value=amount * own["kg"], status="estimated", error=amount * own["spread"])
    return _none_negative(flows, "nitrogen_quantities", "quantity")


def _keys(table: pd.DataFrame) -> pd.DataFrame:
    named = {name: texts(table, name) for name in ("flow", "item", "province", "land_type")}
    return pd.DataFrame({"year": table["year"].astype("int64"), **named})


def _none_negative(flows: pd.DataFrame, table: str, column: str) -> pd.DataFrame:
    if (wrong := (flows["value"] < 0) & (flows["flow"] != _MAY_BE_NEGATIVE)).any():
        rows = tuple(int(row) for row in flows.index[wrong])
        raise problem(f"{_NOTES}.below_zero", table=table, column=column, rows=rows)
    return flows.sort_values(["year", "flow", "item", "province", "land_type"])


def areas_of_table(table: pd.DataFrame) -> pd.DataFrame:
    """Areas [ha] in the shape of the flows: ``year, flow, item, province, land_type, value``."""
    return _keys(table).assign(value=numbers(table, "area_ha")).sort_values(["year", "province", "land_type"])


def only_cropland(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """The rows of cropland, which is then all the land there is.

    Raises
    ------
    WorkbenchError
        If no row says that it is of cropland.
    """
    own = table[table["land_type"] == "cropland"]
    if own.empty:
        raise problem(f"{_NOTES}.no_cropland", table=name, column="land_type")
    return own.assign(land_type="")


class Places:
    """Rows of a table by year, flow and place; a place without rows of its own is the sum of its parts, if none lacks.

    Parameters
    ----------
    table : DataFrame
        ``year, flow, province, land_type, value``; a group of rows of which one has no value is not known.
    places : iterable of Place
        All that any table names in any year: a province that lacks in one year makes the sum of that year unknown.
    """

    def __init__(self, table: pd.DataFrame, places: Iterable[Place]) -> None:
        self.values = table["value"].to_numpy(dtype=float)
        self.places = sorted(set(places) - {WHOLE})
        self.parts = _divisions(self.places)
        groups = table.groupby(["year", "flow", "province", "land_type"], sort=True).indices
        self.known = {key: rows.tolist() for key, rows in groups.items() if not np.isnan(self.values[rows]).any()}

    def rows(self, year: int, flow: str, place: Place) -> list[int] | None:
        """Positions of the rows that make up a flow of a place, or None where it is not known."""
        return next(iter(self.ways(year, flow, place)), None)

    def ways(self, year: int, flow: str, place: Place) -> list[list[int]]:
        """The rows of a place itself, then those of its parts for each way to divide it of which no part is missing."""
        own = self.known.get((year, flow, *place))
        found = [] if own is None else [own]
        for parts in self.parts.get(place, ()):
            rows = [self.rows(year, flow, part) for part in parts]
            if all(one is not None for one in rows):
                found.append([row for one in rows for row in one or ()])
        return found

    def sums_differ(self) -> int:
        """How often a place has another figure when its parts are added up."""
        count = 0
        for year, flow in {(year, flow) for year, flow, *_ in self.known}:
            for place in (WHOLE, *self.places):
                figures = [self.values[rows].sum() for rows in self.ways(year, flow, place)]
                count += any(abs(one - figures[0]) > _ROUNDED * abs(figures[0]) for one in figures)
        return count


def _divisions(places: Sequence[Place]) -> dict[Place, list[list[Place]]]:
    """For each place the ways in which it falls into parts: the country into provinces or land types, these into both.

    What is told of undivided provinces lacks in the sum of a land type over the others, and the reverse.
    """
    provinces, land_types = (sorted({place[at] for place in places} - {""}) for at in (0, 1))
    cells = [place for place in places if all(place)]
    found = {WHOLE: [parts for parts in ([(one, "") for one in provinces], [("", one) for one in land_types]) if parts]}
    if {land_type for _, land_type in cells} == set(land_types):
        found |= {(one, ""): [[cell for cell in cells if cell[0] == one]] for one in {cell[0] for cell in cells}}
    if {province for province, _ in cells} == set(provinces):
        found |= {("", one): [[cell for cell in cells if cell[1] == one]] for one in {cell[1] for cell in cells}}
    return found


def _within(part: Sequence[str], place: Place) -> bool:
    return all(one in ("", other) for one, other in zip(place, part, strict=True))


def accounts(
    flows: pd.DataFrame, areas: pd.DataFrame, budget: Budget, doubts: Doubts
) -> dict[tuple[Place, int], Account]:
    """The account of the country, of each province and of each land type in each year.

    Parameters
    ----------
    flows, areas : DataFrame
        As ``flows_of_table`` and ``areas_of_table`` give them.
    budget : Budget
    doubts : Doubts

    Returns
    -------
    dict
        The whole country first.

    Raises
    ------
    WorkbenchError
        If no flow of the table is in the budget.
    """
    other = sorted(set(flows["flow"]) - set(budget.flows))
    doubts.add("flag", "other_flows", count=len(other), names=", ".join(other))
    flows = flows[flows["flow"].isin(budget.flows)]
    if flows.empty:
        raise problem(f"{_NOTES}.none_counted", column="budget")
    named = {*zip(flows["province"], flows["land_type"], strict=True)}
    named |= {*zip(areas["province"], areas["land_type"], strict=True)}
    found, land = Places(flows, named), Places(areas, named)
    doubts.add("flag", "sums_differ", count=found.sums_differ() + land.sums_differ())
    secret = flows[flows["status"] == "suppressed"]
    withheld = {*zip(secret["year"], secret["flow"], secret["province"], secret["land_type"], strict=True)}
    places = [
        WHOLE, *((one, "") for one in sorted({place[0] for place in named} - {""})),
        *(("", one) for one in sorted({place[1] for place in named} - {""})),
    ]  # fmt: skip
    return {
        (place, int(year)): _account(flows, found, land, budget, int(year), place, withheld)
        for place in places for year in sorted(flows["year"].unique())
    }  # fmt: skip


def _account(
    table: pd.DataFrame, found: Places, land: Places, budget: Budget, year: int, place: Place,
    withheld: set[tuple[int, str, str, str]],
) -> Account:  # fmt: skip
    rows = {flow: found.rows(year, flow, place) for flow in budget.flows}
    flows = {flow: float(found.values[at].sum()) for flow, at in rows.items() if at is not None}
    missing = tuple(flow for flow, at in rows.items() if at is None)
    used = table.iloc[[row for at in rows.values() for row in at or ()]]
    area = land.rows(year, "", place)
    secret = any(when == year and flow in missing and _within(part, place) for when, flow, *part in withheld)
    return Account(
        inputs=sum(sign * flows.get(flow, np.nan) for flow, sign in budget.inputs.items()),
        outputs=sum(flows.get(flow, np.nan) for flow in budget.outputs),
        flows=flows, missing=missing, withheld=secret, estimated=bool(used["status"].eq("estimated").any()),
        error=_error(used), area_ha=np.nan if area is None else float(land.values[area].sum()),
    )  # fmt: skip


def _error(used: pd.DataFrame) -> float:
    """Standard error of a sum of flows; a coefficient errs the same way in all the rows it stands in."""
    together = used.groupby(["flow", "item"])["error"].sum(min_count=1)
    return np.nan if used["error"].isna().any() else float(np.sqrt((together**2).sum()))


def listed(names: Iterable[str]) -> str:
    """Names for a doubt, the first of them where they are many.

    >>> listed(["a", "b", "a"])
    'a; b'
    >>> listed("abcdefgh")[-4:], listed("abcdefghi")[-5:]
    ('g; h', '; h …')
    """
    every = list(dict.fromkeys(names))
    return "; ".join(every[:_MOST_NAMES]) + (" …" if len(every) > _MOST_NAMES else "")
