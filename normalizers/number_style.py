"""How a column writes its numbers: which mark groups thousands, which one starts the decimals.

`1.234` alone is 1234 or 1.234 and no reader can tell. So the style is inferred once over a whole column (else table,
else document, else the Indonesian default), from the cells that leave no doubt, and the verdict carries its evidence.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType

# Marks that stand for a blank, a minus, a dot ... in text layers of PDFs; digits of other scripts are mapped by
# `clean`.
_MARKS = {
    **dict.fromkeys(
        map(ord, "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u3000\t"), " "
    ),
    **dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"), None),
    **dict.fromkeys(map(ord, "\u2212\uff0d\u2010\u2011\ufe63\ufffe"), "-"),
    **{ord("．"): ".", ord("，"): ",", ord("％"): "%", ord("（"): "(", ord("）"): ")", ord("："): ":", ord("；"): ";"},
    ord("\r"): "\n",
    ord("\u2028"): "\n",
    ord("\x0b"): "\n",
}
_FOREIGN_DIGIT = re.compile(r"[^\x00-\x7f]")

NUMERAL = r"\d+(?:[.,]\d+)*(?: \d{3})*(?:(?<= \d{3})[.,]\d+)?"
_FIND_NUMERAL = re.compile(rf"(?<![\w.,/]){NUMERAL}(?![.,]?\d|/)(?![eE][+-]?\d)(?P<flat>\s*[.,]{{1,2}}\s*[-–—]+)?")
_MARK = re.compile(r"[.,]")
_PLAIN = re.compile(r"\d+(?:[.,]\d+)*")
DATE = re.compile(r"(?<!\d)\d{1,2}([./-])\d{1,2}\1(?:\d{4}|\d{2})(?!\d)|(?<!\d)\d{4}([./-])\d{1,2}\2\d{1,2}(?!\d)")
_BROKEN_LINE = re.compile(r"(?<=\d[.,])\n(?=\d)|(?<=\d)\n(?=[.,]\d)")


_LONGEST_PLAIN = 15  # digits without groups: a NIK has 16, a NIP 18
_LONGEST_GROUPED = 18  # digits that DECIMAL(24,6) holds before the mark


@dataclass(frozen=True, slots=True)
class NumberStyle:
    """`group` divides thousands (`.`, `,`, a blank, or None), `decimal` starts the fraction (`,`, `.` or None)."""

    group: str | None
    decimal: str | None


INDONESIAN = NumberStyle(".", ",")
ENGLISH = NumberStyle(",", ".")


@dataclass(frozen=True, slots=True)
class StyleVerdict:
    """The style of a column, table or document, and why.

    `certain`: own or inherited evidence, and nothing against it. `mixed`: both styles are written here. `origin` is
    own, context, declared or default. `places` is the number of decimals that nearly all its cells print, where there
    is one. `evidence` counts the cells by shape (dot_group, comma_decimal, open_dot, ungrouped, broken ...).
    """

    style: NumberStyle
    certain: bool
    evidence: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    mixed: bool = False
    origin: str = "default"
    places: int | None = None


@dataclass(frozen=True, slots=True)
class Shape:
    """What a numeral tells on its own.

    `kind`: plain, grouped, decimal, full (groups and decimals), open (one mark and three digits: either), spaced
    (thousands by a blank), broken (no strict reading). `whole` and `fraction` are digits; for an open one, of its
    decimal reading.
    """

    kind: str
    whole: str
    fraction: str = ""
    group: str | None = None
    decimal: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A numeral read under a style. `alternative` is the other value that its text alone would allow."""

    value: Decimal | None
    decimals: int | None
    certain: bool = True
    alternative: Decimal | None = None
    problem: str | None = None


def clean(text: str) -> str:
    """The text with odd blanks, minus signs, full width marks and digits of other scripts made plain. Lines are
    kept.
    """
    if text.isascii() and "\t" not in text and "\r" not in text and "\x0b" not in text:
        return text
    text = text.replace("\r\n", "\n").translate(_MARKS)
    return _FOREIGN_DIGIT.sub(lambda m: str(int(m[0])) if m[0].isdecimal() else m[0], text)


