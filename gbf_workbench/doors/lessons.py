"""Exercises that check themselves: a learner's answer becomes one sentence, and a slip becomes a hint.

What the exercises ask stands in a lesson's notebook; what they expect stands beside it in ``exercises.yml``, as salted
digests only. This keeps an answer from being read by accident. It does not protect an examination: whoever tries all
numbers of a small range finds the one that fits in a moment.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from gbf_workbench.errors import problem
from gbf_workbench.locales import PACKAGE, current_language, direction, read_yaml, text, texts
from gbf_workbench.preparation.numerals import read_number

#: In a checkout the lessons lie beside the package; an installed copy carries them inside.
FOLDERS = (PACKAGE.parent / "training", PACKAGE / "training")

_CLASSES = {"right": "gbf-ok", "blank": "gbf-small"}
#: Colours of the edge, which carry no meaning of their own: they must be seen on light and on dark pages.
_EDGES = {"right": "#2e8b57", "blank": "#808080"}


@dataclass(frozen=True, repr=False)
class Verdict:
    """What is to be said about an answer.

    Attributes
    ----------
    exercise : str
    outcome : {"right", "mistake", "wrong", "unreadable", "blank"}
        A mistake is a wrong answer that tells how it came about.
    slip : str
        Which mistake it was; empty for every other outcome.
    said : str
        The sentence, in ``language``.
    language : str
    """

    exercise: str
    outcome: str
    slip: str
    said: str
    language: str

    @property
    def right(self) -> bool:
        """Whether the exercise is solved."""
        return self.outcome == "right"

    def __repr__(self) -> str:
        return self.said

    def _repr_html_(self) -> str:
        edge = _EDGES.get(self.outcome, "#d14b4b")
        # A lesson brings no style sheet along, so the edge is drawn here.
        style = f"border-inline-start: .3em solid {edge}; padding-inline-start: .7em"
        opened = f'<p class="{_CLASSES.get(self.outcome, "gbf-bad")}" role="status" dir="{direction(self.language)}"'
        return f'{opened} style="{style}">{escape(self.said)}</p>'


def check(exercise: str, answer: Any, *, language: str | None = None) -> Verdict:
    """Compare an answer with what an exercise expects.

    Parameters
    ----------
    exercise : str
        Name of the lesson and of the exercise, joined by a dot.
    answer : object
        A number, a text that holds one (a decimal comma will do), or anything with a single number in it. ``...`` and
        None count as no answer yet. No answer, whatever its type, raises an error.
    language : str, optional
        Empty takes ``GBF_LANGUAGE``.

    Returns
    -------
    Verdict
        Every answer within the exercise's tolerance is right, none that is off by more than twice as much.

    Raises
    ------
    WorkbenchError
        If there is no such exercise or language.

    Examples
    --------
    >>> check("red_list_index.one_list", "0,72")
    Not yet. The worst case holds a species whose category has no weight. Count only the species with a weight.
    """
    one, key = _find(exercise)
    code = current_language(language)

    def verdict(outcome: str, slip: str = "", **hint: str) -> Verdict:
        sentence = "wrong" if hint else outcome
        return Verdict(exercise, outcome, slip, text(f"lessons.{sentence}", code, **hint), code)

    value = _read(answer)
    if isinstance(value, str):
        return verdict(value)
    slips = {digest: slip for slip, mistake in one["mistakes"].items() for digest in mistake["answers"]}
    for number in _grid_numbers_near(value, one["tolerance"]):
        digest = _digest(number, one["salt"])
        if digest == one["right"]:
            return verdict("right")
        if slip := slips.get(digest):
            hint = texts(code).get(f"{key}.mistakes.{slip}.hint", one["mistakes"][slip]["hint"])
            return verdict("mistake", slip, hint=hint)
    return verdict("wrong", hint=texts(code).get(f"{key}.help", one["help"]))


def seal(value: float, salt: str, tolerance: float) -> str:
    """The digest under which a number is kept in ``exercises.yml``; for authors of lessons.

    Parameters
    ----------
    value : float
        A right answer, or what comes out after a typical mistake.
    salt : str
        Any text, another one for each exercise, so that equal answers do not look alike.
    tolerance : float
        Greatest difference at which an answer still counts, in the unit of the answer. Values of one exercise must
        lie more than three tolerances apart, or one could be taken for the other.

    Examples
    --------
    >>> seal(2 / 3, "a grain", 0.01) == seal(0.667, "a grain", 0.01)
    True
    """
    return _digest(round(value / tolerance), salt)


def _digest(grid_number: int, salt: str) -> str:
    return hashlib.sha256(f"{salt}:{grid_number}".encode()).hexdigest()[:16]


def _grid_numbers_near(value: float, tolerance: float) -> list[int]:
    """Numbers of the grid that may stand for a value within the tolerance, nearest first.

    The sealed value lies up to half a step from its grid number and the answer one step from the sealed value.
    """
    at = value / tolerance
    if not math.isfinite(at):
        return []
    slack = 1.5 + 1e-9
    return sorted(range(math.ceil(at - slack), math.floor(at + slack) + 1), key=lambda number: abs(number - at))


def _read(answer: Any) -> float | str:
    """The number in an answer, or the outcome where there is none: ``blank`` or ``unreadable``."""
    try:
        if answer is None or answer is Ellipsis:
            return "blank"
        if hasattr(answer, "item"):
            # Scalars of numpy and pandas, and tables that hold a single one.
            answer = answer.item()
        if isinstance(answer, str):
            return _read_words(answer)
        value = math.nan if isinstance(answer, bool) else float(answer)
    except Exception:
        # An answer can be any object at all, and a learner is to meet a sentence whatever it does when it is asked.
        return "unreadable"
    return value if math.isfinite(value) else "unreadable"


def _read_words(words: str) -> float | str:
    if words.strip(" .…") == "":
        return "blank"
    value = read_number(words)
    return value if isinstance(value, float) else "unreadable"


def _find(exercise: str) -> tuple[dict[str, Any], str]:
    """What an exercise expects, and the key under which its translations stand."""
    known = {}
    for path in _exercise_files():
        lesson = path.parent.name.partition("_")[2]
        for name, one in read_yaml(path).items():
            known[f"{lesson}.{name}"] = one, f"notebooks.lesson_{path.parent.name}.exercises.{name}"
    if exercise not in known:
        raise problem("lessons.unknown_exercise", value=exercise, choices=", ".join(known))
    return known[exercise]


def _exercise_files() -> list[Path]:
    folder = next((one for one in FOLDERS if one.is_dir()), FOLDERS[0])
    return sorted(folder.glob("*/exercises.yml"))
