"""The commands. No logic here: each one calls a function of the pipeline and shows what it gives.

Modules are imported inside the commands, so that `lumbung --help` answers at once.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from pipeline.ingest import Summary, Watch

EXIT_CODES = """Exit codes: 0 all well; 1 some documents failed, the others are published; 2 wrong usage;
3 another process is writing the store; 4 nothing could be done (no store, no such document, refused query, disk
full); 130 interrupted."""

EXAMPLES = """\b
Examples:
  lumbung ingest data/raw
  lumbung compare 'X.XX.01.*.06' --year 2024
  lumbung query "select document, page, raw from facts where status = 'conflict'"
  lumbung export facts --format csv --out facts.csv"""

HELP = "\n\n".join(
    ("Numbers from Indonesian local government reports: PDF in, comparable facts in DuckDB out.", EXAMPLES, EXIT_CODES)
)

app = typer.Typer(
    name="lumbung",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)

Store = Annotated[
    Path, typer.Option("--store", envvar="LUMBUNG_STORE", help="Folder of the store.", show_default="data/processed")
]
Workers = Annotated[int | None, typer.Option("--workers", min=1, help="Documents read at once (default: one a core).")]
TimeLimit = Annotated[
    float, typer.Option("--time-limit", min=1, help="Seconds for one document; large files get more.")
]
MemoryLimit = Annotated[int, typer.Option("--memory-limit", min=256, help="MiB of address space for one document.")]
Witness = Annotated[
    str, typer.Option("--witness", help="Second engine: auto (on odd and doubtful pages), always or never.")
]
AsJson = Annotated[bool, typer.Option("--json", help="JSON for machines.")]
STORE = Path("data/processed")


@app.callback(help=HELP)
def everywhere(
    store: Annotated[Path | None, typer.Option("--store", help="Folder of the store, for every command.")] = None,
) -> None:
    """`--store` may stand before or after the command."""
    if store is not None:
        os.environ["LUMBUNG_STORE"] = str(store)


@app.command()
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
    store: Store = STORE,
    engine: Annotated[str, typer.Option(hidden=True)] = "pipeline.harvest",
) -> None:
    """Read PDF reports into the store and publish it; what is known already is skipped.

    \b
    Examples:
      lumbung ingest data/raw
      lumbung ingest reports/*.pdf --manifest files.csv
      lumbung ingest locked.pdf --password secret
    """
    from pipeline import ingest as work
    from pipeline.crowd import Limits
    from pipeline.manifest import read_manifest

    limits = Limits(seconds=time_limit, mebibytes=memory_limit)
    if witness not in ("auto", "always", "never"):
        raise typer.BadParameter("there are auto, always and never", param_hint="--witness")
    settings = work.Settings(store, retry_failed, password, workers, limits, engine, witness=witness)
    said = read_manifest(manifest) if manifest else None
    summary = work.ingest(paths, settings, said, _watch())
    for file in sorted(said.unused) if said else []:
        typer.echo(f"manifest: no file `{file}` was ingested", err=True)
    _finish(summary, store)


@app.command()
def reinterpret(
    workers: Workers = None,
    time_limit: TimeLimit = 60.0,
    memory_limit: MemoryLimit = 1536,
    store: Store = STORE,
    engine: Annotated[str, typer.Option(hidden=True)] = "pipeline.harvest",
) -> None:
    """Make meaning again for all documents from what was read of them; no PDF is opened.

    For new words in forms, new reference data or a new version.
    """
    from pipeline import ingest as work
    from pipeline.crowd import Limits

    limits = Limits(seconds=time_limit, mebibytes=memory_limit)
    _finish(work.reinterpret(work.Settings(store, workers=workers, limits=limits, engine=engine), _watch()), store)


@app.command()
def refresh(
    sources: Annotated[Path, typer.Option(help="What to fetch and read.")] = Path("data/raw/sources.toml"),
    gate: Annotated[float, typer.Option(min=0, max=1, help="Share of facts that may vanish or change.")] = 0.2,
    accept: Annotated[bool, typer.Option("--accept", help="Publish whatever the gate says.")] = False,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Try again what has failed before.")] = False,
    workers: Workers = None,
    time_limit: TimeLimit = 60.0,
    memory_limit: MemoryLimit = 1536,
    store: Store = STORE,
    engine: Annotated[str, typer.Option(hidden=True)] = "pipeline.harvest",
) -> None:
    """The nightly run: fetch, read what is new, publish, and report what happened (runs/latest.html in the store).

    Exit codes: 0 all well; 1 some documents or sources failed, the rest is published; 2 nothing was published;
    3 another process is writing the store; 5 held by the release gate.

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
    settings = Settings(store, retry_failed, None, workers, limits, engine)
    run = run_night(sources, settings, gate=gate, accept=accept, watch=_watch())
    for line in summary_lines(run):
        typer.echo(line)
    raise typer.Exit(run.exit_code)


@app.command()
def diff(
    old: Annotated[int | None, typer.Argument(help="A generation that is kept (default: the one before).")] = None,
    new: Annotated[int | None, typer.Argument(help="Another (default: the published one).")] = None,
    rows: Annotated[int, typer.Option(min=0, help="How many single changes to list.")] = 50,
    json: AsJson = False,
    store: Store = STORE,
) -> None:
    """Show what one generation says otherwise than another: facts removed, changed and added, by document.

    \b
    Example:
      lumbung diff 3 5 --rows 200
    """
    from pipeline.report import diff_lines

    for line in diff_lines(store, old, new, rows, json):
        typer.echo(line)


@app.command()
def status(
    failed: Annotated[bool, typer.Option("--failed", help="Only documents that failed.")] = False,
    json: AsJson = False,
    store: Store = STORE,
) -> None:
    """List the documents of the store: what each one is, how many facts it gave, what went wrong."""
    from pipeline.report import status_rows
    from pipeline.tabular import render

    columns, rows = status_rows(store, failed)
    typer.echo(render(columns, rows, "json" if json else "table") if rows or json else "no documents")
    _tell_failed_corrections(store)


@app.command()
def remove(
    documents: Annotated[list[str], typer.Argument(help="Id (6 digits or more), file name or path.")],
    store: Store = STORE,
) -> None:
    """Take documents out of the store; their published facts stay in facts_history."""
    from pipeline.ingest import remove as take_out

    for known in take_out(documents, store):
        typer.echo(f"removed {known.name} ({known.document_id[:12]})")


@app.command()
def publish(
    full: Annotated[bool, typer.Option("--full", help="Build everything anew instead of the changes.")] = False,
    store: Store = STORE,
) -> None:
    """Build the next generation of the store from the harvests and move the pointer to it."""
    from pipeline.store import publish as build
    from pipeline.store import writing

    with writing(store):
        done = build(store, full=full)
    what = (
        f"{done.documents} documents, {done.changed} changed, {done.removed} removed"
        if done.new
        else "nothing has changed"
    )
    typer.echo(f"generation {done.generation}: {what}")
    if _tell_failed_corrections(store):
        raise typer.Exit(1)


@app.command()
def path(store: Store = STORE) -> None:
    """Print the file of the published generation, for DuckDB clients."""
    from pipeline.store import published_path

    typer.echo(str(published_path(store)))


@app.command()
def compare(
    what: Annotated[str, typer.Argument(help="A code (X.XX.01.2.06, 'X.XX.01.*.06' joins provinces) or a name.")],
    year: Annotated[list[int] | None, typer.Option(help="Year the numbers are for (default: all); repeatable.")] = None,
    region: Annotated[list[str] | None, typer.Option(help="Code of a region, like 17.01; repeatable.")] = None,
    province: Annotated[list[str] | None, typer.Option(help="Code of a province, like 17; repeatable.")] = None,
    like: Annotated[str | None, typer.Option(help="Only agencies whose name holds this text.")] = None,
    level: Annotated[
        str | None, typer.Option(help="program, kegiatan or sub_kegiatan, where a name fits several.")
    ] = None,
    role: Annotated[str | None, typer.Option(help="This role's amount and target instead of the best ones.")] = None,
    rank: Annotated[bool, typer.Option("--rank", help="The largest pagu first; what has none is not ranked.")] = False,
    format: Annotated[str, typer.Option("--format", help="table, csv, json, parquet or xlsx.")] = "table",
    out: Annotated[Path | None, typer.Option("--out", help="File to write (parquet and xlsx need one).")] = None,
    plot: Annotated[Path | None, typer.Option("--plot", help="Chart to write: .svg or .png.")] = None,
    json: AsJson = False,
    store: Store = STORE,
) -> None:
    """Show one program, kegiatan or sub kegiatan side by side: one row an agency, each number with its page.

    \b
    Examples:
      lumbung compare 'administrasi umum' --year 2024 --rank
      lumbung compare 'X.XX.01.*.06' --province 17 --format xlsx --out umum.xlsx
      lumbung compare X.XX.01.2.06 --year 2023 --year 2024 --plot umum.svg
    """
    from pipeline import compare_show
    from pipeline.compare import Wish
    from pipeline.compare import compare as find

    form = "json" if json else format
    compare_show.refuse_unknown(form, out, plot)
    places = tuple(region or ()), tuple(province or ())
    found = find(store, Wish(what, tuple(year or ()), *places, level=level, role=role, like=like))
    if plot is not None:
        compare_show.draw(found, plot)
        typer.echo(f"{plot}: chart of {found.item.code}", err=True)
    text = compare_show.written(found, form, out, rank=rank, years=len(year or ()) != 1)
    typer.echo(text)
    for note in compare_show.notes(found) if form in ("table", "csv") else []:
        typer.echo(note, err=form != "table")


@app.command()
def coverage(
    year: Annotated[int | None, typer.Option(help="Only documents for this fiscal year.")] = None,
    province: Annotated[str | None, typer.Option(help="Only this province, like 17.")] = None,
    lacking: Annotated[bool, typer.Option("--lacking", help="The regions without a document instead.")] = False,
    json: AsJson = False,
    store: Store = STORE,
) -> None:
    """Show which region, agency, year and kind of document the store holds, and how much of the country that is.

    \b
    Examples:
      lumbung coverage --year 2024
      lumbung coverage --province 17 --lacking
    """
    from pipeline import coverage as view
    from pipeline.tabular import plain_json, render

    found = view.coverage(store, year, province)
    if json:
        import json as text

        typer.echo(text.dumps(plain_json(view.as_json(found)), ensure_ascii=False, indent=1))
        return
    columns, rows = view.rows(found, lacking)
    typer.echo(render(columns, rows, "table") if rows else "nothing")
    typer.echo(f"{found.regions_held} of {found.regions} kabupaten/kota and {found.provinces_held} of "
               f"{len(found.provinces)} provinces have a document")  # fmt: skip


@app.command()
def explore(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to answer on.")] = 8077,
    host: Annotated[
        str, typer.Option(help="Address to answer on; others than this machine's see everything.")
    ] = "127.0.0.1",
    review: Annotated[
        bool, typer.Option("--review", help="Also accept or refuse proposals (this machine only).")
    ] = False,
    store: Store = STORE,
) -> None:
    """Open the store to a browser: coverage, documents beside their pages, comparisons, search, SQL, JSON API.

    \b
    Examples:
      lumbung explore
      lumbung explore --port 9000 --review
    """
    from pipeline.web.serve import serve

    serve(store, host=host, port=port, review=review, say=lambda line: typer.echo(line))


@app.command()
def query(
    sql: Annotated[str, typer.Argument(help="One SELECT over the views of the data contract.")],
    format: Annotated[str, typer.Option("--format", help="table, csv, json, jsonl or markdown.")] = "table",
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds.")] = 60.0,
    memory_limit: Annotated[int, typer.Option("--memory-limit", min=64, help="MiB.")] = 2048,
    store: Store = STORE,
) -> None:
    """Answer a read-only SQL query; files, network and settings are out of its reach.

    \b
    Example:
      lumbung query "select region, value, page from facts where code_generic = 'X.XX.01.2.06' and role = 'target'
                     and unit = 'Rupiah' and year = 2024"
    """
    from pipeline.query import query as ask
    from pipeline.tabular import FORMATS, render

    if format not in FORMATS:
        raise typer.BadParameter(f"there are {', '.join(FORMATS)}", param_hint="--format")
    answer = ask(store, sql, seconds=timeout, mebibytes=memory_limit)
    typer.echo(render(answer.columns, answer.rows, format))


@app.command()
def export(
    views: Annotated[
        list[str], typer.Argument(help="facts, documents, comparable, pagu, indicators ...; or `package`.")
    ],
    out: Annotated[Path, typer.Option("--out", help="The file to write; a folder for hive and package.")],
    format: Annotated[
        str | None, typer.Option("--format", help="csv, parquet, xlsx or hive (default: from the file name).")
    ] = None,
    store: Store = STORE,
) -> None:
    """Write a view to a CSV, Parquet or XLSX file; several views to a workbook; all of them to a Data Package.

    \b
    Examples:
      lumbung export comparable --out comparable.csv
      lumbung export pagu indicators documents --out tables.xlsx
      lumbung export facts --format hive --out facts        (province=17/year=2024/*.parquet)
      lumbung export package --out package                  (Data Package v2: CSV and datapackage.json)
    """
    from pipeline import package
    from pipeline.export import export as write

    form = format or out.suffix.lstrip(".").lower()
    if views == ["package"]:
        rows = package.export_package(store, out)
    elif form == "hive" and len(views) == 1:
        rows = package.export_hive(store, views[0], out)
    elif len(views) > 1:
        if form != "xlsx":
            raise typer.BadParameter("several views go to one .xlsx only", param_hint="--out")
        rows = package.export_workbook(store, views, out)
    else:
        rows = write(store, views[0], form, out)
    typer.echo(f"{out}: {rows} rows of {', '.join(views)}")


@app.command()
def dictionary(
    out: Annotated[Path | None, typer.Option("--out", help="File to write instead of printing.")] = None,
) -> None:
    """Print what every view and column means, as Markdown made from the schema.

    \b
    Example:
      lumbung dictionary --out dictionary.md
    """
    from pipeline.dictionary import as_markdown

    if out is None:
        typer.echo(as_markdown(), nl=False)
    else:
        out.write_text(as_markdown(), encoding="utf-8")


@app.command()
def show(
    fact_id: str,
    out: Annotated[Path | None, typer.Option("--out", help="PNG to write (default: FACT_ID.png here).")] = None,
    page: Annotated[bool, typer.Option("--page", help="Picture of the whole page.")] = False,
    password: Annotated[str | None, typer.Option(help="For an encrypted original.", envvar="LUMBUNG_PASSWORD")] = None,
    store: Store = STORE,
) -> None:
    """Show where a fact stands: document, page, cell, printed text, and a picture with the cell marked."""
    from pipeline.report import fact_lines
    from pipeline.show import find, original, picture

    shown = find(store, fact_id)
    for line in fact_lines(shown):
        typer.echo(line)
    target = out or Path(f"{shown.fact['fact_id']}.png")
    picture(original(shown), shown.fact["page"], tuple(shown.fact["bbox"]), target, password, whole=page)
    typer.echo(f"picture     {target}")


review = typer.Typer(
    name="review",
    invoke_without_command=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(review)
Reason = Annotated[str, typer.Option("--reason", help="Why, in one sentence.")]
Who = Annotated[str, typer.Option("--who", help="Who decides.")]


@review.callback()
def review_conflicts(
    context: typer.Context,
    document: Annotated[str | None, typer.Option("--document", help="Only of this document (id, name, path).")] = None,
    html: Annotated[
        Path | None, typer.Option("--html", help="One static HTML file with pictures of the cells.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="Most conflicts to show.")] = 50,
    reread: Annotated[bool, typer.Option("--reread", help="Have the cells read again by a second reader.")] = False,
    decided: Annotated[bool, typer.Option("--decided", help="Also those that were decided on.")] = False,
    password: Annotated[str | None, typer.Option(help="For encrypted originals.", envvar="LUMBUNG_PASSWORD")] = None,
    store: Store = STORE,
) -> None:
    """List the conflicts, worst money first, each with what is proposed and proved; accept or refuse one.

    \b
    Examples:
      lumbung review --html conflicts.html
      lumbung review accept 7bf15338074e --reason "two digits exchanged" --who "Siti"
      lumbung review refuse 7bf15338074e --reason "confirmed by the agency" --who "Siti"
    """
    if context.invoked_subcommand is not None:
        return
    from pipeline import review as work

    every = work.cases(store, document, decided)
    found = every[:limit]
    work.prove(store, found)
    if reread:
        work.read_again(store, found, password)
    if html is not None:
        html.write_text(work.as_html(store, found, password), encoding="utf-8", errors="backslashreplace")
        typer.echo(f"{html}: {len(found)} of {len(every)} conflicts")
        return
    for case in found:
        typer.echo("\n".join(work.case_lines(case)) + "\n")
    typer.echo(f"{len(found)} of {len(every)} conflicts; `lumbung show FACT_ID` draws one")


@review.command()
def accept(
    fact_id: str,
    reason: Reason,
    who: Who,
    value: Annotated[str | None, typer.Option("--value", help="The right value (default: what is proposed).")] = None,
    store: Store = STORE,
) -> None:
    """Write a correction to corrections.toml in the store and publish it; the printed value stays beside it."""
    from pipeline import review as work

    typer.echo(work.decided_line(*work.accept(store, fact_id, value, reason, who)))


@review.command()
def refuse(fact_id: str, reason: Reason, who: Who, store: Store = STORE) -> None:
    """Write down that the printed value stands, so that it is no longer listed."""
    from pipeline import review as work

    typer.echo(work.decided_line(*work.refuse(store, fact_id, reason, who)))


@app.command()
def report(
    document: Annotated[str, typer.Argument(help="Id (6 digits or more), file name or path.")],
    html: Annotated[Path | None, typer.Option("--html", help="One static HTML file.")] = None,
    store: Store = STORE,
) -> None:
    """Show how far a document's numbers are proved, table by table, which checks fail, and its problems."""
    from pipeline import document_report as work

    found = work.report_of(store, document)
    if html is None:
        typer.echo("\n".join(work.lines(found)))
    else:
        html.write_text(work.as_html(found), encoding="utf-8", errors="backslashreplace")
        typer.echo(str(html))


def _watch() -> Watch:
    from pipeline.report import progress

    return progress()


def _finish(summary: Summary, store: Path) -> None:
    from pipeline.report import contradiction_lines, summary_lines

    for line in summary_lines(summary):
        typer.echo(line)
    for line in contradiction_lines(store, summary):
        typer.echo(line, err=True)
    if _tell_failed_corrections(store) or summary.failed or summary.missing:
        raise typer.Exit(1)


def _tell_failed_corrections(store: Path) -> bool:
    """Corrections whose printed value has changed are not applied: said on standard error, each time."""
    from pipeline.store import POINTER, failed_corrections

    found = failed_corrections(store) if (store / POINTER).exists() else []
    for text in found:
        typer.echo(f"CORRECTION NOT APPLIED: {text}", err=True)
    return bool(found)


def main() -> None:
    """The entry point: errors that a user can mend are one line on standard error, with the exit codes above."""
    try:
        app()
    except SystemExit as end:
        if end.code == 130:
            _fail("interrupted: what was read is kept, the next run goes on from there", 130)
        raise
    except Exception as error:
        code = _code_of(error)
        if code is None:
            raise
        _fail(" ".join(str(error).split()), code)


def _code_of(error: Exception) -> int | None:
    import sqlite3

    from pipeline.crowd import CrowdError
    from pipeline.manifest import ManifestError
    from pipeline.store import Locked, StoreError

    if isinstance(error, sqlite3.Error):
        error.args = (f"the catalogue cannot be read or written: {error}",)
        return 4
    if isinstance(error, OSError) and error.filename and error.strerror:
        error.args = (f"{error.filename}: {error.strerror}: give a folder that can be written with --store",)
    codes: dict[type[Exception], int] = {Locked: 3, ManifestError: 2, StoreError: 4, CrowdError: 4, OSError: 4}
    return next((code for kind, code in codes.items() if isinstance(error, kind)), None)


def _fail(text: str, code: int) -> NoReturn:
    typer.echo(f"lumbung: {text}", err=True)
    raise SystemExit(code)


if __name__ == "__main__":
    main()
