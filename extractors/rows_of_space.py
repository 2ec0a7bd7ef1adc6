"""Pieces of lines in known columns -> rows. A row starts where a number or a code stands; wrapped lines join theirs.

The evidence, strongest first: a rule between two lines; two numbers in one column (never one row); a code; the gap to
the line before; and whether the line's first word would have fitted at the end of the line before (then it is no wrap).
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from operator import attrgetter
from statistics import median

from extractors.order import quantile
from extractors.pieces_of_space import Piece
from extractors.spoiled import DIGITS, OPEN_NUMBER, QUANTITY

SAME_ROW = 0.6  # base lines within this share of the character height can be one row
WRAP = 1.12  # lines of one cell stand no farther apart than this times the leading
CODE = re.compile(r"(?:\d+|[A-Z]|[IVX]{1,5}|X\.XX)(?:\s?\.\s?[\dX]+)*\s?[.)]?")
NUMBER_COLUMN = 0.6  # share of numbers that makes a column one of numbers
LOW = attrgetter("low")


@dataclass(slots=True, eq=False)
class Row:
    """A row in the making: its anchors' base lines and its pieces."""

    low: float
    high: float
    pieces: list[Piece] = field(default_factory=list)


@dataclass(slots=True)
class Shape:
    """What the columns of a body are, in points: leading of wrapped lines, closest rows, right limits by column."""

    numbers: frozenset[int]
    codes: frozenset[int]
    height: float
    leading: float
    pitch: float
    right: dict[int, float]


def find_rows(pieces: Sequence[Piece], cuts: Sequence[float] = ()) -> list[list[Piece]]:
    """The rows of a body from top to bottom. `cuts`: heights of rules that no row crosses."""
    bands: dict[int, list[Piece]] = defaultdict(list)
    edges = sorted(cuts)
    for piece in pieces:
        bands[bisect_left(edges, (piece.top + piece.bottom) / 2)].append(piece)
    shape = shape_of(pieces)
    return [row for _, band in sorted(bands.items()) for row in _band_rows(band, shape)]


def shape_of(pieces: Sequence[Piece]) -> Shape:
    """Number columns, code columns and distances, from all pieces of the body."""
    columns: dict[int, list[Piece]] = defaultdict(list)
    for piece in pieces:
        if piece.end == piece.column + 1:
            columns[piece.column].append(piece)
    numbers = {c for c, held in columns.items() if _share(held) >= NUMBER_COLUMN}
    codes = {c for c, held in columns.items() if counts_on([p.text for p in sorted(held, key=lambda p: p.base)])}
    for c in sorted(columns):
        if sum(bool(CODE.fullmatch(p.text)) for p in columns[c]) < NUMBER_COLUMN * len(columns[c]):
            break
        codes.add(c)
    numbers -= codes if len(numbers - codes) else set()
    height = median([p.bottom - p.top for p in pieces]) if pieces else 10.0
    text_gaps = [g for c, held in columns.items() if c not in numbers for g in _gaps(held) if g > SAME_ROW * height]
    number_gaps = [g for c in numbers for g in _gaps(columns[c]) if g > SAME_ROW * height]
    leading = quantile(text_gaps, 0.1) if text_gaps else 1.2 * height
    pitch = quantile(number_gaps, 0.05) if number_gaps else 0.0
    right = {c: max(p.x1 for p in held) for c, held in columns.items()}
    return Shape(frozenset(numbers), frozenset(codes), height, leading, pitch, right)


def counts_on(texts: Sequence[str]) -> bool:
    """The texts number rows: 1, 2, 3 ... or 15, 16, 17 ...; in a longer list with one new beginning or gap in five."""
    plain = [text.rstrip(".)") for text in texts]
    if len(plain) < 2 or not all(text.isdigit() and len(text) <= 3 for text in plain):
        return False
    steps = [int(b) - int(a) for a, b in itertools.pairwise(plain)]
    odd = [(step, int(b)) for step, b in zip(steps, plain[1:], strict=True) if step != 1]
    return not odd or (5 * len(odd) <= 2 * len(plain) and len(plain) >= 5 and all(b == 1 or 0 < s <= 3 for s, b in odd))


