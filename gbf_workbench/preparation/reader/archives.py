"""Zip archives of others: looked through before anything is unpacked, and every byte counted while it comes out."""

from __future__ import annotations

import lzma
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from gbf_workbench.errors import Issue, WorkbenchError, problem
from gbf_workbench.preparation.country import FILE as COUNTRY
from gbf_workbench.preparation.reader.contents import refuse_misnamed
from gbf_workbench.preparation.shapefiles import MEMBERS, members_issue, missing_members

MOST_BYTES = 2_000_000_000
MOST_MEMBERS = 10_000
#: No data shrink to less than a two-hundredth but empty ones; below this size [bytes] that harms nobody.
MOST_RATIO, RATIO_MATTERS_FROM = 200, 100_000_000
#: How unpacking fails where an archive is damaged, cut off or packed in an unusual way.
_BROKEN = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, RuntimeError, OSError, ValueError,
)  # fmt: skip
#: What macOS, Windows and editors leave in archives.
_JUNK = re.compile(r"(^|/)(__MACOSX/|\._|\.DS_Store$|Thumbs\.db$|desktop\.ini$|~\$|\.~lock)", re.IGNORECASE)
_ARCHIVES = (".zip", ".rar", ".7z", ".gz", ".tar", ".tgz", ".bz2", ".xz")
_LOCAL_HEADER = 30
_LINK = 0xA


def unpack_shapefile(path: Path, into: Path, shown: str = "") -> tuple[Path, list[Issue]]:
    """Unpack the one shapefile of an archive under names of our own; nothing else leaves the archive.

    Parameters
    ----------
    path : Path
        A zip archive with the parts of one shapefile, at its top or in one folder.
    into : Path
        A folder of ours.
    shown : str
        What to call the file in messages.

    Returns
    -------
    Path, list of Issue
        The shapefile, and a note where there was junk.

    Raises
    ------
    WorkbenchError
    """
    shown = shown or path.name
    with _opened(path, shown) as archive:
        members, issues = _members(archive, path, shown)
        parts = _shapefile_parts(members, shown)
        _unpack(archive, {member: into / f"layer{end}" for end, member in parts.items()}, shown)
    refuse_misnamed(into / "layer.shp", shown)
    return into / "layer.shp", issues


def country_root(path: Path, shown: str = "") -> PurePosixPath | None:
    """Where in an archive a country folder begins; None where there is none."""
    with _opened(path, shown or path.name) as archive:
        names = [PurePosixPath(one) for one in archive.namelist() if not _JUNK.search(one)]
    found = [one.parent for one in names if one.name == COUNTRY]
    return min(found, key=lambda one: len(one.parts), default=None)


def unpack_country(path: Path, into: Path, shown: str = "") -> list[Issue]:
    """Unpack a zipped country folder.

    Raises
    ------
    WorkbenchError
        If a name leads out of the folder, or the archive is damaged, locked or larger than it should be.
    """
    shown = shown or path.name
    root = country_root(path, shown) or PurePosixPath()
    if len(root.parts) > 1:
        raise problem("archive.too_deep", file=shown, value=f"{root}/{COUNTRY}")
    with _opened(path, shown) as archive:
        members, issues = _members(archive, path, shown)
        inner = {one: PurePosixPath(one.filename) for one in members}
        places = {one: into / at.relative_to(root) for one, at in inner.items() if at.is_relative_to(root)}
        _unpack(archive, places, shown)
    return issues


