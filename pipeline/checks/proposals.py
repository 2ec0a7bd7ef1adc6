"""Proposals for a failing check: which single cell, with which other value, would make every check around it hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from pipeline.checks.grid import Grid
from pipeline.checks.ratios import UsualRatios
from pipeline.checks.relations import ONE, Relation
from pipeline.checks.slips import CHANGED, digits_of, likeness
from pipeline.facts import Fact

#: Evidence beside likeness of digits: the ratio that two columns of the table keep on nearly every row.
RATIO = 7
#: The same to the last rupiah: such a value proves the other numbers of its sum.
RATIO_KEPT = 8
#: A part that is counted although the sum holds without it.
LEFT_OUT = 5
NEIGHBOUR = 2
#: Numbers of fewer digits are slips of each other too easily.
FEW_DIGITS = 4
LONG = Decimal(10_000)
#: More cells than this are not tried slip by slip.
MANY = 16


@dataclass(frozen=True, slots=True)
class Proposal:
    """`value` None proposes to leave the cell out of the sum. `fixes` counts the failures it mends."""

    fact: Fact
    value: Decimal | None
    fixes: int
    evidence: int

    @property
    def rank(self) -> tuple[int, int]:
        return self.fixes, self.evidence


class Blame:
    """Finds proposals for the failing relations of a document, given the proposals already accepted."""

    def __init__(self, relations: Sequence[Relation], grids: Sequence[Grid]) -> None:
        self.around: dict[str, list[Relation]] = {}
        self.wrong_claims: dict[str, list[Relation]] = {}
        self.failing: set[int] = set()
        for relation in relations:
            if relation.verdict == "void" or relation.gap:
                continue
            index = self.around if relation.trusted else self.wrong_claims
            for fact_id in relation.fact_ids:
                index.setdefault(fact_id, []).append(relation)
            if relation.verdict == "fails":
                self.failing.add(id(relation))
        self.grids = {grid.table.table_id: grid for grid in grids}
        self._ratios: dict[str, UsualRatios] = {}
        self._columns: dict[tuple[str, int, int], list[Fact]] = {}
        self.unmoved: set[tuple[str, str]] = set()  # pieces of columns that did not move, as long as nothing is mended
        self.mended: dict[str, tuple[Fact, Decimal | None]] = {}

    def ratios(self, fact: Fact) -> UsualRatios | None:
        """What the table of a fact keeps to."""
        if fact.table_id not in self._ratios and fact.table_id in self.grids:
            self._ratios[fact.table_id] = UsualRatios(self.grids[fact.table_id])
        return self._ratios.get(fact.table_id)

    def fails(self, relation: Relation) -> bool:
        return id(relation) in self.failing

    def mend(self, fact: Fact, value: Decimal) -> None:
        """Goes on as if `value` were printed; `restore` takes it back."""
        self.mended.setdefault(fact.fact_id, (fact, fact.value))
        fact.value = value
        self.unmoved.clear()
        for r in (*self.around.get(fact.fact_id, []), *self.wrong_claims.get(fact.fact_id, [])):
            if r.within(*r.values()):
                self.failing.discard(id(r))

    def restore(self) -> None:
        for fact, printed in self.mended.values():
            fact.value = printed

    def explain(self, relation: Relation) -> list[Proposal]:
        """The best proposals for a failing relation, one a cell, best first; several of one rank are a tie."""
        best: dict[str, Proposal] = {}
        for proposal in self._proposals(relation):
            known = best.get(proposal.fact.fact_id)
            if known is None or proposal.rank > known.rank:
                best[proposal.fact.fact_id] = proposal
        return sorted(best.values(), key=lambda p: p.rank, reverse=True)

    def _proposals(self, relation: Relation) -> Iterator[Proposal]:
        for fact in _distinct(relation.facts):
            if fact.fact_id in self.mended:
                continue
            for value in self._candidates(relation, fact):
                fixes = self._fixes(fact, value)
                if fixes:
                    yield Proposal(fact, value, fixes, self._evidence(relation, fact, value))
        yield from self._left_out(relation)

    def _candidates(self, relation: Relation, fact: Fact) -> list[Decimal]:
        out: list[Decimal] = []
        failing = [r for r in self.around.get(fact.fact_id, []) if self.fails(r)]
        for other in [*failing, *(r for r in self.wrong_claims.get(fact.fact_id, []) if self.fails(r))]:
            solved = solve(other, fact)
            if solved is not None and solved != fact.value and solved not in out:
                out.append(solved)
        if len(relation.facts) <= MANY and fact.value is not None and any(r.shape == "quotient" for r in failing):
            likely = (v for v in relation.likely_slips(fact) if relation.holds_with(fact.fact_id, v))
            out += [v for v in likely if v not in out]
        return out

    def slips_of(self, relation: Relation, fact: Fact) -> list[Proposal]:
        """The other values of a cell that mend a relation and are plain slips, whatever becomes of other relations."""
        values = (v for v in self._candidates(relation, fact) if relation.holds_with(fact.fact_id, v))
        proposals = (Proposal(fact, v, 1, self._evidence(relation, fact, v)) for v in values)
        return [p for p in proposals if self.plain_slip(p)]

    def plain_slip(self, proposal: Proposal) -> bool:
        """Whether a proposal is a slip of a long number: of short ones nearly every number is."""
        return plausible(proposal)

    def solved(self, relation: Relation, fact: Fact) -> Decimal | None:
        """The value of a cell that makes a relation hold, where the cell stands in it."""
        return solve(relation, fact) if fact.fact_id in relation.fact_ids else None

    def column_of(self, fact: Fact) -> list[Fact]:
        """The numbers of a fact's column in printed order."""
        place = (fact.table_id, fact.column_no, fact.part)
        if place not in self._columns:
            grid = self.grids.get(fact.table_id)
            self._columns[place] = grid.column_of(fact) if grid is not None else []
        return self._columns[place]

    def failing_around(self, facts: Iterable[Fact]) -> set[int]:
        """The failing relations in which one of the facts stands, by id."""
        return {id(r) for f in facts for r in self.around.get(f.fact_id, []) if id(r) in self.failing}

    def _fixes(self, fact: Fact, value: Decimal) -> int:
        """How many failures the value mends; 0 where it leaves one or breaks what holds."""
        around = self.around.get(fact.fact_id, [])
        if not all(r.holds_with(fact.fact_id, value) for r in around):
            return 0
        claims = [r for r in self.wrong_claims.get(fact.fact_id, []) if self.fails(r)]
        bonus = sum(r.holds_with(fact.fact_id, value) for r in claims)
        return sum(self.fails(r) for r in around) + bonus

    def _evidence(self, relation: Relation, fact: Fact, value: Decimal) -> int:
        if fact.value is None:
            return 0
        evidence = likeness(fact.value, value, fact.decimals)
        if len(digits_of(fact.value, fact.decimals)[0]) < FEW_DIGITS:
            evidence = min(evidence, CHANGED)  # of short numbers nearly every one is a slip of the other
        ratios = self.ratios(fact)
        fits = ratios.fits(fact, value) if ratios is not None else None
        if fits is not None:
            evidence = max(evidence, RATIO_KEPT if fits else RATIO)
        if not evidence and any(f.value == fact.value and f is not fact for f in relation.facts):
            evidence = NEIGHBOUR
        return evidence

    def exchange(self, relation: Relation) -> tuple[Fact, Fact] | None:
        """Two numbers of one column, printed one row apart, that make several failures hold when they change places."""
        for fact in _distinct(relation.facts):
            grid = self.grids.get(fact.table_id)
            for other in grid.neighbours(fact) if grid is not None else []:
                if fact.value == other.value or len(self.failing_around((fact, other))) < 2:
                    continue
                around = [*self.around.get(fact.fact_id, []), *self.around.get(other.fact_id, [])]
                fact.value, other.value = other.value, fact.value
                holds = all(r.within(*r.values()) for r in around)
                fact.value, other.value = other.value, fact.value
                if holds:
                    return fact, other
        return None

    def _left_out(self, relation: Relation) -> Iterator[Proposal]:
        if relation.shape != "sum" or relation.kind != "hierarchy_sum" or len(relation.inputs) < 2:
            return
        expected, found = relation.values()
        if expected is None or found is None:
            return
        excess = expected - found
        fitting = [f for f in relation.inputs if f.value == excess and excess]
        if len(fitting) == 1:
            yield Proposal(fitting[0], None, 1, LEFT_OUT if telling(excess) else CHANGED)


