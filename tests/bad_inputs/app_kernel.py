"""What a browser does with the upload handler of the app, done from inside a kernel; read by the tests as text."""

from __future__ import annotations

import json
from pathlib import Path


def bring(code: str, paths: list[str], language: str = "en") -> str:
    """Send files piece by piece to the upload field of an indicator's app and say, as JSON, what came of it.

    Returns
    -------
    str
        ``{"issues": [...], "message": str, "failed": [sentences of a refused upload]}``.
    """
    import ipywidgets

    from gbf_workbench.catalogue.specs import spec_of
    from gbf_workbench.doors.bringing import Desk
    from gbf_workbench.doors.panel import Panel
    from gbf_workbench.doors.upload import PIECE, Upload

    panel = Panel(spec_of(code), "", "", language, {})
    desk = Desk(panel, ipywidgets.VBox())
    failed: list[str] = []
    upload = Upload(on_start=lambda: None, on_files=desk.receive, on_failed=failed.append, language=language)
    contents = [Path(path).read_bytes() for path in paths]
    files = [{"name": Path(path).name, "size": len(one)} for path, one in zip(paths, contents, strict=True)]
    upload._hear({"kind": "start", "id": "1", "files": files}, [])
    for content in contents:
        for at in range(0, len(content), PIECE):
            upload._hear({"kind": "piece", "id": "1", "at": at}, [memoryview(content[at : at + PIECE])])
    issues = [issue.record(language) for issue in panel.issues]
    return json.dumps({"issues": issues, "message": panel.message, "failed": failed})
