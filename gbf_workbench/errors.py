"""What went wrong: what, where, and how to mend it, in sentences people can act on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

#: The four outcomes a doubtful input can have, worst first. There is no fifth.
LEVELS = ("error", "question", "repair", "flag")


@dataclass(frozen=True)
class Issue:
    """One finding about the data, kept as a message key and its values so that it can be said in any language.

    Parameters
    ----------
    level : str
        One of ``LEVELS``. Errors and questions stop the calculation; repairs and flags travel with the result.
    key : str
        Key of the sentence in the texts (``check.not_a_number``); ``key + ".remedy"`` says how to mend it.
    values : mapping
        What the sentence needs to be filled in; under ``about`` another finding (see ``quoted``), to be said in it.
    table, file, sheet, column, value : str
        Where it was found, in the user's own words.
    rows : tuple of int
        Rows as the spreadsheet shows them (the header of a plain table is row 1).
    before, after : str
        For a repair: what stood there and what is used instead, where the two can be written down shortly.
    """

    level: str
    key: str
    values: Mapping[str, Any] = field(default_factory=dict)
    table: str = ""
    file: str = ""
    sheet: str = ""
    column: str = ""
    value: str = ""
    rows: tuple[int, ...] = ()
    before: str = ""
    after: str = ""

    def __post_init__(self) -> None:
        if self.level not in LEVELS:
            raise ValueError(f"unknown level {self.level!r}; expected one of {LEVELS}")

    @property
    def stops(self) -> bool:
        """Whether no number may be computed while this stands."""
        return self.level in ("error", "question")

    def placed(self, **where: Any) -> Issue:
        """The same finding with its place filled in where it was still empty."""
        return replace(self, **{name: value for name, value in where.items() if not getattr(self, name)})

    def quoted(self) -> dict[str, Any]:
        """Plain facts from which another finding can say this one, in whatever language it is read."""
        return {name: getattr(self, name) for name in ("level", "key", "values", "column", "value", "rows")}

    def _filled(self, language: str | None) -> dict[str, Any]:
        own = {"column": self.column, "value": self.value, "table": self.table, "file": self.file}
        own |= {"before": self.before, "after": self.after}
        filled = {**own, "count": max(len(self.rows), 1), **self.values}
        if quoted := filled.pop("about", None):
            filled["said"] = Issue(**quoted).sentence(language)
        return filled

    def sentence(self, language: str | None = None) -> str:
        """What is wrong, in one sentence."""
        from gbf_workbench.locales import text

        return text(self.key, language, **self._filled(language))

    def remedy(self, language: str | None = None) -> str:
        """How to mend it, or an empty text where nothing need be done."""
        from gbf_workbench.locales import has_text, text

        key = f"{self.key}.remedy"
        return text(key, language, **self._filled(language)) if has_text(key) else ""

    def place(self, language: str | None = None) -> str:
        """Where it is: file, sheet, rows and column, as the user sees them."""
        from gbf_workbench.locales import text

        parts = [self.file or self.table]
        if self.sheet:
            parts.append(text("issue.sheet", language, sheet=self.sheet))
        if self.rows:
            key = "issue.row" if len(self.rows) == 1 else "issue.rows"
            parts.append(text(key, language, rows=rows_in_words(self.rows)))
        if self.column:
            parts.append(text("issue.column", language, column=self.column))
        return ", ".join(part for part in parts if part)

    def line(self, language: str | None = None) -> str:
        """Level, place, reason and remedy on one line."""
        from gbf_workbench.locales import text

        said = [f"{text('issue.level.' + self.level, language)}:"]
        if place := self.place(language):
            said.append(f"{place}:")
        said += [self.sentence(language), self.remedy(language)]
        return " ".join(part for part in said if part)

    def record(self, language: str | None = None) -> dict[str, Any]:
        """The finding as plain data, for result files and downloads."""
        return {
            "level": self.level, "key": self.key, "table": self.table, "file": self.file, "sheet": self.sheet,
            "rows": list(self.rows), "column": self.column, "value": self.value,
            "before": self.before, "after": self.after,
            "reason": self.sentence(language), "remedy": self.remedy(language),
        }  # fmt: skip


def rows_in_words(rows: Iterable[int], most: int = 12) -> str:
    """Row numbers with runs folded, at most ``most`` runs.

    >>> rows_in_words([2, 3, 4, 9])
    '2–4, 9'
    """
    runs: list[list[int]] = []
    for row in sorted(set(rows)):
        if runs and row == runs[-1][1] + 1:
            runs[-1][1] = row
        else:
            runs.append([row, row])
    said = [str(a) if a == b else f"{a}–{b}" for a, b in runs[:most]]
    return ", ".join(said) + (" …" if len(runs) > most else "")


def sorted_issues(issues: Iterable[Issue]) -> tuple[Issue, ...]:
    """Findings with the worst first, then in the order of file and row."""
    return tuple(sorted(issues, key=lambda i: (LEVELS.index(i.level), i.file, i.sheet, i.rows[:1], i.column)))


class WorkbenchError(Exception):
    """The data or the request cannot be used; shows itself as sentences, never as a traceback.

    Parameters
    ----------
    *issues : Issue
        Everything that was found, not only the first problem.
    """

    def __init__(self, *issues: Issue) -> None:
        self.issues = sorted_issues(issues)
        super().__init__(*issues)

    def lines(self, language: str | None = None) -> list[str]:
        """One line for each finding."""
        return [issue.line(language) for issue in self.issues]

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def _render_traceback_(self) -> list[str]:
        # IPython and Voila ask for this: people who bring a bad file should read sentences, not Python.
        return self.lines()


_PLACES = ("table", "file", "sheet", "column", "value", "rows", "before", "after")


def problem(key: str, *, level: str = "error", **parts: Any) -> WorkbenchError:
    """A ``WorkbenchError`` with one finding; place names go to the place, the rest fills the sentence."""
    places = {name: parts.pop(name) for name in _PLACES if name in parts}
    return WorkbenchError(Issue(level, key, parts, **places))
