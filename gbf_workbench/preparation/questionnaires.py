"""A questionnaire is read with the key of its own edition, and an answer is one that its question takes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache

import pandas as pd

from gbf_workbench.catalogue.edition import Edition, load_edition
from gbf_workbench.catalogue.questionnaires import Option, Question
from gbf_workbench.errors import Issue
from gbf_workbench.locales import languages, read_yaml, text
from gbf_workbench.preparation.code_lists import FOLDER as CODE_LISTS
from gbf_workbench.preparation.tables import plain
from gbf_workbench.preparation.texts import WORDS, is_marked

TABLE = "questionnaire_answers"
#: Nobody answered yet; somebody looked, and it is not known. Neither is one of the Framework's answers, nor a no.
UNANSWERED, UNKNOWN = "unanswered", "unknown"
#: Answers that cannot stand beside others.
_ALONE = ("none", "notApplicable", UNKNOWN, UNANSWERED)
#: Answers that say there is nothing yet that evidence could be given for.
_NOT_POSITIVE = {"no", "underDevelopment", *_ALONE}
_BETWEEN = re.compile(r"\s*[;；؛|\n]\s*")
_COMMA = re.compile(r"\s*[,，،、]\s*")
_LONGEST = 400


@dataclass(frozen=True)
class Answered:
    """What one cell says: the answers chosen, or why it says none that can be used (the key of an issue)."""

    chosen: tuple[str, ...] = ()
    fault: str = ""
    parts: tuple[str, ...] = ()
    synonym: bool = False


@cache
def questions_of(edition: Edition) -> dict[str, tuple[str, Question]]:
    """All questions of an edition by number, each with the code of its indicator.

    >>> questions_of(load_edition())["1.1(a)"][0]
    '1.b'
    """
    asked = edition.questionnaires.items()
    return {one.number: (code, one) for code, questionnaire in asked for one in questionnaire.questions}


def _steps(words: str) -> tuple[str, ...]:
    """The parts of a question's number, however it is punctuated: 1.1(a), 1_1_a and Q1.1a are the same."""
    tidy = re.sub(r"^\s*(?:question|q)[\s.]*(?=[\w(])", "", words.strip().casefold())
    return tuple(re.findall(r"\d+|[^\W\d_]+", tidy))


@cache
def _numbers(edition: Edition) -> dict[tuple[str, ...], str]:
    found: dict[tuple[str, ...], str] = {}
    for number, (_, one) in questions_of(edition).items():
        found[_steps(number)] = number
        found.setdefault(_steps(one.key), number)
    return found


@cache
def _known_words() -> dict[str, tuple[str, ...]]:
    """Other ways to write each answer, in six languages."""
    listed = read_yaml(CODE_LISTS / "answers.yml")["codes"]
    return {code: (one["title"], *one["synonyms"]) for code, one in listed.items()}


def answers_to(question: Question) -> tuple[str, ...]:
    """Codes of the answers that a question takes, with the two that say there is none."""
    return (*(option.value for option in question.options), UNKNOWN, UNANSWERED)


def answer_label(question: Question, answer: str, language: str | None = None) -> str:
    """What people read for an answer: in the catalogue's words, or ours for what the Framework does not offer.

    >>> answer_label(questions_of(load_edition())["6.1"][1], "unanswered", "en")
    'Not answered yet'
    """
    labels = {option.value: option.said("label", language) for option in question.options}
    return labels.get(answer) or text(f"questionnaire.answer.{answer}", language)


@cache
def _words_for(options: tuple[Option, ...]) -> tuple[dict[str, str], dict[str, str]]:
    """Plain words to answers: those the drop-down lists write, in any language; then other ways to say the same."""
    values = [*(option.value for option in options), UNKNOWN, UNANSWERED]
    labels = {plain(value): value for value in values}
    for language in languages():
        labels.update({plain(option.said("label", language)): option.value for option in options})
        labels.update({plain(text(f"questionnaire.answer.{one}", language)): one for one in (UNKNOWN, UNANSWERED)})
    words = {plain(said): value for value in values for said in _known_words().get(value, ())}
    return labels, {said: value for said, value in words.items() if said not in labels}


def takes_one(question: Question) -> bool:
    """Whether one answer only may be chosen; 9.3 lets several be ticked although they are the steps of one scale."""
    return question.type == "single" or question.on_scale


