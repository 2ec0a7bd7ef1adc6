"""Changes how a PDF is drawn and not what it says: rules dropped, broken into pieces or dashed, glyphs shuffled, pages
scaled, turned, shifted, shaded, framed or watermarked. For metamorphic tests: the same facts must come out.

Needs pikepdf (MPL-2.0). Coordinates are PDF user space (points, origin at the bottom left) unless said otherwise.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pikepdf
from pikepdf import Array, ContentStreamInstruction, Dictionary, Name, Operator

from extractors.drawing import THIN
from extractors.placement import IDENTITY, Matrix, times

Box = tuple[float, float, float, float]
Point = tuple[float, float]
Keep = Callable[[bool, Box], bool]  # (is it horizontal, its box on the page) -> stays
Step = tuple[list[Any], str]  # operands and operator

FILLS, STROKES = {"f", "F", "f*", "B", "B*", "b", "b*"}, {"S", "s", "B", "B*", "b", "b*"}
PAINTS = FILLS | STROKES | {"n"}


@dataclass
class Walk:
    """State of one walk over a content stream: which rules stay, and how long pieces and gaps of broken rules are."""

    keep: Keep
    piece: float = 0.0  # points; 0: rules stay whole
    gap: float = 0.0
    areas: bool = True  # coloured areas stay
    done: set[tuple[int, int]] = field(default_factory=set)  # forms already rewritten


def change_rules(
    pdf: pikepdf.Pdf, keep: Callable[[int], Keep], piece: float = 0.0, gap: float = 0.0, areas: bool = True
) -> None:
    """Rewrites the pages with those rules (strokes, thin fills) that `keep(page number)` lets stay, `areas` or none."""
    for number, page in enumerate(pdf.pages, start=1):
        walk = Walk(keep(number), piece, gap, areas)
        steps = _rewritten(pdf, page, page.get("/Resources", Dictionary()), IDENTITY, walk)
        page.Contents = pdf.make_stream(pikepdf.unparse_content_stream(steps))


def _rewritten(pdf: pikepdf.Pdf, stream: Any, resources: Any, matrix: Matrix, walk: Walk) -> list[Any]:
    result: list[Any] = []
    stack: list[Matrix] = []
    path: list[Step] = []
    clip = False
    for step in pikepdf.parse_content_stream(stream):
        name = str(step.operator)
        if name == "q":
            stack.append(matrix)
        elif name == "Q" and stack:
            matrix = stack.pop()
        elif name == "cm":
            matrix = times(_six(step.operands), matrix)
        elif name in ("m", "l", "c", "v", "y", "re", "h"):
            path.append((list(step.operands), name))
            continue
        elif name in ("W", "W*"):
            clip = True
            path.append(([], name))
            continue
        elif name in PAINTS:
            path.append(([], name))
            result.extend(_steps(path if clip or name == "n" else _painted(path, matrix, walk)))
            path, clip = [], False
            continue
        elif name == "Do":
            _into_form(pdf, resources, step.operands[0], matrix, walk)
        result.append(step)
    return result


def _into_form(pdf: pikepdf.Pdf, resources: Any, name: Any, matrix: Matrix, walk: Walk) -> None:
    form = resources.get("/XObject", Dictionary()).get(str(name))
    if form is None or form.get("/Subtype") != "/Form" or form.objgen in walk.done:
        return
    walk.done.add(form.objgen)
    own = times(_six(form.get("/Matrix", Array([1, 0, 0, 1, 0, 0]))), matrix)
    steps = _rewritten(pdf, form, form.get("/Resources", resources), own, walk)
    form.write(pikepdf.unparse_content_stream(steps))


def _six(operands: Iterable[Any]) -> Matrix:
    a, b, c, d, e, f = (float(v) for v in operands)
    return (a, b, c, d, e, f)


def _steps(path: Iterable[Step]) -> Iterator[ContentStreamInstruction]:
    return (ContentStreamInstruction(_numbers(operands), Operator(name)) for operands, name in path)


def _numbers(operands: Iterable[Any]) -> list[Any]:
    return [Decimal(str(round(v, 4))) if isinstance(v, float) else v for v in operands]


def _subpaths(path: list[Step]) -> Iterator[list[Step]]:
    part: list[Step] = []
    for operands, name in path:
        if name in ("m", "re") and part:
            yield part
            part = []
        part.append((operands, name))
        if name == "re":
            yield part
            part = []
    if part:
        yield part


def _corners(part: list[Step], close: bool) -> list[Point] | None:
    """The corners of a subpath of straight lines; None where it has curves."""
    points: list[Point] = []
    for operands, name in part:
        values = [float(v) for v in operands]
        if name == "re":
            x, y, w, h = values
            return [(x, y), (x + w, y), (x + w, y + h), (x, y + h), (x, y)]
        if name in ("m", "l"):
            points.append((values[0], values[1]))
        elif name == "h":
            close = True
        else:
            return None
    return [*points, points[0]] if close and points else points


def _painted(path: list[Step], matrix: Matrix, walk: Walk) -> list[Step]:
    paint = path[-1][1]
    filled: list[Step] = []
    stroked: list[Step] = []
    for part in _subpaths(path[:-1]):
        corners = _corners(part, paint in ("s", "b", "b*"))
        if corners is None:
            filled += part if paint in FILLS else []
            stroked += part if paint in STROKES else []
            continue
        if paint in FILLS:
            filled += _area(part, corners, matrix, walk)
        if paint in STROKES:
            for one, two in itertools.pairwise(corners):
                stroked += _line(one, two, matrix, walk)
    result = [*filled, ([], "f*" if "*" in paint else "f")] if filled else []
    return result + ([*stroked, ([], "S")] if stroked else [])


def _on_page(points: Iterable[Point], matrix: Matrix) -> Box:
    a, b, c, d, e, f = matrix
    placed = [(a * x + c * y + e, b * x + d * y + f) for x, y in points]
    xs, ys = [p[0] for p in placed], [p[1] for p in placed]
    return min(xs), min(ys), max(xs), max(ys)


def _area(part: list[Step], corners: list[Point], matrix: Matrix, walk: Walk) -> list[Step]:
    box = _on_page(corners, matrix)
    wide, high = box[2] - box[0], box[3] - box[1]
    if min(wide, high) > THIN:
        return part if walk.areas else []
    if not walk.keep(wide >= high, box):
        return []
    if not walk.piece:
        return part
    xs, ys = [p[0] for p in corners], [p[1] for p in corners]
    x, y, w, h = min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)
    level, scale = w >= h, math.hypot(matrix[0], matrix[1]) or 1.0
    pieces = _cut(w if level else h, walk, scale)
    return [([x + a, y, b - a, h], "re") if level else ([x, y + a, w, b - a], "re") for a, b in pieces]


def _line(one: Point, two: Point, matrix: Matrix, walk: Walk) -> list[Step]:
    box = _on_page((one, two), matrix)
    wide, high = box[2] - box[0], box[3] - box[1]
    whole: list[Step] = [([*one], "m"), ([*two], "l")]
    if min(wide, high) > THIN:
        return whole
    if not walk.keep(wide >= high, box):
        return []
    if not walk.piece:
        return whole
    length, scale = math.dist(one, two), math.hypot(matrix[0], matrix[1]) or 1.0
    steps: list[Step] = []
    for a, b in _cut(length, walk, scale):
        for at, name in ((a, "m"), (b, "l")):
            share = at / length if length else 0.0
            steps.append(([one[0] + share * (two[0] - one[0]), one[1] + share * (two[1] - one[1])], name))
    return steps


def _cut(length: float, walk: Walk, scale: float) -> list[tuple[float, float]]:
    piece, step = walk.piece / scale, (walk.piece + walk.gap) / scale
    count = max(1, math.ceil(length / step))
    return [(i * step, min(i * step + piece, length)) for i in range(min(count, 400))]


def wrap(pdf: pikepdf.Pdf, page: Any, before: bytes, after: bytes = b"", box: Box | None = None) -> None:
    """Content put before and behind a page's own, which is closed off in `q ... Q`; `box` becomes its media box."""
    page.contents_add(pdf.make_stream(b"q " + before + b"\n"), prepend=True)
    page.contents_add(pdf.make_stream(b"\nQ " + after))
    if box is not None:
        for key in ("/CropBox", "/TrimBox", "/BleedBox", "/ArtBox"):
            if key in page:
                del page[key]
        page.MediaBox = Array([round(v, 3) for v in box])


