"""Corrections as data: what a person accepts in place of a printed value, in `corrections.toml` beside the store.

A correction names its place (document, page, box, part) and the value that it expects to be printed there. It is laid
over the facts at each publish (`value_accepted`, `correction_id`); the printed value stays. Where another value is printed
at its place, or none, it is not applied: a problem of severity stop says so, and the command ends with exit code 1.
A box that moved a little (a new version of the extractors) is found again by its printed value.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import tomllib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.store_error import StoreError
from pipeline.tabular import bare, indonesian

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

FILE = "corrections.toml"
NEAR = 20.0  # points: a box whose middle moved further is another cell
FAILED_STATES = ("changed", "lost")
LYING = ("applied", "moved")
KINDS = ("correction_failed", "correction_moved")
HEAD = """# What people accepted in place of printed values, and proposals that they refused. `lumbung review` writes it.
# Each `expected` is what the document prints at that place; where it prints something else the correction fails loudly.
"""
LARGEST = Decimal(10) ** 18  # the store holds 18 digits before the point


class CorrectionError(StoreError):
    """One sentence for the user: what is wrong with the file of corrections."""


@dataclass(frozen=True, slots=True)
class Correction:
    """One decision of a person. `corrected` None: the proposal was refused, the printed value stands.

    `bbox` in points as displayed, `expected` and `corrected` in the fact's own unit, `when` ISO 8601.
    """

    id: str
    document_id: str
    fact_id: str
    page: int
    bbox: tuple[float, float, float, float]
    part: int
    expected: Decimal
    corrected: Decimal | None
    reason: str
    who: str
    when: str
    proof: str = ""
    raw: str = ""
    document: str = ""

    @property
    def refused(self) -> bool:
        return self.corrected is None


def correction_id(document_id: str, page: int, bbox: Sequence[float], part: int) -> str:
    """Identity by place: a second decision on the same cell replaces the first one."""
    place = ",".join(str(round(x)) for x in bbox)
    return "c-" + hashlib.sha256(f"{document_id}|{page}|{place}|{part}".encode()).hexdigest()[:12]


# -- the file --------------------------------------------------------------------------


def read_corrections(store: Path) -> list[Correction]:
    """The decisions in the store's file, the last one for each place. Raises CorrectionError."""
    path = store / FILE
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return []
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise CorrectionError(f"{path} cannot be read: {error}") from error
    entries = table.pop("correction", [])
    if table or not isinstance(entries, list):
        raise CorrectionError(f"{path}: only [[correction]] entries belong here, not {', '.join(table) or 'a table'}")
    found = [_correction(entry, f"{path}: correction {number}") for number, entry in enumerate(entries, 1)]
    return list({one.id: one for one in found}.values())


def _correction(entry: Any, where: str) -> Correction:
    known = {field.name for field in fields(Correction)}
    if not isinstance(entry, dict) or (strange := set(entry) - known):
        raise CorrectionError(f"{where}: unknown keys {', '.join(sorted(strange)) if isinstance(entry, dict) else ''}")
    missing = {"document_id", "page", "bbox", "expected", "reason", "who"} - set(entry)
    if missing:
        raise CorrectionError(f"{where}: {', '.join(sorted(missing))} missing")
    bbox = entry["bbox"]
    if not (isinstance(bbox, list) and len(bbox) == 4 and all(isinstance(x, int | float) for x in bbox)):
        raise CorrectionError(f"{where}: bbox is four numbers (x0, top, x1, bottom in points)")
    if not isinstance(entry["page"], int) or not isinstance(entry.get("part", 0), int):
        raise CorrectionError(f"{where}: page and part are whole numbers")
    texts = {
        name: str(entry.get(name, "")) for name in ("reason", "who", "when", "proof", "raw", "document", "fact_id")
    }
    if not texts["reason"].strip() or not texts["who"].strip():
        raise CorrectionError(f"{where}: a reason and a name (who) must be given")
    box = (float(bbox[0]), float(bbox[1]), float(bbox[2]), float(bbox[3]))
    document_id, page, part = str(entry["document_id"]), entry["page"], entry.get("part", 0)
    corrected = None if "corrected" not in entry else _number(entry["corrected"], f"{where}: corrected")
    return Correction(
        id=str(entry.get("id") or correction_id(document_id, page, box, part)),
        document_id=document_id, page=page, bbox=box, part=part,
        expected=_number(entry["expected"], f"{where}: expected"), corrected=corrected, **texts,
    )  # fmt: skip


def _number(value: object, where: str) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        number = Decimal("nan")
    if not number.is_finite() or abs(number) >= LARGEST or number != round(number, 6):
        raise CorrectionError(f'{where} is a number like "839618832" or "98.6", not `{value}`')
    return number


