"""A.3 Red List Index: held against IUCN's lists, the R package red, and sums made by hand."""

from __future__ import annotations

import csv
import random
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gbf_workbench as gbf
from gbf_workbench.catalogue.specs import spec_of
from gbf_workbench.errors import WorkbenchError
from gbf_workbench.indicators.red_list_index import red_list_index
from tests.bad_inputs.case import covers

DEFAULTS = {name: one.default for name, one in spec_of("A.3").parameters.items()} | {"replicates": 200}
WORTH = {"LC": 0, "NT": 1, "VU": 2, "EN": 3, "CR": 4, "CR(PE)": 5, "CR(PEW)": 5, "RE": 5, "EW": 5, "EX": 5}


def species(rows: list[tuple], **more: object) -> pd.DataFrame:
    """Assessments from ``(id, group, year, category[, reason[, share]])``."""
    names = ["species_id", "taxonomic_group", "year", "category", "reason_for_change", "range_share"]
    table = pd.DataFrame([(*row, None, None)[:6] for row in rows], columns=names)
    table["range_share"] = pd.to_numeric(table["range_share"]).astype("Float64")
    return table.assign(**more)


def index_of(table: pd.DataFrame, **settings: object) -> dict[tuple[str, int], float]:
    """Index by group and year; the total has the group ''."""
    rows = red_list_index(table, None, None, **{**DEFAULTS, **settings})
    rows = rows[rows["unit"] == "index"]
    return {(r["disaggregation"], int(r["year"])): r["value"] for r in rows.to_dict("records")}


def doubts_of(table: pd.DataFrame, **settings: object) -> dict[str, int]:
    rows = red_list_index(table, None, None, **{**DEFAULTS, **settings})
    return {one["key"]: one["values"].get("count") for one in rows.attrs["doubts"]}


@pytest.fixture
def peer_folder(verify: Path, tmp_path: Path) -> Path:
    """A country folder with the peer's table as it is, and a mapping."""
    own = tmp_path / "red_list_index"
    own.mkdir()
    source = verify / "A.3" / "expected_rli_by_group_year.csv"
    (own / source.name).write_bytes(source.read_bytes())
    (tmp_path / "country.yml").write_text("format: 1\ncode: XAR\nname: {en: Peer}\n", encoding="utf-8")
    columns = ", ".join(f"{c}: {c}" for c in WORTH) + ", n_dd: DD"
    (own / "mapping.yml").write_text(
        "tables:\n  red_list_counts:\n"
        f"    file: {source.name}\n    columns: {{taxonomic_group: group}}\n    constants: {{scope: global}}\n"
        f"    unpivot: {{names: category, values: species_count, columns: {{{columns}}}}}\n",
        encoding="utf-8",
    )
    return tmp_path


def test_the_global_lists_of_iucn_are_reproduced_at_every_date(peer_folder: Path, verify: Path):
    data = gbf.compute("A.3", peer_folder).data
    ours = data[data["disaggregation_type"] == "Taxonomic group"].set_index(["disaggregation", "year"])["value"]
    with (verify / "A.3" / "expected_rli_by_group_year.csv").open(encoding="utf-8") as file:
        expected = {(r["group"], int(r["year"])): float(r["rli_excluding_dd"]) for r in csv.DictReader(file)}
    assert len(expected) == 13
    assert dict(ours) == pytest.approx(expected, abs=1e-12)
    assert ours["Bird", 2024] == pytest.approx(0.9043291207313794, abs=1e-15)


def test_the_bootstrap_limits_of_red_for_cycads_are_met(peer_folder: Path, verify: Path):
    data = gbf.compute("A.3", peer_folder).data
    row = data[(data["disaggregation"] == "Cycad") & (data["year"] == 2003) & (data["unit"] == "index")].iloc[0]
    with (verify / "A.3" / "expected_rli_red_cycad_bootstrap_2000runs.csv").open(encoding="utf-8") as file:
        peer = {r[""]: float(r["2003"]) for r in csv.DictReader(file)}
    # Two bootstraps of 2,000 and 10,000 draws differ by their own noise, about 0.001 at these limits.
    assert row["lower"] == pytest.approx(peer["LowCL"], abs=0.003)
    assert row["upper"] == pytest.approx(peer["UpCL"], abs=0.003)


