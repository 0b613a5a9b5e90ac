"""What a page shows: views that follow the state of a calculation, with controls where somebody can use them."""

from __future__ import annotations

import os
from collections.abc import Callable
from html import escape
from typing import Any

from gbf_workbench.locales import direction

_WIDGET = "application/vnd.jupyter.widget-view+json"


def in_batch() -> bool:
    """Whether nobody is there to use a control."""
    return os.environ.get("GBF_DOOR") == "batch"


class Views:
    """Views that are made again whenever the state behind them changes."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._views: list[tuple[Callable[[], str], Any]] = []
        self._boxes: list[tuple[Callable[[], list[Any]], Any]] = []

    def show(self, render: Callable[[], str]) -> None:
        """Display a view: alive where there are widgets, and as plain HTML for every page that has none."""
        from IPython.display import display

        said = self._rendered(render)
        bundle = {"text/html": said, "text/plain": ""}
        if not in_batch():
            import ipywidgets

            view = ipywidgets.HTML(said)
            view.add_class("gbf-result")
            self._views.append((render, view))
            bundle[_WIDGET] = {"version_major": 2, "version_minor": 0, "model_id": view.model_id}
        display(bundle, raw=True)

    def show_controls(self, make: Callable[[], list[Any]]) -> None:
        """Display controls that are made again whenever the state changes; silent in a batch."""
        if in_batch():
            return
        import ipywidgets
        from IPython.display import display

        box = ipywidgets.VBox(make())
        self._boxes.append((make, box))
        display(box)

    def _rendered(self, render: Callable[[], str]) -> str:
        said = render()
        return f'<div dir="{direction(self.language)}">{said}</div>' if said else ""

    def renew(self) -> None:
        """Let every view and every control show the present state."""
        for render, view in self._views:
            view.value = self._rendered(render)
        for make, box in self._boxes:
            box.children = tuple(make())


def paragraph(words: str, kind: str = "small") -> str:
    """One sentence as a paragraph of the kind ``small``, ``bad`` or ``ok``."""
    return f'<p class="gbf-{kind}" role="status">{escape(words)}</p>'
