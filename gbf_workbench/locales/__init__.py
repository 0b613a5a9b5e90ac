"""Every sentence people read, in their language; numbers and dates shown in that language's way.

English has no file for indicators and tables: it is written where they are described (spec, schema, notebook).
``en.yml`` holds what belongs to the workbench itself; ``<language>.yml`` holds translations of all of it.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).resolve().parent.parent
RIGHT_TO_LEFT = frozenset({"ar"})
#: Parts of a spec or schema that people read, and so are translated.
_SPEC_PARTS = (
    "summary", "evidence", "shortfall", "parameters", "notes", "labels", "uncertainty", "doubts", "reading", "ways",
)  # fmt: skip


def languages() -> list[str]:
    """Codes of the languages that have a file, English first."""
    found = sorted(path.stem for path in Path(__file__).parent.glob("*.yml"))
    return ["en", *(code for code in found if code != "en")]


def current_language(language: str | None = None) -> str:
    """The language asked for, else ``GBF_LANGUAGE``, else English.

    >>> current_language("fr")
    'fr'
    """
    wanted = (language or os.environ.get("GBF_LANGUAGE") or "en").replace("_", "-").split("-")[0].lower()
    if wanted in languages():
        return wanted
    from gbf_workbench.errors import problem

    raise problem("use.unknown_language", value=wanted, choices=", ".join(languages()))


def direction(language: str | None = None) -> str:
    """``rtl`` or ``ltr``, as HTML wants it."""
    return "rtl" if current_language(language) in RIGHT_TO_LEFT else "ltr"


@cache
def read_yaml(path: Path) -> Any:
    """One of the package's own YAML files, read once. Callers must not change what they get."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    with path.open(encoding="utf-8") as file:
        return yaml.load(file, Loader=loader)  # noqa: S506 - a safe loader, in C where it can be had


def _flat(tree: Any, at: str, into: dict[str, str]) -> dict[str, str]:
    if isinstance(tree, dict):
        for name, branch in tree.items():
            _flat(branch, f"{at}.{name}" if at else str(name), into)
    elif isinstance(tree, str):
        into[at] = tree
    return into


@cache
def source_texts() -> dict[str, str]:
    """All English texts by key: the workbench's own, then those of specs, schemas and notebooks."""
    found = _flat(read_yaml(Path(__file__).parent / "en.yml"), "", {})
    for path in sorted((PACKAGE / "indicators").glob("*.yml")):
        spec = read_yaml(path)
        for part in _SPEC_PARTS:
            texts = _readable(spec.get(part)) if part == "parameters" else spec.get(part, {})
            _flat(texts, f"indicators.{path.stem}.{part}", found)
        if "method" in spec:
            found[f"indicators.{path.stem}.method.name"] = spec["method"]["name"]
    for path in sorted((PACKAGE / "preparation" / "schemas").glob("*.yml")):
        schema = read_yaml(path)
        at = f"tables.{path.stem}"
        _flat({"title": schema["title"], "description": schema.get("description", "")}, at, found)
        for one in schema.get("fields", ()):
            said = {"title": one.get("title", one["name"]), "description": one.get("description", "")}
            if "question" in one:
                said |= {"question": one["question"]}
                found[f"{at}.fields.{one['name']}.question.remedy"] = one.get("remedy", found["check.asked_for.remedy"])
            _flat(said, f"{at}.fields.{one['name']}", found)
        for one in schema.get("rules", ()):
            if "says" in one:
                found[f"{at}.rules.{one['key']}"] = one["says"]
                found[f"{at}.rules.{one['key']}.remedy"] = one["remedy"]
    for path in sorted((PACKAGE / "preparation" / "sources").glob("*.yml")):
        source, at = read_yaml(path), f"sources.of.{path.stem}"
        _flat({part: source[part] for part in ("title", "gives", "terms", "size", "rate_limit")}, at, found)
        _flat({str(n): step for n, step in enumerate(source["by_hand"], start=1)}, f"{at}.by_hand", found)
        _flat({name: one["help"] for name, one in source.get("options", {}).items()}, f"{at}.options", found)
    for path in sorted([*PACKAGE.parent.glob("notebooks/*.ipynb"), *PACKAGE.parent.glob("training/*/lesson.ipynb")]):
        found.update(_notebook_texts(path))
    for path in sorted(PACKAGE.parent.glob("training/*/exercises.yml")):
        found.update(_exercise_texts(path))
    return found


def _exercise_texts(path: Path) -> dict[str, str]:
    """Helps and hints of a lesson's exercises; their answers are digests and no texts."""
    found: dict[str, str] = {}
    for name, one in read_yaml(path).items():
        at = f"notebooks.lesson_{path.parent.name}.exercises.{name}"
        found[f"{at}.help"] = one["help"]
        found |= {f"{at}.mistakes.{slip}.hint": said["hint"] for slip, said in one["mistakes"].items()}
    return found


