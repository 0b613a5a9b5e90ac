"""What a ministry of Aruvia would answer to the 15 questionnaires, with invented evidence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from gbf_workbench.catalogue.edition import load_edition
from gbf_workbench.catalogue.questionnaires import Question
from make_aruvia.made import Made
from make_aruvia.writing import write_table

#: Chances of no, under development, partially, fully.
_CHANCES = (0.14, 0.28, 0.43, 0.15)
_SCALE = ("no", "underDevelopment", "partially", "fully")
#: Answers that follow from other data of the sample, or show what an answer can be.
_SET = {
    "1": "no", "1.1(a)": "partially", "1.1(b)": "underDevelopment", "1.1(c)": "partially", "9.4": "notApplicable",
    "13.5": "partially", "13.6": "underDevelopment", "14.2": "partially", "17.4": "unknown", "20.3": "fully",
}  # fmt: skip
_PAPERS = ("Biodiversity Act", "Land Use Planning Act", "Fisheries Code", "National Strategy", "Finance Circular")


def write(folder: Path, made: Made, rng: np.random.Generator) -> None:
    """One row for each question that the answers before it open."""
    edition, rows = load_edition(), []
    for code, questionnaire in edition.questionnaires.items():
        answers: dict[str, tuple[str, ...]] = {}
        for question in questionnaire.questions:
            if question not in questionnaire.open_questions(answers):
                continue
            chosen = _answer(question, rng)
            answers[question.key] = chosen
            positive = set(chosen) - {"no", "underDevelopment", "none", "notApplicable", "unknown"}
            shown = f"{_PAPERS[int(rng.integers(5))]} {int(rng.integers(2008, 2024))}" if positive else ""
            rows.append((question.number, code, edition.name, "; ".join(chosen), shown))
    table = pd.DataFrame(rows, columns=["question", "indicator", "version", "answer", "evidence"])
    write_table(folder / "questionnaire_answers.csv", table)


def _answer(question: Question, rng: np.random.Generator) -> tuple[str, ...]:
    if question.type == "text":
        return ("Joint field stations with two universities",)
    options = [option.value for option in question.options]
    if question.number in _SET:
        return (_SET[question.number],)
    if question.on_scale:
        return (str(rng.choice(_SCALE, p=_CHANCES)),)
    if question.type == "single":
        return (str(rng.choice([one for one in options if one in ("yes", "no")])),)
    real = [one for one in options if one not in ("none", "other", "notApplicable")]
    count = int(rng.integers(1, len(real) + 1))
    return tuple(sorted(rng.choice(real, count, replace=False).tolist(), key=options.index))
