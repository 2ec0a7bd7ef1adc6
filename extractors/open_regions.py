"""Where an open table begins and ends: regions of lines whose numbers stand under each other, their header, their rules."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

from extractors.columns_of_space import column_of
from extractors.lattice import Grid
from extractors.native import Floats
from extractors.open_headers import (
    FAR,
    YEAR,
    body_start,
    centred_row_start,
    first_counted,
    header_start,
    heads_all,
    heads_columns,
    parts_tables,
)
from extractors.open_lines import (
    CAPTION,
    TextLine,
    fits,
    is_prose,
    is_seed,
    numbers_columns,
)
from extractors.spoiled import is_money, is_number

LONG = 0.8  # a rule over this share of the table's width bounds rows
SAMPLE = 12  # lines that tell whether a page goes on with the columns of the one before


@dataclass(slots=True)
class Region:
    """Lines of a table: header `[first, body)`, body `[body, last]`; the heights of the long rules in it."""

    first: int
    body: int
    last: int
    x0: float
    x1: float
    rules: list[float]
    captioned: bool = False


def regions_of(lines: list[TextLine], horizontal: Floats, earlier: Grid | None) -> list[Region]:
    groups: list[list[int]] = []
    for i, line in enumerate(lines):
        if not is_seed(line):
            continue
        again = groups and len(groups[-1]) >= 4 and numbers_columns(line)
        again = again or (groups and _headed_anew(lines, groups[-1], i))
        if groups and not again and _together(lines, groups[-1][-1], i, horizontal):
            groups[-1].append(i)
        else:
            groups.append([i])
    regions: list[Region] = []
    floor = 0
    for number, group in enumerate(groups):
        if group[0] < floor:
            continue
        region = _region(lines, group, horizontal, floor, earlier if not regions else None)
        if region is not None and number + 1 < len(groups):
            title = _title_between(lines, group[-1], groups[number + 1][0], region.x0, region.x1)
            region.last = region.last if title is None else min(region.last, title - 1)
        if region is not None:
            regions.append(region)
            floor = region.last + 1
    return regions


def _together(lines: list[TextLine], one: int, two: int, horizontal: Floats) -> bool:
    """Do two lines of numbers stand in one table: nothing but table text between them, no great gap, no new header?"""
    x0, x1 = min(lines[one].x0, lines[two].x0), max(lines[one].x1, lines[two].x1)
    for i in range(one, two):
        if lines[i + 1].top - lines[i].bottom > FAR * lines[i].height:
            return False
        if i > one and (is_prose(lines[i], x0, x1) or parts_tables(lines[i])):
            return False
    titled = next((i for i in range(one + 1, two) if heads_all(lines[i], x0, x1) and _is_title(lines, i, one)), two)
    headed = any(len(lines[i].chunks) >= 3 and not lines[i].numbers for i in range(titled, two))
    return not headed and not _entitled(lines, one, two, x0, x1)


def _entitled(lines: list[TextLine], one: int, two: int, x0: float, x1: float) -> bool:
    """A line in capitals in the middle, and below it headings side by side (years among them): the next table."""
    return _title_between(lines, one, two, x0, x1) is not None


def _title_between(lines: list[TextLine], one: int, two: int, x0: float, x1: float) -> int | None:
    for i in range(one + 1, two):
        line = lines[i]
        middle = len(line.chunks) == 1 and abs(line.x0 + line.x1 - x0 - x1) < 10
        if middle and line.texts[0].isupper() and any(heads_columns(lines[j]) for j in range(i + 1, two + 1)):
            return i
    return None


def _headed_anew(lines: list[TextLine], group: list[int], two: int) -> bool:
    """Headings side by side, with white space above them, stand before a line whose numbers stand under none of the group's."""
    heads = [i for i in range(group[-1] + 1, two) if len(lines[i].chunks) >= 3 and not lines[i].numbers]
    if not any(lines[i].top - lines[i - 1].bottom > 0.9 * lines[i].height for i in heads):
        return False  # nearly always
    spots = [_spots(lines[i]) for i in group[-6:] if not numbers_columns(lines[i])]
    here = _spots(lines[two])
    under = [spot for spot in here if any(a < spot[1] and spot[0] < b for held in spots for a, b in held)]
    return bool(here) and not under


