"""Kept rows that are made part by part, put into one order over the whole store.

What is asked of a code then stands in few places of the file, however large the store is. Parts wait in Parquet files beside the
building, as temporary tables would fill the memory, and are sorted a range of codes at a time.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.comparable import IN_ORDER, ROWS
from pipeline.loading import set_down

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

AT_ONCE = 1_000_000  # facts compared, or rows sorted, by one statement: some 2.5 GB of memory


class Aside:
    """Files in the store's folder, one a table and part; what an interrupted build leaves of them is swept by the next."""

    def __init__(self, connection: DuckDBPyConnection, folder: Path) -> None:
        self._connection, self._folder, self._parts = connection, folder, 0
        for table in ROWS:
            connection.execute(f"create temp table {table} as from base.{table} limit 0")

    def keep(self) -> None:
        """Lays aside what stands in the temporary tables of these names."""
        self._parts += 1
        for table in ROWS:
            self._connection.execute(
                f"copy (from temp.{table}) to {self._file(table, str(self._parts))} (format parquet)"
            )
            self._connection.execute(f"delete from temp.{table}")

    def sort_in(self) -> None:
        """Inserts all of it into the tables of `base`, in order, and takes the files away."""
        for table in ROWS:
            kept = f"read_parquet({self._file(table, '*')})"
            for within in self._ranges(kept) if self._parts else ():
                query = f"insert into base.{table} by name from {kept} where {within} order by {IN_ORDER}"
                self._connection.execute(query)
                set_down(self._connection)
            self._connection.execute(f"drop table temp.{table}")
            for file in self._folder.glob(f".building-{table}-*.parquet"):
                file.unlink()

    def _file(self, table: str, part: str) -> str:
        path = str(self._folder / f".building-{table}-{part}.parquet")
        return "'" + path.replace("'", "''") + "'"

    def _ranges(self, kept: str) -> list[str]:
        """Conditions that part the rows by their code, into some `AT_ONCE` each; rows without a code come last."""
        rows, lacking = self._connection.execute(
            f"select count(*), count(*) filter (code_key is null) from {kept}"
        ).fetchone() or (0, 0)
        shares = [n * AT_ONCE / rows for n in range(1, -(-rows // AT_ONCE))]
        query = f"select distinct unnest(quantile_disc(code_key, {shares}::double[])) as edge from {kept} order by 1"
        found = self._connection.execute(query).fetchall() if shares else []
        edges = [edge for (edge,) in found if edge is not None]
        ranges = [f"code_key >= {low} and code_key < {high}" for low, high in pairwise(edges)]
        ranges = [f"code_key < {edges[0]}", *ranges, f"code_key >= {edges[-1]}"] if edges else ["code_key is not null"]
        return [*ranges, "code_key is null"] if lacking else ranges
