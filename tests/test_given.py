"""Values for DuckDB, as tables and as literal text."""

from __future__ import annotations

import duckdb
import pytest
from hypothesis import given as forall
from hypothesis import settings
from hypothesis import strategies as st

from pipeline.given import MOST_NAMED, among, give, named, quoted, those

TEXT = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=8)


@settings(deadline=None, max_examples=30)
@forall(st.lists(st.tuples(st.none() | TEXT, st.none() | st.integers(-(2**63), 2**63 - 1)), max_size=5))
def test_what_is_given_is_held(rows: list[tuple[str | None, int | None]]) -> None:
    with duckdb.connect() as connection:
        give(connection, "held", {"a": ("varchar", [a for a, _ in rows]), "b": ("bigint", [b for _, b in rows])})
        assert connection.execute("from held").fetchall() == rows
        assert [kind for _, kind, *_ in connection.execute("describe held").fetchall()] == ["VARCHAR", "BIGINT"]


def test_a_table_is_given_anew() -> None:
    with duckdb.connect() as connection:
        for value in ("2026-01-02T03:04:05", "2026-01-02T03:04:06"):
            give(connection, "held", {"moment": ("timestamp", [value])})
        assert connection.execute("select moment::varchar from held").fetchall() == [("2026-01-02 03:04:06",)]


@pytest.mark.parametrize("count", [0, 1, 3, MOST_NAMED + 1])
def test_documents_are_found_however_many(count: int) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"create table listed as select 'it''s ' || n as document_id from range({count}) t(n)")
        connection.execute("create table documents as select 'it''s ' || n as document_id from range(5000) t(n)")
        where = those(connection, "select document_id from listed")
        found = connection.execute(f"select count(*) from documents where {where}").fetchone()
        assert found == (count,)


def test_no_document_reads_nothing() -> None:
    assert named([], "select document_id from listed") == "false"


@settings(deadline=None, max_examples=30)
@forall(st.lists(TEXT, min_size=1, max_size=4))
def test_text_stays_text(texts: list[str]) -> None:
    with duckdb.connect() as connection:
        found = connection.execute(
            f"select list_sort([{quoted(texts)}]) = list_sort(?)", [sorted(set(texts))]
        ).fetchone()
        assert found == (True,)


def test_none_stands_for_null() -> None:
    with duckdb.connect() as connection:
        give(connection, "held", {"key": ("varchar", ["a", "b", None])})
        for keys, count in ((["a", None], 2), (["a"], 1), ([None], 1), ([], 0)):
            assert connection.execute(f"select count(*) from held where {among('key', keys)}").fetchone() == (count,)
