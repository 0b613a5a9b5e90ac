"""Flows of development finance by biodiversity marker: which count, with what weight, and which nobody screened."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from gbf_workbench.methods.doubts import Doubts

PRINCIPAL, SIGNIFICANT, NOT_TARGETED = "2", "1", "0"
#: Purpose code of biodiversity in the Creditor Reporting System.
BIODIVERSITY_PURPOSE = "41030"


def countable(
    activities: pd.DataFrame, flow_codes: Sequence[str], modalities: Sequence[str], column: str, doubts: Doubts
) -> pd.DataFrame:
    """Activities of the kinds that count, with the measure known; a code that is not known leaves nothing out.

    Parameters
    ----------
    activities : DataFrame
        Table ``development_finance``.
    flow_codes, modalities : sequence of str
        Codes that count.
    column : {"disbursement", "commitment"}
    doubts : Doubts
    """
    flow, modality = activities["flow_code"], activities["modality"]
    other_flow = flow.notna() & ~flow.isin(list(flow_codes))
    other_way = modality.notna() & ~modality.isin(list(modalities))
    doubts.add("flag", "flows_left_out", count=int(other_flow.sum()))
    doubts.add("flag", "modalities_left_out", count=int((other_way & ~other_flow).sum()))
    kept = activities[~other_flow & ~other_way]
    doubts.add("flag", "codes_unknown", count=int((kept["flow_code"].isna() | kept["modality"].isna()).sum()))
    doubts.add("flag", f"no_{column}", count=int(kept[column].isna().sum()))
    kept = kept[kept[column].notna()]
    doubts.add("flag", "refunds", count=int((kept[column].astype(float) < 0).sum()))
    return kept


def markers(activities: pd.DataFrame, doubts: Doubts) -> pd.Series:
    """The marker of each activity; one whose purpose is biodiversity and that has none counts as principal.

    Returns
    -------
    Series of str
        ``2``, ``1``, ``0``, or "" where nobody looked, which is not 0.
    """
    marker = activities["biodiversity_marker"].fillna("").astype(str)
    by_purpose = activities["purpose_code"].eq(BIODIVERSITY_PURPOSE).fillna(False)
    doubts.add("flag", "purpose_without_marker", count=int((by_purpose & (marker == "")).sum()))
    doubts.add("flag", "purpose_against_marker", count=int((by_purpose & (marker == NOT_TARGETED)).sum()))
    return marker.mask(by_purpose & (marker == ""), PRINCIPAL)


def significant_shares(
    activities: pd.DataFrame, coefficients: pd.DataFrame | None, default: float, doubts: Doubts
) -> pd.Series:
    """Share with which a significant activity of each row's provider and year counts.

    Parameters
    ----------
    activities : DataFrame
        ``provider, year, marker``.
    coefficients : DataFrame or None
        ``provider, significant_share, first_year``; the latest first year that is not after the activity holds.
    default : float
        Share of providers that are not in the table.

    Returns
    -------
    Series of float
    """
    known: dict[str, list[tuple[float, float]]] = {}
    rows = [] if coefficients is None else coefficients.itertuples()
    for row in rows:
        since = float("-inf") if pd.isna(row.first_year) else float(row.first_year)
        known.setdefault(str(row.provider), []).append((since, float(row.significant_share)))
    found: list[float] = []
    lacking: set[str] = set()
    for row in activities.itertuples():
        shares = [one for one in sorted(known.get(str(row.provider), ())) if one[0] <= row.year]
        found.append(shares[-1][1] if shares else default)
        if not shares and row.marker == SIGNIFICANT:
            lacking.add(str(row.provider))
    doubts.add("flag", "default_share", count=len(lacking), share=default, names=_five(lacking))
    unused = set(known) - set(activities["provider"].astype(str))
    doubts.add("flag", "coefficients_unused", count=len(unused), names=_five(unused))
    return pd.Series(found, index=activities.index, dtype=float)


def _five(names: set[str]) -> str:
    return ", ".join(sorted(names)[:5]) + (" …" if len(names) > 5 else "")


def weights(marker: pd.Series, significant: pd.Series) -> pd.Series:
    """What an activity counts: 1 where biodiversity is principal, its provider's share where significant, else 0.

    >>> weights(pd.Series(["2", "1", "0", ""]), pd.Series([0.4] * 4)).tolist()
    [1.0, 0.4, 0.0, 0.0]
    """
    return significant.where(marker == SIGNIFICANT, 0.0).mask(marker == PRINCIPAL, 1.0)
