"""7.1: arithmetic of the published formula, for fluxes on both sides of the Redfield ratio."""

from __future__ import annotations

import re
from pathlib import Path

from tests.verification import COUNTRY, Compared, computed, value_of

PEER = "Formula of the metadata of SDG indicator 14.1.1 (8 February 2021), worked by hand for four sets of fluxes."
_CASE = re.compile(r"\(([\d.]+),([\d.]+),([\d.]+)\)[^;]*?(-?\d+\.\d{3})(?=\s*[;\n]|$)")


def compared(verify: Path, folder: Path) -> list[Compared]:
    """One basin for each case."""
    said = (verify / "7.1" / "SOURCE.txt").read_text(encoding="utf-8").replace("(N,P,Si)=", "")
    cases = [tuple(map(float, one)) for one in _CASE.findall(said)]
    own = folder / "coastal_eutrophication"
    own.mkdir(parents=True)
    (folder / "country.yml").write_text(COUNTRY, encoding="utf-8")
    basins, loads = ["basin_id,name,basin_area_km2"], ["basin_id,year,nutrient,load_t,expressed_as"]
    for at, (*fluxes, _) in enumerate(cases):
        basins.append(f"B{at},Basin {at},1000")
        # A flux of 1 kg per km² and day is 365.25 t per year from 1000 km².
        for nutrient, flux in zip(("nitrogen", "phosphorus", "silica"), fluxes, strict=True):
            loads.append(f"B{at},2020,{nutrient},{flux * 365.25},element")
    (own / "river_basins.csv").write_text("\n".join(basins) + "\n", encoding="utf-8")
    (own / "nutrient_loads.csv").write_text("\n".join(loads) + "\n", encoding="utf-8")
    result = computed("7.1", folder)
    assert len(cases) == 4
    return [
        Compared(f"index at N, P, Si = {fluxes}", value_of(result, 2020, "Basin", f"Basin {at}"), theirs, 1e-4,
                 "given to three decimals")
        for at, (*fluxes, theirs) in enumerate(cases)
    ]  # fmt: skip
