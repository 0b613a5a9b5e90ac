"""``python -m tests.mutations [MODULE …] [--each 15] [--seed 1]``: do the tests notice when the science is changed?

Each module of ``methods/`` and ``indicators/`` is changed in one place at a time (a comparison, a sign, a constant, a
condition) and its own tests are run; a change they do not notice survives and is printed, to be read by somebody.
"""

from __future__ import annotations

import argparse
import ast
import copy
import importlib.abc
import importlib.util
import os
import random
import sys
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


class _Changed(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Gives the changed code in place of one module."""

    def __init__(self, name: str, path: Path, code: Any) -> None:
        self.name, self.path, self.code = name, path, code

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> Any:
        if fullname != self.name:
            return None
        return importlib.util.spec_from_file_location(fullname, self.path, loader=self)

    def get_source(self, fullname: str) -> str:
        return self.path.read_text(encoding="utf-8")

    def get_code(self, fullname: str) -> Any:
        return self.code


def tests_of(path: Path) -> list[str]:
    """Test files that are about a module: its own, and those of the indicators that use it."""
    slugs = {path.stem} if path.parent.name == "indicators" else set()
    name = f"gbf_workbench.{path.parent.name}.{path.stem}"
    if path.parent.name == "methods":
        using = {one for one in PACKAGE.glob("*/*.py") if f"{name} import" in one.read_text(encoding="utf-8")}
        more = {f"gbf_workbench.methods.{one.stem} import" for one in using if one.parent.name == "methods"}
        using |= {o for o in PACKAGE.glob("indicators/*.py") if any(m in o.read_text(encoding="utf-8") for m in more)}
        slugs |= {one.stem for one in using if one.parent.name == "indicators"}
    files = [ROOT / "tests" / "methods" / f"test_{path.stem}.py"]
    files += [ROOT / "tests" / f"test_{slug}.py" for slug in sorted(slugs)]
    shared = ["test_second_opinions.py", "test_verification.py", "test_indicators.py"]
    chosen = [str(one) for one in files if one.is_file()]
    return [*chosen, *(str(ROOT / "tests" / one) for one in shared), "-k", " or ".join(sorted({path.stem, *slugs}))]


def noticed(path: Path, code: Any) -> bool:
    """Whether a test fails with the changed code; each is tried in a process of its own, from one that has imported."""
    child = os.fork()
    if not child:
        name = f"gbf_workbench.{path.parent.name}.{path.stem}"
        sys.meta_path.insert(0, _Changed(name, path, code))
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        import signal

        import pytest

        signal.alarm(LONGEST)
        plain = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
        os._exit(int(pytest.main([*plain, *tests_of(path)])))
    return os.waitpid(child, 0)[1] != 0


def tried(path: Path, each: int, seed: int) -> tuple[int, list[str]]:
    """How many changes were tried in a module, and what the ones were that no test noticed."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    counting = _Place()
    counting.visit(copy.deepcopy(tree))
    places = list(range(counting.seen))
    chosen = random.Random(seed + zlib.crc32(path.stem.encode())).sample(places, min(each, len(places)))
    survivors = []
    for wanted in sorted(chosen):
        place = _Place(wanted)
        changed = ast.fix_missing_locations(place.visit(copy.deepcopy(tree)))
        if not noticed(path, compile(changed, str(path), "exec")):
            survivors.append(place.said)
    return len(chosen), survivors


def main() -> None:
    """Print for each module how many changes were noticed, and the others in full."""
    parser = argparse.ArgumentParser(description="Do the tests notice when the science is changed?")
    parser.add_argument("modules", nargs="*", help="methods/areas, indicators/red_list_index …; all without")
    parser.add_argument("--each", type=int, default=15, help="changes for each module")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    import geopandas  # noqa: F401 - imported once, for all the processes that are made of this one
    import pytest  # noqa: F401
    import scipy.stats  # noqa: F401

    named = [PACKAGE / f"{one}.py" for one in given.modules]
    paths = named or [p for part in ("methods", "indicators") for p in sorted((PACKAGE / part).glob("[a-z]*.py"))]
    total = survived = 0
    for path in paths:
        count, survivors = tried(path, given.each, given.seed)
        total, survived = total + count, survived + len(survivors)
        print(f"{path.parent.name}/{path.stem}: {count - len(survivors)} of {count} noticed", flush=True)
        for said in survivors:
            print(f"    {said}", flush=True)
    if total:
        print(f"{total - survived} of {total} changes noticed ({100 * (total - survived) / total:.0f} %)")


if __name__ == "__main__":
    main()
