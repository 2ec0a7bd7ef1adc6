"""Stable sorting by several keys, faster than `numpy.lexsort` where the later keys are small whole numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from extractors.native import Ints


def order_by(*keys: npt.NDArray[Any]) -> Ints:
    """Indices that sort by the first key, then the next ...: as `numpy.lexsort` of the reversed keys."""
    order: Ints | None = None
    for key in reversed(keys):
        if key.dtype.kind in "ib":
            if not len(key) or (low := key.min()) == (high := key.max()):
                continue
            if int(high) - int(low) < 65536:  # sorted in two passes over its bytes
                key = (key - low).astype(np.uint16)
        order = (
            np.argsort(key, kind="stable") if order is None else order.take(np.argsort(key.take(order), kind="stable"))
        )
    return np.arange(len(keys[0])) if order is None else order
