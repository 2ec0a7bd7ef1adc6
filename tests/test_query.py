from __future__ import annotations

import time
from pathlib import Path

import pytest

from pipeline.query import QueryError, locked_down, query
from tests.fakes import fact, pdf
from tests.stores import ingest


@pytest.fixture
def filled(store: Path, tmp_path: Path) -> Path:
    ingest(store, pdf(tmp_path / "a.pdf", fact(value="5"), fact(value="7", unit="Orang", quantity="kinerja")))
    return store


def test_answers_have_names_and_rows(filled: Path) -> None:
    answer = query(filled, "select unit, count(*) as n from facts group by all order by unit")
    assert (answer.columns, answer.rows) == (["unit", "n"], [("Orang", 1), ("Rupiah", 1)])
    assert query(filled, "from facts", rows=1).rows[0][0]
    assert query(filled, "describe facts").rows and query(
        filled, "with a as (select 1 as x) select x from a;"
    ).rows == [(1,)]


ATTACKS = [
    "select * from read_text('/etc/hostname')",
    "select * from read_csv('/etc/passwd')",
    "select * from read_blob('/etc/passwd')",
    "select * from '/etc/passwd'",
    "select * from glob('/*')",
    "from read_parquet('harvests/*/*/facts.parquet')",
    "select * from read_text('https://example.org/')",
    "copy (select 1) to '/tmp/lumbung-attack.csv'",
    "copy facts to '/tmp/lumbung-attack.csv'",
    "export database '/tmp/lumbung-attack'",
    "attach '/tmp/lumbung-attack.duckdb' as x",
    "install httpfs",
    "load httpfs",
    "set enable_external_access = true",
    "set lock_configuration = false",
    "set memory_limit = '100GB'",
    "reset memory_limit",
    "pragma enable_profiling",
    "pragma database_list; select 1",
    "select getenv('HOME')",
    "create table x as select 1",
    "create temp table x as select 1",
    "create secret s (type s3)",
    "create macro m() as 1",
    "insert into base.facts select * from base.facts",
    "delete from base.facts",
    "update base.documents set document = 'x'",
    "drop view facts",
    "checkpoint",
    "vacuum",
    "call pragma_version()",
    "prepare p as select 1",
    "begin",
    "use memory",
    "select 1; select 2",
    "",
]


@pytest.mark.parametrize("sql", ATTACKS)
def test_everything_but_a_question_is_refused(filled: Path, sql: str) -> None:
    with pytest.raises(QueryError):
        query(filled, sql)
    assert not list(Path("/tmp").glob("lumbung-attack*"))
    assert query(filled, "select count(*) from facts").rows == [(2,)]


@pytest.mark.parametrize(
    "sql", [*ATTACKS[:10], "set memory_limit = '100GB'", "create table x as select 1", "load httpfs"]
)
def test_the_connection_alone_refuses_too(filled: Path, sql: str) -> None:
    import duckdb

    with locked_down(filled) as connection, pytest.raises(duckdb.Error):
        connection.execute(sql).fetchall()


def test_a_cross_join_bomb_is_stopped(filled: Path) -> None:
    start = time.monotonic()
    with pytest.raises(QueryError, match=r"stopped after 0\.3 seconds"):
        query(
            filled, "select count(*) from range(100000000) a, range(100000000) b where a.range < b.range", seconds=0.3
        )
    assert time.monotonic() - start < 10


def test_memory_is_limited(filled: Path) -> None:
    with pytest.raises(QueryError, match="needs more than 64 MiB"):
        query(filled, "select list(range) from range(50000000)", mebibytes=64)


def test_an_error_is_one_line(filled: Path) -> None:
    with pytest.raises(QueryError) as error:
        query(filled, "select nonsense\nfrom facts")
    assert "nonsense" in str(error.value) and "\n" not in str(error.value)
