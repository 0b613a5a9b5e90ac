"""Remake requirements.txt, the one lock, from pyproject.toml: `python binder/lock.py [--upgrade]`, with uv installed.

Versions that are locked already stay as they are unless pyproject.toml forbids them or ``--upgrade`` is given.
uv's own lock file names registry hosts; this one names none, and plain pip reads it.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "binder" / "requirements.txt"

HEAD = """\
# The one lock: what the two set-up commands, the tests and Binder install. Made by binder/lock.py, not by hand.
# One version of each package for every Python and system; the hashes are those of the published files.
"""
TESTS_ONLY = "# Only for the tests: everything below this line.\n"


def resolve(*options: str) -> dict[str, str]:
    """Pins by package name, each with its marker and hashes, as uv finds them for all systems at once."""
    command = [
        "uv",
        "pip",
        "compile",
        "--universal",
        "--quiet",
        "--no-header",
        "--no-annotate",
        "--no-strip-extras",
        "--generate-hashes",
    ]
    environment = {**os.environ, "UV_PYTHON_DOWNLOADS": "never"}
    done = subprocess.run(
        [*command, *options, "pyproject.toml"], cwd=ROOT, env=environment, check=True, text=True, stdout=subprocess.PIPE
    )
    pins = re.split(r"(?m)^(?=[A-Za-z0-9])", done.stdout)[1:]
    by_name = {re.split(r"[=\[ ]", pin, maxsplit=1)[0]: pin for pin in pins}
    if len(by_name) < len(pins):
        sys.exit("Two versions of one package: numbers could depend on the Python. Constrain it in pyproject.toml.")
    return by_name


def main() -> None:
    """Write the lock: what the workbench needs first, what only its tests need below."""
    kept = ["--constraint", str(LOCK)] if LOCK.exists() and "--upgrade" not in sys.argv else []
    everything = resolve("--group", "build", "--group", "test", *kept)
    needed = resolve("--group", "build", *kept).keys()
    ours = [pin for name, pin in everything.items() if name in needed]
    tests = [pin for name, pin in everything.items() if name not in needed]
    LOCK.write_text("".join([HEAD, "\n", *ours, "\n", TESTS_ONLY, "\n", *tests]), encoding="utf-8", newline="\n")
    print(f"{LOCK}: {len(ours)} packages, {len(tests)} more for the tests")


if __name__ == "__main__":
    main()