def read_answer(question: Question, said: str) -> Answered:
    """What a cell answers to a question.

    >>> water = questions_of(load_edition())["6.1"][1]
    >>> read_answer(water, "Partiellement").chosen, read_answer(water, "yes but only parks").fault
    (('partially',), 'not_an_answer')
    """
    if question.type == "text":
        return Answered((said,))
    labels, words = _words_for(question.options)

    def meant(part: str) -> str | None:
        # “Yes?” is a doubt, and “Yes*” has a footnote that says what is not there.
        return None if is_marked(part) else labels.get(plain(part)) or words.get(plain(part))

    if one := meant(said):
        return Answered((one,), synonym=plain(said) not in labels)
    parts = [part for part in _BETWEEN.split(said) if part]
    if not all(map(meant, parts)) or len(parts) < 2:
        by_comma = [part for part in _COMMA.split(said) if part]
        parts = by_comma if len(by_comma) > 1 and all(map(meant, by_comma)) else parts
    if takes_one(question):
        several = tuple(parts) if _look_chosen(parts, meant) else _run_together(said, labels | words)
        return Answered(fault="several_answers", parts=several) if several else Answered(fault="not_an_answer")
    if len(parts) < 2 or not all(map(meant, parts)):
        return Answered(fault="not_an_answer", parts=tuple(part for part in parts if not meant(part)))
    chosen = dict.fromkeys(str(meant(part)) for part in parts)
    if len(chosen) > 1 and any(one in _ALONE for one in chosen):
        return Answered(fault="alone", parts=tuple(part for part in parts if meant(part) in _ALONE))
    order = [option.value for option in question.options]
    said_otherwise = any(plain(part) not in labels for part in parts)
    return Answered(tuple(sorted(chosen, key=order.index)), synonym=said_otherwise)


def _look_chosen(parts: Sequence[str], meant: Callable[[str], str | None]) -> bool:
    """Whether several answers were chosen, or letters that stand for answers; otherwise the cell is a remark."""
    return len(parts) > 1 and all(meant(part) or re.fullmatch(r"[^\W\d_]|\d", part) for part in parts)


def _run_together(said: str, known: Mapping[str, str]) -> tuple[str, ...]:
    """The answers of a cell that names several without anything that parts them, such as “No Fully” or “a c”."""
    if len(said) > _LONGEST:
        return ()
    if re.fullmatch(r"[a-h](?:\s*[a-h])+", said.strip().casefold()):
        return tuple(letter for letter in said if letter.isalpha())
    alternatives = "|".join(re.escape(one) for one in sorted(known, key=len, reverse=True) if len(one) > 1)
    whole = plain(re.sub(r"\b(?:and|et|y|und|or|ou|o)\b", " ", said, flags=re.IGNORECASE))
    found = re.findall(alternatives, whole)
    return tuple(found) if len(found) > 1 and "".join(found) == whole else ()


def check_answers(
    table: pd.DataFrame, columns: Mapping[str, str | None] | None = None, edition: Edition | None = None
) -> tuple[pd.DataFrame, list[Issue]]:
    """Hold answers against the questionnaires.

    Parameters
    ----------
    table : DataFrame
        Answers with the columns of the schema; the index is the spreadsheet row.
    columns : mapping, optional
        Column of the schema to column of the user's file, for the findings.
    edition : Edition, optional
        The edition the answers must be for.

    Returns
    -------
    DataFrame
        Questions by their numbers, answers by their codes (several joined by “;”); questionnaires nobody has begun are
        left out.
    list of Issue
    """
    if table.empty:
        return table, []
    return _Reading(table, columns or {}, edition or load_edition()).checked()


def answers_by_key(table: pd.DataFrame, edition: Edition | None = None) -> dict[str, str | tuple[str, ...]]:
    """Answers of a checked table under the keys of the reporting tool, as ``open_questions`` takes them.

    What is unknown or unanswered is no answer and is not among them.
    """
    known = questions_of(edition or load_edition())
    found: dict[str, str | tuple[str, ...]] = {}
    for number, said in zip(table["question"], table["answer"], strict=True):
        if number in known and not pd.isna(said) and said not in (UNKNOWN, UNANSWERED):
            question = known[number][1]
            found[question.key] = tuple(said.split(";")) if question.type == "multi" else said
    return found


