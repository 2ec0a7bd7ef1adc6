from __future__ import annotations

import copy
import dataclasses
import os
import random
import re
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline import harvests, keys
from pipeline import ingest as work
from pipeline.facts import Harvest
from pipeline.manifest import read_manifest
from pipeline.store import (
    KEEP,
    Locked,
    StoreError,
    generations,
    logical_hash,
    publish,
    published_path,
    reading,
    writing,
)
from tests import fakes
from tests.fakes import fact, pdf
from tests.stores import ingest

CONTRACT = Path(__file__).parent.parent / "docs" / "contract.md"


def ask(store: Path, sql: str) -> list[tuple[Any, ...]]:
    with reading(store) as connection:
        return connection.execute(sql).fetchall()


def one(store: Path, sql: str) -> Any:
    rows = ask(store, sql)
    assert len(rows) == 1, rows
    return rows[0][0] if len(rows[0]) == 1 else rows[0]


# -- the contract's views --------------------------------------------------------------------------


def test_facts_have_the_contracts_columns_and_types(store: Path, tmp_path: Path) -> None:
    ingest(store, pdf(tmp_path / "a.pdf", fact()))
    section = CONTRACT.read_text(encoding="utf-8").split("\n## ")[1]
    promised = {}
    for names, kind in re.findall(r"^\| ([a-z_, ]+) \| ([A-Z]+(?:\([\d,]+\))?(?:\[\d?\])?) \|", section, re.M):
        promised.update(dict.fromkeys(names.split(", "), kind))
    assert len(promised) >= 40
    held = {name: kind for name, kind, *_ in ask(store, "describe facts")}
    assert {name: held.get(name) for name in promised} == promised


@pytest.mark.parametrize("view", ["documents", "document_sources", "tables", "cells", "checks", "problems"])
def test_other_views_have_the_contracts_columns(store: Path, tmp_path: Path, view: str) -> None:
    ingest(store, pdf(tmp_path / "a.pdf", fact()))
    text = CONTRACT.read_text(encoding="utf-8").split("\n## ")[5]
    promised = re.search(rf"`{view}`: ([a-zA-Z0-9_, \[\]]+)", re.sub(r" \([^)]*\)", "", text))
    assert promised is not None
    names = [item.split()[0] for item in promised[1].split(", ")]
    held = [name for name, *_ in ask(store, f"describe from {view}")]
    assert held[: len(names)] == names


def test_a_row_s_own_agency_wins_over_the_document_s(store: Path, tmp_path: Path) -> None:
    ingest(
        store,
        pdf(tmp_path / "a.pdf", fact(), fact(agency="Dinas Perikanan & Kelautan"), fact(agency="X", agency_key="k")),
    )
    rows = ask(store, "select agency, agency_key from facts order by row_no")
    assert rows[1:] == [("Dinas Perikanan & Kelautan", "dinas-perikanan-kelautan"), ("X", "k")]
    assert rows[0][1] == "kepegawaian"


def test_an_account_in_the_forms_of_two_kegiatan_is_two_items(store: Path, tmp_path: Path) -> None:
    line = {"code": None, "code_generic": None, "code_comparable": None, "account": "5.1.02", "level": "belanja"}
    for value, head in (("100", "2.16.03.2.01"), ("250", "2.16.03.2.02")):
        pdf(tmp_path / f"{head}.pdf", fact(value=value, head_code=head, head_code_generic=head, **line), doc_type="dpa")
    ingest(store, tmp_path)
    asked = "select head_code, value, n_values from comparable where account = '5.1.02' order by head_code"
    assert ask(store, asked) == [("2.16.03.2.01", Decimal(100), 1), ("2.16.03.2.02", Decimal(250), 1)]


def test_cells_count_rows_as_facts_do(store: Path, tmp_path: Path) -> None:
    ingest(store, pdf(tmp_path / "a.pdf", fact(raw="7"), fact(raw="8")))
    sql = "select row_no, grid_row, column_no, text, is_header from cells where column_no = 1 order by grid_row"
    assert ask(store, sql) == [(None, 0, 1, "Pagu > 2024", True), (0, 1, 1, "7", False), (1, 2, 1, "8", False)]
    joined = (
        "select count(*) from facts f join cells c using (table_id, row_no, column_no, page, bbox) where c.text = f.raw"
    )
    assert one(store, joined) == 2


