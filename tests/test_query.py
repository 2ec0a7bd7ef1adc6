from __future__ import annotations

import json
import os
import subprocess
import time
from datetime import date
from decimal import Decimal
from getpass import getuser
from pathlib import Path
from socket import gethostname
from types import SimpleNamespace
from uuid import UUID

import pytest

from pipeline import ingest as work
from pipeline.api import open_store
from pipeline.child import end_with
from pipeline.query import QueryError, locked_down, query
from pipeline.store import StoreError
from pipeline.tabular import render
from tests.fakes import fact, pdf
from tests.one_process import harvest_here
from tests.stores import ingest


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("filled")
    file = pdf(folder / "a.pdf", fact(value="5"), fact(value="7", unit="Orang", quantity="kinerja"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(work, "harvest_all", harvest_here)
        ingest(folder / "store", file)
    return folder / "store"


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


@pytest.mark.parametrize(
    "sql",
    [
        pytest.param(
            "select count(*) from range(100000000000) a, range(100000000000) b where a.range < b.range",
            id="range join",
        ),
        pytest.param(
            "with recursive t(n) as (select 1 union all select n + 1 from t) select max(n) from t", id="recursion"
        ),
        pytest.param("select count(*) from generate_series(1, 1000000000000)", id="series"),
        pytest.param("select list_sum(list_transform(range(100000000), lambda x: x * x))", id="list"),
        pytest.param(
            "select regexp_replace(repeat('ab', 50000000), '(a+)(b+)', '\\2\\1', 'g')", id="regular expression"
        ),
        pytest.param("select levenshtein(repeat('a', 200000), repeat('b', 200000))", id="one call of a function"),
        pytest.param("select length(repeat('x', 2000000000))", id="long text"),
        pytest.param("select lpad('x', 2000000000, 'y')", id="padded text"),
        pytest.param("select range from range(100000000)", id="long answer"),
        pytest.param("explain analyze select count(*) from range(1000000000000)", id="explain analyze"),
    ],
)
def test_every_bomb_is_stopped(filled: Path, sql: str) -> None:
    """DuckDB hears an interrupt between chunks only, and counts no single value against its memory limit."""
    start = time.monotonic()
    with pytest.raises(QueryError, match=r"stopped after 0\.3 seconds|needs more than 64 MiB"):
        query(filled, sql, seconds=0.3, mebibytes=64)
    assert time.monotonic() - start < 10


TELLING = [
    "from duckdb_settings()",
    "select path, options from duckdb_databases()",
    "from pragma_database_list",
    "from duckdb_secrets()",
    "from duckdb_extensions()",
    "from pragma_database_size()",
    "from pragma_user_agent()",
    "from duckdb_logs()",
    "select current_setting('secret_directory'), current_setting('home_directory'), current_setting('allowed_paths')",
    "select current_user, session_user, current_database(), current_setting('username')",
    "select error('x')",
    "explain select current_setting('allowed_paths')",
    "select \"CURRENT_SETTING\" ('allowed_paths')",
    "from pg_settings",
    "from query('from duck' || 'db_settings()')",
    "from query /* so */ -- or so\n ('from duck' || 'db_settings()')",
    "from \"query\"('from duck' || 'db_databases()')",
    "from query_table(['duck' || 'db_databases'])",
    "from json_execute_serialized_sql(json_serialize_sql('from duck' || 'db_databases()'))",
]


@pytest.mark.parametrize("sql", TELLING)
def test_nothing_tells_of_the_machine(filled: Path, monkeypatch: pytest.MonkeyPatch, sql: str) -> None:
    monkeypatch.setenv("LUMBUNG_PASSWORD", "a-secret")
    monkeypatch.setenv("HTTP_PROXY", "http://user:a-secret@proxy")
    try:
        said = repr(query(filled, sql).rows)
    except QueryError as error:
        said = str(error)
    for word in (str(filled), filled.parent.name, str(Path.home()), getuser(), "a-secret", gethostname()):
        assert f"{word}/" not in said and f"'{word}'" not in said and f"/{word}" not in said, said


def test_words_of_the_catalogue_are_answered(filled: Path) -> None:
    assert query(filled, "select count(*) > 0 from duckdb_columns() where table_name = 'facts'").rows == [(True,)]
    assert query(filled, "select 1 as query, 'the query' as \"duckdb\"").rows == [(1, "the query")]
    assert query(filled, "show tables").rows and query(filled, "from information_schema.tables").rows


def test_values_come_back_as_they_are(filled: Path) -> None:
    sql = "select 1.50::decimal(9,2), date '2024-01-02', uuid '00000000-0000-0000-0000-000000000001', [{'a': null}], 'x'::blob"
    row = query(filled, sql).rows[0]
    assert row == (Decimal("1.50"), date(2024, 1, 2), UUID(int=1), [{"a": None}], b"x")


TYPES = [
    pytest.param("timestamptz '2024-01-02 03:04:05+00'", '"2024-01-02 03:04:05+00"', id="timestamptz"),
    pytest.param("[timestamptz '2024-01-02 03:04:05+00']", '["2024-01-02 03:04:05+00"]', id="list of timestamptz"),
    pytest.param(
        "{'a \"b': timestamptz '2024-01-02 03:04:05+00'}", '{"a \\"b": "2024-01-02 03:04:05+00"}', id="struct"
    ),
    pytest.param("row(1, interval '1 month')", '[1, "1 month"]', id="tuple"),
    pytest.param("map {1: interval '1 month'}", '{"1": "1 month"}', id="map"),
    pytest.param("[interval '1 month']::interval[1]", '["1 month"]', id="array"),
    pytest.param("union_value(t := interval '2 days')", '"2 days"', id="union"),
    pytest.param("{'a': 1}::variant", "\"{'a': 1}\"", id="variant"),
    pytest.param("time '03:04:05'", '"03:04:05"', id="time"),
    pytest.param("timetz '03:04:05+07'", '"03:04:05+07:00"', id="time with zone"),
    pytest.param("timestamp '2024-01-02 03:04:05'", '"2024-01-02T03:04:05"', id="timestamp"),
    pytest.param("'2024-01-02 03:04:05.123456789'::timestamp_ns", '"2024-01-02 03:04:05.123456789"', id="nanoseconds"),
    pytest.param("interval '1 month 2 days'", '"1 month 2 days"', id="interval"),
    pytest.param("uuid '00000000-0000-0000-0000-000000000001'", '"00000000-0000-0000-0000-000000000001"', id="uuid"),
    pytest.param("'\\xFFa'::blob", '"\\\\xFFa"', id="blob"),
    pytest.param("'101'::bit", '"101"', id="bit"),
    pytest.param(
        "170141183460469231731687303715884105727::hugeint", "170141183460469231731687303715884105727", id="hugeint"
    ),
    pytest.param("1.5::decimal(38, 1)", "1.5", id="decimal"),
    pytest.param("12345678901234567890.25::decimal(38, 2)", '"12345678901234567890.25"', id="decimal that is no float"),
    pytest.param("'nan'::double", '"nan"', id="no number"),
    pytest.param("'b'::enum('a', 'b')", '"b"', id="enum"),
    pytest.param("'[1]'::json", '"[1]"', id="json"),
]


@pytest.mark.parametrize(("value", "said"), TYPES)
def test_every_type_is_answered_in_every_form(filled: Path, value: str, said: str) -> None:
    answer = query(filled, f"select {value} as v")
    assert render(answer.columns, answer.rows, "jsonl") == f'{{"v": {said}}}'
    assert json.loads(render(answer.columns, answer.rows, "json"), parse_constant=pytest.fail)
    texts = {form: render(answer.columns, answer.rows, form) for form in ("table", "csv", "markdown")}
    assert all(len(text.splitlines()) in (2, 3) for text in texts.values())
    with open_store(filled) as store:
        assert list(store.sql(f"select {value} as v, 1 as v").columns) == ["v", "v"]


def test_arrow_gets_no_wrong_number(filled: Path) -> None:
    with open_store(filled) as store:
        frame = store.sql(
            "select 340282366920938463463374607431768211455::uhugeint as a, '101'::bit as b, 1::bignum as c"
        )
        assert frame.values.tolist() == [["340282366920938463463374607431768211455", "101", "1"]]
        with pytest.raises(StoreError, match="cast its column"):
            store.sql("select 'infinity'::date")


def test_equal_names_hide_nothing_in_json() -> None:
    assert render(["x", "x", "x_1", "x"], [(1, 2, 3, 4)], "jsonl") == '{"x": 1, "x_2": 2, "x_1": 3, "x_3": 4}'


def test_a_pivot_wants_its_values_named(filled: Path) -> None:
    with pytest.raises(QueryError, match="PIVOT is answered where its values are named"):
        query(filled, "pivot facts on unit using count(*)")
    assert [
        row[1] for row in query(filled, "pivot facts on unit in ('Orang') using count(*) group by document").rows
    ] == [1]


def test_order_and_rows_hold_where_values_become_text(filled: Path) -> None:
    sql = "select i, to_days(i::integer) as d from range(5000) t(i) order by i desc"
    assert query(filled, sql, rows=2).rows == [(4999, "4999 days"), (4998, "4998 days")]


def test_a_process_that_fails_is_told_as_such(filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = {"PYTHONHOME": "/nowhere"}  # no library: Python itself cannot start
    monkeypatch.setattr("pipeline.query._environment", lambda: nowhere)
    with pytest.raises(QueryError, match=r"failed \(exit code 1\): no fault of the query"):
        query(filled, "select 1")


def test_a_child_outlives_no_parent_and_serves_process_1(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a container the parent is process 1 itself."""
    monkeypatch.setattr("pipeline.child.ctypes.CDLL", lambda _: SimpleNamespace(prctl=lambda *_: 0))
    monkeypatch.setattr("pipeline.child.os.getppid", lambda: 1)
    end_with(1)
    end_with(os.getpid())  # a wrapper stands between
    with subprocess.Popen(["true"]) as ended:
        ended.wait()
    with pytest.raises(SystemExit):
        end_with(ended.pid)


def test_memory_is_limited(filled: Path) -> None:
    with pytest.raises(QueryError, match="needs more than 64 MiB"):
        query(filled, "select list(range) from range(50000000)", mebibytes=64)


def test_an_error_is_one_line(filled: Path) -> None:
    with pytest.raises(QueryError) as error:
        query(filled, "select nonsense\nfrom facts")
    assert "nonsense" in str(error.value) and "\n" not in str(error.value)
