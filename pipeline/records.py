"""Records of a harvest as columns and plain values of files, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from decimal import Decimal
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from extractors.tables import Line
from normalizers.columns import Column

if TYPE_CHECKING:
    import pyarrow as pa


def columns_of(
    shape: pa.Schema, document_id: str, records: Sequence[Any], extra: Mapping[str, Sequence[Any]] | None = None
) -> dict[str, Sequence[Any]]:
    """Values by column name: those of the records, of `extra`, and the document's id."""
    given: dict[str, Sequence[Any]] = {"document_id": [document_id] * len(records), **(extra or {})}
    return {name: given[name] if name in given else [*map(attrgetter(name), records)] for name in shape.names}


def record(value: Any) -> dict[str, Any]:
    """Fields by name. Unlike `asdict` it copies no values: for records that hold no others."""
    return {name: getattr(value, name) for name in value.__dataclass_fields__}


def known_fields(kind: type, row: Mapping[str, Any]) -> dict[str, Any]:
    return {f.name: row[f.name] for f in fields(kind) if f.name in row}


def box_of(box: Sequence[float] | None) -> tuple[float, float, float, float] | None:
    return None if box is None else (box[0], box[1], box[2], box[3])


def lines_of(columns: Mapping[str, list[Any]]) -> list[Line]:
    return [Line(*values) for values in zip(*(columns[field.name] for field in fields(Line)), strict=True)]


def line_of(row: Mapping[str, Any]) -> Line:
    return Line(**known_fields(Line, row) | {"bbox": tuple(row["bbox"])})


def column_of(row: dict[str, Any]) -> Column:
    for name in ("multiplier", "claimed_multiplier"):
        row[name] = None if row[name] is None else Decimal(row[name])
    return Column(**row)
