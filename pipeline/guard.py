"""Connections that cannot be led into private networks.

Each connection, also after a redirect, resolves the name itself, refuses addresses that are not public, and connects to
the address it has checked: a name that resolves differently a moment later (DNS rebinding) gains nothing. Where a proxy
is configured, the proxy makes the connection: names that lead to private addresses as seen from here are refused, what
the proxy itself can reach is its own to guard.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Collection, Iterable
from contextlib import suppress
from typing import Any
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies_environment, proxy_bypass

import httpcore2
import httpx2

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
NAT64 = ipaddress.ip_network("64:ff9b::/96")  # an IPv4 address stands in the last 32 bits (RFC 6052)


class Refused(Exception):
    """One sentence: an address that is not fetched, and how to allow it."""


def is_public(address: str) -> bool:
    """True for addresses of the open internet, also where an IPv4 address is wrapped in an IPv6 one."""
    found: Address = ipaddress.ip_address(address.split("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if found in NAT64:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            found = inner
    return found.is_global and not found.is_multicast


class Overdue(Exception):
    """The time for one file is over, however busily the server sends."""


class _Clock(threading.local):
    """When the request of this thread must be over (monotonic seconds)."""

    end = float("inf")


class _Stream(httpcore2.NetworkStream):
    """A connection whose reads end with the time for the whole file, not only with silence."""

    def __init__(self, inner: httpcore2.NetworkStream, clock: _Clock) -> None:
        self._inner, self._clock = inner, clock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        left = self._clock.end - time.monotonic()
        if left <= 0:
            raise Overdue
        try:
            return self._inner.read(max_bytes, min(left, timeout or left))
        except httpcore2.ReadTimeout:
            if self._clock.end <= time.monotonic():
                raise Overdue from None
            raise

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, timeout)

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, timeout), self._clock)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def checked(host: str, port: int, allowed: Collection[str]) -> list[str]:
    """The addresses of a name that may be connected to. Raises Refused, and ConnectError for a name that is not known."""
    try:
        found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError) as unknown:
        raise httpcore2.ConnectError(f"the name {host} is not known") from unknown
    if {host.lower(), f"{host.lower()}:{port}"} & set(allowed):
        return found
    public = [address for address in found if is_public(address)]
    if not public:
        raise Refused(f"{host} leads to a private address: add it to allow_hosts in sources.toml if it is yours")
    return public


class _Backend(httpcore2.NetworkBackend):
    def __init__(self, allowed: Collection[str], clock: _Clock) -> None:
        self._clock = clock
        self._allowed = frozenset(allowed)
        self._plain = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        found = checked(host, port, self._allowed)
        error: Exception | None = None
        for address in dict.fromkeys(found):
            try:
                plain = self._plain.connect_tcp(address, port, timeout, local_address, socket_options)
                return _Stream(plain, self._clock)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as failed:
                error = failed
        raise error or httpcore2.ConnectError(f"{host} has no address")

    def connect_unix_socket(self, path: str, timeout: float | None = None, socket_options: Any = None) -> Any:
        raise Refused("sockets of this machine are not fetched from")


class _Body(httpx2.SyncByteStream):
    def __init__(self, response: httpcore2.Response) -> None:
        self._response = response

    def __iter__(self) -> Any:
        return self._response.iter_stream()

    def close(self) -> None:
        self._response.close()


class GuardedTransport(httpx2.BaseTransport):
    """HTTP and HTTPS over checked addresses only; `proxy` as in sources.toml ("" goes without, whatever is set around)."""

    def __init__(self, allowed: Collection[str] = (), proxy: str = "") -> None:
        self._clock = _Clock()
        self._allowed, self._proxy = frozenset(allowed), proxy
        self._ssl = httpx2.create_ssl_context()
        self._pools: dict[str, httpcore2.ConnectionPool] = {}

    def within(self, seconds: float) -> None:
        """What this thread asks for from now on must be over in so many seconds; Overdue is raised else."""
        self._clock.end = time.monotonic() + seconds

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        at = request.url
        proxy = self._proxy_of(at.scheme, at.host)
        if proxy:
            port = at.port or {"http": 80, "https": 443}.get(at.scheme, 0)
            with suppress(httpcore2.ConnectError):  # a name that only the proxy knows
                checked(at.host, port, self._allowed)
        url = httpcore2.URL(scheme=at.raw_scheme, host=at.raw_host, port=at.port, target=at.raw_path)
        made = httpcore2.Request(
            request.method, url, headers=request.headers.raw, content=request.stream, extensions=request.extensions
        )
        got = self._pool(proxy).handle_request(made)
        return httpx2.Response(got.status, headers=got.headers, stream=_Body(got), extensions=got.extensions)

    def _proxy_of(self, scheme: str, host: str) -> str:
        if self._proxy != "environment":
            return self._proxy
        set_around = {} if proxy_bypass(host) else getproxies_environment()
        return set_around.get(scheme) or set_around.get("all") or ""

    def _pool(self, proxy: str) -> httpcore2.ConnectionPool:
        if proxy not in self._pools:
            if proxy:
                self._pools[proxy] = self._through(proxy)
            else:
                backend = _Backend(self._allowed, self._clock)
                self._pools[proxy] = httpcore2.ConnectionPool(ssl_context=self._ssl, network_backend=backend)
        return self._pools[proxy]

    def _through(self, proxy: str) -> httpcore2.ConnectionPool:
        """Connections by way of a proxy, which may stand in a private network: it was named by the user."""
        parts = urlsplit(proxy if "//" in proxy else f"http://{proxy}")
        if not parts.hostname or parts.scheme not in ("http", "https"):
            raise Refused(f"the proxy `{parts.scheme}://{parts.hostname}` is no http or https address")
        port = parts.port or (443 if parts.scheme == "https" else 80)
        who = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None
        return httpcore2.HTTPProxy(
            f"{parts.scheme}://{_bracketed(parts.hostname)}:{port}", who, ssl_context=self._ssl,
            network_backend=_Backend([parts.hostname], self._clock),
        )  # fmt: skip

    def close(self) -> None:
        for pool in self._pools.values():
            pool.close()


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
