"""Lumbung from Python: open a store, take facts as pandas or Arrow tables, compare, harvest one PDF.

    import lumbung
    with lumbung.open_store("data/processed") as store:
        store.facts(year=2024, role="target")

Money is exact (`decimal.Decimal`) in Arrow tables and a float in pandas frames.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.compare import Comparison, Wish, compare_on, typed_table
from pipeline.coverage import Coverage, coverage_on
from pipeline.facts import Harvest
from pipeline.query import locked_down
from pipeline.sql_types import NOT_IN_ARROW, told
from pipeline.store import VIEWS, StoreError

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

_FILTERS = ("document_id", "region_code", "agency_key", "fiscal_year", "doc_type", "year", "level", "code",
            "code_generic", "code_comparable", "role", "quantity", "period", "unit", "status", "table_kind", "page",
            "account", "indicator", "name")  # fmt: skip


class Store:
    """A published store, read-only: files, network and settings are out of reach of its queries."""

    def __init__(self, folder: str | Path) -> None:
        """Raises StoreError where nothing is published in `folder`."""
        self.folder = Path(folder)
        self._context = locked_down(self.folder)
        self._connection = self._context.__enter__()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._connection.close()

    def facts(self, **filters: Any) -> pd.DataFrame:
        """Facts as a frame; `filters` are columns: `year=2024`, `role=["target", "anggaran"]`."""
        return _frame(self.arrow("facts", **filters))

    def view(self, name: str, **filters: Any) -> pd.DataFrame:
        """Any view (`comparable`, `pagu`, `budget_tree`, `indicators`, `documents` ...) as a frame."""
        return _frame(self.arrow(name, **filters))

    def arrow(self, name: str, **filters: Any) -> pa.Table:
        """Any view as an Arrow table, decimals exact. Raises StoreError for an unknown view or filter."""
        if name not in VIEWS:
            raise StoreError(f"no view `{name}`: there are {', '.join(VIEWS)}")
        unknown = [column for column in filters if column not in _FILTERS]
        if unknown:
            raise StoreError(f"no filter `{unknown[0]}`: there are {', '.join(_FILTERS)}; for more use sql()")
        parts, values = [], []
        for column, wanted in filters.items():
            several = list(wanted) if isinstance(wanted, (list, tuple, set)) else [wanted]
            values.append(several)
            parts.append(f'list_contains(${len(values)}, "{column}")')
        where = " where " + " and ".join(parts) if parts else ""
        return self._arrow(f"from {name}{where}", values)

    def sql(self, query: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> pd.DataFrame:
        """The answer to one SELECT as a frame."""
        return _frame(self._arrow(query, values))

    def compare(self, what: str, **wish: Any) -> pd.DataFrame:
        """One program or activity over agencies, by code or name: a row an agency and year, and a row a gap.

        `wish`: years, regions, provinces (tuples), level, role, like. Raises StoreError (Unclear) where a name fits
        several items.
        """
        import pandas as pd

        columns, rows = typed_table(self.comparison(what, **wish))
        return _plain(pd.DataFrame(rows, columns=columns))

    def comparison(self, what: str, **wish: Any) -> Comparison:
        """As `compare`, with the choices, the notes and how many documents have it."""
        return compare_on(self._connection, Wish(what, **wish))

    def coverage(self, year: int | None = None, province: str | None = None) -> Coverage:
        """What the store holds of the country."""
        return coverage_on(self._connection, year, province)

    def _arrow(self, query: str, values: Sequence[Any] | Mapping[str, Any]) -> pa.Table:
        import duckdb

        try:
            answer = self._connection.sql(query, params=values or None)
            if answer is None:
                raise StoreError("that statement has no answer: give one SELECT")
            table: pa.Table = told(answer, NOT_IN_ARROW).to_arrow_table()
        except duckdb.Error as error:
            raise StoreError(" ".join(str(error).split())[:500]) from error
        return table


def open_store(folder: str | Path = "data/processed") -> Store:
    """The published store in a folder. Raises StoreError where nothing is published."""
    return Store(folder)


def harvest(path: str | Path, password: str | None = None, **said: str) -> Harvest:
    """Everything that one PDF gives: document, tables with facts, checks, problems. Nothing is stored.

    `said` is what you know of it: `region_code="17.01"`, `fiscal_year="2024"`. The file is opened in this process,
    without the limits of `lumbung ingest`: for files you trust.
    """
    from pipeline.harvest import harvest as read

    return read(Path(path), said=said, password=password)


def facts_of(harvested: Harvest) -> pd.DataFrame:
    """The facts of a harvest as a frame, in the order of the document."""
    import pandas as pd

    return _plain(pd.DataFrame([asdict(fact) for table in harvested.tables for fact in table.facts]))


def _frame(table: pa.Table) -> pd.DataFrame:
    import pyarrow as pa

    try:
        frame = table.to_pandas()
    except (ValueError, OverflowError, NotImplementedError, pa.ArrowException) as error:
        why = " ".join(str(error).split())[:200]
        raise StoreError(f"pandas cannot hold a value of the answer ({why}): cast its column, `x::varchar`") from error
    return _plain(frame)


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Decimals as floats: pandas computes with these."""
    for place in range(frame.shape[1]):  # by place: two columns of an answer may have one name
        values = frame.iloc[:, place]
        if values.map(lambda value: isinstance(value, Decimal)).any():
            frame.isetitem(place, values.astype(float))
    return frame
