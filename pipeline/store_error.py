"""The error that the store and what stands on it share."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

FULL = (errno.ENOSPC, errno.EDQUOT)
NEARLY = 16 * 2**20  # bytes; what did not fit may have been larger than what is left
FREE_SPACE = "free some space; the next run goes on from there"


class StoreError(Exception):
    """One sentence for the user: what is wrong with the store and what to do."""


def sentence(error: Exception, *folders: Path) -> str:
    """An error in one line; for a full disk with what to do, also where another process met it.

    `folders`: where was written; those on a disk that is nearly full are named.
    """
    text = " ".join(str(error).split())
    if isinstance(error, OSError) and error.strerror:
        text = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    full = getattr(error, "errno", None) in FULL or any(os.strerror(number) in text for number in FULL)
    return f"{text}{_left(folders)}: {FREE_SPACE}" if full else text


def _left(folders: Sequence[Path]) -> str:
    found = []
    for folder in folders:
        with suppress(OSError):
            free = shutil.disk_usage(folder).free
            if free < NEARLY:
                found.append(f"{folder} has {free / 2**20:.1f} MiB left")
    return f" ({', '.join(found)})" if found else ""
