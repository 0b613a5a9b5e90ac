"""A.3 beside IUCN's global lists, the R package red with its bootstrap, and the formula for national shares."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from gbf_workbench.results import Result
from tests.peers import red_list_folder
from tests.verification import Compared, computed, country_folder, value_of

PEER = (
    "IUCN's code for the global Red List Index; the R package red 1.6.2; BirdLife International's statements for "
    "national shares. The examples `predict …` of red are not compared: they draw a line on beyond the last list, "
    "which ours never does. The list of species behind the national formula is not in its file, so the formula is "
    "held against its sums."
)
SLUG, GROUP, CHANGE = "red_list_index", "Taxonomic group", "Mean yearly change"
HEAD = "species_id,taxonomic_group,year,category,range_share,scope\n"
#: The peers take all changes of category as real ones.
MAPPING = "tables:\n  red_list_assessments: {file: red_list_assessments.csv, unknown: [reason_for_change]}\n"
#: Categories of the examples in the manual of red, species by species, at the two dates.
EXAMPLE = [("LC", "LC"), ("EN", "EN"), ("EX", "EX"), ("LC", "CR")]
SEVERAL = {"Arthropods": EXAMPLE[:2], "Birds": [*EXAMPLE[2:], ("CR", "EX")]}
ONE_EACH = ("EX", "EW", "RE", "CR", "EN", "VU", "NT", "LC")
WORTH = ("LC", "NT", "VU", "EN", "CR", "EX")


def compared(verify: Path, folder: Path) -> list[Compared]:
    """Every value of the peers' four files."""
    own = verify / "A.3"
    lists = red_list_folder(verify, folder / "lists")
    return [
        *_global_lists(own / "expected_rli_by_group_year.csv", lists),
        *_limits(own / "expected_rli_red_cycad_bootstrap_2000runs.csv", lists),
        *_examples(own / "expected_rli_red_doc_examples.csv", folder / "examples"),
        *_national(own / "expected_birdlife_national_formula.csv", folder / "national"),
    ]


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _row(result: Result, year: int, kind: str, name: str) -> dict[str, float]:
    data = result.data
    chosen = (data["year"] == year) & (data["disaggregation_type"] == kind) & (data["disaggregation"] == name)
    return data[chosen].iloc[0].to_dict()


def _global_lists(path: Path, folder: Path) -> Iterator[Compared]:
    """All dates of three groups; Data Deficient species given categories at random leave the index as it is."""
    left_out = computed("A.3", folder, replicates=200)
    drawn = computed("A.3", folder, replicates=4_000, dd_rule="resample")
    for row in _rows(path):
        group, year, theirs = row["group"], int(row["year"]), float(row["rli_excluding_dd"])
        ours = _row(left_out, year, GROUP, group)
        said = f"{group} {year}"
        yield Compared(said, ours["value"], theirs, 1e-14)
        yield Compared(f"{said}, species", ours["n"], float(row["n_nonDD"]), 0)
        lost = (1 - ours["value"]) * 5 * ours["n"]
        yield Compared(f"{said}, sum of weights", lost, float(row["sum_w"]), 1e-12)
        resampled = _row(drawn, year, GROUP, group)
        yield Compared(f"{said}, deficient ones resampled", resampled["value"], theirs, 1e-14)
        yield Compared(f"{said}, species with deficient ones", resampled["n"], float(row["n_total"]), 0)
        middle = (resampled["lower"] + resampled["upper"]) / 2
        yield Compared(f"{said}, middle of the resampled limits", middle, theirs, 2e-3, "4,000 draws")


def _limits(path: Path, folder: Path) -> Iterator[Compared]:
    """Limits of 2,000 draws: a limit of theirs has a standard error of 0.06 of the spread, about 0.001."""
    peer = {row[""]: row for row in _rows(path)}
    result = computed("A.3", folder, replicates=20_000)
    noise = "a bootstrap of 2,000 draws; four of its standard errors"
    for year in (2003, 2014):
        ours = _row(result, year, GROUP, "Cycad")
        yield Compared(f"Cycad {year}, raw", ours["value"], float(peer["Raw"][str(year)]), 1e-14)
        for side, name in (("lower", "LowCL"), ("upper", "UpCL")):
            theirs = float(peer[name][str(year)])
            yield Compared(f"Cycad {year}, {side}", ours[side], theirs, 0.0036 / theirs, noise)
        middle = (ours["lower"] + ours["upper"]) / 2
        yield Compared(f"Cycad {year}, median", middle, float(peer["Median"][str(year)]), 0.004, noise)
    change = _row(result, 2014, CHANGE, "Cycad")
    yield Compared("Cycad, change per year", change["value"], float(peer["Raw"]["Change"]), 1e-12)
    # The peer prints the change per year, but limits of the whole change of 11 years.
    for side, name in (("lower", "LowCL"), ("upper", "UpCL")):
        theirs = float(peer[name]["Change"])
        yield Compared(f"Cycad, change of 11 years, {side}", 11 * change[side], theirs, 0.005 / abs(theirs), noise)
    middle = 11 * (change["lower"] + change["upper"]) / 2
    theirs = float(peer["Median"]["Change"])
    yield Compared("Cycad, change of 11 years, median", middle, theirs, 0.004 / abs(theirs), noise)


