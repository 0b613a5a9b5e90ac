"""Coverage of places by squares that can be counted: means, classes, evaluated sites and ecosystem types."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gbf_workbench.methods.areas import partition_areas
from gbf_workbench.methods.place_tables import (
    COVERED,
    ecosystem_rows,
    evaluated_rows,
    place_rows,
    unmatched_evaluations,
)

YEARS = np.array([2000, 2001, 2002])


def layer(*boxes: tuple[float, float], **columns: object) -> gpd.GeoDataFrame:
    """Strips of 10 km from one kilometre to another."""
    shapes = [shapely.box(1000 * low, 0, 1000 * high, 1e4) for low, high in boxes]
    return gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:6933")


def by_name(tables: list[pd.DataFrame]) -> dict[tuple[str, str, str], list[float]]:
    """Values of the years by kind, name and unit."""
    return {
        (t["disaggregation_type"].iloc[0], t["disaggregation"].iloc[0], t["unit"].iloc[0]): t["value"].tolist()
        for t in tables
    }


def test_every_place_counts_the_same_in_the_mean_however_large_it_is():
    places = layer((0, 10), (20, 120), kba_id=["a", "b"])
    sites = layer((0, 5), (20, 120))
    tables = place_rows(sites, np.array([2001, 2002]), places, YEARS)
    found = by_name(tables)
    assert found["Key Biodiversity Areas", "Mean coverage", "%"] == pytest.approx([0, 25, 75])
    assert [found["Key Biodiversity Areas, by coverage", one, "places"] for one in COVERED] == [
        [0, 0, 1], [0, 1, 1], [2, 1, 0],
    ]  # fmt: skip
    mean = tables[0]
    assert (mean["year"].tolist(), mean["n"].tolist()) == ([2000, 2001, 2002], [2, 2, 2])
    assert (set(mean["value_status"]), set(mean["note"])) == ({"measured"}, {""})
    assert tables[1]["n"].tolist() == tables[1]["value"].tolist()


def test_parts_of_one_place_are_one_place():
    places = layer((0, 10), (20, 50), kba_id=["a", "a"])
    [mean, *_] = place_rows(layer((0, 10)), np.array([2000]), places, YEARS)
    assert mean["value"].tolist() == pytest.approx([25] * 3)
    assert mean["n"].tolist() == [1] * 3


@pytest.mark.parametrize(
    ("covered", "counts"), [(98, [1, 0, 0]), (97.9, [0, 1, 0]), (2.1, [0, 1, 0]), (2, [0, 0, 1]), (100, [1, 0, 0])]
)
def test_the_limits_of_the_classes_of_coverage_belong_to_the_outer_classes(covered: float, counts: list[int]):
    tables = place_rows(layer((0, covered)), np.array([2000]), layer((0, 100), kba_id=["a"]), YEARS[:1])
    assert [one["value"].item() for one in tables[1:]] == counts


def test_realms_have_means_of_their_places_and_places_of_no_realm_have_none():
    places = layer((0, 10), (10, 20), (20, 30), (30, 40), kba_id=list("abcd"), realm=["wet", "dry", "wet", None])
    tables = place_rows(layer((0, 15)), np.array([2000]), places, YEARS[:1])
    kind = "Key Biodiversity Areas, by realm"
    found = {t["disaggregation"].item(): (t["value"].item(), t["n"].item()) for t in tables
             if t["disaggregation_type"].item() == kind}  # fmt: skip
    assert found == {"dry": (pytest.approx(50), 1), "wet": (pytest.approx(50), 2)}
    assert list(found) == ["dry", "wet"]


def evaluated(evaluations: list[tuple[str, int]], since: list[int], inside: bool = True) -> dict[str, pd.DataFrame]:
    """Two sites that share 10 km², the second of two parcels, and what was evaluated of them."""
    sites = layer((0, 3), (2, 5), (8, 9), site_id=["1", "2", "2"])
    cut = partition_areas(sites.geometry, {})
    table = pd.DataFrame(evaluations, columns=["site_id", "year"])
    counted = np.full(len(cut.areas_km2), inside)
    return {t["unit"].iloc[0]: t for t in evaluated_rows(sites, cut, counted, np.array(since), table, YEARS)}


def test_ground_counts_as_evaluated_from_the_first_evaluation_of_a_site_that_counts():
    found = evaluated([("1", 2001), ("1", 2000), ("2", 2002), ("9", 2000)], [2000, 2000, 2000])
    # 30 of 60 km² are of the first site; in 2002 everything is evaluated, the shared strip once.
    assert found["km2"]["value"].tolist() == pytest.approx([30, 30, 60])
    assert found["% of protected area"]["value"].tolist() == pytest.approx([50, 50, 100])
    assert found["km2"]["n"].tolist() == found["% of protected area"]["n"].tolist() == [1, 1, 2]


def test_an_evaluation_before_the_site_counts_is_one_from_then_on():
    found = evaluated([("2", 1990)], [2001, 2002, 2002])
    assert found["km2"]["value"].tolist() == pytest.approx([0, 0, 40])
    share = found["% of protected area"]
    assert share["value"].tolist() == pytest.approx([np.nan, 0, 100 * 40 / 60], nan_ok=True)
    assert share["value_status"].tolist() == ["not_applicable", "measured", "measured"]
    assert share["note"].tolist() == ["nothing_yet", "", ""]
    assert share["n"].tolist() == [0, 0, 1]


def test_ground_that_does_not_count_is_in_neither_area():
    found = evaluated([("1", 2000)], [2000, 2000, 2000], inside=False)
    assert found["km2"]["value"].tolist() == [0, 0, 0]
    assert found["% of protected area"]["value"].isna().all()


def test_evaluations_of_sites_that_are_not_there_are_said_by_their_names():
    sites = pd.DataFrame({"site_id": ["1", "2"]})
    [said] = unmatched_evaluations(pd.DataFrame({"site_id": ["1", "8", "9", "9"], "year": 2000}), sites)
    assert (said["level"], said["key"], said["values"]) == (
        "flag", "evaluations_unmatched", {"count": 2, "names": "8, 9"},
    )  # fmt: skip
    assert unmatched_evaluations(pd.DataFrame({"site_id": ["1"], "year": 2000}), sites) == []


def types(map_years: list[int], names: pd.DataFrame | None = None) -> dict[tuple[str, str, str], list[float]]:
    """Coverage of two types in a map of each year; in later years the first is smaller."""
    boxes = [box for at, _ in enumerate(map_years) for box in ((0, 10 - at), (20, 24), (30, 36))]
    polygons = layer(*boxes, class_code=["1", "2", "2"] * len(map_years), year=np.repeat(map_years, 3))
    return by_name(ecosystem_rows(layer((0, 5), (20, 24)), np.array([2000, 2001]), polygons, names, YEARS))


def test_types_are_covered_in_area_and_share():
    assert types([2002]) == {
        ("Ecosystem type", "1", "%"): pytest.approx([50] * 3), ("Ecosystem type", "1", "km2"): pytest.approx([50] * 3),
        ("Ecosystem type", "2", "%"): pytest.approx([0, 40, 40]),
        ("Ecosystem type", "2", "km2"): pytest.approx([0, 40, 40]),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("map_years", "size"),
    # The newest map that is not younger than the last year of the series; else the oldest there is.
    [([1999, 2001], 9), ([1999, 2002], 9), ([1999, 2003], 10), ([2003, 2004], 10), ([1990, 1995, 2010], 9)],
)
def test_the_map_is_the_newest_that_the_series_reaches(map_years: list[int], size: int):
    assert types(map_years)["Ecosystem type", "1", "%"] == pytest.approx([100 * 5 / size] * 3)


def test_types_have_the_names_of_the_legend_and_codes_without_one_stay():
    names = pd.DataFrame({
        "class_code": ["1"], "name": ["Dry forest"], "natural": ["Natural"], "get_code": [None], "realm": [None],
    })  # fmt: skip
    assert {one for _, one, _ in types([2002], names)} == {"Dry forest", "2"}


def test_classes_of_one_name_are_one_type():
    names = pd.DataFrame({
        "class_code": ["1", "2"], "name": "Forest", "natural": "Natural", "get_code": None, "realm": None,
    })  # fmt: skip
    assert types([2002], names)["Ecosystem type", "Forest", "%"] == pytest.approx([25, 45, 45])