def test_the_examples_of_red_are_reproduced(verify: Path):
    with (verify / "A.3" / "expected_rli_red_doc_examples.csv").open(encoding="utf-8") as file:
        peer = {r["case"]: float(r["value"]) for r in csv.DictReader(file)}
    pairs = [("LC", "LC"), ("EN", "EN"), ("EX", "EX"), ("LC", "CR"), ("DD", "DD")]
    table = species([(i, "g", y, c) for i, pair in enumerate(pairs) for y, c in zip((2000, 2010), pair, strict=True)])
    ours = index_of(table)
    assert ours["g", 2000] == pytest.approx(peer["doc_example_2000"])
    assert ours["g", 2010] == pytest.approx(peer["doc_example_2010"])
    rows = red_list_index(table, None, None, **DEFAULTS)
    change = rows.loc[rows["disaggregation_type"] == "Mean yearly change", "value"]
    assert change.tolist() == pytest.approx([peer["doc_example_change_per_year"]])
    groups = ["Arthropods", "Arthropods", "Birds", "Birds", "Birds"]
    pairs[-1] = ("CR", "EX")
    several = species(
        [
            (i, g, y, c)
            for i, (g, p) in enumerate(zip(groups, pairs, strict=True))
            for y, c in zip((2000, 2010), p, strict=True)
        ]
    )
    ours = index_of(several)
    for group in ("Arthropods", "Birds"):
        for year in (2000, 2010):
            assert ours[group, year] == pytest.approx(peer[f"multi {group} {year}"])
    once = species([(c, "g", 2020, c) for c in ("EX", "EW", "RE", "CR", "EN", "VU", "NT", "LC")])
    every = index_of(once, regionally_extinct_at_start="include")
    assert every["g", 2020] == pytest.approx(peer["all_categories_once_EX_EW_RE_CR_EN_VU_NT_LC"])


def test_weighting_by_range_gives_the_countrys_part_of_the_global_index():
    table = species([("a", "g", 2020, "CR", None, 0.25), ("b", "g", 2020, "LC", None, 0.75)])
    # By hand: 1 - 4 * 0.25 / (5 * 1).
    assert index_of(table, weighting="range_share")["g", 2020] == pytest.approx(0.8)
    sizes = pd.DataFrame({"taxonomic_group": ["g"], "species_count": [10]})
    rows = red_list_index(table, None, sizes, **{**DEFAULTS, "weighting": "range_share"})
    part = rows[rows["disaggregation_type"] == "Contribution to the global index"]
    assert part["value"].tolist() == pytest.approx([4 * 0.25 / (5 * 10)])


def test_a_missing_range_share_is_named_by_row_and_not_taken_for_one():
    table = species([("a", "g", 2020, "CR", None, 0.25), ("b", "g", 2020, "LC", None, None)])
    table.index = [2, 3]
    with pytest.raises(WorkbenchError) as refused:
        index_of(table, weighting="range_share")
    assert [i.rows for i in refused.value.issues] == [(3,)]


def test_non_genuine_changes_are_carried_back_and_genuine_ones_taken_back():
    table = species(
        [("a", "g", 2000, "LC"), ("a", "g", 2010, "VU", "genuine"), ("a", "g", 2020, "EN", "non-genuine"),
         ("b", "g", 2000, "LC"), ("b", "g", 2010, "LC"), ("b", "g", 2020, "LC")]
    )  # fmt: skip
    # EN in 2020 was EN in 2010 already; two genuine steps before that leave NT in 2000.
    assert index_of(table) == pytest.approx(
        {("", 2000): 1 - 1 / 10, ("", 2010): 1 - 3 / 10, ("", 2020): 1 - 3 / 10,
         ("g", 2000): 1 - 1 / 10, ("g", 2010): 1 - 3 / 10, ("g", 2020): 1 - 3 / 10}
    )  # fmt: skip
    assert doubts_of(table)["back_cast"] == 1


def test_a_change_without_reason_is_a_question_that_names_its_rows():
    table = species(
        [("a", "g", 2000, "LC"), ("a", "g", 2010, "VU"), ("b", "g", 2000, "NT"), ("b", "g", 2010, "LC", "genuine")]
    )
    table.index = [5, 6, 7, 8]
    with pytest.raises(WorkbenchError) as refused:
        index_of(table)
    [issue] = refused.value.issues
    assert (issue.level, issue.rows, issue.column) == ("question", (6,), "reason_for_change")


def test_a_list_without_reasons_is_used_and_says_so():
    table = species([("a", "g", 2000, "LC"), ("a", "g", 2010, "VU")])
    assert doubts_of(table)["taken_as_genuine"] == 1


