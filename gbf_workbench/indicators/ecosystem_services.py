"""B.1 Services provided by ecosystems, each against its base year; different units are never added."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from gbf_workbench.errors import problem
from gbf_workbench.methods.doubts import Doubts
from gbf_workbench.methods.money import open_purse, yearly_rows
from gbf_workbench.methods.service_accounts import against_base, final_supply, geometric_mean

_NOTES = "indicators.ecosystem_services.notes"
_CLASSES = ("Provisioning", "Regulating", "Cultural")


def ecosystem_services(
    service_flows: pd.DataFrame | None,
    service_totals: pd.DataFrame | None,
    exchange_rates: pd.DataFrame | None,
    deflators: pd.DataFrame | None,
    *,
    base_year: int,
    equal: str,
    largest_gap: float,
    currency: str,
    prices: str,
    price_year: int,
) -> pd.DataFrame:
    """Index of the services that ecosystems provide to people, overall, by class and service by service.

    Parameters
    ----------
    service_flows : DataFrame or None
        Supply and use: ``year, service, service_class, side, ecosystem_type, get_code, indigenous_territory, user,
        quantity, unit, value, currency, price_basis, base_year``.
    service_totals : DataFrame or None
        ``year, service, service_class, quantity, unit``; used where there are no flows.
    exchange_rates, deflators : DataFrame or None
    base_year : int
        Year that is 100; for a service without a value in it, the nearest year that has one.
    equal : {"services", "classes"}
        What weighs the same in the overall index.
    largest_gap : float
        Largest difference between supply and use [% of supply].
    currency, prices, price_year
        See ``methods.money.open_purse``.

    Returns
    -------
    DataFrame
        Index overall, by class and by service (base year = 100); quantities by service, biome, functional group and
        traditional territories in the unit of each service; exchange values [currency].

    Raises
    ------
    WorkbenchError
        If supply and use differ, a service has several units, or no service has a value above zero in its base year.

    Notes
    -----
    I = (Π I_s)^(1/n) over the services with a value in the year, I_s = 100 · Q_s / Q_s(base). Only what people use is
    counted. A service that was not measured in a year is left out of that year's mean, and the year is marked.

    References
    ----------
    United Nations et al. 2021, System of Environmental-Economic Accounting - Ecosystem Accounting, chapters 6 to 9.

    Examples
    --------
    >>> totals = pd.DataFrame({
    ...     "year": [2020, 2022] * 2, "service": ["Fish", "Fish", "Visits", "Visits"], "unit": ["t", "t", "1", "1"],
    ...     "service_class": ["Provisioning"] * 2 + ["Cultural"] * 2, "quantity": [10.0, 5.0, 10.0, 20.0],
    ... })
    >>> rows = ecosystem_services(
    ...     None, totals, None, None, base_year=2020, equal="services", largest_gap=0.1, currency="", prices="as_given",
    ...     price_year=0,
    ... )
    >>> rows.loc[rows["disaggregation_type"].isna(), "value"].round(6).tolist()
    [100.0, 100.0]
    """
    doubts = Doubts()
    if service_flows is not None:
        if service_totals is not None:
            doubts.add("flag", "both_tables")
        parts = final_supply(service_flows, largest_gap, doubts)
    else:
        parts = service_totals.dropna(subset=["quantity"])
    table = "ecosystem_service_totals" if service_flows is None else "ecosystem_service_flows"
    _refuse_several_units(parts, table)
    totals = parts.groupby(["service_class", "service", "unit", "year"], as_index=False)["quantity"].sum()
    indices = _indices(totals, base_year, doubts)
    if indices.empty:
        raise problem(f"{_NOTES}.no_base", table=table, column="quantity")
    rows = [*_overall(indices, equal), *_by_service(totals, indices)]
    if service_flows is not None:
        rows += _by_place(parts)
        rows += _in_money(service_flows, exchange_rates, deflators, currency, prices, price_year, doubts)
    out = pd.DataFrame(rows)
    out.attrs["doubts"] = list(doubts)
    return out


def _refuse_several_units(parts: pd.DataFrame, table: str) -> None:
    units = parts.groupby("service")["unit"].unique()
    for service, found in units.items():
        if len(found) > 1:
            raise problem(
                f"{_NOTES}.several_units", table=table, column="unit", value=str(found[-1]), service=str(service),
                units=", ".join(sorted(map(str, found))),
            )  # fmt: skip


def _indices(totals: pd.DataFrame, wanted: int, doubts: Doubts) -> pd.DataFrame:
    """Each service against its base: ``service_class, service, year, index``."""
    found, other, zero = [], [], []
    for (kind, service), part in totals.groupby(["service_class", "service"], sort=True):
        index, base = against_base(part.set_index("year")["quantity"].sort_index(), wanted)
        if index.isna().all():
            zero.append(str(service))
            continue
        if base != wanted:
            other.append(f"{service} {base}")
        found.append(
            pd.DataFrame({"service_class": kind, "service": service, "year": index.index, "level": index.array})
        )
    doubts.add("flag", "other_base", count=len(other), names=", ".join(other), year=wanted)
    doubts.add("flag", "zero_base", count=len(zero), names=", ".join(zero))
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=["service_class", "service", "year"])


def _overall(indices: pd.DataFrame, equal: str) -> Iterator[dict[str, Any]]:
    """The overall index and the three sub-indices; a year that lacks one of the services is marked."""
    every = indices["service"].nunique()
    sizes = indices.groupby("service_class")["service"].nunique()
    for year, part in indices.groupby("year", sort=True):
        means = part.groupby("service_class")["level"].apply(lambda one: geometric_mean(one.to_numpy()))
        chosen = part["level"].to_numpy() if equal == "services" else means.to_numpy()
        yield {"year": year, **_mean(geometric_mean(chosen), len(part), every)}
        for kind in _CLASSES:
            if kind in means.index:
                number = int((part["service_class"] == kind).sum())
                about = {"disaggregation_type": "Class of service", "disaggregation": kind}
                yield {"year": year, **about, **_mean(float(means[kind]), number, int(sizes[kind]))}


def _mean(value: float, number: int, every: int) -> dict[str, Any]:
    whole = number == every
    note = "" if whole else f"fewer_services|count={number}|every={every}"
    return {"value": value, "n": number, "value_status": "measured" if whole else "estimated", "note": note}


def _by_service(totals: pd.DataFrame, indices: pd.DataFrame) -> Iterator[dict[str, Any]]:
    for row in indices.itertuples(index=False):
        about = {"disaggregation_type": "Service", "disaggregation": str(row.service)}
        yield {"year": row.year, **about, "value": float(row.level), "n": 1}
    for row in totals.itertuples(index=False):
        about = {"disaggregation_type": "Service", "disaggregation": str(row.service), "unit": str(row.unit)}
        yield {"year": row.year, **about, "value": float(row.quantity), "n": 1}


def _by_place(parts: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Quantities of each service by the ecosystems that supply it, and those of traditional territories."""
    biome = parts["get_code"].str.extract(r"^([A-Z]+\d+)", expand=False)
    group = parts["get_code"].where(parts["get_code"].str.contains(".", regex=False, na=False))
    traditional = parts["indigenous_territory"].map({True: "Inside", False: "Outside"})
    kinds = {
        "Ecosystem type": parts["ecosystem_type"], "Biome": biome, "Functional group": group,
        "Traditional territories": traditional,
    }  # fmt: skip
    for kind, names in kinds.items():
        named = parts.assign(part=names).dropna(subset=["part"])
        summed = named.groupby(["service", "unit", "part", "year"], as_index=False)["quantity"].agg(["sum", "size"])
        for row in summed.itertuples(index=False):
            about = {"disaggregation_type": f"{kind}, {row.service}", "disaggregation": str(row.part)}
            yield {"year": row.year, **about, "value": float(row.sum), "unit": str(row.unit), "n": int(row.size)}


def _in_money(
    flows: pd.DataFrame, rates: pd.DataFrame | None, deflators: pd.DataFrame | None, currency: str, prices: str,
    price_year: int, doubts: Doubts,
) -> list[dict[str, Any]]:  # fmt: skip
    """Exchange values by service, and of the services that were valued in every year with a value."""
    valued = flows[(flows["side"] == "supply") & flows["value"].notna()]
    if valued.empty:
        return []
    purse = open_purse(
        valued, rates, deflators, currency=currency, prices=prices, base_year=price_year, doubts=doubts
    )  # fmt: skip
    amounts = purse.amounts(valued, "value")
    rows = yearly_rows(amounts, valued["year"], "Value in money", valued["service"])
    always = valued.groupby("service")["year"].nunique() == valued["year"].nunique()
    kept = valued["service"].isin(always.index[always])
    doubts.add(
        "flag", "not_always_valued", count=int((~always).sum()), names=", ".join(map(str, always.index[~always]))
    )
    if kept.any():
        rows += yearly_rows(amounts[kept], valued.loc[kept, "year"], "Value in money", "Services valued in every year")
    return rows
