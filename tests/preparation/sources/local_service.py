"""A small server on this computer that answers as a service of the internet would, with its faults."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

LOGIN = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>Please sign in.</body></html>"


@dataclass
class Asked:
    """One question as it arrived."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes = b""


@dataclass
class Reply:
    """One answer; a ``file`` can be asked for in parts, and ``cut`` sends only so many bytes of what is announced."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    file: bool = False
    cut: int | None = None
    ranges: bool = True


def as_json(content: Any, **headers: str) -> Reply:
    return Reply(json.dumps(content).encode(), headers={"Content-Type": "application/json", **headers})


def as_file(content: bytes, tag: str = "") -> Reply:
    return Reply(content, file=True, headers={"ETag": tag or f'"{hash(content) & 0xFFFFFF:x}"'})


def not_found(words: str = "not found") -> Reply:
    return Reply(words.encode(), 404, {"Content-Type": "text/plain"})


@dataclass
class LocalService:
    """The server: what it answers, what it was asked, and the faults it still has to show.

    A fault is a function of question and proper answer; it is shown once for each time it stands in ``faults``,
    to questions whose path ``spoils`` accepts.
    """

    answer: Callable[[Asked, str], Reply]
    asked: list[Asked] = field(default_factory=list)
    faults: list[Callable[[Reply], Reply]] = field(default_factory=list)
    always: Callable[[Reply], Reply] | None = None
    spoils: Callable[[Asked], bool] = lambda asked: True
    address: str = ""
    server: ThreadingHTTPServer | None = None

    def start(self) -> LocalService:
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                parts = urlsplit(self.path)
                query = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
                body = self.rfile.read(length)
                asked = Asked(self.command, parts.path, query, dict(self.headers.items()), body)
                service.asked.append(asked)
                reply = service.answer(asked, service.address)
                if service.spoils(asked):
                    if service.faults:
                        reply = service.faults.pop(0)(reply)
                    elif service.always:
                        reply = service.always(reply)
                self.send(asked, reply)

            do_GET = do_POST = do_HEAD = handle_one

            def send(self, asked: Asked, reply: Reply) -> None:
                body, status, headers = reply.body, reply.status, dict(reply.headers)
                wanted = asked.headers.get("Range", "")
                same = asked.headers.get("If-Range", headers.get("ETag")) == headers.get("ETag")
                if reply.file and reply.ranges and status == 200 and wanted and same:
                    start = int(wanted.removeprefix("bytes=").rstrip("-"))
                    if start >= len(body):
                        status, body = 416, b""
                    else:
                        status, headers["Content-Range"] = 206, f"bytes {start}-{len(body) - 1}/{len(body)}"
                        body = body[start:]
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body if reply.cut is None else body[: reply.cut])
                if reply.cut is not None:
                    self.close_connection = True

            def log_message(self, *_: Any) -> None:
                """Be quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
