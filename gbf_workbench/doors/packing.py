"""One file with data, settings, notebooks and the software, for a laptop that has Python and never the internet."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from gbf_workbench.errors import Issue, problem
from gbf_workbench.install import LOCK, ROOT, pins
from gbf_workbench.locales import text
from gbf_workbench.preparation.country import open_country
from gbf_workbench.preparation.sources.origins import recorded_sources
from gbf_workbench.reporting.files import whole_file

#: Kinds of machine: what pip calls them, newest first, and what the lines of the lock ask about them.
PLATFORMS: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {
    "linux-x86_64": (
        ("manylinux_2_28_x86_64", "manylinux_2_27_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64"),
        {"sys_platform": "linux", "os_name": "posix", "platform_system": "Linux", "platform_machine": "x86_64"},
    ),
    "linux-aarch64": (
        ("manylinux_2_28_aarch64", "manylinux_2_27_aarch64", "manylinux_2_17_aarch64", "manylinux2014_aarch64"),
        {"sys_platform": "linux", "os_name": "posix", "platform_system": "Linux", "platform_machine": "aarch64"},
    ),
    "macos-arm64": (
        tuple(f"macosx_{version}_0_{kind}" for version in (14, 13, 12, 11) for kind in ("arm64", "universal2")),
        {"sys_platform": "darwin", "os_name": "posix", "platform_system": "Darwin", "platform_machine": "arm64"},
    ),
    "windows-x86_64": (
        ("win_amd64",),
        {"sys_platform": "win32", "os_name": "nt", "platform_system": "Windows", "platform_machine": "AMD64"},
    ),
}
#: What of the checkout goes along; the tests do not.
_SOFTWARE = (
    "gbf_workbench", "notebooks", "training", "data_samples", "binder", "pyproject.toml", "README.md", "LICENSE",
)  # fmt: skip
_HOME = "gbf_pack"
_LEFT_BEHIND = {"__pycache__", ".ipynb_checkpoints", ".git", ".venv"}


@dataclass(frozen=True)
class Pack:
    """A pack that was written, and what was left out of it."""

    path: Path
    issues: tuple[Issue, ...]


def pack(
    folder: str | Path, out: str | Path, platform: str, python: str = "", *, own_use: bool = False,
    download: Callable[[Path, str, str], None] | None = None,
) -> Pack:  # fmt: skip
    """Write the pack.

    Parameters
    ----------
    folder : path
        A country folder.
    out : path
        The file to write (.zip).
    platform : str
        One of ``PLATFORMS``: the laptop, not this machine.
    python : str
        Version of the laptop's Python, such as ``3.12``; empty takes that of this one.
    own_use : bool
        Whether the pack stays with those who agreed to the terms of every source. Otherwise files whose terms forbid
        passing them on stay out.
    download : callable, optional
        Fetches the packages into a folder for a platform and a Python; pip does it.

    Raises
    ------
    WorkbenchError
        If the platform is unknown, there is no checkout to pack, or the packages cannot be had.
    """
    country = open_country(folder)
    python = python or "{}.{}".format(*sys.version_info[:2])
    if platform not in PLATFORMS:
        raise problem("pack.platform", value=platform, choices=", ".join(PLATFORMS))
    if not LOCK.is_file():
        raise problem("pack.no_checkout", value=str(ROOT))
    recorded = [] if own_use else recorded_sources(country.folder)
    held_back = {one.file: one for one in recorded if one.redistribution != "allowed"}
    issues = [
        Issue("flag", "pack.left_out", {"source": one.title or one.source, "terms": one.terms}, file=name)
        for name, one in held_back.items()
    ]
    with tempfile.TemporaryDirectory(prefix="gbf-pack-") as wheels, whole_file(Path(out)) as path:
        (download or download_wheels)(Path(wheels), platform, python)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in sorted(Path(wheels).iterdir()):
                archive.write(file, f"{_HOME}/wheels/{file.name}", zipfile.ZIP_STORED)
            for file, name in _software():
                archive.write(file, f"{_HOME}/{name}")
            for file in _files_below(country.folder):
                name = file.relative_to(country.folder).as_posix()
                if name not in held_back:
                    archive.write(file, f"{_HOME}/country/{name}")
            archive.writestr(f"{_HOME}/START.txt", text("pack.start", platform=platform, python=python))
    return Pack(Path(out), tuple(issues))


def _software() -> Iterator[tuple[Path, str]]:
    for name in _SOFTWARE:
        path = ROOT / name
        for file in [path] if path.is_file() else _files_below(path):
            yield file, file.relative_to(ROOT).as_posix()


def _files_below(folder: Path) -> list[Path]:
    """All files, but none that a link leads to, nor what programs leave behind."""
    found = (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())
    return [path for path in found if not _LEFT_BEHIND & set(path.relative_to(folder).parts)]


def download_wheels(into: Path, platform: str, python: str) -> None:
    """Fetch every pinned package, as built for a platform, with the hashes of the lock.

    Raises
    ------
    WorkbenchError
        If one cannot be had, for instance without internet.
    """
    tags, _ = PLATFORMS[platform]
    wanted = into / "pins.txt"
    wanted.write_text(pins_for(platform, python), encoding="utf-8")
    command = [
        sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input", "--no-deps",
        "--require-hashes", "--only-binary", ":all:", "--implementation", "cp", "--python-version", python,
        "--dest", str(into), "--requirement", str(wanted), *(word for tag in tags for word in ("--platform", tag)),
    ]  # fmt: skip
    ended = subprocess.run(command, capture_output=True, text=True)
    wanted.unlink()
    if ended.returncode:
        last = next((line for line in reversed(ended.stderr.splitlines()) if line.startswith("ERROR")), "")
        raise problem("pack.no_wheels", value=platform, reason=last.removeprefix("ERROR: ")[:300])


def pins_for(platform: str, python: str) -> str:
    """The lines of the lock that a machine needs; pip itself would ask about the machine it runs on.

    Parameters
    ----------
    platform : str
        One of ``PLATFORMS``.
    python : str
        Version, such as ``3.12``.
    """
    from packaging.markers import Marker

    facts = {
        **PLATFORMS[platform][1], "python_version": python, "python_full_version": f"{python}.0",
        "implementation_name": "cpython", "platform_python_implementation": "CPython", "extra": "",
    }  # fmt: skip
    kept = []
    for block in pins("demo").replace("\\\n", "\0").splitlines():
        head, _, hashes = block.partition("\0")
        pin, _, marker = head.partition(" ; ")
        if not marker or Marker(marker.strip()).evaluate(facts):
            kept.append("\\\n".join([pin.rstrip() + " ", *hashes.split("\0")]) if hashes else pin)
    return "\n".join(kept) + "\n"
