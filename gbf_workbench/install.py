"""Install the pinned workbench into `.venv` beside this file's folder, then run its demo or its tests.

Needs Python and its pip, nothing else: it runs before anything is installed. That is also why its sentences stand
here in English and not among the texts that are translated: the reader of those is not installed yet.

    python3 -m gbf_workbench.install demo
    python3 -m gbf_workbench.install test
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "binder" / "requirements.txt"
ENVIRONMENT = ROOT / ".venv"

#: First and last Python for which every pinned package has been built.
OLDEST, NEWEST = (3, 11), (3, 14)

#: The line of the lock below which stands what only the tests need.
TESTS_ONLY = "# Only for the tests"

#: Two tests at a time: the smallest laptop has two cores, and each may need a gigabyte.
TWO_AT_A_TIME = ("-n", "2", "--dist", "worksteal")

_BUSY = "{folder} could not be replaced ({reason}). Close every program that was started from it, then try again."
_FOREIGN = "There is a folder {folder} that this program did not make. Move it away, then try again."
_INSIDE = "This Python lives in {folder}, which has to be made anew. Start the same command with the system's Python."
_NO_PIP = "This Python has no pip. On Debian and Ubuntu: sudo apt install python3-venv python3-pip. Then try again."
_NO_WHEELS = "There is no folder {folder}; --wheels wants the folder that holds the downloaded packages."
_FAILED = (
    "The packages could not be installed; the lines above say why. Most often the internet cannot be reached, "
    "the disk is full, or this kind of machine is one for which a package has not been built."
)


def objection(python: tuple[int, ...], bits: int = 64) -> str:
    """Why this Python will not do, in one sentence; empty where it will.

    >>> objection((3, 12, 1))
    ''
    >>> objection((3, 9, 18))
    'This is Python 3.9; the workbench needs Python 3.11 to 3.14.'
    """
    oldest, newest = ("{}.{}".format(*version) for version in (OLDEST, NEWEST))
    if not OLDEST <= python[:2] <= NEWEST:
        return f"This is Python {python[0]}.{python[1]}; the workbench needs Python {oldest} to {newest}."
    if bits < 64:
        return f"This Python is a {bits}-bit program; install the 64-bit Python {newest}."
    return ""


def _another_python(purpose: str) -> str:
    """How to start with another Python that is already on this machine, if there is one."""
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        if found := shutil.which(f"python3.{minor}"):
            return f" This machine has one: {Path(found).name} -m gbf_workbench.install {purpose}"
    return f" Install Python 3.{NEWEST[1]}, then try again."


def pins(purpose: str) -> str:
    """The lock, for the demo without what only the tests need."""
    text = LOCK.read_text(encoding="utf-8")
    return text if purpose == "test" else text.split(TESTS_ONLY)[0]


def _stamp(purpose: str) -> str:
    """What identifies a finished installation: its purpose, every pin, the Python, and the place it points to."""
    said = pins(purpose) + sys.version + str(ROOT)
    return f"{purpose} {hashlib.sha256(said.encode()).hexdigest()}"


def program(name: str) -> Path:
    """Where a program of the environment lies on this system."""
    return ENVIRONMENT / ("Scripts" if os.name == "nt" else "bin") / (name + (".exe" if os.name == "nt" else ""))


def _create(stamps: Path) -> None:
    if Path(sys.prefix).resolve() == ENVIRONMENT:
        raise SystemExit(_INSIDE.format(folder=ENVIRONMENT))
    if ENVIRONMENT.exists():
        if not stamps.exists():
            raise SystemExit(_FOREIGN.format(folder=ENVIRONMENT))
        try:
            shutil.rmtree(ENVIRONMENT)
        except OSError as reason:
            raise SystemExit(_BUSY.format(folder=ENVIRONMENT, reason=reason)) from None
    ENVIRONMENT.mkdir()
    # The file comes first: it tells a later run that an unfinished environment is ours to replace.
    stamps.touch()
    # Debian ships Python without the part that brings pip along.
    venv.create(ENVIRONMENT, with_pip=importlib.util.find_spec("ensurepip") is not None)


def _pip() -> list[str]:
    """The environment's own pip, else the system's working on the environment."""
    own = str(program("python"))
    if subprocess.run([own, "-m", "pip", "--version"], capture_output=True).returncode == 0:
        return [own, "-m", "pip"]
    if importlib.util.find_spec("pip") is None:
        raise SystemExit(_NO_PIP)
    return [sys.executable, "-m", "pip", "--python", own]


def install(purpose: str, wheels: str | None = None) -> None:
    """Bring `.venv` to what the lock says; nothing to do where it is there already.

    Parameters
    ----------
    purpose : str
        ``demo``, or ``test`` for the packages that only the tests need as well.
    wheels : str, optional
        Folder with the downloaded packages, for machines without internet.

    Raises
    ------
    SystemExit
        With a sentence, where something is in the way.
    """
    stamps = ENVIRONMENT / "installed.txt"
    done = stamps.read_text(encoding="utf-8").splitlines() if stamps.exists() else []
    if _stamp(purpose) in done:
        return
    if wheels and not Path(wheels).is_dir():
        raise SystemExit(_NO_WHEELS.format(folder=wheels))
    if _stamp("demo") not in done:
        _create(stamps)
    count = sum(line[:1].isalnum() for line in pins(purpose).splitlines())
    print(f"Installing {count} pinned packages into {ENVIRONMENT}: once, for some minutes.", flush=True)
    _install_pins(purpose, ["--no-index", "--find-links", str(Path(wheels).resolve())] if wheels else [])
    stamps.write_text("\n".join({_stamp("demo"), _stamp(purpose)}) + "\n", encoding="utf-8")


def _install_pins(purpose: str, source: list[str]) -> None:
    quiet = [] if sys.stdout.isatty() else ["--quiet"]
    # The lock is complete, so pip need not resolve anything; it compiles on one processor only, so that comes after.
    options = ["--disable-pip-version-check", "--no-input", "--no-compile", "--no-deps"]
    pip = [*_pip(), "install", *options, *quiet, *source]
    with tempfile.TemporaryDirectory() as folder:
        wanted = Path(folder) / "requirements.txt"
        wanted.write_text(pins(purpose), encoding="utf-8")
        _run([*pip, "--require-hashes", "--only-binary", ":all:", "--requirement", str(wanted)])
    _run([*pip, "--no-build-isolation", "--editable", str(ROOT)])
    # Some packages carry files for other Pythons, so a failure here means nothing.
    compiling = [str(program("python")), "-m", "compileall", "-qq", "-j", "0"]
    everything = [str(ENVIRONMENT), str(ROOT / "gbf_workbench")]
    subprocess.run([*compiling, *everything], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _run(command: list[str]) -> None:
    if subprocess.run(command, cwd=ROOT).returncode:
        raise SystemExit(_FAILED)


def main(arguments: list[str] | None = None) -> int:
    """Install, then run; what stands after ``--`` goes to the demo or to pytest."""
    given = sys.argv[1:] if arguments is None else arguments
    own, after = (given[: given.index("--")], given[given.index("--") + 1 :]) if "--" in given else (given, [])
    parser = argparse.ArgumentParser(
        prog="python3 -m gbf_workbench.install", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("purpose", choices=["demo", "test"], help="run the sample country, or run the tests")
    parser.add_argument("--wheels", metavar="FOLDER", help="install from this folder of downloaded packages, offline")
    asked = parser.parse_args(own)
    bits = 64 if sys.maxsize > 2**32 else 32
    if reason := objection(sys.version_info[:3], bits):
        print(reason + _another_python(asked.purpose), file=sys.stderr)
        return 2
    install(asked.purpose, asked.wheels)
    if asked.purpose == "test":
        # Each of the two has a processor of its own; threads of linear algebra would only get in the way of the other.
        alone = os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        command = [program("python"), "-m", "pytest", *TWO_AT_A_TIME, *after]
        return subprocess.run(command, cwd=ROOT, env=alone).returncode
    code = subprocess.run([program("gbf"), "demo", "--out", "gbf_demo", *after], cwd=ROOT).returncode
    print(f"From now on: {program('gbf')} --help")
    return code


if __name__ == "__main__":
    raise SystemExit(main())
