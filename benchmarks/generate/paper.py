"""Lays a document out on pages: wrapped text, header cells with spans, rows over page ends; drawn with a pen."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

from benchmarks.generate.pens import Pen, open_pen
from benchmarks.generate.tables import Col, Doc, Row, TableSpec

A4, F4 = (595.0, 842.0), (612.0, 936.0)
PAD = 2.0


@dataclass
class Look:
    """How the pages look. `rules`: lines, rects, bars, rows (horizontal only), dotted rows none."""

    producer: str = "reportlab"
    paper: tuple[float, float] = A4
    landscape: bool = True
    rotated: bool = False
    font: str = "Helvetica"
    size: float = 7.0
    rules: str = "lines"
    shaded: bool = False
    cut_rows: bool = False
    number_align: str = "right"
    margin: float = 36.0
    middle: bool = False  # key cells centred from top to bottom

    @classmethod
    def choose(cls, rng: random.Random, landscape: bool = True) -> Look:
        return cls(
            producer=rng.choice(["reportlab", "reportlab", "fpdf2"]),
            paper=rng.choice([A4, F4]),
            landscape=landscape,
            rotated=rng.random() < 0.12,
            font=rng.choice(["Helvetica", "Times-Roman", "Helvetica"]),
            size=rng.choice([6.0, 6.5, 7.0, 7.5]) if landscape else rng.choice([8.0, 9.0]),
            rules=rng.choice(["lines", "lines", "rects", "bars"]),
            shaded=rng.random() < 0.5,
            cut_rows=rng.random() < 0.3,
            number_align=rng.choice(["right", "right", "center"]),
            middle=rng.random() < 0.3,
        )


@dataclass
class _Box:
    """A cell to draw: place in points from the page's top left, lines of text."""

    x: float
    width: float
    lines: list[str]
    align: str
    bold: bool = False
    shaded: bool = False
    open_below: bool = False
    open_above: bool = False


