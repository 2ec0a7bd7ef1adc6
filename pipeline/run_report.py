"""The report of a night, as JSON for machines and HTML for people: `runs/<time>.json`, `.html` and `latest.*`."""

from __future__ import annotations

import html
import itertools
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.replaced import line

if TYPE_CHECKING:
    from pipeline.refresh import Run

KEPT = 60  # runs
SAID = 20  # documents that are still failing, in a terminal or a mail
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'"  # texts come from strangers: nothing in the page may run or load
)
STYLE = """body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem;color:#1c1c1c}
h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}table{border-collapse:collapse;width:100%}
th,td{border-bottom:1px solid #ddd;padding:.25rem .6rem;text-align:left;vertical-align:top}
.bad{background:#fde8e6;padding:.6rem .8rem}.good{background:#e6f4e8;padding:.6rem .8rem}.note{color:#666}"""
SAYS = {
    0: "All well.", 1: "Published; some documents, sources or corrections failed.", 2: "Nothing was published.",
    5: "Held by the release gate: nothing was published.",
}  # fmt: skip
READ = ("document", "doc_type", "fiscal_year", "region", "agency", "facts", "verified", "conflict")
SECTIONS = (
    ("notes", "To know", ("note",)),
    ("sources_failed", "Sources that failed", ("source", "error")),
    ("failed", "Documents that failed", ("document", "place", "status", "error", "kept")),
    ("still_failing", "Documents that failed before and were not tried again",
     ("document", "place", "status", "error", "since", "kept")),
    ("replaced", "Places where quite another report stands now", ("place", "what", "before", "now", "keeps")),
    ("corrections_failed", "Corrections that were not applied", ("correction",)),
    ("contradicted", "Documents that print otherwise than sources.toml says", ("document", "what")),
    ("unlisted", "Links that their index page has no longer; what was read of them stays", ("source", "page")),
    ("drift", "Publishers that drift", ("publisher", "document", "what")),
    ("new", "New documents", READ),
    ("changed", "Changed documents", READ),
    ("removed", "Removed places", ("place",)),
    ("conflicts", "Conflicts in what was read", ("document", "page", "kind", "explanation", "suggestion")),
    ("values_changed", "Values that vanished or changed since the last generation",
     ("change", "document", "page", "code", "name", "role", "year", "old_value", "new_value", "unit")),
)  # fmt: skip


def write_report(run: Run, store: Path) -> Path | None:
    """Write both files, whole or not at all, drop the oldest, and give the newest page.

    None where the disk refuses: the run itself counts.
    """
    folder = store / "runs"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        name = _free_name(folder, run.started.replace(":", "") + "Z")
        texts = {"json": as_json(run), "html": as_html(run)}
        for form, text in texts.items():
            for target in (folder / f"{name}.{form}", folder / f"latest.{form}"):
                _write(target, text)
        for form in texts:
            for old in _in_order(folder.glob(f"2*.{form}"), name)[:-KEPT]:
                old.unlink(missing_ok=True)
    except OSError:
        return None
    return folder / "latest.html"


def _free_name(folder: Path, name: str) -> str:
    """Two runs may begin in one second, or in the same second again when the clock was put back."""
    names = itertools.chain([name], (f"{name}-{number}" for number in itertools.count(2)))
    return next(free for free in names if not (folder / f"{free}.json").exists())


def _in_order(files: Iterable[Path], newest: str) -> list[Path]:
    """Oldest first. What bears a later time than the run that ends now was named by a clock that went wrong."""
    return sorted(files, key=lambda file: (_time(file.stem) <= _time(newest), _time(file.stem)))


def _time(name: str) -> tuple[str, int]:
    moment, _, number = name.partition("Z")
    return moment, int(number[1:]) if number[1:].isdecimal() else 1


def _write(target: Path, text: str) -> None:
    unfinished = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        unfinished.write_text(text, encoding="utf-8", errors="backslashreplace")
        unfinished.replace(target)
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)


def as_json(run: Run) -> str:
    said = {name: value for name, value in asdict(run).items() if name != "report"}
    return json.dumps(said, ensure_ascii=False, indent=1, default=str)


