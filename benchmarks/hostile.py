"""PDFs as strangers may send them: 34 kinds, each in as many variants as there are seeds.

    python benchmarks/hostile.py OUT_FOLDER [VARIANTS]

Every file is made from bytes here, small enough to be uploaded by anyone (under 1 MiB but for a few), and the same for
the same seed.
"""

from __future__ import annotations

import io
import random
import sys
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

Dice = random.Random
KINDS: dict[str, Callable[[Dice], bytes]] = {}


def kind(make: Callable[[Dice], bytes]) -> Callable[[Dice], bytes]:
    KINDS[make.__name__] = make
    return make


def write_all(folder: Path, variants: int = 10, kinds: Sequence[str] | None = None) -> list[Path]:
    """Write every kind in `variants` variants as `<kind>-<n>.pdf`."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for name in kinds or KINDS:
        for seed in range(variants):
            path = folder / f"{name}-{seed}.pdf"
            path.write_bytes(KINDS[name](Dice(f"{name}{seed}")))
            files.append(path)
    return files


# -- making PDFs by hand --------------------------------------------------------------------------


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


# -- files that are no whole PDF --------------------------------------------------------------------------


@kind
def truncated(dice: Dice) -> bytes:
    whole = plain(dice)
    return whole[: dice.randrange(8, len(whole) - 1)]


@kind
def empty(dice: Dice) -> bytes:
    return b"\n" * dice.choice([0, 0, 1, 1023, 1024, 4096])


@kind
def html(dice: Dice) -> bytes:
    return b" " * dice.randrange(50) + b"<!DOCTYPE html><title>404</title>%PDF" + b"<p>x</p>" * dice.randrange(500)


@kind
def noise(dice: Dice) -> bytes:
    return b"%PDF-1.5\n" + dice.randbytes(dice.randrange(100, 60_000))


@kind
def header_only(dice: Dice) -> bytes:
    return b"%PDF-1." + bytes([dice.randrange(48, 58)]) + b"\n" * dice.randrange(3) + b"%%EOF" * dice.randrange(3)


@kind
def zip_with_header(dice: Dice) -> bytes:
    return b"PK\x03\x04" + dice.randbytes(200) + b"%PDF-1.4\n" + dice.randbytes(dice.randrange(2000)) + plain(dice)


@kind
def zeros_between(dice: Dice) -> bytes:
    whole = bytearray(plain(dice))
    for _ in range(dice.randrange(1, 40)):
        at = dice.randrange(len(whole))
        whole[at:at] = bytes(dice.randrange(1, 50))
    return bytes(whole)


@kind
def two_in_one(dice: Dice) -> bytes:
    return plain(dice) + dice.randbytes(dice.randrange(100)) + plain(dice)


# -- structures that lie --------------------------------------------------------------------------


@kind
def broken_xref(dice: Dice) -> bytes:
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"]
    objects += [b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R >>", stream(table(dice))]
    return pdf(objects, offsets=[dice.choice([0, 1, 9, 10**9, dice.randrange(3000)]) for _ in objects])


@kind
def cyclic_pages(dice: Dice) -> bytes:
    kids = b" ".join(b"%d 0 R" % dice.choice([1, 2, 3]) for _ in range(dice.randrange(1, 30)))
    tree = b"<< /Type /Pages /Parent 3 0 R /Kids [%s] /Count %d >>" % (kids, dice.choice([1, 5, 10**6, -1]))
    return pdf([b"<< /Type /Catalog /Pages 2 0 R >>", tree, tree])


@kind
def deep_pages(dice: Dice) -> bytes:
    depth = dice.choice([100, 1500, 6000, 20_000])
    tree = [b"<< /Type /Pages /Kids [%d 0 R] /Count 1 /Parent %d 0 R >>" % (n + 3, n + 1) for n in range(depth)]
    return pdf([b"<< /Type /Catalog /Pages 2 0 R >>", *tree, b"<< /Type /Page /MediaBox [0 0 100 100] >>"])


@kind
def count_lies(dice: Dice) -> bytes:
    pages = b"<< /Type /Pages /Kids [3 0 R %s] /Count %d >>" % (
        b"99 0 R " * dice.randrange(5),
        dice.choice([0, -5, 10**6, 2**31 - 1, 2**31, 10**12]),
    )
    leaf = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R >>"
    return pdf([b"<< /Type /Catalog /Pages 2 0 R >>", pages, leaf, stream(table(dice))])


@kind
def xref_circle(dice: Dice) -> bytes:
    whole = plain(dice)
    at = whole.rindex(b"xref\n0")
    return whole.replace(b"/Root 1 0 R", b"/Root 1 0 R /Prev %d /XRefStm %d" % (at, dice.choice([at, 0, 10**9])))


@kind
def object_streams_in_a_circle(dice: Dice) -> bytes:
    body = b"1 0 2 0 3 0 << /Type /Catalog /Pages 2 0 R >>"
    head = b"/Type /ObjStm /N %d /First %d /Extends 5 0 R" % (dice.choice([3, 10**9, -1]), dice.choice([12, 10**9, -4]))
    return page(stream(table(dice)), more=[stream(body, head), stream(body, head.replace(b"5 0", b"6 0"))])


@kind
def length_lies(dice: Dice) -> bytes:
    length = dice.choice([0, -1, 5, 10**6, 2**31 - 1, 2**63])
    return page(stream(table(dice), length=length))


@kind
def deep_nesting(dice: Dice) -> bytes:
    depth = dice.choice([500, 5000, 100_000, 400_000])
    opening, closing = dice.choice([(b"[", b"]"), (b"<< /A ", b">>"), (b"(", b")")])
    return page(stream(table(dice)), extra=b"/X " + opening * depth + closing * depth)


@kind
def references_in_a_circle(dice: Dice) -> bytes:
    more = [b"7 0 R", b"6 0 R"]
    return page(b"6 0 R", box=dice.choice([b"6 0 R", b"[0 0 6 0 R 7 0 R]"]), extra=b"/Rotate 7 0 R", more=more)


# -- too much --------------------------------------------------------------------------


def _blank(mebibytes: int) -> bytes:
    squeezer = zlib.compressobj(9)
    return b"".join(squeezer.compress(b" " * 2**20) for _ in range(mebibytes)) + squeezer.flush()


@kind
def decompression_bomb(dice: Dice) -> bytes:
    size = dice.choice([300, 1000, 3000])
    twice = zlib.compress(_blank(size), 9)
    return page(stream(twice, b"/Filter [/FlateDecode /FlateDecode]"))


@kind
def bomb_of_pages(dice: Dice) -> bytes:
    content = flate(b"0 0 1 1 re f\n" * 400_000)
    return page(content, extra=b"/Contents [" + b"5 0 R " * dice.choice([50, 500]) + b"]")


@kind
def image_bomb(dice: Dice) -> bytes:
    side = dice.choice([20_000, 60_000, 2**31 - 1])
    head = b"/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceRGB /BitsPerComponent 8" % (
        side,
        side,
    )
    return page(
        stream(b"595 0 0 842 0 0 cm /I Do"), resources=b"/XObject << /I 6 0 R >>", more=[flate(bytes(10**6), head)]
    )


@kind
def rectangles(dice: Dice) -> bytes:
    boxes = b"".join(
        b"%d %d %d %d re %s\n"
        % (dice.randrange(595), dice.randrange(842), dice.randrange(1, 90), dice.randrange(1, 30), how)
        for how in [dice.choice([b"S", b"f", b"B"])] * 60_000
    )
    return page(flate(boxes))


@kind
def thousands_of_cells(dice: Dice) -> bytes:
    rows, columns = dice.choice([(300, 200), (1000, 60), (60, 1000)])
    lines = b"".join(b"20 %.3f m 575 %.3f l S\n" % (y, y) for y in (20 + 800 * n / rows for n in range(rows + 1)))
    lines += b"".join(
        b"%.3f 20 m %.3f 820 l S\n" % (x, x) for x in (20 + 555 * n / columns for n in range(columns + 1))
    )
    texts = b"".join(
        words(20 + dice.random() * 555, 20 + dice.random() * 800, str(dice.randrange(999)), 2) for _ in range(5000)
    )
    return page(flate(lines + texts))


@kind
def letters(dice: Dice) -> bytes:
    same = dice.random() < 0.5
    body = b"".join(
        words(100 if same else dice.random() * 595, 100 if same else dice.random() * 842, "9.999", 6)
        for _ in range(40_000)
    )
    return page(flate(body))


@kind
def many_pages(dice: Dice) -> bytes:
    count = dice.choice([1000, 5000])
    tree = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(b"%d 0 R" % (n + 3) for n in range(count)), count)
    return pdf(
        [b"<< /Type /Catalog /Pages 2 0 R >>", tree, *[b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>"] * count]
    )


@kind
def forms_in_forms(dice: Dice) -> bytes:
    """Each form draws the next one many times: more drawing than any computer can do. Or it draws itself."""
    times, depth = dice.choice([10, 30]), dice.choice([1, 8, 30])
    more = []
    for n in range(depth):
        target = 6 + (n + 1) % depth if dice.random() < 0.3 else min(6 + n + 1, 5 + depth)
        head = b"/Type /XObject /Subtype /Form /BBox [0 0 99 99] /Resources << /XObject << /X %d 0 R >> >>" % target
        more.append(stream(b"1 0 0 1 1 1 cm /X Do 0 0 9 9 re S\n" * times, head))
    return page(stream(b"/X Do\n" * times), resources=b"/XObject << /X 6 0 R >>", more=more)


@kind
def tiny_tiles(dice: Dice) -> bytes:
    head = (
        b"/Type /Pattern /PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 1 1] /XStep %s /YStep %s /Resources << >>"
    )
    step = dice.choice([b"0", b"0.0001", b"-1e-9", b"1e30"])
    more = [stream(b"0 0 1 1 re f", head % (step, step))]
    return page(stream(b"/Pattern cs /P scn 0 0 595 842 re f"), resources=b"/Pattern << /P 6 0 R >>", more=more)


# -- measures that cannot be --------------------------------------------------------------------------


@kind
def huge_page(dice: Dice) -> bytes:
    box = dice.choice(
        [b"[0 0 1e9 1e9]", b"[0 0 14400000 14400000]", b"[-1e38 -1e38 1e38 1e38]", b"[0 0 99999999999999 1]"]
    )
    return page(stream(table(dice)), box=box, extra=dice.choice([b"", b"/UserUnit 75000"]))


@kind
def odd_page(dice: Dice) -> bytes:
    box = dice.choice([b"[0 0 0 0]", b"[595 842 0 0]", b"[0 0]", b"[/A /B /C /D]", b"(text)", b"[nan inf -inf 0]"])
    return page(stream(table(dice)), box=box, extra=b"/Rotate %d" % dice.choice([37, 90, -90, 10**9, 2**31]))


@kind
def odd_numbers(dice: Dice) -> bytes:
    odd = dice.choice([b"1e38", b"-1e38", b"99999999999999999999", b"nan", b".", b"-", b"--5", b"1.2.3"])
    return page(stream(b"q %s 0 0 %s 0 0 cm\n" % (odd, odd) + table(dice) + b"Q\n%s %s m %s %s l S\n" % ((odd,) * 4)))


@kind
def odd_amounts(dice: Dice) -> bytes:
    amounts = [
        "9" * dice.choice([40, 400, 4000]),
        "1e999",
        "=1+cmd|' /C calc'!A0",
        "-" * 3000,
        "1.2.3.4.5",
        "(((((",
        "5,03E+09",
    ]
    lines = b"".join(b"40 %d m 540 %d l S\n" % (y, y) for y in range(600, 761, 20))
    lines += b"".join(b"%d 600 m %d 760 l S\n" % (x, x) for x in (40, 290, 540))
    cells = b"".join(words(44, 746 - 20 * n, "x") + words(294, 746 - 20 * n, dice.choice(amounts), 4) for n in range(8))
    return page(stream(lines + words(294, 770, "Anggaran (Rp)") + cells))


# -- things that act, hide or carry --------------------------------------------------------------------------


@kind
def encrypted(dice: Dice) -> bytes:
    import pikepdf

    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(plain(dice))) as made:
        strength = dice.choice([3, 4, 6])
        made.save(
            out,
            encryption=pikepdf.Encryption(
                owner="o", user="secret", R=strength, aes=strength > 3, metadata=strength > 3
            ),
        )
    return out.getvalue()


@kind
def javascript(dice: Dice) -> bytes:
    code = b"while(true){app.alert(1)}" if dice.random() < 0.5 else b"this.exportDataObject({cName:'x',nLaunch:2})"
    action = b"/OpenAction << /S /JavaScript /JS (%s) >> /AA << /WC << /S /JavaScript /JS (%s) >> >>" % (code, code)
    return page(stream(table(dice)), catalogue=action, extra=b"/AA << /O << /S /JavaScript /JS (%s) >> >>" % code)


@kind
def actions(dice: Dice) -> bytes:
    acts = [
        b"<< /S /Launch /F (/bin/sh) >>", b"<< /S /URI /URI (http://169.254.169.254/) >>",
        b"<< /S /GoToR /F (/etc/passwd) /D [0 /Fit] >>", b"<< /S /SubmitForm /F (http://127.0.0.1/) >>",
    ]  # fmt: skip
    return page(stream(table(dice)), catalogue=b"/OpenAction " + dice.choice(acts))


@kind
def embedded_files(dice: Dice) -> bytes:
    names = b"/Names << /EmbeddedFiles << /Names [(../../etc/cron.d/x) 6 0 R] >> >>"
    more = [
        b"<< /Type /Filespec /F (../../etc/cron.d/x) /EF << /F 7 0 R >> >>",
        flate(dice.randbytes(20_000), b"/Type /EmbeddedFile"),
    ]
    return page(stream(table(dice)), catalogue=names, more=more)


@kind
def outside_stream(dice: Dice) -> bytes:
    return page(
        stream(
            b"", b"/F (%s) /FFilter /FlateDecode" % dice.choice([b"/etc/passwd", b"//host/share", b"http://127.0.0.1/"])
        )
    )


@kind
def xml_bomb(dice: Dice) -> bytes:
    entities = b"".join(b'<!ENTITY a%d "%s">' % (n + 1, b"&a%d;" % n * 10) for n in range(dice.choice([5, 12])))
    xml = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "lol">%s]><x>&a5;</x>' % entities
    catalogue = b"/Metadata 6 0 R /AcroForm << /XFA 7 0 R >>"
    return page(
        stream(table(dice)), catalogue=catalogue, more=[stream(xml, b"/Type /Metadata /Subtype /XML"), stream(xml)]
    )


@kind
def odd_metadata(dice: Dice) -> bytes:
    title = dice.choice(
        [b"\xfe\xff\xd8\x00" * 500, b"A" * 10**6, b"=HYPERLINK(1)", b"\x00\x1b[2J", b"<script>alert(1)</script>"]
    )
    safe = title.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
    return page(
        stream(table(dice)), more=[b"<< /Title (%s) /CreationDate (D:99999999999999) >>" % safe], trailer=b"/Info 6 0 R"
    )


@kind
def unmapped_fonts(dice: Dice) -> bytes:
    font = b"<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding /Identity-H /DescendantFonts [7 0 R] %s >>"
    mapping = dice.choice([b"", b"/ToUnicode 8 0 R"])
    more = [
        font % mapping,
        b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /X /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) >> >>",
    ]
    more.append(stream(b"beginbfrange <0000> <FFFF> <D800> endbfrange " * dice.randrange(1, 2000)))
    codes = dice.randbytes(400).hex().encode()
    content = stream(b"BT /G 9 Tf 50 700 Td <%s> Tj ET\n" % codes + table(dice))
    body = page(content, more=more)
    return body.replace(b"/F 4 0 R", b"/F 4 0 R /G 6 0 R")


@kind
def broken_images(dice: Dice) -> bytes:
    filters = dice.choice(
        [b"/JBIG2Decode", b"/JPXDecode", b"/DCTDecode", b"/CCITTFaxDecode", b"/LZWDecode", b"/RunLengthDecode"]
    )
    head = (
        b"/Type /XObject /Subtype /Image /Width 3000 /Height 3000 /ColorSpace /DeviceGray /BitsPerComponent 8 /Filter "
    )
    more = [stream(dice.randbytes(30_000), head + filters)]
    return page(stream(b"595 0 0 842 0 0 cm /I Do"), resources=b"/XObject << /I 6 0 R >>", more=more)


def mutated(sample: bytes, seed: int) -> bytes:
    """A sample with a few bytes changed, dropped, doubled or moved."""
    dice, data = Dice(seed), bytearray(sample)
    for _ in range(dice.choice([1, 3, 10, 100])):
        at, how = dice.randrange(len(data)), dice.randrange(5)
        if how == 0:
            data[at] = dice.randrange(256)
        elif how == 1:
            data[at] ^= 1 << dice.randrange(8)
        elif how == 2:
            del data[at : at + dice.randrange(1, 64)]
        elif how == 3:
            data[at:at] = data[at : at + dice.randrange(1, 64)]
        else:
            size = dice.randrange(1, 64)
            data[at : at + size] = dice.randbytes(size)
    return bytes(data)


if __name__ == "__main__":
    made = write_all(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 10)
    print(f"{len(made)} files of {len(KINDS)} kinds, {sum(f.stat().st_size for f in made) / 2**20:.1f} MiB")
