"""A polite conversation with one service: who we are, how often we ask, and what we refuse to take for data."""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from gbf_workbench import __version__
from gbf_workbench.errors import WorkbenchError, problem
from gbf_workbench.preparation.sources.catalogue import Source
from gbf_workbench.preparation.sources.origins import public_url

if TYPE_CHECKING:
    import requests

TRIES = 5
#: Longest pause a service may ask for before we rather tell the user to come back later [s].
LONGEST_PAUSE = 120.0
_TIMEOUT = (15, 90)
_PASSING = (408, 425, 429, 500, 502, 503, 504, 522, 524)


class Connection:
    """Asks one service, waits where it is busy, and never lets a credential out.

    Parameters
    ----------
    source : Source
    address : str
        Base address; a path is put behind it, and credentials are sent to its host only.
    secrets : mapping of str
        Environment variable to its value; no value may be seen in anything we write or say.
    sleep : callable
        Waits some seconds; tests wait in no time.
    """

    def __init__(
        self, source: Source, address: str, secrets: Mapping[str, str], sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.source = source
        self.address = address.rstrip("/")
        self.secrets = dict(secrets)
        self.sleep = sleep
        self.headers: dict[str, str] = {}
        self.auth: tuple[str, str] | None = None
        #: Least time between two questions [s], where the service asks for it.
        self.pace = 0.0
        #: Name of a file to the address it came from, without credentials.
        self.came_from: dict[str, str] = {}
        self._last = ""
        self._session: requests.Session | None = None
        parts = urlsplit(self.address)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            shown = self.hide(self.address)[:80]
            raise problem("sources.option_choice", column="address", value=shown, choices="https://…")
        local = parts.hostname in ("127.0.0.1", "::1", "localhost")
        if parts.scheme == "http" and self.secrets and not local:
            raise problem("sources.unsafe_address", value=self.hide(self.address))

    def hide(self, words: str) -> str:
        """The words without any credential in them."""
        for secret in self.secrets.values():
            words = words.replace(secret, "***").replace(quote(secret, safe=""), "***")
        return words

    def note(self, name: str) -> None:
        """Remember the address last asked as the one a file came from."""
        self.came_from.setdefault(name, self._last or self.address)

    def url(self, path: str) -> str:
        """Whole address of a path of the service; an address from an answer stays as it is."""
        return path if "://" in path else f"{self.address}/{path.lstrip('/')}"

    def _send(self, method: str, url: str, **more: Any) -> requests.Response:
        import requests

        if self._session is None:
            self._session = requests.Session()
            self._session.headers["User-Agent"] = user_agent()
        ours = urlsplit(url).netloc == urlsplit(self.address).netloc
        headers = {**(self.headers if ours else {}), **more.pop("headers", {})}
        # Without an answer of our own to “who are you”, credentials of a .netrc file would be sent.
        auth = self.auth if ours and self.auth else _nobody
        with _no_log_of_addresses():
            answer = self._session.request(method, url, headers=headers, auth=auth, timeout=_TIMEOUT, **more)
        # As it was asked, not as somebody sent us on: that address is often signed and short-lived.
        first = answer.history[0] if answer.history else answer
        self._last = self.hide(public_url(first.url))
        return answer

    def ask(
        self, path: str, params: Mapping[str, Any] | None = None, *, method: str = "GET",
        accept: tuple[int, ...] = (), **more: Any,
    ) -> requests.Response:  # fmt: skip
        """The answer of the service, asked again where it was busy or out of breath.

        ``accept`` names statuses above 400 that the caller deals with.

        Raises
        ------
        WorkbenchError
            If it does not answer, refuses, or stays busy; the words never hold a credential.
        """
        import requests

        if self.pace:
            self.sleep(self.pace)
        for attempt in range(1, TRIES + 1):
            try:
                answer = self._send(method, self.url(path), params=params, **more)
            except (requests.exceptions.SSLError, requests.exceptions.ProxyError) as fault:
                # The network here stands in between: waiting does not help.
                raise self.problem("sources.no_answer_because", reason=type(fault).__name__) from None
            except (requests.ConnectionError, requests.Timeout):
                # The words of these faults hold the whole address, so they are not passed on.
                if attempt == TRIES:
                    raise self.problem("sources.no_answer") from None
                self.sleep(2.0 ** (attempt - 1))
                continue
            except requests.RequestException as fault:
                raise self.problem("sources.no_answer_because", reason=type(fault).__name__) from None
            if answer.status_code not in _PASSING:
                return answer if answer.status_code in accept else self._accepted(answer)
            pause = _pause(answer, attempt)
            status, words = answer.status_code, self._reason(answer)
            answer.close()
            if attempt == TRIES or pause > LONGEST_PAUSE:
                busy = status == 429
                minutes = max(1, round(pause / 60))
                raise self.problem(
                    "sources.busy" if busy else "sources.failing", status=str(status), reason=words, minutes=minutes
                )
            self.sleep(pause)
        raise AssertionError("unreachable")

    def _accepted(self, answer: requests.Response) -> requests.Response:
        if answer.status_code < 400:
            return answer
        key = {401: "refused", 403: "refused", 404: "not_found", 410: "not_found"}.get(answer.status_code, "answered")
        raise self.problem(f"sources.{key}", status=str(answer.status_code), reason=self._reason(answer))

    def _reason(self, answer: requests.Response) -> str:
        """What the service itself says of it, in a few words."""
        kind = answer.headers.get("Content-Type", "")
        if "html" in kind:
            return "…"
        return " ".join(self.hide(answer.content[:2000].decode("utf-8", "replace")).split())[:200] or "…"

    def json(self, path: str, params: Mapping[str, Any] | None = None, **more: Any) -> tuple[Any, Mapping[str, str]]:
        """What the service answers as JSON, without any credential in it, and the headers of the answer."""
        words, headers = self.text(path, params, **more)
        try:
            return json.loads(words), headers
        except json.JSONDecodeError:
            raise self.problem("sources.not_json", reason=" ".join(words.split())[:120]) from None

    def text(self, path: str, params: Mapping[str, Any] | None = None, **more: Any) -> tuple[str, Mapping[str, str]]:
        """What the service answers as text; a body that was cut off is asked for again."""
        import requests

        for attempt in range(1, TRIES + 1):
            try:
                answer = self.ask(path, params, stream=True, **more)
                words = self.hide(answer.content.decode("utf-8-sig"))
            except UnicodeDecodeError:
                raise self.problem("sources.not_json", reason="UTF-8") from None
            except (requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError, ConnectionError,
                    requests.ConnectionError):  # fmt: skip
                if attempt == TRIES:
                    raise self.problem("sources.cut_off") from None
                self.sleep(2.0 ** (attempt - 1))
                continue
            if is_web_page(words[:2000].encode()):
                raise self.problem("sources.web_page")
            return words, answer.headers
        raise AssertionError("unreachable")

    def problem(self, key: str, **values: Any) -> WorkbenchError:
        """An error of this service that says how to get the data by hand instead."""
        return problem(key, source=self.source.said("title"), steps=self.source.steps(), **values)

    def require(self, record: Mapping[str, Any], *names: str) -> None:
        """Refuse an answer whose fields are called otherwise than they were."""
        if missing := [name for name in names if name not in record]:
            found = ", ".join(sorted(map(str, record)))[:200]
            raise self.problem("sources.renamed", names=", ".join(missing), found=found)


@contextmanager
def _no_log_of_addresses() -> Iterator[None]:
    """Keep whole addresses, which may hold a signature, out of the log of the library that asks."""
    log = logging.getLogger("urllib3.connectionpool")
    before, log.disabled = log.disabled, True
    try:
        yield
    finally:
        log.disabled = before


def _nobody(request: Any) -> Any:
    return request


def user_agent() -> str:
    """Who asks: the project, its version, and whom to write to if the user gave an address."""
    contact = " ".join(os.environ.get("GBF_CONTACT", "").split())
    # What is no Latin-1 cannot stand in a header.
    contact = contact.encode("latin-1", "ignore").decode("latin-1")
    return f"gbf-workbench/{__version__}" + (f" ({contact})" if contact else "")


def is_web_page(head: bytes) -> bool:
    """Whether these first bytes are a page for people: a login, a notice, an error."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return start.startswith((b"<!doctype html", b"<html", b"<head")) or (start.startswith(b"<") and b"<html" in start)


def _pause(answer: requests.Response, attempt: int) -> float:
    """How long to wait [s]: what the service says, else longer each time."""
    said = answer.headers.get("Retry-After", "").strip()
    if said.isdigit():
        return float(said)
    if said:
        try:
            return max(0.0, (parsedate_to_datetime(said) - datetime.now(UTC)).total_seconds())
        except (TypeError, ValueError):
            pass
    return 2.0**attempt
