"""Red Lists as numbers: what is left out, what is carried back, what is asked, and counts that must fit."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gbf_workbench.errors import Issue, WorkbenchError
from gbf_workbench.methods.doubts import Doubts
from gbf_workbench.methods.red_lists import WEIGHTS, Group, carried_back, groups_of_counts, groups_of_species

GENUINE, NOT = "genuine", "non-genuine"
Rows = list[tuple]


def table_of(rows: Rows) -> pd.DataFrame:
    """Assessments from ``(id, group, year, category[, reason[, share]])``; rows are called 10, 11, …"""
    names = ["species_id", "taxonomic_group", "year", "category", "reason_for_change", "range_share"]
    table = pd.DataFrame([(*row, None, None)[:6] for row in rows], columns=names)
    table["range_share"] = pd.to_numeric(table["range_share"]).astype("Float64")
    return table.set_axis(range(10, 10 + len(rows)))


def groups_from(rows: Rows, weighting="equal", dd="exclude", incomplete="ask", extinct="exclude"):
    doubts = Doubts()
    groups = groups_of_species(table_of(rows), weighting, dd, incomplete, extinct, doubts)
    return groups, {one["key"]: (one["level"], one["values"].get("count")) for one in doubts}


def of_each(group: Group) -> list[tuple[float, ...]]:
    """Weights at each date of each species, sorted."""
    return sorted(tuple(row) for row, n in zip(group.weights.tolist(), group.counts, strict=True) for _ in range(n))


def refused(rows: Rows, **rules: str) -> list[tuple[str, str, str, tuple[int, ...], dict]]:
    with pytest.raises(WorkbenchError) as found:
        groups_from(rows, **rules)
    return [said(issue) for issue in found.value.issues]


def said(issue: Issue) -> tuple[str, str, str, tuple[int, ...], dict]:
    return issue.level, issue.key.rsplit(".", 1)[1], issue.column, issue.rows, dict(issue.values)


def both(name: str, first: str, second: str, reason: str | None = None, group: str = "g") -> Rows:
    return [(name, group, 2000, first), (name, group, 2010, second, reason)]


def test_species_alike_are_one_kind_and_groups_come_by_name():
    groups, doubts = groups_from([*both("a", "LC", "LC", group="z"), *both("b", "LC", "LC", group="z"),
                                  *both("c", "EX", "EX", group="z"), *both("d", "NT", "NT", group="a")])  # fmt: skip
    assert [group.name for group in groups] == ["a", "z"]
    z = groups[1]
    assert (z.weights.tolist(), z.counts.tolist(), z.shares.tolist()) == ([[0, 0], [5, 5]], [2, 1], [1, 1])
    assert (z.years.tolist(), z.size, z.unknown, z.per_date) == ([2000, 2010], 3, 0, None)
    # A list in which no change has a reason says so even where nothing changed, with nothing to count.
    assert doubts == {}


def test_a_change_is_taken_back_if_genuine_and_held_if_not():
    rows = [*both("a", "LC", "VU", GENUINE), *both("b", "LC", "VU", NOT), *both("c", "CR", "NT", GENUINE)]
    groups, doubts = groups_from(rows)
    assert of_each(groups[0]) == [(0, 2), (2, 2), (4, 1)]
    assert doubts == {"back_cast": ("repair", 1)}


def test_steps_are_taken_back_from_the_latest_list_and_clipped_at_both_ends_of_the_scale():
    true, false = True, False
    recorded = np.array([[4.0, 0, 5], [0, 4, 1], [1, 2, 4], [3, 3, 3]])
    genuine = np.array([[true, true, false], [true, true, false], [true, true, true], [true, false, false]])
    doubts = Doubts()
    # 5 stays 5, and a fall from 4 to 0 before it would make 9; 1 stays 1, and a rise of 4 before it would make −3.
    assert carried_back(recorded, genuine, doubts).tolist() == [[5, 5, 5], [0, 1, 1], [1, 2, 4], [3, 3, 3]]
    assert [(one["level"], one["key"], one["values"]["count"]) for one in doubts] == [
        ("repair", "back_cast", 2), ("flag", "clipped", 2)]  # fmt: skip
    assert recorded[0].tolist() == [4, 0, 5]


def test_a_list_without_any_reason_takes_all_changes_for_genuine_and_counts_them():
    rows = [*both("a", "LC", "VU"), *both("b", "NT", "NT"), *both("c", "EX", "EW"), *both("d", "DD", "CR"),
            *both("e", "EX", "EX", group="h"), *both("f", "LC", "LC", group="i")]  # fmt: skip
    # From EX to EW the weight stays, and what was deficient has none to change from; species do not follow each other.
    assert groups_from(rows)[1] == {"taken_as_genuine": ("flag", 1), "dd_excluded": ("flag", 1)}


def test_a_change_without_a_reason_beside_others_with_one_is_asked_about_by_its_row():
    rows = [*both("a", "LC", "VU"), *both("b", "NT", "LC", GENUINE), *both("c", "EX", "EW"), *both("d", "CR", "EN")]
    assert refused(rows) == [("question", "reason_missing", "reason_for_change", (11, 17), {"count": 2})]


def test_not_applicable_at_any_date_and_not_evaluated_at_the_last_leave_the_list():
    rows = [*both("a", "LC", "LC"), *both("b", "NA", "LC"), *both("c", "LC", "NA"), *both("d", "LC", "NE"),
            *both("e", "NE", "NE")]  # fmt: skip
    groups, doubts = groups_from(rows)
    assert of_each(groups[0]) == [(0, 0)]
    assert doubts == {"not_applicable": ("flag", 2), "not_evaluated": ("flag", 2)}


def test_not_evaluated_earlier_is_an_assessment_that_is_missing():
    rows = [*both("a", "LC", "LC"), *both("b", "NE", "EN")]
    assert refused(rows) == [("question", "incomplete", "year", (13,), {"count": 1, "years": "2000, 2010"})]
    groups, doubts = groups_from(rows, incomplete="back_cast")
    assert of_each(groups[0]) == [(0, 0), (3, 3)]
    assert doubts == {"incomplete_back_cast": ("repair", 1)}
    groups, doubts = groups_from(rows, incomplete="exclude")
    assert of_each(groups[0]) == [(0, 0)]
    assert doubts == {"incomplete_excluded": ("repair", 1)}


def test_a_species_missing_from_later_lists_keeps_its_category_and_dates_are_those_of_its_own_group():
    rows = [*both("a", "LC", "LC"), ("b", "g", 2000, "EN"), ("c", "h", 2005, "VU")]
    assert [found[3:] for found in refused(rows)] == [((12,), {"count": 1, "years": "2000, 2005, 2010"})]
    g, h = groups_from(rows, incomplete="back_cast")[0]
    assert of_each(g) == [(0, 0), (3, 3)]
    assert (h.years.tolist(), of_each(h)) == ([2005], [(2,)])


@pytest.mark.parametrize(("rule", "unknown", "key"), [("exclude", 0, "dd_excluded"), ("resample", 2, "dd_resampled")])
def test_deficient_species_have_no_weight_and_count_as_unknown_where_they_are_resampled(rule, unknown, key):
    rows = [*both("a", "LC", "LC"), *both("b", "DD", "CR", NOT), *both("c", "RE", "DD")]
    [group], doubts = groups_from(rows, dd=rule)
    assert (of_each(group), group.unknown, group.size) == ([(0, 0)], unknown, 1 + unknown)
    # Lost at the start and deficient later is deficient, and said once.
    assert doubts == {key: ("flag", 2)}


def test_species_lost_at_the_first_date_leave_and_those_lost_later_or_extinct_everywhere_stay():
    rows = [*both("a", "RE", "RE"), *both("b", "LC", "RE", GENUINE), *both("c", "EX", "EX"), *both("d", "RE", "LC")]
    [group], doubts = groups_from([*rows[:-1], (*rows[-1][:4], NOT)])
    assert of_each(group) == [(0, 5), (5, 5)]
    assert doubts == {"regionally_extinct": ("flag", 2)}
    [group], doubts = groups_from([*rows[:-1], (*rows[-1][:4], NOT)], extinct="include")
    assert of_each(group) == [(0, 0), (0, 5), (5, 5), (5, 5)]
    assert doubts == {"back_cast": ("repair", 1)}


def test_shares_of_range_are_the_latest_and_weigh_only_where_that_is_asked():
    rows = [("a", "g", 2010, "LC", None, 0.5), ("a", "g", 2000, "LC", None, 0.9), ("b", "g", 2000, "LC", None, 0.1),
            ("b", "g", 2010, "LC", None, 0.25)]  # fmt: skip
    [group], _ = groups_from(rows, weighting="range_share")
    assert (group.shares.tolist(), group.counts.tolist()) == ([0.25, 0.5], [1, 1])
    [group], _ = groups_from([row[:5] for row in rows])
    assert (group.shares.tolist(), group.counts.tolist()) == ([1], [2])


def test_a_share_that_is_missing_or_zero_for_all_is_refused():
    rows = [("a", "g", 2000, "LC", None, 0.5), ("b", "g", 2000, "LC"), ("c", "g", 2000, "LC")]
    assert refused(rows, weighting="range_share") == [
        ("error", "range_share_missing", "range_share", (11, 12), {"count": 2})]  # fmt: skip
    zero = [("a", name, 2000, "LC", None, share) for name, share in (("g", 0.0), ("h", 0.5))]
    found = refused([zero[0], ("b", *zero[1][1:])], weighting="range_share")
    assert [one[:3] for one in found] == [("error", "no_range", "range_share")]
    assert len(groups_from([("a", *zero[0][1:])])[0]) == 1


@pytest.mark.parametrize(("count", "names"), [(1, "s0"), (5, "s0, s1, s2, s3, s4"), (6, "s0, s1, s2, s3, s4 …")])
def test_species_that_stand_in_two_groups_are_named_up_to_five_and_not_asked_about_again(count, names):
    rows = [
        (f"s{at}", group, year, "LC") for at in reversed(range(count)) for group, year in (("g", 2000), ("h", 2010))
    ]
    rows += [("x", "g", 2010, "LC"), ("x", "g", 2000, "LC")]
    [found] = refused(rows)
    assert found == ("error", "moved", "taxonomic_group", tuple(range(10, 10 + 2 * count)),
                     {"count": count, "names": names})  # fmt: skip


def test_groups_that_differ_in_capitals_only_are_asked_about():
    rows = [("a", "birds", 2000, "LC"), ("b", "Frogs", 2000, "LC"), ("c", "Birds", 2000, "LC")]
    assert refused(rows) == [
        ("question", "groups_alike", "taxonomic_group", (10, 12), {"names": "Birds, birds"})]  # fmt: skip


def test_a_group_of_which_nothing_is_left_is_said_and_a_list_of_which_nothing_is_left_refused():
    rows = [("a", "g", 2000, "LC"), ("b", "h", 2000, "NA"), ("c", "i", 2000, "NE")]
    doubts = Doubts()
    groups = groups_of_species(table_of(rows), "equal", "exclude", "ask", "exclude", doubts)
    assert [group.name for group in groups] == ["g"]
    assert [one["values"]["group"] for one in doubts if one["key"] == "no_species"] == ["h, i"]
    assert [(one[1], one[4]) for one in refused(rows[1:])] == [("no_species", {"group": "h, i"})]


def test_groups_of_deficient_species_only_are_all_named_at_once():
    rows = [("a", "g", 2000, "DD"), ("b", "h", 2000, "RE"), ("c", "i", 2000, "LC")]
    assert [(one[1], one[4]["group"]) for one in refused(rows)] == [("no_species", "g"), ("no_species", "h")]


Counts = dict[int, dict[str, int]]


def counted(years: Counts, name: str = "g", **more: Counts) -> pd.DataFrame:
    rows = [(group, year, category, number) for group, own in ({name: years} | more).items()
            for year, numbers in own.items() for category, number in numbers.items()]  # fmt: skip
    return pd.DataFrame(rows, columns=["taxonomic_group", "year", "category", "species_count"])


def from_counts(table: pd.DataFrame, weighting="equal", dd="exclude", extinct="exclude"):
    doubts = Doubts()
    groups = groups_of_counts(table, weighting, dd, extinct, doubts)
    return groups, {one["key"]: (one["level"], one["values"].get("count")) for one in doubts}


def refused_counts(table: pd.DataFrame, **rules: str) -> list[tuple[str, dict]]:
    with pytest.raises(WorkbenchError) as found:
        from_counts(table, **rules)
    return [(issue.key.rsplit(".", 1)[1], dict(issue.values)) for issue in found.value.issues]


def test_counts_stand_by_category_and_date_and_the_latest_ones_are_those_of_the_group():
    [group], doubts = from_counts(counted({2010: {"VU": 3, "EX": 1}, 2000: {"LC": 2, "NT": 1, "CR(PE)": 1}}))
    order = list(WEIGHTS)
    assert group.years.tolist() == [2000, 2010]
    first, last = ({**dict.fromkeys(order, 0), **own} for own in ({"LC": 2, "NT": 1, "CR(PE)": 1}, {"VU": 3, "EX": 1}))
    assert [dict(zip(order, row, strict=True)) for row in group.per_date.tolist()] == [first, last]
    assert group.weights.tolist() == [[0], [1], [2], [3], [4], [5], [5], [5], [5], [5]]
    assert group.counts.tolist() == group.per_date[-1].tolist()
    assert group.shares.tolist() == [1] * 10
    assert (group.name, group.size, group.unknown) == ("g", 4, 0)
    assert doubts == {"counts_independent": ("flag", None)}


def test_one_date_of_one_group_is_no_series_and_one_group_with_two_dates_is():
    assert from_counts(counted({2000: {"LC": 1}}, h={2000: {"LC": 1}}))[1] == {}
    mixed = counted({2000: {"LC": 1}}, h={2000: {"LC": 1}, 2005: {"LC": 1}})
    assert from_counts(mixed)[1] == {"counts_independent": ("flag", None)}


def test_species_that_are_not_assessed_are_those_of_the_latest_date_and_in_no_total():
    years = {2000: {"LC": 2, "NA": 5, "NE": 9}, 2010: {"LC": 2, "NA": 3, "NE": 4}}
    [group], doubts = from_counts(counted(years, h={2010: {"LC": 1, "NE": 6}}))[0][:1], from_counts(counted(years))[1]
    assert group.size == 2
    assert doubts == {"not_applicable": ("flag", 3), "not_evaluated": ("flag", 4), "counts_independent": ("flag", None)}


@pytest.mark.parametrize(("rule", "unknown", "key"), [("exclude", 0, "dd_excluded"), ("resample", 3, "dd_resampled")])
def test_deficient_counts_are_unknown_only_where_they_are_resampled(rule, unknown, key):
    [group], doubts = from_counts(counted({2000: {"LC": 2, "DD": 3}}), dd=rule)
    assert (group.size, group.unknown, doubts) == (2 + unknown, unknown, {key: ("flag", 3)})


def test_numbers_that_differ_between_dates_are_refused_with_the_totals_of_each_group():
    table = counted({2000: {"LC": 2, "EX": 1}, 2010: {"LC": 4}}, h={2000: {"LC": 1, "DD": 1}, 2010: {"LC": 1, "DD": 2}},
                    i={2000: {"LC": 1, "NE": 1}, 2010: {"LC": 1}})  # fmt: skip
    assert refused_counts(table) == [("different_totals", {"group": "g", "totals": "2000: 3, 2010: 4"}),
                                     ("dd_differs", {"group": "h", "totals": "2000: 1, 2010: 2"})]  # fmt: skip


def test_species_lost_at_the_first_date_are_taken_off_at_every_date():
    table = counted({2000: {"RE": 2, "LC": 3}, 2010: {"RE": 3, "LC": 2}})
    [group], doubts = from_counts(table)
    assert (group.per_date.sum(axis=1).tolist(), group.per_date[1, list(WEIGHTS).index("RE")]) == ([3, 3], 1)
    assert doubts == {"regionally_extinct": ("flag", 2), "counts_independent": ("flag", None)}
    assert from_counts(table, extinct="include")[0][0].size == 5
    same, _ = from_counts(counted({2000: {"RE": 2, "LC": 3}, 2010: {"RE": 2, "LC": 3}}))
    assert same[0].size == 3


def test_fewer_lost_species_than_at_the_first_date_cannot_be_taken_off():
    table = counted({2000: {"RE": 2, "LC": 3}, 2010: {"RE": 1, "LC": 4}})
    assert refused_counts(table) == [("extinct_returned", {"group": "g", "totals": "2000: 2, 2010: 1"})]
    assert from_counts(table, extinct="include")[0][0].size == 5


def test_counts_cannot_be_weighed_by_range_nor_be_of_nothing_nor_of_groups_alike():
    assert refused_counts(counted({2000: {"LC": 1}}), weighting="range_share") == [("range_share_list", {})]
    assert refused_counts(counted({2000: {"RE": 2}})) == [("no_species", {"group": "g"})]
    assert refused_counts(counted({2000: {"DD": 2}})) == [("no_species", {"group": "g"})]
    alike = counted({2000: {"LC": 1}}, "G", g={2000: {"LC": 1}})
    assert refused_counts(alike) == [("groups_alike", {"names": "G, g"})]


def test_a_list_in_which_nothing_applies_is_refused_as_one_without_species():
    assert [one[1] for one in refused([("a", "g", 2000, "NA"), ("b", "g", 2000, "NA")])] == ["no_species"]
