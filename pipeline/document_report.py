"""What one document gave: how far its numbers are proved, which of its checks fail, what could not be used."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.catalogue import now
from pipeline.pages_html import page
from pipeline.review import _records, document_id_of
from pipeline.store import reading
from pipeline.tabular import render, shown

STATUSES = ("verified", "repaired", "unverified", "conflict")
COLUMNS = ("page", "table", "facts", *STATUSES, "money facts", "money verified")


@dataclass(slots=True)
class DocumentReport:
    """`tables` has a row a table with facts, and a last one over all; shares are percent of the row's facts."""

    document: dict[str, Any]
    tables: list[list[Any]]
    failing: list[dict[str, Any]]
    problems: list[dict[str, Any]]
    holding: int
    corrections: list[dict[str, Any]]


def report_of(store: Path, name: str) -> DocumentReport:
    """Raises StoreError where no document, or several, fit the name."""
    document_id = document_id_of(store, name)
    with reading(store) as connection:

        def ask(query: str) -> list[dict[str, Any]]:
            return _records(connection.execute(query, [document_id]))

        document = ask("select * from documents where document_id = $1")[0]
        facts = ask(
            "select table_id, table_kind, caption, min(page) over (partition by table_id) as first, status, "
            "quantity = 'anggaran' and unit = 'Rupiah' as money from facts where document_id = $1 order by first, table_id"
        )
        checks = ask(
            "select kind, page, verdict, explanation from checks where document_id = $1 order by page, check_id"
        )
        problems = ask(
            "select page, kind, severity, explanation from problems where document_id = $1 "
            "order by list_position(['stop', 'warn', 'note'], severity), page, kind"
        )
        corrections = ask("select correction_id, state, reason, explanation from corrections where document_id = $1")
    failing = [check for check in checks if check["verdict"] == "fails"]
    return DocumentReport(document, _by_table(facts), failing, problems, len(checks) - len(failing), corrections)


def _by_table(facts: list[dict[str, Any]]) -> list[list[Any]]:
    tables: dict[str, list[dict[str, Any]]] = {}
    for fact in facts:
        tables.setdefault(fact["table_id"], []).append(fact)
    rows = [
        [members[0]["first"], f"{members[0]['table_kind']}: {members[0]['caption'] or 'no caption'}", *_shares(members)]
        for members in tables.values()
    ]
    return [*rows, [None, "all tables", *_shares(facts)]] if facts else []


def _shares(facts: list[dict[str, Any]]) -> list[Any]:
    counts = Counter(fact["status"] for fact in facts)
    money = [fact for fact in facts if fact["money"]]
    proved = sum(fact["status"] in ("verified", "repaired") for fact in money)
    shares = [_percent(counts[status], len(facts)) for status in STATUSES]
    return [len(facts), *shares, len(money), _percent(proved, len(money))]


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else ""


def lines(found: DocumentReport) -> list[str]:
    """The report for the terminal."""
    about = found.document
    title = " ".join(str(about[k]) for k in ("doc_type", "fiscal_year", "region", "agency") if about[k] is not None)
    out = [shown(f"{about['document']}: {title}"), shown(f"status {about['status']}{_because(about)}"), ""]
    if found.tables:
        out += [render(COLUMNS, found.tables, "table"), ""]
    out.append(f"{found.holding} checks hold, {len(found.failing)} fail")
    out += [f"  page {check['page']}: {shown(_fold(check['explanation']))}" for check in found.failing]
    out.append(f"{len(found.problems)} problems")
    out += [
        f"  {p['severity']}{_page(p['page'])} {p['kind']}: {shown(_fold(p['explanation']))}" for p in found.problems
    ]
    out += [f"correction {c['correction_id']} {c['state']}: {shown(_fold(c['reason']))}" for c in found.corrections]
    return out


def as_html(found: DocumentReport) -> str:
    """The report as one static page."""
    return page("report.html", title=found.document["document"], report=found, columns=COLUMNS, made=now())


def _because(about: dict[str, Any]) -> str:
    return f": {about['error']}" if about["error"] else ""


def _page(number: int | None) -> str:
    return "" if number is None else f", page {number}:"


def _fold(text: str | None) -> str:
    return " ".join((text or "").split())
