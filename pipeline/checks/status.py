"""What the checks make of each fact: verified, conflict, repaired or unverified (contract section 1)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pipeline.checks.relations import Relation
from pipeline.checks.slips import garbled
from pipeline.facts import Fact


def suspects(relation: Relation, pinned: dict[str, list[Relation]], failing: dict[str, list[Relation]]) -> set[str]:
    """The facts that may be to blame for a failure.

    The culprit where blame found one. Of a quotient its result, unless another failure points at an input. Else the
    cells that a plain slip would explain (all where none does), of those the ones that no other check pins.
    """
    if relation.culprit is not None:
        return {relation.culprit}
    ids = relation.suspected or relation.fact_ids
    loose = {i for i in ids if not pinned.get(i)}
    if relation.shape == "quotient" and relation.result is not None and not relation.suspected:
        result = relation.result.fact_id
        doubted = {i for i in ids if i != result and len(failing.get(i, [])) > 1}
        if not doubted and not pinned.get(result):
            return {result}
        return (doubted & loose) or loose or set(ids)
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
    doubted: set[str] = set()
    copied: set[str] = set()  # beside another number that should be the same
    unsure: set[str] = set()  # in conflict without being known for the culprit
    for relation in relations:
        if relation.verdict == "fails" and relation.trusted:
            found = suspects(relation, pinned, failing)
            blamed |= found
            unsure |= found if relation.culprit is None else set()
            if _copies(relation):
                copied.update(relation.fact_ids)
            if relation.shape != "quotient" and relation.culprit is None and not relation.suspected:
                doubted.update(
                    relation.fact_ids
                )  # no slip of one cell explains it: one proof is not enough for its numbers
    for fact in facts:
        proofs = [r for r in pinned.get(fact.fact_id, []) if not _leans_on(r, unsure)]
        if fact.fact_id in blamed:
            fact.status = "conflict"
        elif len(proofs) > (fact.fact_id in doubted) and not (fact.fact_id in copied and all(map(_copies, proofs))):
            fact.status = "repaired" if garbled(fact.raw) else "verified"
        elif fact.status == "verified":
            fact.status = "unverified"


def _leans_on(relation: Relation, unsure: set[str]) -> bool:
    """Whether a number that may be wrong makes the relation hold: then it proves nothing of the others."""
    return relation.shape != "quotient" and relation.verdict == "holds" and not unsure.isdisjoint(relation.fact_ids)


def _copies(relation: Relation) -> bool:
    """Whether a whole has but one part, and repeats it: a wrong number that was copied passes that."""
    return len(relation.inputs) == 1 and relation.kind == "hierarchy_sum"
