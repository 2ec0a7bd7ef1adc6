"""Calls of PDFium's functions for whole lists at once."""

from __future__ import annotations

import ctypes
import struct
from typing import Any

import numpy as np
import pytest

from extractors import native


def _write(number: int, place: Any) -> int:
    if number % 3:  # every third writes nothing
        ctypes.memmove(place, struct.pack("<f", number), 4)
    return -number


@pytest.mark.parametrize("count", [0, 5, native.ROOM // 4, native.ROOM // 4 + 7], ids=str)
def test_lists_longer_than_the_buffer_are_fetched_in_parts(count: int) -> None:
    native.fetch(_write, ([2] * native.ROOM,), 1, np.float32)  # the buffer holds something from before
    values, returned = native.fetch(_write, (range(count),), 1, np.float32)
    assert values[:, 0].tolist() == [float(number) if number % 3 else 0.0 for number in range(count)]
    assert returned == [-number for number in range(count)]
