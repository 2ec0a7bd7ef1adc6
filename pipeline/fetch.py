"""Reports from the network: asked for only when changed, kept unedited by sha256, with address and date.

Each host is asked by one thread at a time, with a pause. A server that fails costs its own addresses, nothing else.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from urllib.parse import urljoin, urlsplit

from pipeline.answers import Denied, FetchError, Links
from pipeline.catalogue import now
from pipeline.ledger import Ledger
from pipeline.robots import Robots, product, read_robots
from pipeline.sources import LINK_CHARACTERS, Politeness
from pipeline.visits import Host, Visits

__all__ = ["FetchError", "Fetched", "Fetcher"]

HOSTS_AT_ONCE = 4


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
        self._visits = Visits(raw, self.politeness, self.ledger)
        self._hosts: dict[str, Host] = {}
        self._robots: dict[str, Robots | FetchError] = {}

    def __enter__(self) -> Fetcher:
        self._visits.clear()
        return self

    def __exit__(self, *_: object) -> None:
        self._visits.close()
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
            self._hosts.setdefault(name, Host())
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
        host = self._hosts.setdefault(urlsplit(page).netloc.lower(), Host())
        self._heed_robots(page, host)
        body, base = self._visits.tried(host, lambda: self._visits.page(page, host))
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
            if fits:
                found.setdefault(url, fits)
        return list(found.items())

    def kept(self, url: str) -> Fetched | None:
        """The last good file of an address, which is not asked; None where there is none."""
        known = self.ledger.known(url)
        if known is None:
            return None
        return Fetched(
            url, "unchanged", self.ledger.file(known.document_id), known.document_id, known.name, known.fetched_at
        )

    def _fetch(self, url: str, host: Host, crawled: bool) -> Fetched:
        known = self.ledger.known(url)
        kept = (self.ledger.file(known.document_id), known.document_id, known.name, known.fetched_at) if known else ()
        try:
            if crawled:
                self._heed_robots(url, host)
            answer = self._visits.tried(host, lambda: self._visits.download(url, host, known))
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

    def _heed_robots(self, url: str, host: Host) -> None:
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

    def _read_robots(self, at: str, host: Host) -> Robots | FetchError:
        """The rules for us; none where the server has no such file. A server that fails may have one (RFC 9309, 2.3.1)."""
        try:
            text = self._visits.tried(host, lambda: self._visits.beginning(at, host))
        except Denied:
            return Robots()
        except FetchError as error:
            return FetchError(f"its host's robots.txt could not be asked for ({error}): left for the next run")
        return read_robots(text, product(self.politeness.user_agent))