def of_indicator(table: pd.DataFrame, issues: Sequence[Issue], code: str) -> tuple[pd.DataFrame, list[Issue]]:
    """The rows of one questionnaire, and what was found in them or cannot be laid to another one.

    Beside its answer each row has ``options``, those its question offers (empty where it takes a text), and ``asked``,
    whether the other answers open it.
    """
    other = set(table.index[table["indicator"].notna() & (table["indicator"] != code)].tolist())
    mine = [issue for issue in issues if not issue.rows or not set(issue.rows) <= other]
    rows, edition = table[~table.index.isin(other)], load_edition()
    known, answers = questions_of(edition), answers_by_key(rows)
    opened = {one.number for one in edition.questionnaires[code].open_questions(answers)}
    offered = [";".join(one.value for one in known[n][1].options) if n in known else "" for n in rows["question"]]
    rows = rows.assign(options=offered, asked=rows["question"].isin(opened))
    return rows, [one for one in mine if one.values.get("code", code) == code]


class _Reading:
    """One table of answers on its way to codes; gathers what is to be said."""

    def __init__(self, table: pd.DataFrame, columns: Mapping[str, str | None], edition: Edition) -> None:
        self.table, self.columns, self.edition = table.copy(), columns, edition
        self.known = questions_of(edition)
        self.issues: list[Issue] = []

    def say(
        self, level: str, key: str, column: str, rows: Sequence[int] = (), value: str = "", **values: object
    ) -> None:
        after = str(values.pop("after", ""))
        changed = {"before": value, "after": after} if level == "repair" else {}
        at = tuple(sorted(int(row) for row in rows))
        name = self.columns.get(column) or column
        key = key if "." in key else f"questionnaire.{key}"
        self.issues.append(Issue(level, key, values, column=name, value=value[:80], rows=at, **changed))

    def checked(self) -> tuple[pd.DataFrame, list[Issue]]:
        self._questions()
        self._indicators()
        current = self._versions()
        self._answers(current)
        begun = [code for code in self.edition.questionnaires if self._rows_of(code)["answer"].notna().any()]
        for code in begun:
            self._completeness(code, current)
        idle = self.table["indicator"].isin(set(self.edition.questionnaires) - set(begun))
        return self.table[~idle], self.issues

    def _rows_of(self, code: str) -> pd.DataFrame:
        return self.table[self.table["indicator"] == code]

    def _questions(self) -> None:
        """Numbers as the catalogue writes them; a question that is not there or stands twice is an error."""
        numbers, written = _numbers(self.edition), self.table["question"].copy()
        for said, rows in written.groupby(written, sort=False):
            number = numbers.get(_steps(str(said)))
            if number is None:
                near = get_close_matches(str(said), self.known, n=5, cutoff=0.5) or list(self.known)[:5]
                self.say("error", "unknown_question", "question", rows.index, str(said), near=", ".join(near))
            elif number != said:
                key = next((one.key for _, one in [self.known[number]] if one.key == said), "")
                if not key:
                    self.say("repair", "check.synonym", "question", rows.index, str(said), meant=number, after=number)
                self.table.loc[rows.index, "question"] = number
        now = self.table["question"]
        for number, rows in now.groupby(now, sort=False):
            # Cells written alike are found by the table's key.
            if len(rows) > 1 and written[rows.index].nunique() > 1:
                self.say("error", "question_twice", "question", rows.index, str(number))

    def _indicators(self) -> None:
        for row, number, said in zip(self.table.index, self.table["question"], self.table["indicator"], strict=True):
            code = self.known[number][0] if number in self.known else None
            if code and not pd.isna(said) and str(said).strip().casefold() != code.casefold():
                self.say("error", "other_indicator", "indicator", [row], str(said), question=number, code=code)
        codes = [self.known[one][0] if one in self.known else None for one in self.table["question"]]
        self.table["indicator"] = pd.Series(codes, index=self.table.index, dtype=self.table["indicator"].dtype)

    def _versions(self) -> pd.Series:
        """Which rows are for this edition; the others are not read with its key."""
        said, needed = self.table["version"], self.edition.name
        answered = self.table["answer"].notna()
        current = said.map(lambda one: not pd.isna(one) and self._is_current(str(one))).astype(bool)
        if len(absent := said.index[said.isna() & answered]):
            rows = () if said.isna().all() and not self.columns.get("version") else absent
            self.say("error", "version_missing", "version", rows, needed=needed)
        old = said[said.notna() & ~current]
        for words, rows in old.groupby(old, sort=False):
            self.say("error", "version", "version", rows.index, str(words), needed=needed)
        return current

    def _is_current(self, said: str) -> bool:
        names = (self.edition.name, str(self.edition.about.get("decision", "")), *self.edition.about["title"].values())
        return plain(said) in {plain(name) for name in names}

    def _answers(self, current: pd.Series) -> None:
        """Answers as codes; a cell that is no answer of its question is an error and becomes empty."""
        without: dict[str, list[int]] = {}
        said = self.table["answer"].copy()
        for row, number in self.table.loc[current & said.notna(), "question"].items():
            if number not in self.known:
                continue
            code, question = self.known[number]
            words = str(said[row])
            read = read_answer(question, words)
            if read.fault:
                self._refuse(question, row, words, read)
            elif read.synonym:
                after = "; ".join(read.chosen)
                self.say("repair", "check.synonym", "answer", [row], words, meant=after, after=after)
            self.table.loc[row, "answer"] = ";".join(read.chosen) if read.chosen else None
            if self._lacks_evidence(question, read, row):
                without.setdefault(code, []).append(row)
        for code, rows in without.items():
            self.say("flag", "no_evidence", "evidence", rows, code=code)

    def _lacks_evidence(self, question: Question, read: Answered, row: int) -> bool:
        asked = question.in_decision and question.type != "text"
        evidence = self.table.at[row, "evidence"]
        nothing = pd.isna(evidence) or evidence.casefold() in WORDS
        return asked and bool(set(read.chosen) - _NOT_POSITIVE) and nothing

    def _refuse(self, question: Question, row: int, words: str, read: Answered) -> None:
        choices = " / ".join(answer_label(question, value, "en") for value in answers_to(question))
        is_yes = question.on_scale and _known_as(words) == "yes"
        fault = "yes_on_scale" if read.fault == "not_an_answer" and is_yes else read.fault
        parts = ", ".join(read.parts)
        self.say("error", fault, "answer", [row], words, question=question.number, choices=choices, parts=parts)

    def _completeness(self, code: str, current: pd.Series) -> None:
        """Questions that are asked and have no answer, and answers to questions that are not asked."""
        rows = self._rows_of(code)
        if not current[rows.index].any():
            return
        questionnaire = self.edition.questionnaires[code]
        answers = answers_by_key(rows, self.edition)
        # What cannot be read or is not known may open a question or not: it is not held against those it opens.
        unsure = set(rows.loc[~rows["answer"].isin(self._given(rows)), "question"])
        asked = {question.number for question in questionnaire.open_questions(answers)}
        needed = {one.number for one in questionnaire.questions if one.mandatory} & asked
        blank = rows[rows["answer"].isna() & rows["question"].isin(needed) & current[rows.index]]
        blank = blank[~blank.index.isin(self._refused())]
        if len(blank):
            self.say("error", "unanswered", "answer", blank.index, code=code, total=len(needed))
        if absent := [one for one in self._in_order(code) if one in needed and one not in set(rows["question"])]:
            self.say("flag", "no_row", "question", code=code, count=len(absent), names=", ".join(absent))
        for row, question in self._closed(rows, asked, unsure):
            opener = ", ".join(one.number for one in questionnaire.questions if one.key in question.opened_by)
            self.say("flag", "not_asked", "answer", [row], question.number, question=question.number, opener=opener)

    def _in_order(self, code: str) -> list[str]:
        return [question.number for question in self.edition.questionnaires[code].questions]

    @staticmethod
    def _given(rows: pd.DataFrame) -> list[str]:
        return [one for one in rows["answer"].dropna() if one not in (UNKNOWN, UNANSWERED)]

    def _refused(self) -> set[int]:
        """Rows whose answer was refused already: they are not blank."""
        return {
            row
            for issue in self.issues
            if issue.level == "error" and issue.column == self._answer
            for row in issue.rows
        }

    @property
    def _answer(self) -> str:
        return self.columns.get("answer") or "answer"

    def _closed(self, rows: pd.DataFrame, asked: set[str], unsure: set[str]) -> Iterator[tuple[int, Question]]:
        """Answers to questions that the other answers leave closed for certain."""
        by_key = {one.key: one.number for _, one in self.known.values()}
        there = set(rows["question"])
        for row, number, said in zip(rows.index, rows["question"], rows["answer"], strict=True):
            if pd.isna(said) or number in asked or number not in self.known or said in _NOT_POSITIVE:
                continue
            openers = [by_key[key] for key in self.known[number][1].opened_by]
            if all(one in there and one not in unsure for one in openers):
                yield int(row), self.known[number][1]


def _known_as(words: str) -> str:
    """The answer that a text is in any questionnaire, whatever this question takes."""
    return next((code for code, ways in _known_words().items() if plain(words) in map(plain, (code, *ways))), "")