@lru_cache(maxsize=20_000)
def classify(numeral: str) -> Shape:
    """The shape of digits with `.`, `,` and blanks between them. Groups are strict: one to three digits, then
    threes.
    """
    if " " in numeral:
        return _classify_spaced(numeral)
    parts = _MARK.split(numeral)
    marks = [c for c in numeral if c in ".,"]
    if not all(parts):
        return Shape("broken", "", reason="a mark without digits beside it")
    if not marks:
        return _plain(numeral)
    if len(marks) == 1:
        return _one_mark(parts[0], parts[1], marks[0])
    last = marks[-1]
    if len(set(marks)) == 1:
        if _strict(parts):
            return Shape("grouped", "".join(parts), group=last, decimal="," if last == "." else ".")
        return Shape("broken", "", reason="groups of other than three digits")
    if marks.count(last) == 1 and len(set(marks[:-1])) == 1 and _strict(parts[:-1]):
        return Shape("full", "".join(parts[:-1]), parts[-1], group=marks[0], decimal=last)
    return Shape("broken", "", reason="marks in an order that no style has")


def _plain(digits: str) -> Shape:
    if len(digits) > 2 and digits[0] == "0":
        return Shape("broken", "", reason="leading zeros")
    return Shape("plain", digits)


def _one_mark(whole: str, fraction: str, mark: str) -> Shape:
    if len(whole) > 1 and whole[0] == "0":
        return Shape("broken", "", reason="leading zeros")
    if len(fraction) != 3 or len(whole) > 3 or whole == "0":
        return Shape("decimal", whole, fraction, group="," if mark == "." else ".", decimal=mark)
    return Shape("open", whole, fraction, decimal=mark)


def _classify_spaced(numeral: str) -> Shape:
    match = re.fullmatch(r"(\d{1,3}(?: \d{3})+)(?:([.,])(\d+))?", numeral)
    if not match or numeral[0] == "0":
        return Shape("broken", "", reason="a blank inside the number")
    return Shape("spaced", match[1].replace(" ", ""), match[3] or "", group=" ", decimal=match[2])


def _strict(groups: list[str]) -> bool:
    return 1 <= len(groups[0]) <= 3 and groups[0][0] != "0" and all(len(g) == 3 for g in groups[1:])


def read_numeral(numeral: str, verdict: StyleVerdict, *, money: bool = False, flat: bool = False) -> Reading:
    """A numeral under the style of its column. `money`: an amount in rupiah, which nobody prints with three decimals.
    `flat`: `,-` follows, so it has no decimals."""
    shape = classify(numeral)
    if shape.kind == "broken":
        return Reading(None, None, problem=shape.reason)
    if shape.kind == "open":
        return _read_open(shape, verdict, money, flat)
    if shape.kind == "spaced" and verdict.style.group != " ":
        return Reading(None, None, problem="two numbers, or thousands divided by a blank")
    if len(shape.whole) > (_LONGEST_PLAIN if shape.kind == "plain" else _LONGEST_GROUPED):
        return Reading(None, None, problem="more digits than a quantity has (NIP, NIK?)")
    value = Decimal(f"{shape.whole}.{shape.fraction}" if shape.fraction else shape.whole)
    if flat and shape.fraction:
        return Reading(None, None, problem="decimals before `,-`")
    strange = shape.kind == "decimal" and verdict.origin == "own" and shape.decimal not in (verdict.style.decimal, None)
    odd = strange and (money or not verdict.mixed)  # `350.00` among `1.500.000`: a lost digit looks like this
    return Reading(value, len(shape.fraction), certain=not odd)


def _read_open(shape: Shape, verdict: StyleVerdict, money: bool, flat: bool) -> Reading:
    grouped, split = Decimal(shape.whole + shape.fraction), Decimal(f"{shape.whole}.{shape.fraction}")
    as_group, as_split = (grouped, 0, split), (split, 3, grouped)
    mark, style = shape.decimal, verdict.style
    if flat:
        return Reading(grouped, 0)
    if verdict.mixed and not money:
        return Reading(None, None, alternative=None, problem="either thousands or decimals: the column writes both")
    wants_group = mark == style.group or (style.group not in (" ", None) and mark != style.decimal)
    if mark == "." and not wants_group and not money and verdict.origin == "context":
        # `39.000 Ton` beside English amounts: people who write the one way in Excel write the other by hand
        return Reading(
            None, None, problem="either thousands or decimals: other columns write decimals so, this one tells nothing"
        )
    sure = verdict.certain and not (wants_group and verdict.evidence.get("ungrouped", 0))
    if money and not wants_group:
        wants_group, sure = True, verdict.origin != "own"
    elif money:
        sure = True
    value, decimals, other = as_group if wants_group else as_split
    return Reading(value, decimals, certain=sure and style.group != " ", alternative=other)


