"""Say in plain words whether this machine is ready for a workshop."""

from __future__ import annotations

import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gbf_workbench import install
from gbf_workbench.errors import WorkbenchError

#: What each state means for the workshop: nothing to do, works with less, does not work.
STATES = ("ok", "warn", "bad")

#: Gigabytes [GB] below which a computation of a whole country stops (bad) or becomes slow (warn).
MEMORY_GB = (0.7, 2.0)
DISK_GB = (0.5, 2.0)

#: Ports on which the apps and JupyterLab listen unless told otherwise.
PORTS = (8866, 8888)

CHROMIUM = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "msedge",
    "microsoft-edge",
)
_MAC = ("Google Chrome", "Chromium", "Microsoft Edge", "Firefox")
_WINDOWS = (
    r"Google\Chrome\Application\chrome.exe",
    r"Microsoft\Edge\Application\msedge.exe",
    r"Mozilla Firefox\firefox.exe",
)

#: A letter of each script that the workbench's languages and names of species and places need.
LETTERS = {"latin": "é", "arabic": "ب", "chinese": "生", "cyrillic": "ж"}


@dataclass(frozen=True)
class Check:
    """One thing that was looked at; ``doctor.<name>.<state>`` is the sentence and ``values`` fill it.

    A value that is a tuple names scripts, which are called differently in each language.

    Examples
    --------
    >>> Check("disk", "ok", {"free": 12.5}).sentence("en")
    'There are 12.5 GB of free disk space.'
    """

    name: str
    state: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def sentence(self, language: str | None = None) -> str:
        """What was found and, where something is amiss, what to do."""
        from gbf_workbench.locales import text

        said = {
            name: ", ".join(text(f"doctor.script.{one}", language) for one in value)
            if isinstance(value, tuple)
            else value
            for name, value in self.values.items()
        }
        return text(f"doctor.{self.name}.{self.state}", language, **said)


def _level(amount: float, limits: tuple[float, float]) -> str:
    """Bad below the first limit, a warning below the second.

    >>> [_level(amount, (1, 2)) for amount in (0.5, 1, 2)]
    ['bad', 'warn', 'ok']
    """
    return STATES[2 - sum(amount >= limit for limit in limits)]


def python() -> Check:
    """Whether the Python that runs is one the lock was made for."""
    version = "{}.{}.{}".format(*sys.version_info[:3])
    first, last = ("{}.{}".format(*limit) for limit in (install.OLDEST, install.NEWEST))
    state = "bad" if install.objection(sys.version_info[:3]) else "ok"
    return Check("python", state, {"version": version, "first": first, "last": last})


def system() -> Check:
    """Whether the operating system is one on which the workbench has been tried."""
    names = {"linux": "Linux", "darwin": "macOS", "win32": "Windows"}
    name = names.get(sys.platform, sys.platform)
    return Check("system", "ok" if name == "Linux" else "warn", {"name": name})


def memory() -> Check:
    """Free memory [GB]."""
    import psutil

    free = psutil.virtual_memory().available / 1e9
    return Check("memory", _level(free, MEMORY_GB), {"free": round(free, 1), "enough": MEMORY_GB[1]})


def disk() -> Check:
    """Free disk space [GB] where results are written: the current folder and the one for temporary files."""
    free = min(shutil.disk_usage(folder).free for folder in (Path.cwd(), tempfile.gettempdir())) / 1e9
    return Check("disk", _level(free, DISK_GB), {"free": round(free, 1), "enough": DISK_GB[1]})


def writing() -> Check:
    """Whether files may be written into the current folder."""
    try:
        with tempfile.TemporaryFile(dir=Path.cwd()):
            return Check("writing", "ok")
    except OSError:
        return Check("writing", "bad", {"folder": str(Path.cwd())})


