"""Writes PDFs of a few lines, so that each rule style can be tested on a page of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

A4 = (595, 842)


@dataclass
class TinyPage:
    """One page; `content` is a PDF content stream, `forms` are named XObjects (name, matrix, content)."""

    content: str
    size: tuple[int, int] = A4
    rotate: int = 0
    crop: tuple[int, int, int, int] | None = None
    forms: list[tuple[str, str, str]] = field(default_factory=list)


def write_pdf(path: Path, *pages: TinyPage | str) -> Path:
    objects: list[bytes] = [b"", b"", b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    kids: list[int] = []
    for page in pages:
        page = TinyPage(page) if isinstance(page, str) else page
        names = ""
        for name, matrix, content in page.forms:
            head = f"/Type /XObject /Subtype /Form /BBox [-5000 -5000 5000 5000] /Matrix [{matrix}]"
            objects.append(_stream(content, head + " /Resources << /Font << /F 3 0 R >> >>"))
            names += f"/{name} {len(objects)} 0 R "
        objects.append(_stream(page.content))
        crop = f"/CropBox [{' '.join(map(str, page.crop))}]" if page.crop else ""
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {page.size[0]} {page.size[1]}] {crop} /Rotate {page.rotate} "
            f"/Contents {len(objects)} 0 R /Resources << /Font << /F 3 0 R >> /XObject << {names} >> >> >>".encode()
        )
        kids.append(len(objects))
    objects[0] = b"<< /Type /Catalog /Pages 2 0 R >>"
    objects[1] = f"<< /Type /Pages /Count {len(kids)} /Kids [{' '.join(f'{k} 0 R' for k in kids)}] >>".encode()
    data, offsets = bytearray(b"%PDF-1.7\n"), []
    for number, body in enumerate(objects, 1):
        offsets.append(len(data))
        data += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    start = len(data)
    data += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    data += b"".join(f"{offset:010d} 00000 n \n".encode() for offset in offsets)
    data += f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()
    path.write_bytes(data)
    return path


def _stream(content: str, head: str = "") -> bytes:
    body = content.encode("latin-1")
    return f"<< {head} /Length {len(body)} >>\nstream\n".encode() + body + b"\nendstream"


def text(x: float, y: float, words: str, size: float = 10, mode: int = 0) -> str:
    """Words at (x, y) from the page's bottom left."""
    escaped = words.replace("(", r"\(").replace(")", r"\)")
    return f"BT /F {size} Tf {mode} Tr 1 0 0 1 {x} {y} Tm ({escaped}) Tj ET\n"


def line(x0: float, y0: float, x1: float, y1: float) -> str:
    return f"{x0} {y0} m {x1} {y1} l S\n"


def bar(x0: float, y0: float, x1: float, y1: float) -> str:
    """A filled rectangle."""
    return f"{x0} {y0} {x1 - x0} {y1 - y0} re f\n"


def grid(xs: list[float], ys: list[float]) -> str:
    """A full grid of stroked rules."""
    return "".join(line(x, ys[0], x, ys[-1]) for x in xs) + "".join(line(xs[0], y, xs[-1], y) for y in ys)


def fill(xs: list[float], ys: list[float], rows: list[list[str]]) -> str:
    """Words into the cells of a grid; `ys` descend, rows from the top; `|` in a cell begins a new line."""
    result = ""
    for top, row in zip(ys, rows, strict=False):
        for x, words in zip(xs, row, strict=False):
            for i, part in enumerate(words.split("|")):
                if part:
                    result += text(x + 3, top - 12 - 11 * i, part)
    return result
