"""Words -> pieces: what one visual line prints in one column."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Sequence

from extractors.columns_of_space import WIDER, column_of
from extractors.spoiled import is_number
from extractors.words_of_space import Word, chunks

OFTEN = 3  # lines that begin at one place show where a column's texts begin
SPAN = 0.25  # a chunk that reaches into a column by this share of the column's text spans it


class Piece:
    """The words of one visual line in one column; `end` is the column behind the last one it spans.

    `x0`, `top`, `x1`, `bottom`, `base` (of the first word) are points. Words are added with `add` alone.
    """

    __slots__ = ("_number", "_text", "base", "bottom", "column", "end", "top", "words", "x0", "x1")

    def __init__(self, column: int, end: int, words: list[Word]) -> None:
        self.column, self.end, self.words = column, end, words
        first = words[0]
        self.x0, self.top, self.x1, self.bottom, self.base = first.x0, first.top, first.x1, first.bottom, first.base
        self._text: str | None = None
        self._number: bool | None = None
        if len(words) > 1:
            self._measure(words[1:])

    def _measure(self, words: Iterable[Word]) -> None:
        for word in words:
            self.top, self.x1 = min(self.top, word.top), max(self.x1, word.x1)
            self.bottom = max(self.bottom, word.bottom)
        self._text = self._number = None

    def add(self, words: Sequence[Word]) -> None:
        """Words that stand behind those it has."""
        self.words.extend(words)
        self._measure(words)

    @property
    def text(self) -> str:
        if self._text is None:
            self._text = " ".join([word.text for word in self.words])
        return self._text

    @property
    def number(self) -> bool:
        if self._number is None:
            self._number = is_number(self.text)
        return self._number


def pieces_of(
    lines: Sequence[Sequence[Word]],
    edges: Sequence[float],
    spans: bool,
    heading: bool = False,
    space: float | None = None,
) -> list[Piece]:
    """The pieces of each line. With `spans`, a chunk of words over several columns stays one piece over all of them;
    with a number in it only in a `heading`. Words of a heading that stand wider apart than words do (`space`), with a
    border between them, are two headings."""
    result: list[Piece] = []
    chunked = [chunks(line) for line in lines]
    begins: frozenset[tuple[int, int]] = _beginnings(chunked, edges) if spans and not heading else frozenset()
    for wholes in chunked:
        open_piece: Piece | None = None
        if heading and space is not None:
            wholes = [part for whole in wholes for part in _headings(whole, edges, space)]
        if begins and len(wholes) > 1:  # a label over several columns stands alone
            wholes = [part for whole in wholes for part in _full_lines(whole, edges, begins)]
        for chunk in (part for whole in wholes for part in _behind_code(whole, edges)):
            for column, end, words in _placed(chunk, edges, spans, heading):
                if open_piece is not None and (open_piece.column, open_piece.end) == (column, end):
                    open_piece.add(words)
                else:
                    open_piece = Piece(column, end, list(words))
                    result.append(open_piece)
    return result


def _beginnings(lines: Sequence[list[list[Word]]], edges: Sequence[float]) -> frozenset[tuple[int, int]]:
    """Columns and places in them (half points) where texts begin in several lines (of chunks)."""
    firsts = [chunk[0] for line in lines for chunk in line if not chunk[0].number]
    seen = Counter((column_of(edges, word.middle), round(2 * word.x0)) for word in firsts)
    return frozenset(at for at, count in seen.items() if at[0] > 0 and count >= OFTEN)


def _full_lines(chunk: list[Word], edges: Sequence[float], begins: frozenset[tuple[int, int]]) -> list[list[Word]]:
    """A text that fills its column, and the one behind it, which begins where the texts of its column do: two texts."""
    parts = [chunk[:1]]
    for two in chunk[1:]:
        column, at = column_of(edges, two.middle), round(2 * two.x0)
        behind = column_of(edges, parts[-1][0].x0 + 1) < column and not two.number
        if behind and any((column, at + off) in begins for off in (-1, 0, 1)):
            parts.append([])
        parts[-1].append(two)
    return parts


def _headings(chunk: list[Word], edges: Sequence[float], space: float) -> list[list[Word]]:
    parts = [chunk[:1]]
    for one, two in itertools.pairwise(chunk):
        if two.gap > WIDER * space and any(one.x1 - 0.5 <= x <= two.x0 + 0.5 for x in edges):
            parts.append([])
        parts[-1].append(two)
    return parts


def _behind_code(chunk: list[Word], edges: Sequence[float]) -> list[list[Word]]:
    """A number and the words close behind it are two where a border stands between them."""
    if len(chunk) > 1 and chunk[0].number:
        border = edges[column_of(edges, chunk[0].x0) + 1]
        if chunk[0].x1 <= border <= chunk[1].x0:
            return [chunk[:1], chunk[1:]]
    return [chunk]


def _placed(chunk: list[Word], edges: Sequence[float], spans: bool, heading: bool) -> list[tuple[int, int, list[Word]]]:
    first, last = column_of(edges, chunk[0].x0 + 1), column_of(edges, chunk[-1].x1 - 1)
    if first == last:
        return [(first, first + 1, chunk)]
    if spans and (heading or not any(word.number for word in chunk[1:])):
        over = [c for c in range(first, last + 1) if _reach(chunk, edges[c], edges[c + 1])]
        if len(over) > 1:
            return [(over[0], over[-1] + 1, chunk)]
        return [(column := over[0] if over else column_of(edges, chunk[0].middle), column + 1, chunk)]
    placed: list[tuple[int, int, list[Word]]] = []
    for word in chunk:
        column = column_of(edges, word.middle)
        if placed and placed[-1][0] == column:
            placed[-1][2].append(word)
        else:
            placed.append((column, column + 1, [word]))
    return placed


def _reach(chunk: list[Word], low: float, high: float) -> bool:
    """The chunk reaches into the column by a fair share of the column's width."""
    inside = min(chunk[-1].x1, high) - max(chunk[0].x0, low)
    return inside >= SPAN * (high - low)
