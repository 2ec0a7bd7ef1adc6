"""Sorting by several keys and medians of a page's characters, without the overhead of the general functions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from extractors.native import Floats, Ints

STEP = 1 / 256  # points: what is nearer stands on one place


def order_by(*keys: npt.NDArray[Any]) -> Ints:
    """Indices that sort by the first key, then the next ...; what is equal keeps its order.

    Keys are whole numbers, or points, which count in steps of `STEP`: all are packed into one number and sorted once, which is
    fast where they are nearly in order. Where they do not fit: as `numpy.lexsort` of the reversed keys.
    """
    packed: Ints | None = None
    room = 62
    for key in keys if len(keys[0]) else ():
        whole = key if key.dtype.kind in "ib" else np.rint(key * (1 / STEP))
        low, high = float(np.minimum.reduce(whole)), float(np.maximum.reduce(whole))
        if low == high:
            continue
        if not high - low < 1 << min(room, 52):
            return np.lexsort(keys[::-1])
        need = int(high - low).bit_length()
        room -= need
        whole = (whole - low).astype(np.int64)
        packed = whole if packed is None else (packed << need) | whole
    if packed is None:
        return np.arange(len(keys[0]))
    if room >= 46:  # sorted in two passes over its bytes
        packed = packed.astype(np.uint16)
    return packed.argsort(kind="stable")


def starts_of(numbers: Ints) -> Ints:
    """Where a new number begins in a row of them."""
    begins = np.empty(len(numbers), dtype=np.bool_)
    begins[:1] = True
    np.not_equal(numbers[1:], numbers[:-1], out=begins[1:])
    return begins.nonzero()[0]


def median(values: Floats) -> float:
    """As `numpy.median` of one or more finite numbers, without its preparations."""
    half, parted = len(values) // 2, values.copy()
    parted.partition(half)
    if len(values) % 2:
        return float(parted[half])
    return float((float(parted[:half].max()) + float(parted[half])) / 2)


def quantile(values: Sequence[float], share: float) -> float:
    """As `numpy.quantile` of one or more finite numbers, without its preparations."""
    ordered, at = sorted(values), (len(values) - 1) * share
    before = math.floor(at)
    low, high, part = ordered[before], ordered[min(before + 1, len(values) - 1)], at - before
    return low + (high - low) * part if part < 0.5 else high - (high - low) * (1 - part)
