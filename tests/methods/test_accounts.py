"""Extent accounts: identities, components of change, and polygons laid over each other."""

from __future__ import annotations

from collections import Counter

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gbf_workbench.methods.accounts import (
    CrossTable,
    assert_continuous,
    change_components,
    change_matrix,
    cross_tabulate_polygons,
    extent_account,
    natural_change,
    overall_change,
)

WHOLE = st.integers(0, 50)


@st.composite
def matrices(draw, of=WHOLE):
    size = draw(st.integers(1, 5))
    flat = draw(st.lists(of, min_size=size * size, max_size=size * size))
    return np.array(flat).reshape(size, size)


@given(matrices())
def test_every_account_balances(matrix):
    account = extent_account(matrix, range(len(matrix)))
    for j, row in account.iterrows():
        assert row["opening"] == sum(matrix[j])
        assert row["closing"] == sum(line[j] for line in matrix)
        assert row["opening"] + row["additions"] - row["reductions"] == row["closing"]
        assert row["unchanged"] + row["reductions"] == row["opening"]
    assert account["net"].sum() == 0
    assert account["opening"].sum() == account["closing"].sum() == matrix.sum()


@settings(max_examples=60)
@given(matrices(st.floats(0, 1e7)))
def test_accounts_of_rounded_areas_balance_too(matrix):
    account = extent_account(matrix, range(len(matrix)))
    assert (account[["opening", "additions", "reductions", "closing", "unchanged"]] >= 0).all(axis=None)


@given(matrices())
def test_components_are_those_of_the_definition(matrix):
    found = change_components(matrix, range(len(matrix)))
    classes = range(len(matrix))
    for j in classes:
        gain = sum(matrix[i][j] for i in classes if i != j)
        loss = sum(matrix[j][i] for i in classes if i != j)
        exchange = 2 * sum(min(matrix[i][j], matrix[j][i]) for i in classes if i != j)
        expected = [gain, loss, matrix[j][j], abs(gain - loss), exchange, gain + loss - abs(gain - loss) - exchange]
        assert found.loc[j].tolist() == expected
    whole = overall_change(found)
    assert whole["quantity"] + whole["exchange"] + whole["shift"] + whole["persistence"] == matrix.sum()


@settings(max_examples=40)
@given(matrices(), st.randoms(use_true_random=False))
def test_the_order_of_classes_changes_nothing(matrix, chance):
    order = list(range(len(matrix)))
    chance.shuffle(order)
    for function in (extent_account, change_components):
        turned = function(matrix[np.ix_(order, order)], order)
        pd.testing.assert_frame_equal(turned.sort_index(), function(matrix, range(len(matrix))), check_index_type=False)


def test_components_of_change_are_those_published(verify):
    expected = pd.read_csv(verify / "A.2" / "expected_differ_diffTablej_pie_1985_1999.csv", index_col="Category")
    listed = pd.read_csv(verify / "A.2" / "expected_crosstab_pie_1985_1999.csv")
    cells = change_matrix(listed["from_1985"], listed["to_1999"], listed["cells"], [1, 2, 3])
    found = change_components(cells, ["1", "2", "3"])
    published = {"gain": "Omission", "persistence": "Agreement", "loss": "Comission"}
    published |= {name: name.capitalize() for name in ("quantity", "exchange", "shift")}
    for ours, theirs in published.items():
        assert found[ours].tolist() == expected[theirs].tolist()[:3]
    overall = overall_change(found)
    assert overall == {"quantity": 6333, "exchange": 1642, "shift": 603, "persistence": 104985}
    assert [overall[name] for name in ("quantity", "exchange", "shift")] == expected.loc["Overall"].tolist()[3:]


def test_moves_among_natural_classes_are_no_loss():
    matrix = np.array([[10, 4, 2], [3, 20, 1], [5, 0, 30]])
    change = natural_change(matrix, [True, True, False])
    assert change == {"opening": 40, "loss": 3, "recovery": 5, "net": 2, "closing": 42}


