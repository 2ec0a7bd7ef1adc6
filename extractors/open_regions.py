"""Where an open table begins and ends: regions of lines whose numbers stand under each other, their header, their rules."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from statistics import median

from extractors.columns_of_space import column_of
from extractors.lattice import Grid
from extractors.native import Floats
from extractors.open_lines import (
    CAPTION,
    NOTE,
    REST,
    TextLine,
    continues_caption,
    fits,
    is_numbered,
    is_prose,
    is_rest,
    is_seed,
    numbers_columns,
)
from extractors.spoiled import is_money, is_number
from extractors.words_of_space import Word

LONG = 0.8  # a rule over this share of the table's width bounds rows
FAR = 6.0  # lines farther apart than this many character heights are not of one table
YEAR = re.compile(r"\(?(?:19|20)\d\d\)?\*{0,2}")
RUNNING = re.compile(r"(\d{1,2})[.)]?")
SAMPLE = 12  # lines that tell whether a page goes on with the columns of the one before
HEADER_LINES = 18  # a header has no more visual lines than this


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
        if i > one and (is_prose(lines[i], x0, x1) or _parts_tables(lines[i])):
            return False
    titled = next((i for i in range(one + 1, two) if _heads_all(lines[i], x0, x1) and _is_title(lines, i, one)), two)
    headed = any(len(lines[i].chunks) >= 3 and not lines[i].numbers for i in range(titled, two))
    return not headed and not _entitled(lines, one, two, x0, x1)


def _entitled(lines: list[TextLine], one: int, two: int, x0: float, x1: float) -> bool:
    """A line in capitals in the middle, and below it headings side by side (years among them): the next table."""
    return _title_between(lines, one, two, x0, x1) is not None


def _title_between(lines: list[TextLine], one: int, two: int, x0: float, x1: float) -> int | None:
    for i in range(one + 1, two):
        line = lines[i]
        middle = len(line.chunks) == 1 and abs(line.x0 + line.x1 - x0 - x1) < 10
        if middle and line.texts[0].isupper() and any(_heads_columns(lines[j]) for j in range(i + 1, two + 1)):
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


def _parts_tables(line: TextLine) -> bool:
    return bool(CAPTION.match(line.texts[0]) or NOTE.match(line.texts[0]))


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
    body = _centred_row_start(lines, group, _body_start(lines, group, rules), floor)
    first = _header_start(lines, body, rules, floor, x0, x1)
    body = _first_counted(lines, first, body)
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


def _body_start(lines: list[TextLine], group: list[int], rules: list[float]) -> int:
    """The first line behind the header: behind the numbering row, or the rule that closes the header."""
    for i in group[:6]:
        if is_numbered(lines[i]):
            return i + 1 + int(i < group[-1] and is_rest(lines[i + 1], REST))
    start = group[0]
    while start < group[-1] and all(YEAR.fullmatch(lines[start].texts[n]) for n in lines[start].numbers):
        start += 1  # a row of years heads columns
    above = [y for y in rules if y <= lines[start].top + 0.5 * lines[start].height]
    if len(above) >= 2:
        closing = above[-1]
        first = next((i for i, line in enumerate(lines) if line.top + 0.5 * line.height > closing), start)
        return min(first, start) if first <= start else start
    return start


def _centred_row_start(lines: list[TextLine], group: list[int], body: int, floor: int) -> int:
    """Where the first row begins whose numbers stand in the middle of its wrapped texts: lines above them have their like
    as far below, and the paragraphs between run on.
    """
    following = [i for i in group if i > body]
    end = following[0] if following else len(lines)
    base, height = lines[body].words[0].base, lines[body].height
    reach = 0.55 * (lines[end].words[0].base - base) if following else 6 * height
    start = body
    for i in range(body - 1, floor - 1, -1):
        above = base - lines[i].words[0].base
        if above > reach or not all(_runs_through(lines[i:end], chunk, 2 * above, height) for chunk in lines[i].chunks):
            break
        start = i
    return start


def _runs_through(held: list[TextLine], chunk: list[Word], down: float, height: float) -> bool:
    """A paragraph that begins with `chunk` goes on evenly, line under line, and ends `down` points below it."""
    starts = (c[0] for line in held for c in line.chunks if abs(c[0].x0 - chunk[0].x0) < 1.5)
    bases = sorted(
        word.base - chunk[0].base for word in starts if -0.1 <= word.base - chunk[0].base <= down + 0.2 * height
    )
    steps = [b - a for a, b in itertools.pairwise(bases)]
    return (
        bool(steps) and abs(bases[-1] - down) < 0.2 * height and max(steps) < min(1.15 * min(steps) + 0.5, 1.3 * height)
    )


def _first_counted(lines: list[TextLine], first: int, body: int) -> int:
    """Where rows that are numbered like the body's first begin: its `3` follows a `1` and a `2` that print words alone."""
    number = RUNNING.fullmatch(lines[body].texts[0])
    if number is None or is_numbered(lines[body - 1 if body else 0]):
        return body
    wanted, start = int(number.group(1)) - 1, body
    for i in range(body - 1, first - 1, -1):
        above = RUNNING.fullmatch(lines[i].texts[0])
        near = abs(lines[i].x0 - lines[body].x0) < lines[i].height
        if above and near and len(lines[i].chunks) > 1 and int(above.group(1)) == wanted:
            wanted, start = wanted - 1, i
    return start if wanted == 0 else body


