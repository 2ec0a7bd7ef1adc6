"""Reports from the network: asked for only when changed, kept unedited by sha256, with address and date.

    raw/ab/abcd....pdf     the bytes as they came, named by their sha256 (names from the network are never paths)
    raw/fetches.sqlite     per address: what it gave last, and when; and a log of every file that ever came

Each host is asked by one thread at a time, with a pause. A server that fails costs its own addresses, nothing else.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import TypeVar
from urllib.parse import unquote, urljoin, urlsplit

import httpcore2
import httpx2
import stamina
import stamina.instrumentation

from pipeline.catalogue import now
from pipeline.guard import GuardedTransport, Overdue, Refused
from pipeline.layers import sync, sync_folder
from pipeline.sources import LINK_CHARACTERS, Politeness

MEBIBYTE = 1024 * 1024
HOSTS_AT_ONCE = 4
REDIRECTS = 5
PAGE_MEBIBYTES = 10  # an index page
LINKS = 2000  # of one index page
LONGEST_WAIT = 120.0  # seconds that a server may ask us to wait
T = TypeVar("T")
stamina.instrumentation.set_on_retry_hooks([])  # the run report says what failed

SCHEMA = """
create table if not exists addresses (
    url text primary key, etag text, last_modified text, document_id text not null, name text not null,
    fetched_at text not null, checked_at text not null
);
create table if not exists log (
    url text not null, final_url text not null, document_id text not null, name text not null, bytes integer not null,
    etag text, last_modified text, fetched_at text not null
);
"""


class FetchError(Exception):
    """One sentence: why an address gave nothing."""


class _Temporary(FetchError):
    """May go better in a moment. `wait` is what the server asks for, in seconds."""

    def __init__(self, text: str, wait: float | None = None, silent: bool = False) -> None:
        super().__init__(text)
        self.wait = wait
        self.silent = silent  # the host did not answer at all


@dataclass(frozen=True, slots=True)
class Fetched:
    """What an address gave. `status`: new, changed, unchanged, failed; `path` and `document_id` are those of the last
    good file, also where this attempt failed; None where there never was one. `error` is one sentence."""

    url: str
    status: str
    path: Path | None = None
    document_id: str | None = None
    name: str = ""
    fetched_at: str = ""
    error: str | None = None


@dataclass(frozen=True, slots=True)
class _Known:
    """What an address gave last time."""

    url: str
    etag: str | None
    last_modified: str | None
    document_id: str
    name: str
    fetched_at: str
    checked_at: str


@dataclass(frozen=True, slots=True)
class _Answer:
    """A file that came in; `document_id` None says that it has not changed."""

    final_url: str
    document_id: str | None = None
    name: str = ""
    size: int = 0
    etag: str | None = None
    last_modified: str | None = None


class Ledger:
    """The raw files and what is known of the addresses they came from."""

    def __init__(self, raw: Path) -> None:
        raw.mkdir(parents=True, exist_ok=True)
        self.raw = raw
        self._db = sqlite3.connect(raw / "fetches.sqlite", timeout=30, isolation_level=None, check_same_thread=False)
        self._db.execute("pragma journal_mode = wal")
        self._db.executescript(SCHEMA)
        self._lock = threading.Lock()

    def close(self) -> None:
        self._db.close()

    def file(self, document_id: str) -> Path:
        return self.raw / document_id[:2] / f"{document_id}.pdf"

    def known(self, url: str) -> _Known | None:
        with self._lock:
            row = self._db.execute("select * from addresses where url = ?", [url]).fetchone()
        return None if row is None or not self.file(row[3]).exists() else _Known(*row)

    def unchanged(self, url: str) -> None:
        with self._lock:
            self._db.execute("update addresses set checked_at = ? where url = ?", [now(), url])

    def came(self, url: str, answer: _Answer) -> None:
        """Write down a file that came in, for its address and in the log, together."""
        validators = [answer.etag, answer.last_modified]
        with self._lock:
            self._db.execute("begin immediate")
            self._db.execute(
                "insert or replace into addresses values (?, ?, ?, ?, ?, ?, ?)",
                [url, *validators, answer.document_id, answer.name, now(), now()],
            )
            self._db.execute(
                "insert into log values (?, ?, ?, ?, ?, ?, ?, ?)",
                [url, answer.final_url, answer.document_id, answer.name, answer.size, *validators, now()],
            )
            self._db.execute("commit")


class Fetcher:
    """Fetches over one pool of guarded connections; use it as a context manager."""

    def __init__(self, raw: Path, politeness: Politeness | None = None) -> None:
        self.politeness = politeness or Politeness()
        self.ledger = Ledger(raw)
        self._incoming = raw / ".incoming"
        self._transport = GuardedTransport(self.politeness.allow_hosts)
        self._client = httpx2.Client(
            transport=self._transport,
            timeout=self.politeness.timeout_seconds,
            trust_env=False,
            follow_redirects=False,
            headers={"User-Agent": self.politeness.user_agent, "Accept-Encoding": "identity"},
        )
        self._hosts: dict[str, _Host] = {}

    def __enter__(self) -> Fetcher:
        for leftover in self._incoming.glob("*"):
            leftover.unlink()
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()
        self.ledger.close()

    def fetch(self, urls: Iterable[str]) -> Iterator[Fetched]:
        """Fetch addresses, hosts side by side, and yield what each gave as it comes."""
        by_host: dict[str, list[str]] = {}
        for url in dict.fromkeys(urls):
            by_host.setdefault(urlsplit(url).netloc.lower(), []).append(url)
        for name in by_host:
            self._hosts.setdefault(name, _Host())
        with ThreadPoolExecutor(HOSTS_AT_ONCE) as pool:
            for group in pool.map(self._fetch_host, by_host.items()):
                yield from group

    def links(self, page: str, pattern: re.Pattern[str]) -> list[tuple[str, re.Match[str]]]:
        """The links of an index page that fit `pattern` (searched in the whole address). Raises FetchError."""
        host = self._hosts.setdefault(urlsplit(page).netloc.lower(), _Host())
        body, base = self._tried(page, host, lambda: self._page(page, host))
        reader = _Links()
        reader.feed(body)
        reader.close()
        found: dict[str, re.Match[str]] = {}
        for href in reader.found:
            try:
                url = urljoin(urljoin(base, reader.base), href).split("#")[0]
                fits = (
                    pattern.search(url)
                    if urlsplit(url).scheme in ("http", "https") and len(url) <= LINK_CHARACTERS
                    else None
                )
            except ValueError:  # an address that cannot be one
                continue
            if fits and len(found) < LINKS:
                found.setdefault(url, fits)
        return list(found.items())

    def _fetch_host(self, group: tuple[str, Sequence[str]]) -> list[Fetched]:
        host = self._hosts[group[0]]
        return [self._fetch(url, host) for url in group[1]]

    def _fetch(self, url: str, host: _Host) -> Fetched:
        known = self.ledger.known(url)
        kept = (self.ledger.file(known.document_id), known.document_id, known.name, known.fetched_at) if known else ()
        try:
            answer = self._tried(url, host, lambda: self._download(url, host, known))
        except FetchError as error:
            return Fetched(url, "failed", *kept, error=str(error)) if kept else Fetched(url, "failed", error=str(error))
        if answer.document_id is None:
            self.ledger.unchanged(url)
            return Fetched(url, "unchanged", *kept)
        self.ledger.came(url, answer)
        same = known is not None and known.document_id == answer.document_id
        status = "unchanged" if same else "changed" if known else "new"
        when = known.fetched_at if known is not None and same else now()
        return Fetched(url, status, self.ledger.file(answer.document_id), answer.document_id, answer.name, when)

    def _tried(self, url: str, host: _Host, attempt: Callable[[], T]) -> T:
        """Try again what may go better, waiting longer each time, or as long as the server asks."""
        rules = self.politeness
        if host.silent >= rules.give_up_after:
            raise FetchError("its host did not answer before: left for the next run")

        def again(error: Exception) -> bool | float:
            return isinstance(error, _Temporary) and (True if error.wait is None else error.wait)

        try:
            for go in stamina.retry_context(
                on=again, attempts=max(1, rules.attempts), timeout=None, wait_initial=rules.retry_seconds,
                wait_max=60.0, wait_jitter=min(1.0, rules.retry_seconds),
            ):  # fmt: skip
                with go:
                    result = attempt()
        except _Temporary as error:
            host.silent = host.silent + 1 if error.silent else 0
            raise FetchError(f"{error} ({rules.attempts} attempts)") from error
        except Refused as error:
            raise FetchError(str(error)) from error
        host.silent = 0
        return result

    # -- one attempt ------------------------------------------------------------------------------------------------

    def _download(self, url: str, host: _Host, known: _Known | None) -> _Answer:
        headers = {}
        if known is not None and known.etag:
            headers["If-None-Match"] = known.etag
        if known is not None and known.last_modified:
            headers["If-Modified-Since"] = known.last_modified
        with self._got(url, host, headers) as (response, final_url):
            if response.status_code == 304 and known is not None:
                return _Answer(final_url)
            body = self._body(response, self.politeness.max_mebibytes)
            document_id, size = self._keep(body, response)
        name = _name(response, final_url, document_id)
        return _Answer(
            final_url, document_id, name, size, response.headers.get("etag"), response.headers.get("last-modified")
        )

    def _keep(self, body: Iterator[bytes], response: httpx2.Response) -> tuple[str, int]:
        """Write the bytes down under their sha256, whole or not at all. Raises FetchError for what is no PDF."""
        head = b""
        while len(head) < 1024 and (chunk := next(body, b"")):
            head += chunk
        if b"%PDF-" not in head[:1024]:
            kind = response.headers.get("content-type", "").split(";")[0].strip()[:60]
            what = "nothing" if not head else "an HTML page" if head.lstrip()[:1] == b"<" else kind or "something else"
            raise FetchError(f"gives {what}, no PDF: find the address of the report itself")
        self._incoming.mkdir(exist_ok=True)
        unfinished = self._incoming / uuid.uuid4().hex
        total, size = hashlib.sha256(head), len(head)
        try:
            with unfinished.open("wb") as file:
                file.write(head)
                for chunk in body:
                    file.write(chunk)
                    total.update(chunk)
                    size += len(chunk)
                file.flush()
                sync(file.fileno())
            final = self.ledger.file(total.hexdigest())
            final.parent.mkdir(exist_ok=True)
            if not final.exists():
                unfinished.chmod(0o444)
                unfinished.rename(final)
                sync_folder(final.parent)
        finally:
            unfinished.unlink(missing_ok=True)
        return total.hexdigest(), size

    def _page(self, page: str, host: _Host) -> tuple[str, str]:
        with self._got(page, host, {}) as (response, final_url):
            body = b"".join(self._body(response, PAGE_MEBIBYTES))
        return body.decode(response.charset_encoding or "utf-8", "replace"), final_url

    @contextmanager
    def _got(self, url: str, host: _Host, headers: dict[str, str]) -> Iterator[tuple[httpx2.Response, str]]:
        """The answer behind all redirects; each step goes through the guard. Raises FetchError, _Temporary, Refused."""
        self._transport.within(self.politeness.total_seconds)
        try:
            for _ in range(REDIRECTS + 1):
                host.pause(self.politeness.pause_seconds)
                with self._client.stream("GET", url, headers=headers) as response:
                    target = response.headers.get("location")
                    if response.status_code not in (301, 302, 303, 307, 308) or not target:
                        _judge(response)
                        yield response, url
                        return
                    url = _redirected(url, target)
            raise FetchError(f"redirects more than {REDIRECTS} times")
        except Overdue as error:
            raise FetchError(f"takes longer than {self.politeness.total_seconds:g} seconds") from error
        except httpcore2.TimeoutException as error:
            raise _Temporary(f"no answer within {self.politeness.timeout_seconds:g} seconds", silent=True) from error
        except (httpcore2.NetworkError, httpcore2.ProtocolError) as error:
            text = " ".join(str(error).split())[:200] or type(error).__name__
            raise _Temporary(
                f"the connection failed: {text}", silent=isinstance(error, httpcore2.ConnectError)
            ) from error
        except (httpx2.InvalidURL, httpcore2.UnsupportedProtocol, httpx2.DecodingError, UnicodeError) as error:
            raise FetchError(f"cannot be fetched: {error}") from error

    def _body(self, response: httpx2.Response, mebibytes: int) -> Iterator[bytes]:
        """The bytes, as long as they stay within size and time."""
        too_large = FetchError(f"is larger than {mebibytes} MiB: raise max_mebibytes in sources.toml if it should be")
        promised = response.headers.get("content-length", "")
        if promised.isdecimal() and int(promised) > mebibytes * MEBIBYTE:
            raise too_large
        size = 0
        for chunk in response.iter_bytes():
            size += len(chunk)
            if size > mebibytes * MEBIBYTE:
                raise too_large
            yield chunk


class _Host:
    """When a host was asked last, and how many of its addresses in a row had no answer at all."""

    def __init__(self) -> None:
        self.asked = float("-inf")
        self.silent = 0

    def pause(self, seconds: float) -> None:
        time.sleep(max(0.0, self.asked + seconds - time.monotonic()))
        self.asked = time.monotonic()


class _Links(HTMLParser):
    """Addresses of a page's links, in order, and its base address."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.base = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        href = dict(attrs).get("href")
        if href and tag == "a":
            self.found.append(href.strip())
        elif href and tag == "base" and not self.base:
            self.base = href.strip()


