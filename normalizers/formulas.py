"""The numbering row of a table as a program: `8 = 7/6*100`, `11=(10/4)`, `(5)=(4)/(3)x100%`, `c = a + b`.

    numbering := [label "="] sum | label "(" sum ")" | label
    sum       := product (("+" | "-") product)*
    product   := factor (("*" | "x" | "/" | ":") factor)*
    factor    := ["-"] (label | constant | constant "%" | "(" sum ")")

A whole number is the label of a column, but a power of ten from 100 on (and any decimal number, and what carries `%`)
is a
constant: no table has a hundred numbered columns.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from operator import itemgetter
from typing import Any

from normalizers.number_style import clean


class FormulaError(ValueError):
    """The text is no formula; the message says why."""


def _divided(top: Decimal, bottom: Decimal) -> Decimal:
    if not bottom:
        raise ZeroDivisionError("the formula divides by zero")
    return top / bottom


ZERO = Decimal(0)
_OPERATIONS: dict[str, Callable[..., Decimal]] = {
    "neg": operator.neg, "+": operator.add, "-": operator.sub, "*": operator.mul, "/": _divided,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Expr:
    """A node: `op` is label, constant, neg, +, -, * or /. Labels are strings (`7`, `a`)."""

    op: str
    label: str | None = None
    constant: Decimal | None = None
    left: Expr | None = None
    right: Expr | None = None
    percent_sign: bool = False

    def evaluate(self, values: Mapping[str, Decimal]) -> Decimal:
        """The value for the values of its labels. KeyError where one is missing, ZeroDivisionError on division by
        zero.
        """
        return self.function({label: label for label in self.labels()})(values)

    def function(self, places: Mapping[str, Any]) -> Callable[[Any], Decimal]:
        """The formula of the values that stand at `places` of its labels (indexes of a list, keys of a mapping).

        A label without a place counts as zero.
        """
        if self.op == "label":
            return itemgetter(places[self.label or ""]) if self.label in places else lambda _: ZERO
        if self.op == "constant":
            constant = self.constant or ZERO
            return lambda _: constant
        assert self.left is not None
        left, operation = self.left.function(places), _OPERATIONS[self.op]
        if self.right is None:
            return lambda values: operation(left(values))
        right = self.right.function(places)
        return lambda values: operation(left(values), right(values))

    def labels(self) -> tuple[str, ...]:
        """The labels that it reads, in printed order, each once."""
        found: dict[str, None] = {}
        if self.label is not None:
            found[self.label] = None
        for side in (self.left, self.right):
            if side is not None:
                found.update(dict.fromkeys(side.labels()))
        return tuple(found)

    @property
    def has_hundred(self) -> bool:
        """Whether it multiplies by 100 (or `100%`)."""
        if self.op == "*":
            sides = [s for s in (self.left, self.right) if s is not None]
            if any(s.constant == 100 for s in sides):
                return True
        return any(s.has_hundred for s in (self.left, self.right) if s is not None)

    @property
    def is_quotient(self) -> bool:
        """Whether its outermost operation, apart from factors that are constants, is a division of labels."""
        if self.op == "*" and self.left is not None and self.right is not None:
            if self.right.op == "constant":
                return self.left.is_quotient
            if self.left.op == "constant":
                return self.right.is_quotient
            return self.left.is_quotient and self.right.is_quotient
        return self.op == "/" and bool(self.labels())

    @property
    def is_percentage(self) -> bool:
        """A quotient times 100. A quotient without it may be printed as percent all the same: the numbers decide."""
        return self.has_hundred and (self.is_quotient or "/" in str(self))

    def __str__(self) -> str:
        if self.op == "label":
            return self.label or ""
        if self.op == "constant":
            return f"{self.constant}" + ("%" if self.percent_sign else "")
        if self.op == "neg":
            return f"-{self.left}"
        return f"({self.left} {self.op} {self.right})"


@dataclass(frozen=True, slots=True)
class Numbering:
    """What the numbering row prints over one column. `reason` says why a text is neither a label nor a formula."""

    label: str | None
    formula: Expr | None = None
    reason: str | None = None


_TOKEN = re.compile(
    r"\s*(?:(?P<letter>\d{1,2}[a-h](?![A-Za-z])|[A-Za-z](?![A-Za-z]))|(?P<number>\d+(?:[.,]\d+)?)|(?P<sign>[-+*/:x×÷=()%∙·–—]))",
    re.IGNORECASE,
)
_SAME = {"×": "*", "∙": "*", "·": "*", "x": "*", "X": "*", "÷": "/", ":": "/", "–": "-", "—": "-"}
_LONGEST = 200  # characters; also bounds the depth of the parser
_COLUMN_WORD = re.compile(r"\b(?:kolom|kol|col)\b\.?\s*", re.IGNORECASE)


@lru_cache(maxsize=1_000)
def parse_numbering(text: str) -> Numbering:
    """A cell of the numbering row. An empty cell has neither label nor reason."""
    plain = _COLUMN_WORD.sub("", re.sub(r"\s+", " ", clean(text)).strip())
    if not plain:
        return Numbering(None)
    if len(plain) > _LONGEST:
        return Numbering(None, None, "too long for a formula")
    try:
        return _Parser(_tokenize(plain)).numbering()
    except FormulaError as error:
        return Numbering(None, None, str(error))


def _tokenize(text: str) -> list[str]:
    text = text.replace("[", "(").replace("]", ")").replace("(%)", "")
    text = re.sub(r"^\s*(\w+)\)\s*$", r"\1", text)  # `4)`
    text = re.sub(r"^\s*=", "", text)
    tokens: list[str] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if not match:
            if not text[at:].strip(" ."):
                break
            raise FormulaError(f"`{text[at:].strip()[:20]}` is neither a label nor an operator")
        token = match[match.lastgroup or 0]
        after_operand = bool(tokens) and (tokens[-1][-1].isalnum() or tokens[-1] in (")", "%"))
        tokens.append(_SAME.get(token, token) if token not in "xX" or after_operand else token)
        at = match.end()
    return tokens


class _Parser:
    """Recursive descent over the tokens; one method for each rule of the grammar in the module's docstring."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens
        self.at = 0

    def peek(self) -> str | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def take(self, *wanted: str) -> str | None:
        token = self.peek()
        if token is None or token not in wanted:
            return None
        self.at += 1
        return token

    def numbering(self) -> Numbering:
        label = self._own_label()
        if label is None:
            formula = self.sum()
            self._end()
            if not formula.labels():
                raise FormulaError("no column is named in it")
            return Numbering(None, formula)
        if self.peek() is None:
            return Numbering(label)
        formula = self.sum()
        self._end()
        return Numbering(label, formula)

    def _own_label(self) -> str | None:
        """The label before `=` or before a formula in parentheses, or the whole text: `8 =`, `(8) =`, `8 (7/6)`,
        `(8)`.
        """
        bare = [t for t in self.tokens if t not in ("(", ")")]
        if len(bare) == 1 and _is_label(bare[0]) and self.tokens in (bare, ["(", *bare, ")"]):
            self.at = len(self.tokens)
            return _label(bare[0])
        for length, offset in ((1, 0), (3, 1)):
            head = self.tokens[: length + 1]
            if len(head) <= length or not _is_label(head[offset]):
                continue
            if length == 3 and (head[0], head[2]) != ("(", ")"):
                continue
            if head[length] == "=" or (head[length] == "(" and self.tokens[-1] == ")"):
                self.at = length + (head[length] == "=")
                return _label(head[offset])
        if "=" in self.tokens:
            raise FormulaError("what stands before `=` is no label")
        return None

    def _end(self) -> None:
        if self.peek() is not None:
            raise FormulaError(f"`{self.peek()}` is left over")

    def sum(self) -> Expr:
        left = self.product()
        while (op := self.take("+", "-")) is not None:
            left = Expr(op, left=left, right=self.product())
        return left

    def product(self) -> Expr:
        left = self.factor()
        while (op := self.take("*", "/")) is not None:
            left = Expr(op, left=left, right=self.factor())
        return left

    def factor(self) -> Expr:
        if self.take("-"):
            return Expr("neg", left=self.factor())
        if self.take("("):
            inside = self.sum()
            if not self.take(")"):
                raise FormulaError("a parenthesis is not closed")
            self.take("%")  # `(7/6)%`: the percent sign only says what is printed
            return inside
        token = self.peek()
        if token is None or not token[0].isalnum():
            raise FormulaError(
                "an operand is missing" if token is None else f"`{token}` stands in the place of an operand"
            )
        self.at += 1
        return self._operand(token)

    def _operand(self, token: str) -> Expr:
        percent = self.take("%") is not None
        if token[-1].isalpha():
            return Expr("label", label=_label(token))
        number = Decimal(token.replace(",", "."))
        if _is_label(token) and not (percent and number >= 100):
            return Expr("label", label=_label(token))
        return Expr("constant", constant=number, percent_sign=percent)


def _is_label(token: str) -> bool:
    if token[-1].isalpha():
        return True
    return token.isdigit() and not (int(token) >= 100 and set(token[1:]) == {"0"}) and int(token) < 1000


def _label(token: str) -> str:
    return token.lower() if token[-1].isalpha() else str(int(token))
