"""Hostile files: those that are no whole PDF, and structures that lie."""

from __future__ import annotations

from benchmarks.hostile_pdf import Dice, kind, page, pdf, plain, stream, table


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
