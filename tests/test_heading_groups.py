"""Which columns the headings of groups stand over where no rule tells it."""

from __future__ import annotations

from extractors.heading_groups import Span, spread

EDGES = [42, 68, 209, 264, 297, 342, 387, 432, 477, 523, 569, 612, 654, 702, 744, 800]


def heading(x0: float, x1: float, top: float, column: int, end: int) -> Span:
    return Span(column, end, x0, x1, top, top + 10)


def test_a_heading_between_two_groups_belongs_to_none() -> None:
    years = [heading(EDGES[i] + 8, EDGES[i + 1] - 8, 122, i, i + 1) for i in range(4, 14)]
    alone = [heading(EDGES[i] + 10, EDGES[i + 1] - 10, 121, i, i + 1) for i in (0, 1, 3, 14)]
    tall = Span(2, 3, 212, 260, 98, 152)
    groups = [heading(332.3, 442.4, 98, 5, 7), heading(526.2, 608.1, 98, 9, 11), heading(678, 720, 98, 12, 14)]
    set_ones = spread([*alone, tall, *years, *groups], EDGES, [])
    assert [(g.column, g.end) for g in groups] == [(4, 8), (8, 12), (12, 14)]
    assert len(set_ones) == 3
