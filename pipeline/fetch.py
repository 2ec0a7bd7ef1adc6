"""Reports from the network: asked for only when changed, kept unedited by sha256, with address and date.

Each host is asked by one thread at a time, with a pause. A server that fails costs its own addresses, nothing else.
"""

from __future__ import annotations

import hashlib
import re
import threading
import time
import uuid
from collections.abc import Callable, Container, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TypeVar
from urllib.parse import urljoin, urlsplit

import httpcore2
import httpx2
import stamina
import stamina.instrumentation

from pipeline.answers import Denied, FetchError, Links, Temporary, judge, name_of, redirected
from pipeline.catalogue import now
from pipeline.guard import GuardedTransport, Overdue, Refused
from pipeline.layers import sync, sync_folder
from pipeline.ledger import Answer, Kept, Ledger
from pipeline.robots import LARGEST, Robots, product, read_robots
from pipeline.sources import LINK_CHARACTERS, Politeness

__all__ = ["FetchError", "Fetched", "Fetcher"]

MEBIBYTE = 1024 * 1024
HOSTS_AT_ONCE = 4
REDIRECTS = 5
PAGE_MEBIBYTES = 10  # an index page
LINKS = 2000  # of one index page
T = TypeVar("T")
stamina.instrumentation.set_on_retry_hooks([])  # the run report says what failed


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


