"""Relations: what a document claims of its own numbers, each over a few facts.

A relation computes one printed number (its result, a fact or an amount in prose) from others (its inputs). It is judged
once with the numbers as printed; blame and pins then ask what would become of it with other numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from extractors.tables import Box
from pipeline.checks.fractional import Fractional, Undecided, X
from pipeline.checks.slips import slips
from pipeline.facts import Fact

Compute = Callable[[Sequence[Decimal]], Decimal | None]

ONE = Decimal(1)
HALF = Decimal("0.5")
CENT = Decimal("0.01")
_PLACES = [ONE.scaleb(-places) for places in range(7)]
#: Amounts added up in rupiah may be one rupiah apart where parts were rounded.
RUPIAH = Decimal(1)
#: Long sums drift further: one rupiah for so many parts.
PARTS_A_RUPIAH = 10
#: In a column of so few rows one percentage capped at 100 is no surprise.
FEW_ROWS = 4
#: What is reached beyond this (percent) is a wrong number rather than a cap; small tables show what they like.
HIGHEST, HIGHEST_FEW = Decimal(250), Decimal(1000)
#: So many quotients show by which convention they are rounded, if this share of them follows it.
SETTLED, MOSTLY, USUAL = 4, 0.75, 0.9


@dataclass(slots=True)
class Relation:
    """`shape` is sum, equal, product or quotient. `stated` is an amount in prose where the result is no fact.

    `group` holds together the relations that stand or fall together: one formula over one column of one table.
    `printed` tells what the document says in so many words from what is only inferred from roles.
    """

    kind: str
    table_id: str | None
    subject: str
    claim: str | None
    group: tuple[str, ...]
    shape: str
    inputs: list[Fact]
    compute: Compute
    result: Fact | None = None
    stated: Decimal | None = None
    printed: bool = True
    page: int | None = None
    bbox: Box | None = None
    incomplete: bool = False  # a part has no printed number
    # judged
    expected: Decimal | None = None
    found: Decimal | None = None
    verdict: str = "void"  # holds, fails, void
    exact: bool = False
    capped: bool = False
    trusted: bool = True
    gap: str = ""  # why a row of the table seems to be missing, where that explains the failure
    rounding: str = "any"  # round, trunc, both, any: the convention of its column
    pins: list[str] = field(default_factory=list)
    # explained
    culprit: str | None = None
    partners: list[str] = field(default_factory=list)  # cells that are to blame together with the culprit
    proved: list[str] = field(default_factory=list)  # the rest of a failing sum, by the value proposed for its culprit
    suspected: list[str] = field(default_factory=list)  # where no single one is to blame: those a slip would explain
    suggestion: str | None = None
    because: str = ""
    remark: str = ""  # what else is to be said of it
    # of the cells alone, whatever their values: made once
    facts: list[Fact] = field(init=False, repr=False)
    slack: Decimal = field(init=False, repr=False)
    place: Decimal = field(init=False, repr=False)  # the last printed place of the result
    _fact_ids: list[str] | None = field(init=False, repr=False, default=None)

    def __post_init__(self) -> None:
        self.facts = [self.result, *self.inputs] if self.result is not None else self.inputs
        self.place = _PLACES[min(self.result.decimals or 0, 6) if self.result is not None else 0]
        self.slack = self._slack()

    @property
    def fact_ids(self) -> list[str]:
        """The facts it is about, each once."""
        if self._fact_ids is None:
            self._fact_ids = list(dict.fromkeys([f.fact_id for f in self.facts]))
        return self._fact_ids

    @property
    def short(self) -> bool:
        """Whether the parts of a failing sum give less than the whole."""
        expected, found = self.expected, self.found
        sums = self.kind == "hierarchy_sum" and self.verdict == "fails"
        return sums and expected is not None and found is not None and 0 < expected < found

    def _slack(self) -> Decimal:
        """How far the printed number may be from the computed one: the last printed place, one rupiah for amounts."""
        result = self.result if self.result is not None else (self.inputs[0] if self.inputs else None)
        if result is None:
            return Decimal(0)
        places = result.decimals or 0
        if self.shape == "quotient":
            return _PLACES[min(places, 6)]  # the store keeps six places
        if result.quantity == "anggaran" and not is_percent(result):
            return max(RUPIAH, Decimal(len(self.inputs) // PARTS_A_RUPIAH))
        deepest = max([f.decimals or 0 for f in self.facts])
        return ONE.scaleb(-places) if deepest > places or self.shape == "product" else Decimal(0)

    def values(self, changed: str | None = None, value: Decimal | None = None) -> tuple[Decimal | None, Decimal | None]:
        """(expected, found), with the value of one fact replaced."""
        if changed is None:
            numbers = [n for f in self.inputs if (n := f.value) is not None]
        else:
            numbers = [n for f in self.inputs if (n := value if f.fact_id == changed else f.value) is not None]
        expected = self.compute(numbers) if len(numbers) == len(self.inputs) else None
        if self.result is None:
            return expected, self.stated
        return expected, value if self.result.fact_id == changed else self.result.value

    def within(self, expected: Decimal | None, found: Decimal | None) -> bool:
        return expected is not None and found is not None and abs(expected - found) <= self.slack

    def exactly(self, expected: Decimal | None, found: Decimal | None) -> bool:
        """Whether the printed number is the computed one to its last printed place, in the column's own rounding."""
        if expected is None or found is None:
            return False
        off = abs(expected - found)
        if self.shape == "sum" or self.shape == "equal":
            return off <= (HALF * self.slack if self.slack < ONE else 0)
        rounded = off <= HALF * self.place
        if self.rounding == "round" or (rounded and self.rounding == "any"):
            return rounded
        cut = 0 <= abs(expected) - abs(found) < self.place
        return cut and (rounded or self.rounding != "both")

    def judge(self) -> None:
        """Sets expected, found, verdict and exact from the printed numbers."""
        self.expected, self.found = self.values()
        if self.expected is None or self.found is None:
            self.verdict = "void"
        else:
            self.capped = is_capped(self)
            self.verdict = "holds" if self.within(self.expected, self.found) else "fails"
        self.exact = self.verdict == "holds" and self.exactly(self.expected, self.found)

    def holds_with(self, fact_id: str, value: Decimal) -> bool:
        return self.within(*self.values(fact_id, value))

    def tells(self) -> bool:
        """Whether there is anything to tell: `0 = 0` holds of itself."""
        if self.verdict == "void":
            return False
        for fact in self.facts:  # asked of each relation many times: `any` would take twice as long
            if fact.value:
                return True
        return bool(self.stated)

    def find_pins(self) -> None:
        """Sets `pins`: the facts of which any plausible slip would break the relation."""
        self.pins = []
        if not (self.trusted and self.verdict == "holds" and self.exact and self.tells()):
            return
        if self.shape in ("sum", "equal") and (self.slack == 0 or self.slack >= ONE):
            self.pins = list(self.fact_ids)
            return
        for fact in self.facts:
            if fact.fact_id not in self.pins and (self._pins_itself(fact) or self._notices_every_slip(fact)):
                self.pins.append(fact.fact_id)

    def _pins_itself(self, fact: Fact) -> bool:
        return self.shape not in ("sum", "equal") and fact is self.result and fact.value != 0

    def _notices_every_slip(self, fact: Fact) -> bool:
        slipped = self.likely_slips(fact)
        return fact.value is not None and not any(self.exactly(*self.values(fact.fact_id, v)) for v in slipped)

    def likely_slips(self, fact: Fact) -> Iterator[Decimal]:
        """The slips of a cell but those with which the relation cannot hold: of the many of a long number few remain."""
        return iter(()) if fact.value is None else slips(fact.value, fact.decimals, self._may_hold(fact.fact_id))

    def _may_hold(self, fact_id: str) -> Callable[[float], bool] | None:
        """Whether the result comes near the printed one with another value of a cell; None where nothing tells it."""
        try:
            expected, found = self.values(fact_id, X)  # type: ignore[arg-type]
        except Undecided:
            return None
        if isinstance(expected, Fractional) and isinstance(found, Decimal):
            return expected.comes_near(found, max(self.slack, self.place))
        if isinstance(found, Fractional) and isinstance(expected, Decimal):
            return found.comes_near(expected, max(self.slack, self.place))
        return None


