"""Ways in which numbers of a printed document go wrong, each as other text for some of its cells."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from benchmarks.retype import Glyph, Typist
from pipeline.facts import Fact, Harvest, MeantTable

DIGITS = ("exchanged", "changed", "dropped", "doubled", "group lost", "group added", "look-alike")
CELLS = ("swapped", "shifted", "lost row")
KINDS = (*DIGITS, *CELLS)
LOOK_ALIKE = {"0": "O", "1": "I"}
MOST_CELLS = 5
_CORE = re.compile(r"\d(?:[\d.,']|[ \n](?=\d))*")


@dataclass(slots=True)
class Spoiling:
    """One cell with other text. `value` is what the spoiled text says (of a look-alike what is meant), None when lost."""

    kind: str
    fact_id: str
    text: str
    value: Decimal | None
    slots: list[Glyph]
    page: int


@dataclass(slots=True)
class Number:
    """The printed number of a cell, taken apart: `head` + digits with separators + `tail`."""

    head: str
    whole: str
    fraction: str
    tail: str
    group: str  # separator of thousands; empty where none is printed
    point: str
    unit: Decimal  # value of a one in the last printed place, with its sign

    def text(self, digits: str) -> str:
        """The cell with other digits, grouped as before."""
        places = len(self.fraction)
        whole, fraction = (digits[:-places], digits[-places:]) if places else (digits, "")
        if self.group:
            whole = re.sub(r"(?<=\d)(?=(\d{3})+$)", self.group, whole)
        return self.head + (whole or "0") + (self.point + fraction if fraction else "") + self.tail


def taken_apart(fact: Fact) -> Number | None:
    """The number of a cell that prints one number, None where it cannot be told which digits those are."""
    raw, places = fact.raw.replace("\n", ""), fact.decimals or 0
    core = max(_CORE.finditer(raw), key=lambda m: len(m[0]), default=None)
    if core is None or not fact.value:
        return None
    text = core[0].rstrip(".,' ")
    pieces = re.split(r"[.,' ]", text)
    if places and (len(pieces) < 2 or len(pieces[-1]) != places):
        return None
    marks = re.findall(r"[.,' ]", text)
    point = marks.pop() if places else ""
    whole = "".join(pieces[:-1] if places else pieces)
    digits = whole + (pieces[-1] if places else "")
    group = marks[0] if marks else ""
    if (
        not int(digits)
        or len(set(marks)) > 1
        or (marks and [len(p) for p in pieces[1 : len(marks) + 1]] != [3] * len(marks))
    ):
        return None
    unit = fact.value / int(digits)
    if abs(unit).as_tuple().digits != (1,):
        return None
    end = core.start() + len(text)
    return Number(raw[: core.start()], whole, pieces[-1] if places else "", raw[end:], group, point, unit)


def spoil(harvest: Harvest, typist: Typist, barred: set[str], chance: random.Random) -> list[Spoiling]:
    """One to five cells of a document, spoiled in one way; none where the choice does not lend itself to it."""
    kind = chance.choice(KINDS)
    facts = [f for t in harvest.tables for f in t.facts if f.value and f.quantity and f.fact_id not in barred]
    if not facts:
        return []
    if kind in DIGITS:
        chosen = chance.sample(facts, min(chance.randint(1, MOST_CELLS), len(facts)))
        found = [s for f in chosen if (s := _digits(f, kind, typist, chance)) is not None]
        return _apart(found)
    fact = chance.choice(facts)
    table = next(t for t in harvest.tables if t.table_id == fact.table_id)
    if kind == "lost row":
        return _lost_row(harvest, table, fact, typist)
    column = [f for f in table.facts if f.column_no == fact.column_no and f.value is not None and f.part == 0]
    if fact not in column:
        return []
    at = column.index(fact)
    if kind == "swapped":
        pair = column[at : at + 2]
        return (
            _retyped(kind, pair, pair[::-1], typist) if len(pair) > 1 and not {f.fact_id for f in pair} & barred else []
        )
    piece = column[at : at + chance.randint(3, MOST_CELLS + 1)]
    return _retyped(kind, piece[1:], piece[:-1], typist) if not {f.fact_id for f in piece} & barred else []


def _apart(spoilings: Sequence[Spoiling]) -> list[Spoiling]:
    """The spoilings of different cells: several facts may share one."""
    taken: set[tuple[int, Glyph]] = set()
    out = []
    for s in spoilings:
        mine = {(s.page, glyph) for glyph in s.slots}
        if not mine & taken:
            out.append(s)
            taken |= mine
    return out


def _digits(fact: Fact, kind: str, typist: Typist, chance: random.Random) -> Spoiling | None:
    number = taken_apart(fact)
    slots = typist.slots(fact.page, fact.bbox, fact.raw) if number is not None else []
    if number is None or not slots:
        return None
    if kind == "look-alike":
        return _look_alike(fact, slots, typist, chance)
    digits = _slip(number.whole + number.fraction, len(number.fraction), kind, chance)
    if digits is None or int(digits) == int(number.whole + number.fraction):
        return None
    text = "".join(number.text(digits).split())
    if len(digits) != len(number.whole + number.fraction) and number.group and chance.random() < 0.3:
        text = _as_slipped("".join(fact.raw.split()), text, kind, chance) or text
    if not typist.writable(slots, text):
        return None
    return Spoiling(kind, fact.fact_id, text, int(digits) * number.unit, slots, fact.page)


def _slip(digits: str, places: int, kind: str, chance: random.Random) -> str | None:
    i = chance.randrange(len(digits))
    if kind == "exchanged":
        return digits[:i] + digits[i : i + 2][::-1] + digits[i + 2 :] if len(digits) > 1 else None
    if kind == "changed":
        return digits[:i] + chance.choice([d for d in "0123456789" if d != digits[i]]) + digits[i + 1 :]
    if kind == "dropped":
        return digits[:i] + digits[i + 1 :] if len(digits) - places > 1 else None
    if kind == "doubled":
        return digits[:i] + digits[i] + digits[i:]
    whole = len(digits) - places
    ends = range(whole, 3, -3)  # where groups of three end
    if not ends:
        return None
    end = chance.choice(ends)
    return digits[: end - 3] + digits[end:] if kind == "group lost" else digits[:end] + "000" + digits[end:]


def _as_slipped(raw: str, wanted: str, kind: str, chance: random.Random) -> str | None:
    """The printed text with one digit taken out or doubled and nothing grouped anew."""
    places = [i for i, c in enumerate(raw) if c.isdigit()]
    chance.shuffle(places)
    digits = re.sub(r"\D", "", wanted)
    for i in places:
        text = raw[:i] + raw[i + 1 :] if kind == "dropped" else raw[:i] + raw[i] + raw[i:]
        if re.sub(r"\D", "", text) == digits:
            return text
    return None


def _look_alike(fact: Fact, slots: list[Glyph], typist: Typist, chance: random.Random) -> Spoiling | None:
    text = "".join(fact.raw.split())
    places = [i for i, c in enumerate(text) if c in LOOK_ALIKE]
    if not places:
        return None
    i = chance.choice(places)
    text = text[:i] + LOOK_ALIKE[text[i]] + text[i + 1 :]
    if not typist.writable(slots, text):
        return None
    return Spoiling("look-alike", fact.fact_id, text, fact.value, slots, fact.page)


def _retyped(kind: str, facts: Sequence[Fact], others: Sequence[Fact], typist: Typist) -> list[Spoiling]:
    """Each cell with the text of another; none at all where one of them cannot be retyped."""
    out = []
    for fact, other in zip(facts, others, strict=True):
        slots, text = typist.slots(fact.page, fact.bbox, fact.raw), "".join(other.raw.split())
        if not slots or not typist.writable(slots, text):
            return []
        if other.value != fact.value:
            out.append(Spoiling(kind, fact.fact_id, text, other.value, slots, fact.page))
    return out


def _lost_row(harvest: Harvest, table: MeantTable, fact: Fact, typist: Typist) -> list[Spoiling]:
    """All text of a row taken away, its frame left standing."""
    row = next((grid for grid, number in table.row_numbers.items() if number == fact.row_no), None)
    number = table.table_no if table.table_no is not None else harvest.tables.index(table)
    lost = [f for f in table.facts if f.row_no == fact.row_no]
    if row is None or number >= len(harvest.reading.tables):
        return []
    out = []
    for cell in harvest.reading.tables[number].cells:
        if cell.row == row + table.first_row and cell.rowspan == 1 and cell.text.strip():
            slots = typist.slots(cell.page, cell.bbox, cell.text)
            if not slots:
                return []
            out.append(Spoiling("lost row", "", "", None, slots, cell.page))
    if not out or any(not typist.slots(f.page, f.bbox, f.raw) for f in lost):
        return []
    gone = {id(g) for s in out for g in s.slots}
    if not all(any(id(g) in gone for g in typist.slots(f.page, f.bbox, f.raw)) for f in lost):
        return []
    marks = [Spoiling("lost row", f.fact_id, "", None, [], f.page) for f in lost if f.value is not None]
    return out + marks


def changes(spoilings: Sequence[Spoiling]) -> Iterator[tuple[int, list[Glyph], str]]:
    """What the typist has to do."""
    return ((s.page, s.slots, s.text) for s in spoilings if s.slots)
