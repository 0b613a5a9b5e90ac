"""7.2: mass over threshold, summed, as the toxicity load of four products whose endpoints are published."""

from __future__ import annotations

import csv
import math
from pathlib import Path

from tests.verification import COUNTRY, Compared, computed

PEER = "R package PesticideLoadIndicator 1.3.1 (MIT): toxicity load (TL) of four products, as its own tests state it."
#: Acute endpoints of the peer, and the group of species each stands for here: only sums over thresholds are compared.
_ACUTE = {
    "birds": ("Birds.Acute.LD50.mg.kg", "Reference.Value.Birds", "Load.Factor.Birds"),
    "mammals": ("Mammals.Acute.Oral.LD50.mg.kg.BW.day", "Reference.Value.Mammals", "Load.Factor.Mammals"),
    "fish": ("Fish.Acute.96hr.LC50.mg.l", "Reference.Value.Fish", "Load.Factor.Fish"),
    "aquatic invertebrates": ("Aquatic.Invertebrates.Acute.48hr.EC50.mg.l", "Reference.Value.Aquatic.Invertebrates",
                              "Load.Factor.Aquatic.Invertebrates"),
    "aquatic plants": ("Algae.Acute.72hr.EC50.Growth.mg.l", "Reference.Value.Algae", "Load.Factor.Algae"),
    "terrestrial plants": ("Aquatic.Plants.Acute.7d.EC50.mg.l", "Reference.Value.Aquatic.Plants",
                           "Load.Factor.Aquatic.Plants"),
    "soil organisms": ("Earthworms.Acute.14d.LC50.mg.kg", "Reference.Value.Earthworms", "Load.Factor.Earthworms"),
    "pollinators": ("BeesLD50", "Reference.Value.Bees", "Load.Factor.Bees"),
}  # fmt: skip
_CHRONIC = {
    "fish": ("Fish.Chronic.21d.NOEC.mg.l.corrected", "Reference.Value.Fish.Chronic", "Load.Factor.Fish.Chronic",
             "water.phase.DT50.days", 7.0),
    "aquatic invertebrates": ("Aquatic.Invertebrates.Chronic.21d.NOEC.mg.l.correted",
                              "Reference.Value.Aquatic.Invertebrates.Chronic",
                              "Load.Factor.Aquatic.Invertebrates.Chronic", "water.phase.DT50.days", 7.0),
    "soil organisms": ("Earthworms.Chronic.14d.NOEC..Reproduction.mg.kg.corrected",
                       "Reference.Value.Earthworms.Chronic", "Load.Factor.Earthworms.Chronic", "SoilDT50", 180.0),
}  # fmt: skip
_PUBLISHED = {"Agora": 0.274, "Alanto": 0.1424, "Aniten": 0.0173, "Artist": 0.216}


def _lasting(days: float, time: float) -> float:
    """How much of a chronic load is there on the mean of a time, as the peer corrects for decay."""
    if days in (0.0, 730.0):
        return 1.0
    decay = math.log(2) / days * time
    return (1 - math.exp(-decay)) / decay


def _thresholds(row: dict[str, str], chronic: bool) -> dict[str, float]:
    """Endpoint over reference and factor: a mass divided by it is the peer's load."""

    def number(name: str) -> float:
        return float(row.get(name) or row.get(f"{name} ") or "nan")

    found = {}
    for group, (end, reference, factor, *decay) in (_CHRONIC if chronic else _ACUTE).items():
        weight = number(reference) / number(end) * number(factor) if number(end) else math.nan
        if decay:
            weight *= _lasting(number(decay[0]), decay[1])
        if math.isfinite(weight) and weight > 0:
            found[group] = 1 / weight
    return found


def _load(substances: list[dict[str, str]], chronic: bool, folder: Path) -> float:
    """Sum of the toxicities that our calculation gives for each group; the peer adds what we show side by side."""
    own = folder / "pesticides_in_the_environment"
    own.mkdir(parents=True)
    (folder / "country.yml").write_text(COUNTRY, encoding="utf-8")
    use, limits = ["year,cas_number,mass_kg"], ["cas_number,species_group,threshold,threshold_unit"]
    units = {"birds": "mg/kg body weight", "mammals": "mg/kg body weight", "soil organisms": "mg/kg soil",
             "pollinators": "µg/bee", "terrestrial plants": "g/ha"}  # fmt: skip
    for at, row in enumerate(substances):
        # Registry numbers that exist, given in turn: the peer names substances only.
        cas = ("50-00-0", "64-17-5", "67-56-1", "71-43-2", "108-88-3", "67-64-1")[at]
        use.append(f"2020,{cas},{float(row['concentration'])!r}")
        for group, threshold in _thresholds(row, chronic).items():
            limits.append(f"{cas},{group},{threshold!r},{units.get(group, 'µg/L')}")
    (own / "pesticide_use.csv").write_text("\n".join(use) + "\n", encoding="utf-8")
    (own / "pesticide_thresholds.csv").write_text("\n".join(limits) + "\n", encoding="utf-8")
    data = computed("7.2", folder).data
    return float(data.loc[data["disaggregation_type"] == "Total applied toxicity", "value"].sum())


def compared(verify: Path, folder: Path) -> list[Compared]:
    """The load of each product: acute and chronic endpoints, each through a folder of its own."""
    with (verify / "7.2" / "Table_R_substances_example.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["product"].strip()]
    found = []
    for product, theirs in _PUBLISHED.items():
        own = [row for row in rows if row["product"].strip() == product]
        ours = sum(_load(own, chronic, folder / f"{product}{chronic}") for chronic in (False, True))
        found.append(Compared(f"toxicity load of {product}", ours, theirs, 2e-3, "published to three digits"))
    return found
