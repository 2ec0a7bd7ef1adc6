"""Types of DuckDB that Python or Arrow cannot hold: these are answered as DuckDB's own text.

Python has no months in a timedelta and no nanoseconds, and gives times with zones only with a library of its own; Arrow as
DuckDB 2.0 writes it gives -1 for the largest UHUGEINT, and the inner bytes of BIT, BIGNUM and VARIANT.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation

NOT_IN_PYTHON = frozenset({"timestamp with time zone", "timestamp_ns", "interval", "variant", "geometry", "union"})
NOT_IN_ARROW = frozenset({"uhugeint", "bit", "bignum", "variant", "geometry", "union"})
TEXT = "VARCHAR"


def told(relation: DuckDBPyRelation, strange: Collection[str]) -> DuckDBPyRelation:
    """The same rows, with values of the `strange` types as text, also inside lists, structs and maps."""
    if not holds(relation, strange):
        return relation
    named = zip(relation.types, relation.columns, strict=True)
    casts = [f"#{n}::{_spelt(kind, strange)} as {_quoted(name)}" for n, (kind, name) in enumerate(named, start=1)]
    return relation.project(", ".join(casts))


def holds(relation: DuckDBPyRelation, strange: Collection[str]) -> bool:
    """Whether a column is of one of the `strange` types, or holds one."""
    return any(_spelt(kind, strange) != str(kind) for kind in relation.types)


def _spelt(kind: Any, strange: Collection[str]) -> str:
    """A type in SQL, with text in the place of what is strange."""
    if kind.id in strange:
        return TEXT
    if kind.id not in ("list", "array", "struct", "tuple", "map"):
        return str(kind)
    if kind.id == "tuple":
        return f"TUPLE({', '.join(_spelt(part, strange) for _, part in kind.children)})"
    parts: dict[str, Any] = dict(kind.children)
    if kind.id == "list":
        return f"{_spelt(parts['child'], strange)}[]"
    if kind.id == "array":
        return f"{_spelt(parts['child'], strange)}[{parts['size']}]"
    inner = {name: _spelt(part, strange) for name, part in kind.children}
    if kind.id == "map":
        return f"MAP({inner['key']}, {inner['value']})"
    if inner == {name: str(part) for name, part in kind.children}:
        return str(kind)  # its names as DuckDB quotes them
    return f"STRUCT({', '.join(f'{_quoted(name)} {part}' for name, part in inner.items())})"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