class Fetcher:
    """Fetches over one pool of guarded connections; use it as a context manager."""

    def __init__(self, raw: Path, politeness: Politeness | None = None) -> None:
        self.politeness = politeness or Politeness()
        self.ledger = Ledger(raw)
        self._incoming = raw / ".incoming"
        self._transport = GuardedTransport(self.politeness.allow_hosts, self.politeness.proxy)
        self._client = httpx2.Client(
            transport=self._transport,
            timeout=self.politeness.timeout_seconds,
            trust_env=False,
            follow_redirects=False,
            headers={"User-Agent": self.politeness.user_agent, "Accept-Encoding": "identity"},
        )
        self._hosts: dict[str, _Host] = {}
        self._robots: dict[str, Robots | FetchError] = {}

    def __enter__(self) -> Fetcher:
        for leftover in self._incoming.glob("*"):
            leftover.unlink()
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()
        self.ledger.close()

    def fetch(self, urls: Iterable[str], crawled: Container[str] = ()) -> Iterator[Fetched]:
        """Fetch addresses, hosts side by side, and yield what each gave as it comes.

        Those in `crawled` were not named by a person but found on a page: robots.txt holds for them.
        """
        by_host: dict[str, list[str]] = {}
        for url in dict.fromkeys(urls):
            by_host.setdefault(urlsplit(url).netloc.lower(), []).append(url)
        waiting: SimpleQueue[tuple[str, list[str]]] = SimpleQueue()
        for name, group in by_host.items():
            self._hosts.setdefault(name, _Host())
            waiting.put((name, group))
        done: SimpleQueue[Fetched | BaseException | None] = SimpleQueue()
        threads = min(HOSTS_AT_ONCE, len(by_host))
        for _ in range(threads):  # daemons: Ctrl-C does not wait for a server
            threading.Thread(target=self._fetch_hosts, args=(waiting, done, crawled), daemon=True).start()
        while threads:
            got = done.get()
            if isinstance(got, BaseException):
                raise got
            if got is None:
                threads -= 1
            else:
                yield got

    def _fetch_hosts(
        self,
        waiting: SimpleQueue[tuple[str, list[str]]],
        done: SimpleQueue[Fetched | BaseException | None],
        crawled: Container[str],
    ) -> None:
        """The work of one thread: one host after another. What it cannot mend goes to the caller."""
        try:
            while True:
                name, urls = waiting.get_nowait()
                for url in urls:
                    done.put(self._fetch(url, self._hosts[name], url in crawled))
        except Empty:
            done.put(None)
        except BaseException as error:
            done.put(error)

    def links(self, page: str, pattern: re.Pattern[str]) -> list[tuple[str, re.Match[str]]]:
        """The links of an index page that fit `pattern` (searched in the whole address). Raises FetchError."""
        host = self._hosts.setdefault(urlsplit(page).netloc.lower(), _Host())
        self._heed_robots(page, host)
        body, base = self._tried(page, host, lambda: self._page(page, host))
        reader = Links()
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

    def _fetch(self, url: str, host: _Host, crawled: bool) -> Fetched:
        known = self.ledger.known(url)
        kept = (self.ledger.file(known.document_id), known.document_id, known.name, known.fetched_at) if known else ()
        try:
            if crawled:
                self._heed_robots(url, host)
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

    def _heed_robots(self, url: str, host: _Host) -> None:
        """Raises FetchError where the server asks machines to leave `url` alone, or cannot say whether it does."""
        if not self.politeness.respect_robots:
            return
        parts = urlsplit(url)
        at = f"{parts.scheme}://{parts.netloc}/robots.txt"
        if at not in self._robots:
            self._robots[at] = self._read_robots(at, host)
        rules = self._robots[at]
        if isinstance(rules, FetchError):
            raise rules
        host.delay = rules.delay or 0.0
        if not rules.allows(url):
            raise FetchError(
                f"{at} asks machines to leave this address alone: name it under `urls` if you have leave, "
                "or set respect_robots = false under [fetch]"
            )

    def _read_robots(self, at: str, host: _Host) -> Robots | FetchError:
        """The rules for us; none where the server has no such file. A server that fails may have one (RFC 9309, 2.3.1)."""
        try:
            text = self._tried(at, host, lambda: self._beginning(at, host))
        except Denied:
            return Robots()
        except FetchError as error:
            return FetchError(f"its host's robots.txt could not be asked for ({error}): left for the next run")
        return read_robots(text, product(self.politeness.user_agent))

    def _tried(self, url: str, host: _Host, attempt: Callable[[], T]) -> T:
        """Try again what may go better, waiting longer each time, or as long as the server asks."""
        rules = self.politeness
        if host.silent >= rules.give_up_after:
            raise FetchError("its host did not answer before: left for the next run")

        def again(error: Exception) -> bool | float:
            return isinstance(error, Temporary) and (True if error.wait is None else error.wait)

        try:
            for go in stamina.retry_context(
                on=again, attempts=max(1, rules.attempts), timeout=None, wait_initial=rules.retry_seconds,
                wait_max=60.0, wait_jitter=min(1.0, rules.retry_seconds),
            ):  # fmt: skip
                with go:
                    result = attempt()
        except Temporary as error:
            host.silent = host.silent + 1 if error.silent else 0
            raise FetchError(f"{error} ({rules.attempts} attempts)") from error
        except Refused as error:
            raise FetchError(str(error)) from error
        host.silent = 0
        return result

    # -- one attempt ------------------------------------------------------------------------------------------------

    def _download(self, url: str, host: _Host, known: Kept | None) -> Answer:
        headers = {}
        if known is not None and known.etag:
            headers["If-None-Match"] = known.etag
        if known is not None and known.last_modified:
            headers["If-Modified-Since"] = known.last_modified
        with self._got(url, host, headers) as (response, final_url):
            if response.status_code == 304 and known is not None:
                return Answer(final_url)
            body = self._body(response, self.politeness.max_mebibytes)
            document_id, size = self._keep(body, response)
        name = name_of(response, final_url, document_id)
        return Answer(
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

    def _beginning(self, url: str, host: _Host) -> str:
        data = b""
        with self._got(url, host, {}) as (response, _):
            for chunk in response.iter_bytes():
                data += chunk
                if len(data) > LARGEST:
                    break
        return data[:LARGEST].decode("utf-8", "replace")

    @contextmanager
    def _got(self, url: str, host: _Host, headers: dict[str, str]) -> Iterator[tuple[httpx2.Response, str]]:
        """The answer behind all redirects; each step goes through the guard. Raises FetchError, Temporary, Refused."""
        self._transport.within(self.politeness.total_seconds)
        try:
            for _ in range(REDIRECTS + 1):
                host.pause(self.politeness.pause_seconds)
                with self._client.stream("GET", url, headers=headers) as response:
                    target = response.headers.get("location")
                    if response.status_code not in (301, 302, 303, 307, 308) or not target:
                        judge(response)
                        yield response, url
                        return
                    url = redirected(url, target)
            raise FetchError(f"redirects more than {REDIRECTS} times")
        except Overdue as error:
            raise FetchError(f"takes longer than {self.politeness.total_seconds:g} seconds") from error
        except httpcore2.TimeoutException as error:
            raise Temporary(f"no answer within {self.politeness.timeout_seconds:g} seconds", silent=True) from error
        except (httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.ProxyError) as error:
            text = " ".join(str(error).split())[:200] or type(error).__name__
            raise Temporary(
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
        self.delay = 0.0  # that its robots.txt asks for, seconds

    def pause(self, seconds: float) -> None:
        time.sleep(max(0.0, self.asked + max(seconds, self.delay) - time.monotonic()))
        self.asked = time.monotonic()
