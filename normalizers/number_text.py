"""The text of a quantity cell -> the text of each quantity in it.

A line break may stand inside a number (`329.957.274,` / `00`), before a wrapped unit (`12 Orang/` / `bulan`), or
between two quantities, one line an indicator. Which one it is follows from the strict grammar, not from the width of
the column.
"""

from __future__ import annotations

import re

from normalizers.grid import fold
from normalizers.number_style import NUMERAL, classify, clean
from normalizers.units import is_unit

_STARTS = re.compile(r"(?:Rp[.,:]?\s*)?[(<>≤≥]?\s*(?:[-–—]\s*)?(?:Rp[.,:]?\s*)?[.,]?\d", re.I)
_DASH_LINE = re.compile(r"(?:Rp[.,:]?\s*)?[-–—]+%?", re.I)
_GRADE_LINE = re.compile(r"(?:[A-E]{1,3}[+-]?)(?:\s*\([\d.,]+\))?")
_YEAR_LINE = re.compile(r"(?:19|20)\d\d")
_HANGING = re.compile(r"(?:\d[.,]|Rp[.,:]?|\(|[-–—]|s/d|/|<|>|≤|≥|:)$", re.I)
_NUMBER_ONLY = re.compile(r"(?P<head>(?:Rp[.,:]?)?\s*[-(]?\s*)(?P<num>\d[\d.,]*)", re.I)
_RUN = re.compile(r"\d+")
_NUMBER_HEAD = re.compile(r"(?P<num>[\d.,]*\d)(?P<rest>\D.*)?$", re.S)


def split_lines(text: str, places: int | None = None) -> list[tuple[str, str]]:
    """(raw substring, one-line text) of each quantity that stands on lines of its own.

    `places` is the number of decimals that the column prints nearly always: `88,8` / `4` is one number in a column of
    two decimals, and two quantities elsewhere.
    """
    if "\n" not in text and "\r" not in text and text.isascii() and "\x0b" not in text:
        line = fold(text)
        return [(text, line)] if line else []
    raw = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    lines = _without_markers([fold(clean(line)) for line in raw])
    groups: list[tuple[str, int, int]] = []
    for number, line in enumerate(lines):
        if not line:
            continue
        if groups and _continues(groups[-1][0], line, places):
            joined, first, _ = groups[-1]
            groups[-1] = (_glue(joined, line, places), first, number)
        else:
            groups.append((line, number, number))
    if len(groups) == 1:
        return [(text, groups[0][0])]
    return [("\n".join(raw[first : last + 1]).strip(), joined) for joined, first, last in groups]


def _without_markers(lines: list[str]) -> list[str]:
    """Bullets and running numbers before each of several lines are no part of the quantities."""
    filled = [line for line in lines if line]
    if len(filled) < 2:
        return lines
    if all(re.match(r"[-–•▪●◦]\s+[\d(]", line) for line in filled):
        return [re.sub(r"^[-–•▪●◦]\s+", "", line) for line in lines]
    marks = [re.match(r"(\d+|[a-z])[.)]\s+\S", line) for line in filled]
    found = [mark[1] for mark in marks if mark]
    running = [str(n + 1) for n in range(len(filled))], [chr(ord("a") + n) for n in range(len(filled))]
    if found in running:
        return [re.sub(r"^(?:\d+|[a-z])[.)]\s+", "", line) for line in lines]
    return lines


def _continues(so_far: str, line: str, places: int | None) -> bool:
    if _inside_number(so_far, line, places):
        return True
    if _DASH_LINE.fullmatch(line):
        return _HANGING.search(so_far) is not None and not _DASH_LINE.fullmatch(so_far)
    if _GRADE_LINE.fullmatch(line) and (re.search(r"\d", so_far) or _GRADE_LINE.fullmatch(so_far)):
        return False
    if not _STARTS.match(line):
        return not _DASH_LINE.fullmatch(so_far) or is_unit(line) or line.startswith("%")
    if _DASH_LINE.fullmatch(so_far):
        return False
    if _HANGING.search(so_far):
        return True
    if _YEAR_LINE.fullmatch(line) and re.search(r"\d.*[A-Za-z]$", so_far):  # `1 Dokumen Renja` / `2024`
        return True
    if line.startswith("("):
        return re.search(r"\d", so_far) is None
    if re.match(r"[–—]\s*\d|-\s+\d", line):  # the second half of a range
        return _NUMBER_ONLY.fullmatch(so_far) is not None
    return re.search(r"\d", so_far) is None and not _GRADE_LINE.fullmatch(so_far)


def _inside_number(so_far: str, line: str, places: int | None) -> bool:
    """Whether the break stands inside one number: the halves have no strict reading, or another one, without each
    other.
    """
    left, right = _NUMBER_ONLY.fullmatch(so_far), _NUMBER_HEAD.match(line)
    if not left or not right:
        return False
    start, more = left["num"], right["num"]
    whole = start + more
    if not re.fullmatch(r"\d+(?:[.,]\d+)*", whole) or classify(whole).kind == "broken":
        return False
    if start[-1] in ".," or more[0] in ".,":
        return True
    shape = classify(whole)
    if classify(start).kind == "broken":
        return True
    if not more.isdigit() or places is None or not places:
        return False
    return len(shape.fraction) == places and 0 < len(classify(start).fraction) < places and right["rest"] is None


def _glue(so_far: str, line: str, places: int | None) -> str:
    if _inside_number(so_far, line, places) or so_far.endswith(("/", "(")) or line.startswith(("/", "%", ")")):
        return so_far + line
    return f"{so_far} {line}"


_QUANTITY_AND_UNIT = re.compile(
    rf"(?P<num>{NUMERAL})\s*(?:\([A-Za-z ]+\)\s*)?(?P<unit>%|[A-Za-z][A-Za-z/. ]*?)"
    r"(?P<mark>\s*(?:,|/|&|\+|\bdan\b)\s*|\s+)?(?=\d|$)",
)


def split_quantities(line: str) -> list[str]:
    """`2 Dok; 3 Lap`, `2 Dok, 3 Lap`, `1 Dokumen 2 Laporan` -> one text each. Only where every one has a known unit."""
    if ";" in line:
        return [piece.strip() for piece in line.split(";") if piece.strip()]
    if len(_RUN.findall(line)) < 2:
        return [line]
    pieces, at = [], 0
    while at < len(line):
        match = _QUANTITY_AND_UNIT.match(line, at)
        if not match or not is_unit(match["unit"]) or match.end() == at:
            return [line]
        pieces.append(line[at : match.end("unit")].strip())
        at = match.end()
    return pieces if len(pieces) > 1 else [line]
