"""Commands that show what stands in the store: status, diff, path, report, show."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands.options import STORE, AsJson, Store, tell_failed_corrections

group = typer.Typer()


@group.command()
def status(
    failed: Annotated[bool, typer.Option("--failed", help="Only documents that failed.")] = False,
    json: AsJson = False,
    store: Store = STORE,
) -> None:
    """List the documents of the store: what each one is, how many facts it gave, what went wrong.

    \b
    Examples:
      lumbung status
      lumbung status --failed --json
    """
    from pipeline.report import status_rows
    from pipeline.tabular import render

    columns, rows, held = status_rows(store, failed)
    typer.echo(render(columns, rows, "json" if json else "table") if rows or json else "no documents")
    if held:
        typer.echo(f"listed, but {held}", err=True)
    tell_failed_corrections(store)


@group.command()
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


@group.command()
def path(store: Store = STORE) -> None:
    """Print the file of the published generation, for DuckDB clients.

    \b
    Example:
      duckdb -readonly "$(lumbung path)"
    """
    from pipeline.store import published_path

    typer.echo(str(published_path(store)))


@group.command()
def report(
    document: Annotated[str, typer.Argument(help="Id (6 digits or more), file name or path.")],
    html: Annotated[Path | None, typer.Option("--html", help="One static HTML file.")] = None,
    json: AsJson = False,
    store: Store = STORE,
) -> None:
    """Show how far a document's numbers are proved, table by table, which checks fail, and its problems.

    \b
    Examples:
      lumbung report renja-2024.pdf
      lumbung report renja-2024.pdf --html renja-2024.html
    """
    from dataclasses import asdict

    from pipeline import document_report as work
    from pipeline.tabular import as_json

    found = work.report_of(store, document)
    if json:
        typer.echo(as_json(asdict(found)))
    elif html is None:
        typer.echo("\n".join(work.lines(found)))
    else:
        html.write_text(work.as_html(found), encoding="utf-8", errors="backslashreplace")
        typer.echo(str(html))


@group.command()
def show(
    fact_id: str,
    out: Annotated[Path | None, typer.Option("--out", help="PNG to write (default: FACT_ID.png here).")] = None,
    page: Annotated[bool, typer.Option("--page", help="Picture of the whole page.")] = False,
    password: Annotated[str | None, typer.Option(help="For an encrypted original.", envvar="LUMBUNG_PASSWORD")] = None,
    json: AsJson = False,
    store: Store = STORE,
) -> None:
    """Show where a fact stands: document, page, cell, printed text, and a picture with the cell marked.

    \b
    Examples:
      lumbung show 7bf15338074e
      lumbung show 7bf15338074e --page --out page.png
      lumbung show 7bf15338074e --json                      (no picture without --out)
    """
    from pipeline.report import fact_lines
    from pipeline.show import find, original, picture
    from pipeline.tabular import as_json

    shown = find(store, fact_id)
    lines = [as_json({**shown.fact, "checks": shown.checks, "paths": list(map(str, shown.paths))})]
    for line in lines if json else fact_lines(shown):
        typer.echo(line)
    if json and out is None:
        return
    target = out or Path(f"{shown.fact['fact_id']}.png")
    picture(original(shown), shown.fact["page"], tuple(shown.fact["bbox"]), target, password, whole=page)
    typer.echo(f"picture     {target}", err=json)
