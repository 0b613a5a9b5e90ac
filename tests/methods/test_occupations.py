"""Codes of occupations against a list: the longest listed one, the country's own first, and what is too short."""

from __future__ import annotations

import pandas as pd
import pytest

from gbf_workbench.methods.occupations import LISTED, NOT_STATED, OTHER, TOO_SHORT, matched, nested

LIST = pd.DataFrame({
    "isco_code": ["63", "6222", "6222", None], "national_occupation": [None, None, "N-2", "N-1"],
    "title": ["own use", "fishers", "coast", "weavers"],
})  # fmt: skip


def kinds(codes: list[str | None], words: list[str | None] | None = None) -> list[tuple[int, str]]:
    national = None if words is None else pd.Series(words, dtype=object)
    found = matched(LIST, pd.Series(codes, dtype=object), national)
    return list(zip(found.kinds.tolist(), found.titles.tolist(), strict=True))


def test_the_four_kinds_of_codes_are_told_apart_by_their_numbers():
    assert (LISTED, OTHER, TOO_SHORT, NOT_STATED) == (1, 0, -1, -2)


@pytest.mark.parametrize(
    ("code", "word", "found"),
    [
        ("63", None, (LISTED, "own use")), ("6340", None, (LISTED, "own use")), ("6", None, (TOO_SHORT, "")),
        ("622", None, (TOO_SHORT, "")), ("6223", None, (OTHER, "")), ("0163", None, (OTHER, "")),
        (None, None, (NOT_STATED, "")), (None, "N-1", (LISTED, "weavers")), ("6340", "N-1", (LISTED, "weavers")),
        (None, "N", (OTHER, "")), (None, "N-11", (OTHER, "")), ("6", "N-9", (TOO_SHORT, "")),
        ("6340", "N-9", (LISTED, "own use")),
    ],
)  # fmt: skip
def test_a_code_of_the_country_comes_first_and_has_to_be_listed_as_it_is(
    code: str | None, word: str | None, found: tuple[int, str]
):
    assert kinds([code], [word]) == [found]
    if word is None:
        assert kinds([code]) == [found]


def test_the_longest_listed_code_gives_the_title_whatever_the_order_of_the_list():
    listed = pd.DataFrame({"isco_code": ["6340", "6", "63"], "national_occupation": None, "title": ["c", "a", "b"]})
    assert matched(listed, pd.Series(["6340", "6350", "6100"])).titles.tolist() == ["c", "b", "a"]


def test_codes_that_repeat_stay_in_their_places_whatever_the_index():
    isco = pd.Series(["5120", "63", None, "63", "5120"], index=[9, 3, 9, 1, 0], dtype=object)
    assert matched(LIST, isco).kinds.tolist() == [OTHER, LISTED, NOT_STATED, LISTED, OTHER]


def test_without_a_list_or_without_codes_nothing_is_listed():
    assert matched(LIST[:0], pd.Series(["63", None], dtype=object)).kinds.tolist() == [OTHER, NOT_STATED]
    assert kinds([]) == []


@pytest.mark.parametrize(
    ("codes", "pair"),
    [
        ([], None), (["63"], None), (["63", "63"], None), (["63", "64", "61"], None), (["63", "0163"], None),
        (["6340", "62", "63"], ("63", "6340")), (["12", "11", "1"], ("1", "11")), (["63", "631", "64"], ("63", "631")),
    ],
)  # fmt: skip
def test_a_code_and_one_below_it_are_found_in_any_order(codes: list[str], pair: tuple[str, str] | None):
    assert nested(codes) == pair
    assert nested(codes[::-1]) == pair
