"""Maps of unlike grids are brought onto the oldest one's grid as a person would do it by hand, or refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyproj
import pytest
import rasterio
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st

from gbf_workbench.methods.rasters import EMPTY, cross_tabulate
from gbf_workbench.preparation import rasters
from gbf_workbench.preparation.alignment import resample_classes
from gbf_workbench.preparation.map_checks import check_maps
from gbf_workbench.preparation.mapping import Overrule, TableMapping
from tests.bad_inputs.case import covers

WEST, NORTH, SIDE = 5e6, -1e6, 1000.0
CELLS = np.random.default_rng(3).integers(1, 5, (40, 50)).astype("uint8")


def map_of(folder: Path, cells, year, *, west=WEST, north=NORTH, side=SIDE, crs="EPSG:6933", nodata=0, rising=False):
    cells = np.asarray(cells)
    grid = Affine(side, 0, west, 0, -side, north)
    if rising:
        cells, grid = cells[::-1], Affine(side, 0, west, 0, side, north - side * len(cells))
    path = folder / f"map_{year}_of_somebody.tif"
    made = {"count": 1, "height": cells.shape[0], "width": cells.shape[1], "dtype": cells.dtype, "nodata": nodata}
    with rasterio.open(path, "w", driver="GTiff", crs=crs, transform=grid, **made) as file:
        file.write(cells, 1)
    source, issues = rasters.read_raster(path, year, into=folder)
    assert issues == []
    return source


def whole(source):
    cells = np.concatenate([block for _, block in source.blocks()]).astype(int)
    return np.where(cells == (source.nodata if source.nodata is not None else EMPTY), 0, cells)


def by_hand(cells, across, down, shape):
    """Cells of a map that lies so many columns east and rows south of another, one by one as seen from the other."""
    out = np.zeros(shape, int)
    for row in range(shape[0]):
        for column in range(shape[1]):
            i, j = row - down, column - across
            if 0 <= i < cells.shape[0] and 0 <= j < cells.shape[1]:
                out[row, column] = cells[i, j]
    return out


def only(issues):
    (issue,) = issues
    assert issue.sentence()
    assert "{" not in issue.sentence()
    return issue


@pytest.mark.parametrize("west", [1e20, 1e200, -1e300])
def test_a_map_whose_damaged_place_lies_beyond_all_space_has_no_place_in_common_with_another(tmp_path, west):
    maps = [map_of(tmp_path, CELLS, 2000), map_of(tmp_path, CELLS, 2020, west=west)]
    _, issues = check_maps(maps, None)
    assert (only(issues).level, only(issues).key) == ("error", "rasters.grids_apart")


@covers("RS-01")
@pytest.mark.parametrize(("across", "down"), [(0, 1), (3, 0), (-4, -7), (12, 9)])
def test_a_map_shifted_by_whole_cells_gives_what_the_aligned_map_would(tmp_path, across, down):
    first = map_of(tmp_path, CELLS, 2000)
    moved = map_of(tmp_path, CELLS, 2020, west=WEST + across * SIDE, north=NORTH - down * SIDE)
    (one, two), issues = check_maps([first, moved], None)
    issue = only(issues)
    assert (issue.level, issue.key, issue.file) == ("repair", "rasters.aligned_place", "map_2020_of_somebody.tif")
    assert issue.before != issue.after
    assert (whole(two) == by_hand(CELLS, across, down, CELLS.shape)).all()
    assert one is first
    assert cross_tabulate([one, two]).counts.sum() == (whole(two) > 0).sum()


def test_a_map_of_another_extent_is_cut_or_filled_with_no_data(tmp_path):
    first = map_of(tmp_path, CELLS, 2000)
    wide = map_of(tmp_path, np.pad(CELLS, 3, constant_values=4), 2010, west=WEST - 3 * SIDE, north=NORTH + 3 * SIDE)
    short = map_of(tmp_path, CELLS[:25], 2020)
    (_, two, three), issues = check_maps([first, wide, short], None)
    assert [issue.key for issue in issues] == ["rasters.aligned_place", "rasters.aligned_shape"]
    assert (whole(two) == CELLS).all()
    assert (whole(three) == np.where(np.arange(40)[:, None] < 25, CELLS, 0)).all()
    assert three.codes == dict(zip(*(part.tolist() for part in np.unique(CELLS[:25], return_counts=True)), strict=True))


def test_a_shift_of_half_a_cell_takes_the_same_side_everywhere(tmp_path):
    first = map_of(tmp_path, CELLS, 2000)
    moved = map_of(tmp_path, CELLS, 2020, west=WEST + SIDE / 2, north=NORTH - SIDE / 2)
    (_, two), issues = check_maps([first, moved], None)
    assert only(issues).key == "rasters.aligned_place"
    # Every middle lies on a border of the other map: the cell to the right and below is taken.
    assert (whole(two)[:, :] == by_hand(CELLS, 0, 0, CELLS.shape)).all()


def test_cells_of_up_to_twice_the_size_are_aligned_and_others_refused(tmp_path):
    first = map_of(tmp_path, CELLS, 2000)
    twice = map_of(tmp_path, CELLS[::2, ::2], 2010, side=2 * SIDE)
    (_, two), issues = check_maps([first, twice], None)
    assert only(issues).key == "rasters.aligned_cell"
    assert (whole(two) == np.kron(CELLS[::2, ::2], np.ones((2, 2), int))).all()
    half = map_of(tmp_path, np.kron(CELLS, np.ones((2, 2), "uint8")), 2015, side=SIDE / 2)
    (_, two), issues = check_maps([first, half], None)
    assert only(issues).level == "repair"
    assert (whole(two) == CELLS).all()
    coarse = map_of(tmp_path, CELLS[:19, :20], 2020, side=2.1 * SIDE)
    maps, issues = check_maps([first, coarse], None)
    assert (only(issues).level, only(issues).key) == ("error", "rasters.grids_unlike")
    assert only(issues).remedy()
    assert maps == (first, coarse)


@pytest.mark.parametrize(("crs", "side"), [("EPSG:4326", 0.009), ("EPSG:32736", 900.0)])
def test_a_map_in_another_coordinate_system_is_laid_on_the_older_grid_cell_by_cell(tmp_path, crs, side):
    first = map_of(tmp_path, np.ones((30, 30), "uint8"), 2000, west=3.2e6, north=-1.3e5)
    to_other = pyproj.Transformer.from_crs("EPSG:6933", crs, always_xy=True)
    x, y = to_other.transform(3.2e6, -1.3e5)
    west, north = x - 5 * side, y + 5 * side
    other = map_of(tmp_path, CELLS[:40, :50], 2020, west=west, north=north, side=side, crs=crs)
    (_, two), issues = check_maps([first, other], None)
    assert (only(issues).level, only(issues).key) == ("repair", "rasters.aligned_crs")
    found = whole(two)
    differing = 0
    for row in range(30):
        for column in range(30):
            px, py = to_other.transform(3.2e6 + SIDE * (column + 0.5), -1.3e5 - SIDE * (row + 0.5))
            i, j = (north - py) / side, (px - west) / side
            expected = CELLS[int(i), int(j)] if 0 <= i < 40 and 0 <= j < 50 else 0
            at_border = min(abs(i - round(i)), abs(j - round(j))) < 1e-3
            differing += bool(found[row, column] != expected and not at_border)
    assert differing == 0
    assert (found > 0).sum() > 800


def test_longitudes_from_0_and_from_minus_180_are_one_globe(tmp_path):
    first = map_of(tmp_path, CELLS, 2000, west=-170.0, north=5.0, side=0.1, crs="EPSG:4326")
    other = map_of(tmp_path, CELLS, 2020, west=190.0, north=5.0, side=0.1, crs="EPSG:4326")
    (_, two), issues = check_maps([first, other], None)
    assert only(issues).level == "repair"
    assert (whole(two) == CELLS).all()


def test_maps_with_south_up_or_written_with_other_rounding_are_not_moved(tmp_path):
    first = map_of(tmp_path, CELLS, 2000)
    turned = map_of(tmp_path, CELLS, 2010, rising=True)
    near = map_of(tmp_path, CELLS, 2020, west=WEST + 1e-5, side=SIDE + 1e-8)
    maps, issues = check_maps([near, turned, first], None)
    assert issues == []
    assert maps == (first, turned, near)


def test_maps_that_share_no_place_are_refused(tmp_path):
    first = map_of(tmp_path, CELLS, 2000)
    far = map_of(tmp_path, CELLS, 2020, west=WEST + 1e5)
    _, issues = check_maps([first, far], None)
    assert (only(issues).level, only(issues).key) == ("error", "rasters.grids_apart")


def test_two_maps_of_one_year_are_refused(tmp_path):
    first = map_of(tmp_path, CELLS, 2000)
    _, issues = check_maps([first, first], None)
    assert (only(issues).level, only(issues).key) == ("error", "rasters.same_year")


def test_a_map_whose_every_cell_counts_gains_no_data_where_it_does_not_reach(tmp_path):
    first = map_of(tmp_path, CELLS, 2000)
    moved = map_of(tmp_path, CELLS - 1, 2020, north=NORTH - SIDE, nodata=None)
    (_, two), _ = check_maps([first, moved], None)
    assert two.nodata == EMPTY
    cells = np.concatenate([block for _, block in two.blocks()])
    assert (cells[0] == EMPTY).all()
    assert (cells[1:] == CELLS[:-1].astype(int) - 1).all()


def test_an_expert_who_refuses_the_alignment_gets_the_error_instead(tmp_path):
    first = map_of(tmp_path, CELLS, 2000)
    moved = map_of(tmp_path, CELLS, 2020, north=NORTH - SIDE)
    word = Overrule("rasters.aligned_place", "Head of mapping", "2026-03-31", "the corner was typed wrongly")
    maps, issues = check_maps([first, moved], None, TableMapping(overrules=(word,)))
    assert (only(issues).level, only(issues).key) == ("error", "rasters.grids_place")
    assert maps == (first, moved)


@covers("RS-08")
@pytest.mark.parametrize("how", ["bilinear", "cubic", "cubic_spline", "lanczos", "average", "gauss", "rms", "med"])
def test_classes_are_never_averaged(tmp_path, how):
    first = map_of(tmp_path, CELLS, 2000)
    with pytest.raises(ValueError, match="nearest or mode"):
        resample_classes(first, first, how)


def test_the_most_frequent_class_can_be_taken(tmp_path):
    fine = map_of(tmp_path, [[1, 1, 2, 3], [1, 2, 3, 3]], 2000, side=SIDE / 2)
    coarse = map_of(tmp_path, [[4, 4]], 2010)
    assert whole(resample_classes(fine, coarse, "mode")).tolist() == [[1, 3]]


@settings(max_examples=30)
@given(
    across=st.floats(-8, 8), down=st.floats(-8, 8), side=st.floats(0.55, 1.9),
    rows=st.integers(1, 12), columns=st.integers(1, 12),
)  # fmt: skip
def test_every_cell_takes_the_class_at_its_middle(tmp_path_factory, across, down, side, rows, columns):
    folder = tmp_path_factory.mktemp("maps")
    cells = CELLS[:rows, :columns]
    first = map_of(folder, np.ones((6, 7), "uint8"), 2000)
    other = map_of(folder, cells, 2020, west=WEST + across * SIDE, north=NORTH - down * SIDE, side=side * SIDE)
    found = whole(resample_classes(other, first))
    for (row, column), got in np.ndenumerate(found):
        i, j = (row + 0.5 - down) / side, (column + 0.5 - across) / side
        if min(abs(i - round(i)), abs(j - round(j))) < 1e-5:
            continue
        reached = 0 <= i < rows and 0 <= j < columns
        assert got == (cells[int(i), int(j)] if reached else 0)


@covers("RS-10")
def test_change_between_maps_of_small_numbers_can_be_negative_and_large(tmp_path):
    # In one byte 10 - 20 would be 246, and 200 + 200 would be 144.
    before, after = np.full((30, 40), 200, "uint8"), np.full((30, 40), 200, "uint8")
    before[:, :20], after[:, :5] = 20, 10
    table = cross_tabulate([map_of(tmp_path, before, 2000), map_of(tmp_path, after, 2020)])
    areas, counts = table.matrix(2000, 2020, [10, 20, 200])
    net = counts.sum(axis=0) - counts.sum(axis=1)
    assert net.tolist() == [150, -600, 450]
    assert counts.sum() == 1200
    assert (areas.sum(axis=0) - areas.sum(axis=1)).round(6).tolist() == [150.0, -600.0, 450.0]


@covers("RS-10")
def test_the_science_never_does_sums_in_one_or_two_bytes():
    package = Path(rasters.__file__).parents[1]
    narrow = [f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16)]
    for folder in ("methods", "indicators"):
        for module in (package / folder).glob("*.py"):
            code = module.read_text(encoding="utf-8")
            assert not [kind for kind in narrow if f"np.{kind}" in code or f'"{kind}"' in code], module


def legend(*rows):
    return pd.DataFrame(rows, columns=["class_code", "name", "year"]).astype({"year": "Int64"})


@covers("RS-04")
def test_a_legend_by_date_makes_renumbered_classes_no_change(tmp_path):
    early, late = map_of(tmp_path, CELLS, 2000), map_of(tmp_path, 15 - CELLS, 2020)
    names = ["Wood", "Marsh", "Pasture", "Field"]
    rows = [(str(code), name, 2000) for code, name in enumerate(names, 1)]
    rows += [(str(15 - code), name, 2020) for code, name in enumerate(names, 1)]
    maps, issues = check_maps([early, late], legend(*rows))
    assert issues == []
    table = cross_tabulate(maps).renamed(
        tuple({int(code): name for code, name, of in rows if of == year} for year in (2000, 2020))
    )
    areas, _ = table.matrix(2000, 2020, names)
    assert areas.sum() == pytest.approx(2000.0)
    assert np.diag(areas).sum() == areas.sum()