def _list(folder: Path, groups: dict[str, list[tuple[str, ...]]], **settings: object) -> Result:
    """Result of a list written from categories by group, one tuple of dates for each species."""
    lines = [
        f"{group[0]}{at},{group},{year},{category},,global"
        for group, species in groups.items()
        for at, categories in enumerate(species)
        for year, category in zip((2000, 2010), categories, strict=False)
    ]
    (country_folder(folder, SLUG, [], MAPPING) / SLUG / "red_list_assessments.csv").write_text(
        HEAD + "\n".join(lines) + "\n", encoding="utf-8"
    )
    return computed("A.3", folder, replicates=200, regionally_extinct_at_start="include", **settings)


def _examples(path: Path, folder: Path) -> Iterator[Compared]:
    peer = {row["case"]: float(row["value"]) for row in _rows(path) if not row["case"].startswith("predict")}
    one = _list(folder / "one", {"Group": [*EXAMPLE, ("DD", "DD")]})
    for year in (2000, 2010):
        yield Compared(f"example {year}", value_of(one, year), peer.pop(f"doc_example_{year}"), 1e-12)
    change = value_of(one, 2010, CHANGE, "Group", "index per year")
    yield Compared("example, change per year", change, peer.pop("doc_example_change_per_year"), 1e-12)
    once = _list(folder / "once", {"Group": [(category,) for category in ONE_EACH]})
    theirs = peer.pop("all_categories_once_EX_EW_RE_CR_EN_VU_NT_LC")
    yield Compared("all categories once", value_of(once, 2000), theirs, 1e-12)
    several = _list(folder / "several", SEVERAL)
    for group in SEVERAL:
        for year in (2000, 2010):
            ours = value_of(several, year, GROUP, group)
            yield Compared(f"{group} {year}", ours, peer.pop(f"multi {group} {year}"), 1e-12)
        ours = value_of(several, 2010, CHANGE, group, "index per year")
        yield Compared(f"{group}, change per year", ours, peer.pop(f"multi {group} Change/year"), 1e-12)
    # The peer knows no possibly extinct species and scores one as Critically Endangered; ours scores it as extinct.
    possibly = {name: _list(folder / name, {"Group": [("LC",), (name,)]}) for name in ("CR", "CR(PE)")}
    theirs = peer.pop("CR(PE) only")
    why = "with CR for CR(PE), as the peer scores it, beside one LC"
    yield Compared("possibly extinct as the peer scores it", value_of(possibly["CR"], 2000), theirs, 1e-12, why)
    why = "the peer's value less a step of one of two species: possibly extinct counts as extinct"
    ours = value_of(possibly["CR(PE)"], 2000)
    yield Compared("possibly extinct as IUCN scores it", ours, theirs - 1 / (5 * 2), 1e-12, why)
    assert not peer, f"not compared: {sorted(peer)}"


def _national(path: Path, folder: Path) -> Iterator[Compared]:
    """Shares of range: lists with the peer's number of species, sum of shares and weighed sum at both dates."""
    peer: dict[str, list[dict[str, str]]] = {}
    for row in _rows(path):
        peer.setdefault(row["group"], []).append(row)
    lines = []
    for group, dates in peer.items():
        for row in dates:
            lines += [
                f"{group}{at},{group},{row['year']},{category},{share},global"
                for at, (share, category) in enumerate(_stand_in(row))
            ]
    (country_folder(folder, SLUG, [], MAPPING) / SLUG / "red_list_assessments.csv").write_text(
        HEAD + "\n".join(lines) + "\n", encoding="utf-8"
    )
    result = computed("A.3", folder, weighting="range_share", replicates=200)
    for group, dates in peer.items():
        for row in dates:
            ours, said = _row(result, int(row["year"]), GROUP, group), f"{group} {row['year']}, by share of range"
            yield Compared(said, ours["value"], float(row["rli_national"]), 1e-7, "the peer rounds to seven decimals")
            yield Compared(f"{said}, species", ours["n"], float(row["n"]), 0)


def _stand_in(row: dict[str, str]) -> list[tuple[float, str]]:
    """Share and category of as many species, in tenths, whose sums are those of the peer."""
    number, tenths = int(row["n"]), round(10 * float(row["sum_pp"]))
    weighed = round((1 - float(row["rli_national"])) * 5 * tenths)
    base, more = divmod(tenths, number)
    # Species have shares of `base` or `base` + 1 tenths; `odd` steps go to the former, the others to the latter.
    odd = next(steps for steps in range(5 * number) if (weighed - base * steps) % (base + 1) == 0)
    even = (weighed - base * odd) // (base + 1)
    steps = [min(5, odd - 5 * at) if odd > 5 * at else 0 for at in range(number - more)]
    steps += [even // more + (at < even % more) for at in range(more)]
    shares = [base] * (number - more) + [base + 1] * more
    return [(share / 10, WORTH[step]) for share, step in zip(shares, steps, strict=True)]
