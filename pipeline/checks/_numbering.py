"""The texts of a numbering row, read as label and formula; to be replaced by `normalizers.formulas`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

_TEXT = re.compile(r"\s*\(?\s*(\d{1,2}|[a-z])\s*\)?\s*(?:=\s*(.+?))?\s*")
_TOKEN = re.compile(r"\d+|[a-z]|[-+*/()×:]")
_SAME = {"x": "*", "×": "*", ":": "/"}


@dataclass(frozen=True, slots=True)
class Formula:
    """An arithmetic formula over column labels."""

    labels: tuple[str, ...]
    tokens: tuple[str, ...]

    @property
    def divides(self) -> bool:
        return "/" in self.tokens

    @property
    def multiplies(self) -> bool:
        return "*" in self.tokens

    def evaluate(self, values: Mapping[str, Decimal]) -> Decimal | None:
        """The formula's value; ZeroDivisionError where it divides by zero."""
        return _Reader(self.tokens, values).sum()


class _Reader:
    def __init__(self, tokens: tuple[str, ...], values: Mapping[str, Decimal]) -> None:
        self.tokens, self.values, self.at = tokens, values, 0

    def sum(self) -> Decimal:
        value = self.product()
        while self.at < len(self.tokens) and self.tokens[self.at] in "+-":
            sign = self._next()
            value = value + self.product() if sign == "+" else value - self.product()
        return value

    def product(self) -> Decimal:
        value = self.atom()
        while self.at < len(self.tokens) and self.tokens[self.at] in "*/":
            sign, other = self._next(), self.atom()
            if sign == "/" and other == 0:
                raise ZeroDivisionError
            value = value * other if sign == "*" else value / other
        return value

    def atom(self) -> Decimal:
        token = self._next()
        if token == "(":
            value = self.sum()
            self.at += 1
            return value
        if token == "-":
            return -self.atom()
        return self.values[token] if token in self.values else Decimal(token)

    def _next(self) -> str:
        self.at += 1
        return self.tokens[self.at - 1]


@dataclass(frozen=True, slots=True)
class Numbering:
    """`8 = 7/6*100`: label 8, and the formula."""

    label: str
    formula: Formula | None


def parse_numbering(text: str) -> Numbering | None:
    """Label and formula of one text of a numbering row; None where it is neither."""
    match = _TEXT.fullmatch(text.lower())
    if not match:
        return None
    if not match[2]:
        return Numbering(match[1], None)
    tokens = tuple(_SAME.get(t, t) for t in _TOKEN.findall(match[2]))
    labels = tuple(dict.fromkeys(t for t in tokens if (t.isdigit() or t.isalpha()) and t != "100"))
    formula = Formula(labels, tokens)
    try:
        formula.evaluate({label: Decimal(1) for label in labels})
    except ZeroDivisionError:
        pass
    except Exception:
        return Numbering(match[1], None)
    return Numbering(match[1], formula)
