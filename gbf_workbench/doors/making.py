"""Making a new indicator: the pair of files, its sample, its notebook, its test; all found by their names."""

from __future__ import annotations

import json
import keyword
import re
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gbf_workbench.catalogue import indicator
from gbf_workbench.catalogue.specs import IndicatorSpec, read_spec, specs_of
from gbf_workbench.doors.notebooks import FOLDERS
from gbf_workbench.errors import problem
from gbf_workbench.locales import PACKAGE, read_yaml

_SLUG = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")

_SPEC = """code: {code}
summary: Say in one sentence what the number tells.
inputs:
  {slug}_values: {{table: indicator_values}}
alternatives: [[{slug}_values]]
parameters:
  factor:
    type: float
    default: 1.0
    help: What each value is multiplied by.
method:
  name: {name}
  version: "0.1"
  source: Name the official sheet and its paragraph.
route: standard
maturity: provisional
evidence: Nothing has been compared yet.
shortfall: Say why there is no result of others to hold it against.
unit: "{unit}"
uncertainty:
  kind: none
  text: Say where the interval comes from, or why there is none.
reading:
  says: What a rise or a fall means.
  says_not: What must not be read from it.
  decision: What decision hangs on it.
  find_data: Where a country finds the data.
  without_data: What a team without data does.
notes: {{}}
labels: {{}}
chart: {{kind: line}}
"""

_FUNCTION = '''"""{code} {name}."""

from __future__ import annotations

import pandas as pd


def {slug}({slug}_values: pd.DataFrame, *, factor: float) -> pd.DataFrame:
    """Say what is computed.

    Parameters
    ----------
    {slug}_values : DataFrame
        ``year, value`` [{unit}].
    factor : float
        What each value is multiplied by [1].

    Returns
    -------
    DataFrame
        ``year, value`` [{unit}].

    Examples
    --------
    >>> {slug}(pd.DataFrame({{"year": [2020], "value": [2.0]}}), factor=1.5)["value"].tolist()
    [3.0]
    """
    return pd.DataFrame({{"year": {slug}_values["year"], "value": {slug}_values["value"] * factor}})
'''

_TEST = '''"""{code} {name}: what a user would miss if it broke."""

from __future__ import annotations

import pandas as pd

from gbf_workbench.indicators.{slug} import {slug}


def test_each_value_is_multiplied_once():
    rows = {slug}(pd.DataFrame({{"year": [2020, 2021], "value": [1.0, 3.0]}}), factor=2.0)
    assert rows["value"].tolist() == [2.0, 6.0]
'''

_OPINION = '''"""{code} in a second, slow way that shares no code with the first."""

from __future__ import annotations

import csv
from pathlib import Path


def values(folder: Path) -> dict[tuple[int, str, str, str], float]:
    """The national number of each year."""
    with (folder / "{slug}" / "indicator_values.csv").open(encoding="utf-8", newline="") as file:
        return {{(int(row["year"]), "", "", "{unit}"): float(row["value"]) for row in csv.DictReader(file)}}
'''

_COUNTRY = "format: 1\ncode: XAR\nname: {en: Worked example}\n"
_VALUES = "year,value\n2020,2\n2021,3\n"
_EXPECTED = "year,disaggregation_type,disaggregation,value,unit\n2020,,,2,{unit}\n2021,,,3,{unit}\n"
_ANSWER = "# The answer, worked by hand\n\nEach value times the factor 1: 2020 gives 2, 2021 gives 3.\n"

#: Notebooks that several indicators share, by what stands for their code: title, code to begin with, help.
_SHARED = {
    "national": ("A national indicator", "", "Code (UUID) of the national indicator"),
    "binary": ("A questionnaire", "1.b", "Code of the binary indicator, such as 6.b"),
}
#: Headings that every indicator's notebook has.
_HEADINGS = ("The indicator", "The data", "The calculation", "The reading", "The report", "Further")


def new_indicator(code: str, slug: str, root: Path | None = None) -> list[Path]:
    """Write the files of a new indicator; none that exists is touched.

    Parameters
    ----------
    code : str
        A code of the catalogue.
    slug : str
        English noun phrase in full words, small letters and underscores.
    root : Path, optional
        The checkout; by default the one this package lies in.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    WorkbenchError
        If the code is unknown or has its spec already, the slug is no slug, or a file is there already.
    """
    one = indicator(code)
    if known := [spec.slug for spec in specs_of(one.code)]:
        raise problem("use.indicator_exists", value=one.code, slug=known[0])
    # A word of Python cannot be the name of a function.
    if not _SLUG.fullmatch(slug) or keyword.iskeyword(slug):
        raise problem("use.bad_slug", value=slug)
    root = root or PACKAGE.parent
    unit = one.unit or "unit"
    said = {"code": code, "slug": slug, "name": one.said("name", "en"), "unit": unit}
    package, sample = root / PACKAGE.name, root / "data_samples" / "worked" / slug
    files = {
        package / "indicators" / f"{slug}.yml": _SPEC.format(**said),
        package / "indicators" / f"{slug}.py": _FUNCTION.format(**said),
        root / "tests" / f"test_{slug}.py": _TEST.format(**said),
        root / "tests" / "second_opinions" / f"{slug}.py": _OPINION.format(**said),
        sample / "country.yml": _COUNTRY,
        sample / slug / "indicator_values.csv": _VALUES,
        sample / "expected.csv": _EXPECTED.format(**said),
        sample / "ANSWER.md": _ANSWER,
    }
    if there := [path for path in files if path.exists()]:
        raise problem("use.file_exists", value=", ".join(path.name for path in there))
    for path, content in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return [*files, write_notebook(package / "indicators" / f"{slug}.yml", root / FOLDERS[0].name)]