def as_html(run: Run) -> str:
    """One page without scripts; every text of a document is escaped."""
    said = SAYS.get(run.exit_code, "")
    tone = "good" if run.exit_code == 0 else "bad"
    lines = [
        "<!doctype html><html lang=en><meta charset=utf-8>",
        f'<meta http-equiv=Content-Security-Policy content="{POLICY}">',
        f"<title>Refresh {html.escape(run.started)}</title><style>{STYLE}</style>",
        f"<h1>Refresh of {html.escape(run.started)} UTC</h1><p class={tone}>{said} {_text(run.held or run.error)}</p>",
        _table([dict(zip(("what", "count"), pair, strict=True)) for pair in _counts(run)], ("what", "count")),
    ]
    for name, title, columns in SECTIONS:
        rows = [{columns[0]: row} if isinstance(row, str) else row for row in getattr(run, name)]
        if rows:
            lines += [f"<h2>{title}</h2>", _table(rows, columns)]
    return "\n".join(lines)


def _counts(run: Run) -> list[tuple[str, Any]]:
    pairs: list[tuple[str, Any]] = [
        ("generation", f"{run.generation_before or 'none'} → {run.generation or 'none published'}"),
        ("documents published", run.documents),
        ("sources that failed", len(run.sources_failed)),
        ("places with a document", run.places),
        ("known and unchanged", run.unchanged),
        ("identical copies", run.copies),
        ("new", len(run.new)),
        ("changed", len(run.changed)),
        ("another report at a known place", len(run.replaced)),
        ("failed", len(run.failed)),
        ("still failing, not tried again", run.failed_before),
        ("removed", len(run.removed)),
        ("checks that fail in what was read", run.conflicts_found),
    ]
    pairs += [(f"addresses {status}", count) for status, count in sorted(run.fetched.items())]
    pairs += [(f"values {change}", count) for change, count in run.values.items()]
    return [*pairs, ("seconds", run.seconds)]


def _table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> str:
    head = "".join(f"<th>{column.replace('_', ' ')}" for column in columns)
    body = "".join("<tr>" + "".join(f"<td>{_text(row.get(column))}" for column in columns) for row in rows)
    return f"<table><tr>{head}{body}</table>"


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "the last good version stays served" if value else "no"
    return html.escape(str(value))


def summary_lines(run: Run) -> list[str]:
    """The night in a few lines, for a terminal or a mail from cron."""
    lines = [f"{row['source']}: {row['error']}" for row in run.sources_failed]
    for row in run.failed:
        kept = " (the last good version stays served)" if row["kept"] else ""
        lines.append(f"{row['place'] or row['document']}: {row['status']}: {row['error']}{kept}")
    lines += _still_failing(run)
    lines += [f"CORRECTION NOT APPLIED: {text}" for text in run.corrections_failed]
    lines += [line(row) for row in run.replaced]
    lines += [f"{row['document']}: {row['what']}" for row in run.contradicted]
    lines += [f"drift: {row['document']} of {row['publisher']}: {row['what']}" for row in run.drift]
    if run.places or not run.error:
        lines.append(_total(run))
    if run.values:
        lines.append("values: " + ", ".join(f"{count} {change}" for change, count in run.values.items()))
    if run.held or run.error:
        lines.append(run.held or f"nothing was published: {run.error}")
    else:
        lines.append(
            f"generation {run.generation}" + (" is new" if run.generation != run.generation_before else " stays")
        )
    return lines


def _still_failing(run: Run) -> list[str]:
    """The first of them; the report and `lumbung status --failed` have all."""
    lines = [
        f"{row['place'] or row['document']}: still failing since {row['since'][:10]}: {row['status']}: {row['error']}"
        for row in run.still_failing[:SAID]
    ]
    if len(run.still_failing) > SAID:
        lines.append(f"{len(run.still_failing) - SAID} more are still failing: `lumbung status --failed` lists them")
    return lines


def _total(run: Run) -> str:
    copies = f"{run.copies} identical {'copy' if run.copies == 1 else 'copies'}, " if run.copies else ""
    return (
        f"{run.places} places: {len(run.new)} new, {len(run.changed)} changed, {run.unchanged} unchanged, {copies}"
        f"{len(run.failed)} failed, {run.failed_before} still failing, {len(run.removed)} removed"
        + (f"; another report at {len(run.replaced)} places" if run.replaced else "")
        + (f"; {len(run.sources_failed)} sources failed" if run.sources_failed else "")
        + (f"; {len(run.unlisted)} links no longer listed" if run.unlisted else "")
    )
