"""The way in of `lumbung`: Ctrl-C is heard in one line while the commands are still being loaded."""

from __future__ import annotations

import os
import signal

INTERRUPTED = "interrupted: what was read is kept, the next run goes on from there"


def listen() -> None:
    """Until the commands are there, Ctrl-C ends the process at once: nothing has been begun, and an import that is broken
    off half-way raises whatever it likes. A process that was told to ignore Ctrl-C goes on ignoring it."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _end)


def loaded() -> None:
    """From now on Ctrl-C is a KeyboardInterrupt, as usual."""
    if signal.getsignal(signal.SIGINT) is _end:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _end(*_: object) -> None:
    os.write(2, f"lumbung: {INTERRUPTED}\n".encode())
    os._exit(130)


def main() -> None:
    """The entry point of the installed command."""
    listen()
    from pipeline.cli import main as commands

    commands()
