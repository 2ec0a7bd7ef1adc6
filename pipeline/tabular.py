"""Rows to a terminal, CSV, JSON or Markdown, for answers small enough to hold."""

from __future__ import annotations

import csv
import datetime
import io
import itertools
import json
import math
import re
import sys
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

FORMATS = ("table", "csv", "json", "jsonl", "markdown")
# What a spreadsheet would run as a formula when it opens a CSV; a lone dash or a signed number is none
FORMULA = r"^\s*([=@\t\r]|[+-](?![\s\d.,()%/-]*$))"
_FORMULA = re.compile(FORMULA)


def render(columns: Sequence[str], rows: Sequence[Sequence[Any]], form: str, width: int | None = None) -> str:
    """The rows as text in one of `FORMATS`."""
    if form == "csv":
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([harmless(plain(value)) for value in row] for row in rows)
        return out.getvalue().rstrip("\n")
    if form in ("json", "jsonl"):
        names = _own_names(columns)
        records = [dict(zip(names, map(plain_json, row), strict=True)) for row in rows]
        if form == "jsonl":
            return "\n".join(json.dumps(record, ensure_ascii=False) for record in records)
        return json.dumps(records, ensure_ascii=False, indent=1)
    if form == "markdown":
        lines = [list(columns), ["---"] * len(columns), *([shown(value) for value in row] for row in rows)]
        return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
    return _terminal(columns, rows, width)


def _own_names(columns: Sequence[str]) -> list[str]:
    """Each column with a name of its own, so that none hides another: `x`, `x_1`, as DuckDB has it."""
    names: list[str] = []
    for column in columns:
        spelt = (f"{column}_{number}" for number in itertools.count(1))
        names.append(column if column not in names else next(name for name in spelt if name not in [*names, *columns]))
    return names


def _terminal(columns: Sequence[str], rows: Sequence[Sequence[Any]], width: int | None) -> str:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(show_edge=False, pad_edge=False)
    numeric = [all(isinstance(row[i], (int, float, Decimal, type(None))) for row in rows) for i in range(len(columns))]
    for name, right in zip(columns, numeric, strict=True):
        table.add_column(Text(name), justify="right" if right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(shown(value)) for value in row))  # Text: brackets in a report are no markup
    out = io.StringIO()
    terminal = sys.stdout.isatty()
    Console(file=out, width=width or (None if terminal else 200), color_system=None).print(table)
    return "\n".join(line.rstrip() for line in out.getvalue().rstrip().splitlines())


def harmless(value: Any) -> Any:
    """Text that a spreadsheet would run as a formula, with an apostrophe before it; numbers stay as they are."""
    return "'" + value if isinstance(value, str) and _FORMULA.match(value) else value


def plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return bare(value)
    if isinstance(value, (list, tuple, dict)):
        return json.dumps(plain_json(value), ensure_ascii=False)
    if isinstance(value, bytes):
        return _blob(value)
    return value.isoformat(sep=" ") if isinstance(value, datetime.datetime) else value


def plain_json(value: Any) -> Any:
    """A value as JSON has it: whole decimals as integers, others as floats, or as text where a float is another number.

    What JSON does not know (days and times, bytes, UUIDs, numbers that are none) is text.
    """
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else _fraction(value)
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(plain_json(name)): plain_json(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain_json(part) for part in value]
    if isinstance(value, bytes):
        return _blob(value)
    known = value is None or isinstance(value, (str, int)) or (isinstance(value, float) and math.isfinite(value))
    return value if known else str(value)


def _fraction(value: Decimal) -> float | str:
    near = float(value)
    return near if Decimal(repr(near)) == value else bare(value)


def _blob(value: bytes) -> str:
    """Bytes as DuckDB writes them, and reads them again."""
    return "".join(chr(b) if 32 <= b < 127 and b not in b"\\'\"" else f"\\x{b:02X}" for b in value)


def as_json(value: Any) -> str:
    """JSON for machines, as `plain_json` has it."""
    return json.dumps(plain_json(value), ensure_ascii=False, indent=1)


def bare(value: Decimal) -> str:
    """A decimal without trailing zeros: `425600000`, `88.3`."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def indonesian(value: Decimal) -> str:
    """A decimal as Indonesian documents print it: `425.600.000`, `88,3`."""
    whole, _, part = bare(abs(value)).partition(".")
    grouped = f"{int(whole):,}".replace(",", ".")
    return ("-" if value < 0 else "") + grouped + ("," + part if part else "")


def shown(value: Any) -> str:
    """A value for people; control characters of hostile text cannot reach the terminal."""
    if value is None:
        return ""
    text = bare(value) if isinstance(value, Decimal) else str(plain(value))
    return "".join(character if character.isprintable() else " " for character in text)


def records(
    connection: DuckDBPyConnection, sql: str, values: Sequence[Any] | Mapping[str, Any] = ()
) -> list[dict[str, Any]]:
    """The rows of an answer as dictionaries."""
    cursor = connection.execute(sql, values or None)
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
