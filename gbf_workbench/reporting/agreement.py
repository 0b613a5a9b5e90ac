"""Where the answers of a country and its own numbers cannot both be right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from gbf_workbench.catalogue.edition import FOLDER, Edition
from gbf_workbench.errors import Issue
from gbf_workbench.locales import read_yaml
from gbf_workbench.preparation.questionnaires import answer_label, questions_of


def disagreements(data: pd.DataFrame, edition: Edition, language: str | None = None) -> Iterator[Issue]:
    """Flags for answers that a number speaks against.

    Parameters
    ----------
    data : DataFrame
        Rows of all results of a country, with the columns of a result.
    edition : Edition
        Its ``agreement.yml`` says which answer goes with which number.
    """
    rules = FOLDER / edition.name / "agreement.yml"
    for rule in read_yaml(rules) if rules.is_file() else ():
        code, question = questions_of(edition)[rule["question"]]
        answers = data[(data["indicator"] == code) & (data["disaggregation_type"] == f"Question, {rule['question']}")]
        chosen = set(answers.loc[answers["value"] == 1, "disaggregation"]) & set(rule["answers"])
        newest = _newest(data, rule)
        if not chosen or newest is None:
            continue
        if newest["value"] < rule.get("below", float("-inf")) or newest["value"] > rule.get("above", float("inf")):
            answer = answer_label(question, chosen.pop(), language)
            facts = {"question": rule["question"], "answer": answer, "indicator": rule["indicator"], "of": code}
            yield Issue("flag", "agreement.differs", facts | {name: newest[name] for name in ("value", "unit", "year")})


def _newest(data: pd.DataFrame, rule: Mapping[str, Any]) -> dict[str, Any] | None:
    """The newest number that a rule speaks of, in the unit of the indicator."""
    rows = data[(data["indicator"] == rule["indicator"]) & data["value"].notna()]
    rows = rows[
        (rows["disaggregation_type"] == rule.get("kind", "")) & (rows["disaggregation"] == rule.get("part", ""))
    ]
    if len(rows) and rule.get("kind"):
        totals = data[(data["indicator"] == rule["indicator"]) & (data["disaggregation_type"] == "")]
        rows = rows[rows["unit"].isin(set(totals["unit"]))]
    return rows.sort_values("year").iloc[-1].to_dict() if len(rows) else None
