"""One visit to an address: asked politely, redirects followed through the guard, bytes kept within size and time."""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import httpcore2
import httpx2
import stamina
import stamina.instrumentation

from pipeline.answers import Busy, FetchError, Temporary, judge, name_of, redirected, unpacked
from pipeline.guard import GuardedTransport, Overdue, Refused
from pipeline.layers import sync, sync_folder
from pipeline.ledger import Answer, Kept, Ledger
from pipeline.robots import LARGEST
from pipeline.sources import Politeness

MEBIBYTE = 1024 * 1024
REDIRECTS = 5
PAGE_MEBIBYTES = 10  # an index page
T = TypeVar("T")
stamina.instrumentation.set_on_retry_hooks([])  # the run report says what failed


class Host:
    """When a host was asked last (the end of its answer), and how many of its addresses in a row had no answer at all."""

    def __init__(self) -> None:
        self.asked = float("-inf")
        self.silent = 0
        self.delay = 0.0  # that its robots.txt asks for, seconds

    def pause(self, seconds: float) -> None:
        time.sleep(max(0.0, self.asked + max(seconds, self.delay) - time.monotonic()))
        self.asked = time.monotonic()


class Visits:
    """Asks servers over one pool of guarded connections, and keeps files by their sha256."""

    def __init__(self, raw: Path, politeness: Politeness, ledger: Ledger) -> None:
        self.politeness, self.ledger = politeness, ledger
        self._incoming = raw / ".incoming"
        self._transport = GuardedTransport(politeness.allow_hosts, politeness.proxy)
        self._client = httpx2.Client(
            transport=self._transport,
            timeout=politeness.timeout_seconds,
            trust_env=False,
            follow_redirects=False,
            headers={"User-Agent": politeness.user_agent, "Accept-Encoding": "identity"},
        )

    def clear(self) -> None:
        """Drop what an earlier run left unfinished."""
        for leftover in self._incoming.glob("*"):
            leftover.unlink()

    def close(self) -> None:
        self._client.close()

    def tried(self, host: Host, attempt: Callable[[], T]) -> T:
        """Try again what may go better, waiting longer each time, or as long as the server asks."""
        rules = self.politeness
        if host.silent >= rules.give_up_after:
            raise FetchError("its host did not answer, or asked to wait, before: left for the next run")

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
        except Busy:
            host.silent = rules.give_up_after
            raise
        host.silent = 0
        return result

    def download(self, url: str, host: Host, known: Kept | None) -> Answer:
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

    def page(self, page: str, host: Host) -> tuple[str, str]:
        with self._got(page, host, {}) as (response, final_url):
            body = b"".join(self._body(response, PAGE_MEBIBYTES))
        return body.decode(response.charset_encoding or "utf-8", "replace"), final_url

    def beginning(self, url: str, host: Host) -> str:
        data = b""
        with self._got(url, host, {}) as (response, _):
            for chunk in unpacked(response):
                data += chunk
                if len(data) > LARGEST:
                    break
        return data[:LARGEST].decode("utf-8", "replace")

    @contextmanager
    def _got(self, url: str, host: Host, headers: dict[str, str]) -> Iterator[tuple[httpx2.Response, str]]:
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
        finally:
            host.asked = time.monotonic()

    def _body(self, response: httpx2.Response, mebibytes: int) -> Iterator[bytes]:
        """The bytes, as long as they stay within size and time."""
        too_large = FetchError(f"is larger than {mebibytes} MiB: raise max_mebibytes in sources.toml if it should be")
        promised = response.headers.get("content-length", "")
        if promised.isdecimal() and int(promised) > mebibytes * MEBIBYTE:
            raise too_large
        size = 0
        for chunk in unpacked(response):
            size += len(chunk)
            if size > mebibytes * MEBIBYTE:
                raise too_large
            yield chunk
