"""From PDF user space to the page as displayed: the page's own matrix and those of the forms on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pypdfium2.raw as raw

from extractors.native import Floats

Matrix = tuple[float, float, float, float, float, float]

IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


@dataclass(slots=True)
class Placement:
    """From PDF user space to the page as displayed."""

    matrix: Matrix  # x' = a x + c y + e; y' = b x + d y + f
    width: float
    height: float
    rotation: int  # degrees clockwise

    @staticmethod
    def of(page: Any) -> Placement:
        box = raw.FS_RECTF()
        raw.FPDF_GetPageBoundingBox(page, box)
        x0, y0, x1, y1 = box.left, min(box.bottom, box.top), box.right, max(box.bottom, box.top)
        wide, high = x1 - x0, y1 - y0
        quarter = raw.FPDFPage_GetRotation(page) % 4
        matrices: list[Matrix] = [
            (1, 0, 0, -1, -x0, y1),
            (0, 1, 1, 0, -y0, -x0),
            (-1, 0, 0, 1, x1, -y0),
            (0, -1, -1, 0, y1, x1),
        ]
        width, height = (wide, high) if quarter % 2 == 0 else (high, wide)
        return Placement(matrices[quarter], width, height, quarter * 90)

    def points(self, points: Floats) -> Floats:
        """Points `(n, 2)` as displayed."""
        a, b, c, d, e, f = self.matrix
        x, y = points.T  # by columns: numpy takes ten times as long for rows of two or four
        if not self.rotation:
            return beside(a * x + e, d * y + f)
        return beside(a * x + c * y + e, b * x + d * y + f)

    def boxes(self, sides: Floats) -> Floats:
        """Boxes `(n, 4)` as displayed of those whose left, top, right and bottom are given."""
        a, b, c, d, e, f = self.matrix
        left, top, right, bottom = sides.T
        if self.rotation:
            xs = a * left + c * bottom + e, a * right + c * top + e
            ys = b * left + d * bottom + f, b * right + d * top + f
        else:
            xs, ys = (a * left + e, a * right + e), (d * top + f, d * bottom + f)
        return beside(np.minimum(*xs), np.minimum(*ys), np.maximum(*xs), np.maximum(*ys))


def beside(*columns: Floats) -> Floats:
    """Side by side: as `numpy.stack` along the second axis, without its preparations."""
    rows: Floats = np.empty((len(columns[0]), len(columns)))
    for i, column in enumerate(columns):
        rows[:, i] = column
    return rows


def times(inner: Matrix, outer: Matrix) -> Matrix:
    """First `inner`, then `outer`."""
    a, b, c, d, e, f = inner
    A, B, C, D, E, F = outer
    return (a * A + b * C, a * B + b * D, c * A + d * C, c * B + d * D, e * A + f * C + E, e * B + f * D + F)
