"""`lumbung`: the commands of `pipeline.commands` under one name, and how they end.

No logic there: each command calls a function of the pipeline and shows what it gives. Modules are imported inside the
commands, so that `lumbung --help` answers at once.
"""

from __future__ import annotations

from pipeline.start import INTERRUPTED, listen, loaded

if __name__ == "__main__":
    listen()

import io
import os
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from pipeline.commands import asking, looking, reviewing, taking

EXIT_CODES = """Exit codes: 0 all well; 1 some documents failed, the others are published; 2 wrong usage (of refresh also:
nothing was published); 3 another process is writing the store; 4 nothing could be done (no store, no such document,
code or region, refused query, a store that cannot be written, disk full); 5 held by the release gate of refresh;
130 interrupted."""

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
for commands in (taking.group, looking.group, asking.group, reviewing.review):
    app.add_typer(commands)


@app.callback(help=HELP)
def everywhere(
    store: Annotated[Path | None, typer.Option("--store", help="Folder of the store, for every command.")] = None,
) -> None:
    """`--store` may stand before or after the command."""
    if store is not None:
        os.environ["LUMBUNG_STORE"] = str(store)


def main() -> None:
    """The entry point: errors that a user can mend are one line on standard error, with the exit codes above."""
    try:
        loaded()
        _write_any_text()
        app()
    except SystemExit as end:
        if end.code == 130:
            _fail(INTERRUPTED, 130)
        raise
    except KeyboardInterrupt:  # before typer listens to it
        _fail(INTERRUPTED, 130)
    except Exception as error:
        if isinstance(error, RuntimeError) and str(error) == "Query interrupted":  # Ctrl-C inside a statement of DuckDB
            _fail(INTERRUPTED, 130)
        told = _end_of(error)
        if told is None:
            raise
        _fail(" ".join(told[0].split()), told[1])


def _write_any_text() -> None:
    """Names of reports hold letters that an old locale (ISO-8859-1, ASCII) has not: files and pipes are written in UTF-8,
    and a terminal shows what it cannot as `\\u2014`."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.encoding.lower().replace("-", "") != "utf8":
            stream.reconfigure(errors="backslashreplace") if stream.isatty() else stream.reconfigure(encoding="utf-8")


def _end_of(error: Exception) -> tuple[str, int] | None:
    """What to say and the exit code; None for what no user can mend."""
    import sqlite3

    from pipeline.catalogue import catalogue_error
    from pipeline.crowd import CrowdError
    from pipeline.manifest import ManifestError
    from pipeline.store import Locked, StoreError
    from pipeline.store_error import FULL, sentence

    if type(error).__name__ in ("CatalogException", "BinderException"):  # of DuckDB; queries of users end as StoreError
        return "the store was published by another version of lumbung: run `lumbung publish`, then try again", 4
    if isinstance(error, sqlite3.Error):
        return catalogue_error(error), 4
    if isinstance(error, OSError) and error.errno not in FULL and error.filename and error.strerror:
        return f"{error.filename}: {error.strerror}: give a folder that can be written with --store", 4
    codes: dict[type[Exception], int] = {Locked: 3, ManifestError: 2, StoreError: 4, CrowdError: 4, OSError: 4}
    code = next((code for kind, code in codes.items() if isinstance(error, kind)), None)
    return None if code is None else (sentence(error), code)


def _fail(text: str, code: int) -> NoReturn:
    typer.echo(f"lumbung: {text}", err=True)
    raise SystemExit(code)


if __name__ == "__main__":
    main()
