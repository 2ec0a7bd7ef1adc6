"""Runs commands in forks of one warmed process, so that thousands of disturbed runs pay for their imports once.

    python -m tests.forks            (started by tests/faults.py with the failing layer preloaded)

Each line on standard input is a JSON object: `store`, `words`, `out` and `err` (files), and, where writes shall fail,
`at` and `number`; `after` (seconds) sends it `signal`; with `children` documents are read in processes of their own. One
line goes back: the exit code (negative: the signal) and how many writes were counted.
"""

from __future__ import annotations

import ctypes
import json
import os
import select
import signal
import struct
import sys
import traceback
from typing import Any

LIMIT_SECONDS = 900  # a busy machine is no fault


def serve() -> None:
    _warm()
    print("ready", flush=True)
    for line in sys.stdin:
        wish = json.loads(line)
        counted, child_end = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(counted)
            _run(wish, child_end)
        os.close(child_end)
        if wish["after"] is not None:
            _end_after(pid, wish["after"], wish["signal"])
        _, status = os.waitpid(pid, 0)
        data = os.read(counted, 8)
        os.close(counted)
        writes = struct.unpack("q", data)[0] if data else 0
        print(json.dumps([os.waitstatus_to_exitcode(status), writes]), flush=True)


def _end_after(pid: int, seconds: float, number: int) -> None:
    """A signal when so many seconds are over, or none where the fork has ended before."""
    handle = os.pidfd_open(pid)
    try:
        if not select.select([handle], [], [], seconds)[0]:
            signal.pidfd_send_signal(handle, number)
    finally:
        os.close(handle)


def _warm() -> None:
    """Import what the commands import; nothing is opened, so there are no threads to lose in a fork."""
    import duckdb  # noqa: F401
    import pyarrow.parquet  # noqa: F401

    from pipeline import cli, ingest, report, store, worker  # noqa: F401
    from tests import fakes, one_process  # noqa: F401


def _run(wish: dict[str, Any], counted: int) -> None:
    """The command, in this fork; never returns."""
    code = 1
    try:
        signal.alarm(LIMIT_SECONDS)
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
        for name, number in (("out", 1), ("err", 2)):
            os.dup2(os.open(wish[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), number)
        os.environ["LUMBUNG_STORE"] = wish["store"]
        sys.argv = ["lumbung", *wish["words"]]
        layer = ctypes.CDLL(None)
        layer.faulty_set(wish["store"].encode(), ctypes.c_long(wish["at"]), ctypes.c_int(wish["number"]))
        try:
            code = _command(wish["children"])
        finally:
            layer.faulty_count.restype = ctypes.c_long
            os.write(counted, struct.pack("q", layer.faulty_count()))
            sys.stdout.flush()
            sys.stderr.flush()
    except BaseException:
        traceback.print_exc()
    os._exit(code)


def _command(children: bool) -> int:
    from pipeline import cli
    from pipeline import ingest as work
    from tests.one_process import harvest_here

    if not children:
        work.harvest_all = harvest_here
    try:
        cli.main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    return 0


if __name__ == "__main__":
    serve()