class Paper:
    """Draws one document."""

    def __init__(self, path: Path, look: Look) -> None:
        self.look = look
        width, height = look.paper
        self.width, self.height = (height, width) if look.landscape else (width, height)
        self.pen: Pen = open_pen(path, look.producer, self.width, self.height, look.rotated)
        self.leading = look.size * 1.2
        self.y = look.margin
        self.pages = 0
        self._new_page()

    def _new_page(self) -> None:
        self.pen.page()
        self.pages += 1
        self.y = self.look.margin

    @property
    def bottom(self) -> float:
        return self.height - self.look.margin

    def draw(self, doc: Doc) -> None:
        """The whole document; closes the file."""
        self.y = self.height * 0.25
        for text in doc.cover:
            for line in self._wrap(text, self.width - 2 * self.look.margin, 14, True):
                self._text_line(line, 14, bold=True, centred=True)
        self._new_page()
        for part in doc.parts:
            if isinstance(part, TableSpec):
                self._table(part)
            else:
                self._paragraph(part)
        self.pen.close()

    def _text_line(self, text: str, size: float, bold: bool = False, centred: bool = False) -> None:
        if self.y + size * 1.4 > self.bottom:
            self._new_page()
        x = self.look.margin
        if centred:
            x = max(self.look.margin, (self.width - self.pen.text_width(text, self.look.font, size, bold)) / 2)
        self.y += size * 1.4
        self.pen.text(x, self.y, text, self.look.font, size, bold)

    def _paragraph(self, text: str) -> None:
        for line in self._wrap(text, self.width - 2 * self.look.margin, 10, False):
            self._text_line(line, 10)
        self.y += 6

    def _wrap(self, text: str, width: float, size: float, bold: bool) -> list[str]:
        lines: list[str] = []
        for piece in text.split("\n"):
            line = ""
            for word in piece.split(" "):
                trial = f"{line} {word}" if line else word
                if self.pen.text_width(trial, self.look.font, size, bold) <= width:
                    line = trial
                    continue
                if line:
                    lines.append(line)
                line = word
                while self.pen.text_width(line, self.look.font, size, bold) > width and len(line) > 1:
                    fit = self._fitting(line, width, size, bold)
                    lines.append(line[:fit])
                    line = line[fit:]
            lines.append(line)
        return lines

    def _fitting(self, word: str, width: float, size: float, bold: bool) -> int:
        """How many characters of a word go on one line, broken after a mark where there is one."""
        fit = len(word)
        while fit > 1 and self.pen.text_width(word[:fit], self.look.font, size, bold) > width:
            fit -= 1
        marks = [i + 1 for i, c in enumerate(word[:fit]) if c in "/.,-"]
        return marks[-1] if marks and marks[-1] > 1 else fit

    # --- tables

    def _table(self, spec: TableSpec) -> None:
        for text in spec.caption:
            for line in self._wrap(text, self.width - 2 * self.look.margin, 10, True):
                self._text_line(line, 10, bold=True, centred=True)
        self.y += 4
        total = sum(c.width for c in spec.cols)
        scale = (self.width - 2 * self.look.margin) / total
        edges = [self.look.margin]
        for col in spec.cols:
            edges.append(edges[-1] + col.width * scale)
        titles = [Row(texts={0: t}, spans={0: len(spec.cols)}, bold=True) for t in spec.titles]
        header = self._header_rows(spec, edges)
        if self.y + sum(h for h, _ in header) + 3 * self.leading > self.bottom:
            self._new_page()
        for row in titles:
            self._body_row(spec, row, edges, header, False)
        self._header(header, spec)
        self._numbering(spec, edges)
        for number, row in enumerate(spec.rows):
            following = spec.rows[number + 1] if number + 1 < len(spec.rows) else None
            self._body_row(spec, row, edges, header, True, following)
        self.y += 14

    def _header_rows(self, spec: TableSpec, edges: list[float]) -> list[tuple[float, list[tuple[_Box, int]]]]:
        """(height, boxes with the number of rows that they cover) of each header row."""
        depth = max(len(c.path) for c in spec.cols)
        rows: list[list[tuple[_Box, int]]] = [[] for _ in range(depth)]
        for level in range(depth):
            index = 0
            while index < len(spec.cols):
                path = spec.cols[index].path
                end = index + 1
                while end < len(spec.cols) and len(path) > level and _together(spec.cols[end], path, level):
                    end += 1
                if len(path) > level:
                    down = depth - level if len(path) == level + 1 else 1
                    width = edges[end] - edges[index]
                    lines = self._wrap(path[level], width - 2 * PAD, self.look.size, True)
                    rows[level].append((_Box(edges[index], width, lines, "center", True, self.look.shaded), down))
                index = end
        heights = [self.leading + 2 * PAD] * depth
        for level, boxes in enumerate(rows):
            for box, down in boxes:
                if down == 1:
                    heights[level] = max(heights[level], len(box.lines) * self.leading + 2 * PAD)
        for level, boxes in enumerate(rows):
            for box, down in boxes:
                missing = len(box.lines) * self.leading + 2 * PAD - sum(heights[level : level + down])
                heights[-1] += max(0.0, missing)
        return list(zip(heights, rows, strict=True))

    def _header(self, header: list[tuple[float, list[tuple[_Box, int]]]], spec: TableSpec) -> None:
        for level, (height, boxes) in enumerate(header):
            for box, down in boxes:
                self._box(box, self.y, sum(h for h, _ in header[level : level + down]), True)
            self.y += height

    def _numbering(self, spec: TableSpec, edges: list[float]) -> None:
        if spec.numbering is None:
            return
        boxes = []
        index = 0
        while index < len(spec.cols):
            end = index + 1
            while end < len(spec.cols) and spec.numbering[end] == spec.numbering[index]:
                end += 1
            lines = self._wrap(spec.numbering[index], edges[end] - edges[index] - 2 * PAD, self.look.size, False)
            boxes.append(_Box(edges[index], edges[end] - edges[index], lines, "center", False, self.look.shaded))
            index = end
        self._draw_row(boxes)

    def _draw_row(self, boxes: list[_Box], height: float | None = None) -> None:
        height = height or max(max(len(b.lines) for b in boxes) * self.leading + 2 * PAD, self.leading + 2 * PAD)
        for box in boxes:
            self._box(box, self.y, height)
        self.y += height

    def _body_row(
        self,
        spec: TableSpec,
        row: Row,
        edges: list[float],
        header: list[tuple[float, list[tuple[_Box, int]]]],
        may_break: bool,
        following: Row | None = None,
    ) -> None:
        boxes = self._row_boxes(spec, row, edges, following)
        lines = max(len(b.lines) for b in boxes)
        room = int((self.bottom - self.y - 2 * PAD) // self.leading)
        if lines <= room or not may_break:
            self._draw_row(boxes)
            return
        if self.look.cut_rows and room >= 1 and lines > 1:
            self._draw_row([self._piece(b, 0, room) for b in boxes])
            boxes = [self._piece(b, room, 999) for b in boxes]
        self._continue_page(spec, edges, header)
        self._draw_row(boxes)

    def _piece(self, box: _Box, first: int, last: int) -> _Box:
        return _Box(
            box.x, box.width, box.lines[first:last], box.align, box.bold, box.shaded, box.open_below, box.open_above
        )

    def _continue_page(
        self, spec: TableSpec, edges: list[float], header: list[tuple[float, list[tuple[_Box, int]]]]
    ) -> None:
        self._new_page()
        if spec.repeat == "header":
            self._header(header, spec)
        if spec.repeat in ("header", "numbering"):
            self._numbering(spec, edges)

    def _row_boxes(self, spec: TableSpec, row: Row, edges: list[float], following: Row | None) -> list[_Box]:
        boxes = []
        index = 0
        while index < len(spec.cols):
            covered = row.spans.get(index, 1)
            col = spec.cols[index]
            text = row.texts.get(index, "")
            align = "left" if col.kind in ("name", "indicator", "text") else "center"
            if index in row.values:
                text = "\n".join(v.raw for v in row.values[index])
                align = self.look.number_align
            width = edges[index + covered] - edges[index]
            lines = self._wrap(text, width - 2 * PAD, self.look.size, row.bold) if text else []
            box = _Box(edges[index], width, lines, align, row.bold)
            box.open_above = index in row.down
            box.open_below = following is not None and index in following.down
            boxes.append(box)
            index += covered
        return boxes

    def _box(self, box: _Box, top: float, height: float, header: bool = False) -> None:
        look = self.look
        if box.shaded:
            self.pen.fill(box.x, top, box.width, height, 0.85)
        self._rules(box, top, height, header)
        y = top + PAD
        used = len(box.lines) * self.leading
        if header or (look.middle and not box.open_below):
            y = top + max(PAD, (height - used) / 2)
        for line in box.lines:
            y += self.leading
            width = self.pen.text_width(line, look.font, look.size, box.bold)
            x = box.x + PAD
            if box.align == "center":
                x = box.x + (box.width - width) / 2
            elif box.align == "right":
                x = box.x + box.width - PAD - width
            self.pen.text(x, y - 0.25 * look.size, line, look.font, look.size, box.bold)

    def _rules(self, box: _Box, top: float, height: float, header: bool) -> None:
        left, right, bottom = box.x, box.x + box.width, top + height
        kind = self.look.rules
        if kind == "rects" and not box.open_above and not box.open_below:
            self.pen.rect(left, top, box.width, height)
            return
        sides = []
        if not box.open_above:
            sides.append((left, top, right, top))
        if not box.open_below:
            sides.append((left, bottom, right, bottom))
        if kind != "rows":
            sides += [(left, top, left, bottom), (right, top, right, bottom)]
        for x0, y0, x1, y1 in sides:
            if kind == "bars":
                self.pen.fill(x0, y0, max(x1 - x0, 0.5), max(y1 - y0, 0.5), 0.0)
            else:
                self.pen.line(x0, y0, x1, y1)


def _together(other: Col, path: tuple[str, ...], level: int) -> bool:
    return other.path[: level + 1] == path[: level + 1]