def add_correction(store: Path, new: Correction) -> None:
    """Appends a decision to the file, whole or not at all; comments stay. The caller holds the store's lock."""
    path = store / FILE
    read_corrections(store)  # a file that cannot be read is not written to
    before = path.read_text(encoding="utf-8-sig") if path.exists() else HEAD
    unfinished = path.with_name(f".{FILE}.{os.getpid()}")
    text = before.rstrip("\n") + "\n\n" + as_toml(new)
    tomllib.loads(text)
    with unfinished.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def as_toml(correction: Correction) -> str:
    lines = ["[[correction]]"]
    for name, value in asdict(correction).items():
        if value is None:
            lines.append("# no `corrected`: the proposal was refused, the printed value stands")
        elif isinstance(value, int):
            lines.append(f"{name} = {value}")
        elif isinstance(value, tuple):
            lines.append(f"{name} = [{', '.join(f'{x:.2f}' for x in value)}]")
        else:
            lines.append(f"{name} = {_quoted(bare(value) if isinstance(value, Decimal) else str(value))}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """A basic string of TOML: JSON's escapes are TOML's, but for the delete character and halves of surrogate pairs."""
    safe = text.encode("utf-8", "replace").decode("utf-8")
    return json.dumps(safe, ensure_ascii=False).replace("\x7f", "\\u007f")


# -- laid over the facts --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of a correction: applied, moved, changed, lost, refused, no_document. `fact_id`: where it lies now."""

    correction: Correction
    state: str
    fact_id: str
    explanation: str
    table_id: str | None = None


def lay_over(connection: DuckDBPyConnection, corrections: Sequence[Correction]) -> list[Applied]:
    """Replaces the corrections of the generation being built, and the problems that they make."""
    connection.execute("delete from base.corrections")
    connection.execute(f"delete from base.problems where kind in {KINDS}")
    done: list[Applied] = []
    for correction in corrections:
        one = _place(connection, correction)
        taken = any(other.fact_id == one.fact_id and other.state in LYING for other in done)
        done.append(_second(one) if taken and one.state in LYING else one)
    for one in done:
        c = one.correction
        connection.execute(
            "insert into base.corrections by name select ? as correction_id, ? as document_id, ? as fact_id, ? as page, "
            "?::double[4] as bbox, ?::decimal(24,6) as expected, ?::decimal(24,6) as corrected, ? as reason, ? as proof, "
            "? as accepted_by, ? as accepted_at, ? as state, ? as explanation",
            [c.id, c.document_id, one.fact_id, c.page, list(c.bbox), c.expected, c.corrected, c.reason, c.proof, c.who,
             c.when, one.state, one.explanation],
        )  # fmt: skip
        if one.state in (*FAILED_STATES, "moved"):
            kind, severity = ("correction_moved", "note") if one.state == "moved" else ("correction_failed", "stop")
            connection.execute(
                "insert into base.problems by name select ? as document_id, ? as page, ? as table_id, "
                '?::double[4] as bbox, ? as kind, ? as severity, ? as "text", ? as explanation',
                [c.document_id, c.page, one.table_id, list(c.bbox), kind, severity, c.raw, one.explanation],
            )
    return done


def _place(connection: DuckDBPyConnection, correction: Correction) -> Applied:
    names = ("fact_id", "bbox", "value", "table_id", "part")
    found = connection.execute(
        f"select {', '.join(names)} from base.facts where document_id = ? and page = ?",
        [correction.document_id, correction.page],
    ).fetchall()
    facts = [dict(zip(names, row, strict=True)) for row in found]
    known = connection.execute(
        "select 1 from base.documents where document_id = ?", [correction.document_id]
    ).fetchone()
    if known is None:
        text = "its document is not in the store: it is kept and not applied"
        return Applied(correction, "no_document", correction.fact_id, text)
    here = next((fact for fact in facts if _same_place(fact, correction)), None)
    if here is not None and here["value"] == correction.expected:
        state = "refused" if correction.refused else "applied"
        return Applied(correction, state, here["fact_id"], "", here["table_id"])
    if (moved := _nearest(facts, correction)) is not None:
        if correction.refused:
            return Applied(correction, "refused", moved["fact_id"], "", moved["table_id"])
        distance = _distance(moved["bbox"], correction.bbox)
        text = f"correction {correction.id}: its cell moved by {distance:.1f} points and was found by its printed value"
        return Applied(correction, "moved", moved["fact_id"], text, moved["table_id"])
    return _failed(correction, here)


def _second(one: Applied) -> Applied:
    text = f"correction {one.correction.id} lies on a cell that another correction holds: remove one of them in {FILE}"
    return Applied(one.correction, "lost", one.correction.fact_id, text, one.table_id)


def _same_place(fact: dict[str, Any], correction: Correction) -> bool:
    same_box = [round(x) for x in fact["bbox"]] == [round(x) for x in correction.bbox]
    return bool(fact["fact_id"] == correction.fact_id or (same_box and fact["part"] == correction.part))


def _nearest(facts: Sequence[dict[str, Any]], correction: Correction) -> dict[str, Any] | None:
    """The one nearest cell that prints the expected value; None where two are equally near, or none is near."""
    alike = [fact for fact in facts if fact["value"] == correction.expected]
    ranked = sorted(alike, key=lambda fact: _distance(fact["bbox"], correction.bbox))
    distances = [_distance(fact["bbox"], correction.bbox) for fact in ranked]
    if not ranked or distances[0] > NEAR or (len(ranked) > 1 and distances[1] - distances[0] < 0.25 * NEAR):
        return None
    return ranked[0]


def _distance(one: Sequence[float], other: Sequence[float]) -> float:
    return math.dist([one[0] + one[2], one[1] + one[3]], [other[0] + other[2], other[1] + other[3]]) / 2


def _failed(correction: Correction, here: dict[str, Any] | None) -> Applied:
    expected, remedy = indonesian(correction.expected), f"look at the page and mend or remove it in {FILE}"
    if here is None:
        text = f"correction {correction.id} expects {expected}, but no number is read at its place: {remedy}"
        return Applied(correction, "lost", correction.fact_id, text)
    printed = "no number" if here["value"] is None else indonesian(here["value"])
    also = ", which is what the correction wants" if here["value"] == correction.corrected else ""
    text = f"correction {correction.id} expects {expected}, but {printed} is printed there now{also}: {remedy}"
    return Applied(correction, "changed", here["fact_id"], text, here["table_id"])
