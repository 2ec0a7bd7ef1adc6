from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline.manifest import read_manifest
from pipeline.report import status_rows
from pipeline.review import cases
from pipeline.store import logical_hash, publish, reading, writing
from tests.fakes import fact, pdf
from tests.stores import ingest


def numbers(first: int = 0, count: int = 30, **said: Any) -> list[dict[str, Any]]:
    """`count` proved numbers, of which no two are the same."""
    return [
        fact(value=str(1000 + n), name=f"item {n}", **{"status": "verified"} | said)
        for n in range(first, first + count)
    ]


def duplicates(store: Path) -> list[tuple[str, str]]:
    with reading(store) as connection:
        query = "select d.document, o.document from documents d join documents o on o.document_id = d.duplicate_of"
        return connection.execute(query + " order by 1").fetchall()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        pytest.param({}, {"raw": "otherwise cut"}, True, id="equal numbers in tables cut otherwise"),
        pytest.param({}, {"raw": "x", "role": "realisasi"}, False, id="the same numbers in another role"),
    ],
)
def test_equal_numbers(store: Path, tmp_path: Path, one: dict[str, Any], other: dict[str, Any], same: bool) -> None:
    ingest(store, pdf(tmp_path / "a.pdf", *numbers(**one)), pdf(tmp_path / "b.pdf", *numbers(**other)))
    assert len(duplicates(store)) == same


@pytest.mark.parametrize(
    "said", [{"edition": "perubahan"}, {"fiscal_year": 2025}, {"region_code": "99.02"}, {"doc_type": "rkt"}]
)
def test_documents_that_say_they_are_others_stay_apart(store: Path, tmp_path: Path, said: dict[str, Any]) -> None:
    ingest(store, pdf(tmp_path / "a.pdf", *numbers()), pdf(tmp_path / "b.pdf", *numbers(raw="x"), **said))
    assert duplicates(store) == []


@pytest.mark.parametrize("wrong", ["a.pdf", "b.pdf"])
def test_one_of_which_nothing_wrong_was_said_stands_for_all(store: Path, tmp_path: Path, wrong: str) -> None:
    files = [pdf(tmp_path / name, *numbers()) for name in ("a.pdf", "b.pdf")]
    files[1].write_bytes(files[1].read_bytes() + b"\n")
    (tmp_path / "said.csv").write_text(f"file,fiscal_year\n{wrong},2031\n")
    ingest(store, *files, manifest=read_manifest(tmp_path / "said.csv"))
    (right,) = {"a.pdf", "b.pdf"} - {wrong}
    assert duplicates(store) == [(wrong, right)]
    assert [(row[1], row[-1]) for row in status_rows(store, failed=False)[1]] == sorted([(wrong, right), (right, None)])


def test_few_equal_numbers_prove_nothing(store: Path, tmp_path: Path) -> None:
    ingest(store, pdf(tmp_path / "a.pdf", *numbers(count=5)), pdf(tmp_path / "b.pdf", *numbers(count=5, raw="x")))
    assert duplicates(store) == []


@pytest.mark.parametrize(
    ("misread", "status", "same"),
    [
        pytest.param(2, "unverified", True, id="misread here and there"),
        pytest.param(2, "verified", False, id="proved numbers that differ: another edition"),
        pytest.param(6, "unverified", False, id="too much differs"),
    ],
)
def test_a_scan_and_its_original(store: Path, tmp_path: Path, misread: int, status: str, same: bool) -> None:
    scan = numbers(misread, 30 - misread) + numbers(500, misread, status=status)
    ingest(store, pdf(tmp_path / "a.pdf", *scan, pages_scanned=1), pdf(tmp_path / "b.pdf", *numbers()))
    assert duplicates(store) == ([("a.pdf", "b.pdf")] if same else [])


def test_twins_are_the_same_in_a_full_publish_and_end_with_their_cause(store: Path, tmp_path: Path) -> None:
    files = [pdf(tmp_path / f"{n}.pdf", *numbers(raw=str(n))) for n in range(3)]
    ingest(store, *files)
    assert len(duplicates(store)) == 2
    before = logical_hash(store)
    with writing(store):
        publish(store, full=True)
    assert logical_hash(store) == before
    ingest(store, *(pdf(file, *numbers(n * 100)) for n, file in enumerate(files)))
    assert duplicates(store) == []


def test_a_conflict_of_a_report_in_two_files_is_reviewed_once(store: Path, tmp_path: Path) -> None:
    made = [*numbers(), fact(value="7", status="conflict")]
    files = [pdf(tmp_path / name, *made) for name in ("a.pdf", "b.pdf")]
    files[1].write_bytes(files[1].read_bytes() + b"\n")
    ingest(store, *files)
    ((other, listed),) = duplicates(store)
    assert [case.fact["document"] for case in cases(store)] == [listed]
    assert [case.fact["document"] for case in cases(store, other)] == [other]