@contextmanager
def _opened(path: Path, shown: str) -> Iterator[zipfile.ZipFile]:
    """The archive; whatever goes wrong with it is said in words."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except WorkbenchError:
        raise
    except zipfile.BadZipFile as fault:
        # Without its directory, which stands at the end, an archive is cut off; else something inside is wrong.
        cut = "not a zip file" in str(fault) or "truncated" in str(fault).lower()
        raise problem(f"archive.{'incomplete' if cut else 'damaged'}", file=shown) from None
    except _BROKEN as fault:
        locked = "password" in str(fault) or "encrypted" in str(fault)
        raise problem(f"archive.{'locked' if locked else 'damaged'}", file=shown) from None


def _members(archive: zipfile.ZipFile, path: Path, shown: str) -> tuple[list[zipfile.ZipInfo], list[Issue]]:
    """The files in an archive that keeps its promises, without junk."""
    everything = archive.infolist()
    for member in everything:
        if _is_unsafe(member):
            raise problem("archive.unsafe_name", file=shown, value=member.filename[:80])
    if len(everything) > MOST_MEMBERS:
        raise problem("archive.too_many", file=shown, count=len(everything), limit=MOST_MEMBERS)
    if any(member.flag_bits & 1 for member in everything):
        raise problem("archive.locked", file=shown)
    _refuse_overlaps(archive, path, shown)
    files = [one for one in everything if not one.is_dir()]
    kept = [one for one in files if not _JUNK.search(one.filename)]
    _refuse_twins(kept, shown)
    _refuse_bomb(kept, shown)
    junk = [one.filename for one in files if _JUNK.search(one.filename)]
    values = {"number": len(junk)}
    return kept, [Issue("repair", "archive.junk", values, file=shown, value=junk[0][:80])] if junk else []


def _is_unsafe(member: zipfile.ZipInfo) -> bool:
    # What stands in the archive itself: zipfile has cut the name at a NUL and turned the slashes of Windows round.
    name = getattr(member, "orig_filename", member.filename)
    inner = PurePosixPath(name)
    leads_out = ".." in inner.parts or inner.is_absolute() or "\\" in name or ":" in name or "\0" in name
    return leads_out or not inner.parts or (member.external_attr >> 28) == _LINK


def _refuse_twins(members: list[zipfile.ZipInfo], shown: str) -> None:
    """Two files of one name would let two readers see two different archives."""
    seen: set[str] = set()
    for member in members:
        name = posixpath.normpath(member.filename).casefold()
        if name in seen:
            raise problem("archive.twice", file=shown, value=member.filename[:80])
        seen.add(name)


def _refuse_bomb(members: list[zipfile.ZipInfo], shown: str) -> None:
    for member in members:
        if member.file_size > max(RATIO_MATTERS_FROM, MOST_RATIO * member.compress_size):
            raise problem("archive.bomb", file=shown, value=member.filename[:80], limit=MOST_BYTES // 10**6)
    if sum(member.file_size for member in members) > MOST_BYTES:
        largest = max(members, key=lambda member: member.file_size)
        raise problem("archive.bomb", file=shown, value=largest.filename[:80], limit=MOST_BYTES // 10**6)


def _refuse_overlaps(archive: zipfile.ZipFile, path: Path, shown: str) -> None:
    """Members that share bytes unpack to more than any ratio shows; no program that packs data makes them."""
    ends_before = archive.start_dir
    with path.open("rb") as file:
        for member in sorted(archive.infolist(), key=lambda one: one.header_offset, reverse=True):
            file.seek(member.header_offset)
            header = file.read(_LOCAL_HEADER)
            if len(header) < _LOCAL_HEADER or header[:4] != b"PK\x03\x04":
                raise problem("archive.damaged", file=shown)
            own = _LOCAL_HEADER + int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
            if member.header_offset + own + member.compress_size > ends_before:
                raise problem("archive.bomb", file=shown, value=member.filename[:80], limit=MOST_BYTES // 10**6)
            ends_before = member.header_offset


def _shapefile_parts(members: list[zipfile.ZipInfo], shown: str) -> dict[str, zipfile.ZipInfo]:
    """The parts of the one shapefile, by ending."""
    shapes = [one for one in members if one.filename.lower().endswith(".shp")]
    if not shapes:
        if nested := [one.filename for one in members if one.filename.lower().endswith(_ARCHIVES)]:
            raise problem("archive.nested", file=shown, value=nested[0][:80])
        found = ", ".join(one.filename[:40] for one in members[:5])
        raise problem("archive.no_layer" if members else "archive.nothing", file=shown, found=found)
    if len(shapes) > 1:
        raise problem("archive.several_layers", file=shown, names=", ".join(one.filename for one in shapes[:5]))
    name = shapes[0].filename
    if len(PurePosixPath(name).parts) > 2:
        raise problem("archive.too_deep", file=shown, value=name[:80])
    stem = name[:-4].casefold()
    wanted = {end: one for end in MEMBERS for one in members if one.filename.casefold() == stem + end}
    stem_as_packed = PurePosixPath(name).stem
    if missing := missing_members([PurePosixPath(one.filename).name for one in wanted.values()], stem_as_packed):
        raise WorkbenchError(members_issue(stem_as_packed, missing).placed(file=shown))
    return wanted


def _unpack(archive: zipfile.ZipFile, places: Mapping[zipfile.ZipInfo, Path], shown: str) -> None:
    """Copy members out, counting the bytes that really come rather than those announced."""
    left = MOST_BYTES
    for member, to in places.items():
        to.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(member) as packed, to.open("xb") as out:
            size = 0
            while block := packed.read(1 << 20):
                size += len(block)
                if size > min(left, member.file_size):
                    raise problem("archive.bomb", file=shown, value=member.filename[:80], limit=MOST_BYTES // 10**6)
                out.write(block)
        left -= size
