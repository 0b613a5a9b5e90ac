"""What must change nothing changes nothing, for every indicator: order of columns, format of a file, language."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

from gbf_workbench.catalogue.specs import IndicatorSpec, specs
from gbf_workbench.pipeline import compute

WORKED = Path(__file__).resolve().parent.parent / "data_samples" / "worked"
ALL = list(specs().values())
every_indicator = pytest.mark.parametrize("spec", ALL, ids=lambda spec: spec.slug)


def _tables(folder: Path, spec: IndicatorSpec) -> list[Path]:
    return sorted((folder / spec.slug).glob("*.csv"))


def _cells(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def _copy(spec: IndicatorSpec, tmp_path: Path) -> Path:
    return Path(shutil.copytree(WORKED / spec.slug, tmp_path / "country"))


@every_indicator
def test_columns_in_another_order_change_no_number(spec: IndicatorSpec, tmp_path: Path):
    folder = _copy(spec, tmp_path)
    for path in _tables(folder, spec):
        table = _cells(path)
        table[table.columns[::-1]].to_csv(path, index=False)
    pd.testing.assert_frame_equal(compute(spec.code, folder).data, compute(spec.code, WORKED / spec.slug).data)


@every_indicator
def test_a_spreadsheet_gives_the_numbers_of_the_text_file(spec: IndicatorSpec, tmp_path: Path):
    folder = _copy(spec, tmp_path)
    for path in _tables(folder, spec):
        table = pd.read_csv(path, keep_default_na=False)
        table.to_excel(path.with_suffix(".xlsx"), index=False)
        path.unlink()
    pd.testing.assert_frame_equal(compute(spec.code, folder).data, compute(spec.code, WORKED / spec.slug).data)


@every_indicator
def test_the_language_of_labels_changes_no_number(spec: IndicatorSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    english = compute(spec.code, WORKED / spec.slug).data
    monkeypatch.setenv("GBF_LANGUAGE", "ar")
    pd.testing.assert_frame_equal(compute(spec.code, WORKED / spec.slug).data, english)
