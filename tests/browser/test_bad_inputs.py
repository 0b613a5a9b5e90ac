"""One bad input of each group in a real browser: brought as a country folder, said on the page in the same words."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from gbf_workbench.catalogue.specs import spec_of
from gbf_workbench.errors import WorkbenchError
from gbf_workbench.pipeline import check, compute
from tests.bad_inputs.case import Case, make_country
from tests.bad_inputs.test_bad_inputs import MODULES, OUTCOMES

from .test_preparing import bring, page  # noqa: F401 - the fixture with the page

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def first_of(group: str) -> Case:
    """The first case of a group that ends as its entry in the catalogue says."""
    for case in MODULES[group].CASES:
        levels = {find.level for find in case.variants[0].finds}
        if OUTCOMES[group].get(case.entry) in levels and not case.computed:
            return case
    return MODULES[group].CASES[0]


@pytest.mark.parametrize("group", OUTCOMES)
def test_the_page_says_what_the_library_says(group: str, page: Any, tmp_path: Path):  # noqa: F811
    case = first_of(group)
    folder = make_country(tmp_path / "country", case.country)
    case.variants[0].write(folder)
    try:
        issues = compute(case.code, folder).issues if case.computed else check(case.code, folder)
    except WorkbenchError as refused:
        issues = refused.issues
    wanted = case.variants[0].finds[0]
    said = next(issue.sentence("en") for issue in issues if (issue.level, issue.key) == (wanted.level, wanted.key))
    code = spec_of(case.code).code
    choice = page.get_by_label("Indicator", exact=True)
    names = choice.evaluate("e => [...e.options].map(o => o.text)")
    label = next((name for name in names if name.split()[0] == code), "")
    assert label, names
    choice.select_option(label=label)
    bring(page, Path(shutil.make_archive(str(tmp_path / f"{group}_country"), "zip", folder)))
    page.wait_for_function(
        "(words) => document.body.innerText.replace(/\\s+/g, ' ').includes(words)",
        arg=" ".join(said.split())[:80], timeout=60_000,
    )  # fmt: skip
