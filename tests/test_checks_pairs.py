"""The same amount in two documents of a store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from pipeline import store
from pipeline.pairs import pair_documents


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as made:
        made.execute(Path(store.__file__).with_name("schema.sql").read_text(encoding="utf-8"))
        yield made


def document(
    connection: duckdb.DuckDBPyConnection, name: str, edition: str, amounts: dict[str, int], year: int = 2024
) -> None:
    connection.execute(
        "insert into base.documents by name select ? as document_id, ? as document, 'renja' as doc_type, ? as edition,"
        " ? as fiscal_year, '17.01' as region_code, 'personnel' as agency_key, 'ok' as status",
        [name, name, edition, year],
    )
    for code, value in amounts.items():
        connection.execute(
            "insert into base.facts by name select ? as document_id, ? as fact_id, 't' as table_id, 'tc33' as table_kind,"
            " 1 as page, 'kegiatan' as level, ? as code, ? as code_generic, 'target' as role, 'anggaran' as quantity,"
            " 2024 as year, 'tahun' as period, 'Rupiah' as unit, ? as value, 'verified' as status",
            [name, f"{name} {code}", code.partition("#")[0], code.partition("#")[0], value],
        )


def pairs(connection: duckdb.DuckDBPyConnection) -> list[tuple[object, ...]]:
    return connection.execute(
        "select document_id, expected::int, found::int, verdict from base.checks order by document_id, expected"
    ).fetchall()


def test_a_new_edition_is_held_against_the_one_before(connection: duckdb.DuckDBPyConnection) -> None:
    document(connection, "first", "murni", {"5.03.02.2.01": 100, "5.03.02.2.02": 200})
    document(connection, "second", "perubahan", {"5.03.02.2.01": 100, "5.03.02.2.02": 250})
    pair_documents(connection)
    assert pairs(connection) == [("second", 100, 100, "holds"), ("second", 200, 250, "fails")]
    pair_documents(connection)
    assert len(pairs(connection)) == 2  # made anew, not twice
    assert connection.execute("select distinct status from base.facts").fetchall() == [("verified",)]


def test_a_document_that_disagrees_with_itself_says_nothing(connection: duckdb.DuckDBPyConnection) -> None:
    document(connection, "first", "murni", {"5.03.02.2.01": 100, "5.03.02.2.01#again": 101})
    document(connection, "second", "perubahan", {"5.03.02.2.01": 100})
    pair_documents(connection)
    assert pairs(connection) == []


def test_other_regions_and_lone_documents_have_no_pair(connection: duckdb.DuckDBPyConnection) -> None:
    document(connection, "first", "murni", {"5.03.02.2.01": 100})
    document(connection, "second", "perubahan", {"5.03.02.2.01": 100})
    connection.execute("update base.documents set region_code = '17.02' where document_id = 'second'")
    pair_documents(connection)
    assert pairs(connection) == []


def test_a_document_that_is_left_alone_loses_its_pair(connection: duckdb.DuckDBPyConnection) -> None:
    document(connection, "first", "murni", {"5.03.02.2.01": 100})
    document(connection, "second", "perubahan", {"5.03.02.2.01": 100})
    pair_documents(connection)
    connection.execute("delete from base.facts where document_id = 'first'")
    connection.execute("delete from base.documents where document_id = 'first'")
    pair_documents(connection, "document_id in ('second')", several=False)
    assert pairs(connection) == []