def telling(value: Decimal) -> bool:
    """Whether an amount is too odd to be met by chance: five significant digits or more."""
    return len(str(abs(int(value))).rstrip("0")) >= 5


def solve(relation: Relation, fact: Fact) -> Decimal | None:
    """The one value of a cell that makes a relation hold exactly, where arithmetic gives it."""
    expected, found = relation.values()
    if expected is None or found is None or fact.value is None:
        return None
    if relation.result is not None and fact.fact_id == relation.result.fact_id:
        places = fact.decimals or 0
        return expected.quantize(ONE.scaleb(-places)) if relation.shape in ("quotient", "product") else expected
    if relation.shape == "equal":
        return found
    if relation.shape == "sum":
        moved, _ = relation.values(fact.fact_id, fact.value + 1)
        step = None if moved is None else moved - expected
        value = None if not step else fact.value + (found - expected) / step
    elif relation.shape == "product" and expected:
        value = (fact.value * found / expected).quantize(ONE.scaleb(-(fact.decimals or 0)))
    else:
        value = None
    return None if value is None or (value < 0 <= fact.value) else value


def plausible(proposal: Proposal) -> bool:
    """Whether a slip of this one cell explains the failure: of long numbers few other cells do by chance."""
    return proposal.evidence >= CHANGED and proposal.value is not None and abs(proposal.value) >= LONG


def _distinct(facts: Sequence[Fact]) -> list[Fact]:
    return list({f.fact_id: f for f in facts}.values())