def test_accounts_that_do_not_follow_each_other_are_refused():
    first = extent_account(np.array([[5, 1], [0, 4]]), ["a", "b"])
    assert_continuous(first, extent_account(np.array([[5, 0], [2, 3]]), ["a", "b"]))
    with pytest.raises(ValueError, match="'b'"):
        assert_continuous(first, extent_account(np.array([[5, 0], [2, 4]]), ["a", "b"]))
    with pytest.raises(ValueError, match="open"):
        assert_continuous(first, extent_account(np.array([[5]]), ["a"]))


@pytest.mark.parametrize("wrong", [-1.0, np.nan, np.inf])
def test_a_matrix_that_holds_no_areas_is_refused(wrong):
    with pytest.raises(ValueError, match="finite"):
        extent_account(np.array([[1.0, wrong], [0.0, 1.0]]), ["a", "b"])


def test_classes_under_one_name_are_added_up():
    codes = np.array([[1, 2], [2, 1], [3, 3]], dtype=object)
    table = CrossTable((2000, 2020), codes, np.array([4, 5, 6]), np.array([0.4, 0.5, 0.6]))
    names = {1: "wood", 2: "wood", 3: "field"}
    merged = table.renamed([names, names])
    assert merged.codes.tolist() == [["field", "field"], ["wood", "wood"]]
    assert merged.counts.tolist() == [6, 9]
    assert merged.areas_km2.tolist() == pytest.approx([0.6, 0.9])
    with pytest.raises(KeyError):
        table.renamed([names, {1: "wood"}])


def polygons_of(series: dict[int, list[list[int]]]) -> gpd.GeoDataFrame:
    """One square kilometre for each cell of small grids, 0 left out."""
    rows = [
        {
            "year": year,
            "class_code": str(code),
            "geometry": shapely.box(1000 * j, -1000 * i - 1000, 1000 * j + 1000, -1000 * i),
        }
        for year, grid in series.items()
        for i, line in enumerate(grid)
        for j, code in enumerate(line)
        if code
    ]
    return gpd.GeoDataFrame(rows, crs="EPSG:6933")


def sequences(table):
    return {tuple(row): area for row, area in zip(table.codes.tolist(), table.areas_km2, strict=True)}


def test_polygons_give_what_the_same_cells_give():
    grids = {2000: [[1, 1, 2], [2, 2, 0]], 2010: [[1, 2, 2], [2, 1, 1]], 2020: [[1, 0, 2], [1, 1, 1]]}
    table, overlaps = cross_tabulate_polygons(polygons_of(grids).sample(frac=1, random_state=3))
    cells = zip(*([str(code) for line in grid for code in line] for grid in grids.values()), strict=True)
    expected = Counter(cell for cell in cells if "0" not in cell)
    assert sequences(table) == pytest.approx(dict(expected))
    assert table.years == (2000, 2010, 2020)
    assert overlaps == {2000: 0, 2010: 0, 2020: 0}
    assert table.dropped_km2 == pytest.approx((1, 2, 1))


def test_dissolved_polygons_give_the_same_as_their_cells():
    grids = {2000: [[1, 1, 2], [2, 2, 1]], 2020: [[1, 2, 2], [2, 1, 1]]}
    cells = polygons_of(grids)
    dissolved = cells.dissolve(["year", "class_code"]).reset_index()
    assert sequences(cross_tabulate_polygons(dissolved)[0]) == pytest.approx(
        sequences(cross_tabulate_polygons(cells)[0])
    )


def test_overlaps_are_measured_and_counted_once_whatever_the_order():
    rows = {"year": [2000, 2000], "class_code": ["b", "a"]}
    squares = [shapely.box(0, 0, 2000, 1000), shapely.box(1000, 0, 3000, 1000)]
    layer = gpd.GeoDataFrame(rows, geometry=squares, crs="EPSG:6933")
    for one in (layer, layer[::-1]):
        table, overlaps = cross_tabulate_polygons(one)
        assert overlaps == {2000: pytest.approx(1)}
        assert sequences(table) == pytest.approx({("a",): 2, ("b",): 1})
