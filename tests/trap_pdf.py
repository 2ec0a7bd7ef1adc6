"""Writes PDFs of one table with one trap each: text that is not what the page shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pikepdf

from tests.tiny_pdf import fill, grid

XS = [50.0, 80.0, 260.0, 400.0, 540.0]
YS = [700.0, 676.0, 652.0, 628.0, 604.0]
VALUE = "4.811.172.650"
ROWS = [
    ["No", "Uraian", "Pagu", "Realisasi"],
    ["1", "Belanja Pegawai", "1.250.000.000", "1.200.000.000"],
    ["2", "Belanja Barang", "", "4.700.000.300"],
    ["3", "Belanja Modal", "63.846.900", "60.839.251"],
]
FOCUS = (2, 2)  # row and column of the trap
X, Y = XS[2] + 3, YS[2] - 15  # where its number begins, from the bottom left


@dataclass
class Trap:
    """`shown`: what a reader of the page sees in the cell; `content`: what is drawn for it."""

    name: str
    content: str
    shown: str = VALUE
    under: str = ""  # drawn before the table
    size: tuple[int, int] = (595, 842)
    rotate: int = 0
    whole: str | None = None  # the whole content, in place of the table's
    fonts: dict[str, tuple[str, dict[int, str] | None, dict[int, str] | None]] = field(default_factory=dict)
    crop: tuple[int, int, int, int] | None = None


def words(text: str, x: float = X, y: float = Y, size: float = 10, more: str = "", font: str = "F") -> str:
    """Text at (x, y); `more` are operators set before it."""
    escaped = text.replace("(", r"\(").replace(")", r"\)")
    return f"q BT /{font} {size} Tf {more} 1 0 0 1 {x} {y} Tm ({escaped}) Tj ET Q\n"


def table() -> str:
    return grid(XS, YS) + fill(XS, YS, ROWS)


def rotated(angle: int) -> tuple[str, tuple[int, int]]:
    """The content turned on the sheet, so that /Rotate brings it upright again, and the sheet's size."""
    body = table() + words(VALUE)
    return {
        90: (f"q 0 1 -1 0 842 0 cm {body} Q", (842, 595)),
        180: (f"q -1 0 0 -1 595 842 cm {body} Q", (595, 842)),
        270: (f"q 0 -1 1 0 0 595 cm {body} Q", (842, 595)),
    }[angle]


def twice(dx: float, dy: float = 0.0, glyphs: bool = False, times: int = 2) -> str:
    if not glyphs:
        return "".join(words(VALUE, X + dx * i, Y + dy * i) for i in range(times))
    out, x = "", X
    for letter in VALUE:
        out += "".join(words(letter, x + dx * i, Y + dy * i) for i in range(times))
        x += 2.78 if letter == "." else 5.56
    return out


def spread(gaps: dict[int, float], order: int = 1) -> str:
    """Each glyph by itself, with `gaps` (points) before some; `order` -1 draws from the right."""
    at, x = [], X
    for i, letter in enumerate(VALUE):
        x += gaps.get(i, 0.0)
        at.append(words(letter, x))
        x += 2.78 if letter == "." else 5.56
    return "".join(at[::order])


def lying(name: str, said: dict[str, str], base: str = "Helvetica", value: str = VALUE) -> Trap:
    """The font shows `value` and its map says otherwise."""
    codes = {ord(letter): said.get(letter, letter) for letter in "0123456789."}
    return Trap(name, words(value, font="L"), value, fonts={"L": (base, codes, None)})


def recoded(name: str, to: Callable[[int], str], which: str = "0123456789", mapped: bool = True) -> Trap:
    """Digits under other codes, with a map to private-use characters or with none."""
    differences = {200 + int(d): GLYPHS[int(d)] for d in which}
    text = "".join(f"\\{200 + int(c):o}" if c in which else c for c in VALUE)
    codes = {code: to(code - 200) for code in differences} if mapped else None
    content = f"q BT /L 10 Tf 1 0 0 1 {X} {Y} Tm ({text}) Tj ET Q\n"
    return Trap(name, content, fonts={"L": ("Helvetica", codes, differences)})


GLYPHS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
WHITE, INVISIBLE = "1 1 1 rg", "3 Tr"
BOX = f"{XS[2] + 1} {YS[3] + 1} {XS[3] - XS[2] - 2} 22 re"
IMAGE = f"q {XS[3] - XS[2] - 2} 0 0 22 {XS[2] + 1} {YS[3] + 1} cm BI /W 1 /H 1 /CS /G /BPC 8 ID \xff EI Q\n"


