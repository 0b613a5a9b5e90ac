"""Controls for questions about data: one for each finding that a word of mapping.yml settles, one to take it back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from typing import Any

from gbf_workbench.locales import text
from gbf_workbench.preparation.answers import Question

Answered = Callable[[Mapping[str, Any]], None]
WIDE = {"width": "auto", "max_width": "46rem"}


def question_control(question: Question, answered: Answered, language: str | None = None) -> Any:
    """What is asked, the answers to choose from, and a field where another one may be typed.

    Parameters
    ----------
    question : Question
    answered : callable
        Called with what the answer adds to the table in ``mapping.yml``; nothing where the answer was taken away.
    language : str, optional
    """
    import ipywidgets

    issue = question.issue
    place = issue.place(language)
    said = f"<strong>{escape(place)}</strong>: " if place else ""
    rows: list[Any] = [ipywidgets.HTML(f'<p class="gbf-option">{said}{escape(issue.sentence(language))}</p>')]
    if question.answers:
        options = [
            (text("panel.no_column", language), -1),
            *((words, at) for at, (words, _) in enumerate(question.answers)),
        ]
        choice = ipywidgets.Dropdown(options=options, value=-1, layout=ipywidgets.Layout(**WIDE))
        choice.observe(
            lambda change: answered(question.answers[change["new"]][1] if change["new"] >= 0 else {}), names="value"
        )
        rows.append(choice)
    if question.word:
        typed = ipywidgets.Text(
            placeholder=text(f"prepare.typed.{question.word}", language), continuous_update=False,
            layout=ipywidgets.Layout(**WIDE),
        )  # fmt: skip
        typed.observe(
            lambda change: answered(question.typed(change["new"]) if change["new"].strip() else {}), names="value"
        )
        rows.append(typed)
    box = ipywidgets.VBox(rows)
    box.add_class("gbf-question-box")
    return box


def taken_back_control(word: str, taken_back: Callable[[], None], language: str | None = None) -> Any:
    """A button that takes an answer back."""
    import ipywidgets

    button = ipywidgets.Button(
        description=text("prepare.take_back", language, word=word), layout=ipywidgets.Layout(**WIDE)
    )
    button.on_click(lambda _: taken_back())
    return button
