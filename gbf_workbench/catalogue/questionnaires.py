"""The binary questionnaires: questions, the answers they take, and which of them are open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gbf_workbench.catalogue.framework import Worded

#: What an answer can be: one option, several, or a text of one's own.
Answer = str | Sequence[str]


@dataclass(frozen=True)
class Option(Worded):
    """One answer that can be chosen."""

    own_words = ("label",)

    value: str
    label: str
    edition: str = ""

    @property
    def text_key(self) -> str:
        """Where its translations are kept."""
        return f"options.{self.value}"


@dataclass(frozen=True)
class Question(Worded):
    """One field of a questionnaire; the wording is ours, the official one stands in the decision.

    Attributes
    ----------
    key : str
        Its key in the reporting tool (``1_1_a``), number its number in the decision (``1.1(a)``).
    type : str
        ``single``, ``multi`` or ``text``.
    opened_by : mapping of question to answers
        It is asked once *any* of these questions has one of these answers; without any it is always asked.
    in_decision : bool
        False for fields that only the reporting tool has.
    """

    own_words = ("text",)

    key: str
    number: str
    type: str
    text: str
    options: tuple[Option, ...] = ()
    opened_by: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    mandatory: bool = True
    in_decision: bool = True
    edition: str = ""

    @property
    def text_key(self) -> str:
        """Where its translations are kept."""
        return f"questions.{self.key}"

    @property
    def on_scale(self) -> bool:
        """Whether it is answered on the scale from no to fully."""
        return "fully" in {option.value for option in self.options}


@dataclass(frozen=True)
class Questionnaire:
    """All questions of one binary indicator.

    Attributes
    ----------
    response_keys : tuple of str
        Where the reporting tool keeps the answers; 13.b is kept twice.
    in_decision : int
        Number of questions the decision counts.
    departures : tuple of str
        Where the reporting tool departs from the decision.
    """

    code: str
    questions: tuple[Question, ...]
    response_keys: tuple[str, ...]
    in_decision: int
    departures: tuple[str, ...] = ()

    def open_questions(self, answers: Mapping[str, Answer] | None = None) -> tuple[Question, ...]:
        """The questions to be asked, given the answers so far.

        Parameters
        ----------
        answers : mapping of key to answer
            One option, or a list of options. An answer to a question that is itself closed opens nothing.
        """
        answers = answers or {}
        given: dict[str, set[str]] = {}
        asked = []
        for question in self.questions:  # a question never stands before those that open it
            conditions = question.opened_by.items()
            if question.opened_by and not any(given.get(key, set()) & set(values) for key, values in conditions):
                continue
            asked.append(question)
            answer = answers.get(question.key, ())
            given[question.key] = {answer} if isinstance(answer, str) else set(answer)
        return tuple(asked)


def read_questionnaire(code: str, raw: Mapping[str, Any], labels: Mapping[str, str], edition: str) -> Questionnaire:
    """A questionnaire from its record in ``questions.yml``."""
    questions = []
    for one in raw["questions"]:
        given = dict(one)
        options = tuple(Option(value, labels.get(value, value), edition) for value in given.pop("options", ()))
        opened = {key: tuple(values) for key, values in given.pop("opened_by", {}).items()}
        questions.append(Question(given.pop("key"), **given, options=options, opened_by=opened, edition=edition))
    return Questionnaire(
        code, tuple(questions), tuple(raw["response_keys"]), raw["in_decision"], tuple(raw.get("departures", ()))
    )
