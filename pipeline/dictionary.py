"""The data dictionary: the views of the store, their columns, types and meanings, from the schema itself."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pipeline.store import schema_columns

FILE = Path(__file__).with_name("dictionary.toml")


@dataclass(frozen=True, slots=True)
class Column:
    """`type` as DuckDB names it."""

    name: str
    type: str
    meaning: str


@cache
def said() -> dict[str, dict[str, str]]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def meaning(view: str, column: str) -> str:
    """What a column means. Raises KeyError for one that the dictionary does not name."""
    columns = said()["columns"]
    return columns.get(f"{view}.{column}") or columns[column]


@cache
def dictionary() -> dict[str, tuple[Column, ...]]:
    """view -> its columns in their order, from an empty database with the schema of the store."""
    return {
        view: tuple(Column(name, kind, meaning(view, name)) for name, kind in columns)
        for view, columns in schema_columns().items()
    }


def as_markdown() -> str:
    """docs/dictionary.md: one table a view."""
    lines = [
        "# Data dictionary",
        "",
        "Made from the schema by `lumbung dictionary`. [The contract](contract.md) says how the columns come about.",
        "",
    ]
    for view, columns in dictionary().items():
        lines += [f"## `{view}`", "", said()["views"][view], "", "| column | type | meaning |", "|---|---|---|"]
        lines += [f"| {c.name} | {c.type.replace('|', ' ')} | {c.meaning.replace('|', '/')} |" for c in columns]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"
