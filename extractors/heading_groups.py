"""Which columns the headings of groups stand over where no rule tells it: neighbours share the columns between them.

Level by level from the bottom: the headings of one level divide the headings below them in the way in which each stands
nearest to the middle of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

LEFT_OUT = 7.0  # points that a heading may stand off the middle rather than leave out one heading below
TWICE = 20.0  # points that a heading may stand off the middle rather than over two headings of the same words
NEAR = 4.0  # points off the middle that are nothing much; what lies farther counts by its square
MOST = 40  # columns of one level; wider headers are left as they are

Choice = tuple[float, list[tuple[int, int]]]  # points off, and the columns of the headings so far


class Heading(Protocol):
    """A heading: its first column, the one behind its last, its box in points, and its words."""

    column: int
    end: int

    @property
    def top(self) -> float: ...
    @property
    def bottom(self) -> float: ...
    @property
    def x0(self) -> float: ...
    @property
    def x1(self) -> float: ...
    @property
    def text(self) -> str: ...


@dataclass(slots=True)
class Span:
    """A heading of which only the place counts."""

    column: int
    end: int
    x0: float
    x1: float
    top: float = 0.0
    bottom: float = 0.0
    text: str = ""


def shared(headings: Sequence[Heading], edges: Sequence[float]) -> list[tuple[int, int]] | None:
    """(column, end) of headings side by side that share all columns between `edges`; None where they cannot be told."""
    columns = [Span(i, i + 1, edges[i], edges[i + 1]) for i in range(len(edges) - 1)]
    found = _divided(headings, columns, edges, 1000.0) if headings else None
    if found is None or sum(end - first for first, end in found) < len(columns):
        return None
    return found


def spread(blocks: Sequence[Heading], edges: Sequence[float], fixed: Sequence[Heading]) -> list[Heading]:
    """Sets the columns of the group headings among `blocks`; gives those that were set. `fixed` keep theirs."""
    leaves = _leaves(blocks, len(edges) - 1)
    above = [b for b in blocks if not any(b is leaf for leaf in leaves) and not any(b is f for f in fixed)]
    under: list[Heading] = sorted([*leaves, *fixed], key=lambda b: b.column)
    done: list[Heading] = []
    for level in _levels(above):
        if len(under) > MOST:
            break
        best = _divided(level, _tops(under), edges)
        if best is None:
            continue
        for block, (first, end) in zip(level, best, strict=True):
            block.column, block.end = first, end
        done += level
        under += level
    return done


def _leaves(blocks: Sequence[Heading], columns: int) -> list[Heading]:
    """The lowest heading of each column."""
    result: list[Heading] = []
    for column in range(columns):
        held = [b for b in blocks if b.column <= column < b.end]
        lowest = max(held, key=lambda b: b.bottom, default=None)
        if lowest is not None and lowest.end == lowest.column + 1:
            result.append(lowest)
    return result


def _levels(above: Sequence[Heading]) -> list[list[Heading]]:
    """Headings whose heights overlap, lowest level first; each level from left to right."""
    levels: list[list[Heading]] = []
    for block in sorted(above, key=lambda b: -b.bottom):
        if levels and block.bottom > max(b.top for b in levels[-1]):
            levels[-1].append(block)
        else:
            levels.append([block])
    return [sorted(level, key=lambda b: b.x0) for level in levels]


def _tops(under: Sequence[Heading]) -> list[Heading]:
    """Of headings over each other the highest, left to right."""
    highest = [
        b
        for b in under
        if not any(o is not b and o.column < b.end and b.column < o.end and o.top < b.top for o in under)
    ]
    return sorted(highest, key=lambda b: b.column)


def _divided(
    level: Sequence[Heading], under: Sequence[Heading], edges: Sequence[float], left_out: float = LEFT_OUT
) -> list[tuple[int, int]] | None:
    """For each heading of a level its columns; None where they cannot be told."""
    foot = min(h.bottom for h in level) - 2
    free = [b.top >= foot for b in under]
    count = len(under)
    best: list[list[Choice | None]] = [[(left_out * sum(free[:i]), []) for i in range(count + 1)]]
    for heading in level:
        row: list[Choice | None] = [None] * (count + 1)
        for end in range(1, count + 1):
            skipped = row[end - 1]
            choice = (skipped[0] + left_out * free[end - 1], skipped[1]) if skipped else None
            for first in range(end - 1, -1, -1):
                if not _joined(under, free, first, end) or under[first].top < heading.bottom - 2:
                    break
                before = best[-1][first]
                off = _off(heading, under[first:end], edges) if before is not None else None
                if before is None or off is None or (choice is not None and before[0] + off >= choice[0]):
                    continue
                cost = before[0] + (off + _twice(under[first:end]))
                if choice is None or cost < choice[0]:
                    choice = (cost, [*before[1], (under[first].column, under[end - 1].end)])
            row[end] = choice
        best.append(row)
    found = best[-1][count]
    return found[1] if found is not None else None


def _joined(under: Sequence[Heading], free: Sequence[bool], first: int, end: int) -> bool:
    """Nothing is missing between the headings `first` to `end`, and all of them stand low enough."""
    return free[first] and (first + 1 == end or under[first].end == under[first + 1].column)


def _off(heading: Heading, held: Sequence[Heading], edges: Sequence[float]) -> float | None:
    """How far the heading stands off the middle of the columns below; None where its text reaches out of them."""
    low, high = edges[held[0].column], edges[held[-1].end]
    if heading.x0 < low - 4 or heading.x1 > high + 4:
        return None
    middle = (heading.x0 + heading.x1) / 2
    by_text = (held[0].x0 + held[-1].x1) / 2
    off = min(abs((low + high) / 2 - middle), abs(by_text - middle))
    off = min(off, abs(heading.x0 - held[0].x0) + 2)  # or it begins where its columns begin
    return max(off, off * off / NEAR)


def _twice(held: Sequence[Heading]) -> float:
    """What it costs to stand over two headings of the same words."""
    texts = [one.text for one in held]  # the same year twice in a row is a slip of the document
    again = any(text and text in texts[:i] and text != texts[i - 1] for i, text in enumerate(texts))
    return TWICE if again else 0.0