def add(values: Sequence[Decimal]) -> Decimal:
    return sum(values, Decimal(0))


def is_percent(fact: Fact) -> bool:
    return fact.unit == "Persen" or fact.role in ("tingkat_realisasi", "tingkat_capaian") or "%" in fact.raw


def is_money(fact: Fact) -> bool:
    return fact.quantity == "anggaran" and not is_percent(fact)


def is_capped(relation: Relation) -> bool:
    """A percentage printed as 100 where the numbers give more: a habit of reports, not an error."""
    result = relation.result
    if relation.shape != "quotient" or result is None or relation.expected is None:
        return False
    return result.value == 100 and relation.expected > 100 + relation.slack and is_percent(result)


def accept_caps(relations: list[Relation]) -> None:
    """Takes failing percentages of 100 for capped where their column shows the habit.

    Shown is it by two capped rows, or by one in a column of few, where no other row prints more than 100.
    """
    for members in grouped(relations).values():
        capped = [r for r in members if r.capped and r.verdict == "fails"]
        above = any(r.result is not None and r.result.value is not None and r.result.value > 100 for r in members)
        most = HIGHEST_FEW if len(members) <= FEW_ROWS else HIGHEST
        capped = [r for r in capped if r.expected is not None and r.expected <= most]
        habit = not above and (len(capped) >= 2 or len(members) <= FEW_ROWS)
        for r in members:
            r.capped = habit and any(r is c for c in capped)
            if r.capped:
                r.verdict = "void"


