"""percent_of in prose: `Rp. 4.757.246.366,- ... atau sebesar 99% dari anggaran` against the amounts named with it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

from extractors.tables import Line
from normalizers.terbilang import Amount, find_amounts
from pipeline.checks.relations import Relation, number
from pipeline.checks.words import Passage, passages

#: A percentage that claims to be another way of saying the amount before it.
_CLAIM = re.compile(
    r"(?:\batau\b(?:\s+(?:sebesar|sebanyak|setara|sekitar))?\s*|\(\s*)(?P<number>\d{1,3}(?:[.,]\d{1,4})?)\s*(?:%|persen)",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[a-z)%])\.\s+(?=[A-Z])")
#: Amounts further back (characters) belong to another thought.
NEAR = 700
HUNDRED = Decimal(100)


def prose_percents(lines: Sequence[Line]) -> list[Relation]:
    """A relation for each percentage in prose that two amounts beside it confirm, or that the only two refute."""
    return [relation for passage in passages(lines) for relation in _of_passage(passage)]


def _of_passage(passage: Passage) -> Iterator[Relation]:
    amounts = [a for a in find_amounts(passage.text) if a.currency and a.value]
    for match in _CLAIM.finditer(passage.text):
        starts = [m.end() for m in _SENTENCE.finditer(passage.text, 0, match.start())]
        ends = _SENTENCE.search(passage.text, match.end())
        first, last = starts[-1] if starts else 0, ends.start() if ends else len(passage.text)
        before = [a for a in amounts if match.start() - NEAR <= a.span[0] < match.start()]
        after = [a for a in amounts if match.end() <= a.span[0] < min(last, match.end() + NEAR)]
        if not before:
            continue
        stated, places = _stated(match["number"])
        pair = _confirmed(before[-1], [*before[:-1], *after], stated, places)
        if pair is None:
            sentence = [a for a in before if a.span[0] >= first] + after
            values = list(dict.fromkeys(a.value for a in sentence if a.value))
            pair = (min(values), max(values)) if len(values) == 2 and before[-1].value == min(values) else None
        if pair is not None:
            yield _relation(passage, match, stated, places, pair)


def _stated(text: str) -> tuple[Decimal, int]:
    whole, _, fraction = text.replace(",", ".").partition(".")
    return Decimal(f"{whole}.{fraction or 0}"), len(fraction)


def _confirmed(
    amount: Amount, others: Sequence[Amount], stated: Decimal, places: int
) -> tuple[Decimal, Decimal] | None:
    """The amount with the first other of which it is that share."""
    for other in reversed(others):
        if amount.value and other.value and stated in _shares(amount.value, other.value, places):
            return amount.value, other.value
    return None


def _shares(part: Decimal, whole: Decimal, places: int) -> list[Decimal]:
    """The share in percent, rounded and cut off."""
    place = Decimal(1).scaleb(-places)
    return [(part / whole * HUNDRED).quantize(place, rounding=how) for how in (ROUND_HALF_UP, ROUND_DOWN)]


def _relation(
    passage: Passage, match: re.Match[str], stated: Decimal, places: int, pair: tuple[Decimal, Decimal]
) -> Relation:
    shares = _shares(*pair, places)
    expected = stated if stated in shares else shares[0]

    def compute(_: Sequence[Decimal]) -> Decimal | None:
        return expected

    line = passage.line_at(match.start())
    relation = Relation(
        "percent_of", None, f"{match['number']}% ({number(pair[0])} of {number(pair[1])})",
        passage.around(match.start(), match.end()), ("prose percent",), "equal", [], compute, stated=stated,
        page=line.page, bbox=line.bbox,
    )  # fmt: skip
    relation.judge()
    return relation
