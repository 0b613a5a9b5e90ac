"""A first list of what information there is for each indicator, read from the country's own data, to be confirmed."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from gbf_workbench.errors import problem
from gbf_workbench.preparation.country import Country
from gbf_workbench.preparation.inputs import read_inputs
from gbf_workbench.preparation.readiness import Readiness, readiness

TABLE = "monitoring_information"
SLUG = "biodiversity_information_for_monitoring"
#: Years after which data are no longer called current.
_CURRENT = 5


def draft(country: Country) -> pd.DataFrame:
    """One row for each headline and binary indicator, as far as the data of the folder tell.

    Data that can be computed from by the full route and are recent are called current, global data that the country
    has yet to confirm are called so, and whatever is in part, old or to be mended is called partial. Whether data are
    open, after the agreed method or hold traditional knowledge no file tells: those columns stay empty.

    Parameters
    ----------
    country : Country
    """
    rows = []
    for one in readiness(country):
        newest = None if one.state == "absent" else _newest_year(one, country)
        rows.append((one.spec.code, _availability(one, newest, country.reporting_year), newest))
    table = pd.DataFrame(rows, columns=["indicator", "availability", "latest_year"])
    empty = ["method_compliant", "findable_open", "traditional_knowledge", "source"]
    return table.astype({"latest_year": "Int64"}).reindex(columns=[*table.columns, *empty])


def write_draft(country: Country) -> Path:
    """Write the draft where indicator 21.1 looks for it; a table that is there already is never replaced."""
    path = country.folder / SLUG / f"{TABLE}.csv"
    if path.exists():
        raise problem("use.file_exists", value=path.name)
    path.parent.mkdir(exist_ok=True)
    draft(country).to_csv(path, index=False, lineterminator="\n")
    return path


def _availability(one: Readiness, newest: int | None, year: int | None) -> str:
    if one.state == "absent":
        return "none"
    if one.way is not None and one.way.name == "global":
        return "global only"
    whole = one.state == "computable" and one.way is not None and one.way.name == "full"
    recent = newest is not None and year is not None and newest >= year - _CURRENT
    return "national current" if whole and recent else "national partial"


def _newest_year(one: Readiness, country: Country) -> int | None:
    """The newest year that a table or map of the indicator names."""
    years: list[int] = []
    for content in read_inputs(one.spec, country).contents.values():
        if isinstance(content, pd.DataFrame):
            named = [name for name in content.columns if name == "year" or str(name).endswith("_year")]
            years += [int(content[name].max()) for name in named if content[name].notna().any()]
        else:
            years += [int(file.year) for file in content]
    known = [year for year in years if country.reporting_year is None or year <= country.reporting_year]
    return max(known, default=None)