def _spots(line: TextLine) -> list[tuple[float, float]]:
    """Where a line prints numbers, a running number at its beginning left out."""
    return [(line.chunks[n][0].x0, line.chunks[n][-1].x1) for n in line.numbers if n > 0]


def _captioned(lines: list[TextLine], seed: int, floor: int) -> bool:
    """A caption (`Tabel 3.1`) stands above, and between it and the first line of numbers three headings side by side: then
    one row is a table."""
    headed = False
    for i in range(seed - 1, max(floor, seed - 10) - 1, -1):
        line = lines[i]
        if CAPTION.match(line.texts[0]):
            return headed
        if len(line.chunks) > 1 and all(YEAR.fullmatch(line.texts[n]) for n in line.numbers):
            headed = headed or len(line.chunks) >= 3
        elif len(line.chunks) > 1 or (not headed and len(line.words) >= 5):
            return False
    return False


def _is_title(lines: list[TextLine], i: int, one: int) -> bool:
    """White space higher than a line stands above the line, and it begins where no text of the rows before does."""
    if lines[i].top - lines[i - 1].bottom <= lines[i].height:
        return False
    starts = [chunk[0].x0 for line in lines[max(0, one - 6) : i] for chunk in line.chunks]
    return not any(abs(lines[i].x0 - x) < 3 for x in starts)


def _aligned(lines: list[TextLine], group: list[int]) -> list[list[tuple[float, float, str]]]:
    """Columns of numbers: chunks of numbers that stand under each other, three or more (or on most lines)."""
    items = sorted(
        (
            (chunk[0].x0, chunk[-1].x1, lines[i].texts[n])
            for i in group
            for n in lines[i].numbers
            for chunk in (lines[i].chunks[n],)
        ),
        key=lambda item: item[0] + item[1],
    )
    columns: list[list[tuple[float, float, str]]] = []
    for item in items:
        if columns and any(min(item[1], o[1]) - max(item[0], o[0]) > 0 for o in columns[-1][-3:]):
            columns[-1].append(item)
        else:
            columns.append([item])
    least = 3 if len(group) >= 4 else 2
    return [column for column in columns if len(column) >= least or len(column) == len(group)]


def _region(
    lines: list[TextLine], group: list[int], horizontal: Floats, floor: int, earlier: Grid | None
) -> Region | None:
    numbered = [i for i in group[:6] if numbers_columns(lines[i])]
    rows = [i for i in group if i not in numbered] or group
    columns = _aligned(lines, rows)
    x0, x1 = min(lines[i].x0 for i in group), max(lines[i].x1 for i in group)
    bounds = _long_rules(
        horizontal, x0, x1, lines[group[0]].top - 30 * lines[group[0]].height, lines[group[-1]].bottom + 150
    )
    proved = numbered and group != numbered
    proved = proved or _is_table(lines, group, columns, len(bounds) >= 3, earlier)
    captioned = not proved and _captioned(lines, group[0], floor)
    if not proved and not captioned:
        return _rest_of(lines, group, floor, earlier) if earlier is not None else None
    rules = [y for y, _, _ in bounds]
    if bounds:
        x0, x1 = min(x0, *(a for _, a, _ in bounds)), max(x1, *(b for _, _, b in bounds))
    body = centred_row_start(lines, group, body_start(lines, group, rules), floor)
    first = header_start(lines, body, rules, floor, x0, x1)
    body = first_counted(lines, first, body)
    if earlier is not None and body == group[0] and not any(y < lines[body].top for y in rules):
        first, body = _goes_on_from(lines, first, body, group[-1], floor, earlier)
    last = _last_line(lines, group[-1], rules, x0, x1)
    inside = [y for y in rules if lines[first].top - 12 <= y <= lines[last].bottom + 12]
    x0 = min(x0, *(lines[i].x0 for i in range(first, last + 1)))
    x1 = max(x1, *(lines[i].x1 for i in range(first, last + 1)))
    return Region(first, body, last, x0 - 1, x1 + 1, inside, captioned)


