"""PDFium's functions as light ctypes calls: a third of the cost of the checked binding, called for each character.

The lock of the interpreter is kept (`PYFUNCTYPE`): the calls are far shorter than giving it away would take.
"""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
import numpy.typing as npt
import pypdfium2.raw as raw

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def _fast(name: str, result: Any, *arguments: Any) -> Any:
    """A PDFium function as a light ctypes call (a third of the cost of the checked binding)."""
    address = ctypes.cast(getattr(raw, name), ctypes.c_void_p).value
    assert address is not None
    return ctypes.PYFUNCTYPE(result, *arguments)(address)


_P, _I, _F = ctypes.c_void_p, ctypes.c_int, ctypes.c_float
loose_box = _fast("FPDFText_GetLooseCharBox", _I, _P, _I, _P)
origin = _fast("FPDFText_GetCharOrigin", _I, _P, _I, _P, _P)
tight_box = _fast("FPDFText_GetCharBox", _I, _P, _I, _P, _P, _P, _P)
unicode = _fast("FPDFText_GetUnicode", ctypes.c_uint, _P, _I)
text_object = _fast("FPDFText_GetTextObject", _P, _P, _I)
page_object = _fast("FPDFPage_GetObject", _P, _P, _I)
form_object = _fast("FPDFFormObj_GetObject", _P, _P, ctypes.c_ulong)
form_count = _fast("FPDFFormObj_CountObjects", _I, _P)
kind_of = _fast("FPDFPageObj_GetType", _I, _P)
matrix_of = _fast("FPDFPageObj_GetMatrix", _I, _P, _P)
bounds_of = _fast("FPDFPageObj_GetBounds", _I, _P, _P, _P, _P, _P)
font_of = _fast("FPDFTextObj_GetFont", _P, _P)
fill_colour = _fast("FPDFPageObj_GetFillColor", _I, _P, _P, _P, _P, _P)
stroke_colour = _fast("FPDFPageObj_GetStrokeColor", _I, _P, _P, _P, _P, _P)
render_mode = _fast("FPDFTextObj_GetTextRenderMode", _I, _P)
draw_mode = _fast("FPDFPath_GetDrawMode", _I, _P, _P, _P)
segments = _fast("FPDFPath_CountSegments", _I, _P)
segment = _fast("FPDFPath_GetPathSegment", _P, _P, _I)
segment_point = _fast("FPDFPathSegment_GetPoint", _I, _P, _P, _P)
segment_type = _fast("FPDFPathSegment_GetType", _I, _P)
segment_close = _fast("FPDFPathSegment_GetClose", _I, _P)
clip_of = _fast("FPDFPageObj_GetClipPath", _P, _P)
clip_paths = _fast("FPDFClipPath_CountPaths", _I, _P)
clip_segments = _fast("FPDFClipPath_CountPathSegments", _I, _P, _I)
clip_segment = _fast("FPDFClipPath_GetPathSegment", _P, _P, _I, _I)
