"""A stand-in for `pipeline.harvest`: documents whose bytes are `%PDF-` and a JSON line saying what they hold."""

from __future__ import annotations

import json
import mmap
import os
import signal
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

from extractors.errors import Encrypted
from extractors.tables import Cell, Line, PageInfo, Reading, SecondReading, Table, Trouble
from normalizers.columns import Column
from normalizers.rows import Row
from pipeline.facts import Check, Document, Fact, Harvest, MeantTable, Problem

AGENCY = "Badan Kepegawaian dan Pengembangan Sumber Daya Manusia"
CODE, GENERIC, COMPARABLE = "5.03.01.2.06", "X.XX.01.2.06", "X.XX.01.*.06"


def fact(**said: Any) -> dict[str, Any]:
    """A fact as a document's JSON says it: a target in rupiah of the kegiatan CODE in 2024 unless `said` otherwise."""
    return {
        "value": "100", "role": "target", "quantity": "anggaran", "unit": "Rupiah", "year": 2024, "kind": "tc33",
        "code": CODE, "code_generic": GENERIC, "code_comparable": COMPARABLE, "name": "Administrasi Umum",
    } | said  # fmt: skip


def pdf(path: Path, *facts: dict[str, Any], **said: Any) -> Path:
    """Write a document. `said` overrides what it says of itself, `do` makes its reading misbehave."""
    document = {
        "doc_type": "renja", "fiscal_year": 2024, "region_code": "99.01", "region": "Kabupaten Contoh",
        "agency": AGENCY,
        "agency_key": "kepegawaian",
    } | said  # fmt: skip
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"%PDF-1.4\n" + json.dumps({"document": document, "facts": facts}).encode() + b"\n%%EOF")
    return path


def read(path: Path, password: str | None = None) -> Reading:
    log = os.environ.get("LANG", "")
    if log.startswith("log="):
        with open(log[4:], "a") as file:
            file.write(f"{path.name}\n")
    text = path.read_bytes().split(b"\n")[1]
    said = json.loads(text)
    misbehave(said["document"].pop("do", None), password)
    cells = [Cell(0, 0, 1, (0, 0, 50, 10), "Kode"), Cell(0, 1, 1, (50, 0, 100, 10), "Pagu > 2024")]
    for number, one in enumerate(said["facts"], start=1):
        cells.append(Cell(number, 0, 1, (0, 10.0 * number, 50, 10.0 * number + 10), one["code"] or ""))
        other = (SecondReading("x", "pdfplumber", 0.5),)
        box = (50, 10.0 * number, 100, 10.0 * number + 10)
        cells.append(Cell(number, 1, 1, box, str(one.get("raw", one["value"])), others=other))
    table = Table(tuple(cells), len(said["facts"]) + 1, 2, (1,), (0,), above=("Tabel 1",), repeated_rows=frozenset({0}))
    return Reading(
        pages=[PageInfo(1, "ruled", 595.0, 842.0, 0, ("doubled_text",))],
        tables=[table] if said["facts"] else [],
        lines=[Line(1, (0, 0, 10, 10), text.decode(), 11.0)],
        troubles=[Trouble(1, "doubled_text", "letters are printed twice")],
        metadata={"Producer": "fake"},
    )


def misbehave(do: str | None, password: str | None) -> None:
    if do == "sleep":
        time.sleep(60)
    elif do == "spin":
        while True:
            pass
    elif do == "memory":
        bytearray(8 << 30)
    elif do == "hungry":  # little by little, every page touched
        held = []
        while True:
            held.append(bytearray(b"x") * (16 << 20))
    elif do == "mapped":  # shared memory, which no limit on data counts
        maps = []
        while True:
            maps.append(mmap.mmap(-1, 32 << 20))
            maps[-1].write(b"x" * (32 << 20))
    elif do == "crash":
        os.abort()
    elif do == "kill its worker":  # what a machine without memory does to the process that started this one
        os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(60)
    elif do == "error":
        raise ValueError("a fault of ours")
    elif do == "encrypted" and password != "secret":
        raise Encrypted("it wants a password")


def mean(reading: Reading, document_id: str, file_name: str, said: dict[str, str]) -> Harvest:
    content = json.loads(reading.lines[0].text)
    about = content["document"] | {
        k: int(v) if k == "fiscal_year" else v for k, v in said.items() if k != "nomenclature"
    }
    about.pop("do", None)
    document = Document(document_id, file_name, pages=1, **about)
    table_id = f"{document_id[:12]}-t01"
    facts = [_fact(document_id, table_id, row_no, one) for row_no, one in enumerate(content["facts"])]
    rows = [
        Row(fact.row_no, fact.level, code=fact.code, code_generic=fact.code_generic, name=fact.name, page=1)
        for fact in facts
    ]
    columns = [Column(0, "Kode", "code"), Column(1, "Pagu > 2024", "quantity", multiplier=Decimal(1))]
    numbers = {number + 1: number for number in range(len(facts))}
    meant = MeantTable(table_id, "tc33", "Tabel 1\nRencana", columns, rows, facts, frozenset({0}), numbers)
    ids = [fact.fact_id for fact in facts]
    check = Check("c1-" + document_id, table_id, "hierarchy_sum", "sums", ids, ids[:1], 1, (0, 0, 1, 1), "a = b",
                  Decimal("1.5"), Decimal(1), Decimal("0.5"), "fails", None, "They differ.")  # fmt: skip
    problems = [Problem(1, None, None, "doubled_text", "note", "", "Letters are printed twice.")]
    if str(content["document"].get("fiscal_year")) != said.get("fiscal_year", str(document.fiscal_year)):
        problems.append(Problem(1, None, None, "said_year", "warn", "", "Another year was said."))
    if not facts:
        document.status = "no_tables"
    return Harvest(document, reading, [meant] if facts else [], [check] if facts else [], problems, [reading.lines[0]])


def _fact(document_id: str, table_id: str, row_no: int, one: dict[str, Any]) -> Fact:
    one = dict(one)
    kind, level = one.pop("kind"), one.pop("level", "kegiatan")
    value = one.pop("value")
    return Fact(
        fact_id=one.pop("fact_id", f"{document_id[:16]}-{row_no}"), table_id=table_id, table_kind=kind, page=1,
        bbox=(50.0, 10.0 * (row_no + 1), 100.0, 10.0 * (row_no + 1) + 10), row_no=row_no, column_no=1, part=0,
        level=level,
        column_label="Pagu > 2024", period=one.pop("period", "tahun"), raw=str(one.pop("raw", value)),
        value=None if value is None else Decimal(value), decimals=0, **one,
    )  # fmt: skip