def _share(held: list[Piece]) -> float:
    return sum(is_numeric(p) for p in held) / len(held)


def is_numeric(piece: Piece) -> bool:
    """The piece is a number, with its unit or in pieces."""
    return piece.number or _is_quantity(piece.text)


@lru_cache(maxsize=8192)  # the same piece is asked of its column's share, as an anchor, and once a reading of its band
def _is_quantity(text: str) -> bool:
    return bool(QUANTITY.fullmatch(text) or DIGITS.fullmatch(text))


def _gaps(held: list[Piece]) -> list[float]:
    bases = sorted(p.base for p in held)
    return [b - a for a, b in itertools.pairwise(bases)]


def _band_rows(band: list[Piece], shape: Shape) -> list[list[Piece]]:
    band = sorted(band, key=lambda p: (p.base, p.column))
    anchors = _anchors(band, shape)
    rows = _clustered(anchors, shape.height)
    anchored = {id(piece) for row in rows for piece in row.pieces}
    rest = [p for p in band if id(p) not in anchored]
    chains = _chains(rest, rows, shape)
    _join_half_rows(chains, rows, shape)
    mode = _mode(chains, rows, shape)
    if mode != "middle":
        chains = [part for chain in chains for part in _cut_at_anchors(chain, rows, shape, mode)]
    lonely: list[list[Piece]] = []
    for chain in chains:
        row = _row_of(chain, rows, shape, mode)
        if row is None:
            lonely.append(chain)
        else:
            row.pieces.extend(chain)
    _place_lonely(lonely, rows, shape)
    rows.sort(key=lambda r: (min(p.base for p in r.pieces), r.low))
    return [sorted(r.pieces, key=lambda p: (p.column, p.base)) for r in rows]


def _anchors(band: list[Piece], shape: Shape) -> list[Piece]:
    """Pieces that begin a row of their own: numbers in number columns and codes, not the rest of a broken one."""
    last: dict[int, Piece] = {}
    result: list[Piece] = []
    for piece in band:
        before = last.get(piece.column)
        last[piece.column] = piece
        if piece.column in shape.numbers:
            if not is_numeric(piece):
                continue
            near = before is not None and piece.base - before.base <= WRAP * shape.leading
            if near and before is not None and OPEN_NUMBER.fullmatch(before.text) and piece.text[:1].isdigit():
                continue
        elif (
            piece.column not in shape.codes
            or not CODE.fullmatch(piece.text)
            or _rest_of_code(piece, before, band, shape)
        ):
            continue
        result.append(piece)
    return result


def _rest_of_code(piece: Piece, before: Piece | None, band: list[Piece], shape: Shape) -> bool:
    """The second line of a code that its narrow column has broken: nothing new stands beside it."""
    if before is None or piece.base - before.base > WRAP * shape.leading or not before.text.endswith("."):
        return False
    return not any(p.column in shape.numbers and abs(p.base - piece.base) < SAME_ROW * shape.height for p in band)


def _clustered(anchors: list[Piece], height: float) -> list[Row]:
    """Anchors on one base line, within a tolerance, are one row; two of one column never are."""
    rows: list[Row] = []
    for piece in anchors:
        last = rows[-1] if rows else None
        if (
            last is not None
            and piece.base - last.low <= SAME_ROW * height
            and all(p.column != piece.column or abs(p.base - piece.base) < 0.1 * height for p in last.pieces)
        ):
            last.pieces.append(piece)
            last.high = max(last.high, piece.base)
        else:
            rows.append(Row(piece.base, piece.base, [piece]))
    return rows