def test_not_applicable_not_evaluated_deficient_and_blank_are_four_things():
    table = species(
        [
            ("a", "g", 2020, "LC"),
            ("b", "g", 2020, "NA"),
            ("c", "g", 2020, "DD"),
            ("d", "g", 2020, "NE"),
            ("e", "g", 2020, "CR"),
        ]
    )
    assert index_of(table)["g", 2020] == pytest.approx(1 - 4 / 10)
    said = doubts_of(table)
    assert said.pop("few_species") == 1
    assert said == {"not_applicable": 1, "dd_excluded": 1, "not_evaluated": 1}


def test_a_species_deficient_at_one_date_is_left_out_at_all():
    table = species(
        [("a", "g", 2000, "LC"), ("a", "g", 2010, "LC"), ("b", "g", 2000, "DD"), ("b", "g", 2010, "CR", "non-genuine")]
    )
    assert index_of(table) == pytest.approx(dict.fromkeys([("", 2000), ("", 2010), ("g", 2000), ("g", 2010)], 1.0))


def test_resampled_deficient_species_leave_the_index_and_count_among_the_species():
    rows = [(i, "g", 2020, c) for i, c in enumerate(["LC"] * 5 + ["CR"] * 5 + ["DD"] * 10)]
    excluded = red_list_index(species(rows), None, None, **DEFAULTS).iloc[0]
    resampled = red_list_index(species(rows), None, None, **{**DEFAULTS, "dd_rule": "resample"}).iloc[0]
    assert (excluded["n"], resampled["n"]) == (10, 20)
    assert resampled["value"] == excluded["value"] == pytest.approx(0.6)


def test_species_lost_before_the_first_date_are_left_out_unless_asked_for():
    table = species(
        [("a", "g", 2000, "RE"), ("a", "g", 2010, "RE"), ("b", "g", 2000, "LC"), ("b", "g", 2010, "RE", "genuine")]
    )
    assert index_of(table)["g", 2010] == pytest.approx(0.0)
    assert index_of(table)["g", 2000] == pytest.approx(1.0)
    assert index_of(table, regionally_extinct_at_start="include")["g", 2000] == pytest.approx(0.5)


def test_a_species_without_all_dates_is_a_question_with_three_answers():
    table = species([("a", "g", 2000, "LC"), ("a", "g", 2010, "LC"), ("b", "g", 2010, "CR")])
    with pytest.raises(WorkbenchError) as refused:
        index_of(table)
    assert [issue.level for issue in refused.value.issues] == ["question"]
    assert index_of(table, incomplete_species="exclude")["g", 2010] == pytest.approx(1.0)
    assert index_of(table, incomplete_species="back_cast")["g", 2000] == pytest.approx(0.6)


def test_groups_of_other_years_are_interpolated_and_never_drawn_out():
    table = species(
        [("a", "x", 2000, "LC"), ("a", "x", 2010, "CR", "genuine"), ("b", "y", 2005, "LC"), ("b", "y", 2020, "LC")]
    )
    ours = {key: value for key, value in index_of(table).items() if key[0] == ""}
    # In 2005 x is half way between 1 and 0.2; y is 1; no year before 2005 or after 2010 has both.
    assert ours == pytest.approx({("", 2005): (0.6 + 1) / 2, ("", 2010): (0.2 + 1) / 2})


def test_groups_without_a_common_year_have_no_total_rather_than_a_wrong_one():
    table = species([("a", "x", 2000, "LC"), ("b", "y", 2020, "LC")])
    rows = red_list_index(table, None, None, **DEFAULTS)
    total = rows[rows["disaggregation_type"].isna() | (rows["disaggregation_type"] == "")].iloc[0]
    assert total["value_status"] == "missing"
    assert pd.isna(total["value"])


def test_counts_that_do_not_hold_the_same_species_are_refused_for_every_group_at_once():
    rows = [(g, y, c, n) for g in "pq" for y, c, n in [(2000, "LC", 5), (2010, "LC", 6)]]
    counts = pd.DataFrame(rows, columns=["taxonomic_group", "year", "category", "species_count"])
    with pytest.raises(WorkbenchError) as refused:
        red_list_index(None, counts, None, **DEFAULTS)
    assert len(refused.value.issues) == 2


