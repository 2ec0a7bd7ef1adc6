"""What the body of a column looks like: shares of numbers, amounts, codes, running numbers among its filled cells."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from statistics import median
from typing import NamedTuple

from normalizers.grid import Grid, fold
from normalizers.headers import RUNNING_NUMBER, whole_number

AMOUNT = re.compile(r"^[:\s]*(rp\.?\s*)?\(?-?\d{1,3}([.,]\d{3}){1,}([.,]\d{1,2})?\)?(,-)?$", re.IGNORECASE)
NUMERIC = re.compile(r"^[:\s]*(rp\.?\s*)?\(?[-+]?[\d.,]*\d[\d.,]*\)?\s*(,-)?\s*%?$", re.IGNORECASE)
COUNTED = re.compile(r"^[\d.,]+\s*[a-z/.% ]{1,20}$", re.IGNORECASE)
SPACED = re.compile(r"^\d{1,3}( \d{3})+$")  # thousands parted by blanks: 5 418
NO_DIGIT, DECIMALS = re.compile(r"\D"), re.compile(r"[.,]\d{1,2}\)?$")
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
    round: float = 0.0  # share of the amounts that end in 000 (before their decimals)
    dashes: int = 0  # cells that are not filled but for a dash


def evidence(grid: Grid, body: Sequence[int], column: int) -> Evidence:
    """Look at the cells that begin in this column."""
    cells = grid.owned(body, column)
    texts = [fold(cell.text) for cell in cells]
    found = [_look(text) for text in texts]
    looks = [look for look in found if look]
    if not looks:
        return Evidence(0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, None, dashes=texts.count("-"))
    # `Jumlah` is printed over several columns
    running = [look.running for look, cell in zip(found, cells, strict=True) if look and cell.colspan == 1]
    n = len(looks)
    numeric, amounts, _, belanja, codes, lengths = zip(*looks, strict=True)
    values = sorted([amount for amount in amounts if amount is not None])
    return Evidence(
        filled=n,
        numeric=sum(numeric) / n,
        amounts=len(values) / n,
        running=sum(running) / (len(running) or 1),
        belanja=sum(belanja) / n,
        codes=sum(codes) / n,
        length=sum(lengths) / n,
        typical=median(values) if values else None,
        round=sum([value % 1000 == 0 for value in values]) / (len(values) or 1),
        dashes=texts.count("-"),
    )


class _Look(NamedTuple):
    """What one cell looks like; `amount` is its whole rupiah."""

    numeric: bool
    amount: Decimal | None
    running: bool
    belanja: bool
    code: bool
    length: int


@lru_cache(maxsize=20_000)
def _look(folded: str) -> _Look | None:
    """None for an empty cell or a dash."""
    printed = whole_number(folded)
    if not printed or printed == "-":
        return None
    text = printed.replace(" ", "") if SPACED.match(printed) else printed
    amount = Decimal(NO_DIGIT.sub("", DECIMALS.sub("", text))) if AMOUNT.match(text) else None
    return _Look(
        numeric=bool(NUMERIC.match(text) or COUNTED.match(text)),
        amount=amount,
        running=bool(RUNNING_NUMBER.match(text)),
        belanja=bool(BELANJA.match(text)),
        code=bool(CODE_LIKE.match(printed)),
        length=len(text),
    )
