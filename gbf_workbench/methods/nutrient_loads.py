"""What rivers bring to the coast: samples become loads, loads become fluxes, fluxes become the index."""

from __future__ import annotations

import numpy as np
import pandas as pd

from gbf_workbench.errors import Issue

NUTRIENTS = ("nitrogen", "phosphorus", "silica")
#: Share of the element in the mass of a compound, from standard atomic weights.
ELEMENT_SHARE = {
    ("nitrogen", "NO3"): 14.007 / 62.004, ("nitrogen", "NH4"): 14.007 / 18.039, ("phosphorus", "PO4"): 30.974 / 94.970,
    ("phosphorus", "P2O5"): 2 * 30.974 / 141.943, ("silica", "SiO2"): 28.085 / 60.083,
}  # fmt: skip
#: Molar masses and Redfield ratios as the metadata of SDG indicator 14.1.1 write them: C:N:P:Si = 106:16:1:20.
_N, _P, _SI, _C = 14.0, 31.0, 28.0, 12.0
_C_TO_P, _N_TO_P, _SI_TO_P = 106.0, 16.0, 20.0
_DAYS = 365.25
_KG_PER_T = 1000.0
_SECONDS_PER_DAY = 86_400.0


def icep(nitrogen: np.ndarray, phosphorus: np.ndarray, silica: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Indicator of coastal eutrophication potential, as nitrogen and as phosphorus would have it.

    Parameters
    ----------
    nitrogen, phosphorus, silica : ndarray, shape (n,)
        Fluxes of the elements at the river mouth [kg per km² of basin and day].

    Returns
    -------
    tuple of ndarray, shape (n,)
        [kg C per km² and day]; where nitrogen limits (molar N:P below 16) the first is the index, elsewhere the second.
        The smaller of the two is the index, whichever it is.

    References
    ----------
    United Nations, metadata of SDG indicator 14.1.1, 2021. Garnier et al. 2010, doi:10.1007/s10533-010-9462-x.

    Examples
    --------
    >>> by_nitrogen, by_phosphorus = icep(np.array([10.0]), np.array([1.0]), np.array([5.0]))
    >>> round(float(by_phosphorus[0]), 3), bool(by_phosphorus[0] < by_nitrogen[0])
    (29.675, True)
    """
    carbon, used = _C_TO_P * _C, silica / (_SI * _SI_TO_P)
    return carbon * (nitrogen / (_N * _N_TO_P) - used), carbon * (phosphorus / _P - used)


def fluxes(loads: pd.DataFrame, areas: pd.Series) -> pd.DataFrame:
    """Fluxes of the three nutrients for each basin and year that has all of them.

    Parameters
    ----------
    loads : DataFrame
        ``basin_id, year, nutrient, load_t`` of the elements [t per year].
    areas : Series
        Area of each basin [km²], by ``basin_id``.

    Returns
    -------
    DataFrame
        ``nitrogen, phosphorus, silica`` [kg per km² and day], by ``basin_id`` and ``year``; nan where not measured.
    """
    wide = loads.pivot(index=["basin_id", "year"], columns="nutrient", values="load_t").reindex(columns=NUTRIENTS)
    area = areas.reindex(wide.index.get_level_values("basin_id")).to_numpy()
    return wide.mul(_KG_PER_T / _DAYS).div(area, axis=0)


def as_element(table: pd.DataFrame, column: str, name: str) -> tuple[pd.Series, list[Issue]]:
    """Amounts of compounds as amounts of the element; a compound that does not hold the nutrient is an error.

    Parameters
    ----------
    table : DataFrame
        ``nutrient, expressed_as`` and the column of the amounts.
    column : str
    name : str
        Name of the table, for the error.
    """
    keys = list(zip(table["nutrient"], table["expressed_as"], strict=True))
    share = pd.Series([1.0 if c == "element" else ELEMENT_SHARE.get((n, c), np.nan) for n, c in keys], table.index)
    wrong = []
    for nutrient, compound in dict.fromkeys(key for key, known in zip(keys, share.notna(), strict=True) if not known):
        rows = tuple(int(row) for row, key in zip(table.index, keys, strict=True) if key == (nutrient, compound))
        said = "indicators.coastal_eutrophication.notes.other_compound"
        where = {"table": name, "column": "expressed_as", "value": compound, "rows": rows}
        wrong.append(Issue("error", said, {"nutrient": nutrient}, **where))
    return table[column] * share, wrong


def concentrations(samples: pd.DataFrame, below_limit: float) -> pd.Series:
    """Concentrations with those below the limit of quantification at a share of that limit, 0 to 1 [mg/L]."""
    low = below_limit_without_value(samples)
    return samples["concentration_mg_per_l"].mask(low, below_limit * samples["loq_mg_per_l"])


def below_limit_without_value(samples: pd.DataFrame) -> pd.Series:
    """Which concentrations are said to be below the limit of quantification and have no number of their own."""
    return samples["below_loq"].fillna(False).astype(bool) & samples["concentration_mg_per_l"].isna()


def loads_of_samples(samples: pd.DataFrame) -> pd.DataFrame:
    """Yearly loads from samples: each stands for the days that are nearer to it than to any other of its year.

    Parameters
    ----------
    samples : DataFrame
        ``basin_id, date, nutrient, mg_per_l`` of the element and ``discharge_m3_per_s``; several of a day are averaged.

    Returns
    -------
    DataFrame
        ``basin_id, year, nutrient, load_t`` [t per year], ``samples`` and the longest ``gap`` without one [days].
    """
    # mg/L are g/m³: with m³/s, g/s.
    timed = samples.assign(
        grams=samples["mg_per_l"] * samples["discharge_m3_per_s"], day=pd.to_datetime(samples["date"])
    )
    daily = timed.groupby(["basin_id", "nutrient", "day"], as_index=False, sort=True)["grams"].mean()
    rows = []
    for (basin, nutrient, year), part in daily.groupby(["basin_id", "nutrient", daily["day"].dt.year], sort=True):
        days, gap = _days_stood_for(part["day"], int(year))
        tonnes = float((part["grams"].to_numpy() * days).sum() * _SECONDS_PER_DAY / 1e6)
        rows.append((basin, int(year), nutrient, tonnes, len(part), gap))
    return pd.DataFrame(rows, columns=["basin_id", "year", "nutrient", "load_t", "samples", "gap"])


def _days_stood_for(days: pd.Series, year: int) -> tuple[np.ndarray, float]:
    """Days of the year that each sample stands for, which add up to the year, and the longest time without one."""
    first, last = pd.Timestamp(year, 1, 1), pd.Timestamp(year + 1, 1, 1)
    at = (days - first).dt.days.to_numpy() + 0.5
    whole = float((last - first).days)
    edges = np.concatenate([[0.0], (at[1:] + at[:-1]) / 2, [whole]])
    gaps = np.diff(np.concatenate([[0.0], at, [whole]]))
    return np.diff(edges), float(gaps.max())
