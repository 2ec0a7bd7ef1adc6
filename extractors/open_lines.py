"""The visual lines of a page as open tables see them: chunks of words, which are numbers, and rows that number columns."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from extractors.columns_of_space import column_of
from extractors.header_rows import is_numbering
from extractors.spoiled import QUANTITY, is_number
from extractors.words_of_space import Word, chunks

LEADERS = re.compile(r"\.{4,}|(?:\. ){4,}|…{2,}|_{5,}")
CAPTION = re.compile(r"(?i)(tabel|table|grafik|gambar|lampiran)\.?\s+[\divxlt]")
NOTE = re.compile(r"(?i)(sumber|source|keterangan|catatan)(\s+data)?\s*:|sumber\s+dari\b")  # stands below a table
BROKEN = re.compile(
    r"\(?\d{1,3}(?:\.\d{3})+\.|\(?\d{1,3}(?:,\d{3})+,"
)  # an amount whose last digits stand on the next line
HALF = re.compile(r"\d{1,2} ?=")
REST = re.compile(r"[\d\s().]*[-+*/x×:=%][-\d\s()+*/x×:%.]*")
LEADING = re.compile(r"\d+")
ALIKE = 2.5  # points: lines of one caption are centred, or begin, this near to each other
CAPTION_LINES = 3
LITTLE = 8.0  # points that the words of a page may reach over a border that the page before has shown


@dataclass(slots=True, eq=False)
class TextLine:
    """A visual line: its words in chunks, their texts, and which chunks are numbers."""

    words: list[Word]
    chunks: list[list[Word]]
    texts: tuple[str, ...]
    numbers: list[int]
    x0: float
    top: float
    x1: float
    bottom: float
    height: float


def text_line(words: list[Word]) -> TextLine:
    parts, first = chunks(words), words[0]
    texts = tuple([" ".join([word.text for word in part]) for part in parts])
    numbers = [i for i, part in enumerate(parts) if _is_quantity(part, texts[i])]
    if numbers and LEADERS.search(" ".join(texts)):
        numbers = []
    top, x1, bottom = min([w.top for w in words]), max([w.x1 for w in words]), max([w.bottom for w in words])
    return TextLine(words, parts, texts, numbers, first.x0, top, x1, bottom, first.height)


def _is_quantity(chunk: list[Word], text: str) -> bool:
    return (
        is_number(text)
        or bool(BROKEN.fullmatch(text))
        or (len(chunk) <= 3 and chunk[0].number and bool(QUANTITY.fullmatch(text)))
    )


def is_seed(line: TextLine) -> bool:
    """The line prints numbers in columns: two apart, or one far behind its label."""
    if len(line.numbers) >= 2:
        return True
    if len(line.numbers) == 1 and line.numbers[0] > 0:
        chunk = line.chunks[line.numbers[0]]
        return chunk[0].gap > 1.2 * line.height
    return False


def is_prose(line: TextLine, x0: float, x1: float) -> bool:
    return len(line.chunks) == 1 and len(line.words) >= 5 and line.x1 - line.x0 > 0.55 * (x1 - x0)


def continues_caption(words: Sequence[Word], above: Sequence[Sequence[Word]]) -> bool:
    """The line goes on with a caption: one of the lines above (nearest first) begins it, centred or set flush left alike."""
    for line in above[:CAPTION_LINES]:
        if CAPTION.match(" ".join(word.text for word in line)):
            centred = abs(words[0].x0 + words[-1].x1 - line[0].x0 - line[-1].x1) < 2 * ALIKE
            return centred or abs(words[0].x0 - line[0].x0) < ALIKE
    return False


def fits(body: list[TextLine], edges: list[float]) -> bool:
    """Nearly every chunk of the body stands within one column, and numbers do not share one."""
    good = every = shared = 0
    for line in body:
        columns = [column_of(edges, (line.chunks[n][0].x0 + line.chunks[n][-1].x1) / 2) for n in line.numbers]
        shared += len(columns) - len(set(columns))
        for chunk in line.chunks:
            over = 1.0 if chunk[-1].number else LITTLE
            first, last = column_of(edges, chunk[0].x0 + 1), column_of(edges, max(chunk[-1].x1 - over, chunk[0].x0 + 1))
            inside = chunk[0].x0 > edges[0] - 4 and chunk[-1].x1 < edges[-1] + 4
            good += first == last and inside
            every += 1
    return every > 0 and not shared and good >= 0.93 * every


def labels_of(line: TextLine) -> list[list[Word]]:
    """The chunks of a line, those that begin with `=` joined to the one before: `11` and `= 10/4*100` are one."""
    result: list[list[Word]] = []
    for chunk in line.chunks:
        if result and chunk[0].text.startswith("="):
            result[-1] = [*result[-1], *chunk]
        else:
            result.append(chunk)
    return result


def _label_texts(line: TextLine) -> tuple[str, ...]:
    """The texts of `labels_of`, without parentheses around them."""
    result: list[str] = []
    for text in line.texts:
        if result and text.startswith("="):
            result[-1] += f" {text}"
        else:
            result.append(text)
    return tuple([text.strip("()") for text in result])


def is_numbered(line: TextLine) -> bool:
    return len(line.chunks) >= 3 and is_numbering(_label_texts(line))


def is_rest(line: TextLine, shape: re.Pattern[str]) -> bool:
    """The line holds nothing but the first (`8 =`) or second (`7/6*100`) halves of wrapped formulas of a numbering row."""
    return all(shape.fullmatch(text) for text in line.texts)


def numbering_of(header: list[TextLine]) -> list[TextLine]:
    """The lines of the numbering row at the foot of a header: one, or more where formulas wrap."""
    at = next((i for i in range(len(header) - 1, max(-1, len(header) - 3), -1) if is_numbered(header[i])), None)
    if at is None or not all(is_rest(line, REST) for line in header[at + 1 :]):
        return []
    return header[at - 1 if at > 0 and is_rest(header[at - 1], HALF) else at :]


def numbers_columns(line: TextLine) -> bool:
    """`1 2 3 4 5=4/3`: a row that numbers four columns or more, one after the other, and so heads a table."""
    if len(line.chunks) < 4:
        return False
    texts = _label_texts(line)
    if len(texts) < 4 or not is_numbering(texts):
        return False
    leading = [int(match.group()) for text in texts if (match := LEADING.match(text))]
    steps = sum(b == a + 1 for a, b in itertools.pairwise(leading))
    return leading[0] == 1 and steps >= 0.8 * (len(texts) - 1)
