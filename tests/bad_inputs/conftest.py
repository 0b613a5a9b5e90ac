"""Doors for the bad inputs, and the table that says what became of each entry of the catalogue."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

OUTCOMES: dict[str, dict[str, str]] = yaml.safe_load(
    (Path(__file__).parent / "outcomes.yml").read_text(encoding="utf-8")
)
DOORS = ("library", "batch", "app", "boundary")


@pytest.fixture(scope="session")
def app_kernel() -> Iterator[Callable[[str, list[Path]], dict[str, Any]]]:
    """The upload handler of the app in a live kernel: files in, what was found out."""
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel(kernel_name="python3", startup_timeout=120)
    root = Path(__file__).parents[2]
    _answer(client, f"import sys; sys.path.insert(0, {str(root)!r})\nfrom tests.bad_inputs.app_kernel import bring")
    try:
        yield lambda code, paths: json.loads(
            _answer(client, f"print(bring({code!r}, {[str(path) for path in paths]!r}))").splitlines()[-1]
        )
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def _answer(client: Any, code: str) -> str:
    """What a cell prints; a cell that fails fails the test with its traceback."""
    said: list[str] = []

    def heard(message: dict[str, Any]) -> None:
        content = message["content"]
        if message["msg_type"] == "stream" and content["name"] == "stdout":
            said.append(content["text"])
        elif message["msg_type"] == "error":
            raise AssertionError("\n".join(content["traceback"]))

    client.execute_interactive(code, timeout=120, output_hook=heard, store_history=False)
    return "".join(said)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Note for the report which entry of the catalogue a test stands for, and at which door."""
    for item in items:
        for mark in item.iter_markers("covers"):
            item.user_properties += [("bad_input", (entry, "boundary")) for entry in mark.args]


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """One line for each entry: the outcome it must have, and at how many doors in how many shapes it had it."""
    counts: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    for state in ("passed", "failed"):
        for report in terminalreporter.stats.get(state, ()):
            for name, value in getattr(report, "user_properties", ()):
                if name == "bad_input" and report.when == "call":
                    entry, door = value
                    counts[entry][door][state == "failed"] += 1
    if not counts:
        return
    terminalreporter.write_sep("-", "bad inputs: shapes that ended as they must (of those tried)")
    terminalreporter.write_line(f"{'entry':7}{'outcome':10}" + "".join(f"{door:>12}" for door in DOORS))
    for outcomes in OUTCOMES.values():
        for entry, outcome in outcomes.items():
            if (tried := counts.get(entry)) is None:
                continue
            ran = [tried.get(door, (0, 0)) for door in DOORS]
            cells = [f"{good}/{good + bad}" if good + bad else "-" for good, bad in ran]
            terminalreporter.write_line(f"{entry:7}{outcome:10}" + "".join(f"{cell:>12}" for cell in cells))
