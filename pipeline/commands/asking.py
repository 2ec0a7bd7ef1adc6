"""Commands that answer questions: compare, coverage, query, export, dictionary, explore."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands.options import STORE, AsJson, Store

group = typer.Typer()


@group.command()
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


@group.command()
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


@group.command()
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


@group.command()
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
    from pipeline.progress import shown

    form = format or out.suffix.lstrip(".").lower()
    if views == ["package"]:
        rows = package.export_package(store, out, shown)
    elif form == "hive" and len(views) == 1:
        rows = package.export_hive(store, views[0], out, shown)
    elif len(views) > 1:
        if form != "xlsx":
            raise typer.BadParameter("several views go to one .xlsx only", param_hint="--out")
        rows = package.export_workbook(store, views, out, shown)
    else:
        rows = write(store, views[0], form, out, shown)
    typer.echo(f"{out}: {rows} rows of {', '.join(views)}")


@group.command()
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


@group.command()
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
