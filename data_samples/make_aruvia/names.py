"""Invented names of places and species; none is meant to be a real one."""

from __future__ import annotations

import numpy as np

_STARTS = (
    "Ar", "Bel", "Cor", "Dal", "Esh", "Fen", "Gal", "Hav", "Ist", "Kes", "Lor", "Mav", "Ner", "Ond", "Pel", "Qu", "Ros",
    "Sel", "Tal", "Uv", "Ves", "Yor", "Zan",
)  # fmt: skip
_MIDDLES = ("a", "e", "i", "o", "u", "é", "ou", "ai", "ia")
_ENDS = (
    "vara", "mère", "thou", "lune", "ssara", "ndel", "quia", "rève", "shama", "vorne", "ltéa", "ngaré", "mossa",
    "çande",
)  # fmt: skip
_GENUS_STARTS = (
    "Aru", "Belo", "Crypho", "Dendra", "Elo", "Falca", "Gyro", "Helio", "Iso", "Karo", "Lito", "Mero", "Nyxo", "Ocho",
    "Plago", "Rhabdo", "Sarmo", "Taxo", "Ula", "Vela", "Xero", "Zaly",
)  # fmt: skip
_GENUS_ENDS = {
    "Birds": ("vornis", "lanthis", "zophaps", "drenia", "thalura", "ssirhynch"),
    "Amphibians": ("vobates", "drymela", "thalyla", "ssomantis", "nectobius"),
    "Freshwater fishes": ("vichthys", "drelotia", "thogobius", "ssobarbus", "lanchax"),
    "Cycads": ("vozamia", "drocycas", "thephala"),
}
_EPITHETS = (
    "aruviensis", "talvorae", "ondrevelis", "kesaumae", "seranica", "nordanae", "maroventi", "obscurella", "virentula",
    "montivaga", "paludicoloides", "rivulicola", "albifrontella", "rufescentula", "minimula", "grandisona",
    "insulicola", "nebulivaga", "litorivaga", "silvicolina", "aureolina", "cinereola", "punctillata", "fasciolina",
    "elegantula", "occultina", "solivaga", "tenebrella", "vulcanicola", "brevicaudina", "longirostella", "marginulata",
)  # fmt: skip


def place_names(rng: np.random.Generator, count: int) -> list[str]:
    """Different names of places, with the accents that make files fail."""
    names: dict[str, None] = {}
    while len(names) < count:
        names[str(rng.choice(_STARTS)) + str(rng.choice(_MIDDLES)) + str(rng.choice(_ENDS))] = None
    return list(names)


def species_names(rng: np.random.Generator, group: str, count: int) -> list[str]:
    """Different names of species, several to a genus, sorted."""
    names: set[str] = set()
    while len(names) < count:
        genus = str(rng.choice(_GENUS_STARTS)) + str(rng.choice(_GENUS_ENDS[group]))
        for epithet in rng.choice(_EPITHETS, rng.integers(1, 6), replace=False):
            if len(names) < count:
                names.add(f"{genus} {epithet}")
    return sorted(names)
