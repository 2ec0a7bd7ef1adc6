"""Fonts whose digits look like other digits than they say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pikepdf
import pytest

from extractors.glyphs import looks_like, shape_of
from extractors.read import read_pdf
from tests.trap_pdf import lying, write_trap

TALL = (900, -200)  # thousandths of the size above and below the base line
TIGHT = (703, 0)  # character boxes end where the ink of the digits ends


@pytest.mark.parametrize("said", [{"8": "3", "3": "8"}, {}], ids=["lies", "honest"])
@pytest.mark.parametrize("extent", [TALL, TIGHT], ids=["tall boxes", "tight boxes"])
@pytest.mark.parametrize("base", ["Helvetica", "Times-Roman"])
def test_a_lying_font_is_seen_in_boxes_of_any_height(
    tmp_path: Path, base: str, extent: tuple[int, int], said: dict[str, str]
) -> None:
    path = write_trap(tmp_path / "lying.pdf", lying("8 and 3", said, base))
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        font = pdf.pages[0].Resources.Font.L
        font.FontDescriptor = pikepdf.Dictionary(
            Type=pikepdf.Name.FontDescriptor, FontName=font.BaseFont, Flags=34, FontBBox=[0, -14, 1000, 703],
            ItalicAngle=0, StemV=80, Ascent=extent[0], Descent=extent[1],
        )  # fmt: skip
        pdf.save(path)
    assert ("lying_font" in read_pdf(path).pages[0].flags) is bool(said)


@pytest.mark.parametrize("wide", [6, 17, 30, 90])
def test_an_even_block_looks_like_no_digit(wide: int) -> None:
    crop = np.full((40, wide + 10), 255, np.uint8)
    crop[5:-5, 5:-5] = 37
    shape = shape_of(crop)
    assert shape is not None
    assert [looks_like(shape, said) for said in range(10) if said != 1] == [1 if wide == 6 else None] * 9
