"""GBF Workbench: from a country's raw files to checked tables, indicators with their uncertainty, and a report.

The verbs are the same here and on the command line: ``find``, ``describe``, ``start``, ``load``, ``check``,
``compute``, ``draw``, ``report``, ``save``.
"""

from __future__ import annotations

from typing import Any

__version__ = "0.1.0"

# Each verb is imported when it is first used, so that `import gbf_workbench` costs next to nothing.
_HOME = {
    "find": "gbf_workbench.catalogue",
    "describe": "gbf_workbench.catalogue",
    "start": "gbf_workbench.preparation.templates",
    "check": "gbf_workbench.pipeline",
    "load": "gbf_workbench.pipeline",
    "compute": "gbf_workbench.pipeline",
    "draw": "gbf_workbench.reporting.charts",
    "save": "gbf_workbench.reporting.files",
    "report": "gbf_workbench.reporting.national_report",
    "open_panel": "gbf_workbench.doors.panel",
    "open_preparation": "gbf_workbench.doors.preparing",
    "open_readiness": "gbf_workbench.doors.getting_ready",
    "save_clean": "gbf_workbench.preparation.cleaning",
    "WorkbenchError": "gbf_workbench.errors",
}
__all__ = sorted([*_HOME, "__version__"])


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