def _notebook_texts(path: Path) -> dict[str, str]:
    """The markdown cells of a notebook; where they lie in no checkout there is nothing to translate from."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    at = f"notebooks.{notebook['metadata']['gbf']['name']}"
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "markdown"]
    return {f"{at}.{cell['id']}": "".join(cell["source"]) for cell in cells}


def _readable(parameters: dict[str, Any] | None) -> dict[str, Any]:
    """Of each parameter only what is read: its help and its choices."""
    parts = parameters or {}
    return {name: {key: one[key] for key in ("help", "choices") if key in one} for name, one in parts.items()}


@cache
def texts(language: str) -> dict[str, str]:
    """All texts of one language; what is not translated yet is there in English."""
    found = dict(source_texts())
    if language != "en":
        found.update({key: said for key, said in translated_texts(language).items() if said})
    return found


def stamps_of(language: str) -> dict[str, str]:
    """For each text of a language the first eight letters of the MD5 of the English it was translated from."""
    path = Path(__file__).parent / "stamps" / f"{language}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def stamp(language: str) -> Path:
    """Write the stamps of a language anew: its texts are declared to translate the English of today."""
    english = source_texts()
    stamps = {key: digest_of_text(english[key]) for key in sorted(translated_texts(language)) if key in english}
    path = Path(__file__).parent / "stamps" / f"{language}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(stamps, indent=0) + "\n", encoding="utf-8")
    return path


def digest_of_text(words: str) -> str:
    """Eight letters that change when a sentence changes."""
    return hashlib.md5(words.encode(), usedforsecurity=False).hexdigest()[:8]


def translated_texts(language: str) -> dict[str, str]:
    """The texts that a language file itself holds, by key."""
    return _flat(read_yaml(Path(__file__).parent / f"{language}.yml"), "", {})


def has_text(key: str) -> bool:
    """Whether there is a sentence with this key."""
    return key in source_texts()


def text(key: str, language: str | None = None, **values: Any) -> str:
    """The sentence with this key, filled in; numbers among the values are shown the language's way.

    A key that does not exist is a fault of ours and raises ``KeyError``.
    """
    code = current_language(language)
    said = texts(code)[key]
    if not values:
        return said
    shown = {
        name: number(v, code) if isinstance(v, int | float) and name != "year" else v for name, v in values.items()
    }
    return said.format_map(shown)


def label(words: str, slug: str = "", language: str | None = None) -> str:
    """A fixed English label of a result (a realm, a category) in the language; names of the user's own stay."""
    known = texts(current_language(language))
    # “Additions, 2000–2010”: the years after the comma are no words to translate.
    fixed, comma, rest = words.partition(", ")
    for said, more in ((words, ""), (fixed, comma + rest)):
        for key in (f"indicators.{slug}.labels.{_key(said)}", f"labels.{_key(said)}"):
            if key in known:
                return known[key] + more
    return words


def _key(words: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")


def note(coded: str, slug: str = "", language: str | None = None) -> str:
    """The note of a result row, written by the science as ``key|name=value`` and joined by ``;``, as sentences."""
    said = []
    for one in filter(None, coded.split(";")):
        key, *pairs = one.split("|")
        values = {name: _number_or_text(value) for name, value in (pair.split("=", 1) for pair in pairs)}
        at = f"indicators.{slug}.notes.{key}"
        said.append(text(at, language, **values) if has_text(at) else one)
    return " ".join(said)


def _number_or_text(value: str) -> Any:
    try:
        read = json.loads(value)
    except json.JSONDecodeError:
        return value
    # A year is a name, not a quantity: it must not come out as 2,020.
    return value if isinstance(read, int) and 1000 <= read <= 2999 else read if isinstance(read, int | float) else value


_MOST_WRITTEN_OUT = 10**18


def number(value: float | int | None, language: str | None = None, *, digits: int | None = None) -> str:
    """A number for people to read.

    Parameters
    ----------
    value : float, int or None
        None and not-a-number give an en dash.
    digits : int, optional
        Decimal places; without it as many as four significant digits need, at most four.

    >>> number(12345.6, "en", digits=1), number(12345.6, "es", digits=1)
    ('12,345.6', '12.345,6')
    """
    from babel.numbers import format_decimal, format_scientific

    if value is None or value != value:
        return "–"
    if abs(value) >= _MOST_WRITTEN_OUT:
        # Nobody counts so many digits; such numbers come from damaged files.
        return format_scientific(value, format="0.###E0", locale=current_language(language))
    if digits is None:
        digits = 0 if float(value).is_integer() else max(0, 4 - len(str(int(abs(value)))))
        pattern = "#,##0." + "#" * digits if digits else "#,##0"
    else:
        pattern = "#,##0." + "0" * digits if digits else "#,##0"
    return format_decimal(value, format=pattern, locale=current_language(language))


def day(value: date, language: str | None = None) -> str:
    """A date for people to read.

    >>> day(date(2026, 2, 28), "fr")
    '28 février 2026'
    """
    from babel.dates import format_date

    return format_date(value, format="long", locale=current_language(language))
