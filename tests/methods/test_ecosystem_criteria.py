"""Categories criterion by criterion: what is not known is no category, and what measures a type best goes first."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gbf_workbench.methods.doubts import Doubts
from gbf_workbench.methods.ecosystem_change import Decline
from gbf_workbench.methods.ecosystem_criteria import (
    joined_criteria,
    known_declines,
    listed,
    mapped_changes,
    of_declines,
    of_maps,
    remaining_shares,
)

TOLD = [
    "ecosystem_id",
    "continuing_decline",
    "future_threats",
    "locations",
    "sudden_collapse",
    "eoo_km2",
    "aoo_squares",
]


def declines(*rows: tuple) -> pd.DataFrame:
    """Rows ``(id, criterion, extent[, severity])``, all of 2024."""
    table = pd.DataFrame(
        [(*row, np.nan)[:4] for row in rows],
        columns=["ecosystem_id", "criterion", "extent_percent", "severity_percent"],
    )
    return table.assign(year=2024)


def judged(*rows: tuple) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["ecosystem_id", "criterion", "category"]).assign(year=2024)


def measured(*rows: tuple) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["name", "year", "km2", "eoo_km2", "aoo"])


def told(*rows: tuple) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=TOLD, dtype=object)


def categories(table: pd.DataFrame) -> dict[tuple[str, str], str]:
    assert not table.duplicated(["ecosystem_id", "criterion"]).any()
    return {(one.ecosystem_id, one.criterion): one.category for one in table.itertuples()}


def ranges(mapped: pd.DataFrame | None, known: pd.DataFrame | None, square_km: float = 10):
    """Categories of criterion B, and what was said."""
    doubts = Doubts()
    found = categories(of_maps(mapped, known, 2024, "absolute", square_km, doubts))
    return {key: category for key, category in found.items() if key[1].startswith("B")}, list(doubts)


def test_a_decline_needs_its_extent_and_under_c_and_d_its_severity():
    rows = declines(
        ("a", "A1", 0.0), ("b", "A1", np.nan), ("c", "C1", 50, 0.0), ("d", "D1", 50), ("e", "C1", np.nan, 9)
    )
    doubts = Doubts()
    assert known_declines(rows, doubts)["ecosystem_id"].tolist() == ["a", "c"]
    assert doubts == [{"level": "flag", "key": "not_measured", "values": {"count": 3, "names": "b, d, e"}}]


def test_declines_that_are_all_known_or_not_there_say_nothing():
    doubts = Doubts()
    assert known_declines(None, doubts) is None
    assert len(known_declines(declines(("a", "A1", 10)), doubts)) == 1
    assert doubts == []
    assert known_declines(declines(("a", "A1", np.nan)), doubts) is None
    assert doubts[0]["values"]["count"] == 1


def test_of_several_variables_the_worst_counts_and_each_criterion_stands_alone():
    table = of_declines(declines(("a", "C1", 80, 50), ("a", "C1", 80, 80), ("a", "D1", 50, 50), ("a", "A3", 50)))
    assert list(categories(table).items()) == [(("a", "A3"), "VU"), (("a", "C1"), "CR"), (("a", "D1"), "VU")]
    assert set(table["year"]) == {2024}


def test_a_change_needs_two_maps_and_something_on_the_first():
    rows = measured(
        ("two", 2020, 30, 0, 0), ("two", 2000, 50, 0, 0), ("two", 2010, 10, 0, 0), ("one", 2020, 5, 0, 0),
        ("new", 2000, 0, 0, 0), ("new", 2020, 4, 0, 0), ("gone", 2000, 0.5, 0, 0), ("gone", 2020, 0, 0, 0),
    )  # fmt: skip
    assert mapped_changes(rows) == {"two": Decline(50.0, 30.0, 20.0), "gone": Decline(0.5, 0.0, 20.0)}


def test_types_of_maps_are_in_the_list_with_and_without_a_change():
    rows = measured(("a", 2000, 100, 9e4, 90), ("a", 2020, 80, 9e4, 90), ("b", 2020, 5, 9e4, 90))
    table = of_maps(rows, None, 2024, "absolute", 10, Doubts())
    # Losses of 38, 62.5 and 50 %.
    expected = {("a", "A1"): "VU", ("a", "A2a"): "EN", ("a", "A2b"): "EN"}
    not_known = {("b", one): "NE" for one in ("A1", "A2a", "A2b")}
    large = {(name, one): "LC" for name in "ab" for one in ("B1", "B2")}
    assert categories(table) == {**expected, **not_known, **large}
    assert set(table["year"]) == {2024}
    assert table.columns.tolist() == ["ecosystem_id", "year", "criterion", "category"]


def test_without_maps_and_without_restrictions_there_is_no_category():
    doubts = Doubts()
    assert of_maps(None, None, 2024, "absolute", 10, doubts).empty
    assert doubts == []


def test_a_range_that_somebody_told_is_judged_without_a_map():
    found, said = ranges(None, told(("a", True, None, None, None, 15_000, 2)))
    assert (found, said) == ({("a", "B1"): "EN", ("a", "B2"): "CR"}, [])
    # What is not known of the size is no category either.
    assert ranges(None, told(("a", True, None, None, None, None, 2)))[0] == {("a", "B2"): "CR"}
    assert ranges(None, told(("a", True, None, None, None, np.nan, None)))[0] == {}


def test_the_newest_map_goes_before_what_was_told():
    rows = measured(("a", 2020, 5, 1_000, 1), ("a", 2000, 5, 9e4, 90))
    found, _ = ranges(rows, told(("a", True, None, None, None, 30_000, 30)))
    assert found == {("a", "B1"): "CR", ("a", "B2"): "CR"}


def test_squares_of_another_size_are_not_held_against_the_thresholds():
    rows = measured(("a", 2020, 5, 1_000, 1))
    assert ranges(rows, told(("a", True, None, None, None, None, 30)), 2)[0] == {("a", "B1"): "CR", ("a", "B2"): "VU"}
    assert ranges(rows, told(("a", True, None, None, None, None, None)), 2)[0] == {("a", "B1"): "CR"}
    assert ranges(rows, told(("a", True, None, None, None, None, 30)), 10)[0][("a", "B2")] == "CR"


def test_a_type_half_of_which_is_open_gets_no_category_from_the_other_half():
    # The extent is large, the squares are few, and nobody knows of a threat.
    rows = measured(("a", 2020, 5, 9e4, 2), ("b", 2020, 5, 9e4, 90))
    found, said = ranges(rows, None)
    assert found == {("b", "B1"): "LC", ("b", "B2"): "LC"}
    assert said == [{"level": "flag", "key": "conditions_unknown", "values": {"count": 1, "names": "a"}}]


def test_few_places_that_one_event_could_destroy_make_a_type_vulnerable_whatever_its_range():
    known = told(("a", None, None, 4, True, None, None), ("b", None, None, 5, True, None, None))
    assert ranges(None, known)[0] == {("a", "B3"): "VU", ("b", "B3"): "LC"}
    # Criterion B3 is known though B1 is not.
    found, said = ranges(measured(("a", 2020, 5, 1_000, 90)), told(("a", False, None, 11, False, None, None)))
    assert (found, len(said)) == ({("a", "B3"): "LC"}, 1)


def test_what_experts_wrote_goes_first_then_the_better_measurement():
    doubts = Doubts()
    first, second = judged(("b", "A1", "EN")), judged(("a", "A1", "CR"), ("b", "A1", "LC"), ("c", "A1", "NE"))
    both = joined_criteria(judged(("a", "A1", "VU"), ("c", "A1", "LC")), [first, second], doubts)
    assert categories(both) == {("a", "A1"): "VU", ("b", "A1"): "EN", ("c", "A1"): "LC"}
    # A map that shows no change does not contradict anybody.
    assert doubts == [{"level": "flag", "key": "criteria_apart", "values": {"count": 1, "names": "a"}}]


def test_experts_and_measurements_that_agree_or_are_of_other_dates_are_not_apart():
    doubts = Doubts()
    later = judged(("a", "A1", "CR")).assign(year=2025)
    both = joined_criteria(judged(("a", "A1", "VU")), [judged(("a", "A1", "VU")), later], doubts)
    assert (len(both), list(doubts)) == (2, [])
    assert categories(joined_criteria(None, [judged(("a", "A1", "VU"))], doubts)) == {("a", "A1"): "VU"}


def shares(*tables: pd.DataFrame | None) -> dict[tuple, float]:
    found = remaining_shares(*tables)
    return {(one.index_, one.window, one.ecosystem_id, one.year): one.share
            for one in found.rename(columns={"index": "index_"}).itertuples()}  # fmt: skip


def test_what_remains_is_one_less_the_loss_and_of_health_the_least_over_c_and_d():
    table = declines(
        ("a", "A1", 30), ("a", "C1", 80, 50), ("a", "D1", 80, 75), ("a", "D1", 10, 10), ("a", "D3", 20, 100),
        ("b", "A3", 120), ("b", "A1", -50),
    )  # fmt: skip
    area, health = "Ecosystem Area Index", "Ecosystem Health Index"
    found = shares(table, None, None)
    assert list(found) == sorted(found)
    assert found == pytest.approx({
        (area, "A1", "a", 2024): 0.7, (area, "A1", "b", 2024): 1.5, (area, "A3", "b", 2024): 0.0,
        (health, "C1/D1", "a", 2024): 0.4, (health, "C3/D3", "a", 2024): 0.8,
    })  # fmt: skip


def test_types_that_experts_know_nothing_of_do_not_remain():
    table = declines(("a", "A1", 30), ("b", "A1", 40), ("c", "A1", 50), ("c", "A3", 60))
    silent = judged(("a", "A1", "LC"), ("b", "A1", "DD"), ("c", "A1", "NE"))
    found = shares(table, silent, None)
    assert {(window, name): share for (_, window, name, _), share in found.items()} == pytest.approx({
        ("A1", "a"): 0.7, ("A3", "c"): 0.4,
    })  # fmt: skip


def test_what_remains_on_maps_is_the_last_area_of_the_first():
    rows = measured(("a", 2000, 50, 0, 0), ("a", 2020, 20, 0, 0), ("new", 2000, 0, 0, 0), ("new", 2020, 4, 0, 0))
    assert shares(None, None, rows) == pytest.approx({("Ecosystem Area Index", "2000–2020", "a", 2020): 0.4})


def test_a_type_that_is_on_some_of_the_maps_has_their_years_as_its_window():
    rows = measured(
        ("a", 2000, 50, 0, 0), ("a", 2020, 20, 0, 0), ("b", 2010, 10, 0, 0), ("b", 2020, 5, 0, 0),
        ("c", 2000, 10, 0, 0), ("c", 2010, 1, 0, 0),
    )  # fmt: skip
    found = {(window, name, year): share for (_, window, name, year), share in shares(None, None, rows).items()}
    assert found == pytest.approx({
        ("2000–2010", "c", 2010): 0.1, ("2000–2020", "a", 2020): 0.4, ("2010–2020", "b", 2020): 0.5,
    })  # fmt: skip


def test_without_declines_and_changes_nothing_is_said_of_what_remains():
    found = remaining_shares(None, judged(("a", "A1", "LC")), measured(("a", 2000, 50, 0, 0)))
    assert found.empty
    assert found.columns.tolist() == ["index", "window", "ecosystem_id", "year", "share"]


def test_eight_names_are_listed_and_a_ninth_is_only_hinted_at():
    assert listed(str(at) for at in range(8)) == "0, 1, 2, 3, 4, 5, 6, 7"
    assert listed(str(at) for at in range(9)) == "0, 1, 2, 3, 4, 5, 6, 7 …"
    assert (listed([]), listed([2, 1, 2])) == ("", "1, 2")
