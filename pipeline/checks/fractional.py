"""A computation with one unknown number: `(a*x + b) / (c*x + d)`.

The functions that checks compute with run on it as they do on numbers. So it is known at once how a result depends on one
cell, whatever the formula, and of the many values that the cell might have had few are left to be tried.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

ZERO, ONE = Decimal(0), Decimal(1)
#: Of the sizes that meet in a result: far more than floating point gets wrong.
DOUBT = 1e-10

Number = int | Decimal


class Undecided(ValueError):
    """The computation is no fraction of this kind: the unknown stands in it as a square or below two denominators."""


@dataclass(frozen=True, slots=True, eq=False)
class Fractional:
    """`(a*x + b) / (c*x + d)`; arithmetic with numbers, and with its like where that gives such a fraction."""

    a: Decimal = ONE
    b: Decimal = ZERO
    c: Decimal = ZERO
    d: Decimal = ONE

    def __add__(self, other: Fractional | Number) -> Fractional:
        if not isinstance(other, Fractional):
            return Fractional(self.a + other * self.c, self.b + other * self.d, self.c, self.d)
        if (self.c, self.d) != (other.c, other.d):
            raise Undecided
        return Fractional(self.a + other.a, self.b + other.b, self.c, self.d)

    def __mul__(self, other: Fractional | Number) -> Fractional:
        if isinstance(other, Fractional):
            raise Undecided
        return Fractional(self.a * other, self.b * other, self.c, self.d)

    def __truediv__(self, other: Fractional | Number) -> Fractional:
        if not isinstance(other, Fractional):
            return Fractional(self.a, self.b, self.c * other, self.d * other)
        if (self.c, self.d) != (other.c, other.d):
            raise Undecided
        return Fractional(self.a, self.b, other.a, other.b)

    def __rtruediv__(self, other: Number) -> Fractional:
        return Fractional(other * self.c, other * self.d, self.a, self.b)

    def __neg__(self) -> Fractional:
        return Fractional(-self.a, -self.b, self.c, self.d)

    def __sub__(self, other: Fractional | Number) -> Fractional:
        return self + -other

    def __rsub__(self, other: Number) -> Fractional:
        return -self + other

    __radd__, __rmul__ = __add__, __mul__

    def comes_near(self, found: Decimal, apart: Decimal) -> Callable[[float], bool]:
        """Whether the fraction of an x may be as large as `found`, whatever their signs, but for `apart`.

        False only where it surely is not.
        """
        a, b, c, d = float(self.a), float(self.b), float(self.c), float(self.d)
        size, near = abs(float(found)), float(apart)
        if c == 0:  # as of most formulas: then it is near where its numerator lies between two bounds
            least, most = (size - near) * abs(d), (size + near) * abs(d)
            doubt = 10 * DOUBT * (abs(b) + most)
            return _between(a, b, least - doubt, most + doubt)
        if a == 0 and size > near:  # ... or its denominator
            least, most = abs(b) / (size + near), abs(b) / (size - near)
            doubt = 10 * DOUBT * (abs(d) + most)
            return _between(c, d, least - doubt, most + doubt)
        slope, rest = abs(a) + (size + near) * abs(c), abs(b) + (size + near) * abs(d)

        def may_be(x: float) -> bool:
            bottom = abs(c * x + d)
            sizes = slope * abs(x) + rest
            return abs(abs(a * x + b) - size * bottom) <= near * bottom + DOUBT * sizes

        return may_be


def _between(slope: float, rest: float, least: float, most: float) -> Callable[[float], bool]:
    """Whether `slope * x + rest`, without its sign, lies between two numbers."""
    return lambda x: least <= abs(slope * x + rest) <= most


X = Fractional()
