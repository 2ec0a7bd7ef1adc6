"""PDFium's functions as bare ctypes calls, made for whole lists at once.

A checked call through the binding costs some 300 ns, which thousands of characters a page make the most of a page's time.
Here nothing is converted in a call: handles are ready-made parameters (`handle`), and results go into one buffer whose places
are ready-made too (`fetch`): a third of the cost. The lock of the interpreter is kept (`PYFUNCTYPE`): the calls are far shorter
than giving it away would take. PDFium is not thread-safe, so one buffer for the process is enough.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pypdfium2.raw as raw

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

ROOM = 65536  # bytes of the buffer


def _bare(name: str, result: Any) -> Any:
    """A PDFium function that takes its arguments as they are: ints as C ints, pointers made by `handle` and `fetch`.

    `result` is None where nobody asks what it returns: making a number of it takes a tenth of the call.
    """
    address = ctypes.cast(getattr(raw, name), ctypes.c_void_p).value
    assert address is not None
    return ctypes.PYFUNCTYPE(result)(address)


_INT, _POINTER = ctypes.c_int, ctypes.c_size_t
text_of = _bare("FPDFText_GetText", _INT)
loose_box = _bare("FPDFText_GetLooseCharBox", None)
origin = _bare("FPDFText_GetCharOrigin", None)
tight_box = _bare("FPDFText_GetCharBox", None)
unicode = _bare("FPDFText_GetUnicode", ctypes.c_uint)
text_object = _bare("FPDFText_GetTextObject", _POINTER)
page_count = _bare("FPDFPage_CountObjects", _INT)
page_object = _bare("FPDFPage_GetObject", _POINTER)
form_count = _bare("FPDFFormObj_CountObjects", _INT)
kind_of = _bare("FPDFPageObj_GetType", _INT)
matrix_of = _bare("FPDFPageObj_GetMatrix", _INT)
bounds_of = _bare("FPDFPageObj_GetBounds", _INT)
font_of = _bare("FPDFTextObj_GetFont", _POINTER)
font_name = _bare("FPDFFont_GetBaseFontName", _POINTER)
fill_colour = _bare("FPDFPageObj_GetFillColor", _INT)
stroke_colour = _bare("FPDFPageObj_GetStrokeColor", _INT)
render_mode = _bare("FPDFTextObj_GetTextRenderMode", _INT)
draw_mode = _bare("FPDFPath_GetDrawMode", None)
segments = _bare("FPDFPath_CountSegments", _INT)
segment = _bare("FPDFPath_GetPathSegment", _POINTER)
segment_point = _bare("FPDFPathSegment_GetPoint", None)
segment_type = _bare("FPDFPathSegment_GetType", _INT)
segment_close = _bare("FPDFPathSegment_GetClose", _INT)
clip_of = _bare("FPDFPageObj_GetClipPath", _POINTER)
clip_paths = _bare("FPDFClipPath_CountPaths", _INT)
clip_segments = _bare("FPDFClipPath_CountPathSegments", _INT)
clip_segment = _bare("FPDFClipPath_GetPathSegment", _POINTER)
form_object = ctypes.PYFUNCTYPE(_POINTER, ctypes.c_void_p, ctypes.c_ulong)(
    ctypes.cast(raw.FPDFFormObj_GetObject, ctypes.c_void_p).value or 0
)  # takes a long

handle: Any = ctypes.c_void_p.from_param  # an address as a parameter

_buffer = (ctypes.c_ubyte * ROOM)()
_bytes = np.frombuffer(memoryview(_buffer), dtype=np.uint8)
_places = [ctypes.byref(_buffer, at) for at in range(0, ROOM, 4)]


def handle_of(pointer: Any) -> Any:
    """A pointer of the checked binding as a parameter."""
    return handle(ctypes.cast(pointer, ctypes.c_void_p).value)


def handles(addresses: Sequence[int]) -> list[Any]:
    """Addresses as parameters."""
    return list(map(handle, addresses))


@cache
def _outputs(width: int, size: int, together: bool) -> tuple[list[Any], ...]:
    """The buffer's places for rows of `width` values of `size` bytes: one list a parameter."""
    step = width * size // 4
    whole = _places[: len(_places) // step * step]
    return (whole[::step],) if together else tuple(whole[i * size // 4 :: step] for i in range(width))


def fetch(
    function: Any, arguments: Sequence[Sequence[Any]], width: int, dtype: Any, together: bool = False
) -> tuple[npt.NDArray[Any], list[int]]:
    """Calls `function` once for each row of `arguments` (sequences of one length).

    It writes `width` values through as many pointers, or through one (`together`). Gives the values `(n, width)`, 0 where it
    wrote nothing, and what it returned (None where that is not asked for).
    """
    kind: np.dtype[Any] = np.dtype(dtype)
    outputs = _outputs(width, kind.itemsize, together)
    count, room = len(arguments[0]), len(outputs[0])
    if count > room:
        starts = range(0, count, room)
        pieces = ([one[start : start + room] for one in arguments] for start in starts)
        parts = [fetch(function, piece, width, dtype, together) for piece in pieces]
        return np.concatenate([values for values, _ in parts]), [one for _, returned in parts for one in returned]
    held = _bytes[: count * width * kind.itemsize]
    held.fill(0)
    returned: list[int] = list(map(function, *arguments, *outputs))
    return held.view(kind).reshape(count, width).copy(), returned


class TextPage:
    """The text page of a page and the numbers of those of its characters that are not blank."""

    def __init__(self, text: Any, which: Ints) -> None:
        self.text = handle_of(text)
        self._which = which
        self._items: Ints | None = None
        self._every: Sequence[Sequence[Any]] = [self.text] * len(which), which.tolist()

    def items(self, part: Ints | None = None) -> Ints:
        """The text objects (addresses, 0 for none) of all its characters or of a part."""
        if self._items is None:
            if part is not None:
                return self._objects(self._which[part])
            self._items = self._objects(self._which)
        return self._items if part is None else self._items[part]

    def _objects(self, which: Ints) -> Ints:
        found = map(text_object, [self.text] * len(which), which.tolist())
        return np.fromiter(found, dtype=np.int64, count=len(which))

    def fetch(self, function: Any, width: int, dtype: Any, together: bool = False, part: Ints | None = None) -> Any:
        """Values `(n, width)` of all its characters or of a part; 0 where there are none."""
        some = self._every if part is None else (self._every[0][: len(part)], self._which[part].tolist())
        return fetch(function, some, width, dtype, together)[0]
