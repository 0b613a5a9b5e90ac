"""Territories: who consents, whose area may be shown by itself, tenure year by year, and claims on each other."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from gbf_workbench.methods.areas import Partition
from gbf_workbench.methods.territories import (
    TENURE,
    consenting,
    cut_territories,
    overlapping_claims,
    tenure_by_year,
    territory_areas,
)


def box(west, south, east, north):
    """A rectangle given in kilometres."""
    return shapely.box(1000 * west, 1000 * south, 1000 * east, 1000 * north)


def outlines(*rows):
    """Titled territories of a square kilometre, side by side, whose peoples consent, unless a row says otherwise."""
    usual = {"consent": True, "may_be_shown": True, "tenure_status": "titled", "recognised_year": 2015}
    table = []
    for at, row in enumerate(rows):
        own = {"territory_id": f"T{at}", "name": f"People {at}", "geometry": box(2 * at, 0, 2 * at + 1, 1)}
        table.append({**own, **usual, **row})
    return gpd.GeoDataFrame(table, geometry="geometry", crs="EPSG:6933")


def known_and_cut(*rows, land=None):
    known = consenting(outlines(*rows))
    return known, cut_territories(known, land)


# --- consent -------------------------------------------------------------------------------------------------------


def test_a_territory_is_in_only_if_each_of_its_parts_has_consent_and_an_empty_answer_is_none():
    known = consenting(outlines({}, {"territory_id": "A"}, {"territory_id": "A", "consent": False}, {"consent": None},
                                {"territory_id": "B", "geometry": None}, {"geometry": shapely.Polygon()}))  # fmt: skip
    assert known.table["territory_id"].tolist() == ["T0"]
    assert (known.withheld_count, len(known.withheld)) == (2, 3)
    assert known.withheld.area.sum() == 3e6
    assert known.table.index.tolist() == [0]
    assert known.hidden_count == 0


def test_a_territory_is_shown_only_if_each_of_its_parts_may_be():
    hidden = {"territory_id": "A", "may_be_shown": False}
    known = consenting(
        outlines({"territory_id": "A"}, hidden, {"may_be_shown": None}, {}, {"consent": False, **hidden})
    )
    assert known.table.empty is False
    assert dict(zip(known.table["territory_id"], known.table["shown"], strict=True)) == {"T2": False, "T3": True}
    alone = consenting(outlines({"territory_id": "A"}, hidden, {}))
    assert alone.table["shown"].tolist() == [False, False, True]
    assert alone.hidden_count == 1


def test_a_name_that_two_territories_have_or_none_gives_way_to_the_identifier():
    lake = {"territory_id": "L", "name": "Lake"}
    rows = [{"name": "Hill"}, {"name": "Hill"}, {"name": None}, {"name": " River "}, lake, lake]
    known = consenting(outlines(*rows))
    assert known.table["label"].tolist() == ["Lake", "Lake", "T0", "T1", "T2", "River"]
    assert consenting(outlines({"name": ""})).table["label"].tolist() == ["T0"]


def test_the_order_of_rows_does_not_matter():
    rows = [{"territory_id": "A", "geometry": box(0, 0, side, 1)} for side in (3, 1, 2)] + [
        {"tenure_status": "claimed"}
    ]
    one, other = (consenting(outlines(*order)).table for order in (rows, rows[::-1]))
    assert one.geometry.area.tolist() == other.geometry.area.tolist()
    assert one["tenure"].tolist() == [0, 0, 0, 2]


# --- tenure --------------------------------------------------------------------------------------------------------


def test_a_right_counts_from_its_year_and_before_it_as_a_claim():
    use = {"tenure_status": "recognised use right", "recognised_year": 2021}
    known, cut = known_and_cut({"recognised_year": 2020}, use,
                               {"tenure_status": "claimed", "recognised_year": 2022}, {"recognised_year": np.nan},
                               {"tenure_status": "unknown", "recognised_year": 2022})  # fmt: skip
    found = tenure_by_year(known, cut, np.arange(2019, 2022))
    assert TENURE == ("titled", "recognised use right", "claimed", "unknown")
    assert found.tolist() == pytest.approx(np.array([[100, 0, 300, 100], [200, 0, 200, 100], [200, 100, 100, 100]]))


def test_where_territories_lie_on_each_other_the_strongest_right_of_the_year_counts_once():
    known, cut = known_and_cut({"geometry": box(0, 0, 3, 1), "tenure_status": "unknown"},
                               {"geometry": box(1, 0, 3, 1), "tenure_status": "recognised use right"},
                               {"geometry": box(2, 0, 4, 1), "recognised_year": 2020})  # fmt: skip
    found = tenure_by_year(known, cut, np.array([2019, 2020]))
    assert found.tolist() == pytest.approx(np.array([[0, 200, 100, 100], [200, 100, 0, 100]]))


def test_pieces_of_land_outside_of_all_territories_have_no_tenure():
    land = outlines({"geometry": box(0, 0, 9, 9)})
    known, cut = known_and_cut({}, land=land)
    assert cut.areas_km2.sum() == pytest.approx(81)
    assert tenure_by_year(known, cut, np.array([2020])).tolist() == pytest.approx(np.array([[100, 0, 0, 0]]))
    _, without = known_and_cut({}, {})
    assert (without.zones["land"] == -1).all()
    assert without.areas_km2.sum() == pytest.approx(2)


# --- by themselves -------------------------------------------------------------------------------------------------


def test_claims_on_each_other_are_listed_by_pairs_with_the_area_they_share():
    more = {"territory_id": "T0", "name": "People 0"}
    known, cut = known_and_cut({"geometry": box(0, 0, 4, 1)}, {"geometry": box(2, 0, 6, 1), "may_be_shown": False},
                               {"geometry": box(3, 0, 9, 1)}, {**more, "geometry": box(0, 5, 1, 6)},
                               {"geometry": box(20, 0, 21, 1)}, {**more, "geometry": box(1, 0, 3, 1)})  # fmt: skip
    found = overlapping_claims(known, cut)
    said = {(one.first, one.second): (one.ha, one.shown) for one in found.itertuples()}
    assert said == {
        ("People 0", "People 1"): (pytest.approx(200), False),
        ("People 0", "People 2"): (pytest.approx(100), True),
        ("People 1", "People 2"): (pytest.approx(300), False),
    }


def test_no_claims_on_each_other_are_an_empty_table():
    found = overlapping_claims(*known_and_cut({}, {}))
    assert (len(found), list(found.columns)) == (0, ["first", "second", "shown", "ha"])


def test_a_square_metre_where_borders_were_drawn_apart_is_no_claim():
    known, _ = known_and_cut({}, {})
    for square_metres, pairs in ((0.9, 0), (1.1, 1)):
        cut = Partition(np.array([square_metres / 1e6]), np.array([0, 0]), np.array([0, 1]), {})
        assert len(overlapping_claims(known, cut)) == pairs


def test_each_shown_territory_has_its_whole_area_however_many_lie_on_it():
    known, cut = known_and_cut({"geometry": box(0, 0, 3, 1)}, {"geometry": box(2, 0, 4, 1)},
                               {"territory_id": "T0", "name": "People 0", "geometry": box(2, 0, 3, 5)})  # fmt: skip
    assert territory_areas(known, cut).to_dict() == pytest.approx({"People 0": 700, "People 1": 200})


def test_none_is_shown_by_itself_where_exactly_one_other_is_hidden():
    hidden = {"may_be_shown": False}
    assert territory_areas(*known_and_cut({}, {}, hidden)).empty
    assert territory_areas(*known_and_cut({}, hidden, hidden)).to_dict() == pytest.approx({"People 0": 100})
    assert territory_areas(*known_and_cut(hidden, hidden)).empty
