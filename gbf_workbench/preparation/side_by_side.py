"""Work on the columns of a long table by several processors at once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

#: A shorter table is done before the threads for it have started.
_LONG = 50_000


def side_by_side(work: Callable[[Any], Any], columns: Iterable[Any], rows: int) -> list[Any]:
    """What the work gives for each of the columns, in their order.

    Parameters
    ----------
    work : callable
        Must change nothing that it shares with itself. It gains as far as Arrow and numpy do it, which let other
        threads run meanwhile.
    columns : iterable
    rows : int
        How long the columns are.
    """
    if rows < _LONG:
        return [work(one) for one in columns]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(work, columns))
