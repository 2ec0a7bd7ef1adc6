"""What every child process of ours does first."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # prctl(2)


def end_with(parent: int) -> None:
    """On Linux the kernel ends this process when its `parent` is gone, whatever it is doing.

    The parent is told by number: in a container it may be process 1 itself, which elsewhere is who takes in orphans; and a
    wrapper that starts Python may stand between. Raises SystemExit where it is gone already.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent and not _lives(parent):
            raise SystemExit(1)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
