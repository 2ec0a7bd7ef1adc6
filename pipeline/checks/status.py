"""What the checks make of each fact: verified, conflict, repaired or unverified (contract section 1)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pipeline.checks.relations import Relation
from pipeline.checks.slips import garbled
from pipeline.facts import Fact


def suspects(relation: Relation, pinned: dict[str, list[Relation]], failing: dict[str, list[Relation]]) -> set[str]:
    """The facts that may be to blame for a failure.

    The culprit where blame found one; nobody where a row is missing. Of a quotient its result, unless another failure
    points at an input. Else the cells that a plain slip would explain (all where none does), of those the ones that no
    other check pins.
    """
    if relation.culprit is not None:
        return {relation.culprit, *relation.partners}
    if relation.gap:
        return set()
    ids = relation.suspected or relation.fact_ids
    loose = {i for i in ids if not pinned.get(i)}
    if relation.shape == "quotient" and relation.result is not None and not relation.suspected:
        result = relation.result.fact_id
        doubted = {i for i in ids if i != result and len(failing.get(i, [])) > 1}
        if not doubted and not pinned.get(result):
            return {result}
        return (doubted & loose) or loose or set(ids)
    if not loose and relation.short:
        return set()  # each of its numbers is confirmed elsewhere: a part of the sum is not there
    return loose or set(ids)


def set_statuses(facts: Iterable[Fact], relations: Sequence[Relation]) -> None:
    """Sets `fact.status` in place from the judged relations."""
    pinned: dict[str, list[Relation]] = {}
    failing: dict[str, list[Relation]] = {}
    for relation in relations:
        for fact_id in relation.pins + relation.proved:
            pinned.setdefault(fact_id, []).append(relation)
        if relation.verdict == "fails" and relation.trusted:
            for fact_id in relation.fact_ids:
                failing.setdefault(fact_id, []).append(relation)
    blamed: set[str] = set()
    doubted: set[str] = set()  # no slip of one cell explains their failure: one proof is not enough for them
    copied = _differing_copies(relations)  # nor is a copy, where a lone slip of another cell would explain it
    unsure: set[str] = set()  # in conflict without being known for the culprit
    for relation in relations:
        if relation.verdict == "fails" and relation.trusted:
            found = suspects(relation, pinned, failing)
            blamed |= found
            unsure |= found if relation.culprit is None else set()
            if relation.shape != "quotient" and relation.culprit is None and not relation.suspected:
                doubted.update(relation.fact_ids)
            elif relation.shape == "sum" and not relation.proved:
                copied.update(relation.fact_ids)
    shaken = unsure | _weak(doubted, pinned, unsure)
    for fact in facts:
        proofs: list[Relation] = []
        if fact.fact_id in pinned and fact.fact_id not in shaken:
            proofs = [r for r in pinned[fact.fact_id] if not _leans_on(r, r.fact_ids, shaken)]
        if fact.fact_id in blamed:
            fact.status = "conflict"
        elif proofs and not (fact.fact_id in copied and all(map(_copies, proofs))):
            fact.status = "repaired" if garbled(fact.raw) else "verified"
        elif fact.status == "verified":
            fact.status = "unverified"


def _weak(doubted: set[str], pinned: dict[str, list[Relation]], unsure: set[str]) -> set[str]:
    """The doubted numbers that fewer than two checks confirm, of which neither leans on the other or on such a number."""
    weak: set[str] = set()
    while True:
        shaken = unsure | weak
        more = {i for i in doubted - weak if _independent(i, pinned.get(i, []), shaken) < 2}
        if not more:
            return weak
        weak |= more


def _independent(fact_id: str, proofs: Sequence[Relation], shaken: set[str]) -> int:
    """How many checks confirm a number that share no other number."""
    used: set[str] = set()
    count = 0
    for relation in proofs:
        others = set(relation.fact_ids) - {fact_id}
        if others.isdisjoint(used) and not _leans_on(relation, others, shaken):
            used |= others
            count += 1
    return count


def _differing_copies(relations: Sequence[Relation]) -> set[str]:
    """The numbers of chains that should repeat one number, but in which one differs."""
    chain: dict[str, str] = {}

    def first(fact_id: str) -> str:
        while (above := chain.setdefault(fact_id, fact_id)) != fact_id:
            fact_id = above
        return fact_id

    copies = [r for r in relations if r.trusted and r.verdict != "void" and _copies(r)]
    for relation in copies:
        one, *others = relation.fact_ids
        for other in others:
            chain[first(other)] = first(one)
    broken = {first(r.fact_ids[0]) for r in copies if r.verdict == "fails"}
    return {fact_id for fact_id in chain if first(fact_id) in broken}


def _leans_on(relation: Relation, numbers: Iterable[str], shaken: set[str]) -> bool:
    """Whether one of its numbers that may be wrong makes the relation hold: then it proves nothing of the others."""
    return relation.shape != "quotient" and relation.verdict == "holds" and not shaken.isdisjoint(numbers)


def _copies(relation: Relation) -> bool:
    """Whether a whole has but one part, and repeats it: a wrong number that was copied passes that."""
    return len(relation.inputs) == 1 and relation.kind == "hierarchy_sum"
