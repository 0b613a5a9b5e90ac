"""Valid files, damaged at random: each ends in one of the four outcomes, and no number changes without a note."""

from __future__ import annotations

import csv
import io
import os
import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gbf_workbench.errors import LEVELS, Issue, WorkbenchError
from gbf_workbench.preparation.canonical import digest_of
from gbf_workbench.preparation.checks import check_table
from gbf_workbench.preparation.country import open_country
from gbf_workbench.preparation.inputs import read_inputs
from gbf_workbench.preparation.mapping import TableMapping
from gbf_workbench.preparation.reader.contents import refuse_misnamed
from gbf_workbench.preparation.schema import schema_of
from gbf_workbench.preparation.tables import read_table
from tests.bad_inputs.case import csv_bytes, xlsx_bytes

ROOT = Path(__file__).resolve().parent.parent
WORKED = ROOT / "data_samples" / "worked"
#: Three hundred mutations, and a thousand where every test is asked for; `GBF_MUTATIONS=10000` tries ten times as many.
_USUAL = "1000" if os.environ.get("GBF_ALL_TESTS") else "300"
SCALE = int(os.environ.get("GBF_MUTATIONS", _USUAL)) / 1000
SCHEMA = schema_of("red_list_assessments")
ROWS = [
    ["species_id", "taxonomic_group", "year", "category", "reason_for_change", "range_share", "scope"],
    *[[f"S{n}", group, str(year), category, reason, share, "national"]
      for n, (group, share, first, second, reason) in enumerate(
          [("Birds", "0.25", "LC", "NT", "genuine"), ("Birds", "1", "VU", "EN", "genuine"),
           ("Frogs", "0.125", "CR", "CR", ""), ("Frogs", "0.5", "NT", "LC", "non-genuine"),
           ("Mousses", "0.75", "EN", "EX", "genuine"), ("Çiçekler", "0.0625", "LC", "LC", "")], 1)
      for year, category, reason in ((2010, first, ""), (2020, second, reason))],
]  # fmt: skip


def many(examples: int) -> Any:
    return settings(
        max_examples=int(examples * SCALE), deadline=None, derandomize=True, database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
    )  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    table: pd.DataFrame | None
    issues: tuple[Issue, ...]

    @property
    def silent(self) -> bool:
        return not self.issues


def read(path: Path) -> Outcome:
    """What the loader makes of a table; anything but a sentence is a fault of the loader."""
    try:
        refuse_misnamed(path)
        table, issues = check_table(read_table(path, SCHEMA, TableMapping()), SCHEMA, TableMapping())
    except WorkbenchError as refused:
        table, issues = None, list(refused.issues)
    for issue in issues:
        assert issue.level in LEVELS
        assert issue.sentence("en")
        assert issue.remedy("en") or not issue.stops
    return Outcome(None if any(issue.stops for issue in issues) else table, tuple(issues))


def plainly(content: bytes) -> list[list[str]]:
    """The same bytes by the simplest reader there is."""
    words = content.decode("utf-8-sig")
    return [row for row in csv.reader(io.StringIO(words, newline="")) if any(cell.strip() for cell in row)]


def assert_same_cells(table: pd.DataFrame, rows: list[list[str]]) -> None:
    """What was read without a word is what everybody would read in the file."""
    header, *body = rows
    assert len(table) == len(body)
    for name in ("year", "range_share"):
        there = [None if pd.isna(value) else float(value) for value in table[name]]
        assert there == [float(row[header.index(name)]) if row[header.index(name)].strip() else None for row in body]
    for name in ("species_id", "taxonomic_group", "category"):
        assert list(table[name]) == [row[header.index(name)] for row in body]


mutations = st.lists(
    st.tuples(
        st.sampled_from(["flip", "insert", "delete", "repeat", "cut", "zero", "swap"]),
        st.floats(0, 1, exclude_max=True), st.integers(0, 255), st.integers(1, 40),
    ),
    min_size=1, max_size=3,
)  # fmt: skip


def mutated(content: bytes, changes: list[tuple[str, float, int, int]]) -> bytes:
    for kind, where, byte, length in changes:
        at = int(where * max(len(content), 1))
        piece = content[at : at + length]
        content = {
            "flip": content[:at] + bytes([byte]) + content[at + 1 :],
            "insert": content[:at] + bytes([byte]) + content[at:],
            "delete": content[:at] + content[at + length :],
            "repeat": content[:at] + piece + content[at:],
            "cut": content[:at],
            "zero": content[:at] + bytes(len(piece)) + content[at + length :],
            "swap": content[:at] + piece[::-1] + content[at + length :],
        }[kind]
    return content