def page_box(page: Any) -> Box:
    """The crop box, normalised."""
    x0, y0, x1, y1 = (float(v) for v in (page.cropbox or page.mediabox))
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def scale(pdf: pikepdf.Pdf, factor: float) -> None:
    for page in pdf.pages:
        box = page_box(page)
        wrap(pdf, page, b"%f 0 0 %f 0 0 cm" % (factor, factor), box=tuple(v * factor for v in box))  # type: ignore[arg-type]


def shift(pdf: pikepdf.Pdf, dx: float = -113.0, dy: float = 57.0) -> None:
    """The same page about another origin."""
    for page in pdf.pages:
        x0, y0, x1, y1 = page_box(page)
        wrap(pdf, page, b"1 0 0 1 %f %f cm" % (dx, dy), box=(x0 + dx, y0 + dy, x1 + dx, y1 + dy))


def turn(pdf: pikepdf.Pdf, told: bool) -> None:
    """Content turned by a quarter; with `told` the page's /Rotate turns it back, so that it looks as before."""
    for page in pdf.pages:
        x0, y0, x1, y1 = page_box(page)
        wrap(pdf, page, b"0 1 -1 0 %f %f cm" % (y1, -x0), box=(0, 0, y1 - y0, x1 - x0))
        if told:
            page.Rotate = (int(page.get("/Rotate", 0)) + 90) % 360


