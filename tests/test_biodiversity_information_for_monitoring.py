"""21.1: shares of indicators with data of the country's own; old data are not current; nobody's silence is a yes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

import gbf_workbench as gbf
from gbf_workbench.doors.cli import main
from gbf_workbench.indicators.biodiversity_information_for_monitoring import biodiversity_information_for_monitoring

SAMPLE = Path(__file__).resolve().parent.parent / "data_samples" / "aruvia"
COLUMNS = ["indicator", "availability", "latest_year", "method_compliant", "findable_open", "traditional_knowledge"]


def computed(*rows: tuple[object, ...], usable: str = "national", oldest: int = 5, **more: object) -> pd.DataFrame:
    table = pd.DataFrame([(*row, *[None] * (6 - len(row))) for row in rows], columns=COLUMNS)
    return biodiversity_information_for_monitoring(
        table, more.get("schemes"), more.get("targets"), usable=usable, oldest=oldest, last_year=2024
    )  # fmt: skip


def total(rows: pd.DataFrame) -> float:
    return float(rows.loc[rows["disaggregation_type"].isna() | (rows["disaggregation_type"] == ""), "value"].iloc[0])


@pytest.mark.parametrize(("year", "share"), [(2019, 100.0), (2018, 0.0)])
def test_data_are_current_up_to_the_oldest_year_and_not_beyond(year: int, share: float):
    rows = computed(("A.2", "national current", year), usable="current")
    assert total(rows) == share
    assert [one["key"] for one in rows.attrs["doubts"]] == ([] if share else ["too_old"])


def test_partial_data_count_only_where_they_are_said_to_be_enough():
    rows = [
        ("A.2", "national partial", 2020),
        ("A.3", "none"),
        ("5.b", "national current", 2024),
        ("3.1", "global only"),
    ]
    assert total(computed(*rows)) == 50
    assert total(computed(*rows, usable="current")) == 25


def test_what_is_not_relevant_is_neither_counted_nor_forgotten():
    rows = computed(("A.2", "national current", 2024), ("5.1", "not relevant"))
    assert total(rows) == 100
    assert rows["n"].iloc[0] == 1
    assert [(one["key"], one["values"]["count"]) for one in rows.attrs["doubts"]] == [("not_relevant", 1)]


def test_a_country_without_any_data_has_zero_and_not_nothing():
    rows = computed(("A.2", "none"), ("A.3", "global only"))
    assert total(rows) == 0


def test_without_an_indicator_that_applies_there_is_no_share():
    with pytest.raises(gbf.WorkbenchError) as refused:
        computed(("A.2", "not relevant"))
    assert refused.value.issues[0].key.endswith("none_applies")
    assert refused.value.issues[0].remedy()


def test_qualities_nobody_spoke_of_are_missing_and_not_zero():
    rows = computed(("A.2", "national current", 2024))
    quality = rows[rows["disaggregation_type"] == "Quality of national data"]
    assert set(quality["value_status"]) == {"missing"}


def test_a_draft_is_read_from_the_data_of_the_folder_and_replaces_nothing(tmp_path: Path, capsys):
    folder = tmp_path / "country"
    folder.mkdir()
    for name in ("country.yml", "frame", "red_list_index", "questionnaires"):
        copy = shutil.copytree if (SAMPLE / name).is_dir() else shutil.copy
        copy(SAMPLE / name, folder / name)
    assert main(["ready", str(folder), "--draft"]) == 0
    table = pd.read_csv(folder / "biodiversity_information_for_monitoring" / "monitoring_information.csv")
    by_code = table.set_index("indicator")
    assert len(table) == 27 + 15
    assert tuple(by_code.loc["A.3", ["availability", "latest_year"]]) == ("national current", 2024)
    assert by_code.loc["5.1", "availability"] == "none"
    result = gbf.compute("21.1", folder)
    with_data = {"A.3", *(code for code in by_code.index if code.endswith(".b"))}
    assert result.latest["value"] == pytest.approx(100 * len(with_data) / 42)
    assert main(["ready", str(folder), "--draft"]) == 2
    assert "monitoring_information.csv" in capsys.readouterr().err


def by_class(rows: pd.DataFrame, kind: str) -> dict[str, tuple[float, int]]:
    chosen = rows[rows["disaggregation_type"] == kind]
    return {
        name: (value, n) for name, value, n in zip(chosen["disaggregation"], chosen["value"], chosen["n"], strict=True)
    }


def test_points_states_and_kinds_are_counted_by_hand():
    rows = computed(("A.2", "national current", 2024, True, False), ("5.b", "national partial", 2024, True, None),
                    ("A.CY.1", "global only"), ("7.CT.1", "none"), ("D.1", "none"))  # fmt: skip
    # Points 3 + 2 + 1 + 0 + 0 of 15.
    assert by_class(rows, "Points") == {"": (40.0, 5)}
    assert by_class(rows, "Information at hand") == {
        "None": (2, 5), "Global only": (1, 5), "National partial": (1, 5), "National current": (1, 5),
    }  # fmt: skip
    assert by_class(rows, "Kind of indicator") == {"Headline": (50, 2), "Binary": (100, 1), "Others": (0, 2)}
    quality = by_class(rows, "Quality of national data")
    assert (quality["After the agreed method"], quality["Findable and open"]) == ((2, 2), (0, 1))
    assert "Monitoring schemes" not in set(rows["disaggregation_type"])
    assert "Traditional knowledge" not in set(rows["disaggregation_type"])


def test_without_national_data_none_of_them_is_open_and_nothing_is_missing():
    rows = computed(("A.2", "none"))
    assert set(by_class(rows, "Quality of national data").values()) == {(0.0, 0)}


def test_current_data_without_a_year_are_named_and_stay_current():
    rows = computed(("A.2", "national current", None), ("A.3", "national current", 2010), usable="current")
    assert total(rows) == 50
    assert {one["key"]: one["values"] for one in rows.attrs["doubts"]} == {
        "undated": {"count": 1, "names": "A.2"}, "too_old": {"count": 1, "names": "A.3", "years": 5},
    }  # fmt: skip


def test_schemes_at_work_run_from_their_first_year_to_their_last_in_each_realm_they_observe():
    schemes = pd.DataFrame(
        [("Terrestrial", 2024, None, True, None), ("Several", 2000, 2024, True, True),
         ("Marine", 2000, 2023, True, True), ("Freshwater", 2025, None, True, True),
         ("Marine", 1990, None, False, False)],
        columns=["realm", "started", "ended", "fair", "care"],
    ).astype({"started": "Int64", "ended": "Int64", "fair": "boolean", "care": "boolean"})  # fmt: skip
    assert by_class(computed(("A.2", "none"), schemes=schemes), "Monitoring schemes") == {
        "At work": (3, 5), "Terrestrial": (2, 5), "Freshwater": (1, 5), "Marine": (2, 5), "FAIR": (2, 3),
        "CARE": (1, 3),
    }  # fmt: skip


def test_targets_that_take_in_traditional_knowledge_are_a_share_and_the_year_has_to_be_known():
    targets = pd.DataFrame(
        {"national_target": ["1", "2", "3", "4"], "traditional_knowledge": [True, False, False, False]}
    )
    rows = computed(("A.2", "none"), targets=targets)
    assert by_class(rows, "Traditional knowledge") == {"National targets": (25.0, 4)}
    assert set(rows["year"]) == {2024}
    table = pd.DataFrame([("A.2", "none", None, None, None, None)], columns=COLUMNS)
    with pytest.raises(gbf.WorkbenchError) as refused:
        biodiversity_information_for_monitoring(table, None, None, usable="national", oldest=5, last_year=0)
    assert refused.value.issues[0].column == "last_year"