@given(changes=mutations)
@many(400)
def test_bytes_of_a_csv_file(changes: list[Any], tmp_path: Path):
    path = tmp_path / "red_list_assessments.csv"
    content = mutated(csv_bytes(ROWS), changes)
    path.write_bytes(content)
    outcome = read(path)
    if outcome.silent:
        assert_same_cells(outcome.table, plainly(content))


#: Ways people write a cell otherwise; none of them may change what it says without a word.
WAYS = [
    lambda v: f" {v}", lambda v: f"{v} ", lambda v: f"\u00a0{v}", lambda v: f"{v}\u200f", lambda v: f"'{v}",
    lambda v: v.replace(".", ","), lambda v: v.replace(".", "·"), lambda v: f"+{v}", lambda v: f"-{v}",
    lambda v: f"{v}%", lambda v: f"{v}*", lambda v: f"~{v}", lambda v: f"({v})", lambda v: f"{v}e0", lambda v: f"{v}E2",
    lambda v: f"{v}.0", lambda v: f"0{v}", lambda v: v.lower(), lambda v: v.upper(), lambda v: v[::-1],
    lambda v: v.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")),
    lambda v: v.translate(str.maketrans("0123456789", "０１２３４５６７８９")),
    lambda v: v.translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")),
    lambda v: v.translate(str.maketrans("CELNRV", "СЕLNRV")), lambda v: v.replace("0", "O"),
    lambda v: v.replace("1", "l"),
    lambda v: "NA", lambda v: "n/a", lambda v: "-", lambda v: "-9999", lambda v: "NULL", lambda v: "#N/A", lambda v: "",
    lambda v: "=1+1", lambda v: "inf", lambda v: "1e999", lambda v: "½", lambda v: "1 234", lambda v: "1.234.567",
    lambda v: "03/04/2020", lambda v: "43831", lambda v: "TRUE", lambda v: f"{v}\n", lambda v: f"{v};{v}",
]  # fmt: skip


@cache
def clean() -> pd.DataFrame:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "red_list_assessments.csv"
        path.write_bytes(csv_bytes(ROWS))
        outcome = read(path)
    assert outcome.silent
    return outcome.table


@given(
    row=st.integers(1, len(ROWS) - 1), column=st.sampled_from([0, 1, 2, 3, 5]), way=st.sampled_from(WAYS),
    ending=st.sampled_from(["csv", "csv", "xlsx"]),
)  # fmt: skip
@many(300)
def test_a_cell_written_otherwise(row: int, column: int, way: Any, ending: str, tmp_path: Path):
    rows = [list(one) for one in ROWS]
    rows[row][column] = way(rows[row][column])
    path = tmp_path / f"red_list_assessments.{ending}"
    path.write_bytes(csv_bytes(rows) if ending == "csv" else xlsx_bytes(rows))
    outcome = read(path)
    if outcome.table is None:
        assert outcome.issues
        return
    named = {at for issue in outcome.issues for at in issue.rows}
    before, after = clean(), outcome.table
    if len(before) != len(after):
        assert outcome.issues
        return
    name = ROWS[0][column]
    old, new = before[name].iloc[row - 1], after[name].iloc[row - 1]
    same = (pd.isna(old) and pd.isna(new)) or (not pd.isna(old) and not pd.isna(new) and old == new)
    written = rows[row][column]
    # Another name, another code or nothing at all is the owner's own word.
    as_written = (column in (0, 1, 3) and str(new) == written) or (not written and pd.isna(new))
    if not same and not as_written:
        said = row + 1 in named or any(issue.column == name and not issue.rows for issue in outcome.issues)
        plain = _plain_number(written)
        assert said or (plain is not None and plain == float(new)), (written, old, new)
    others = before.drop(columns=name).reset_index(drop=True)
    pd.testing.assert_frame_equal(others, after.drop(columns=name).reset_index(drop=True))


def _plain_number(words: str) -> float | None:
    try:
        return float(words)
    except ValueError:
        return None