def test_a_list_and_its_counts_give_the_same_index():
    draw = random.Random(1)
    rows = [(i, "g", y, draw.choice(list(WORTH))) for i in range(80) for y in (2000, 2010)]
    rows = [row for row in rows if row[3] != "RE"]
    both = {i for i, *_ in rows if sum(r[0] == i for r in rows) == 2}
    rows = [row for row in rows if row[0] in both]
    counted = pd.DataFrame(rows, columns=["id", "taxonomic_group", "year", "category"]).value_counts(
        ["taxonomic_group", "year", "category"]
    )
    counts = counted.rename("species_count").reset_index()
    from_counts = red_list_index(None, counts, None, **DEFAULTS)
    from_counts = from_counts[from_counts["disaggregation"] == "g"]
    for (group, year), value in index_of(species(rows)).items():
        if group:
            row = from_counts[(from_counts["year"] == year) & (from_counts["unit"] == "index")].iloc[0]
            assert row["value"] == pytest.approx(value, abs=1e-12)


categories = st.sampled_from([c for c in WORTH if c != "RE"])
lists = st.lists(st.tuples(categories, categories), min_size=1, max_size=25)


@settings(max_examples=25)
@given(pairs=lists, seed=st.integers(0, 10))
def test_the_order_of_rows_changes_neither_value_nor_interval(pairs: list[tuple[str, str]], seed: int):
    rows = [(i, "g", y, c) for i, pair in enumerate(pairs) for y, c in zip((2000, 2010), pair, strict=True)]
    table = species(rows)
    shuffled = table.sample(frac=1, random_state=seed)
    one = red_list_index(table, None, None, **DEFAULTS)
    other = red_list_index(shuffled, None, None, **DEFAULTS)
    pd.testing.assert_frame_equal(one, other)


@settings(max_examples=25)
@given(pairs=lists)
def test_the_index_is_one_minus_the_mean_share_of_the_way_to_extinction(pairs: list[tuple[str, str]]):
    rows = [(i, "g", y, c) for i, pair in enumerate(pairs) for y, c in zip((2000, 2010), pair, strict=True)]
    ours = index_of(species(rows))
    # The latest list stands; without reasons every change is genuine, so both dates are as recorded.
    for at, year in enumerate((2000, 2010)):
        slow = 1 - sum(WORTH[pair[at]] for pair in pairs) / (5 * len(pairs))
        assert ours["g", year] == pytest.approx(slow)
        assert 0 <= ours["g", year] <= 1


@settings(max_examples=25)
@given(pairs=lists, times=st.integers(2, 4))
def test_counting_each_species_several_times_leaves_the_index(pairs: list[tuple[str, str]], times: int):
    rows = [(i, "g", y, c) for i, pair in enumerate(pairs) for y, c in zip((2000, 2010), pair, strict=True)]
    many = [(f"{i}-{k}", g, y, c) for k in range(times) for i, g, y, c in rows]
    assert index_of(species(many)) == pytest.approx(index_of(species(rows)))


def test_the_interval_has_the_width_that_the_binomial_law_gives():
    rows = [(i, "g", 2020, "EX" if i < 30 else "LC") for i in range(100)]
    row = red_list_index(species(rows), None, None, **{**DEFAULTS, "replicates": 20000}).iloc[0]
    # The share of extinct species is binomial (100, 0.3): standard deviation 0.0458, so 95 % within 1.96 of it.
    assert row["upper"] - row["lower"] == pytest.approx(2 * 1.96 * 0.0458, abs=0.012)


@covers("RL-11")
@pytest.mark.parametrize(("category", "value"), [("EX", 0.0), ("LC", 1.0), ("VU", 0.6)])
def test_a_list_of_one_category_has_the_value_of_its_weight(category: str, value: float):
    table = species([(name, "Frogs", year, category) for name in "ab" for year in (2000, 2010)])
    found = index_of(table)
    assert found == {(group, year): pytest.approx(value, abs=1e-12) for group in ("", "Frogs") for year in (2000, 2010)}
    assert all(str(one) != "-0.0" and 0 <= one <= 1 for one in found.values())


@covers("RL-02")
def test_data_deficient_and_not_evaluated_species_change_the_counts_and_not_the_index():
    found = {"a": ("LC", "VU"), "b": ("EN", "EN")}
    known = [
        (name, "Frogs", year, one) for name, both in found.items() for year, one in zip((2000, 2010), both, strict=True)
    ]
    more = [(name, "Frogs", year, name.upper()) for name in ("dd", "ne", "na") for year in (2000, 2010)]
    assert index_of(species([*known, *more])) == index_of(species(known))
    said = doubts_of(species([*known, *more]))
    assert (said["dd_excluded"], said["not_evaluated"], said["not_applicable"]) == (1, 1, 1)


