"""What has to be said beside a number, gathered while it is worked out."""

from __future__ import annotations

from typing import Any


class Doubts(list):
    """Flags of a calculation; ``attrs["doubts"]`` of its rows takes ``list(doubts)``, its spec the texts in ``notes``.

    >>> doubts = Doubts()
    >>> doubts.add("flag", "unknown_left_out", count=2)
    >>> doubts.add("flag", "unknown_left_out", count=3)
    >>> doubts[0]["values"]
    {'count': 5}
    """

    def add(self, level: str, key: str, **values: Any) -> None:
        """Say one thing; a thing said for several groups is said once with the sum of its counts."""
        if not values.get("count", 1):
            return
        for known in self:
            if known["key"] == key:
                if "count" in values:
                    known["values"]["count"] = known["values"].get("count", 0) + values["count"]
                return
        self.append({"level": level, "key": key, "values": values})
