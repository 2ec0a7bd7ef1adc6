"""A reading and what the user says of it -> the harvest: document, rows, facts, checks, problems. Opens no PDF."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from extractors.tables import Reading
from normalizers import nomenclature
from normalizers.account_rows import ACCOUNT_FORMS
from normalizers.asking import listening
from normalizers.codes import CodeResolver, parse_code
from normalizers.grid import fold
from normalizers.number_style import style_of, total
from normalizers.numbers import ENGLISH, INDONESIAN, StyleVerdict
from normalizers.plan_years import plan_years
from normalizers.setting import Setting
from normalizers.textjoin import Lexicon
from normalizers.vocabulary import is_known
from pipeline.document import document_of
from pipeline.facts import Document, Harvest, Problem
from pipeline.form_heads import give_heads
from pipeline.headings import distrust_headings
from pipeline.lying_fonts import distrust_equalities, distrust_garbled
from pipeline.opening import OpenTable, open_table, split_sections
from pipeline.second_readings import checked
from pipeline.table_facts import mean_table

# What a source card says of a publisher that writes all its reports in one style; columns that prove otherwise win.
DECLARED = {
    name: StyleVerdict(style, True, origin="declared")
    for name, style in (("indonesian", INDONESIAN), ("english", ENGLISH))
}


# A Renja's chapter on the evaluation of the last one is no title.
EVALUATION = re.compile(
    r"\bhasil evaluasi (?!.*\b(akip|sakip|kinerja)\b)"
    r"|\b(evaluasi|pengendalian|monitoring|pemantauan|pelaksanaan|realisasi|capaian)\b.*\b(renja|renstra|rkpd|rpjmd|rencana)\b"
)
BUDGETS = ("rka", "dpa", "apbd", "lra")  # `Dokumen Pelaksanaan Anggaran`


def load_references() -> None:
    """Reads the lists that most documents ask for, once in a process: the first document would wait a quarter second."""
    for pemda in ("kabkota", "provinsi"):
        nomenclature.four_digit(pemda)
    is_known("")


def mean(reading: Reading, document_id: str, file_name: str, said: Mapping[str, str] | None = None) -> Harvest:
    """The meaning of a reading. `said` is what the user knows (manifest columns: region_code, agency, doc_type, ...).

    A pure function of its arguments and the reference data.
    """
    with listening() as asked:
        harvest = _mean(reading, document_id, file_name, said or {})
    harvest.asked = tuple(asked)
    return harvest


def _mean(reading: Reading, document_id: str, file_name: str, said: Mapping[str, str]) -> Harvest:
    document, doubts = document_of(reading, document_id, file_name, said)
    opened = _open_tables(reading, document)
    pemda = "provinsi" if document.region_code and "." not in document.region_code else "kabkota"
    document.nomenclature = nomenclature.infer(_sightings(opened, pemda), document.fiscal_year, pemda)
    coder = CodeResolver(document.nomenclature, document.agency_bidang, pemda, document.region_code)
    style = DECLARED.get(said.get("number_style", "")) or _document_style(opened)
    lexicon = _lexicon(reading)
    harvest = Harvest(document, reading, problems=doubts)
    for table in opened:
        harvest.tables.append(mean_table(table, document_id, coder, style, lexicon, many=document.agency is None))
        harvest.problems.extend(table.problems)
    give_heads(document.doc_type, harvest.tables, opened, reading, coder)
    harvest.problems.extend(_troubles(reading))
    findings = checked(harvest)
    harvest.checks, harvest.problems = findings.checks, harvest.problems + findings.problems
    distrust_equalities(harvest)
    distrust_garbled(harvest)
    distrust_headings(harvest, opened)
    _settle_lookalikes(harvest)
    _set_status(document, harvest)
    return harvest


def _open_tables(reading: Reading, document: Document) -> list[OpenTable]:
    """Tables with kinds and columns; one that follows another on its page without a caption shares that one's caption."""
    texts = [line.text for line in reading.lines]
    pairs = [f"{upper} {lower}" for upper, lower in itertools.pairwise(texts)]  # `RENSTRA` / `2021-2026`
    years = plan_years(texts + pairs + [t for table in reading.tables for t in table.above])
    title = re.split(r"\btabel\b", (document.title or "").lower())[0]  # a caption close below is no part of it
    evaluates = EVALUATION.search(title) is not None
    opened: list[OpenTable] = []
    parts = ((number, *part) for number, table in enumerate(reading.tables) for part in split_sections(table))
    for number, table, grid, titles, first_row in parts:
        setting = Setting(document.fiscal_year, years, document.doc_type, evaluates=evaluates)
        before = opened[-1] if opened else None
        if before is not None and not table.above and before.table.pages[-1] == table.pages[0]:
            table = replace(table, above=before.table.above)
        table_id = f"{document.document_id[:12]}-t{len(opened) + 1:03d}"
        opened.append(open_table(table, table_id, setting, before, titles, grid))
        opened[-1].table_no, opened[-1].first_row = number, first_row
    return opened


