"""The error that the store and what stands on it share."""

from __future__ import annotations

import errno
import os

FULL = (errno.ENOSPC, errno.EDQUOT)
FREE_SPACE = "free some space; the next run goes on from there"


class StoreError(Exception):
    """One sentence for the user: what is wrong with the store and what to do."""


def sentence(error: Exception) -> str:
    """An error in one line; for a full disk with what to do, also where another process met it."""
    text = " ".join(str(error).split())
    if isinstance(error, OSError) and error.strerror:
        text = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    full = getattr(error, "errno", None) in FULL or any(os.strerror(number) in text for number in FULL)
    return f"{text}: {FREE_SPACE}" if full else text
