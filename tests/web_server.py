"""A small HTTP server on 127.0.0.1 for tests of fetching: each path behaves in its own way, requests are counted."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PDF = b"%PDF-1.7\n" + b"x" * 2000


@dataclass
class Site:
    """What a path answers: bytes (a PDF with an ETag), or a function of the request. `asked` counts by path."""

    port: int = 0
    pages: dict[str, bytes | Callable[[BaseHTTPRequestHandler], None]] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    conditional: Counter[str] = field(default_factory=Counter)
    times: list[float] = field(default_factory=list)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"


def answer(request: BaseHTTPRequestHandler, status: int, body: bytes = b"", **headers: str) -> None:
    request.send_response(status)
    for name, value in headers.items():
        request.send_header(name.replace("_", "-"), value)
    if "Content_Length" not in headers:
        request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    request.wfile.write(body)
    request.close_connection = headers.get("Connection") == "close"


def drip(request: BaseHTTPRequestHandler) -> None:
    """A byte every tenth of a second, for ever."""
    request.send_response(200)
    request.send_header("Content-Length", "100000")
    request.end_headers()
    request.wfile.write(PDF[:1500])
    for _ in range(200):
        request.wfile.write(b"x")
        time.sleep(0.1)


def promise(request: BaseHTTPRequestHandler) -> None:
    """10 GB are promised."""
    answer(request, 200, PDF, Content_Length=str(10 * 1024**3))


def flood(request: BaseHTTPRequestHandler) -> None:
    """No length is said, and the bytes do not end."""
    request.send_response(200)
    request.send_header("Connection", "close")
    request.end_headers()
    request.wfile.write(PDF)
    for _ in range(100_000):
        request.wfile.write(b"y" * 65536)


def failing(times: int, then: bytes) -> Callable[[BaseHTTPRequestHandler], None]:
    left = [times]

    def behave(request: BaseHTTPRequestHandler) -> None:
        left[0] -= 1
        if left[0] >= 0:
            answer(request, 503)
        else:
            answer(request, 200, then)

    return behave


def redirect(to: str) -> Callable[[BaseHTTPRequestHandler], None]:
    return lambda request: answer(request, 302, Location=to)


@contextmanager
def serving(site: Site) -> Iterator[Site]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            site.asked[self.path] += 1
            site.times.append(time.monotonic())
            page = site.pages.get(self.path)
            if page is None:
                answer(self, 404)
            elif isinstance(page, bytes):
                tag = f'"{hash(page) & 0xFFFFFF:x}"'
                if self.headers.get("If-None-Match") == tag:
                    site.conditional[self.path] += 1
                    answer(self, 304, ETag=tag)
                else:
                    answer(self, 200, page, ETag=tag, Last_Modified="Mon, 02 Jan 2023 10:00:00 GMT")
            else:
                page(self)

        def log_message(self, *_: object) -> None: ...

        def handle_one_request(self) -> None:
            try:
                super().handle_one_request()
            except OSError:
                self.close_connection = True

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    site.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
