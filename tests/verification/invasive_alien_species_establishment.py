"""Expected records and likelihood of R alien; yearly first records of b3alien; numbers of a GRIIS list."""

from __future__ import annotations

import gzip
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd

from gbf_workbench.methods.establishment import Arrivals, discovery_rates, negative_log_likelihood
from gbf_workbench.pipeline import load
from tests.verification import Compared, computed, country_folder, value_of

PEER = "R alien 1.0.2 (Solow and Costello); b3alien 0.4.0; GRIIS"
_CUBE = "input_portugal_cube_griis_species.csv.gz"
_SLUG = "invasive_alien_species_establishment"
_ESTUARY = (
    "tables:\n  alien_species_counts: {file: sfestuary_records.csv, columns: {year: year, new_species: records}}\n"
)
_PORTUGAL = """\
tables:
  occurrence_cube:
    file: input_portugal_cube_griis_species.csv
    columns: {year: yearmonth, cell_code: cellCode, species_key: specieskey, occurrences: occurrences}
  alien_species_checklist:
    file: input_griis_portugal_specieskeys.csv
    columns: {species_key: specieskey}
"""
_GRIIS = """\
tables:
  occurrence_cube:
    file: input_portugal_cube_griis_species.csv
    columns: {year: yearmonth, cell_code: cellCode, species_key: specieskey, occurrences: occurrences}
  alien_species_checklist:
    file: griis_costa_rica.csv
    columns: {scientific_name: scientificName, species_key: taxonID, invasive: isInvasive}
    missing: {invasive: ["Null"]}
"""
#: What the peer's division by days does to whole years.
_DAYS = 365.25


def compared(verify: Path, folder: Path) -> list[Compared]:
    own = verify / "6.1"
    return [
        *_fixed(own),
        *_fitted(own, folder / "estuary"),
        *_portugal(own, folder / "pt"),
        *_griis(own, folder / "cr"),
    ]


def _unpacked(file: Path, folder: Path) -> Path:
    """A text file out of its gzip, which tables are not read from."""
    out = folder / "unpacked" / file.stem
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(gzip.decompress(file.read_bytes()))
    return out


def _fixed(own: Path) -> list[Compared]:
    """λ of each year and the likelihood at six sets of parameters."""
    records = pd.read_csv(own / "sfestuary_records.csv")["records"].to_numpy()
    likelihoods = pd.read_csv(own / "expected_snc_loglik_at_params.csv")
    rates = pd.read_csv(own / "expected_snc_lambda_at_params.csv")
    model, rows = Arrivals(len(records)), []
    for number, known in enumerate(likelihoods.itertuples(), 1):
        parameters = np.array([known.beta0, known.beta1, known.gamma0, known.gamma1, known.gamma2])
        ours = discovery_rates(parameters, model)
        fixed = f"parameters {number}"
        rows += [
            Compared(f"negLL, {fixed}", negative_log_likelihood(parameters, records, model), known.negLL, 1e-9),
            Compared(f"sum of λ, {fixed}", float(ours.sum()), known.lambda_sum, 1e-9),
            Compared(f"first λ, {fixed}", float(ours[0]), known.lambda_first, 1e-9),
            Compared(f"last λ, {fixed}", float(ours[-1]), known.lambda_last, 1e-9),
        ]
        for year, (mine, theirs) in enumerate(zip(ours, rates[f"set{number}"], strict=True), 1):
            tiny = theirs < 1e-12
            why = "a rate below 1e-12, where the peer's 1 − π has no digits left" if tiny else ""
            tolerance = 1e-12 / theirs if tiny and theirs else 1e-9
            rows.append(Compared(f"λ of year {year}, {fixed}", float(mine), float(theirs), tolerance, why))
    return rows


def _fitted(own: Path, folder: Path) -> list[Compared]:
    """The fit of the whole path, its growth in the band of 38 of the peer's 40 starts, and all yearly counts."""
    records = pd.read_csv(own / "sfestuary_records.csv")
    files = [own / "sfestuary_records.csv"]
    settings = {"species": "established", "first_year": int(records["year"].min())}
    result = computed("6.1", country_folder(folder, _SLUG, files, _ESTUARY), **settings)
    growth = value_of(result, 1995, "Growth of arrivals", "", "% per year")
    modelled = result.data[result.data["disaggregation_type"] == "Modelled new records"]["value"].to_numpy()
    likelihood = float(np.sum(modelled - records["records"].to_numpy() * np.log(modelled)))
    worse = max(likelihood, 122.377163)
    rows = [
        Compared("b1 of the fit", float(np.log1p(growth / 100)), 0.0145, 0.002 / 0.0145,
                 "the likelihood is nearly flat; every b1 from 0.0125 to 0.0165 will do"),
        Compared("negLL of the fit where above the peer's interior optimum", worse, 122.377163, 1e-6),
        Compared("all records", float(value_of(result, 1995, unit="species")), 140.0, 0.0),
    ]  # fmt: skip
    rows += [
        Compared(f"new records {one.year}", value_of(result, int(one.year)), float(one.records), 0.0)
        for one in records.itertuples()
    ]
    return rows


def _portugal(own: Path, folder: Path) -> list[Compared]:
    """b3alien divides by the days since the last year with any record, over 365.25, and drops the first year."""
    files = [_unpacked(own / _CUBE, folder), own / "input_griis_portugal_specieskeys.csv"]
    settings = {"species": "established", "first_year": 1820, "detection": "none"}
    result = computed("6.1", country_folder(folder, _SLUG, files, _PORTUGAL), **settings)
    theirs = pd.read_csv(own / "expected_b3alien_portugal_new_species_per_year.csv")
    dates = _dates(pd.read_csv(files[0])["yearmonth"])
    why = "our calendar-year count divided by the peer's days"
    first = before = min(dates)
    rows, spans = [], []
    for one in theirs.itertuples():
        year = int(one.year)
        days = (dates[year] - dates[before]).days
        mine = sum(value_of(result, at) for at in range(before + 1, year + 1))
        rows.append(Compared(f"Portugal {year}", mine * _DAYS / days, float(one.new_species), 1e-9, why))
        spans.append(days)
        before = year
    newest = value_of(result, before, unit="species")
    rows.append(Compared("Portugal, all species seen", newest, 353.0, 0.0))
    dropped = 353.0 - sum(row.theirs * days_of / _DAYS for row, days_of in zip(rows[:-1], spans, strict=True))
    rows.append(Compared(f"Portugal {first}, which the peer drops", value_of(result, first), dropped, 1e-9))
    return rows


def _dates(months: pd.Series) -> dict[int, datetime]:
    """What the peer takes the first month of each year for: it reads months as minutes, so that days may lack one."""
    years, own = months.str[:4].astype(int), months.str[5:].astype(int)
    return {int(year): datetime(int(year), 1, 1, 0, int(month)) for year, month in own.groupby(years).min().items()}


def _griis(own: Path, folder: Path) -> list[Compared]:
    files = [own / "griis_costa_rica.csv", _unpacked(own / _CUBE, folder)]
    listed = load("6.1", country_folder(folder, _SLUG, files, _GRIIS))["checklist"]
    return [
        Compared("GRIIS Costa Rica, taxa", float(len(listed)), 441.0, 0.0),
        Compared("GRIIS Costa Rica, invasive", float(listed["invasive"].fillna(False).sum()), 90.0, 0.0),
    ]
