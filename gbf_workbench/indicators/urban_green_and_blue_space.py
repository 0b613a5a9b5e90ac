"""12.1 Green and blue space of cities: what share of the built-up area everybody may use, and who lives near it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gbf_workbench.errors import problem
from gbf_workbench.methods.areas import areas_km2
from gbf_workbench.methods.cells import numbers, texts
from gbf_workbench.methods.doubts import Doubts
from gbf_workbench.methods.urban_spaces import covered_areas, people_near

if TYPE_CHECKING:
    import geopandas as gpd

NOTES = "indicators.urban_green_and_blue_space.notes"
PUBLIC, UNKNOWN = "public", "unknown"
ALL_TOGETHER, PEOPLE = "All cities together", "People near a public space"
_SQUARE_METRE = 1e-6
#: A part with its kind of breakdown and its name.
Part = tuple[str, str]
WHOLE: Part = ("", "")


def urban_green_and_blue_space(
    built_up_areas: gpd.GeoDataFrame | None,
    spaces: gpd.GeoDataFrame | None,
    population: gpd.GeoDataFrame | None,
    city_shares: pd.DataFrame | None,
    land: gpd.GeoDataFrame | None,
    *,
    unknown_access: str,
    clip_to_land: bool,
    distance: float,
) -> pd.DataFrame:
    """Share of the built-up area of cities that is green or blue space open to all.

    Parameters
    ----------
    built_up_areas : GeoDataFrame or None
        Table ``built_up_areas``, in an ellipsoidal equal-area projection; features of one city and year are one.
    spaces : GeoDataFrame or None
        Table ``green_and_blue_spaces``.
    population : GeoDataFrame or None
        Table ``population_points``: points or cells with ``persons``.
    city_shares : DataFrame or None
        Table ``city_space_shares`` [km²]; used where there are no maps.
    land : GeoDataFrame or None
        Land of the country.
    unknown_access : {"apart", "public"}
        Whether spaces of which nobody has said who may enter are shown apart or count as public.
    clip_to_land : bool
        Whether built-up areas end where the land of the country ends.
    distance : float
        How far people go to a space [m].

    Returns
    -------
    DataFrame
        Rows in %: mean over the cities (the headline), all cities together, green and blue, biomes and functional
        groups, spaces of unknown access, each city; people near a public space.

    Raises
    ------
    WorkbenchError
        If no city has an area, or only some of the cities have a weight.

    Notes
    -----
    share_c = 100 · area(union of public spaces ∩ built-up area of c) / built-up area of c;
    headline = Σ w_c share_c / Σ w_c; all together = 100 · Σ w_c covered_c / Σ w_c built_c.

    References
    ----------
    UN-Habitat, metadata of SDG indicator 11.7.1, from which the share of open space is taken.
    """
    doubts = Doubts()
    if built_up_areas is not None and spaces is not None:
        doubts.add("flag", "both_tables", count=int(city_shares is not None))
        cities, people = _from_maps(
            built_up_areas, spaces, population, land if clip_to_land else None, unknown_access, distance, doubts
        )
    else:
        cities, people = _from_areas(city_shares, doubts), []
    rows = [row for year, own in cities.groupby("year") for row in _year_rows(int(year), own)]
    if cities.groupby("year")["city_id"].agg(frozenset).nunique() > 1:
        doubts.add("flag", "cities_differ")
    out = pd.DataFrame([*rows, *people])
    out.attrs["doubts"] = list(doubts)
    return out


def _row(year: int, part: Part, value: float, n: int, note: str = "") -> dict[str, Any]:
    status = "measured" if np.isfinite(value) else "missing"
    return {
        "year": year, "disaggregation_type": part[0], "disaggregation": part[1], "value": float(value), "unit": "%",
        "n": n, "value_status": status, "note": note,
    }  # fmt: skip


def _year_rows(year: int, cities: pd.DataFrame) -> Iterable[dict[str, Any]]:
    """National figures and the share of each city; columns of ``cities`` that are parts hold km²."""
    weight, built = cities["weight"].to_numpy(), cities["built_km2"].to_numpy()
    for part in [column for column in cities if isinstance(column, tuple)]:
        covered = cities[part].to_numpy(float)
        if np.isnan(covered).all():
            continue
        note = "not_in_all_cities" if np.isnan(covered).any() else ""
        mean = float((weight * 100 * covered / built).sum() / weight.sum())
        yield _row(year, part, mean, len(cities), note)
        if part == WHOLE:
            together = 100 * (weight * covered).sum() / (weight * built).sum()
            yield _row(year, (ALL_TOGETHER, ""), together, len(cities))
            for name, share in zip(cities["label"], 100 * covered / built, strict=True):
                yield _row(year, ("City", name), share, 1)


def _labelled(cities: pd.DataFrame) -> pd.DataFrame:
    """Weights, and a name for each city that no other has; sorted, so that sums do not depend on the order of rows."""
    cities = cities.sort_values(["year", "city_id"], ignore_index=True)
    given = cities["weight"].notna()
    if given.any() and not given.all():
        rows = tuple(int(row) for row in cities.loc[~given, "row"])
        raise problem(f"{NOTES}.weights_incomplete", column="weight", rows=rows)
    cities["weight"] = cities["weight"].fillna(1.0)
    if not (cities.groupby("year")["weight"].sum() > 0).all():
        raise problem(f"{NOTES}.no_weight", column="weight")
    own = cities.groupby("name")["city_id"].nunique()
    alone = (cities["name"] != "") & (cities["name"].map(own) == 1)
    cities["label"] = cities["name"].where(alone, cities["city_id"])
    return cities


# -- from maps ----------------------------------------------------------------------------------------------------


def _from_maps(
    built_up_areas: gpd.GeoDataFrame, spaces: gpd.GeoDataFrame, population: gpd.GeoDataFrame | None,
    land: gpd.GeoDataFrame | None, unknown_access: str, distance: float, doubts: Doubts,
) -> tuple[pd.DataFrame, list[dict[str, Any]]]:  # fmt: skip
    outlines = _cities(built_up_areas, land, doubts)
    access = texts(spaces, "access").replace("", UNKNOWN)
    if unknown_access == "public":
        access = access.replace(UNKNOWN, PUBLIC)
    usable = spaces.assign(access=access)[access.isin([PUBLIC, UNKNOWN]).to_numpy()]
    for key, hit in (("not_public", ~access.isin([PUBLIC, UNKNOWN])), ("access_unknown", access == UNKNOWN)):
        km2 = float(areas_km2(spaces.geometry[hit]).sum())
        doubts.add("flag", key, count=int(hit.sum()), km2=km2)
    tables, people = [], []
    for year, cities in outlines.groupby("year"):
        here = usable[numbers(usable, "year").fillna(year).to_numpy() == year]
        tables.append(_measured(cities, here, doubts))
        if population is not None:
            open_to_all = here[here["access"] == PUBLIC].geometry
            people += _access(int(year), cities, open_to_all, population, distance, doubts)
    unused = ~numbers(usable, "year").fillna(-1).isin([-1, *outlines["year"]])
    doubts.add("flag", "spaces_of_other_years", count=int(unused.sum()))
    return pd.concat(tables, ignore_index=True), people


def _cities(built_up_areas: gpd.GeoDataFrame, land: gpd.GeoDataFrame | None, doubts: Doubts) -> gpd.GeoDataFrame:
    """One outline for each city and year, without what lies outside the land of the country."""
    import geopandas as gpd
    import shapely

    table = pd.DataFrame({
        "city_id": texts(built_up_areas, "city_id"), "name": texts(built_up_areas, "name"),
        "year": numbers(built_up_areas, "year").astype("int64"), "weight": numbers(built_up_areas, "weight"),
        "row": built_up_areas.index,
    })  # fmt: skip
    layer = gpd.GeoDataFrame(table, geometry=built_up_areas.geometry.array, crs=built_up_areas.crs)
    layer = layer[~layer.geometry.isna() & ~layer.geometry.is_empty]
    how = {"name": "max", "weight": "max", "row": "min"}
    layer = layer.dissolve(["city_id", "year"], aggfunc=how, as_index=False)
    if land is not None:
        whole = float(areas_km2(layer.geometry).sum())
        layer.geometry = shapely.intersection(layer.geometry.array, land.geometry.union_all())
        outside = whole - float(areas_km2(layer.geometry).sum())
        percent = 100 * outside / whole if whole else 0.0
        doubts.add("flag", "outside_land", count=int(outside > _SQUARE_METRE), km2=outside, percent=percent)
    twice = sum(_shared_km2(own.geometry) for _, own in layer.groupby("year"))
    doubts.add("flag", "cities_overlap", count=int(twice > _SQUARE_METRE), km2=twice)
    empty = ~(areas_km2(layer.geometry) > 0)
    doubts.add("flag", "no_built_up_area", count=int(empty.sum()), names=", ".join(layer.loc[empty, "city_id"]))
    if empty.all():
        raise problem(f"{NOTES}.no_city", table="built_up_areas")
    return gpd.GeoDataFrame(_labelled(layer[~empty]), geometry="geometry", crs=layer.crs)


def _shared_km2(outlines: gpd.GeoSeries) -> float:
    """What the outlines add up to beyond the ground they cover [km²]."""
    import geopandas as gpd

    whole = gpd.GeoSeries([outlines.union_all()], crs=outlines.crs)
    return float(areas_km2(outlines).sum() - areas_km2(whole).sum())


def _measured(cities: gpd.GeoDataFrame, spaces: gpd.GeoDataFrame, doubts: Doubts) -> pd.DataFrame:
    """Square kilometres of each part in each city."""
    public, colour = (spaces["access"] == PUBLIC).to_numpy(), texts(spaces, "space_type")
    code = texts(spaces, "get_code")
    biome = code.str.split(".").str[0]
    kinds: dict[Part, Any] = {WHOLE: public}
    for name in ("green", "blue"):
        kinds["Green or blue", name.capitalize()] = public & (colour == name).to_numpy()
    for name in sorted(set(biome[public]) - {""}):
        kinds["Biome", name] = public & (biome == name).to_numpy()
    for name in sorted(one for one in set(code[public]) if "." in one):
        kinds["Ecosystem functional group", name] = public & (code == name).to_numpy()
    either = "public or not known"
    built, covered = covered_areas(cities.geometry, spaces.geometry, {**kinds, either: np.ones(len(spaces), bool)})
    open_or_not = covered.pop(either)
    if not public.all():
        covered["Access", "Not known"] = np.maximum(open_or_not - covered[WHOLE], 0)
    added = sum(covered["Green or blue", name].sum() for name in ("Green", "Blue"))
    once = float(covered[WHOLE].sum())
    doubts.add("flag", "green_and_blue_overlap", count=int(added - once > _SQUARE_METRE), km2=float(added - once))
    table = pd.DataFrame(cities.drop(columns="geometry")).assign(built_km2=built)
    for part, km2 in covered.items():
        table[part] = pd.Series(km2, index=table.index)
    return table


def _access(
    year: int, cities: gpd.GeoDataFrame, spaces: gpd.GeoSeries, population: gpd.GeoDataFrame, distance: float,
    doubts: Doubts,
) -> list[dict[str, Any]]:  # fmt: skip
    own = population[numbers(population, "year").fillna(year).to_numpy() == year]
    persons = numbers(own, "persons").fillna(0.0).to_numpy()
    counted = people_near(cities.geometry, spaces, own.geometry, persons, distance)
    weight = cities["weight"].to_numpy()
    everybody, near = ((weight * counted[name]).sum() for name in ("persons", "near"))
    doubts.add("flag", "as_the_crow_flies", count=1, metres=distance)
    doubts.add("flag", "no_people", count=int(everybody == 0))
    if everybody == 0:
        return []
    rows = [_row(year, (PEOPLE, ""), 100 * near / everybody, len(cities))]
    for name, one in zip(cities["label"], counted.itertuples(), strict=True):
        if one.persons > 0:
            rows.append(_row(year, (PEOPLE, name), 100 * one.near / one.persons, 1))
    return rows


# -- from areas that cities have measured ---------------------------------------------------------------------------


def _from_areas(table: pd.DataFrame, doubts: Doubts) -> pd.DataFrame:
    cities = pd.DataFrame(
        {
            "city_id": texts(table, "city_id"),
            "name": texts(table, "name"),
            "year": table["year"].astype("int64"),
            "weight": numbers(table, "weight"),
            "row": table.index,
            "built_km2": numbers(table, "built_up_km2"),
            "public": numbers(table, "public_space_km2"),
            "green": numbers(table, "green_km2"),
        }
    )
    cities = _labelled(cities)
    cities[WHOLE] = cities.pop("public")
    green = cities.pop("green")
    if green.notna().any():
        cities["Green or blue", "Green"] = green
        cities["Green or blue", "Blue"] = cities[WHOLE] - green
        doubts.add("flag", "blue_is_the_rest")
    doubts.add("flag", "areas_as_given")
    return cities
