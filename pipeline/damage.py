"""How DuckDB says that a file is damaged: cut, changed on the disk, or no store at all."""

from __future__ import annotations


def is_damage(error: Exception, statement_of_ours: bool = True) -> bool:
    """True where an error of DuckDB speaks of the file and not of what was asked.

    An internal error is one of the file too, unless a stranger's statement may have found a fault of DuckDB itself.
    """
    import duckdb

    kinds = (duckdb.IOException, duckdb.SerializationException, duckdb.FatalException)
    if isinstance(error, kinds) or "Corrupt database" in str(error):
        return True
    return statement_of_ours and isinstance(error, duckdb.InternalException)
