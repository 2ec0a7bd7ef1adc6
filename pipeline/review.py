"""Conflicts for a person to decide: what is printed, what is proposed, what would then hold. Worst money first."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipeline import rereads
from pipeline.catalogue import Catalogue, now
from pipeline.checks import check_document
from pipeline.checks.blame import proposal_of
from pipeline.corrections import LARGEST, Correction, add_correction, correction_id
from pipeline.facts import Check, Fact, Harvest
from pipeline.harvests import read_harvest
from pipeline.pages_html import page
from pipeline.show import find, marked, original
from pipeline.store import Published, StoreError, harvests_root, publish, reading, writing
from pipeline.tabular import bare, indonesian, shown

LONGEST_PROOF = 6  # sentences
MOST_PICTURES = 300


@dataclass(slots=True)
class Proof:
    """What another value of one cell would change: sentences of checks that then hold, and of those that then fail."""

    holds: list[str] = field(default_factory=list)
    breaks: list[str] = field(default_factory=list)

    @property
    def sentence(self) -> str:
        if not self.holds and not self.breaks:
            return "no check tells this value from the printed one"
        parts = (
            [f"{len(self.holds)} failing check(s) then hold: {' '.join(self.holds[:LONGEST_PROOF])}"]
            if self.holds
            else []
        )
        parts += (
            [f"{len(self.breaks)} check(s) then fail: {' '.join(self.breaks[:LONGEST_PROOF])}"] if self.breaks else []
        )
        return " ".join(parts)


@dataclass(slots=True)
class Case:
    """A fact in conflict. `money`: the largest difference of its failing checks, rupiah (0 where it is no money)."""

    fact: dict[str, Any]
    failing: list[dict[str, Any]]
    proposal: Decimal | None
    money: Decimal
    proof: Proof | None = None
    again: list[str] = field(default_factory=list)  # what other readers see in the cell
    picture: str = ""  # PNG as a data address

    @property
    def left_out(self) -> bool:
        """Whether the proposal is to count the cell out of a sum."""
        return any(check["suggestion"] == f"leave out {self.fact['fact_id']}" for check in self.failing)

    @property
    def proposed(self) -> str:
        if self.proposal is not None:
            return indonesian(self.proposal)
        return "leave it out of the sum" if self.left_out else "none: several cells explain it equally well"


def cases(store: Path, document: str | None = None, decided: bool = False) -> list[Case]:
    """The conflicts of the published generation, worst money first; those decided on only with `decided`.

    Of two files of one report the one that stands for both is listed, unless the other `document` is asked for.
    """
    only = None if document is None else document_id_of(store, document)
    with reading(store) as connection:
        done = "" if decided else (
            "and f.fact_id not in (select fact_id from corrections where state in ('applied', 'moved', 'refused'))"
        )  # fmt: skip
        facts = _records(
            connection.execute(
                "select f.* from facts f join documents d using (document_id) where f.status = 'conflict' "
                f"and (f.document_id = $1 or $1 is null and d.duplicate_of is null) {done}",
                [only],
            )
        )
        checks = _records(
            connection.execute(
                "select document_id, check_id, kind, fact_ids, difference, suggestion, explanation from checks "
                "where verdict = 'fails' and kind <> 'header_claim' and ($1 is null or document_id = $1) order by check_id",
                [only],
            )
        )
    around: dict[str, list[dict[str, Any]]] = {}
    for check in checks:
        for fact_id in check["fact_ids"]:
            around.setdefault(fact_id, []).append(check)
    found = [_case(fact, around.get(fact["fact_id"], [])) for fact in facts]
    return sorted(
        found, key=lambda c: (-c.money, c.fact["document"], c.fact["page"], c.fact["row_no"], c.fact["fact_id"])
    )


def _case(fact: dict[str, Any], failing: list[dict[str, Any]]) -> Case:
    is_money = fact["quantity"] == "anggaran" and fact["unit"] == "Rupiah"
    money = max((abs(check["difference"]) for check in failing if check["difference"] is not None), default=Decimal(0))
    return Case(fact, failing, _proposal(fact["fact_id"], failing), money if is_money else Decimal(0))


def _proposal(fact_id: str, failing: Sequence[dict[str, Any]]) -> Decimal | None:
    """The one value that the checks propose for this cell."""
    proposals = [proposal_of(check["suggestion"]) for check in failing]
    values = {found[1] for found in proposals if found is not None and found[0] == fact_id}
    return next(iter(values)) if len(values) == 1 else None


def document_id_of(store: Path, name: str) -> str:
    """The id of the one document that a name, a path or the beginning of an id fits. Raises StoreError."""
    catalogue = Catalogue.to_read(store)
    try:
        found = catalogue.find(name)
    finally:
        catalogue.close()
    if len(found) != 1:
        what = (
            f"`{name}` fits {len(found)} documents: give more of the id"
            if found
            else f"no document `{name}` in the store"
        )
        raise StoreError(f"{what}: `lumbung status` lists them")
    return found[0].document_id


# -- proof --------------------------------------------------------------------------


class Rechecker:
    """Tests the checks of stored harvests again with another value of one cell. Harvests are read once."""

    def __init__(self, store: Path) -> None:
        self.store = store
        self._held: dict[str, tuple[Harvest, dict[str, Fact], dict[str, Check]]] = {}

    def proof(self, document_id: str, fact_id: str, value: Decimal) -> Proof:
        """Raises StoreError where the harvest is not on disk."""
        harvest, facts, before = self._of(document_id)
        fact = facts.get(fact_id)
        if fact is None:
            raise StoreError(f"fact {fact_id} is not in the harvest of its document: run `lumbung publish --full`")
        with _changed(fact, value):
            after = {c.check_id: c for c in check_document(harvest.tables, harvest.reading.lines).checks}
        proof = Proof()
        for check_id, check in before.items():
            then = after.get(check_id)
            if then is None or check.verdict == then.verdict or check.kind == "header_claim":
                continue
            (proof.holds if then.verdict == "holds" else proof.breaks).append(then.explanation)
        return proof

    def _of(self, document_id: str) -> tuple[Harvest, dict[str, Fact], dict[str, Check]]:
        if document_id not in self._held:
            catalogue = Catalogue.to_read(self.store)
            try:
                known = catalogue.document(document_id)
            finally:
                catalogue.close()
            if known is None or known.meaning is None:
                raise StoreError(f"document {document_id[:12]} has no harvest: ingest it again")
            harvest = read_harvest(harvests_root(self.store), document_id, known.meaning)
            facts = {fact.fact_id: fact for table in harvest.tables for fact in table.facts}
            checks = {c.check_id: c for c in check_document(harvest.tables, harvest.reading.lines).checks}
            self._held = {document_id: (harvest, facts, checks)}  # one at a time: cases come sorted by money
        return self._held[document_id]


@contextmanager
def _changed(fact: Fact, value: Decimal) -> Iterator[None]:
    printed = fact.value
    fact.value = value
    try:
        yield
    finally:
        fact.value = printed


def prove(store: Path, found: Sequence[Case]) -> None:
    """Fills in the proof of each proposal, document by document."""
    rechecker = Rechecker(store)
    for case in sorted(found, key=lambda c: str(c.fact["document_id"])):
        if case.proposal is not None:
            case.proof = rechecker.proof(case.fact["document_id"], case.fact["fact_id"], case.proposal)


def read_again(store: Path, found: Sequence[Case], password: str | None = None) -> None:
    """Has the cells of the cases read again from the originals, keeps the answers, and puts them beside the cases."""
    by_document: dict[str, list[Case]] = {}
    for case in found:
        by_document.setdefault(case.fact["document_id"], []).append(case)
    for document_id, members in by_document.items():
        catalogue = Catalogue.to_read(store)
        try:
            known = catalogue.document(document_id)
        finally:
            catalogue.close()
        if known is None or known.meaning is None or known.reading is None:
            continue
        harvest = read_harvest(harvests_root(store), document_id, known.meaning)
        places = {(case.fact["page"], tuple(case.fact["bbox"])) for case in members}
        requests = [one for one in rereads.wanted(harvest) if (one.page, one.bbox) in places]
        try:
            path = original(find(store, members[0].fact["fact_id"]))
        except StoreError as error:
            for case in members:
                case.again = [str(error)]
            continue
        answers = rereads.answers(path, requests, password)
        rereads.keep(harvests_root(store), document_id, known.reading, answers)
        said = {(one.request.page, one.request.bbox): one for one in answers}
        for case in members:
            answer = said.get((case.fact["page"], tuple(case.fact["bbox"])))
            if answer is not None:
                case.again = [f"{answer.reading.text} ({answer.reading.method})" if answer.reading else answer.why_not]


# -- decisions --------------------------------------------------------------------------


def accept(store: Path, fact_id: str, value: str | None, reason: str, who: str) -> tuple[Correction, Published]:
    """Writes a correction and publishes it. `value` None: the proposal. Raises StoreError with what to do."""
    fact = _decidable(store, fact_id, reason, who)
    if value is not None:
        corrected = number_given(value)
    else:
        failing = [c for c in cases(store, fact["document_id"], decided=True) if c.fact["fact_id"] == fact["fact_id"]]
        if not failing or failing[0].proposal is None:
            raise StoreError(f"nothing is proposed for {fact['fact_id']}: give the right value with --value")
        corrected = failing[0].proposal
    if corrected == fact["value"]:
        raise StoreError(f"{indonesian(corrected)} is what is printed: `lumbung review refuse` keeps it")
    proof = Rechecker(store).proof(fact["document_id"], fact["fact_id"], corrected)
    return _decide(store, fact, corrected, reason, who, proof.sentence)


def refuse(store: Path, fact_id: str, reason: str, who: str) -> tuple[Correction, Published]:
    """Writes down that the printed value stands, and publishes it. Raises StoreError."""
    return _decide(store, _decidable(store, fact_id, reason, who), None, reason, who, "")


def _decidable(store: Path, fact_id: str, reason: str, who: str) -> dict[str, Any]:
    fact = find(store, fact_id).fact
    if not reason.strip() or not who.strip():
        raise StoreError("a decision needs a reason (--reason) and a name (--who)")
    if fact["value"] is None:
        raise StoreError(
            f"{fact['fact_id']} prints no number (`{shown(fact['value_text'])}`): only numbers are corrected"
        )
    return fact


def _decide(
    store: Path, fact: dict[str, Any], corrected: Decimal | None, reason: str, who: str, proof: str
) -> tuple[Correction, Published]:
    x0, top, x1, bottom = fact["bbox"]
    identity = correction_id(fact["document_id"], fact["page"], fact["bbox"], fact["part"])
    new = Correction(
        id=identity, document_id=fact["document_id"], fact_id=fact["fact_id"], page=fact["page"], bbox=(x0, top, x1, bottom),
        part=fact["part"], expected=fact["value"], corrected=corrected, reason=reason.strip(), who=who.strip(), when=now(),
        proof=proof, raw=fact["raw"], document=fact["document"],
    )  # fmt: skip
    with writing(store):
        add_correction(store, new)
        return new, publish(store)


def number_given(text: str) -> Decimal:
    """A number typed by a person: `839618832`, `839.618.832`, `98,6`. Raises StoreError where it can be read in two ways."""
    plain = text.strip().removeprefix("Rp").strip()
    if re.fullmatch(r"-?\d{1,3}\.\d{3}", plain):
        raise StoreError(
            f"`{text}` can be read in two ways: write {plain.replace('.', '')} or {plain.replace('.', ',')}"
        )
    if re.fullmatch(r"-?\d{1,3}(\.\d{3})+(,\d{1,6})?", plain):
        plain = plain.replace(".", "").replace(",", ".")
    elif re.fullmatch(r"-?\d+(,\d{1,6})?", plain):
        plain = plain.replace(",", ".")
    elif not re.fullmatch(r"-?\d+(\.\d{1,6})?", plain):
        raise StoreError(f"`{text}` is no number: write 839618832 or 839.618.832, and a comma before decimals")
    if abs(Decimal(plain)) >= LARGEST:
        raise StoreError(f"`{text}` has more than 18 digits before the comma")
    return Decimal(plain)


# -- shown --------------------------------------------------------------------------


def case_lines(case: Case) -> list[str]:
    """A case for the terminal; control characters of hostile text do not reach it."""
    fact = case.fact
    place = f"{fact['document']}, page {fact['page']}"
    row = " ".join(part for part in (fact["code_raw"], fact["name_raw"] or fact["indicator"]) if part)
    meaning = " ".join(str(fact[key]) for key in ("role", "quantity", "year") if fact[key] is not None)
    pairs = [
        (fact["fact_id"], ""),
        ("  where", f"{place}: {row}"),
        ("  printed", f"{fact['raw']}   ({meaning}, {fact['unit'] or 'no unit'})"),
        ("  proposed", case.proposed),
        *(("  read again", text) for text in case.again),
        *(("  fails", check["explanation"]) for check in case.failing),
    ]
    if case.proof is not None:
        pairs += [("  then holds", text) for text in case.proof.holds] + [
            ("  then fails", text) for text in case.proof.breaks
        ]
    return [f"{shown(name):<14}{shown(' '.join(str(text).split()))}" for name, text in pairs]


def as_html(store: Path, found: Sequence[Case], password: str | None = None) -> str:
    """One static page without scripts: each case with its crop as PNG data; every text of a document is escaped."""
    files: dict[str, Path | None] = {}
    for case in found[:MOST_PICTURES]:
        case.picture = _picture(store, case.fact, files, password)
    rows = [
        {
            "case": case, "fact": case.fact, "printed": _amount(case.fact), "money": indonesian(case.money) if case.money else "",
            "row": " ".join(p for p in (case.fact["code_raw"], case.fact["name_raw"]) if p),
        }
        for case in found
    ]  # fmt: skip
    return page("review.html", title="Conflicts", rows=rows, made=now())


def _amount(fact: dict[str, Any]) -> str:
    return str(fact["value_text"] or "") if fact["value"] is None else indonesian(fact["value"])


def _picture(store: Path, fact: dict[str, Any], files: dict[str, Path | None], password: str | None) -> str:
    import io

    try:
        if fact["document_id"] not in files:
            files[fact["document_id"]] = None
            files[fact["document_id"]] = original(find(store, fact["fact_id"]))
        path = files[fact["document_id"]]
        if path is None:
            return ""
        out = io.BytesIO()
        marked(path, fact["page"], tuple(fact["bbox"]), password).save(out, format="PNG", optimize=True)
    except StoreError:  # the original is gone or locked: the page says so instead of the picture
        return ""
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode("ascii")


def decided_line(decision: Correction, done: Published) -> str:
    what = "stands" if decision.corrected is None else f"is corrected to {bare(decision.corrected)}"
    line = f"{decision.id}: {bare(decision.expected)} {what} (generation {done.generation})"
    return f"{line}\n{shown(decision.proof)}" if decision.proof else line


def _records(cursor: Any) -> list[dict[str, Any]]:
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
