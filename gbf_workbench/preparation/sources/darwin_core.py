"""Darwin Core archives: a core table and its extensions, read by the map that lies in the archive."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path
from typing import Any

from gbf_workbench.errors import problem

_META = "meta.xml"


def read_archive(path: Path) -> dict[str, list[dict[str, str]]]:
    """Tables of an archive by the last word of their kind (``Taxon``, ``Distribution``, ``SpeciesProfile``).

    Returns
    -------
    dict of str to list of dict
        Each row by the last words of its terms; ``id`` is the key that joins extensions to the core.

    Raises
    ------
    WorkbenchError
        If the archive holds no ``meta.xml`` or not the tables it names.
    """
    from defusedxml import ElementTree

    with zipfile.ZipFile(path) as packed:
        members = {Path(name).name: name for name in packed.namelist()}
        if _META not in members:
            raise problem("sources.member_missing", file=path.name, value=_META)
        meta = ElementTree.fromstring(packed.read(members[_META]))
        tables = {}
        for part in meta:
            kind = _last(part.get("rowType", ""))
            location = part.findtext("./{*}files/{*}location") or ""
            if Path(location).name not in members:
                raise problem("sources.member_missing", file=path.name, value=location)
            with packed.open(members[Path(location).name]) as raw:
                tables[kind] = _rows(part, raw)
    return tables


def _rows(part: Any, raw: Any) -> list[dict[str, str]]:
    """Rows of one table, as the map says how it is written."""
    marks = {"\\t": "\t", "\\n": "\n", "\\r\\n": "\r\n"}
    delimiter = part.get("fieldsTerminatedBy", ",")
    quote = part.get("fieldsEnclosedBy", '"')
    names = {int(part.find("./{*}id").get("index")) if part.find("./{*}id") is not None else
             int(part.find("./{*}coreid").get("index")): "id"}  # fmt: skip
    constants = {}
    for one in part.findall("./{*}field"):
        if one.get("index") is None:
            constants[_last(one.get("term"))] = one.get("default", "")
        else:
            names.setdefault(int(one.get("index")), _last(one.get("term")))
    reader = csv.reader(
        io.TextIOWrapper(raw, encoding=part.get("encoding", "utf-8"), newline=""),
        delimiter=marks.get(delimiter, delimiter), quotechar=quote or None,
        quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
    )  # fmt: skip
    for _ in range(int(part.get("ignoreHeaderLines", "0"))):
        next(reader, None)
    return [{**constants, **{name: row[at] for at, name in names.items() if at < len(row)}} for row in reader if row]


def _last(term: str) -> str:
    """Last word of a term: ``http://rs.tdwg.org/dwc/terms/scientificName`` is ``scientificName``."""
    return term.replace("#", "/").rpartition("/")[2]
