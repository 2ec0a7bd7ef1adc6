"""Facts that were published once and are no more, or now say something else, stay queryable in `facts_history`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.given import those

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_SAYS = ("value", "value_text", "unit", "raw", "role", "quantity", '"year"', "period", "code", "status")
_ROW = {side: f"row({', '.join(f'{side}.{part}' for part in _SAYS)})" for side in ("f", "n")}
_DIFFERENT = """
create temp table differing as
select o.document_id from last.base.documents o left join base.documents n using (document_id)
where n.document_id is null
   or (o.meaning_version, o.reading_version) is distinct from (n.meaning_version, n.reading_version)
"""
_KEEP = f"""
insert into base.history by name
select f.*, d.document, d.meaning_version, $last as last_generation
from (
    select document_id, fact_id, table_id, page, bbox, code, name, indicator, role, quantity, "year", period, value,
           value_text, unit, raw, status
    from last.base.facts where {{which}}
) f
join last.base.documents d using (document_id)
where not exists (from base.facts n where n.fact_id = f.fact_id and {{which}}
                                          and {_ROW["n"]} is not distinct from {_ROW["f"]})
"""


def keep_history(connection: DuckDBPyConnection, last: int, base: int | None) -> int:
    """Carry over the history of the last generation (attached as `last`) and add what the new one no longer says.

    `base`: the generation that the file held before, whose history it has; None for an empty file. Returns how many
    documents the last generation holds in another version, or the new one does not hold.
    """
    connection.execute(_DIFFERENT)
    connection.execute(
        "insert into base.history by name from last.base.history where last_generation >= $base",
        {"base": -1 if base is None else base},
    )
    differing = those(connection, "select document_id from differing")
    connection.execute(_KEEP.format(which=differing), {"last": last})
    row = connection.execute("select count(*) from differing semi join base.documents using (document_id)").fetchone()
    connection.execute("drop table differing")
    return 0 if row is None else int(row[0])
