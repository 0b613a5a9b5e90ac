"""Fish stocks as within or outside biologically sustainable levels, one row for each stock and year."""

from __future__ import annotations

import numpy as np
import pandas as pd

from gbf_workbench.methods.doubts import Doubts

#: Classes of the biomass relative to that at maximum sustainable yield: overfished below, underfished above.
LOWER, UPPER = 0.8, 1.2
WITHIN = ("underfished", "maximally sustainably fished", "sustainable")


def judged_stocks(stocks: pd.DataFrame, *, threshold: float, first: str, doubts: Doubts) -> pd.DataFrame:
    """Whether each stock is within sustainable levels, at the threshold and by the strict one.

    Parameters
    ----------
    stocks : DataFrame
        ``status, b_bmsy`` [status in words; biomass relative to that at maximum sustainable yield].
    threshold : float
        Least relative biomass of a stock within sustainable levels.
    first : {"biomass", "status"}
        What counts where both are given.
    doubts : Doubts

    Returns
    -------
    DataFrame
        Index of ``stocks``; ``within`` and ``strict`` (1, 0, or missing where unknown) and ``kind`` in words.

    References
    ----------
    FAO, metadata of SDG indicator 14.4.1; classes of FAO's State of World Fisheries and Aquaculture.

    Examples
    --------
    >>> table = pd.DataFrame({"status": [None, "overfished", "unknown"], "b_bmsy": [0.9, None, None]})
    >>> judged_stocks(table, threshold=0.8, first="biomass", doubts=Doubts())["within"].tolist()
    [1.0, 0.0, nan]
    """
    biomass = (
        pd.to_numeric(stocks["b_bmsy"]).to_numpy(dtype=float, na_value=np.nan)
        if "b_bmsy" in stocks
        else np.full(len(stocks), np.nan)
    )
    status = (
        stocks["status"].astype(object) if "status" in stocks else pd.Series(None, index=stocks.index, dtype=object)
    )
    said = np.select([status.isin(WITHIN), status.eq("overfished")], [1.0, 0.0], np.nan)
    measured = ~np.isnan(biomass)
    by_biomass = np.where(measured, biomass >= threshold, np.nan)
    differ = measured & ~np.isnan(said) & (said != by_biomass)
    doubts.add("flag", "status_differs", count=int(differ.sum()))
    uses_biomass = measured & (np.isnan(said) | (first == "biomass"))
    within = np.where(uses_biomass, by_biomass, said)
    classes = np.select(
        [biomass > UPPER, biomass >= LOWER], ["Underfished", "Maximally sustainably fished"], "Overfished"
    )
    in_words = status.map({
        "underfished": "Underfished", "maximally sustainably fished": "Maximally sustainably fished",
        "sustainable": "Sustainable, class not known", "overfished": "Overfished",
    }).fillna("Unknown")  # fmt: skip
    # Of a stock without a biomass, the class tells on which side of the strict level it lies, except in between.
    strictly = np.select([status.eq("underfished"), status.eq("overfished")], [1.0, 0.0], np.nan)
    strict = np.where(measured, biomass >= 1, strictly)
    kind = np.where(uses_biomass, classes, in_words)
    return pd.DataFrame({"within": within, "strict": strict, "kind": kind}, index=stocks.index)
