"""Commands on conflicts: review, and its accept and refuse."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands.options import STORE, AsJson, Store

review = typer.Typer(
    name="review",
    invoke_without_command=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
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
    json: AsJson = False,
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
    from dataclasses import asdict

    from pipeline import review as work
    from pipeline.progress import Part, shown
    from pipeline.tabular import as_json

    every = work.cases(store, document, decided)
    found = every[:limit]
    with shown(Part(f"proving {len(found)} proposals")):
        work.prove(store, found)
    if reread:
        with shown(Part(f"reading {len(found)} cells again")):
            work.read_again(store, found, password)
    if html is not None:
        with shown(Part(f"drawing {min(len(found), work.MOST_PICTURES)} cells")):
            text = work.as_html(store, found, password)
        html.write_text(text, encoding="utf-8", errors="backslashreplace")
        typer.echo(f"{html}: {len(found)} of {len(every)} conflicts")
        return
    if json:
        typer.echo(as_json([asdict(case) | {"proposed": case.proposed} for case in found]))
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
    """Write a correction to corrections.toml in the store and publish it; the printed value stays beside it.

    \b
    Examples:
      lumbung review accept 7bf15338074e --reason "two digits exchanged" --who "Siti"
      lumbung review accept 7bf15338074e --value 839618832 --reason "annex 3" --who "Siti"
    """
    from pipeline import review as work

    typer.echo(work.decided_line(*work.accept(store, fact_id, value, reason, who)))


@review.command()
def refuse(fact_id: str, reason: Reason, who: Who, store: Store = STORE) -> None:
    """Write down that the printed value stands, so that it is no longer listed.

    \b
    Example:
      lumbung review refuse 7bf15338074e --reason "confirmed by the agency" --who "Siti"
    """
    from pipeline import review as work

    typer.echo(work.decided_line(*work.refuse(store, fact_id, reason, who)))
