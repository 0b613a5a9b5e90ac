"""What a file really is, by its first bytes and its structure, found out before any library that trusts it sees it."""

from __future__ import annotations

import re
import zipfile
from contextlib import suppress
from pathlib import Path

from gbf_workbench.errors import problem
from gbf_workbench.preparation.reader.databases import kind_of_database
from gbf_workbench.preparation.reader.jsons import kind_of_json

_HEAD = 8192
#: First bytes of kinds of files: https://www.iana.org/assignments/media-types and the formats' own definitions.
_STARTS = (
    (b"SQLite format 3\x00", "database"),
    (b"PAR1", "parquet"),
    (b"fgb\x03fgb", "flatgeobuf"),
    (b"\x00\x00\x27\x0a", "shapefile"),
    (b"II*\x00", "tiff"), (b"MM\x00*", "tiff"), (b"II+\x00", "tiff"), (b"MM\x00+", "tiff"),
    (b"CDF\x01", "netcdf"), (b"CDF\x02", "netcdf"), (b"CDF\x05", "netcdf"), (b"\x89HDF\r\n\x1a\n", "netcdf"),
    (b"PK\x03\x04", "zip"), (b"PK\x05\x06", "zip"), (b"PK\x07\x08", "zip"),
    (b"Rar!\x1a\x07", "rar"), (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"\x1f\x8b", "packed"), (b"BZh", "packed"), (b"\xfd7zXZ\x00", "packed"), (b"\x28\xb5\x2f\xfd", "packed"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old_office"),
    (b"%PDF-", "pdf"),
    (b"\x89PNG\r\n\x1a\n", "picture"), (b"\xff\xd8\xff", "picture"), (b"GIF8", "picture"), (b"BM", "picture"),
    (b"\x93NUMPY", "program_data"), (b"RDX", "program_data"), (b"RDA", "program_data"),
    (b"MZ", "program"), (b"\x7fELF", "program"), (b"\xcf\xfa\xed\xfe", "program"), (b"#!", "program"),
)  # fmt: skip
#: Two letters begin many a text too; such a file is what they say only if what follows is no text.
_SHORT = (b"BM", b"MZ", b"#!")
_PICKLE = re.compile(rb"\x80[\x02-\x05][\x95}\](cKX\x8c.N\x88\x89GJMI]", re.DOTALL)
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_XML = re.compile(r"<(?:\?xml|!doctype|!--|[a-z_])", re.IGNORECASE)
_ROOT = re.compile(r"<\s*(?:[\w.-]+:)?([A-Za-z_][\w.-]*)")
_WEB_PAGE = {"html", "head", "body", "table", "div", "script", "title", "meta"}
#: Files of GDAL in which other files and web services are named, by the element they begin with.
_POINTERS = re.compile(r"(ogr(vrt|wfs|oapif|csw)|vrtdataset|gdal|wms_|wfs_|wcs_|wmts|gti)")

#: Kinds that a file with this ending may be. The readers of text tables and workbooks name the kinds they often meet
#: under such an ending themselves.
_TEXT = {"text", "web_page", "access_denied", "xml", "lfs_pointer", "json_text", "json_broken", "geojson"}
_PACKED = {"xlsx", "other_workbook", "packed_office", "old_office", "zip"}
_WORKBOOK = {"text", "web_page", "xml", *_PACKED}
_FITTING = {
    ".csv": _TEXT | _PACKED, ".tsv": _TEXT | _PACKED, ".txt": _TEXT | _PACKED,
    ".xlsx": _WORKBOOK, ".xlsm": _WORKBOOK, ".ods": _WORKBOOK, ".xls": _WORKBOOK,
    ".gpkg": {"geopackage"}, ".geojson": {"geojson", "json_broken"}, ".json": {"geojson", "json_broken"},
    ".shp": {"shapefile"}, ".fgb": {"flatgeobuf"}, ".parquet": {"parquet"}, ".geoparquet": {"parquet"},
    ".zip": {"zip"}, ".tif": {"tiff"}, ".tiff": {"tiff"}, ".nc": {"netcdf"}, ".nc4": {"netcdf"},
}  # fmt: skip
#: Kinds that had their sentence before there was a look at every file.
_OLD_KEYS = {
    "web_page": "check.web_page", "access_denied": "check.web_page", "lfs_pointer": "check.lfs_pointer",
}  # fmt: skip


def kind_of(path: Path) -> str:
    """What a file is, whatever it is called.

    Returns
    -------
    str
        One of ``text geojson json_text json_broken geopackage database parquet flatgeobuf shapefile tiff netcdf zip
        xlsx other_workbook packed_office old_office rar 7z packed pdf picture web_page access_denied pointer xml
        lfs_pointer commands program_data program unknown``, or ``empty``.

    Raises
    ------
    WorkbenchError
        If a database or GeoJSON file holds what would make a library open other files.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head:
        return "empty"
    found = next((kind for start, kind in _STARTS if head.startswith(start)), "")
    if found and not (head.startswith(_SHORT) and _looks_like_text(head)):
        if found == "database":
            return kind_of_database(path, head)
        return _kind_of_zip(path) if found == "zip" else found
    if _PICKLE.match(head) or head[257:262] == b"ustar":
        return "program_data" if _PICKLE.match(head) else "packed"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "picture"
    return _kind_of_text(path, head)


def refuse_misnamed(path: Path, shown: str = "") -> None:
    """Refuse a file that is not what its ending says, naming what it is and what to do.

    Raises
    ------
    WorkbenchError
    """
    shown, suffix = shown or path.name, path.suffix.lower()
    refuse_open_elsewhere(path, shown)
    try:
        kind = kind_of(path)
    except FileNotFoundError:
        raise problem("check.file_missing", file=shown, names=shown) from None
    except OSError as fault:
        raise problem("check.unreadable", file=shown, reason=str(fault.strerror)) from None
    fitting = _FITTING.get(suffix)
    # What is empty, or of no kind known here, is for the reader to judge: it knows more of its own format.
    if fitting is None or kind in fitting or kind in ("empty", "unknown"):
        return
    raise problem(_OLD_KEYS.get(kind, f"reader.is_{kind}"), file=shown, value=suffix)


def refuse_open_elsewhere(path: Path, shown: str) -> None:
    """Refuse a database whose latest changes still lie in a file beside it, because a program has it open."""
    for ending in ("-wal", "-journal"):
        beside = path.with_name(path.name + ending)
        with suppress(OSError):
            if path.suffix.lower() == ".gpkg" and beside.stat().st_size:
                raise problem("reader.open_elsewhere", file=shown, value=beside.name)


def _looks_like_text(head: bytes) -> bool:
    return not any(byte < 9 or 13 < byte < 27 for byte in head)


def _kind_of_zip(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        # Cut off or damaged: the reader of archives says which.
        return "zip"
    if "[Content_Types].xml" in names:
        return "xlsx" if any(name.startswith("xl/") for name in names) else "packed_office"
    if "mimetype" in names and "content.xml" in names:
        return "other_workbook"
    return "zip"


def _kind_of_text(path: Path, head: bytes) -> str:
    words = _decoded(head)
    start = words.lstrip("\ufeff \t\r\n\0")
    if start.startswith("version https://git-lfs"):
        return "lfs_pointer"
    if _XML.match(start):
        return _kind_of_xml(start)
    if start.startswith("{") or (start.startswith("[") and start[1:].lstrip()[:1] in ("{", "[", '"', "]")):
        return kind_of_json(path)
    if re.match(r"gdal\s+(vector|raster|pipeline)\b", start):
        return "commands"
    if head.startswith(_MARKS) or b"\0" not in head:
        return "text"
    return "unknown"


def _decoded(head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head.decode("utf-16", "replace")
    # UTF-16 without a mark: every other byte of a web page or of XML is zero.
    return head.replace(b"\0", b"").decode("utf-8", "replace") if b"<" in head[:2] else head.decode("utf-8", "replace")


def _kind_of_xml(start: str) -> str:
    inner = re.sub(r"<\?.*?\?>|<!--.*?-->|<!\w[^>\[]*(\[.*?\])?\s*>", "", start, flags=re.DOTALL)
    found = _ROOT.search(inner)
    root = found[1].lower() if found else ""
    if root in _WEB_PAGE or "<!doctype html" in start[:200].lower():
        return "web_page"
    if root == "svg":
        return "picture"
    if _POINTERS.match(root):
        return "pointer"
    return "access_denied" if root == "error" else "xml"