def _anchor_of(piece: Piece, rows: list[Row], height: float) -> Row | None:
    """The row whose numbers stand on the base line of the piece; `rows` from top to bottom."""
    best: Row | None = None
    base, least = piece.base, SAME_ROW * height
    for i in range(bisect_right(rows, base + least, key=LOW) - 1, -1, -1):
        row = rows[i]
        distance = min(abs(base - row.low), abs(base - row.high))
        if distance <= least:
            best, least = row, distance
        elif row.high < base - least:
            break
    return best


def _chains(rest: list[Piece], rows: list[Row], shape: Shape) -> list[list[Piece]]:
    """Paragraphs: lines of one column that follow each other as wrapped text does."""
    columns: dict[tuple[int, int], list[list[Piece]]] = defaultdict(list)
    for piece in rest:
        held = columns[piece.column, piece.end]
        if held and _wraps(held[-1][-1], piece, shape):
            held[-1].append(piece)
        elif (
            piece.column in shape.numbers
            and (row := _over(piece, rows, shape))
            and _anchor_of(piece, rows, shape.height) in (None, row)
        ):
            row.pieces.append(piece)
        else:
            held.append([piece])
    return [chain for held in columns.values() for chain in held]


def _over(piece: Piece, rows: list[Row], shape: Shape) -> Row | None:
    """The row with a number that the piece stands close under (or on) in its own column: `%`, `00`, a unit."""
    column, base, most = piece.column, piece.base, WRAP * shape.leading
    for row in rows:
        if row.low > base + 1:  # rows stand from top to bottom, and no piece of one above its `low`
            return None
        for number in row.pieces:
            if number.column == column and -0.1 <= base - number.base <= most:
                return row
    return None


def _wraps(one: Piece, two: Piece, shape: Shape) -> bool:
    """Is the second line the wrapped rest of the first?"""
    gap = two.base - one.base
    if gap < 0.15 * shape.height:
        return True
    if gap > WRAP * shape.leading + 0.3 or gap > 2.2 * shape.height:
        return False
    if shape.pitch and gap < 0.9 * shape.pitch:
        return True
    if one.column in shape.codes and two.column in shape.codes:
        return one.text.endswith((".", "-"))
    if one.text.endswith(("-", "/", ",", "&", "(")):
        return True
    if not _aligned(one, two, shape.height):
        return False
    limit = shape.right.get(one.column, one.x1)
    return one.x1 + 0.2 * shape.height + (two.words[0].x1 - two.words[0].x0) > limit - 0.1 * shape.height


def _aligned(one: Piece, two: Piece, height: float) -> bool:
    """Both lines begin (with a hanging indent), end or are centred alike."""
    return (
        -0.5 * height <= two.x0 - one.x0 <= 3 * height
        or abs(two.x1 - one.x1) < 0.3 * height
        or abs(two.x1 + two.x0 - one.x1 - one.x0) < 0.6 * height
    )


def _join_half_rows(chains: list[list[Piece]], rows: list[Row], shape: Shape) -> None:
    """Anchors of different columns near each other are one row: much nearer than rows are, or a code beside the first
    line and numbers beside a later line of one paragraph."""
    i = 0
    while i + 1 < len(rows):
        one, two = rows[i], rows[i + 1]
        apart = not {p.column for p in one.pieces} & {p.column for p in two.pieces}
        codes = all(p.column in shape.codes for p in one.pieces) and not any(
            p.column in shape.codes for p in two.pieces
        )
        step = two.low - one.high
        near = step < 0.45 * shape.pitch
        if apart and (near or (codes and step < 2.2 * shape.height and _linked(chains, one, two, shape.height))):
            one.pieces.extend(two.pieces)
            one.high = two.high
            del rows[i + 1]
        else:
            i += 1


def _linked(chains: list[list[Piece]], one: Row, two: Row, height: float) -> bool:
    return any(
        any(_anchor_of(piece, [one], height) for piece in chain)
        and any(_anchor_of(piece, [two], height) for piece in chain)
        for chain in chains
    )


