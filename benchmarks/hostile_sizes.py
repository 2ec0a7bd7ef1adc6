"""Hostile files: too much of everything, and measures that cannot be."""

from __future__ import annotations

import zlib

from benchmarks.hostile_pdf import Dice, flate, kind, page, pdf, stream, table, words


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
