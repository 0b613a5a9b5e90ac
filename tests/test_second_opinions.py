"""Every indicator's numbers on the sample country and on its worked example, worked out in a second, slow way."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

import pytest

from gbf_workbench.catalogue.specs import specs
from gbf_workbench.pipeline import compute

ROOT = Path(__file__).resolve().parent.parent
HERE = ROOT / "tests" / "second_opinions"
SAMPLE, WORKED = ROOT / "data_samples" / "aruvia", ROOT / "data_samples" / "worked"
OPINIONS = sorted(path.stem for path in HERE.glob("[a-z]*.py"))
#: An indicator of one's own may lack data in the sample country; those of the Framework have them there.
FOLDERS = [(slug, place) for slug in OPINIONS for place in (SAMPLE, WORKED / slug) if (place / slug).is_dir()]


def test_every_indicator_has_a_second_opinion():
    assert sorted(specs()) == OPINIONS


@pytest.mark.parametrize("slug", OPINIONS)
def test_a_second_opinion_shares_no_code_with_the_first(slug: str):
    tree = ast.parse((HERE / f"{slug}.py").read_text(encoding="utf-8"))
    imported = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    imported |= {n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    assert not [name for name in imported if name.startswith("gbf_workbench")]


@pytest.mark.parametrize(("slug", "folder"), FOLDERS, ids=lambda one: one if isinstance(one, str) else one.name)
def test_a_second_way_gives_the_same_numbers(slug: str, folder: Path):
    opinion = importlib.import_module(f"tests.second_opinions.{slug}")
    expected = opinion.values(folder)
    result = compute(slug, folder, **getattr(opinion, "SETTINGS", {}))
    key = ["year", "disaggregation_type", "disaggregation", "unit"]
    ours = {tuple(row[one] for one in key): row["value"] for row in result.data.to_dict("records")}
    assert expected
    for at, value in expected.items():
        assert ours[at] == pytest.approx(value, rel=getattr(opinion, "TOLERANCE", 1e-9), abs=1e-12), at
    # Whatever else it leaves out, it has the national number of every year.
    totals = {tuple(row[one] for one in key) for row in result.totals.dropna(subset="value").to_dict("records")}
    assert totals <= set(expected)