def _rest_of(lines: list[TextLine], group: list[int], floor: int, earlier: Grid) -> Region | None:
    """The last rows of the table of the page before, too few to prove columns: they stand wholly in its columns, in three
    of them or more, and numbers under numbers."""
    edges = list(earlier.xs)
    first, _ = _goes_on_from(lines, group[0], group[0], group[-1], floor, earlier)
    last = _last_line(lines, group[-1], [], edges[0], edges[-1])
    held = lines[first : last + 1]
    numbers = {c.column for c in earlier.cells if is_number(c.text) and c.column > 0}
    printed = {column_of(edges, chunk[0].x0 + 1) for line in held for chunk in line.chunks}
    under = [column_of(edges, line.chunks[n][-1].x1 - 1) in numbers for line in held for n in line.numbers if n > 0]
    if first > floor + 2 or len(printed) < 3 or not under or not all(under) or not fits(held, edges):
        return None
    return Region(first, first, last, edges[0], edges[-1], [])


def _long_rules(
    horizontal: Floats, x0: float, x1: float, top: float, bottom: float
) -> list[tuple[float, float, float]]:
    """Rules over most of the width, top to bottom; those far longer than the text are page furniture."""
    result: list[tuple[float, float, float]] = []
    for y, a, b in sorted(map(tuple, horizontal.tolist())):
        if top < y < bottom and min(b, x1) - max(a, x0) >= LONG * (x1 - x0):
            result.append((y, a, b))
    return result


def _is_table(
    lines: list[TextLine],
    group: list[int],
    columns: list[list[tuple[float, float, str]]],
    ruled: bool,
    earlier: Grid | None,
) -> bool:
    """Enough numbers stand under each other; lists of contents, dates and signatures are none."""
    in_columns = sum(len(column) for column in columns)
    every = sum(len(lines[i].numbers) for i in group)
    if not columns or in_columns < 0.6 * every:
        return False
    if len(columns) >= 2 and (len(group) >= 3 or ruled):
        return True
    if earlier is not None and len(columns) >= 2:
        return True
    amounts = sum(is_money(text) for column in columns for _, _, text in column)
    return amounts >= 4 or (ruled and len(columns) >= 1 and len(group) >= 3 and not page_numbers(columns[0]))


def page_numbers(column: list[tuple[float, float, str]]) -> bool:
    values = [int(text) for _, _, text in column if text.isdigit()]
    return len(values) == len(column) and values == sorted(values) and max(values, default=0) < 1000


def _goes_on_from(
    lines: list[TextLine], first: int, body: int, last: int, floor: int, earlier: Grid
) -> tuple[int, int]:
    """(header, body) of a region that goes on from the page before: its first line that fits the columns there."""
    start = body
    while start > floor and lines[start].top - lines[start - 1].bottom < FAR * lines[start].height:
        if not fits(lines[start - 1 : start], list(earlier.xs)):
            break
        start -= 1
    sample = lines[start : max(body, min(last, body + SAMPLE)) + 1]
    return (start, start) if start <= first and fits(sample, list(earlier.xs)) else (first, body)


def _last_line(lines: list[TextLine], last: int, rules: list[float], x0: float, x1: float) -> int:
    """The last line of the body: wrapped lines below the last number belong to it, up to the closing rule."""
    closing = next((y for y in rules if y > lines[last].bottom - 2), None)
    gaps = [lines[i].top - lines[i - 1].bottom for i in range(1, last + 1) if is_seed(lines[i])]
    row_gap = 1.1 * median(gaps) + 0.2 if gaps else 0.0
    starts = [chunk[0].x0 for line in lines[max(0, last - 12) : last + 1] for chunk in line.chunks]
    while last + 1 < len(lines):
        line = lines[last + 1]
        if closing is not None and line.bottom - 2 > closing:
            break
        in_step = all(any(abs(c[0].x0 - x) < 3 for x in starts) for c in line.chunks)
        wide = min(1.3 * line.height, row_gap) if len(line.chunks) == 1 else 1.3 * line.height
        near = line.top - lines[last].bottom < (max(wide, 0.6 * line.height) if in_step else 0.6 * line.height)
        if not (near or (closing is not None and closing - line.bottom < FAR * line.height)):
            break
        if is_prose(line, x0, x1) or parts_tables(line):
            break
        last += 1
    return last