def whole_columns(pieces: Sequence[Piece]) -> frozenset[int]:
    """Text columns of a band whose lines run on evenly past the rows beside them: one merged cell each."""
    shape = shape_of(pieces)
    numbers = [p.base for p in pieces if p.column in shape.numbers or p.column in shape.codes]
    gaps = [
        g for c in shape.numbers for g in _gaps([p for p in pieces if p.column == c]) if g > SAME_ROW * shape.height
    ]
    columns: dict[int, list[Piece]] = defaultdict(list)
    for piece in pieces:
        if piece.column not in shape.numbers and piece.column not in shape.codes:
            columns[piece.column].append(piece)
    result: set[int] = set()
    for column, held in columns.items():
        steps = _gaps(held)
        even = len(steps) >= 2 and max(steps) <= WRAP * min(steps) + 0.3
        longer = bool(numbers) and bool(gaps) and min(gaps) > 1.6 * max(steps, default=1e9)
        if even and longer and sum(held[0].base - 2 <= y <= held[-1].base + 2 for y in numbers) >= 2:
            result.add(column)
    return frozenset(result)


def _mode(chains: list[list[Piece]], rows: list[Row], shape: Shape) -> str:
    """Where the numbers of a row stand beside its wrapped text: top, middle or bottom."""
    votes: Counter[str] = Counter({"top": 1})
    for chain in chains:
        if len(chain) < 2:
            continue
        at = [i for i, piece in enumerate(chain) if _anchor_of(piece, rows, shape.height)]
        if len(at) == 1:
            votes["top" if at[0] == 0 else "bottom" if at[0] == len(chain) - 1 else "middle"] += 1
        elif not at and any(chain[0].base < r.low and r.high < chain[-1].base for r in rows):
            votes["middle"] += 1
    return votes.most_common(1)[0][0]


def _cut_at_anchors(chain: list[Piece], rows: list[Row], shape: Shape, mode: str) -> list[list[Piece]]:
    """A paragraph beside several numbers is several rows' text: cut where each number stands."""
    held = [_anchor_of(piece, rows, shape.height) for piece in chain]
    distinct = {id(r) for r in held if r is not None}
    if len(distinct) < 2:
        return [chain]
    parts: list[list[Piece]] = [[chain[0]]]
    for i in range(1, len(chain)):
        new = held[i] is not None and held[i] is not held[i - 1]
        closed = held[i - 1] is not None and held[i] is not held[i - 1]
        if (mode == "top" and new and any(h is not None for h in held[:i])) or (mode == "bottom" and closed):
            parts.append([chain[i]])
        else:
            parts[-1].append(chain[i])
    return parts


def _row_of(chain: list[Piece], rows: list[Row], shape: Shape, mode: str) -> Row | None:
    """The row of a paragraph: the one whose numbers stand on one of its lines (the first, in doubt)."""
    for piece in chain if mode != "bottom" else reversed(chain):
        row = _anchor_of(piece, rows, shape.height)
        if row is not None:
            return row
    inside = [r for r in rows if chain[0].base < r.low and r.high < chain[-1].base]
    return inside[0] if inside else None


def _place_lonely(lonely: list[list[Piece]], rows: list[Row], shape: Shape) -> None:
    """Paragraphs without a number: beside a row's own lines they are part of it, else rows of their own."""
    for chain in sorted(lonely, key=lambda c: c[0].base):
        first = chain[0].base
        tolerance = SAME_ROW * shape.height
        home = next((r for r in rows if abs(min(p.base for p in r.pieces) - first) <= tolerance), None)
        if home is None:
            spans = [(min(p.base for p in r.pieces), max(p.base for p in r.pieces), r) for r in rows]
            home = next((r for low, high, r in spans if low - tolerance <= first <= high + tolerance), None)
        if home is None:
            rows.append(Row(first, first, list(chain)))
        else:
            home.pieces.extend(chain)