def write_notebook(spec_file: Path, folder: Path) -> Path:
    """Write the notebook of an indicator on the template; its texts can then be made richer by hand.

    Parameters
    ----------
    spec_file : Path
        ``<slug>.yml``, wherever it lies.
    folder : Path
    """
    import nbformat

    spec, raw = read_spec(spec_file), read_yaml(spec_file)
    path = folder / f"{spec.file_stem}.ipynb"
    notebook = nbformat.v4.new_notebook(cells=[_cell(*one) for one in template(spec, raw)])
    notebook.metadata = {
        "gbf": {"name": spec.slug, "code": spec.code},
        "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
        "language_info": {"name": "python"},
    }
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
    return path


def _cell(cell_id: str, source: str, *tags: str) -> Any:
    import nbformat

    code = cell_id.startswith("code-")
    cell = (nbformat.v4.new_code_cell if code else nbformat.v4.new_markdown_cell)(source)
    cell["id"] = cell_id
    cell["metadata"]["tags"] = list(tags)
    return cell


def template(spec: IndicatorSpec, raw: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """The cells of an indicator's notebook: id, source, tags."""
    texts = heading_texts(raw)
    pairs: list[tuple[str, ...]] = [("title", f"# {_name(spec)}")]
    pairs += [("code-parameters", parameters_source(spec), "parameters")]
    codes = {
        "The indicator": ("code-open", open_source(spec)),
        "The data": ("code-data", "panel.data()"),
        "The calculation": ("code-calculation", "panel.settings()\npanel.number()"),
        "The reading": ("code-reading", "panel.chart()\npanel.map()"),
        "The report": ("code-report", "panel.downloads()"),
    }
    for heading in _HEADINGS:
        key = heading.lower().replace("the ", "")
        pairs.append((key, f"## {heading}\n\n{texts[key]}"))
        if heading in codes:
            pairs.append(codes[heading])
    return pairs


def _name(spec: IndicatorSpec) -> str:
    title = _SHARED.get(spec.code, ("",))[0]
    return title or f"{spec.code} {indicator(spec.code).said('name', 'en')}"


def heading_texts(raw: Mapping[str, Any]) -> dict[str, str]:
    """The text under each heading, from what the spec file says of the indicator."""
    reading, method = raw["reading"], raw["method"]
    return {
        "indicator": f"{raw['summary'].strip()}\n\n**What hangs on it.** {reading['decision']}",
        "data": f"**Where they are found.** {reading['find_data']}\n\n**Without data.** {reading['without_data']}",
        "calculation": raw["uncertainty"]["text"].strip(),
        "reading": f"**What it says.** {reading['says']}\n\n**What it does not say.** {reading['says_not']}",
        "report": "The workbook has the nine columns of the Convention's reporting tool; a person uploads it there. "
        "Provisional methods and doubts are named in its footnotes.",
        "further": f"Method: {method['name']}, version {method['version']}. Source: {method['source']}\n\n"
        f"**How far it was checked.** {raw['evidence'].strip()} {raw.get('shortfall', '').strip()}".strip(),
    }


def parameters_source(spec: IndicatorSpec) -> str:
    """The parameters cell: one line for each, with its help, as papermill reads it."""
    lines = [
        'folder: str = "../data_samples/aruvia"  # The country folder',
        'out: str = ""  # Folder for the result files; empty writes none',
        'language: str = ""  # Language such as fr; empty takes GBF_LANGUAGE',
    ]
    if spec.code in _SHARED:
        _, default, said = _SHARED[spec.code]
        lines.insert(0, f'code: str = "{default}"  # {said}')
    helps = read_yaml(spec.file)["parameters"]
    for one in spec.parameters.values():
        # A second hash sign would spoil the line for papermill.
        said = helps[one.name]["help"].replace("#", "no.")
        lines.append(f"{one.name}: {one.type} = {_literal(one.default)}  # {said}")
    return "\n".join(lines)


def _literal(value: Any) -> str:
    return repr(value) if isinstance(value, bool | int | float) else json.dumps(value, ensure_ascii=False)


def open_source(spec: IndicatorSpec) -> str:
    """The cell that opens the panel with the parameters above it."""
    code = "code" if spec.code in _SHARED else f'"{spec.code}"'
    given = ", ".join(f"{name}={name}" for name in spec.parameters)
    lines = ["import gbf_workbench as gbf", ""]
    if given:
        lines += [
            "settings = dict(",
            *textwrap.wrap(given + ",", 110, initial_indent="    ", subsequent_indent="    "),
            ")",
        ]
    more = ", settings" if given else ""
    return "\n".join([*lines, f"panel = gbf.open_panel({code}, folder, out, language{more})", "panel.about()"])
