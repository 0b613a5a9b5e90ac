"""The answers to the questions of a binary indicator, question by question and counted; never turned into a score."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pandas as pd

from gbf_workbench.errors import problem
from gbf_workbench.methods.doubts import Doubts

_NOTES = "indicators.questionnaire.notes"
_UNKNOWN, _UNANSWERED = "unknown", "unanswered"
#: Answers of the scale from no to fully, and of yes and no: one of them is chosen, so they can be counted together.
_SCALE = ("no", "underDevelopment", "partially", "fully", "yes", "notApplicable")


def questionnaire(answers: pd.DataFrame, *, last_year: int) -> pd.DataFrame:
    """The vector of answers of one questionnaire, and how many questions have which answer.

    Parameters
    ----------
    answers : DataFrame
        ``question, answer`` (several joined by ``;``), ``options`` that the question offers, empty where it takes a
        text, and ``asked``, whether the other answers open the question.
    last_year : int
        Year that the answers stand for.

    Returns
    -------
    DataFrame
        Questions answered; questions by answer, for those that take one answer [questions]; for each
        question and each of its answers 1 where it was chosen and 0 where it was not.

    Raises
    ------
    WorkbenchError
        If the year is not known or no question is open.

    References
    ----------
    Decision CBD/COP/DEC/16/31, annex III.

    Examples
    --------
    >>> rows = questionnaire(
    ...     pd.DataFrame({
    ...         "question": ["6.1", "6.2"], "answer": ["fully", "unknown"], "options": ["no;fully", "no;fully"],
    ...         "asked": [True, True],
    ...     }),
    ...     last_year=2024,
    ... )
    >>> rows.loc[rows["disaggregation_type"].isna(), ["value", "n"]].values.tolist()
    [[1.0, 2.0]]
    """
    if not last_year:
        raise problem(f"{_NOTES}.no_year", column="last_year")
    choices = answers[answers["options"] != ""]
    asked = choices[choices["asked"]]
    if asked.empty:
        raise problem(f"{_NOTES}.nothing_asked")
    said = asked["answer"].fillna(_UNANSWERED)
    doubts = Doubts()
    doubts.add("flag", "not_known", count=int((said == _UNKNOWN).sum()))
    doubts.add("flag", "not_answered", count=int((said == _UNANSWERED).sum()))
    given = ~said.isin([_UNKNOWN, _UNANSWERED])
    rows: list[dict[str, Any]] = [{"value": float(given.sum()), "n": len(asked)}]
    rows += _counts(asked.assign(answer=said))
    for question, answer, options, is_asked in zip(
        choices["question"], choices["answer"].fillna(_UNANSWERED), choices["options"], choices["asked"], strict=True
    ):
        rows += _vector(question, answer, options.split(";"), is_asked)
    out = pd.DataFrame(rows).assign(year=last_year)
    out.attrs["doubts"] = list(doubts)
    return out


def _counts(asked: pd.DataFrame) -> list[dict[str, Any]]:
    """How many of the questions that take one answer have which; what none of them offers has no row."""
    one_answer = asked[asked["options"].map(lambda said: set(said.split(";")) <= set(_SCALE))]
    counted = Counter(one_answer["answer"])
    offered = {option for said in one_answer["options"] for option in said.split(";")}
    return [
        {
            "disaggregation_type": "Answer", "disaggregation": answer, "value": float(counted[answer]),
            "n": len(one_answer), "unit": "questions",
        }
        for answer in (*_SCALE, _UNKNOWN, _UNANSWERED)
        if answer in offered or counted[answer]
    ]  # fmt: skip


def _vector(question: str, answer: str, options: list[str], asked: bool) -> list[dict[str, Any]]:
    """One row for each answer a question offers: 1 chosen, 0 not chosen; no number where nobody knows or asks."""
    about = {"disaggregation_type": f"Question, {question}", "unit": "1"}
    if not asked:
        without = {"value": float("nan"), "value_status": "not_applicable", "note": "closed"}
        return [{**about, "disaggregation": option, **without} for option in options]
    if answer in (_UNKNOWN, _UNANSWERED):
        without = {"value": float("nan"), "value_status": "missing", "note": answer}
        return [{**about, "disaggregation": option, **without} for option in options]
    chosen = answer.split(";")
    return [{**about, "disaggregation": option, "value": float(option in chosen), "n": 1} for option in options]
