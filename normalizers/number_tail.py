"""What follows a number in a cell: its unit, a percent sign in words, number words, a grade, a scale word."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal

from normalizers.terbilang import from_words
from normalizers.units import is_unit

GRADE = re.compile(r"(?:[A-E]{1,3}|[A-E][+-]|WTP|WDP|WTP-DPP|TMP)(?![A-Za-z])")
_SCALES = {"ribu": 3, "rb": 3, "juta": 6, "jt": 6, "miliar": 9, "milyar": 9, "triliun": 12, "trilyun": 12}
SCALE_LETTERS = {"M": 9, "T": 12}  # behind an amount of rupiah: `Rp1,2 M`; elsewhere M is a metre
RANK = re.compile(r"(?:I{1,3}|IV|VI{0,3}|IX)(?:\s*/\s*[a-e])?")  # `1 IV`: a running number beside a rank, no unit


_YEAR = re.compile(r"(?<=[A-Za-z.])\s+(?:(?:[Tt]ahun|TA|T\.A\.?|Th\.?)\s+)?(?:19|20)\d\d(?:\s*[-–/]\s*(?:19|20)\d\d)?$")


@dataclass(frozen=True, slots=True)
class Tail:
    """Its parts. `scale` is the power of ten of a scale word (`1,5 miliar`: 9), `words` the number words that it
    repeats.
    """

    unit: str | None = None
    value_text: str | None = None
    currency: bool = False
    percent: bool = False
    words: str | None = None
    scale: int = 0
    per: str | None = None  # `2.500.000/bulan`


UNIT = re.compile(
    r"[A-Za-z°µ][^\d%()<>=#|]*(?:(?<=[mM])[23²³])?(?:\s*/\s*[A-Za-z][A-Za-z ./]*)?(?:\s*\([A-Za-z][^\d()]*\))?"
)
_SLASHED = re.compile(r"/\s*(" + GRADE.pattern + ")")
_PER = re.compile(r"(?:/|per\b)\s*([A-Za-z][A-Za-z /.]*)")
_SCALE = re.compile(r"(ribu|rb|juta|jt|mil[iy]ar|tril[iy]un)\b\.?\s*", re.IGNORECASE)
_LETTERS = re.compile(r"[A-Za-z]*")
_PAREN = re.compile(r"\(\s*([^\d()]+?)\s*\)")


NOTHING = Tail()


def read_tail(tail: str) -> Tail | None:
    """What follows a number: unit, percent sign in words, number words or a grade in parentheses. None: something
    else.
    """
    if not tail:
        return NOTHING
    words: str | None = None
    grade: str | None = None
    if tail.startswith((",", ".")):
        return None
    paren = _PAREN.search(tail)
    if paren and (_said(paren[1]) is not None or paren.start() == 0):
        if _said(paren[1]) is not None:
            words = _bare(paren[1])
        elif paren[1] == "%":
            return replace(rest, percent=True) if (rest := read_tail(tail[paren.end() :].strip())) else None
        elif is_unit(paren[1]):
            return Tail(unit=paren[1]) if paren.end() == len(tail) else None
        else:
            grade = paren[1]
        tail = (tail[: paren.start()] + tail[paren.end() :]).strip()
    slashed = _SLASHED.fullmatch(tail)
    if slashed:
        return Tail(value_text=slashed[1], words=words)
    per = _PER.fullmatch(tail)
    if per:
        return Tail(per=per[1], words=words)
    scale = _SCALE.match(tail)
    places = _SCALES[scale[1].lower()] if scale else 0
    tail = tail[scale.end() :] if scale else tail
    tail = tail.strip().rstrip(",;").strip()
    tail = _YEAR.sub("", tail)
    if tail and (not UNIT.fullmatch(tail) or RANK.fullmatch(tail)):
        return None
    first = _LETTERS.match(tail)
    head = first[0].lower() if first else ""
    currency = head in ("rupiah", "rp")
    percent = head in ("persen", "prosen")
    return Tail(None if percent else tail or None, grade, currency, percent, words, places)


def _bare(words: str) -> str:
    return re.sub(r"\s*\b(?:persen|prosen)$", "", words.strip(), flags=re.IGNORECASE)


def _said(words: str) -> Decimal | None:
    return from_words(_bare(words))
