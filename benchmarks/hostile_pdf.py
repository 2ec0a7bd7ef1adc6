"""PDFs made by hand, byte by byte, and the list of hostile kinds."""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable, Sequence

Dice = random.Random
KINDS: dict[str, Callable[[Dice], bytes]] = {}


def kind(make: Callable[[Dice], bytes]) -> Callable[[Dice], bytes]:
    """A hostile kind, by its name."""
    KINDS[make.__name__] = make
    return make


def pdf(objects: Sequence[bytes], trailer: bytes = b"", offsets: Sequence[int] | None = None) -> bytes:
    """A file of numbered objects, the first one the catalogue; `offsets` overrule the true ones in the xref table."""
    data, true = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), []
    for number, body in enumerate(objects, 1):
        true.append(len(data))
        data += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    start = len(data)
    data += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    data += b"".join(b"%010d 00000 n \n" % (offset % 10**10) for offset in (offsets or true))
    data += b"trailer << /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, trailer, start)
    return bytes(data)


def stream(body: bytes, head: bytes = b"", length: int | None = None) -> bytes:
    return b"<< %s /Length %d >>\nstream\n" % (head, len(body) if length is None else length) + body + b"\nendstream"


def flate(body: bytes, head: bytes = b"") -> bytes:
    return stream(zlib.compress(body, 9), head + b" /Filter /FlateDecode")


def page(
    content: bytes, extra: bytes = b"", box: bytes = b"[0 0 595 842]", more: Sequence[bytes] = (), catalogue: bytes = b"",
    resources: bytes = b"", trailer: bytes = b"",
) -> bytes:  # fmt: skip
    """One page with a font /F; `content` is a whole stream object; further objects count from 6."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R %s >>" % catalogue,
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox %s /Contents 5 0 R %s /Resources << /Font << /F 4 0 R >> %s >> >>"
        % (box, extra, resources),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        content,
    ]
    return pdf([*objects, *more], trailer)


def words(x: float, y: float, text: str, size: float = 8) -> bytes:
    safe = text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
    return f"BT /F {size} Tf 1 0 0 1 {x} {y} Tm ({safe}) Tj ET\n".encode("latin-1", "replace")


def table(dice: Dice, rows: int = 6, columns: int = 4) -> bytes:
    """A ruled table of amounts whose last row is their sum."""
    amounts = [[dice.randrange(10**6, 10**9) for _ in range(columns - 1)] for _ in range(rows - 2)]
    sums = [sum(column) for column in zip(*amounts, strict=True)]
    lines = [["Uraian", *(f"Anggaran {2020 + n} (Rp)" for n in range(columns - 1))]]
    lines += [[f"Kegiatan {n}", *(f"{a:,}".replace(",", ".") for a in row)] for n, row in enumerate(amounts)]
    lines += [["Jumlah", *(f"{a:,}".replace(",", ".") for a in sums)]]
    width, out = 500 // columns, b""
    for n in range(rows + 1):
        out += b"40 %d m %d %d l S\n" % (760 - 20 * n, 40 + width * columns, 760 - 20 * n)
    for n in range(columns + 1):
        out += b"%d 760 m %d %d l S\n" % (40 + width * n, 40 + width * n, 760 - 20 * rows)
    for r, line in enumerate(lines):
        for c, text in enumerate(line):
            out += words(44 + width * c, 746 - 20 * r, text)
    return out


def plain(dice: Dice) -> bytes:
    return page(stream(table(dice, dice.randrange(4, 12))))
