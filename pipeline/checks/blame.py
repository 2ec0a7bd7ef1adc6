"""Blame: which single cell, and which other value of it, would make every check around it hold.

The printed value stays the value; what is found here is a proposal. Where several cells explain a failure equally well
none is proposed and all are named.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from normalizers.columns import Column
from pipeline.checks.relations import ONE, Grid, Relation, is_money, number, plain
from pipeline.checks.slips import CHANGED, LOOKS_LIKE, likeness, slips
from pipeline.facts import Fact, MeantTable

#: Evidence beside likeness of digits: the ratio that two columns of the table keep on nearly every row.
RATIO = 6
#: A part that is counted although the sum holds without it.
LEFT_OUT = 5
NEIGHBOUR = 2
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
    """Finds proposals for the failing relations of a document."""

    def __init__(self, relations: Sequence[Relation], tables: Sequence[MeantTable]) -> None:
        self.around: dict[str, list[Relation]] = {}
        self.wrong_claims: dict[str, list[Relation]] = {}
        for relation in relations:
            if relation.verdict == "void":
                continue
            index = self.around if relation.trusted else self.wrong_claims
            for fact_id in relation.fact_ids:
                index.setdefault(fact_id, []).append(relation)
        self.ratios = {table.table_id: UsualRatios(table) for table in tables}

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
            for value in self._candidates(relation, fact):
                fixes = self._fixes(fact, value)
                if fixes:
                    yield Proposal(fact, value, fixes, self._evidence(relation, fact, value))
        yield from self._left_out(relation)

    def _candidates(self, relation: Relation, fact: Fact) -> list[Decimal]:
        out: list[Decimal] = []
        failing = [r for r in self.around.get(fact.fact_id, []) if r.verdict == "fails"]
        for other in [*failing, *(r for r in self.wrong_claims.get(fact.fact_id, []) if r.verdict == "fails")]:
            solved = solve(other, fact)
            if solved is not None and solved != fact.value and solved not in out:
                out.append(solved)
        if len(relation.facts) <= MANY and fact.value is not None and any(r.shape == "quotient" for r in failing):
            out += [
                v for v in slips(fact.value, fact.decimals) if v not in out and relation.holds_with(fact.fact_id, v)
            ]
        return out

    def _fixes(self, fact: Fact, value: Decimal) -> int:
        """How many failures the value mends; 0 where it leaves one or breaks what holds."""
        around = self.around.get(fact.fact_id, [])
        if not all(r.holds_with(fact.fact_id, value) for r in around):
            return 0
        bonus = sum(
            r.verdict == "fails" and r.holds_with(fact.fact_id, value) for r in self.wrong_claims.get(fact.fact_id, [])
        )
        return sum(r.verdict == "fails" for r in around) + bonus

    def _evidence(self, relation: Relation, fact: Fact, value: Decimal) -> int:
        if fact.value is None:
            return 0
        evidence = likeness(fact.value, value, fact.decimals)
        ratios = self.ratios.get(fact.table_id)
        if ratios is not None and ratios.fits(fact, value):
            evidence = max(evidence, RATIO)
        if not evidence and any(f.value == fact.value and f is not fact for f in relation.facts):
            evidence = NEIGHBOUR
        return evidence

    def _left_out(self, relation: Relation) -> Iterator[Proposal]:
        if relation.shape != "sum" or relation.kind != "hierarchy_sum" or len(relation.inputs) < 2:
            return
        if relation.expected is None or relation.found is None:
            return
        excess = relation.expected - relation.found
        fitting = [f for f in relation.inputs if f.value == excess and excess]
        if len(fitting) == 1:
            yield Proposal(fitting[0], None, 1, LEFT_OUT if _telling(excess) else CHANGED)


def _telling(value: Decimal) -> bool:
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


class UsualRatios:
    """The ratios that two money columns of a table keep on most rows (next year's budget = this year's x 1.15)."""

    def __init__(self, table: MeantTable) -> None:
        self.grid = Grid(table)
        money = [c for c in table.columns if c.kind == "quantity" and c.quantity == "anggaran" and not c.percent]
        self.usual: dict[int, list[tuple[int, Decimal]]] = {}
        for column in money:
            for other in money:
                ratio = self._usual(column, other) if other.index != column.index else None
                if ratio is not None:
                    self.usual.setdefault(column.index, []).append((other.index, ratio))

    def _usual(self, column: Column, other: Column) -> Decimal | None:
        found: Counter[Decimal] = Counter()
        for row in self.grid.rows_of_column.get(column.index, []):
            a, b = self.grid.get(row, column.index), self.grid.get(row, other.index)
            if a is not None and b is not None and a.value and b.value:
                found[(a.value / b.value).quantize(Decimal("0.00001"))] += 1
        if sum(found.values()) < 5:
            return None
        ratio, count = found.most_common(1)[0]
        return ratio if count >= 0.6 * sum(found.values()) else None

    def fits(self, fact: Fact, value: Decimal) -> bool:
        """Whether a value keeps a usual ratio that the printed one breaks."""
        for other, ratio in self.usual.get(fact.column_no, []) if is_money(fact) else []:
            base = self.grid.get(fact.row_no, other, fact.part)
            if base is None or not base.value or fact.value is None:
                continue
            slack = max(ONE, abs(base.value) * Decimal("0.00001"))
            if abs(base.value * ratio - value) <= slack < abs(base.value * ratio - fact.value):
                return True
        return False


def assign_blame(relations: Sequence[Relation], tables: Sequence[MeantTable]) -> None:
    """Sets `culprit`, `suggestion` and `because` on the failing relations."""
    blame = Blame(relations, tables)
    for relation in relations:
        if relation.verdict != "fails" or not relation.trusted:
            continue
        proposals = blame.explain(relation)
        chosen = _choose(relation, proposals)
        if chosen is None:
            relation.because = _tie(relation, proposals)
        else:
            _accept(relation, chosen)
            for other in blame.wrong_claims.get(chosen.fact.fact_id, []):
                if other.verdict != "fails" or chosen.value is None or chosen.fixes < 2:
                    continue
                if other.holds_with(chosen.fact.fact_id, chosen.value):
                    _accept(other, chosen)


def _choose(relation: Relation, proposals: list[Proposal]) -> Proposal | None:
    if not proposals:
        return None
    best = proposals[0]
    alone = len(proposals) == 1 or proposals[1].rank < best.rank
    if best.fixes > 1 and alone:
        return best
    if best.fixes > 1 and len(proposals) > 1 and proposals[1].rank == best.rank:
        return None
    result = relation.result
    if relation.shape == "quotient" and result is not None:
        return next((p for p in proposals if p.fact.fact_id == result.fact_id and p.value is not None), None)
    # One failure alone: the slip must be plain, and no other cell's nearly as likely.
    runner_up = proposals[1].evidence if len(proposals) > 1 else 0
    return best if best.evidence > NEIGHBOUR and best.evidence - runner_up >= 2 else None


def _accept(relation: Relation, proposal: Proposal) -> None:
    relation.culprit = proposal.fact.fact_id
    if relation.shape == "sum" and relation.trusted and (proposal.fixes > 1 or proposal.evidence >= LOOKS_LIKE):
        # The rest of the sum is proved by the value that another source gives the culprit.
        relation.proved = [i for i in relation.fact_ids if i != relation.culprit]
    printed = " ".join(proposal.fact.raw.split()) or number(proposal.fact.value)
    if proposal.value is None:
        relation.suggestion = f"leave out {proposal.fact.fact_id}"
        relation.because = f"without {printed} (row {proposal.fact.row_no}) the sum holds"
        return
    relation.suggestion = f"{proposal.fact.fact_id}: {plain(proposal.value)}"
    more = f" and {proposal.fixes - 1} more failing check(s) with it" if proposal.fixes > 1 else ""
    relation.because = f"with {number(proposal.value)} instead of {printed} this check holds{more}"


def _tie(relation: Relation, proposals: list[Proposal]) -> str:
    top = proposals[0] if proposals else None
    tied = [p for p in proposals if top and p.fixes == top.fixes and p.evidence > top.evidence - 2]
    if not tied:
        return ""
    named = "; ".join(
        f"{number(p.value)} for {number(p.fact.value)} (row {p.fact.row_no})" for p in tied[:4] if p.value is not None
    )
    return f"several cells explain it equally well: {named}" if len(tied) > 1 and named else ""


def _distinct(facts: Sequence[Fact]) -> list[Fact]:
    return list({f.fact_id: f for f in facts}.values())


def proposal_of(suggestion: str | None) -> tuple[str, Decimal] | None:
    """(fact_id, value) that a check's suggestion proposes; None where it proposes no value."""
    if not suggestion or ": " not in suggestion:
        return None
    fact_id, _, value = suggestion.rpartition(": ")
    return fact_id, Decimal(value)
