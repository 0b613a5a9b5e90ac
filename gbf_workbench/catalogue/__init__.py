"""What the Framework asks for, as versioned data: goals, targets, indicators, questions, forms and code lists."""

from __future__ import annotations

from pathlib import Path

from gbf_workbench.catalogue.description import Description, describe
from gbf_workbench.catalogue.edition import DEFAULT_EDITION, Edition, editions, load_edition, with_national
from gbf_workbench.catalogue.forms import CodeItem
from gbf_workbench.catalogue.framework import KINDS, Goal, Indicator, Target
from gbf_workbench.catalogue.national import national_indicators, new_national_code
from gbf_workbench.catalogue.questionnaires import Question
from gbf_workbench.catalogue.search import Findings, aim_of, find

__all__ = [
    "DEFAULT_EDITION", "KINDS", "Description", "Edition", "Findings", "Goal", "Indicator", "Question", "Target",
    "aim_of", "code_list", "describe", "editions", "find", "goals", "indicator", "indicators", "load_edition",
    "national_indicators", "new_national_code", "questions", "targets", "with_national",
]  # fmt: skip


def indicator(code: str, edition: Edition | str | Path | None = None) -> Indicator:
    """The indicator with this code.

    >>> indicator("3.1").said("name", "fr")
    'Couverture des zones protégées et autres mesures efficaces de conservation par zone'
    """
    return load_edition(edition).indicator(code)


def indicators(kind: str | None = None, edition: Edition | str | Path | None = None) -> tuple[Indicator, ...]:
    """All indicators, or those of one kind, in the order of the Framework.

    >>> len(indicators()), len(indicators("headline"))
    (204, 27)
    """
    return load_edition(edition).indicators(kind)


def goals(edition: Edition | str | Path | None = None) -> tuple[Goal, ...]:
    """The goals for 2050."""
    return load_edition(edition).goals


def targets(edition: Edition | str | Path | None = None) -> tuple[Target, ...]:
    """The targets for 2030."""
    return load_edition(edition).targets


def questions(code: str, edition: Edition | str | Path | None = None) -> tuple[Question, ...]:
    """All questions of a binary indicator.

    >>> [question.number for question in questions("5.b")]
    ['5.1']
    """
    return load_edition(edition).questions(code)


def code_list(name: str, edition: Edition | str | Path | None = None) -> tuple[CodeItem, ...]:
    """The classes of a code list of the detailed tables.

    >>> code_list("get_biomes")[0].as_printed
    'T1 Tropical-subtropical forests biome'
    """
    return load_edition(edition).code_list(name)
