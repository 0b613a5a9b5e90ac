"""Outlines of countries and provinces at the scale of an atlas, from Natural Earth."""

from __future__ import annotations

from pathlib import Path

from gbf_workbench.errors import problem
from gbf_workbench.preparation.sources.connection import Connection
from gbf_workbench.preparation.sources.downloads import download
from gbf_workbench.preparation.sources.official_boundaries import say_how_to_use
from gbf_workbench.preparation.sources.preparing import LATEST, Job
from gbf_workbench.preparation.sources.raw_files import layers_in

#: Layer: file of Natural Earth, its columns with the country's code (the first that is there), its column of names.
_LAYERS = {
    "land": ("ne_10m_admin_0_countries", ("ISO_A3_EH", "ISO_A3", "ADM0_A3"), ("NAME",)),
    "provinces": ("ne_10m_admin_1_states_provinces", ("adm0_a3", "ADM0_A3"), ("name", "NAME")),
}


def natural_earth(job: Job) -> list[Path]:
    """Write ``frame/land.gpkg`` or ``frame/provinces.gpkg``."""
    layer = job.choice("layer", tuple(_LAYERS))
    file, codes, names = _LAYERS[layer]
    release = job.release or job.source.release

    def fetch(service: Connection, folder: Path) -> str:
        pinned = "" if release == LATEST else f"{release}/"
        download(service, f"naturalearth/{pinned}10m/cultural/{file}.zip", folder / f"{file}.zip", say=job.say)
        return "" if release == LATEST else release

    raw = job.raw(fetch, per_country=False, asked={"layer": layer})
    world = layers_in(raw / f"{file}.zip")[0]
    column = next((one for one in codes if one in world), "")
    name = next((one for one in names if one in world), "")
    if not column or not name:
        found = ", ".join(map(str, world.columns))
        raise problem("sources.column_renamed", file=f"{file}.zip", column=codes[0], found=found)
    code = job.options.get("service_code") or job.code
    own = world[world[column] == code][[name, "geometry"]].rename(columns={name: "name"})
    return say_how_to_use(job, layer, job.write_layer(f"frame_{layer}", own, f"{layer}.gpkg"))
