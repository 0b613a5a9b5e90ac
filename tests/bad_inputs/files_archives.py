"""Bad inputs whose fault lies in the file or archive and not in the data."""

from __future__ import annotations

import io
import zipfile

from tests.bad_inputs.case import Case, Finding
from tests.bad_inputs.hostile import layer, layer_case, shapefile_parts, zipped


def in_folder(folder: str) -> dict[str, bytes]:
    """The parts of the good shapefile below a folder."""
    return {f"{folder}/{name}": content for name, content in shapefile_parts().items()}


def _cut_off() -> Case:
    whole = zipped(shapefile_parts())
    incomplete = Finding("error", "archive.incomplete", says=("incomplete",))
    places = [len(whole) - 60, len(whole) - 1, *(len(whole) * tenth // 10 for tenth in range(1, 9))]
    made = {f"{place} of {len(whole)} bytes": ("zip", whole[:place], incomplete) for place in places}
    return layer_case("FX-01", "a zip cut off", made, layer("zip", whole))


def _other_archives() -> Case:
    parts = shapefile_parts()
    inner = zipped(parts)
    return layer_case("FX-03", "other archives", {
        "RAR": ("zip", b"Rar!\x1a\x07\x01\x00" + bytes(99), Finding("error", "reader.is_rar", says=("RAR", "ZIP"))),
        "7z": ("zip", b"7z\xbc\xaf\x27\x1c\x00\x04" + bytes(99), Finding("error", "reader.is_7z", says=("7z", "ZIP"))),
        "gzip": ("zip", b"\x1f\x8b\x08\x00" + bytes(99), Finding("error", "reader.is_packed")),
        "zip in a zip": ("zip", zipped({"areas.zip": inner}), Finding("error", "archive.nested", value="areas.zip")),
        "zip in a folder in a zip": ("zip", zipped({"a/areas.zip": inner, "a/read me.txt": b"x"}),
                                     Finding("error", "archive.nested", value="a/areas.zip")),
        "two folders deep": ("zip", zipped(in_folder("a/b")), Finding("error", "archive.too_deep")),
        "empty": ("zip", zipped({}), Finding("error", "archive.nothing")),
        "no layer": ("zip", zipped({"areas.docx": b"x"}), Finding("error", "archive.no_layer", says=("areas.docx",))),
        "two layers": ("zip", zipped({**parts, **in_folder("more")}), Finding("error", "archive.several_layers")),
        "with a password": ("zip", _locked(inner), Finding("error", "archive.locked")),
        "damaged": ("zip", _damaged(), Finding("error", "archive.damaged")),
        "twice the same": ("zip", zipped({**parts, "AREAS.shp": b"x"}), Finding("error", "archive.twice")),
    }, layer("zip", zipped(in_folder("areas"))))  # fmt: skip


def _locked(packed: bytes) -> bytes:
    """The archive with the mark of a password on each member."""
    content = bytearray(packed)
    for start, flags in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        at = content.find(start)
        while at >= 0:
            content[at + flags] |= 1
            at = content.find(start, at + 4)
    return bytes(content)


def _damaged() -> bytes:
    """An archive in which one byte of the outlines has changed."""
    stored = bytearray(zipped(shapefile_parts(), zipfile.ZIP_STORED))
    with zipfile.ZipFile(io.BytesIO(bytes(stored))) as archive:
        member = archive.getinfo("areas.shp")
    stored[member.header_offset + 30 + len(member.filename) + 150] ^= 255
    return bytes(stored)


def _junk() -> Case:
    parts = shapefile_parts()
    mac = {f"__MACOSX/._{name}": b"junk" for name in parts}
    noted = Finding("repair", "archive.junk", says=("__MACOSX",))
    return layer_case("FX-04", "junk of other systems", {
        "before": ("zip", zipped({**mac, **parts}), noted),
        "after, in a folder": ("zip", zipped({**in_folder("a"), **mac, "a/.DS_Store": b"x"}), noted),
        "between": ("zip", zipped({".DS_Store": b"x", **parts, "Thumbs.db": b"x"}),
                    Finding("repair", "archive.junk", says=(".DS_Store",))),
    }, layer("zip", zipped({**parts, "read me.txt": b"x"})))  # fmt: skip


CASES = [_cut_off(), _other_archives(), _junk()]
