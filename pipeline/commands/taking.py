"""Commands that write the store: ingest, reinterpret, refresh, remove, publish."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.commands.options import (
    STORE,
    Exchange,
    MemoryLimit,
    Scheduler,
    Store,
    TimeLimit,
    Witness,
    Workers,
    tell_failed_corrections,
)

if TYPE_CHECKING:
    from pipeline.ingest import Summary, Watch

group = typer.Typer()


@group.command()
def ingest(
    paths: Annotated[list[str], typer.Argument(help="Files, folders (searched for *.pdf) and globs.")],
    manifest: Annotated[
        Path | None, typer.Option(help="CSV: file, region_code, agency, doc_type, fiscal_year ...")
    ] = None,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Try again what has failed before.")] = False,
    password: Annotated[
        str | None, typer.Option(help="For encrypted files; never stored.", envvar="LUMBUNG_PASSWORD")
    ] = None,
    workers: Workers = None,
    time_limit: TimeLimit = 60.0,
    memory_limit: MemoryLimit = 1536,
    witness: Witness = "auto",
    scheduler: Scheduler = None,
    exchange: Exchange = None,
    store: Store = STORE,
    engine: Annotated[str, typer.Option(hidden=True)] = "pipeline.harvest",
) -> None:
    """Read PDF reports into the store and publish it; what is known already is skipped.

    \b
    Examples:
      lumbung ingest data/raw
      lumbung ingest reports/*.pdf --manifest files.csv
      lumbung ingest locked.pdf --password secret
      lumbung ingest /shared/reports --store /shared/store --scheduler tcp://head:8786
    """
    from pipeline import ingest as work
    from pipeline.crowd import Limits
    from pipeline.manifest import read_manifest

    limits = Limits(seconds=time_limit, mebibytes=memory_limit)
    if witness not in ("auto", "always", "never"):
        raise typer.BadParameter("there are auto, always and never", param_hint="--witness")
    settings = work.Settings(
        store, retry_failed, password, workers, limits, engine, witness=witness, scheduler=scheduler, exchange=exchange
    )
    said = read_manifest(manifest) if manifest else None
    summary = work.ingest(paths, settings, said, _watch())
    for file in sorted(said.unused) if said else []:
        typer.echo(f"manifest: no file `{file}` was ingested", err=True)
    _finish(summary, store)


@group.command()
def reinterpret(
    workers: Workers = None,
    time_limit: TimeLimit = 60.0,
    memory_limit: MemoryLimit = 1536,
    scheduler: Scheduler = None,
    exchange: Exchange = None,
    store: Store = STORE,
    engine: Annotated[str, typer.Option(hidden=True)] = "pipeline.harvest",
) -> None:
    """Make meaning again for all documents from what was read of them; no PDF is opened.

    For new words in forms, new reference data or a new version.

    \b
    Example:
      lumbung reinterpret --workers 4
    """
    from pipeline import ingest as work
    from pipeline.crowd import Limits

    limits = Limits(seconds=time_limit, mebibytes=memory_limit)
    settings = work.Settings(
        store, workers=workers, limits=limits, engine=engine, scheduler=scheduler, exchange=exchange
    )
    _finish(work.reinterpret(settings, _watch()), store)


@group.command()
def refresh(
    sources: Annotated[Path, typer.Option(help="What to fetch and read.")] = Path("data/raw/sources.toml"),
    gate: Annotated[float, typer.Option(min=0, max=1, help="Share of facts that may vanish or change.")] = 0.2,
    accept: Annotated[bool, typer.Option("--accept", help="Publish whatever the gate says.")] = False,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Try again what has failed before.")] = False,
    workers: Workers = None,
    time_limit: TimeLimit = 60.0,
    memory_limit: MemoryLimit = 1536,
    scheduler: Scheduler = None,
    exchange: Exchange = None,
    store: Store = STORE,
    engine: Annotated[str, typer.Option(hidden=True)] = "pipeline.harvest",
) -> None:
    """The nightly run: fetch, read what is new, publish, and report what happened (runs/latest.html in the store).

    Exit codes: 0 all well (documents that failed in earlier runs are listed, not counted); 1 some documents, sources or
    corrections failed in this run, the rest is published; 2 nothing was published, or wrong usage; 3 another process is
    writing the store; 4 the store cannot be written at all; 5 held by the release gate; 130 interrupted.

    \b
    Examples:
      lumbung refresh
      lumbung refresh --sources sources.toml --gate 0.1
    """
    from pipeline.crowd import Limits
    from pipeline.ingest import Settings
    from pipeline.refresh import refresh as run_night
    from pipeline.run_report import summary_lines

    limits = Limits(seconds=time_limit, mebibytes=memory_limit)
    settings = Settings(store, retry_failed, None, workers, limits, engine, scheduler=scheduler, exchange=exchange)
    run = run_night(sources, settings, gate=gate, accept=accept, watch=_watch())
    for line in summary_lines(run):
        typer.echo(line)
    if run.report is not None:
        typer.echo(f"report: {run.report}")
    raise typer.Exit(run.exit_code)


@group.command()
def remove(
    documents: Annotated[list[str], typer.Argument(help="Id (6 digits or more), file name or path.")],
    store: Store = STORE,
) -> None:
    """Take documents out of the store; their published facts stay in facts_history.

    \b
    Example:
      lumbung remove renja-2024.pdf
    """
    from pipeline.finding import come_back
    from pipeline.ingest import remove as take_out
    from pipeline.progress import Part, shown

    named = come_back(store, documents)
    with shown(Part("publishing")):
        taken = take_out(documents, store)
    for known in taken:
        typer.echo(f"removed {known.name} ({known.document_id[:12]})")
        if known.document_id in named:
            place = named[known.document_id]
            typer.echo(f"note: sources.toml names {place}: the next `lumbung refresh` brings it back", err=True)


@group.command()
def publish(
    full: Annotated[bool, typer.Option("--full", help="Build everything anew instead of the changes.")] = False,
    store: Store = STORE,
) -> None:
    """Build the next generation of the store from the harvests and move the pointer to it.

    \b
    Example:
      lumbung publish --full
    """
    from pipeline.progress import Part, shown
    from pipeline.store import publish as build
    from pipeline.store import writing

    with writing(store), shown(Part("publishing")):
        done = build(store, full=full)
    what = (
        f"{done.documents} documents, {done.changed} changed, {done.removed} removed"
        if done.new
        else "nothing has changed"
    )
    typer.echo(f"generation {done.generation}: {what}")
    if tell_failed_corrections(store):
        raise typer.Exit(1)


def _watch() -> Watch:
    from pipeline.report import watch

    return watch()


def _finish(summary: Summary, store: Path) -> None:
    from pipeline.report import contradiction_lines, summary_lines

    for line in summary_lines(summary):
        typer.echo(line)
    for line in contradiction_lines(store, summary):
        typer.echo(line, err=True)
    if tell_failed_corrections(store) or summary.failed or summary.missing:
        raise typer.Exit(1)
