"""D.2 a second time: one pass over the lines, one dictionary."""

from __future__ import annotations

from pathlib import Path

from tests.second_opinions._money import Money, add, rows


def _share(line: dict[str, str], table: list[dict[str, str]]) -> float | None:
    if line["attribution"]:
        return float(line["attribution"])
    fitting = [
        row
        for row in table
        if all(not row[key] or row[key] == line[key] for key in ("programme", "department", "ministry"))
    ]
    # A filled programme outweighs a filled department, and that a filled ministry.
    best = max(
        fitting, default=None, key=lambda r: 4 * bool(r["programme"]) + 2 * bool(r["department"]) + bool(r["ministry"])
    )
    if best:
        return float(best["attribution"])
    return 1.0 if line.get("cofog") == "05.4" else None


def values(folder: Path) -> dict[tuple[int, str, str, str], float]:
    own = folder / "domestic_public_funding"
    lines, table, money = rows(own, "public_expenditure"), rows(own, "spending_attributions"), Money(own)
    accounts = {line["year"] for line in lines if line["stage"] == "spent"}
    kept = [one for one in lines if one["stage"] == ("spent" if one["year"] in accounts else "original budget")]
    base = money.newest("XAF", {int(line["year"]) for line in kept})
    found: dict[tuple[int, str, str, str], float] = {}
    for line in kept:
        share, year, amount = _share(line, table), int(line["year"]), float(line["amount"])
        ways = money.ways(amount * (share or 0.0), year, "XAF", base)
        current = {"XAF": ways["XAF"]}
        apart = "Transfers to other levels of government" if line["transfer"] == "yes" else ""
        apart = apart or ("Paid with money from abroad" if line["foreign_funded"] == "yes" else "")
        if apart:
            add(found, (year, "Left out", apart), current)
            continue
        most = amount if share is None else amount * share
        add(found, (year, "Range", "Lines without a share count whole"), {"XAF": most})
        if share is None:
            continue
        add(found, (year, "", ""), ways)
        add(found, (year, "Range", "Lines without a share count nothing"), current)
        for kind in ("level", "ministry", "department", "programme"):
            label = "Level of government" if kind == "level" else kind.capitalize()
            add(found, (year, label, line[kind]), current)
        whole = "Wholly for biodiversity" if share == 1 else "In part for biodiversity"
        add(found, (year, "Purpose", whole), current)
    for row in rows(own, "public_finance_totals"):
        for column, unit in (("total_expenditure", "% of public spending"), ("gdp", "% of GDP")):
            if row[column]:
                found[int(row["year"]), "", "", unit] = (
                    100 * found[int(row["year"]), "", "", "XAF"] / float(row[column])
                )
    return found
