"""Stocks judged by biomass or by words: each limit belongs to the side it is said to, and nothing known stays so."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gbf_workbench.methods.doubts import Doubts
from gbf_workbench.methods.fish_stocks import judged_stocks


def judged(threshold: float = 0.8, first: str = "biomass", **columns: list[object]) -> tuple[pd.DataFrame, list[dict]]:
    doubts = Doubts()
    return judged_stocks(pd.DataFrame(columns), threshold=threshold, first=first, doubts=doubts), list(doubts)


@pytest.mark.parametrize(
    ("biomass", "within", "strict", "kind"),
    [
        (0.0, 0, 0, "Overfished"),
        (0.799, 0, 0, "Overfished"),
        (0.8, 1, 0, "Maximally sustainably fished"),
        (0.999, 1, 0, "Maximally sustainably fished"),
        (1.0, 1, 1, "Maximally sustainably fished"),
        (1.2, 1, 1, "Maximally sustainably fished"),
        (1.201, 1, 1, "Underfished"),
    ],
)
def test_a_biomass_on_a_limit_belongs_to_the_better_side_and_to_the_middle_class(biomass, within, strict, kind):
    table, doubts = judged(b_bmsy=[biomass])
    assert table.iloc[0].tolist() == [within, strict, kind]
    assert doubts == []


@pytest.mark.parametrize(
    ("status", "within", "strict", "kind"),
    [
        ("underfished", 1, 1, "Underfished"),
        ("maximally sustainably fished", 1, None, "Maximally sustainably fished"),
        ("sustainable", 1, None, "Sustainable, class not known"),
        ("overfished", 0, 0, "Overfished"),
        ("unknown", None, None, "Unknown"),
        (None, None, None, "Unknown"),
    ],
)
def test_a_word_says_the_side_and_the_strict_side_only_where_it_can(status, within, strict, kind):
    row = judged(status=[status], b_bmsy=[None])[0].iloc[0]
    assert [None if pd.isna(row[name]) else row[name] for name in ("within", "strict")] == [within, strict]
    assert row["kind"] == kind
    # A table without the column says no more and no less than one in which it is empty.
    assert judged(status=[status])[0].iloc[0].equals(row)


def test_the_threshold_moves_what_is_within_and_neither_class_nor_strict_level():
    table, _ = judged(threshold=1.1, b_bmsy=[1.05, 1.1])
    assert table["within"].tolist() == [0, 1]
    assert table["strict"].tolist() == [1, 1]
    assert set(table["kind"]) == {"Maximally sustainably fished"}


BOTH = {"b_bmsy": [0.5, 0.9, 0.5, 0.9, None, 0.9],
        "status": ["sustainable", "sustainable", "overfished", "overfished", "overfished", "unknown"]}  # fmt: skip


@pytest.mark.parametrize(
    ("first", "within", "kinds"),
    [
        ("biomass", [0, 1, 0, 1, 0, 1], ["Overfished", "Maximally sustainably fished"] * 2),
        ("status", [1, 1, 0, 0, 0, 1], ["Sustainable, class not known"] * 2 + ["Overfished"] * 2),
    ],
)
def test_where_both_are_given_the_chosen_one_counts_and_where_one_is_given_that_one(first, within, kinds):
    table, doubts = judged(first=first, **BOTH)
    assert table["within"].tolist() == within
    assert table["kind"].tolist() == [*kinds, "Overfished", "Maximally sustainably fished"]
    # The first says within and has little, the fourth says overfished and has enough.
    assert doubts == [{"level": "flag", "key": "status_differs", "values": {"count": 2}}]
    # Measured is measured: the strict level never comes from a word where there is a biomass.
    assert table["strict"].tolist() == [0] * 6


def test_rows_keep_their_names_and_the_table_given_is_left_as_it_was():
    given = pd.DataFrame({"status": ["underfished"], "b_bmsy": [1.0]}, index=[7])
    before = given.copy()
    assert judged_stocks(given, threshold=0.8, first="biomass", doubts=Doubts()).index.tolist() == [7]
    pd.testing.assert_frame_equal(given, before)


def test_a_stock_of_which_nothing_is_told_is_unknown_and_a_table_without_rows_has_none():
    table, doubts = judged(stock_id=["a"])
    assert np.isnan(table["within"].iloc[0])
    assert np.isnan(table["strict"].iloc[0])
    assert (table["kind"].iloc[0], doubts) == ("Unknown", [])
    assert len(judged(status=[], b_bmsy=[])[0]) == 0
