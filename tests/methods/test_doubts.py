"""What is said beside a number: each thing once, with the sum of its counts, and nothing where there is nothing."""

from __future__ import annotations

from gbf_workbench.methods.doubts import Doubts


def test_a_thing_said_twice_is_said_once_with_the_sum_of_its_counts_and_its_first_words():
    doubts = Doubts()
    doubts.add("flag", "left_out", count=2, names="A")
    doubts.add("flag", "left_out", count=3, names="B")
    assert doubts == [{"level": "flag", "key": "left_out", "values": {"count": 5, "names": "A"}}]


def test_a_count_of_zero_is_nothing_to_say():
    doubts = Doubts()
    doubts.add("flag", "left_out", count=0)
    assert doubts == []
    doubts.add("flag", "left_out", count=1)
    doubts.add("flag", "left_out", count=0)
    assert doubts[0]["values"] == {"count": 1}


def test_what_has_no_count_is_said_once_and_gets_none():
    doubts = Doubts()
    doubts.add("error", "experimental", years=5)
    doubts.add("error", "experimental", years=5)
    assert doubts == [{"level": "error", "key": "experimental", "values": {"years": 5}}]


def test_a_thing_first_said_without_a_count_gets_that_of_the_next():
    doubts = Doubts()
    doubts.add("flag", "left_out")
    doubts.add("flag", "left_out", count=2)
    assert doubts[0]["values"] == {"count": 2}


def test_two_things_are_said_apart_in_their_order():
    doubts = Doubts()
    for key in ("b", "a", "b", "c"):
        doubts.add("flag", key, count=1)
    assert [(one["key"], one["values"]["count"]) for one in doubts] == [("b", 2), ("a", 1), ("c", 1)]
