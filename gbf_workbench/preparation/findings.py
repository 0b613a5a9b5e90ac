"""What is found in the cells of one column, gathered by kind so that a habit is one line and not ten thousand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from gbf_workbench.errors import Issue
from gbf_workbench.preparation import numerals
from gbf_workbench.preparation.grid import NO_RESULT
from gbf_workbench.preparation.mapping import TableMapping, overruled, overruled_flag

#: Findings of one kind in one column that have a line each; the rest share one.
MOST_APART = 50
#: Old and new values that a repair of many lists.
MOST_CHANGES = 300


@dataclass(frozen=True)
class Different:
    """The different cells of a column: each is looked at once, whatever the number of rows it stands in.

    Attributes
    ----------
    places : ndarray of int
        Positions (from 0) in the column of the cells that are looked at.
    codes : ndarray of int
        For each place the position of its cell in ``values``.
    values : list
    """

    places: np.ndarray
    codes: np.ndarray
    values: list[Any]

    @cached_property
    def _in_order(self) -> tuple[np.ndarray, np.ndarray]:
        order = np.argsort(self.codes, kind="stable")
        return self.places[order], np.searchsorted(self.codes[order], np.arange(len(self.values) + 1))

    def places_of(self, at: int) -> np.ndarray:
        """Positions in the column at which a value stands."""
        places, starts = self._in_order
        return places[starts[at] : starts[at + 1]]


@dataclass(frozen=True)
class _Said:
    at: int
    values: dict[str, Any]
    after: str = ""


@dataclass
class Findings:
    """Gathers what is to be said about one column.

    Parameters
    ----------
    different : Different
    rows : ndarray of int
        For each position in the column the row a spreadsheet shows.
    column : str
    mapping : TableMapping
        Its overrules take back repairs.
    """

    different: Different
    rows: np.ndarray
    column: str
    mapping: TableMapping
    said: dict[tuple[str, str], list[_Said]] = field(default_factory=dict)
    whole: list[Issue] = field(default_factory=list)

    def rows_of(self, at: int) -> tuple[int, ...]:
        """Rows in which a value stands."""
        return tuple(sorted(set(self.rows[self.different.places_of(at)].tolist())))

    def say(self, level: str, key: str, at: int, **values: Any) -> None:
        """A finding about one value."""
        self.said.setdefault((level, key), []).append(_Said(at, values))

    def repair(self, key: str, at: int, after: Any = "", **values: Any) -> bool:
        """Note a repair of one value; False where an expert overruled it, so that it must not be made."""
        rows = self.rows_of(at) if self.mapping.overrules else ()
        if word := overruled(self.mapping, key, self.column, rows):
            values["changes"] = f"{self.shown(at)} → {after}"
            issue = Issue("repair", key, values, column=self.column, value=self.shown(at), rows=rows)
            self.whole.append(overruled_flag(word, issue))
            return False
        self.said.setdefault(("repair", key), []).append(_Said(at, values, str(after)))
        return True

    def say_of_all(self, level: str, key: str, rows: Iterable[int], value: str = "", **values: Any) -> None:
        """A finding about the column as a whole, or about many of its rows together."""
        at = tuple(sorted({int(row) for row in rows}))
        self.whole.append(Issue(level, key, values, column=self.column, value=value, rows=at))

    def shown(self, at: int) -> str:
        """A value as the file has it."""
        value = self.different.values[at]
        return "" if value is None or value is NO_RESULT else numerals.as_text(value)[:80]

    def issues(self) -> list[Issue]:
        """One line for each value that stops the calculation, one for each habit that was put right or is noted."""
        found = []
        for (level, key), cases in self.said.items():
            apart = MOST_APART if level in ("error", "question") or key == "check.synonym" else 1
            for group in [[case] for case in cases[: apart - 1]] + [cases[apart - 1 :]]:
                if group:
                    found.append(self._issue(level, key, group))
        return found + self.whole

    def _issue(self, level: str, key: str, group: Sequence[_Said]) -> Issue:
        rows = tuple(sorted({row for one in group for row in self.rows_of(one.at)}))
        first = group[0]
        shown = self.shown(first.at)
        more = " …" if len(group) > 1 else ""
        changed = {"before": shown, "after": first.after} if level == "repair" else {}
        values = {**first.values, "changes": self._changes(group)} if level == "repair" else first.values
        return Issue(level, key, values, column=self.column, value=shown + more, rows=rows, **changed)

    def _changes(self, group: Sequence[_Said]) -> str:
        """What was put right, old and new, as a text."""
        said = [f"{self.shown(one.at)} → {one.after}" for one in group[:MOST_CHANGES]]
        return ", ".join(said) + (" …" if len(group) > MOST_CHANGES else "")