def _judge(response: httpx2.Response) -> None:
    """Raises what an answer's status means; 200 and 304 mean nothing bad."""
    status = response.status_code
    if status in (200, 304):
        return
    if status == 429 or status >= 500:
        raise _Temporary(f"the server answers {status}", _asked_wait(response.headers.get("retry-after", "")))
    if status in (404, 410):
        raise FetchError(f"is gone ({status}): what was read of it stays; find its new address")
    raise FetchError(f"the server answers {status}")


def _asked_wait(text: str) -> float | None:
    """Retry-After in seconds, at most LONGEST_WAIT; None where it says nothing usable."""
    if text.isdecimal():
        return min(float(text[:9]), LONGEST_WAIT)
    try:
        return min(max(0.0, parsedate_to_datetime(text).timestamp() - time.time()), LONGEST_WAIT)
    except (ValueError, TypeError):
        return None


def _redirected(url: str, target: str) -> str:
    try:
        joined = urljoin(url, target)
        scheme, host = urlsplit(joined).scheme, urlsplit(joined).hostname
    except ValueError as error:
        raise FetchError("redirects to an address that cannot be one") from error
    if scheme not in ("http", "https") or not host:
        raise FetchError(f"redirects to {scheme or 'nowhere'}, which is not fetched")
    return joined


def _name(response: httpx2.Response, url: str, document_id: str) -> str:
    """A name to show: what the server calls the file, else the end of its address. Data only, never a path."""
    given = response.headers.get("content-disposition", "")
    found = re.search(r"filename\*=(?:UTF-8|utf-8)''([^;]+)", given) or re.search(r'filename="?([^";]+)', given)
    text = unquote(found[1] if found else urlsplit(url).path).replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]
    text = "".join(c if c.isprintable() else " " for c in text).strip(" .")[:150]
    return text if text.lower().endswith(".pdf") and len(text) > 4 else f"{text or document_id[:12]}.pdf"