def settle_rounding(relations: list[Relation]) -> None:
    """Finds the rounding of each group of quotients (rounded or cut off) and judges exactness by it.

    A few rows follow the rest of the document. Where no convention shows, only those are exact in which both agree: a
    slip of the last digit would go unnoticed in the others.
    """
    told = [r for r in relations if r.shape == "quotient" and r.verdict == "holds" and r.tells()]
    usual = _rounding(told, USUAL) if len(told) >= SETTLED else None
    for members in grouped(told).values():
        rounding = usual if len(members) < SETTLED else _rounding(members, MOSTLY) or usual
        for r in members:
            r.rounding = rounding or "both"
            r.exact = r.exactly(r.expected, r.found)


def _rounding(told: Sequence[Relation], share: float) -> str | None:
    """The convention that at least a share of the quotients follow; the likelier of two."""
    counts = {}
    for rounding in ("round", "trunc"):
        for r in told:
            r.rounding = rounding
        counts[rounding] = sum(r.exactly(r.expected, r.found) for r in told)
    best = max(counts, key=lambda name: counts[name])
    return best if counts[best] >= share * len(told) else None


def grouped(relations: list[Relation]) -> dict[tuple[str, ...], list[Relation]]:
    groups: dict[tuple[str, ...], list[Relation]] = {}
    for r in relations:
        groups.setdefault(r.group, []).append(r)
    return groups


def number(value: Decimal | None) -> str:
    """A number as Indonesian reports print it: `839.618.832`, `98,6`."""
    if value is None:
        return "nothing"
    if value == value.to_integral_value():
        return f"{int(value):,}".replace(",", ".")
    value = value.quantize(CENT)
    whole, _, fraction = f"{abs(value):,f}".partition(".")
    text = whole.replace(",", ".") + (f",{fraction.rstrip('0')}" if fraction.rstrip("0") else "")
    return f"-{text}" if value < 0 else text


def plain(value: Decimal) -> str:
    """A number as machines read it: `839618832`, `98.6`."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