def hidden() -> Iterator[Trap]:
    good = words(VALUE)
    for name, more in (("invisible", INVISIBLE), ("clip mode", "7 Tr"), ("white", WHITE), ("paper", ".99 .99 .99 rg")):
        yield Trap(f"{name} behind", good + words("777", X + 62, more=more))
        yield Trap(f"{name} over", good + words("9.999.999.999", more=more))
        yield Trap(f"{name} before", words("77", X - 1, more=more) + good.replace(f"{X} {Y}", f"{X + 12} {Y}"))
    yield Trap("white alone", words(VALUE, more=WHITE), "")
    yield Trap("white on a dark cell", f"0 0 .5 rg {BOX} f 0 g " + words(VALUE, more=WHITE))
    yield Trap("dark on a dark cell", f"0 0 .5 rg {BOX} f 0 g " + words(VALUE, more="0 0 .5 rg"), "")
    yield Trap("transparent", good + words("777", X + 62, more="/T gs"))
    yield Trap("white outline", good + words("777", X + 62, more="1 Tr 1 1 1 RG"))


def covered() -> Iterator[Trap]:
    wrong, good = words("9.999.999.999"), words(VALUE)
    yield Trap("under a picture", wrong + IMAGE + good)
    yield Trap("under a picture alone", wrong + IMAGE, "")
    yield Trap("under a white area", wrong + f"1 g {BOX} f 0 g\n" + good)
    yield Trap("under a white area alone", wrong + f"1 g {BOX} f 0 g\n", "")
    yield Trap("under a grey area", wrong + f".8 g {BOX} f 0 g\n" + good)
    yield Trap("picture behind", IMAGE + good)
    clip = f"q {X} {Y - 3} 60 15 re W n " + words(VALUE + "777") + " Q\n"
    yield Trap("clipped behind", clip.replace(" 60 15 ", f" {62.2 + 0.3} 15 "))
    yield Trap("clipped away", f"q 0 0 5 5 re W n {words('777', X + 63)} Q\n" + good)
    yield Trap("clipped alone", f"q 0 0 5 5 re W n {wrong} Q\n", "")
    long = words("4.811.172.650 Rp 4.811.172.650", X)
    yield Trap("clipped at the cell", f"q {X} {Y - 3} 63 15 re W n {long} Q\n")


def doubled() -> Iterator[Trap]:
    yield Trap("drawn twice", twice(0))
    yield Trap("bold by overprint", twice(0.3))
    yield Trap("bold by overprint, wide", twice(0.6))
    yield Trap("bold by overprint, thrice", twice(0.3, times=3))
    yield Trap("bold by overprint, diagonal", twice(0.3, -0.2))
    yield Trap("glyphs twice", twice(0, glyphs=True))
    yield Trap("glyphs twice, moved", twice(0.4, glyphs=True))
    yield Trap("shadow", words(VALUE, X + 0.7, Y - 0.7, more=".7 g") + words(VALUE))
    yield Trap("fill and stroke", words(VALUE, more="2 Tr .3 w"))
    yield Trap("two numbers on one place", words("3.811.172.650") + words(VALUE), "?")


def turned() -> Iterator[Trap]:
    for angle in (90, 180, 270):
        content, size = rotated(angle)
        yield Trap(f"rotate {angle}", "", whole=content, size=size, rotate=angle)
    yield Trap("crop box", words(VALUE), crop=(30, 400, 560, 800))
    yield Trap("crop box and rotate", "", whole=rotated(90)[0], size=(842, 595), rotate=90, crop=(100, 20, 800, 570))
    yield Trap("upside down number", f"q -1 0 0 -1 {X + 62} {Y + 7} cm {words(VALUE, 0, 0)} Q\n")
    yield Trap("mirrored font matrix", f"q BT /F 1 Tf 10 0 0 10 {X} {Y} Tm ({VALUE}) Tj ET Q\n")


def fonts() -> Iterator[Trap]:
    yield lying("says 3 for 8", {"8": "3"})
    yield lying("says 8 for 3", {"3": "8"}, value="4.311.172.650")
    yield lying("says 7 for 1", {"1": "7"})
    yield lying("says 9 for 6", {"6": "9"})
    yield lying("says 0 for 8, serif", {"8": "0"}, "Times-Roman")
    yield lying("says 5 for 6, bold", {"6": "5"}, "Helvetica-Bold")
    yield lying("says 4 for 7, typewriter", {"7": "4"}, "Courier")
    yield lying("all digits moved by one", {str(d): str((d + 1) % 10) for d in range(10)})
    yield lying("1 and 2 exchanged", {"1": "2", "2": "1"}, "Times-Bold")
    yield lying("an honest map", {})
    yield recoded("private-use digits", lambda d: chr(0xE030 + d))
    yield recoded("symbol font digits", lambda d: chr(0xF030 + d))
    yield recoded("one private-use digit", lambda d: chr(0xE100), "8")
    yield recoded("digits without a map", str, mapped=False)
    yield recoded("no character at all", lambda d: "\ufffd", "17")


