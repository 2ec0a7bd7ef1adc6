"""A bound on what an engine in Python may take, so that one map or font that never ends costs no document.

The bound is far above what anything in a real file takes, as the limit of a whole document is: what stays below it does
not depend on the machine.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

AGAIN = 0.25  # seconds: a library may swallow what is raised inside it


class TooLong(BaseException):
    """Raised inside an engine; no Exception, because engines catch those."""


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Raises TooLong in what is done here once this process has spent so many `seconds` of a processor on it.

    Only Python's main thread can be told, and only where timers exist (not on Windows); elsewhere there is no bound but
    that of the document. Code in C is told when it comes back.
    """
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return

    def tell(number: int, frame: FrameType | None) -> None:
        raise TooLong

    before = signal.signal(signal.SIGPROF, tell)
    signal.setitimer(signal.ITIMER_PROF, seconds, AGAIN)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
