"""Where the header of an open table begins, and where its first row does: rules, numbering rows, headings side by side."""

from __future__ import annotations

import itertools
import re

from extractors.open_lines import CAPTION, NOTE, REST, TextLine, continues_caption, is_numbered, is_prose, is_rest
from extractors.words_of_space import Word

FAR = 6.0  # lines farther apart than this many character heights are not of one table
YEAR = re.compile(r"\(?(?:19|20)\d\d\)?\*{0,2}")
RUNNING = re.compile(r"(\d{1,2})[.)]?")
HEADER_LINES = 18  # a header has no more visual lines than this


def body_start(lines: list[TextLine], group: list[int], rules: list[float]) -> int:
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


def centred_row_start(lines: list[TextLine], group: list[int], body: int, floor: int) -> int:
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


def first_counted(lines: list[TextLine], first: int, body: int) -> int:
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


def header_start(lines: list[TextLine], body: int, rules: list[float], floor: int, x0: float, x1: float) -> int:
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
            stop = not numbered and (far or heads_all(above, x0, x1) or bool(CAPTION.match(above.texts[0])))
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


def heads_columns(line: TextLine) -> bool:
    """Three headings or more side by side, no numbers but years among them."""
    return len(line.chunks) >= 3 and all(YEAR.fullmatch(line.texts[n]) for n in line.numbers)


def _tall_heading(lines: list[TextLine], first: int, floor: int, x0: float, x1: float) -> int:
    """The line of three headings and more that stands above in rows higher than their text; `first` where there is none."""
    for i in range(first - 1, max(floor, first - 4) - 1, -1):
        line = lines[i]
        far = lines[i + 1].top - line.bottom > FAR * line.height
        if far or parts_tables(line) or heads_all(line, x0, x1) or is_prose(line, x0, x1):
            break
        if any(not YEAR.fullmatch(line.texts[n]) for n in line.numbers):
            break
        if heads_columns(line):
            return i
    return first


def heads_all(line: TextLine, x0: float, x1: float) -> bool:
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
        if any(parts_tables(line) or is_prose(line, line.x0, start.x1) for line in held):
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


def parts_tables(line: TextLine) -> bool:
    return bool(CAPTION.match(line.texts[0]) or NOTE.match(line.texts[0]))
