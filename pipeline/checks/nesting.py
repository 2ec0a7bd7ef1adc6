"""Lines without codes or levels that are the sums of lines below them: read off the amounts alone."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

LONG = 100_000  # amounts from here on do not add up by chance


def nested(amounts: Sequence[Decimal | None], single: bool = True) -> tuple[list[int], dict[int, list[int]]]:
    """Which lines are part of no other, and the parts of those that have some, as places in `amounts`.

    A line is the sum of the lines right below it that are part of no other yet; the fewest that give it to the last digit.
    `single`: a line of the same amount is the only part of the one above it (else the two stand side by side).

    >>> nested([Decimal(900_000), Decimal(400_000), Decimal(500_000), Decimal(200_000)])
    ([0, 3], {0: [1, 2]})
    """
    highest: list[int] = []  # from the last line up
    parts: dict[int, list[int]] = {}
    for place in range(len(amounts) - 1, -1, -1):
        taken = _taken(amounts, place, highest, 1 if single else 2)
        if taken:
            parts[place] = highest[: -taken - 1 : -1]
            del highest[-taken:]
        highest.append(place)
    return highest[::-1], parts


def _taken(amounts: Sequence[Decimal | None], place: int, highest: Sequence[int], fewest: int) -> int:
    """How many of the lines below add up to the line; 0 where none do."""
    whole, added = amounts[place], Decimal(0)
    if whole is None or whole < LONG:
        return 0
    for taken, below in enumerate(reversed(highest), 1):
        added += amounts[below] or 0
        if added >= whole:
            return taken if added == whole and taken >= fewest else 0
    return 0