def write_over(pdf: pikepdf.Pdf, degrees: float, word: str, size: float, gray: float = 0.8) -> None:
    """A word across every page, below the text."""
    for page in pdf.pages:
        x0, y0, x1, y1 = page_box(page)
        angle = math.radians(degrees - int(page.get("/Rotate", 0)) * -1)
        wide = 0.5 * size * len(word)
        x = (x0 + x1) / 2 - 0.5 * wide * math.cos(angle)
        y = (y0 + y1) / 2 - 0.5 * wide * math.sin(angle)
        _add_font(page)
        c, s = math.cos(angle), math.sin(angle)
        text = (
            f"q {gray} g BT /LumbungMark {size} Tf {c:.5f} {s:.5f} {-s:.5f} {c:.5f} {x:.2f} {y:.2f} Tm ({word}) Tj ET Q"
        )
        page.contents_add(pdf.make_stream(b"q\n"), prepend=True)
        page.contents_add(pdf.make_stream(b"\nQ " + text.encode()))


def _add_font(page: Any) -> None:
    resources = page.obj.get("/Resources")
    resources = Dictionary(resources) if resources is not None else Dictionary()
    fonts = Dictionary(resources.get("/Font", Dictionary()))
    fonts["/LumbungMark"] = Dictionary(
        Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica, Encoding=Name.WinAnsiEncoding
    )
    resources["/Font"] = fonts
    page.obj["/Resources"] = resources


def run_heads(pdf: pikepdf.Pdf) -> None:
    """A running head, a page number and a border around everything (upright pages only)."""
    for number, page in enumerate(pdf.pages, start=1):
        x0, y0, x1, y1 = page_box(page)
        _add_font(page)
        head = f"BT /LumbungMark 8 Tf {x0 + 40} {y1 - 14} Td (Dokumen Perencanaan Perangkat Daerah Tahun 2024) Tj ET"
        foot = f"BT /LumbungMark 8 Tf {x1 - 110} {y0 + 9} Td (Halaman {number} dari {len(pdf.pages)}) Tj ET"
        frame = f"1 w {x0 + 4} {y0 + 4} {x1 - x0 - 8} {y1 - y0 - 8} re S"
        wrap(pdf, page, b"", f"q 0 g 0 G {head} {foot} {frame} Q".encode())


def shade(pdf: pikepdf.Pdf, boxes: dict[int, list[Box]]) -> None:
    """Gray areas below the text; boxes by page number, in user space."""
    for number, page in enumerate(pdf.pages, start=1):
        areas = b" ".join(b"%f %f %f %f re f" % (a, b, c - a, d - b) for a, b, c, d in boxes.get(number, []))
        page.contents_add(pdf.make_stream(b"q 0.85 g " + areas + b" Q\n"), prepend=True)
