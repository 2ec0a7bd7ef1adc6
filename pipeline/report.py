"""What the commands show: progress, the summary of an ingest, the list of documents, the story of a fact."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import Any

from pipeline import progress
from pipeline.catalogue import FAILED, Catalogue, Known
from pipeline.ingest import Summary, Watch
from pipeline.progress import Part
from pipeline.show import Shown
from pipeline.store import StoreError, prepare
from pipeline.tabular import bare, render, shown


class _Told(Watch):
    def part(self, what: str, total: int | None = None) -> AbstractContextManager[Part]:
        return progress.shown(Part(what, total=total))

    def note(self, text: str) -> None:
        print(shown(text), file=sys.stderr, flush=True)

    def lull(self) -> None:
        prepare()


class _Bar(_Told):
    """A progress bar for a terminal, on standard error."""

    def begin(self, total: int) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (
            TextColumn("reading"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[name]}"),
        )
        self._progress = Progress(*columns, console=Console(stderr=True), transient=True)
        self._task = self._progress.add_task("", total=total, name="")
        if total:
            self._progress.start()

    def step(self, document: Known) -> None:
        name = shown(document.name).replace("[", "(")[:60]
        self._progress.update(self._task, advance=1, name=name)

    def end(self) -> None:
        self._progress.stop()


class _Lines(_Told):
    """Plain lines where there is no terminal."""

    def begin(self, total: int) -> None:
        self._total, self._done = total, 0

    def step(self, document: Known) -> None:
        self._done += 1
        print(f"[{self._done}/{self._total}] {shown(document.name)}: {document.status}", file=sys.stderr, flush=True)


def watch() -> Watch:
    """Tells on standard error how far a command is."""
    return _Bar() if sys.stderr.isatty() else _Lines()


SUMMARY = ("document", "kind", "year", "region", "tables", "facts", "verified", "conflict", "problems", "status")


def summary_lines(summary: Summary) -> list[str]:
    """The table of what was read, one line for each document that failed, and the total."""
    lines = []
    read = [d for d in summary.outcomes if not d.failed]
    if read:
        rows = [_summary_row(document) for document in sorted(read, key=lambda d: d.name)]
        lines += [render(SUMMARY, rows, "table"), ""]
    lines += [f"{shown(d.name)}: {d.status}: {d.error}" for d in sorted(summary.failed, key=lambda d: d.name)]
    lines += [f"{shown(place)}: {why}" for place, why in summary.missing]
    facts = sum(d.summary.get("facts", 0) for d in read)
    total = f"{summary.files} files: {len(read)} read ({facts} facts), {summary.known} known already"
    if summary.copies:
        total += f", {summary.copies} identical {'copy' if summary.copies == 1 else 'copies'} of others"
    total += f", {len(summary.failed)} failed"
    if summary.missing:
        total += f", {len(summary.missing)} not found or not readable"
    if summary.failed_before:
        total += f", of the known ones {len(summary.failed_before)} had failed (--retry-failed tries them again)"
    lines.append(total)
    lines += _published_lines(summary, bool(read))
    return lines


def contradiction_lines(store: Path, summary: Summary) -> list[str]:
    """Documents of this run that print another year, region, kind or agency than was said of them."""
    from pipeline.telling import contradictions

    read = [d.document_id for d in summary.outcomes if d.said and not d.failed]
    if not read or summary.published is None:
        return []
    return [f"{shown(name)}: {text}" for name, text in contradictions(store, read)]


def _published_lines(summary: Summary, read: bool) -> list[str]:
    done = summary.published
    if done is None:
        if not summary.files and not summary.missing:
            return ["no PDF was found: name files, folders with *.pdf, or globs"]
        return ["nothing was published: no document could be read"] if summary.failed or summary.failed_before else []
    what = "published" if done.new else "nothing new to publish, still"
    unread = done.new and summary.failed and not read
    note = "; nothing new could be read, the numbers published before stay" if unread else ""
    return [f"{what} generation {done.generation} ({done.path}){note}"]


def _summary_row(document: Known) -> list[Any]:
    about, counts = document.about or {}, document.summary
    return [
        document.name, about.get("doc_type"), about.get("fiscal_year"), about.get("region"), counts.get("tables"),
        counts.get("facts"), counts.get("verified"), counts.get("conflict"), counts.get("problems"), document.status,
    ]  # fmt: skip


def diff_lines(store: Path, old: int | None, new: int | None, rows: int, json: bool) -> list[str]:
    """What `new` (else the published generation) says otherwise than `old` (else the one before)."""
    from pipeline.diff import LISTED, diff
    from pipeline.store import generations, last_generation

    kept = generations(store)
    if len(kept) < 2 and (old is None or new is None):
        raise StoreError(f"{store} keeps {len(kept)} generation(s): there is nothing to compare yet")
    second = last_generation(store) or kept[-1] if new is None else new
    first = max((g for g in kept if g < second), default=None) if old is None else old
    if first is None:
        raise StoreError(f"no generation before {second} is kept in {store}: there is nothing to compare it with")
    found = diff(store, first, second, rows)
    if json:
        return [render(LISTED, found.changes, "json")]
    counts = ", ".join(f"{count} {change}" for change, count in found.totals.items())
    lines = [f"generation {first} to {second}: {counts}"]
    if found.by_document:
        lines += ["", render(("document", "removed", "changed", "added"), found.by_document, "table")]
        lines += ["", render(LISTED, found.changes, "table")] if found.changes else []
    return lines


STATUS = (
    "document_id",
    "document",
    "kind",
    "year",
    "region",
    "agency",
    "facts",
    "verified",
    "conflict",
    "status",
    "error",
    "same_as",
)


def status_rows(store: Path, failed: bool) -> tuple[tuple[str, ...], list[list[Any]], str | None]:
    """One row a document of the catalogue, and why not all of it is published (None: all is).

    Raises StoreError where there is no store.
    """
    if not (store / "catalogue.sqlite").exists():
        raise StoreError(f"no store in {store}: run `lumbung ingest PATHS` first, or name the store with --store")
    catalogue = Catalogue.to_read(store)
    try:
        known = catalogue.documents()
        held = catalogue.state("held_why") or None
    finally:
        catalogue.close()
    rows, same = [], _same_as(store)
    for document in sorted((d for d in known if d.status in FAILED or not failed), key=lambda d: d.name):
        about, counts = document.about or {}, document.summary
        rows.append([
            document.document_id[:12], document.name, about.get("doc_type"), about.get("fiscal_year"),
            about.get("region"),
            about.get("agency"), counts.get("facts"), counts.get("verified"), counts.get("conflict"), document.status,
            document.error, same.get(document.document_id),
        ])  # fmt: skip
    return STATUS, rows, held or _unpublished(store, known)


def _same_as(store: Path) -> dict[str, str]:
    """Documents of the published generation for which another one stands, and its name."""
    from pipeline.store import reading

    with suppress(StoreError), reading(store) as connection:
        query = "select d.document_id, o.document from documents d join documents o on o.document_id = d.duplicate_of"
        return dict(connection.execute(query).fetchall())
    return {}


def _unpublished(store: Path, known: Sequence[Known]) -> str | None:
    """How what is listed differs from what is read and published; None where it does not."""
    unread = sum(document.status == "new" for document in known)
    again = f"{unread} were not read yet: run the same command again" if unread else None
    return "; ".join(filter(None, (again, _older(store, known)))) or None


def _older(store: Path, known: Sequence[Known]) -> str | None:
    """How what is listed differs from what is published; None where it does not."""
    from pipeline.store import last_generation, reading

    last = last_generation(store)
    if last is None:
        return "nothing is published yet: `lumbung publish` does it" if any(d.meaning for d in known) else None
    try:
        with reading(store) as connection:
            rows = connection.execute("select document_id, meaning_version from base.documents").fetchall()
    except StoreError as error:
        return str(error)
    held = {document_id: version for document_id, version in rows if not version.startswith("none")}
    wanted = {d.document_id: d.meaning for d in known if d.meaning is not None}
    new = len(wanted.keys() - held.keys())
    other = sum(held[one] != wanted[one] for one in wanted.keys() & held.keys())
    gone = len(held.keys() - wanted.keys())
    if not new + other + gone:
        return None
    counts = ", ".join(f"{n} {what}" for n, what in ((new, "new"), (other, "changed"), (gone, "removed")) if n)
    return f"generation {last}, which is published, is older ({counts} since): `lumbung publish` brings it up to date"


def fact_lines(story: Shown) -> list[str]:
    """A fact in lines: what it says, what it means, where it stands, which checks involve it."""
    fact = story.fact
    value = bare(fact["value"]) if fact["value"] is not None else fact["value_text"]
    box = ", ".join(f"{number:.1f}" for number in fact["bbox"])
    pairs = [
        ("fact", fact["fact_id"]),
        ("document", fact["document"]),
        ("region", fact["region"]),
        ("agency", fact["agency"]),
        ("page", f"{fact['page']}, box {box} points"),
        ("table", f"{fact['caption'] or ''} ({fact['table_kind']})"),
        ("column", fact["column_label"]),
        ("row", " ".join(part for part in (fact["code_raw"], fact["name_raw"]) if part)),
        ("code", f"{fact['code']} ({fact['code_how']})" if fact["code"] else None),
        ("indicator", fact["indicator"]),
        ("meaning", " ".join(str(fact[k]) for k in ("role", "quantity", "year", "period") if fact[k] is not None)),
        ("printed", fact["raw"]),
        ("value", " ".join(part for part in (value, fact["unit"]) if part)),
        ("status", f"{fact['status']} (confidence {fact['confidence']:.2f})"),
    ]
    pairs += [(f"check {check['verdict']}", check["explanation"]) for check in story.checks]
    pairs += [("suggestion", check["suggestion"]) for check in story.checks if check["suggestion"]]
    return [f"{name:<12}{shown(text)}" for name, text in pairs if text]
