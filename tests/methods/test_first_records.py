"""Lists of first records: who is in them, which year a span stands for, and what is said of those without one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gbf_workbench.errors import WorkbenchError
from gbf_workbench.methods.doubts import Doubts
from gbf_workbench.methods.first_records import counted, dated, established, first_of, listed, observed, yearly


def said(doubts: Doubts) -> dict[str, dict[str, object]]:
    return {one["key"]: one["values"] for one in doubts}


def records(*rows: dict[str, object]) -> pd.DataFrame:
    return listed(pd.DataFrame([{"scientific_name": f"S{at}", **row} for at, row in enumerate(rows)]))


def spans(*years: tuple[float | None, float | None]) -> pd.DataFrame:
    return records(*({"first_year": first, "last_possible_year": last} for first, last in years))


def years_of(table: pd.DataFrame, rule: str = "middle", longest: int = 10, start: int = 1900) -> tuple[dict, dict]:
    doubts = Doubts()
    found = dated(table, rule, longest, start, doubts)
    assert found["year"].dtype.kind == "i"
    return dict(zip(found["taxon"], found["year"], strict=True)), said(doubts)


def test_a_list_has_all_columns_and_a_year_without_an_end_ends_where_it_begins():
    table = listed(pd.DataFrame({"scientific_name": ["A", "B"], "first_year": [2001, None]}))
    assert table.columns.tolist() == ["taxon", "region", "first", "last", "establishment", "invasive",
                                      "taxonomic_group", "pathway", "habitat"]  # fmt: skip
    assert (table["first"].iloc[0], table["last"].iloc[0]) == (2001, 2001)
    assert table.iloc[1][["first", "last"]].isna().all()
    assert table["region"].tolist() == [None, None]
    assert str(table["invasive"].dtype) == "boolean"


def test_only_established_species_stay_and_unknown_ones_by_choice():
    table = records(*({"establishment": one} for one in ("established", "casual", "eradicated", "unknown", None)))
    for rule, kept in (("exclude", ["S0"]), ("include", ["S0", "S3", "S4"])):
        doubts = Doubts()
        assert established(table, rule, doubts)["taxon"].tolist() == kept
        assert said(doubts) == {f"unknown_status_{rule}d": {"count": 2}, "not_established": {"count": 2}}


def test_a_list_that_judges_no_species_is_taken_whole_and_says_so():
    doubts = Doubts()
    assert len(established(records({}, {}), "exclude", doubts)) == 2
    assert said(doubts) == {"status_not_said": {"count": 2}}
    doubts = Doubts()
    assert len(established(records({"establishment": "established"}), "exclude", doubts)) == 1
    assert said(doubts) == {}


@pytest.mark.parametrize(("rule", "years"), [("first", [2001, 2001]), ("middle", [2002, 2001]), ("last", [2004, 2002])])
def test_a_span_stands_for_the_year_of_the_rule_and_its_middle_is_rounded_down(rule, years):
    found, doubts = years_of(spans((2001, 2004), (2001, 2002), (2003, 2003), (2005, None)), rule)
    assert found == {"S0": years[0], "S1": years[1], "S2": 2003, "S3": 2005}
    assert doubts == {f"span_{rule}": {"count": 2}}


def test_a_span_of_just_the_longest_length_has_a_year_and_one_year_more_has_none():
    found, doubts = years_of(spans((2001, 2010), (2001, 2011)))
    assert found == {"S0": 2005}
    assert doubts == {"span_middle": {"count": 1}, "span_too_wide": {"count": 1, "years": 10}}


def test_a_wide_span_that_ended_before_the_window_came_before_it_and_one_that_ends_in_its_first_year_did_not():
    found, doubts = years_of(spans((1800, 1899), (1800, 1900), (1890, 1899)), "first")
    # What ended early keeps its last year, whatever the rule, and is neither a span nor too wide.
    assert found == {"S0": 1899, "S2": 1899}
    assert doubts == {"span_too_wide": {"count": 1, "years": 10}}


def test_what_came_before_1492_is_no_alien_and_what_came_in_that_year_is():
    found, doubts = years_of(spans((1491, None), (1492, None), (1480, 1492), (None, 1300)))
    assert found == {"S1": 1492, "S2": 1492}
    assert doubts == {"before_1492": {"count": 2}}


def test_species_without_a_year_are_counted_and_a_last_year_alone_dates_only_what_came_before():
    found, doubts = years_of(spans((None, None), (None, 1850), (None, 1950), (1950, 1950)))
    assert found == {"S1": 1850, "S3": 1950}
    assert doubts == {"undated": {"count": 2, "total": 4}}


def test_the_earliest_record_stands_for_the_country_and_each_region_has_its_own():
    table = records(
        {"scientific_name": "A", "region": "S", "pathway": "escape", "invasive": True, "first_year": 2003},
        {"scientific_name": "A", "region": "N", "pathway": "release", "invasive": False, "first_year": 2001},
        {"scientific_name": "A", "region": "N", "pathway": "unaided", "invasive": None, "first_year": 2002},
        {"scientific_name": "B", "region": None, "invasive": None, "first_year": 2000},
    )
    table = dated(table, "first", 10, 1900, Doubts())
    country = first_of(table).set_index("taxon")
    assert country["year"].to_dict() == {"A": 2001, "B": 2000}
    assert country.loc["A", "pathway"] == "release"
    # Harm anywhere is harm in the country; of what nobody judged, nothing is said.
    assert country.loc["A", "invasive"]
    assert country["invasive"].isna().tolist() == country.index.isin(["B"]).tolist()
    regions = first_of(table, "region")
    assert sorted(zip(regions["taxon"], regions["region"].fillna("–"), regions["year"], strict=True)) == [
        ("A", "N", 2001), ("A", "S", 2003), ("B", "–", 2000)]  # fmt: skip
    assert "_place" not in country


def test_of_two_regions_in_the_same_year_the_first_by_name_speaks_in_whatever_order_they_come():
    rows = [{"scientific_name": "A", "region": one, "pathway": one, "first_year": 2001} for one in ("N", "S")]
    for table in (records(*rows), records(*rows[::-1])):
        assert first_of(dated(table, "first", 10, 1900, Doubts()))["pathway"].tolist() == ["N"]


def test_species_never_marked_are_neither_invasive_nor_not_and_one_marked_false_is_not():
    table = dated(records({"invasive": False, "first_year": 2001}), "first", 10, 1900, Doubts())
    assert first_of(table)["invasive"].tolist() == [False]


def test_years_outside_the_window_are_not_counted_in_it():
    assert yearly(pd.Series([1999, 2000, 2002, 2002, 2003]), np.arange(2000, 2003)).tolist() == [1, 0, 2]
    assert yearly(np.array([]), np.arange(2000, 2003)).tolist() == [0, 0, 0]


CUBE = pd.DataFrame({"year": [2003, 2001, 2005, 2004], "species_key": ["1", "1", "2", "3"],
                     "species": ["Una", "Una", "Duo", "Tres"]})  # fmt: skip


def test_a_species_is_found_by_its_key_and_only_without_one_by_its_name():
    checklist = pd.DataFrame({
        "scientific_name": ["Any name", "Duo", "Tres", "Quattuor"], "species_key": ["1", None, "99", None],
        "taxon_rank": ["species", "species", None, "species"], "pathway": ["escape", None, None, None],
    })  # fmt: skip
    doubts = Doubts()
    found = observed(CUBE, checklist, doubts)
    # The key 99 of Tres is not in the cube, and a key goes before a name even then.
    assert found["first"].fillna(0).tolist() == [2001, 2005, 0, 0]
    assert found["last"].fillna(0).tolist() == [2001, 2005, 0, 0]
    assert found["taxon"].tolist() == ["Any name", "Duo", "Tres", "Quattuor"]
    assert found["pathway"].tolist() == ["escape", None, None, None]
    assert said(doubts) == {"not_in_cube": {"count": 2, "total": 4}}


@pytest.mark.parametrize("rank", ["genus", "family", "higher"])
def test_names_above_the_species_are_left_out_and_said(rank):
    doubts = Doubts()
    checklist = pd.DataFrame({"species_key": ["1", "2"], "taxon_rank": [rank, "subspecies"]})
    found = observed(CUBE, checklist, doubts)
    assert (found["taxon"].tolist(), found["first"].tolist()) == (["2"], [2005])
    assert said(doubts) == {"higher_rank": {"count": 1}}


def test_a_checklist_of_which_no_species_is_in_the_cube_is_refused():
    checklist = pd.DataFrame({"scientific_name": ["Una"], "species_key": ["98"]})
    with pytest.raises(WorkbenchError) as refused:
        observed(CUBE, checklist, Doubts())
    [issue] = refused.value.issues
    assert (issue.key.rsplit(".", 1)[1], issue.table, issue.column) == (
        "nothing_matches", "alien_species_checklist", "species_key")  # fmt: skip
    with pytest.raises(WorkbenchError):
        observed(CUBE.drop(columns="species"), checklist.assign(species_key=None), Doubts())


def counts(rows: list[tuple]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["year", "taxonomic_group", "pathway", "new_species"])


def test_rows_without_a_part_are_the_totals_and_are_not_added_to_the_parts():
    rows = [(2001, None, None, 9), (2000, None, None, 5), (2000, "Plants", None, 2), (2001, "Plants", None, None),
            (2000, None, "escape", 4)]  # fmt: skip
    total, parts = counted(counts(rows), "new_species")
    assert total.to_dict() == {2000: 5, 2001: 9}
    assert total.index.tolist() == [2000, 2001]
    assert sorted(parts) == ["pathway", "taxonomic_group"]
    assert parts["pathway"]["escape"].to_dict() == {2000: 4}
    assert parts["taxonomic_group"]["Plants"].fillna(-1).to_dict() == {2000: 2, 2001: -1}


def test_without_totals_groups_add_up_to_them_and_rows_of_group_and_pathway_count_once():
    crossed = counts([(2000, "Plants", "escape", 1), (2000, "Plants", "release", 2), (2000, "Insects", "escape", 4),
                      (2001, "Plants", "escape", 8)])  # fmt: skip
    total, parts = counted(crossed, "new_species")
    assert total.to_dict() == {2000: 7, 2001: 8}
    assert parts["taxonomic_group"].loc[2000].to_dict() == {"Insects": 4, "Plants": 3}
    assert parts["pathway"].loc[2000].to_dict() == {"escape": 5, "release": 2}
    # Rows of a group alone are its totals; those that cross it with a pathway would count the same species again.
    both = pd.concat([crossed, counts([(2000, "Plants", None, 3), (2001, "Plants", None, 8)])])
    total, parts = counted(both, "new_species")
    assert total.to_dict() == {2000: 3, 2001: 8}
    assert parts["pathway"].loc[2000].to_dict() == {"escape": 5, "release": 2}


def test_pathways_add_up_where_there_are_no_groups_and_a_table_may_have_neither_column():
    table = counts([(2000, None, "escape", 1), (2000, None, "release", 2)]).drop(columns="taxonomic_group")
    assert counted(table, "new_species")[0].to_dict() == {2000: 3}
    plain, parts = counted(pd.DataFrame({"year": [2001, 2000], "new_species": [1, 2]}), "new_species")
    assert (plain.to_dict(), parts) == ({2000: 2, 2001: 1}, {})


def test_a_total_nobody_counted_stays_missing():
    total, _ = counted(counts([(2000, "Plants", None, None), (2001, "Plants", None, 0)]), "new_species")
    assert (total.isna().tolist(), total[2001]) == ([True, False], 0)


@pytest.mark.parametrize(("last", "count", "names"), [
    (2010, 8, "2002, 2003, 2004, 2005, 2006, 2007, 2008, 2009"),
    (2011, 9, "2002, 2003, 2004, 2005, 2006, 2007, 2008, 2009 …"),
    (2003, 1, "2002"),
])  # fmt: skip
def test_years_without_a_row_are_named_up_to_eight(last, count, names):
    with pytest.raises(WorkbenchError) as refused:
        counted(pd.DataFrame({"year": [2001, last], "new_species": [1, 1]}), "new_species")
    [issue] = refused.value.issues
    assert (issue.table, issue.column) == ("alien_species_counts", "year")
    assert (issue.values["count"], issue.values["years"]) == (count, names)
