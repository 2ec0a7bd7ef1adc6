"""Blame: which single cell, and which other value of it, would make every check around it hold.

The printed value stays the value; what is found here is a proposal. Where several cells explain a failure equally well
none is proposed and all are named.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from pipeline.checks.grid import Grid
from pipeline.checks.ratios import UsualRatios
from pipeline.checks.relations import ONE, Relation, number, plain
from pipeline.checks.several import MOST_OPEN, Changes, moved, two_slips
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
        return _plausible(proposal)

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


def assign_blame(relations: Sequence[Relation], grids: Sequence[Grid]) -> None:
    """Sets `culprit`, `suggestion` and `because` on the failing relations.

    The best supported proposal is accepted first, and the rest explained as if it were printed: of two errors in one
    table each then has only its own failures to explain.
    """
    blame = Blame(relations, grids)
    open_ones = {id(r): r for r in relations if r.verdict == "fails" and r.trusted and not r.gap}
    known: dict[int, list[Proposal]] = {}
    try:
        for relation in list(open_ones.values()):
            _exchange(blame, open_ones, relation)
            if id(relation) in open_ones and (changes := moved(blame, relation)) is not None:
                _accept_all(blame, open_ones, changes)
        _explain_one_by_one(blame, open_ones, known)
        for relation in list(open_ones.values())[:MOST_OPEN]:
            if id(relation) in open_ones and (changes := two_slips(blame, relation)) is not None:
                _accept_all(blame, open_ones, changes)
                known.clear()
        _explain_one_by_one(blame, open_ones, known)
        for key, relation in open_ones.items():
            relation.because = _tie(known.get(key, []))
            relation.suspected = [p.fact.fact_id for p in known.get(key, []) if _plausible(p)]
    finally:
        blame.restore()


def _explain_one_by_one(blame: Blame, open_ones: dict[int, Relation], known: dict[int, list[Proposal]]) -> None:
    """Accepts the best supported proposal for a single cell until none is left that is plain."""
    order = {key: -place for place, key in enumerate(open_ones)}
    while open_ones:
        for key, relation in open_ones.items():
            if key not in known:
                known[key] = blame.explain(relation)
        doubted = _doubted(open_ones)
        choices = [
            (p.rank, key, p) for key, r in open_ones.items() if (p := _choose(r, known[key], doubted)) is not None
        ]
        if not choices:
            break
        _, key, chosen = max(choices, key=lambda c: (c[0], order[c[1]]))
        _settle(blame, open_ones, known, open_ones[key], chosen)


def _exchange(blame: Blame, open_ones: dict[int, Relation], relation: Relation) -> None:
    """Accepts that two neighbours changed places, where that mends several failures at once."""
    pair = blame.exchange(relation) if id(relation) in open_ones else None
    if pair is None:
        return
    _accept_all(blame, open_ones, [(f, o.value) for f, o in (pair, pair[::-1])])


def _accept_all(blame: Blame, open_ones: dict[int, Relation], changes: Changes) -> None:
    """Accepts that several cells are wrong; a check that holds several of them names one that no other check names."""
    named: set[str] = set()
    together = [fact.fact_id for fact, _ in changes]
    failing = {id(r): r for i in together for r in blame.around.get(i, []) if blame.fails(r)}
    for relation in sorted(failing.values(), key=lambda r: len(set(together) & set(r.fact_ids))):
        mine = [(fact, value) for fact, value in changes if fact.fact_id in relation.fact_ids]
        fact, value = next((c for c in mine if c[0].fact_id not in named), mine[0])
        named.add(fact.fact_id)
        fixes = sum(fact.fact_id in r.fact_ids for r in failing.values())
        if value is None:
            relation.culprit, relation.because = (
                fact.fact_id,
                "numbers of this column stand one row off; this one is lost",
            )
        else:
            _accept(relation, Proposal(fact, value, fixes, NEIGHBOUR))
        relation.partners = [other.fact_id for other, _ in mine if other is not fact]
        open_ones.pop(id(relation), None)
    for fact, value in changes:
        if value is not None:
            blame.mend(fact, value)
    for relation in failing.values():
        blame.failing.discard(id(relation))


def _plausible(proposal: Proposal) -> bool:
    """Whether a slip of this one cell explains the failure: of long numbers few other cells do by chance."""
    return proposal.evidence >= CHANGED and proposal.value is not None and abs(proposal.value) >= LONG


def _settle(
    blame: Blame, open_ones: dict[int, Relation], known: dict[int, list[Proposal]], relation: Relation, chosen: Proposal
) -> None:
    """Accepts a proposal for every failure that it mends, and forgets what was found before it was known."""
    fact_id = chosen.fact.fact_id
    mended = [relation]
    if chosen.value is not None:
        around = [*blame.around.get(fact_id, []), *(blame.wrong_claims.get(fact_id, []) if chosen.fixes > 1 else [])]
        mended = [r for r in around if blame.fails(r) and r.holds_with(fact_id, chosen.value)]
    for r in mended:
        # A rate is coarse: with a changed digit it comes out by chance more easily than with two exchanged ones.
        others = [o for o in mended if o.shape != "quotient" or chosen.evidence >= LEFT_OUT]
        _accept(r, chosen, alone=not any(_apart(r, other, fact_id) for other in others))
        open_ones.pop(id(r), None)
    if chosen.value is None:
        return
    near = {id(r) for fact in _near(blame, chosen.fact) for r in blame.around.get(fact, [])}
    blame.mend(chosen.fact, chosen.value)
    for key in near:
        known.pop(key, None)


def _near(blame: Blame, fact: Fact) -> set[str]:
    """The facts that stand in a relation with a fact."""
    around = [*blame.around.get(fact.fact_id, []), *blame.wrong_claims.get(fact.fact_id, [])]
    return {i for r in around for i in r.fact_ids}


def _doubted(open_ones: dict[int, Relation]) -> set[str]:
    """The facts in two failures or more that nothing explains so far."""
    counts = Counter(i for r in open_ones.values() for i in r.fact_ids)
    return {i for i, count in counts.items() if count > 1}


def _choose(relation: Relation, proposals: list[Proposal], doubted: set[str]) -> Proposal | None:
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
        if any(f.fact_id in doubted for f in relation.inputs):
            return None  # a lone quotient suspects its result; this one is not alone
        return next((p for p in proposals if p.fact.fact_id == result.fact_id and p.value is not None), None)
    # One failure alone: the slip must be plain, and no other cell's nearly as likely.
    runner_up = proposals[1].evidence if len(proposals) > 1 else 0
    return best if best.evidence > NEIGHBOUR and best.evidence - runner_up >= 2 else None


def _apart(relation: Relation, other: Relation, fact_id: str) -> bool:
    """Whether another relation tells the value of a cell without leaning on anything else of this one."""
    return other is not relation and set(relation.fact_ids) & set(other.fact_ids) == {fact_id}


def _accept(relation: Relation, proposal: Proposal, alone: bool = True) -> None:
    """`alone`: no other failure, of other cells, tells the same value."""
    relation.culprit = proposal.fact.fact_id
    # One part of two left out leaves a part that repeats the whole: that may be the wrong one just as well.
    repeats = proposal.value is None and len(relation.inputs) < 3
    exact = proposal.value is None or relation.exactly(*relation.values(proposal.fact.fact_id, proposal.value))
    if relation.shape == "sum" and relation.trusted and exact and not repeats and _proves(proposal, alone):
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


def _proves(proposal: Proposal, alone: bool) -> bool:
    """Whether the proposed value is so sure that it proves the other numbers of its sum.

    A plain slip is not: of two digits exchanged in two cells each, a third cell may look like the culprit.
    """
    value = proposal.value if proposal.value is not None else proposal.fact.value
    if proposal.evidence == RATIO_KEPT:
        return True
    if value is None or not _telling(value):
        return False
    return proposal.value is None or (not alone and proposal.evidence >= CHANGED)


def _tie(proposals: list[Proposal]) -> str:
    top = proposals[0] if proposals else None
    tied = [p for p in proposals if top and p.fixes == top.fixes and p.evidence > top.evidence - 2]
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
