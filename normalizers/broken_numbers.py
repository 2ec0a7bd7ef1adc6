"""One number that a narrow column broke over two lines, where the text alone would read as two.

`547.411.098,0` / `0`, `941,9` / `00`, `-` / `66.067.169.228`, `56,2` / `4`: joined only where the first line is no whole amount
and the whole is one, or where the row measures one thing only.
"""

from __future__ import annotations

import re

AMOUNT = re.compile(r"\d{1,3}(?:\.\d{3})+(?:,\d{2})?|\d{1,3}(?:,\d{3})+(?:\.\d{2})?")
FIRST_LINE = re.compile(r"^(?P<before>\s*(?:Rp\.?\s*)?[-–(]?\s*)(?P<number>\d[\d.,]*)\s*$", re.IGNORECASE)
SECOND_LINE = re.compile(r"^\s*(?P<number>\d[\d.,]*?)(?P<after>\s*\)?\s*(?:[.,]-|%|[A-Za-z][A-Za-z/ ]*)?\s*\)?\s*)$")
MINUS_LINE = re.compile(r"^(\s*(?:Rp\.?\s*)?[-–])\s*\n\s*(?=\d)", re.IGNORECASE)
MINUS_RP_LINE = re.compile(r"^(\s*Rp\.?\s*[-–])\s*\n\s*(?=\d)", re.IGNORECASE)
LISTED = re.compile(r"(?:^|\s)2\s*[.)]\s|;\s|\n\s*[-•]\s")


def measures_one(indicator: str | None) -> bool:
    """False where an indicator cell lists several (`1. ... 2. ...`): then lines of numbers may belong to them."""
    return not indicator or not LISTED.search(indicator)


def rejoined(text: str, money: bool, single: bool, signed: bool = False) -> str:
    """The cell's text with a broken number on one line. `single`: one quantity is expected; `signed`: it may be negative."""
    if "\n" not in text:
        return text
    text = (MINUS_LINE if signed or (money and single) else MINUS_RP_LINE).sub(r"\1", text)
    lines = text.split("\n")
    found = [lines[0]]
    for line in lines[1:]:
        whole = _joined(found[-1], line, money, single)
        if whole is None:
            found.append(line)
        else:
            found[-1] = whole
    return "\n".join(found)


def _joined(one: str, two: str, money: bool, single: bool) -> str | None:
    first, second = FIRST_LINE.match(one), SECOND_LINE.match(two)
    if first is None or second is None:
        return None
    left, right = first["number"], second["number"]
    whole_amount = AMOUNT.fullmatch(left + right) is not None and AMOUNT.fullmatch(left) is None
    grouped = whole_amount and (money or left.count(".") + left.count(",") > 1)
    decimals = single and not money and re.fullmatch(r"\d+[.,]\d", left) and re.fullmatch(r"\d", right)
    return f"{first['before']}{left}{right}{second['after']}" if grouped or decimals else None
