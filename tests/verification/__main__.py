"""``python -m tests.verification``: writes ``TABLE.md`` beside this file from every comparison."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.conftest import verification_data
from tests.verification import HERE, Compared, module_of, names

_HEAD = """\
# Our values beside those of others

Made by `python -m tests.verification` from the unaltered files of others; {count} values, {outside} outside their
tolerance. The difference is a share of the other value (absolute where that is 0).
"""
#: A comparison with more values than this shows its farthest ones.
_SHOWN = 30


def _lines(rows: list[Compared]) -> list[str]:
    shown = sorted(rows, key=lambda row: row.difference, reverse=True)[:_SHOWN] if len(rows) > _SHOWN else rows
    lines = ["| quantity | ours | theirs | difference | tolerance |", "|---|---:|---:|---:|---:|"]
    lines += [
        f"| {row.quantity}{f' ({row.why})' if row.why else ''} | {row.ours:.10g} | {row.theirs:.10g} "
        f"| {row.difference:.2g} | {row.tolerance:.2g}{'' if row.holds else ' **outside**'} |"
        for row in shown
    ]
    if len(rows) > _SHOWN:
        lines.append(
            f"\nThe {_SHOWN} farthest of {len(rows)}; {sum(row.holds for row in rows)} are within their tolerance."
        )
    return lines


def main() -> None:
    """Write the table."""
    verify = verification_data()
    if verify is None:
        raise SystemExit("the results of others are not here: set GBF_VERIFY to their folder")
    parts, every = [], []
    for name in names():
        with tempfile.TemporaryDirectory() as folder:
            rows = module_of(name).compared(verify, Path(folder))
        every += rows
        parts.append("\n".join([f"\n## {name.replace('_', ' ')}\n\n{module_of(name).PEER}\n", *_lines(rows)]))
    head = _HEAD.format(count=len(every), outside=sum(not row.holds for row in every))
    (HERE / "TABLE.md").write_text(head + "\n".join(parts) + "\n", encoding="utf-8")
    print(f"{len(every)} values, {sum(not row.holds for row in every)} outside")


if __name__ == "__main__":
    main()
