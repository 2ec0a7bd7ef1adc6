"""What keeps strangers out: text from PDFs is hostile, and so is every other page that the browser has open.

- Nothing but our own files is loaded, no inline script or style, nothing is evaluated (Content-Security-Policy).
- Requests must name this machine in `Host` (against DNS rebinding); changes must come from our own pages (`Origin`).
- A review needs the token that was printed where the explorer was started; it is used once, for a cookie.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from fastapi import FastAPI, Request, Response
from fastapi.responses import PlainTextResponse

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # with no-referrer, forms would be sent with `Origin: null`
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
LOCAL = ("127.0.0.1", "localhost", "[::1]")
COOKIE = "lumbung_review"
Next = Callable[[Request], Awaitable[Response]]


class Tokens:
    """The token in the address that opens the review once, and the cookie that is given for it."""

    def __init__(self) -> None:
        self.once: str | None = secrets.token_urlsafe(24)
        self._session: str | None = None

    def exchange(self, token: str) -> str | None:
        """The cookie's value for the token, which is worth nothing afterwards."""
        if self.once is None or not hmac.compare_digest(token.encode(), self.once.encode()):
            return None
        self.once, self._session = None, secrets.token_urlsafe(24)
        return self._session

    def knows(self, cookie: str | None) -> bool:
        return bool(cookie and self._session and hmac.compare_digest(cookie.encode(), self._session.encode()))


def host_of(value: str) -> str:
    """The name in a Host header without its port: `[::1]:8000` -> `[::1]`."""
    head, colon, port = value.rpartition(":")
    return (head if colon and port.isdigit() else value).lower()


def guard(app: FastAPI, hosts: tuple[str, ...]) -> None:
    """Refuse other hosts and foreign changes, and give every answer its headers. `hosts` empty: any name."""

    @app.middleware("http")
    async def check(request: Request, call_next: Next) -> Response:
        host = request.headers.get("host", "")
        if hosts and host_of(host) not in hosts:
            answer: Response = PlainTextResponse("this explorer answers to its own address only", 421)
        elif (
            request.headers.get("sec-fetch-site") == "cross-site"
            and request.headers.get("sec-fetch-mode") != "navigate"
        ):
            answer = PlainTextResponse("other sites may link here, not take from here", 403)
        elif request.method not in ("GET", "HEAD") and not _ours(request, host):
            answer = PlainTextResponse("changes are taken from the explorer's own pages only", 403)
        else:
            answer = await call_next(request)
        for name, value in HEADERS.items():
            answer.headers.setdefault(name, value)
        return answer


def _ours(request: Request, host: str) -> bool:
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc == host
