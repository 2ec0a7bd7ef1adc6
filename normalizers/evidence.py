"""What the body of a column looks like: shares of numbers, amounts, codes, running numbers among its filled cells."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median

from normalizers.grid import Grid, fold
from normalizers.headers import RUNNING_NUMBER, whole_number

AMOUNT = re.compile(r"^[:\s]*(rp\.?\s*)?\(?-?\d{1,3}([.,]\d{3}){1,}([.,]\d{1,2})?\)?(,-)?$", re.IGNORECASE)
NUMERIC = re.compile(r"^[:\s]*(rp\.?\s*)?\(?[-+]?[\d.,]*\d[\d.,]*\)?\s*(,-)?\s*%?$", re.IGNORECASE)
COUNTED = re.compile(r"^[\d.,]+\s*[a-z/.% ]{1,20}$", re.IGNORECASE)
SPACED = re.compile(r"^\d{1,3}( \d{3})+$")  # thousands parted by blanks: 5 418
BELANJA = re.compile(r"^belanja\b", re.IGNORECASE)
CODE_LIKE = re.compile(r"^(\d|x)[.\s](\d{1,2}|xx)([.\s]\d{1,4})*\.?$|^\d{3,10}$|^\d,\d+e\+\d+$", re.IGNORECASE)


@dataclass(slots=True)
class Evidence:
    """What the body of one column looks like; shares are of its filled cells."""

    filled: int
    numeric: float
    amounts: float
    running: float
    belanja: float
    codes: float
    length: float
    typical: Decimal | None  # median of the amounts, in printed units


def evidence(grid: Grid, body: Sequence[int], column: int) -> Evidence:
    """Look at the cells that begin in this column."""
    texts = [whole_number(fold(c.text)) for row in body if (c := grid.own(row, column)) is not None]
    printed = [text for text in texts if text and text != "-"]
    texts = [text.replace(" ", "") if SPACED.match(text) else text for text in printed]
    n = len(texts) or 1
    amounts = [text for text in texts if AMOUNT.match(text)]
    numeric = sum(bool(NUMERIC.match(t) or COUNTED.match(t)) for t in texts)
    values = sorted(Decimal(re.sub(r"\D", "", re.sub(r"[.,]\d{1,2}\)?$", "", a))) for a in amounts)
    return Evidence(
        filled=len(texts),
        numeric=numeric / n,
        amounts=len(amounts) / n,
        running=sum(bool(RUNNING_NUMBER.match(t)) for t in texts) / n,
        belanja=sum(bool(BELANJA.match(t)) for t in texts) / n,
        codes=sum(bool(CODE_LIKE.match(t)) for t in printed) / n,
        length=sum(map(len, texts)) / n,
        typical=median(values) if values else None,
    )