def test_an_index_by_realm_migration_and_threat_is_that_of_those_species_alone():
    rows = [(name, "Birds", year, category) for name, pair in BY_NAME.items() for year, category in pair]
    table = species(rows)
    table["realm"] = table["species_id"].map(
        {"a": "Marine; Terrestrial", "b": "Terrestrial", "c": "Marine", "d": "Freshwater"}
    )
    # Only the newest row says of “a” that it migrates.
    table["migratory"] = ["yes" if name == "a" and year == 2010 else None for name, _, year, _ in rows]
    out = red_list_index(table, None, None, **DEFAULTS)
    found = {(r["disaggregation_type"], r["disaggregation"], r["year"]): r["value"] for r in out.to_dict("records")}
    # a: LC to VU, b: LC, c: EX, d: Data Deficient at one date.
    assert found["Realm", "Terrestrial", 2000] == 1
    assert found["Realm", "Terrestrial", 2010] == pytest.approx(1 - 2 / 10)
    assert found["Realm", "Marine", 2010] == pytest.approx(1 - 7 / 10)
    assert found["Migratory species", "Migratory", 2010] == pytest.approx(1 - 2 / 5)
    [without] = out[out["disaggregation"] == "Freshwater"].to_dict("records")
    assert (without["value_status"], without["note"]) == ("missing", "none_counts")
    plain = red_list_index(species(rows), None, None, **DEFAULTS)
    same = out[~out["disaggregation_type"].isin(["Realm", "Migratory species"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(same[plain.columns], plain, check_exact=True)


BY_NAME = {
    "a": [(2000, "LC"), (2010, "VU")], "b": [(2000, "LC"), (2010, "LC")], "c": [(2000, "EX"), (2010, "EX")],
    "d": [(2000, "DD"), (2010, "LC")],
}  # fmt: skip


def test_the_contribution_to_the_global_index_is_what_the_countrys_part_of_the_range_loses():
    rows = [
        ("a", "Birds", 2020, "CR", None, 0.5),
        ("b", "Birds", 2020, "VU", None, 1.0),
        ("c", "Birds", 2020, "LC", None, 0.1),
    ]
    sizes = pd.DataFrame({"taxonomic_group": ["Birds", "Frogs"], "species_count": [40, 10]})
    out = red_list_index(species(rows), None, sizes, **{**DEFAULTS, "weighting": "range_share"})
    [found] = out.loc[out["unit"] == "index points", "value"]
    assert found == pytest.approx((4 * 0.5 + 2 * 1.0) / (5 * 40))
    assert "size_unused" in {one["key"] for one in out.attrs["doubts"]}


def test_groups_of_few_species_say_that_their_intervals_are_too_narrow():
    few = [(at, "Frogs", 2020, "LC") for at in range(79)]
    many = [(f"b{at}", "Birds", 2020, "LC") for at in range(80)]
    out = red_list_index(species([*few, *many]), None, None, **DEFAULTS)
    [said] = [one["values"] for one in out.attrs["doubts"] if one["key"] == "few_species"]
    assert said == {"count": 1, "names": "Frogs"}


def test_all_species_together_weigh_by_number_and_the_unknown_ones_of_a_group_with_it():
    rows = [("a", "x", 2020, "LC"), ("b", "x", 2020, "LC"), ("c", "x", 2020, "LC"), ("d", "x", 2020, "DD"),
            ("e", "y", 2020, "CR")]  # fmt: skip
    table = species(rows)
    assert index_of(table)["", 2020] == pytest.approx((1 + 0.2) / 2)
    assert index_of(table, aggregate="all_species")["", 2020] == pytest.approx((3 * 1 + 0.2) / 4)
    resampled = {"aggregate": "all_species", "dd_rule": "resample"}
    assert index_of(table, **resampled)["", 2020] == pytest.approx((4 * 1 + 0.2) / 5)
    shares = species([("a", "x", 2020, "LC", None, 0.5), ("b", "x", 2020, "LC", None, 0.25),
                      ("e", "y", 2020, "CR", None, 0.25)])  # fmt: skip
    weighed = {"aggregate": "all_species", "weighting": "range_share"}
    assert index_of(shares, **weighed)["", 2020] == pytest.approx(0.75 + 0.25 * 0.2)


def test_a_year_that_one_group_lacks_is_estimated_and_one_that_all_have_is_measured():
    table = species(
        [("a", "x", year, "LC") for year in (2000, 2010)] + [("b", "y", year, "EN") for year in (2000, 2005, 2010)]
    )
    rows = red_list_index(table, None, None, **DEFAULTS)
    total = rows[rows["disaggregation_type"] == ""].set_index("year")
    assert total["value_status"].to_dict() == {2000: "measured", 2005: "estimated", 2010: "measured"}
    assert total["note"].to_dict() == {2000: "", 2005: "interpolated", 2010: ""}
    assert total["n"].tolist() == [2, 2, 2]


def test_change_is_by_year_between_first_and_last_date_and_one_date_has_none():
    table = species(
        [("a", "x", 2000, "LC"), ("a", "x", 2004, "CR"), ("a", "x", 2010, "VU"), ("b", "y", 2000, "EX"),
         ("b", "y", 2010, "EX"), ("c", "z", 2005, "LC")]
    )  # fmt: skip
    rows = red_list_index(table, None, None, **DEFAULTS)
    changes = rows[rows["disaggregation_type"] == "Mean yearly change"].set_index("disaggregation")
    assert changes["value"].to_dict() == {"x": pytest.approx(-0.4 / 10), "y": 0}
    assert changes.loc["x", ["year", "lower", "upper"]].tolist() == [2010, pytest.approx(-0.04), pytest.approx(-0.04)]
    notes = rows[rows["disaggregation_type"] == "Taxonomic group"].groupby("disaggregation")["note"].first()
    assert notes.to_dict() == {"x": "", "y": "", "z": "one_date"}
    both = red_list_index(table[table["taxonomic_group"] != "z"], None, None, **DEFAULTS)
    whole = both[both["disaggregation"] == "All groups"].iloc[0]
    assert (whole["year"], whole["value"], whole["n"]) == (2010, pytest.approx(-0.2 / 10), 2)


def test_groups_without_a_common_year_stand_in_the_newest_and_count_all_species():
    table = species([("a", "x", 2000, "LC"), ("d", "x", 2000, "LC"), ("b", "y", 2020, "LC")])
    rows = red_list_index(table, None, None, **DEFAULTS)
    [total] = rows[rows["disaggregation_type"].fillna("") == ""].to_dict("records")
    assert (total["year"], total["n"], total["note"]) == (2020, 3, "no_common_years")
    # Groups that meet in a single year have a total there.
    assert index_of(species([("a", "x", 2000, "LC"), ("b", "y", 2000, "EX")]))["", 2000] == 0.5


def test_a_group_whose_size_is_not_known_is_named_and_has_no_contribution():
    table = species([("a", "x", 2020, "CR", None, 0.5), ("b", "y", 2020, "VU", None, 1.0)])
    sizes = pd.DataFrame({"taxonomic_group": ["y"], "species_count": [40]})
    rows = red_list_index(table, None, sizes, **{**DEFAULTS, "weighting": "range_share"})
    part = rows[rows["disaggregation_type"] == "Contribution to the global index"]
    assert part[["disaggregation", "year", "value", "n"]].to_numpy().tolist() == [["y", 2020, pytest.approx(0.01), 1]]
    [said] = [one["values"] for one in rows.attrs["doubts"] if one["key"] == "size_missing"]
    assert said == {"count": 1, "names": "x"}
    # Sizes say nothing of an index of equal weights.
    plain = red_list_index(table, None, sizes, **DEFAULTS)
    assert "index points" not in set(plain["unit"])


def test_a_list_goes_before_counts_and_says_so():
    counts = pd.DataFrame({"taxonomic_group": ["g"], "year": [2000], "category": ["EX"], "species_count": [3]})
    rows = red_list_index(species([("a", "g", 2000, "LC")]), counts, None, **DEFAULTS)
    assert rows["value"].iloc[0] == 1
    assert "both_tables" in {one["key"] for one in rows.attrs["doubts"]}


def test_threats_are_split_at_semicolons_and_the_newest_word_on_a_species_counts():
    table = species(
        [("a", "g", year, "LC") for year in (2000, 2010)] + [("b", "g", year, "CR") for year in (2000, 2010)]
    )
    table["threats"] = ["Hunting", "Fire ; ; Logging", "Fire", None]
    table["realm"] = None
    rows = red_list_index(table, None, None, **DEFAULTS)
    part = rows[(rows["disaggregation_type"] == "Threat") & (rows["year"] == 2010)]
    assert part.set_index("disaggregation")["value"].to_dict() == {"Fire": pytest.approx(0.6), "Logging": 1}
    assert "Realm" not in set(rows["disaggregation_type"])
