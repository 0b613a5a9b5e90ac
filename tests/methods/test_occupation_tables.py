"""Published counts: which rows make a class, what one suppressed row forbids, and errors of shares by hand."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest

from gbf_workbench.errors import WorkbenchError
from gbf_workbench.methods.doubts import Doubts
from gbf_workbench.methods.occupation_tables import CLASSES, Cell, Counted, counted, share_of_counts

LIST = pd.DataFrame({"isco_code": ["63", "6222"], "national_occupation": None, "title": ["own use", "fishers"]})
EVERYBODY = ("",) * len(CLASSES)


def table(*rows: tuple) -> pd.DataFrame:
    """Rows from ``(code, persons[, {column: value}])``; ``persons`` may be a status."""
    made = []
    for code, persons, *more in rows:
        status, number = (persons, None) if isinstance(persons, str) else ("measured", persons)
        own = {"isco_code": code, "persons": number, "standard_error": None, "value_status": status}
        made.append(dict.fromkeys(CLASSES) | own | (more[0] if more else {}))
    return pd.DataFrame(made, index=range(10, 10 + len(made)))


def classes(*rows: tuple) -> tuple[dict[tuple[str, ...], Counted], dict[str, int]]:
    doubts = Doubts()
    found = counted(table(*rows), LIST, doubts)
    return found, {one["key"]: one["values"]["count"] for one in doubts}


def test_listed_workers_are_held_against_the_row_of_all_occupations():
    found, said = classes((None, 100), ("63", 20), ("6222", 5), ("5120", 60))
    own = found[EVERYBODY]
    assert (own.listed.persons, own.listed.status, own.base.persons) == (25, "measured", 100)
    assert {title: cell.persons for title, cell in own.occupations.items()} == {"own use": 20, "fishers": 5}
    assert said == {}


def test_each_class_stands_for_itself():
    native = {"indigenous": "yes", "region": "North"}
    found, _ = classes((None, 100), ("63", 20), (None, 30, native), ("63", 12, native))
    assert {name: (one.listed.persons, one.base.persons) for name, one in found.items()} == {
        EVERYBODY: (20, 100), ("yes", "", "", "", "North"): (12, 30),
    }  # fmt: skip


def test_without_a_row_of_all_the_rows_are_added_for_each_class_and_counted():
    men, women = {"sex": "male"}, {"sex": "female"}
    found, said = classes(("63", 20, men), ("51", 60, men), ("63", 1, women), (None, 5, women))
    assert [one.base.persons for one in found.values()] == [80, 5]
    assert said == {"base_added": 1}
    assert classes(("63", 20, men), ("63", 1, women))[1] == {"base_added": 2}


def test_a_row_of_all_that_is_suppressed_is_not_replaced_by_the_sum_of_the_others():
    found, said = classes((None, "suppressed"), ("63", 20), ("51", 60))
    assert (found[EVERYBODY].base.status, said) == ("suppressed", {})


def test_a_listed_occupation_that_is_not_in_the_table_is_not_known_and_a_zero_is_zero():
    found, said = classes((None, 100))
    assert (found[EVERYBODY].listed.status, found[EVERYBODY].occupations, said) == ("missing", {}, {})
    assert np.isnan(found[EVERYBODY].listed.persons)
    zero = classes((None, 100), ("63", 0))[0][EVERYBODY].listed
    assert (zero.persons, zero.status) == (0, "measured")


def test_codes_too_short_to_tell_are_said_with_their_number():
    found, said = classes((None, 100), ("6", 20), ("62", 5, {"sex": "male"}), ("622", 5, {"sex": "female"}))
    assert found[EVERYBODY].listed.status == "missing"
    # The classes without a row of all have their base from what is there.
    assert said == {"code_too_short": 3, "base_added": 2}


def test_an_occupation_beside_a_part_of_it_is_refused_with_both_rows():
    with pytest.raises(WorkbenchError) as refused:
        classes((None, 100), ("51", 3), ("6340", 20), ("63", 50), ("64", 2))
    [issue] = refused.value.issues
    assert (issue.table, issue.column) == ("occupation_counts", "isco_code")
    assert (issue.value, issue.values["within"], issue.rows) == ("6340", "63", (12, 13))


def test_levels_may_differ_between_classes():
    found, _ = classes((None, 9), ("63", 5), ("6340", 2, {"sex": "male"}), (None, 4, {"sex": "male"}))
    assert [one.listed.persons for one in found.values()] == [5, 2]


@pytest.mark.parametrize(
    ("statuses", "status"),
    [(("suppressed", 5), "suppressed"), (("missing", 5), "missing"), (("missing", "suppressed"), "suppressed"),
     ((4, 5), "measured")],
)  # fmt: skip
def test_one_suppressed_or_missing_row_leaves_no_sum(statuses: tuple, status: str):
    own = classes((None, 100), ("6340", statuses[0]), ("6310", statuses[1]))[0][EVERYBODY]
    for cell in (own.listed, own.occupations["own use"]):
        assert cell.status == status
        assert cell.persons == pytest.approx(9 if status == "measured" else np.nan, nan_ok=True)


def test_an_estimated_row_makes_the_sum_estimated_and_errors_add_as_squares():
    own = classes(
        (None, 100), ("6340", 4, {"standard_error": 3.0, "value_status": "estimated"}),
        ("6310", 5, {"standard_error": 4.0}), ("6222", 1),
    )[0][EVERYBODY]  # fmt: skip
    assert own.occupations["own use"] == Cell(9.0, "estimated", 5.0)
    assert own.listed.status == "estimated"
    # The error of the third is not known, so neither is that of the sum.
    assert np.isnan(own.listed.error)


Z = NormalDist().inv_cdf(0.95)


@pytest.mark.parametrize(
    ("part", "base", "error"),
    [
        # SE² = (10² − ¼²·20²)/200²; a base without an error, or with one of 0, adds none.
        ((50, 10), (200, 20), 75**0.5 / 200), ((50, 10), (200, np.nan), 10 / 200), ((50, 10), (200, 0), 10 / 200),
        # ¼²·40² = 10² leaves exactly nothing; with 80 it would be negative, and the plus sign is taken.
        ((50, 10), (200, 40), 0), ((50, 10), (200, 80), 500**0.5 / 200),
    ],
)  # fmt: skip
def test_the_error_of_a_share_is_less_by_that_of_its_base(part: tuple, base: tuple, error: float):
    found = share_of_counts(Cell(part[0], "measured", part[1]), Cell(base[0], "measured", base[1]), 0.9)
    assert found == pytest.approx((0.25, max(0.25 - Z * error, 0), 0.25 + Z * error))


def test_limits_of_a_share_stay_between_none_and_all_and_need_an_error():
    assert share_of_counts(Cell(10, "measured", 50), Cell(100, "measured", 0), 0.9)[1:] == (
        0,
        pytest.approx(0.1 + Z / 2),
    )
    assert share_of_counts(Cell(90, "measured", 50), Cell(100, "measured", 0), 0.9)[1:] == (
        pytest.approx(0.9 - Z / 2),
        1,
    )
    value, low, high = share_of_counts(Cell(10, "measured"), Cell(100, "measured", 3.0), 0.9)
    assert value == 0.1
    assert np.isnan([low, high]).all()
