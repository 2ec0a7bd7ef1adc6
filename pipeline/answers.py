"""What an HTTP answer means: its status, its name, where it leads, which links a page holds."""

from __future__ import annotations

import re
import time
import zlib
from collections.abc import Iterable, Iterator
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser
from urllib.parse import unquote, urljoin, urlsplit

import httpx2

MOST_AT_ONCE = 1024 * 1024  # bytes that are unpacked
LONGEST_WAIT = 120.0  # seconds that a server may ask us to wait


class FetchError(Exception):
    """One sentence: why an address gave nothing."""


class Denied(FetchError):
    """The server answers, and does not give it (4xx)."""


class Busy(FetchError):
    """The host asks to be left alone for longer than a night waits."""


class Temporary(FetchError):
    """May go better in a moment. `wait` is what the server asks for, in seconds."""

    def __init__(self, text: str, wait: float | None = None, silent: bool = False) -> None:
        super().__init__(text)
        self.wait = wait
        self.silent = silent  # the host did not answer at all, or says that it is asked too much


class Links(HTMLParser):
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


def judge(response: httpx2.Response) -> None:
    """Raises what an answer's status means; 200 and 304 mean nothing bad."""
    status = response.status_code
    if status in (200, 304):
        return
    if status == 429 or status >= 500:
        wait = asked_wait(response.headers.get("retry-after", ""), response.headers.get("date", ""))
        if wait is not None and wait > LONGEST_WAIT:
            raise Busy(f"the server answers {status} and asks to wait {wait:.0f} seconds: left for the next run")
        raise Temporary(f"the server answers {status}", wait, silent=status in (429, 503))
    if status in (404, 410):
        raise Denied(f"is gone ({status}): what was read of it before stays; find its new address")
    raise (Denied if status < 500 else FetchError)(f"the server answers {status}")


def asked_wait(text: str, date: str = "") -> float | None:
    """Retry-After in seconds; None where it says nothing usable. A moment is seen from the server's own clock (`date`)."""
    if text.isdecimal():
        return float(text[:9])
    until, now = _moment(text), _moment(date)
    return None if until is None else max(0.0, until - (time.time() if now is None else now))


def _moment(text: str) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None


def unpacked(response: httpx2.Response) -> Iterator[bytes]:
    """The bytes of an answer, unpacked where the server packs them although it was not asked to, at most 1 MiB at a time.

    Raises FetchError for what is packed in another way, is damaged, or ends early.
    """
    packings = response.headers.get("content-encoding", "").lower().replace(" ", "").split(",")
    packing = [name for name in packings if name not in ("", "identity")]
    if not packing:
        return response.iter_raw()
    if packing in (["gzip"], ["x-gzip"], ["deflate"]):
        return _unzipped(response.iter_raw(), packing[0])
    raise FetchError(f"is packed ({', '.join(packing)[:60]}), which was not asked for")


def _unzipped(packed: Iterable[bytes], packing: str) -> Iterator[bytes]:
    worker = zlib.decompressobj(zlib.MAX_WBITS | 32)  # gzip or zlib, by what it begins with
    try:
        for chunk in packed:
            while chunk and not worker.eof:
                yield from filter(None, [worker.decompress(chunk, MOST_AT_ONCE)])
                chunk = worker.unconsumed_tail
        yield from filter(None, [worker.flush()])
    except zlib.error as error:
        raise FetchError(f"is packed ({packing}) and damaged: {error}") from error
    if not worker.eof:
        raise Temporary(f"is packed ({packing}) and ends early")


def redirected(url: str, target: str) -> str:
    try:
        joined = urljoin(url, target)
        scheme, host = urlsplit(joined).scheme, urlsplit(joined).hostname
    except ValueError as error:
        raise FetchError("redirects to an address that cannot be one") from error
    if scheme not in ("http", "https") or not host:
        raise FetchError(f"redirects to {scheme or 'nowhere'}, which is not fetched")
    return joined


def name_of(response: httpx2.Response, url: str, document_id: str) -> str:
    """A name to show: what the server calls the file, else the end of its address. Data only, never a path."""
    given = response.headers.get("content-disposition", "")
    found = re.search(r"filename\*=(?:UTF-8|utf-8)''([^;]+)", given) or re.search(r'filename="?([^";]+)', given)
    text = unquote(found[1] if found else urlsplit(url).path).replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]
    text = "".join(c if c.isprintable() else " " for c in text).strip(" .")[:150]
    return text if text.lower().endswith(".pdf") and len(text) > 4 else f"{text or document_id[:12]}.pdf"
