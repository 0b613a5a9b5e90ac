"""What a chart shows: every line in the unit that its axis names, the parts it has no room for counted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import gbf_workbench as gbf
from gbf_workbench.results import Result

WORKED = Path(__file__).resolve().parent.parent / "data_samples" / "worked" / "protected_area_coverage"


@pytest.fixture(scope="module")
def computed() -> Result:
    return gbf.compute("3.1", WORKED)


def shown(result: Result, rows: list[dict], **chart: str) -> Result:
    """A result with other rows and another wish for its chart."""
    base = {"value_status": "measured", "lower": float("nan"), "upper": float("nan"), "note": "", "n": 1}
    data = pd.DataFrame([{**base, "disaggregation_type": "", "disaggregation": "", **row} for row in rows])
    return replace(result, data=data, spec=replace(result.spec, chart={"kind": "line", **chart}))


def lines_of(result: Result, language: str = "en") -> dict[str, list[float]]:
    axes = gbf.draw(result, language).axes[0]
    return {line.get_label(): list(line.get_ydata()) for line in axes.get_lines()}


def test_the_total_is_drawn_in_the_unit_of_the_axis(computed):
    rows = [
        {"year": 2020, "value": 40.0, "unit": "%"},
        {"year": 2020, "value": 7.0, "unit": "km2"},
        {"year": 2020, "value": 3.0, "unit": "km2", "disaggregation_type": "Realm", "disaggregation": "land"},
        {"year": 2020, "value": 4.0, "unit": "km2", "disaggregation_type": "Realm", "disaggregation": "sea"},
    ]
    result = shown(computed, rows, by="Realm", unit="km2")
    assert sorted(lines_of(result).values()) == [[3.0], [4.0], [7.0]]
    assert gbf.draw(result, "en").axes[0].get_ylabel() == "km²"


def test_one_part_that_is_not_the_whole_leaves_the_total_in_the_chart(computed):
    part = {"unit": "%", "disaggregation_type": "Realm", "disaggregation": "land"}
    whole = [{"year": 2020, "value": 40.0, "unit": "%"}, {"year": 2020, "value": 40.0, **part}]
    less = [{"year": 2020, "value": 40.0, "unit": "%"}, {"year": 2020, "value": 30.0, **part}]
    assert list(lines_of(shown(computed, whole, by="Realm")).values()) == [[40.0]]
    assert sorted(lines_of(shown(computed, less, by="Realm")).values()) == [[30.0], [40.0]]


def test_parts_that_have_no_room_are_counted(computed):
    parts = [
        {"year": 2020, "value": float(at), "unit": "%", "disaggregation_type": "Province", "disaggregation": f"P{at}"}
        for at in range(12)
    ]
    result = shown(computed, [{"year": 2020, "value": 5.0, "unit": "%"}, *parts], by="Province")
    assert "and 3 more, in the files" in lines_of(result)


def test_a_number_that_is_missing_or_withheld_is_no_point_at_zero(computed):
    rows = [
        {"year": 2010, "value": 5.0, "unit": "%"},
        {"year": 2015, "value": float("nan"), "unit": "%", "value_status": "missing"},
        {"year": 2020, "value": 0.0, "unit": "%"},
        {"year": 2021, "value": float("nan"), "unit": "%", "value_status": "suppressed"},
    ]
    assert list(lines_of(shown(computed, rows)).values()) == [[5.0, 0.0]]


def test_parts_that_add_up_stand_on_each_other_and_the_smallest_are_put_together(computed):
    parts = [
        {
            "year": 2020,
            "value": float(20 - at),
            "unit": "km2",
            "disaggregation_type": "Kind",
            "disaggregation": f"K{at}",
        }
        for at in range(12)
    ]
    axes = gbf.draw(shown(computed, parts, kind="stacked", by="Kind", unit="km2"), "en").axes[0]
    tops = [bar.get_y() + bar.get_height() for bar in axes.patches]
    assert len(axes.patches) == 9
    assert max(tops) == sum(range(9, 21))
    assert axes.get_legend_handles_labels()[1][-1] == "Others"


@pytest.mark.parametrize(("language", "word"), [("fr", "Ensemble"), ("ar", "الكل")])
def test_words_of_a_chart_are_in_the_language_asked_for(computed, language, word):
    assert word in lines_of(shown(computed, [{"year": 2020, "value": 5.0, "unit": "%"}]), language)