@given(changes=mutations, ending=st.sampled_from(["xlsx", "parquet"]))
@many(100)
def test_bytes_of_a_workbook_or_parquet_file(changes: list[Any], ending: str, tmp_path: Path):
    path = tmp_path / f"red_list_assessments.{ending}"
    path.write_bytes(mutated(_as_file(ending), changes))
    outcome = read(path)
    if outcome.silent:
        # A checksum or a part that nobody reads was hit.
        assert outcome.table.reset_index(drop=True).equals(clean().reset_index(drop=True))


@cache
def _as_file(ending: str) -> bytes:
    if ending == "xlsx":
        return xlsx_bytes(ROWS)
    out = io.BytesIO()
    pd.DataFrame(ROWS[1:], columns=ROWS[0]).to_parquet(out)
    return out.getvalue()


# -- layers and maps, through the process that reads them -----------------------------------------------------------


@cache
def _layer_files() -> dict[str, bytes]:
    """The layer of the worked example in every format."""
    import tempfile

    import geopandas as gpd

    layer = gpd.read_file(WORKED / "protected_area_coverage" / "protected_area_coverage" / "protected_areas.gpkg")
    made = {}
    with tempfile.TemporaryDirectory() as folder:
        for ending in ("gpkg", "geojson", "fgb"):
            path = Path(folder) / f"protected_areas.{ending}"
            layer.to_crs(4326).to_file(path) if ending == "geojson" else layer.to_file(path)
            made[ending] = path.read_bytes()
    return made


def _found(code: str, folder: Path, role: str) -> tuple[Any, list[Issue]]:
    country = open_country(folder)
    inputs = read_inputs(country.spec(code), country)
    own = [issue for issue in inputs.issues if issue.table == country.spec(code).inputs[role].table]
    assert all(issue.sentence("en") for issue in own)
    return inputs.contents.get(role), own


@pytest.mark.parametrize("ending", ["gpkg", "geojson", "fgb"])
def test_bytes_of_a_layer(ending: str, tmp_path: Path):
    import pyogrio

    folder = tmp_path / "country"
    shutil.copytree(WORKED / "protected_area_coverage", folder)
    path = folder / "protected_area_coverage" / f"protected_areas.{ending}"
    (folder / "protected_area_coverage" / "protected_areas.gpkg").unlink()
    good = _layer_files()[ending]
    path.write_bytes(good)
    _, as_it_is = _found("3.1", folder, "protected_areas")
    usual = {(issue.level, issue.key, issue.rows) for issue in as_it_is}

    @given(changes=mutations)
    @many(35)
    def damage(changes: list[Any]) -> None:
        path.write_bytes(mutated(good, changes))
        layer, issues = _found("3.1", folder, "protected_areas")
        if {(issue.level, issue.key, issue.rows) for issue in issues} - usual or layer is None:
            return
        # Nothing was said: then another reader finds the same in the file.
        other = pyogrio.read_dataframe(path).to_crs(layer.crs)
        assert len(other) == len(layer)
        assert float(layer.area.sum()) == pytest.approx(float(other.area.sum()), rel=1e-6)

    damage()


def test_bytes_of_a_map_of_classes(tmp_path: Path):
    import rasterio

    folder = tmp_path / "country"
    shutil.copytree(WORKED / "natural_ecosystem_extent", folder)
    path = folder / "natural_ecosystem_extent" / "ecosystem_maps_2020.tif"
    good = path.read_bytes()
    maps, as_it_is = _found("A.2", folder, next(iter(_map_roles())))
    usual = {(issue.level, issue.key, issue.rows) for issue in as_it_is}
    before = digest_of(maps)

    @given(changes=mutations)
    @many(95)
    def damage(changes: list[Any]) -> None:
        path.write_bytes(mutated(good, changes))
        found, issues = _found("A.2", folder, next(iter(_map_roles())))
        if {(issue.level, issue.key, issue.rows) for issue in issues} - usual or not found or len(found) < 2:
            return
        if digest_of(found) == before:
            return
        with rasterio.open(path) as dataset:
            values, counts = np.unique(dataset.read(1), return_counts=True)
        newest = max(found, key=lambda one: one.year)
        there = dict(zip(values.tolist(), counts.tolist(), strict=True))
        assert {code: there.get(code) for code in newest.codes} == dict(newest.codes)

    damage()


def _map_roles() -> list[str]:
    from gbf_workbench.catalogue.specs import spec_of

    return [name for name, role in spec_of("A.2").inputs.items() if schema_of(role.table).kind == "raster"]