def spaced() -> Iterator[Trap]:
    yield Trap("kerning after dots", spread({2: 1.5, 6: 1.5, 10: 1.5}))
    yield Trap("wide gaps after dots", spread({2: 4.0, 6: 4.0, 10: 4.0}))
    yield Trap("gap before a dot", spread({5: 3.0}))
    yield Trap("gap inside a group", spread({4: 3.0}))
    yield Trap("letterspaced", words(VALUE, more="2 Tc"))
    yield Trap("squeezed", words(VALUE, more="-1.2 Tc"))
    yield Trap("drawn from the right", spread({}, -1))
    yield Trap("narrow", words(VALUE, more="60 Tz"))
    yield Trap("blank inside", words("4.811. 172.650"))
    yield Trap("risen end", words("4.811.172", more="") + words(".650", X + 42.3, Y, more="1 Ts"))


def overlaid() -> Iterator[Trap]:
    good = words(VALUE)
    turned = "q .8 g BT /F 80 Tf .7 .7 -.7 .7 150 560 Tm (DRAFT 7) Tj ET Q\n"
    yield Trap("diagonal watermark", good + turned)
    yield Trap("diagonal watermark below", good, under=turned)
    yield Trap("level watermark", good, under="q .85 g BT /F 60 Tf 1 0 0 1 180 625 Tm (DRAFT) Tj ET Q\n")
    yield Trap("level watermark of digits", good, under="q .85 g BT /F 70 Tf 1 0 0 1 250 620 Tm (2024) Tj ET Q\n")
    yield Trap("upright watermark", good, under="q .85 g BT /F 60 Tf 0 1 -1 0 320 560 Tm (1234) Tj ET Q\n")
    yield Trap("small letters inside", good + words("COPY", X + 10, Y - 2, 10, ".8 g"), "?")
    yield Trap("tiny digits behind", good + words("777", X + 62.5, size=0.5))
    yield Trap("tiny digits inside", good + words("7", X + 20, Y + 3, size=0.8))
    yield Trap("shrunk digits", good + f"q BT /F 100 Tf .004 0 0 .004 {X + 63} {Y} Tm (777) Tj ET Q\n")
    yield Trap("off the page", good + words("777", 610) + words("9.999", X, -40))
    yield Trap("outside the crop box", good + words("777", 500, 100), crop=(30, 400, 560, 800))
    yield Trap("footnote mark", good + words("1", X + 62.5, Y + 4, size=5), "?")


def all_traps() -> list[Trap]:
    return [t for kind in (hidden, covered, doubled, turned, fonts, spaced, overlaid) for t in kind()]


def write_trap(path: Path, trap: Trap) -> Path:
    pdf = pikepdf.new()
    content = trap.whole if trap.whole is not None else trap.under + table() + trap.content
    named = {"/F": _font(pdf, "Helvetica", None, None)}
    named |= {f"/{name}": _font(pdf, *font) for name, font in trap.fonts.items()}
    page = pikepdf.Dictionary(
        Type=pikepdf.Name.Page,
        MediaBox=[0, 0, *trap.size],
        Rotate=trap.rotate,
        Contents=pdf.make_stream(content.encode("latin-1")),
        Resources=pikepdf.Dictionary(
            Font=pikepdf.Dictionary(named),
            ExtGState=pikepdf.Dictionary(T=pikepdf.Dictionary(ca=0)),
        ),
    )
    if trap.crop:
        page.CropBox = list(trap.crop)
    pdf.pages.append(pikepdf.Page(pdf.make_indirect(page)))
    pdf.save(path, deterministic_id=True)
    return path


def _font(
    pdf: pikepdf.Pdf, base: str, codes: dict[int, str] | None, differences: dict[int, str] | None
) -> pikepdf.Object:
    font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name("/" + base))
    if differences:
        array = pikepdf.Array()
        for code, glyph in differences.items():
            array.append(code)
            array.append(pikepdf.Name("/" + glyph))
        font.Encoding = pikepdf.Dictionary(BaseEncoding=pikepdf.Name.WinAnsiEncoding, Differences=array)
    if codes is not None:
        lines = "\n".join(f"<{code:02x}> <{ord(to):04x}>" for code, to in codes.items())
        font.ToUnicode = pdf.make_stream(
            f"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /A def /CMapType 2 def\n"
            f"1 begincodespacerange <00> <ff> endcodespacerange {len(codes)} beginbfchar\n{lines}\nendbfchar "
            "endcmap end end".encode()
        )
    return pdf.make_indirect(font)