def _header_start(lines: list[TextLine], body: int, rules: list[float], floor: int, x0: float, x1: float) -> int:
    """The first line of the header: below the rule that opens the table; without rules as far as columns go on."""
    opening = _opening(lines, body, rules, floor)
    counted = body > floor and is_numbered(lines[body - 1])  # a numbering row has headings above it, however far
    first = body
    while first > floor and body - first < HEADER_LINES:
        above, here = lines[first - 1], lines[min(first, len(lines) - 1)]
        numbered = first == body and is_numbered(above)
        if opening is not None:
            stop = above.top + 0.5 * above.height < opening
        else:
            far = here.top - above.bottom > (2.0 if len(above.chunks) > 1 else 0.9) * here.height
            stop = not numbered and (far or _heads_all(above, x0, x1) or bool(CAPTION.match(above.texts[0])))
            before = [line.words for line in reversed(lines[max(floor, first - 4) : first - 1])]
            stop = stop or (len(above.chunks) == 1 and continues_caption(above.words, before))
            ruled_off = any(above.bottom - 2 < y < here.top + 2 for y in rules)
            stop = stop or (ruled_off and not (first == body and _tall_heading(lines, first, floor, x0, x1) < first))
        if stop:
            higher = _tall_heading(lines, first, floor, x0, x1) if opening is None and counted else first
            if higher == first:
                break
            first = higher
            continue
        first -= 1
    return first


def _heads_columns(line: TextLine) -> bool:
    """Three headings or more side by side, no numbers but years among them."""
    return len(line.chunks) >= 3 and all(YEAR.fullmatch(line.texts[n]) for n in line.numbers)


def _tall_heading(lines: list[TextLine], first: int, floor: int, x0: float, x1: float) -> int:
    """The line of three headings and more that stands above in rows higher than their text; `first` where there is none."""
    for i in range(first - 1, max(floor, first - 4) - 1, -1):
        line = lines[i]
        far = lines[i + 1].top - line.bottom > FAR * line.height
        if far or _parts_tables(line) or _heads_all(line, x0, x1) or is_prose(line, x0, x1):
            break
        if any(not YEAR.fullmatch(line.texts[n]) for n in line.numbers):
            break
        if _heads_columns(line):
            return i
    return first


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


def _heads_all(line: TextLine, x0: float, x1: float) -> bool:
    """One chunk of text, long or in the middle of the table: a caption or prose, no heading of some columns."""
    centred = abs(line.x0 + line.x1 - x0 - x1) < 10
    return len(line.chunks) == 1 and (centred or line.x1 - line.x0 > 0.45 * (x1 - x0))


def _opening(lines: list[TextLine], body: int, rules: list[float], floor: int) -> float | None:
    """The rule above the header: upwards from the body over segments between rules that print headings side by side."""
    start = lines[min(body, len(lines) - 1)]
    tops = [y for y in rules if y < start.top + 0.5 * start.height]
    opening: float | None = None
    for i in range(len(tops) - 1, 0, -1):
        held = [line for line in lines[floor:body] if tops[i - 1] < line.top + 0.5 * line.height < tops[i]]
        if any(_parts_tables(line) or is_prose(line, line.x0, start.x1) for line in held):
            break  # the rule belongs to the table above
        numbering = len(held) == 1 and is_numbered(held[0])
        side_by_side = sum(len(line.chunks) >= 2 for line in held)
        if held and side_by_side < 2 and not any(len(line.chunks) >= 3 or len(held) <= 3 for line in held):
            break
        if len(held) > HEADER_LINES:
            break
        opening = tops[i - 1]
        if held and not numbering:
            break  # the headings themselves: what stands above is no header
    if opening is None and tops and body > floor and lines[body - 1].top > tops[-1]:
        opening = tops[-1]  # one rule above a header that no rule closes
    return opening


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
        if is_prose(line, x0, x1) or _parts_tables(line):
            break
        last += 1
    return last
