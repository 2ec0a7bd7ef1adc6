"""Slips of the pen and of the eye: the wrong numbers that people and machines plausibly make of a right one.

A slip is a digit changed, dropped, doubled or exchanged with its neighbour, a thousands group lost or added, or a digit
read for one that looks like it. Checks ask whether every slip of a cell would be noticed; blame asks how likely it is
that one printed number is a slip of another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import lru_cache

LOOK_ALIKE = frozenset({"08", "80", "17", "71", "38", "83", "56", "65", "69", "96", "68", "86", "35", "53", "49", "94"})

#: How likely a slip is, the higher the likelier. A value that is no slip at all scores 0.
EXCHANGED, DROPPED, GROUP, LOOKS_LIKE, CHANGED = 6, 5, 4, 4, 3


def digits_of(value: Decimal, decimals: int | None) -> tuple[str, int]:
    """The printed digits of a value without separators, and how many of them stand behind the comma."""
    places = _places(value, decimals)
    return _digits(value, places), places


def _places(value: Decimal, decimals: int | None) -> int:
    return max(decimals if decimals is not None else -int(value.as_tuple().exponent), 0)


def _digits(value: Decimal, places: int) -> str:
    return str(abs(int(value.scaleb(places).to_integral_value())))


def slips(value: Decimal, decimals: int | None, likely: Callable[[float], bool] | None = None) -> Iterator[Decimal]:
    """Every single slip of a printed number, those that change it least first; the sign stays.

    With `likely`, only those slips of which it is true.
    """
    digits, places = digits_of(value, decimals)
    sign, size = (-1 if value < 0 else 1), 10.0**places
    for number in _slipped(int(digits)):
        if likely is None or likely(sign * number / size):
            yield Decimal(sign * number).scaleb(-places)


#: The other digits, from the nearest on.
_NEAREST = tuple(
    tuple(sorted((d for d in range(10) if d != digit), key=lambda d: abs(d - digit))) for digit in range(10)
)


@lru_cache(maxsize=2_000)
def _slipped(number: int) -> tuple[int, ...]:
    """The slips of a whole number, from its last digit on."""
    found: list[int] = []
    place, rest = 1, number
    while True:
        rest, digit = divmod(rest, 10)
        tail = number % place
        found += [number + (other - digit) * place for other in _NEAREST[digit]]
        if place > 1:
            following = tail * 10 // place
            found.append(number + (following - digit) * place + (digit - following) * (place // 10))
        found.append(rest * place + tail)
        found.append((rest * 100 + digit * 11) * place + tail)
        if not rest:
            return tuple(slip for slip in dict.fromkeys(found) if slip != number)
        place *= 10


def likeness(printed: Decimal, other: Decimal, decimals: int | None) -> int:
    """How likely `printed` came from `other` by one slip; 0 where no single slip explains it."""
    if (printed < 0) != (other < 0) or other == 0:
        return 0
    places = max(_places(printed, decimals), _places(other, None))
    a, b = _digits(printed, places), _digits(other, places)
    if a == b:
        return 0
    if len(a) == len(b):
        return _same_length(a, b)
    if abs(len(a) - len(b)) == 1:
        long, short = (a, b) if len(a) > len(b) else (b, a)
        return DROPPED if any(long[:i] + long[i + 1 :] == short for i in range(len(long))) else 0
    if abs(len(a) - len(b)) == 3:
        return GROUP if _group_apart(a, b) else 0
    return 0


def _same_length(a: str, b: str) -> int:
    places = [i for i, (x, y) in enumerate(zip(a, b, strict=True)) if x != y]
    if len(places) == 1:
        i = places[0]
        return LOOKS_LIKE if a[i] + b[i] in LOOK_ALIKE else CHANGED
    if (
        len(places) == 2
        and places[1] == places[0] + 1
        and a[places[0]] == b[places[1]]
        and a[places[1]] == b[places[0]]
    ):
        return EXCHANGED
    return 0


def _group_apart(a: str, b: str) -> bool:
    long, short = (a, b) if len(a) > len(b) else (b, a)
    return any(long[:i] + long[i + 3 :] == short for i in range(len(long) % 3, len(long), 3))


def garbled(raw: str) -> bool:
    """Whether a letter stands where only a digit can (`6I`, `Idok`, `1O0`): the printed text was read wrongly."""
    text = raw.strip()
    for i, letter in enumerate(text):
        if letter not in "IlOo|":
            continue
        before = text[i - 1] if i else ""
        after = text[i + 1] if i + 1 < len(text) else ""
        if before.isdigit() and (not after or after.isdigit() or after in " .,%"):
            return True
        if after.isdigit() and not before.isalpha():
            return True
        if not before and letter in "Il|" and text[1:].strip().lower() in _UNITS_GLUED:
            return True
    return False


_UNITS_GLUED = frozenset({"dok", "dokumen", "lap", "laporan", "org", "orang", "unit", "paket", "keg", "kali", "bulan"})
