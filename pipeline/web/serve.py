"""Starts the explorer on this machine."""

from __future__ import annotations

import errno
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from pipeline.store import StoreError, published_path
from pipeline.vintage import refuse_older
from pipeline.web.app import create_app
from pipeline.web.home import home
from pipeline.web.reader import Reader
from pipeline.web.search import search
from pipeline.web.security import LOCAL
from pipeline.web.tree import tree


def serve(
    store: Path, *, host: str = "127.0.0.1", port: int = 8077, review: bool = False,
    say: Callable[[str], None] = print,
) -> None:  # fmt: skip
    """Answer until interrupted. A review is bound to 127.0.0.1; on another host any name is answered to.

    Raises StoreError where nothing is published, where an older version published it, where the port is in use, and
    for a review that others could reach.
    """
    import uvicorn

    local = host in ("127.0.0.1", "localhost", "::1")
    if review and not local:
        raise StoreError("a review is bound to 127.0.0.1: leave --host out")
    published_path(store)
    refuse_older(store)
    listener = _listener(host, port)  # before its address is told
    app = create_app(store, review=review, hosts=LOCAL if local else ())
    shown = f"http://{'localhost' if local else host}:{port}"
    say(f"explorer: {shown}  (Ctrl-C ends it)")
    tokens = app.state.site.tokens
    if tokens is not None:
        say(f"review:   {shown}/review?token={tokens.once}  (opens once)")
    threading.Thread(target=_warm, args=(app.state.site.reader,), daemon=True).start()
    config = uvicorn.Config(app, log_level="warning", access_log=False, server_header=False)
    with listener, suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listener])


def _listener(host: str, port: int) -> socket.socket:
    """Raises StoreError where the address cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except (OSError, UnicodeError) as error:
        if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
            why = f"port {port} is in use, by another explorer perhaps: choose another with --port {port % 65535 + 1}"
        else:
            why = f"{host}:{port} cannot be answered on ({error}): choose another --host or --port"
        raise StoreError(why) from error


def _warm(reader: Reader) -> None:
    """What is made once a generation is made before the first visitor asks for it."""
    import duckdb

    with suppress(StoreError, duckdb.Error):  # the first visitor will be told
        home(reader)
        search(reader, "a")
        tree(reader)