def _places() -> list[Path]:
    """Where browsers are on systems that do not put them on the PATH."""
    if sys.platform == "darwin":
        return [Path(f"/Applications/{name}.app/Contents/MacOS/{name.split()[-1]}") for name in _MAC]
    roots = [os.environ.get(name) for name in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")]
    return [Path(root) / place for root in roots if root for place in _WINDOWS]


def find_program(names: Iterable[str]) -> str:
    """The first of these programs that is on the PATH; empty where there is none.

    >>> find_program(["no-such-program"])
    ''
    """
    return next((found for name in names if (found := shutil.which(name))), "")


def browser() -> Check:
    """Whether there is a browser for JupyterLab and the apps."""
    found = find_program([*CHROMIUM, "firefox", "safari"]) or next((str(p) for p in _places() if p.exists()), "")
    return Check("browser", "ok" if found else "bad", {"name": Path(found).stem} if found else {})


def fonts() -> Check:
    """Whether the system's fonts have the letters that reports, maps and apps show."""
    from matplotlib.font_manager import findSystemFonts

    missing = dict(LETTERS)
    # The names of fonts with many scripts come first, so that few files need to be opened.
    files = sorted(
        findSystemFonts(), key=lambda file: not any(word in file.lower() for word in ("noto", "arial", "cjk"))
    )
    for file in files:
        if not missing:
            break
        for script in _drawn_by(file, missing):
            del missing[script]
    return Check("fonts", "warn" if missing else "ok", {"missing": tuple(missing)})


def _drawn_by(file: str, letters: Mapping[str, str]) -> list[str]:
    from matplotlib.ft2font import FT2Font

    try:
        font = FT2Font(file)
    except (OSError, RuntimeError):
        return []
    return [script for script, letter in letters.items() if font.get_char_index(ord(letter))]


def ports() -> Check:
    """Whether the ports of the apps and of JupyterLab are free."""
    taken = [port for port in PORTS if not _is_free(port)]
    # A port is a name, not a quantity: as a number it would be shown as 8,866.
    return Check("ports", "warn" if taken else "ok", {"ports": ", ".join(map(str, taken or PORTS))})


def _is_free(port: int) -> bool:
    with socket.socket() as door:
        # Without this a port just left counts as taken for a minute; on Windows it would let two share one.
        if os.name != "nt":
            door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def office() -> Check:
    """Whether LibreOffice is there to turn the report into PDF."""
    mac = Path("/Applications/LibreOffice.app")
    return Check("office", "ok" if find_program(["soffice", "libreoffice"]) or mac.exists() else "warn")


def versions() -> Check:
    """Whether the installed packages are those of the lock."""
    if not install.LOCK.exists():
        return Check("versions", "warn")
    wanted = locked_versions(install.pins("demo"))
    differing = [f"{name} {found or '–'} ({pin})" for name, pin in wanted.items() if (found := _installed(name)) != pin]
    if differing:
        return Check("versions", "bad", {"count": len(differing), "names": ", ".join(differing[:6])})
    return Check("versions", "ok", {"count": len(wanted)})


def locked_versions(lock: str) -> dict[str, str]:
    """Name and version of each pin that applies to this Python and system.

    >>> locked_versions("a==1.0 ; python_version > '3'" + chr(10) + "b==2 ; python_version < '3'")
    {'a': '1.0'}
    """
    from packaging.requirements import Requirement

    lines = (line.rstrip("\\ ") for line in lock.splitlines() if line[:1].isalnum())
    pins = map(Requirement, lines)
    return {
        pin.name: str(pin.specifier).removeprefix("==") for pin in pins if pin.marker is None or pin.marker.evaluate()
    }


def _installed(name: str) -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def reading() -> Check:
    """Which walls stand around the reading of files that somebody brings."""
    from gbf_workbench.preparation.reader.process import protections

    try:
        held = protections()
    except WorkbenchError as refused:
        return Check("reading", "bad", {"reason": str(refused)})
    return Check("reading", "ok" if len(held) == 2 else "warn", {"held": ", ".join(held) or "–"})


def examine() -> list[Check]:
    """Everything that was looked at, in the order in which it is told."""
    looks = (python, system, versions, memory, disk, writing, reading, browser, fonts, ports, office)
    return [look() for look in looks]


def doctor(language: str | None = None) -> int:
    """Print what was found; 0 where a workshop can begin, 1 where something has to be mended first."""
    from gbf_workbench.locales import text

    checks = examine()
    for check in checks:
        print(f"{text('doctor.state.' + check.state, language)}: {check.sentence(language)}")
    ready = all(check.state != "bad" for check in checks)
    print(text("doctor.ready" if ready else "doctor.not_ready", language))
    return 0 if ready else 1
