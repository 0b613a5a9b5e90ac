"""``python -m tests.mutations [MODULE …] [--each 15] [--seed 1]``: do the tests notice when the science is changed?

Each module of ``methods/`` and ``indicators/`` is changed in one place at a time (a comparison, a sign, a constant, a
condition) and its own tests are run; a change they do not notice survives and is printed, to be read by somebody.
"""

from __future__ import annotations

import argparse
import ast
import copy
import importlib
import os
import random
import signal
import sys
import time
import types
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "gbf_workbench"
_COMPARED = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
_WORKED_OUT = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult}
_CALLED = {"min": "max", "max": "min", "any": "all", "all": "any", "minimum": "maximum", "maximum": "minimum"}
#: Seconds that the tests of one change may take; a change that makes them hang was noticed.
LONGEST = 240


def _changes(node: ast.AST) -> Iterator[ast.AST]:
    """The node changed in each way there is for its kind."""
    if isinstance(node, ast.Compare) and type(node.ops[0]) in _COMPARED:
        yield _with(node, ops=[_COMPARED[type(node.ops[0])](), *node.ops[1:]])
    elif isinstance(node, ast.BinOp) and type(node.op) in _WORKED_OUT:
        yield _with(node, op=_WORKED_OUT[type(node.op)]())
    elif isinstance(node, ast.BoolOp):
        yield _with(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.USub):
        yield node.operand
    elif isinstance(node, ast.If | ast.IfExp):
        yield _with(node, test=ast.UnaryOp(ast.Not(), node.test))
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield _with(node, value=not node.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        yield _with(node, value=node.value + 1)
    elif isinstance(node, ast.Name) and node.id in _CALLED:
        yield _with(node, id=_CALLED[node.id])
    elif isinstance(node, ast.Attribute) and node.attr in _CALLED:
        yield _with(node, attr=_CALLED[node.attr])


def _with(node: ast.AST, **parts: Any) -> ast.AST:
    changed = copy.copy(node)
    for name, value in parts.items():
        setattr(changed, name, value)
    return changed


class _Place(ast.NodeTransformer):
    """Walks the code that computes; at the wanted place the change is made, otherwise places are only counted."""

    def __init__(self, wanted: int = -1) -> None:
        self.wanted, self.seen, self.said = wanted, 0, ""

    def visit(self, node: ast.AST) -> Any:
        for changed in _changes(node):
            if self.seen == self.wanted:
                self.said = f"line {node.lineno}: {ast.unparse(node)[:90]}  ->  {ast.unparse(changed)[:90]}"
                self.seen += 1
                return ast.copy_location(changed, node)
            self.seen += 1
        return super().visit(node)

    def _skip(self, node: Any) -> Any:
        return node

    # Names of types, words for people and what is imported for them change nothing that is computed.
    visit_AnnAssign = visit_Import = visit_ImportFrom = visit_JoinedStr = _skip  # type: ignore[assignment]

    def visit_FunctionDef(self, node: ast.FunctionDef) -> Any:
        node.body = [self.visit(one) for one in node.body]
        return node

    def visit_If(self, node: ast.If) -> Any:
        return node if ast.unparse(node.test) == "TYPE_CHECKING" else self.generic_visit(node)


#: Promises that every indicator keeps, and its second opinion.
_SHARED = ("tests/test_indicators.py", "tests/test_second_opinions.py")


def files_of(path: Path) -> list[list[str]]:
    """Test files about a module: its own with its examples, those of the indicators that use it, shared ones."""
    own = [f"tests/methods/test_{path.stem}.py", path.relative_to(ROOT).as_posix()]
    return [own, [f"tests/test_{slug}.py" for slug in sorted(_slugs_of(path))], list(_SHARED)]


def tests_of(path: Path, items: list[Any]) -> list[Any]:
    """The collected tests that are about a module, the quickest kinds first."""
    own, about, shared = files_of(path)
    # A test that holds every indicator to something says by a slug in its name which one it holds.
    named = {path.stem, *_slugs_of(path)}

    def kind(item: Any) -> int:
        file = item.nodeid.partition("::")[0]
        if file in own or file in about:
            return 0 if file in own else 1
        return 2 if file in shared and any(name in item.nodeid for name in named) else 3

    chosen = [item for item in items if kind(item) < 3]
    return sorted(chosen, key=lambda item: (kind(item), bool(item.get_closest_marker("slow"))))


def _slugs_of(path: Path) -> set[str]:
    return {path.stem} if path.parent.name == "indicators" else _indicators_that_use(path.stem)


def _indicators_that_use(stem: str) -> set[str]:
    """Slugs of the indicators that use a method, at once or through another method."""
    found, waiting = {stem}, [stem]
    while waiting:
        name = f"gbf_workbench.methods.{waiting.pop()} import"
        for one in PACKAGE.glob("methods/*.py"):
            if one.stem not in found and name in one.read_text(encoding="utf-8"):
                found.add(one.stem)
                waiting.append(one.stem)
    names = [f"gbf_workbench.methods.{one} import" for one in found]
    using = [p for p in PACKAGE.glob("indicators/*.py") if any(n in p.read_text(encoding="utf-8") for n in names)]
    return {one.stem for one in using}


def put_in(module: Any, code: Any) -> None:
    """Let a module that is imported everywhere already work with changed code.

    Functions keep their identity and get new insides; a changed constant is put wherever the old one was imported.
    """
    changed = dict(vars(module))
    exec(code, changed)  # our own source with one place changed
    for name, new in changed.items():
        old = vars(module).get(name)
        if getattr(new, "__module__", "") == module.__name__:
            _turn(old, new)
        elif old is not new and not name.startswith("__"):
            for one in list(sys.modules.values()):
                if vars(one).get(name) is old and getattr(one, "__name__", "").startswith("gbf_workbench"):
                    setattr(one, name, new)


def _turn(old: Any, new: Any) -> None:
    old, new = (getattr(one, "__wrapped__", one) for one in (old, new))
    if isinstance(new, types.FunctionType):
        old.__code__, old.__defaults__, old.__kwdefaults__ = new.__code__, new.__defaults__, new.__kwdefaults__
    elif isinstance(new, type):
        for name, part in vars(new).items():
            for one in (part, getattr(part, "fget", None), getattr(part, "__func__", None)):
                if isinstance(one, types.FunctionType):
                    was = vars(old)[name]
                    _turn(getattr(was, "fget", None) or getattr(was, "__func__", None) or was, one)


def noticed(session: Any, items: list[Any], module: Any, code: Any) -> int:
    """Start a process of its own that runs the tests with the changed code until one fails; its number is given."""
    child = os.fork()
    if child:
        return child
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    signal.alarm(LONGEST)
    try:
        put_in(module, code)
        for at, item in enumerate(items):
            after = items[at + 1] if at + 1 < len(items) else None
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
            if session.testsfailed:
                os._exit(1)
    except BaseException:
        os._exit(1)
    os._exit(0)


def changes_of(path: Path, each: int, seed: int) -> list[tuple[str, Any]]:
    """A drawn sample of the changes of a module: what is said of each, and its code."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    counting = _Place()
    counting.visit(copy.deepcopy(tree))
    chosen = random.Random(seed + zlib.crc32(path.stem.encode())).sample(range(counting.seen), min(each, counting.seen))
    changes = []
    for wanted in sorted(chosen):
        place = _Place(wanted)
        changed = ast.fix_missing_locations(place.visit(copy.deepcopy(tree)))
        changes.append((place.said, compile(changed, str(path), "exec")))
    return changes


class Changing:
    """Takes the place of the run: what was collected is run once for each change, each time in a process of its own."""

    def __init__(self, paths: list[Path], each: int, seed: int) -> None:
        self.paths, self.each, self.seed = paths, each, seed
        self.total = self.survived = 0

    def pytest_runtestloop(self, session: Any) -> bool:
        """Every module in turn, as many changes at a time as there are processors."""
        for path in self.paths:
            started = time.monotonic()
            changes = changes_of(path, self.each, self.seed)
            survivors = self._tried(session, path, changes)
            self.total, self.survived = self.total + len(changes), self.survived + len(survivors)
            name = f"{path.parent.name}/{path.stem}"
            seen = len(changes) - len(survivors)
            print(f"{name}: {seen} of {len(changes)} noticed ({time.monotonic() - started:.0f} s)", flush=True)
            for said in survivors:
                print(f"    {said}", flush=True)
        return True

    def _tried(self, session: Any, path: Path, changes: list[tuple[str, Any]]) -> list[str]:
        items = tests_of(path, session.items)
        module = importlib.import_module(f"gbf_workbench.{path.parent.name}.{path.stem}")
        running: dict[int, str] = {}
        survivors, waiting = [], list(changes)
        while waiting or running:
            while waiting and len(running) < (os.cpu_count() or 1):
                said, code = waiting.pop(0)
                running[noticed(session, items, module, code)] = said
            child, state = os.wait()
            said = running.pop(child)
            if not state:
                survivors.append(said)
        return survivors


def main() -> None:
    """Print for each module how many changes were noticed, and the others in full."""
    parser = argparse.ArgumentParser(description="Do the tests notice when the science is changed?")
    parser.add_argument("modules", nargs="*", help="methods/areas, indicators/red_list_index …; all without")
    parser.add_argument("--each", type=int, default=15, help="changes for each module")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    import pytest

    named = [PACKAGE / f"{one}.py" for one in given.modules]
    paths = named or [p for part in ("methods", "indicators") for p in sorted((PACKAGE / part).glob("[a-z]*.py"))]
    changing = Changing(paths, given.each, given.seed)
    wanted = dict.fromkeys(name for path in paths for names in files_of(path) for name in names)
    tests = [name for name in wanted if (ROOT / name).is_file()]
    quiet = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-s"]
    os.chdir(ROOT)
    pytest.main([*quiet, *tests], plugins=[changing])
    if changing.total:
        share = 100 * (changing.total - changing.survived) / changing.total
        print(f"{changing.total - changing.survived} of {changing.total} changes noticed ({share:.0f} %)")


if __name__ == "__main__":
    main()