def test_one_frame_may_hold_several_tables(store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = fakes.mean

    def in_two(*given: Any) -> Harvest:
        """The frame's rows: header and two facts, a title that belongs to nothing, one fact without a header."""
        harvest = whole(*given)
        table, other = harvest.tables[0], copy.deepcopy(harvest.tables[0])
        table.facts, table.first_row, table.n_rows, table.row_numbers = table.facts[:2], 0, 3, {1: 0, 2: 1}
        other.facts, other.first_row, other.n_rows, other.row_numbers = other.facts[3:], 4, 1, {0: 0}
        other.table_id, other.table_no, other.header_rows = table.table_id[:-1] + "2", 0, frozenset()
        other.facts[0].table_id, other.facts[0].row_no = other.table_id, 0
        return dataclasses.replace(harvest, tables=[table, other])

    monkeypatch.setattr(fakes, "mean", in_two)
    ingest(store, pdf(tmp_path / "a.pdf", *(fact(raw=raw, value="1") for raw in ("a", "b", "title", "c"))))
    sql = "select right(table_id, 3), row_no, grid_row, text, is_header from cells where column_no = 1 order by 1, 3"
    assert ask(store, sql) == [
        ("d-0", None, 3, "title", False),
        ("t01", None, 0, "Pagu > 2024", True),
        ("t01", 0, 1, "a", False),
        ("t01", 1, 2, "b", False),
        ("t02", 0, 0, "c", False),
    ]
    sql = "select right(table_id, 3), n_rows, page_first, used, table_kind from tables order by 1"
    assert ask(store, sql) == [("d-0", 4, 1, False, None), ("t01", 3, 1, True, "tc33"), ("t02", 1, 1, True, "tc33")]
    assert ask(store, "select c.text from facts join cells c using (table_id, row_no, column_no) order by 1") == [
        ("a",),
        ("b",),
        ("c",),
    ]


def test_every_document_is_listed_whatever_came_of_it(store: Path, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "text.pdf").write_text("hello")
    (tmp_path / "in" / "void.pdf").write_bytes(b"")
    pdf(tmp_path / "in" / "locked.pdf", fact(), do="encrypted")
    pdf(tmp_path / "in" / "prose.pdf")
    pdf(tmp_path / "in" / "good.pdf", fact())
    pdf(tmp_path / "in" / "fault.pdf", fact(), do="error")
    summary = ingest(store, tmp_path / "in")
    assert ask(store, "select document, status from documents order by 1") == [
        ("fault.pdf", "damaged"), ("good.pdf", "ok"), ("locked.pdf", "encrypted"), ("prose.pdf", "no_tables"),
        ("text.pdf", "not_pdf"), ("void.pdf", "empty"),
    ]  # fmt: skip
    assert all(
        error for _, error in ask(store, "select status, error from documents where status not in ('ok', 'no_tables')")
    )
    assert sorted(d.name for d in summary.failed) == ["fault.pdf", "locked.pdf", "text.pdf", "void.pdf"]
    assert one(store, "select count(*) from facts") == 1


def test_the_store_says_its_version_and_opens_attached(store: Path, tmp_path: Path) -> None:
    ingest(store, pdf(tmp_path / "a.pdf", fact()))
    assert one(store, "select contract_version, generation from store_info") == (1, 1)
    with duckdb.connect() as connection:
        connection.execute(f"attach '{store / 'lumbung.duckdb'}' as l (read_only)")
        assert connection.execute("select count(*) from l.comparable").fetchone() == (1,)


# -- what is known is skipped --------------------------------------------------------------------------


def test_ingesting_twice_changes_nothing(store: Path, tmp_path: Path) -> None:
    file = pdf(tmp_path / "a.pdf", fact())
    first = ingest(store, file)
    second = ingest(store, file)
    assert (len(first.outcomes), second.known, second.outcomes) == (1, 1, [])
    assert second.published is not None and not second.published.new and generations(store) == [1]


def test_the_same_bytes_at_two_places_are_one_document(store: Path, tmp_path: Path) -> None:
    file = pdf(tmp_path / "a.pdf", fact())
    shutil.copy(file, tmp_path / "b.pdf")
    assert len(ingest(store, file, tmp_path / "b.pdf").outcomes) == 1
    assert one(store, "select count(*), count(distinct document_id) from document_sources") == (2, 1)
    assert one(store, "select count(*) from facts") == 1


def test_a_new_edition_at_the_same_path_replaces_the_old_one_and_history_keeps_it(store: Path, tmp_path: Path) -> None:
    ingest(store, pdf(tmp_path / "a.pdf", fact(value="1")))
    ingest(store, pdf(tmp_path / "a.pdf", fact(value="22")))
    assert one(store, "select value from facts") == Decimal(22)
    assert one(store, "select value, last_generation, document from facts_history") == (Decimal(1), 1, "a.pdf")
    assert one(store, "select count(*) from documents") == 1


def test_a_touched_file_with_other_bytes_of_the_same_size_is_seen(store: Path, tmp_path: Path) -> None:
    file = pdf(tmp_path / "a.pdf", fact(value="1"))
    ingest(store, file)
    stat = file.stat()
    pdf(file, fact(value="2"))
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    ingest(store, file)
    assert one(store, "select value from facts") == Decimal(2)


def test_what_failed_is_tried_again_only_when_asked(store: Path, tmp_path: Path) -> None:
    file = pdf(tmp_path / "a.pdf", fact(), do="encrypted")
    ingest(store, file)
    again = ingest(store, file)
    assert (again.known, len(again.failed_before), again.outcomes) == (1, 1, [])
    assert len(ingest(store, file, retry_failed=True).failed) == 1
    assert [d.status for d in ingest(store, file, password="secret").outcomes] == ["ok"]
    assert one(store, "select status, error from documents") == ("ok", None)


def test_a_good_harvest_stays_served_when_a_newer_version_fails(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = pdf(tmp_path / "a.pdf", fact())
    ingest(store, file)
    monkeypatch.setattr(harvests, "reading_key", lambda *_: "2-new")
    monkeypatch.setattr(harvests, "read_reading", lambda folder: 1 / 0)
    monkeypatch.setattr("tests.fakes.read", lambda path, password: 1 / 0)
    assert len(ingest(store, file).failed) == 1
    assert one(store, "select count(*) from facts") == 1
    assert one(store, "select status from documents") == "ok"


def test_what_the_user_says_makes_meaning_again_and_is_kept(store: Path, tmp_path: Path) -> None:
    file = pdf(tmp_path / "a.pdf", fact())
    ingest(store, file)
    manifest = tmp_path / "files.csv"
    manifest.write_text("file,region_code,fiscal_year,source_uri\na.pdf,17.02,2023,https://example.org/a.pdf\n")
    said = read_manifest(manifest)
    ingest(store, file, manifest=said)
    assert said.unused == set()
    assert one(store, "select region_code, fiscal_year from documents") == ("17.02", 2023)
    assert one(store, "select source_uri from document_sources") == "https://example.org/a.pdf"
    assert ingest(store, file).known == 1
    assert one(store, "select region_code from documents") == "17.02"


def test_reinterpret_opens_no_pdf(store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = pdf(tmp_path / "a.pdf", fact())
    ingest(store, file)
    file.unlink()
    monkeypatch.setattr(keys, "reference_hash", lambda: "another word in a form")
    summary = work.reinterpret(work.Settings(store))
    assert [d.status for d in summary.outcomes] == ["ok"]
    assert len(list((store / "harvests").glob("*/meaning-*"))) == 2
    assert one(store, "select count(*) from facts") == 1 and ask(store, "from facts_history") == []


def test_removed_documents_leave_the_store_but_not_its_history(store: Path, tmp_path: Path) -> None:
    ingest(store, pdf(tmp_path / "a.pdf", fact(value="1")), pdf(tmp_path / "b.pdf", fact(value="2")))
    assert [d.name for d in work.remove(["a.pdf"], store)] == ["a.pdf"]
    assert ask(store, "select document from documents") == [("b.pdf",)]
    assert ask(store, "select document, value from facts_history") == [("a.pdf", Decimal(1))]
    with pytest.raises(StoreError, match=r"no document `a\.pdf`"):
        work.remove(["a.pdf"], store)


# -- generations --------------------------------------------------------------------------


def test_old_generations_are_kept_and_then_cleaned(store: Path, tmp_path: Path) -> None:
    for number in range(5):
        ingest(store, pdf(tmp_path / f"{number}.pdf", fact(value=str(number))))
    assert generations(store) == [3, 4, 5][-KEEP:]
    assert published_path(store).name == "lumbung-5.duckdb"
    assert not list(store.glob("*.wal")) and not list(store.glob(".building*"))


def test_incremental_equals_full(store: Path, tmp_path: Path) -> None:
    dice = random.Random(5)
    files = [tmp_path / "in" / f"{number}.pdf" for number in range(4)]
    for _ in range(8):
        file = dice.choice(files)
        if file.exists() and dice.random() < 0.4:
            work.remove([str(file)], store)
            file.unlink()
        else:
            pdf(file, *(fact(value=str(dice.randrange(99))) for _ in range(dice.randrange(4))))
            ingest(store, file)
        before = logical_hash(store)
        with writing(store):
            publish(store, full=True)
        assert logical_hash(store) == before


def test_order_of_arrival_does_not_matter(store: Path, tmp_path: Path) -> None:
    files = [pdf(tmp_path / f"{number}.pdf", fact(value=str(number))) for number in range(3)]
    ingest(store, *files)
    for file in reversed(files):
        ingest(tmp_path / "other", file)
    assert logical_hash(store) == logical_hash(tmp_path / "other")


@pytest.mark.parametrize("step", ["load", "check", "release", "keep_history", "derive"])
def test_a_publish_that_fails_leaves_the_old_generation(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    ingest(store, pdf(tmp_path / "a.pdf", fact()))
    with monkeypatch.context() as patch:
        patch.setattr(
            f"pipeline.building.{step}", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device"))
        )
        with pytest.raises(OSError, match="No space"):
            ingest(store, pdf(tmp_path / "b.pdf", fact(value="2")))
    assert published_path(store).name == "lumbung-1.duckdb" and one(store, "select count(*) from facts") == 1
    ingest(store, tmp_path / "b.pdf")
    assert one(store, "select count(*) from facts") == 2


def test_a_harvest_that_lost_a_fact_is_not_published(store: Path, tmp_path: Path) -> None:
    ingest(store, pdf(tmp_path / "a.pdf", fact()))
    folder = next((store / "harvests").glob("*/meaning-*"))
    other = next((tmp_path / "o" / "harvests").glob("*/meaning-*"), None)
    ingest(tmp_path / "o", pdf(tmp_path / "b.pdf", fact(), fact(value="3")))
    other = next((tmp_path / "o" / "harvests").glob("*/meaning-*"))
    shutil.copy(other / "facts.parquet", folder / "facts.parquet")
    with writing(store), pytest.raises(StoreError, match=r"a\.pdf: 0 facts arrived"):
        publish(store, full=True)
    assert generations(store) == [1]


def test_two_writers_are_never_let_in(store: Path, tmp_path: Path) -> None:
    with writing(store), pytest.raises(Locked, match="being written"), writing(store):
        pass


def test_readers_see_the_pointer_move(store: Path, tmp_path: Path) -> None:
    ingest(store, pdf(tmp_path / "a.pdf", fact()))
    with duckdb.connect(str(store / "lumbung.duckdb"), read_only=True) as reader:
        ingest(store, pdf(tmp_path / "b.pdf", fact(value="2")))
        assert reader.execute("select count(*) from facts").fetchone() == (1,)
        assert one(store, "select count(*) from facts") == 2


# -- comparable --------------------------------------------------------------------------


def test_twins_count_once(store: Path, tmp_path: Path) -> None:
    ingest(store, pdf(tmp_path / "a.pdf", fact(), title="one"), pdf(tmp_path / "b.pdf", fact(), title="two"))
    assert one(
        store,
        "select count(*), count(duplicate_of), count(distinct coalesce(duplicate_of, document_id)) from documents",
    ) == (2, 1, 1)
    assert one(store, "select n_values, len(fact_ids) from comparable") == (1, 1)


@pytest.mark.parametrize(
    ("documents", "value", "n_values"),
    [
        pytest.param([{"doc_type": "renja"}, {"doc_type": "dpa"}], 2, 2, id="enacted before planned"),
        pytest.param([{"edition": "perubahan"}, {"edition": "murni"}], 1, 2, id="newest edition"),
        pytest.param([{}, {"edition": "rancangan"}], 1, 2, id="no word of an edition is newer than a draft"),
        pytest.param([{"fiscal_year": 2024}, {"fiscal_year": 2025}], 1, 2, id="the year's own document"),
        pytest.param([{"fiscal_year": 2026}, {"fiscal_year": 2025}], 1, 2, id="else the latest"),
    ],
)
def test_between_documents(store: Path, tmp_path: Path, documents: list, value: int, n_values: int) -> None:
    files = [pdf(tmp_path / f"{n}.pdf", fact(value=str(n)), **about) for n, about in enumerate(documents, start=1)]
    ingest(store, *files)
    assert one(store, "select value, n_values from comparable") == (Decimal(value), n_values)


def test_between_tables_and_statuses(store: Path, tmp_path: Path) -> None:
    facts = [
        fact(kind="tc29", value="1", status="conflict"),
        fact(kind="tc31", value="2"),
        fact(kind="tc33", value="3", status="verified"),
    ]
    ingest(store, pdf(tmp_path / "a.pdf", *facts))
    assert one(store, "select value, n_values, status, len(fact_ids) from comparable") == (Decimal(3), 3, "conflict", 3)


@pytest.mark.parametrize(
    ("facts", "pagu", "role"),
    [
        pytest.param([fact(role="kebutuhan", value="1"), fact(role="target", value="2")], 2, "target", id="target"),
        pytest.param(
            [fact(role="anggaran", value="1"), fact(role="anggaran_perubahan", value="2")],
            2,
            "anggaran_perubahan",
            id="changed",
        ),
        pytest.param(
            [fact(role="rancangan_awal", value="1"), fact(value="2", account="5.1")],
            1,
            "rancangan_awal",
            id="no account",
        ),
        pytest.param(
            [fact(role="kebutuhan", value="1"), fact(role="anggaran", value="9", unit="Persen")],
            1,
            "kebutuhan",
            id="rupiah",
        ),
        pytest.param(
            [fact(value="1"), fact(role="anggaran", value="9", period="tw2")], 1, "target", id="a quarter is no year"
        ),
        pytest.param([fact(role="realisasi", value="1")], None, None, id="none"),
    ],
)
def test_pagu_is_the_first_one_present(
    store: Path, tmp_path: Path, facts: list, pagu: int | None, role: str | None
) -> None:
    ingest(store, pdf(tmp_path / "a.pdf", *facts))
    assert ask(store, "select distinct pagu, pagu_role from comparable where account is null") == [(pagu, role)]
    assert ask(store, "select pagu, pagu_role from pagu") == ([] if pagu is None else [(pagu, role)])


def test_rupiah_and_percent_of_one_role_are_not_mixed(store: Path, tmp_path: Path) -> None:
    ingest(
        store,
        pdf(tmp_path / "a.pdf", fact(role="selisih", value="5", unit="Persen"), fact(role="selisih", value="700")),
    )
    assert one(store, "select value, unit, n_values from comparable") == (Decimal(700), "Rupiah", 1)


def test_rows_that_nothing_tells_apart_but_their_name_stay_apart(store: Path, tmp_path: Path) -> None:
    bare = {
        "code": None,
        "code_generic": None,
        "code_comparable": None,
        "role": "jumlah",
        "quantity": "jumlah",
        "unit": None,
        "level": "other",
    }
    ingest(
        store,
        pdf(
            tmp_path / "a.pdf",
            *(fact(**bare, name_raw=name, value=v) for name, v in (("Golongan II", "3"), ("Golongan III", "9"))),
        ),
    )
    assert ask(store, "select value, n_values from comparable order by 1") == [(Decimal(3), 1), (Decimal(9), 1)]


def test_documents_of_unknown_regions_are_never_merged(store: Path, tmp_path: Path) -> None:
    files = [pdf(tmp_path / f"{n}.pdf", fact(value=str(n)), region_code=None, region=None) for n in (1, 2)]
    ingest(store, *files)
    assert ask(store, "select value, n_values from comparable order by 1") == [(Decimal(1), 1), (Decimal(2), 1)]