def infer_style(
    texts: Iterable[str],
    context: StyleVerdict | NumberStyle | None = None,
) -> StyleVerdict:
    """The style of the cells of one column (or of all quantity cells of a table or document).

    `context` is what the table or the document says (a NumberStyle is a declaration and holds where the column is
    silent). Pass only cells of quantity columns: codes and dates would mislead.
    """
    return style_of(weigh(texts), context)


@dataclass(frozen=True, slots=True)
class Weight:
    """What texts tell of their style: cells by name of evidence, numerals by number of decimals."""

    evidence: Counter[str] = field(default_factory=Counter)
    places: Counter[int] = field(default_factory=Counter)


def weigh(texts: Iterable[str]) -> Weight:
    names: list[str] = []
    decimals: list[int] = []
    for text in texts:
        named, counted = _weight_of(text)
        names += named
        decimals += counted
    return Weight(Counter(names), Counter(decimals))


def total(weights: Iterable[Weight]) -> Weight:
    """The weight of all their texts together."""
    whole = Weight()
    for weight in weights:
        for name, count in weight.evidence.items():  # Counter.update costs ten times as much for a few
            whole.evidence[name] += count
        for decimals, count in weight.places.items():
            whole.places[decimals] += count
    return whole


def style_of(weight: Weight, context: StyleVerdict | NumberStyle | None = None) -> StyleVerdict:
    """`infer_style` from what the texts weigh."""
    evidence, places = weight.evidence, weight.places
    native = evidence["dot_group"] + evidence["comma_decimal"]
    foreign = evidence["comma_group"] + evidence["dot_decimal"]
    usual = _usual(places)
    counts = MappingProxyType(dict(evidence))
    spaced = evidence["space_group"] * 2 + evidence["space_once"]
    against = ("dot_group", "comma_group", "space_broken", "ungrouped")
    if spaced >= 2 and not any(evidence[name] for name in against):
        decimal = "." if evidence["dot_decimal"] and not evidence["comma_decimal"] else ","
        return StyleVerdict(NumberStyle(" ", decimal), True, counts, False, "own", usual)
    if native or foreign:
        style = INDONESIAN if native >= foreign else ENGLISH
        share = max(native, foreign) / (native + foreign)
        return StyleVerdict(style, share == 1, counts, share < 0.9, "own", usual)
    if isinstance(context, NumberStyle):
        return StyleVerdict(context, True, counts, False, "declared", usual)
    if context is not None and context.origin != "default":
        return StyleVerdict(context.style, context.certain, counts, context.mixed, "context", usual)
    return StyleVerdict(INDONESIAN, False, counts, False, "default", usual)


@lru_cache(maxsize=20_000)
def _weight_of(text: str) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """What a cell tells of the style: names of evidence, and the decimals of each of its numerals."""
    names: list[str] = []
    decimals: list[int] = []
    whole = _BROKEN_LINE.sub("", clean(text))
    if DATE.search(whole):
        return (), ()
    if _PLAIN.fullmatch(whole):  # as most are
        shape = classify(whole)
        known = shape.kind not in ("open", "broken")
        return tuple(_evidence(shape, False)), (len(shape.fraction),) if known else ()
    for line in whole.split("\n"):
        for match in _FIND_NUMERAL.finditer(line):
            flat = match["flat"] is not None
            shape = classify(match[0][: match.start("flat") - match.start()] if flat else match[0])
            names.extend(_evidence(shape, flat))
            if shape.kind not in ("open", "broken"):
                decimals.append(len(shape.fraction))
    return tuple(names), tuple(decimals)


def _evidence(shape: Shape, flat: bool) -> list[str]:
    mark = {".": "dot", ",": "comma"}
    if shape.kind in ("grouped", "full"):
        return [f"{mark[shape.group or '.']}_group"]
    if shape.kind == "decimal":
        return [f"{mark[shape.decimal or ',']}_decimal"]
    if shape.kind == "open":
        return [f"{mark[shape.decimal or '.']}_{'group' if flat else 'open'}"]
    if shape.kind == "spaced":
        extra = [f"{mark[shape.decimal]}_decimal"] if shape.decimal else []
        return ["space_group" if len(shape.whole) > 6 else "space_once", *extra]
    if shape.kind == "plain":
        return ["ungrouped"] if len(shape.whole) > 3 else ["plain"]
    return ["space_broken" if shape.reason == "a blank inside the number" else "broken"]


def _usual(places: Counter[int]) -> int | None:
    """The number of decimals that at least nine in ten numerals print (of five or more)."""
    total = sum(places.values())
    if total < 5:
        return None
    most, count = places.most_common(1)[0]
    return most if count >= 0.9 * total else None