def _sightings(opened: Sequence[OpenTable], pemda: str) -> list[nomenclature.Sighting]:
    found = []
    for table in opened:
        if table.meaning.kind in ACCOUNT_FORMS:
            continue
        codes = [c.index for c in table.meaning.columns if c.kind == "code"]
        names = [c.index for c in table.meaning.columns if c.kind == "name"]
        for row in table.body if codes else ():
            own = {id(cell): fold(cell.text) for i in codes if (cell := table.grid.at(row, i)) is not None}
            raw = " ".join(text for text in own.values() if text)  # equal parts stay: `7 | 01 | 01 | 2.01`
            parsed = parse_code(raw, pemda)
            if parsed is None or parsed.code is None:
                continue
            name = next((t for i in names if (t := table.grid.text(row, i))), None)
            last = parsed.code.rsplit(".", 1)[-1]
            digits = len(last) if parsed.level == "sub_kegiatan" else 0
            found.append(nomenclature.Sighting(parsed.code, name, digits, parsed.era, not parsed.repaired))
    return found


def _document_style(opened: Sequence[OpenTable]) -> StyleVerdict:
    return style_of(total(table.weight for table in opened))


def _lexicon(reading: Reading) -> Lexicon:
    texts = [line.text for line in reading.lines]
    texts.extend(cell.text for table in reading.tables for cell in table.cells)
    return Lexicon(texts)


def _troubles(reading: Reading) -> list[Problem]:
    return [Problem(t.page, None, t.bbox, t.kind, t.severity, "", t.text) for t in reading.troubles]


def _settle_lookalikes(harvest: Harvest) -> None:
    """A value read by exchanging letters for digits is `repaired` where a check proves it, else a problem and no fact."""
    for table in harvest.tables:
        kept = []
        for fact in table.facts:
            if not fact.lookalike:
                kept.append(fact)
            elif fact.status in ("verified", "repaired"):
                fact.status, fact.value_text = "repaired", None
                kept.append(fact)
            else:
                text = f"`{fold(fact.raw)}` looks like {fact.value}, but nothing in the document proves it"
                harvest.problems.append(
                    Problem(fact.page, table.table_id, fact.bbox, "lookalike", "warn", fact.raw, text)
                )
        table.facts = kept


def _set_status(document: Document, harvest: Harvest) -> None:
    if not harvest.reading.pages:
        document.status = "empty"
    elif not any(table.facts for table in harvest.tables):
        document.status, document.error = "no_tables", "no table with numbers was found in this document"
    else:
        failed = Counter(t.page for t in harvest.reading.troubles if t.severity == "stop")
        if failed:
            pages = ", ".join(map(str, sorted(failed)))
            document.status, document.error = "partial", f"page {pages} could not be read: see problems"
