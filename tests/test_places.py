"""A place whose bytes change: what is served from it, and when."""

from __future__ import annotations

from pathlib import Path

from pipeline.catalogue import Catalogue
from pipeline.store import reading
from tests.fakes import fact, pdf
from tests.stores import ingest


def served(store: Path) -> list[tuple[str, str]]:
    with reading(store) as connection:
        query = (
            "select value::integer::varchar, (select string_agg(status, ' ' order by status) from documents) from facts"
        )
        return connection.execute(query + " order by 1").fetchall()


def waiting(store: Path) -> list[bool]:
    catalogue = Catalogue(store)
    try:
        return [source.waiting is not None for source in catalogue.sources()]
    finally:
        catalogue.close()


def test_a_new_edition_that_cannot_be_read_leaves_the_old_one_served(store: Path, tmp_path: Path) -> None:
    file = pdf(tmp_path / "a.pdf", fact(value="1"))
    ingest(store, file)
    pdf(file, fact(value="2"), do="encrypted")
    assert len(ingest(store, file).failed) == 1
    assert served(store) == [("1", "encrypted ok")] and waiting(store) == [True]
    assert len(ingest(store, file).failed_before) == 1
    ingest(store, file, password="secret")
    assert served(store) == [("2", "ok")] and waiting(store) == [False]


def test_a_third_edition_takes_over_from_both(store: Path, tmp_path: Path) -> None:
    file = pdf(tmp_path / "a.pdf", fact(value="1"))
    ingest(store, file)
    file.write_bytes(b"<html>")
    ingest(store, file)
    assert served(store) == [("1", "not_pdf ok")]
    pdf(file, fact(value="3"))
    ingest(store, file)
    assert served(store) == [("3", "ok")] and waiting(store) == [False]


def test_the_old_bytes_come_back(store: Path, tmp_path: Path) -> None:
    file = pdf(tmp_path / "a.pdf", fact(value="1"))
    ingest(store, file)
    file.write_bytes(b"")
    ingest(store, file)
    pdf(file, fact(value="1"))
    ingest(store, file)
    assert served(store) == [("1", "ok")] and waiting(store) == [False]


def test_a_removed_document_takes_the_one_that_waits_along(store: Path, tmp_path: Path) -> None:
    from pipeline.ingest import remove

    file, other = pdf(tmp_path / "a.pdf", fact(value="1")), pdf(tmp_path / "b.pdf", fact(value="5"))
    ingest(store, file, other)
    file.write_bytes(b"")
    ingest(store, file)
    catalogue = Catalogue(store)
    served_id = next(s.document_id for s in catalogue.sources() if s.waiting)
    catalogue.close()
    remove([served_id], store)
    assert served(store) == [("5", "ok")] and waiting(store) == [False]


def test_a_document_at_two_places_outlives_one_of_them(store: Path, tmp_path: Path) -> None:
    files = [pdf(tmp_path / name, fact(value="1")) for name in ("a.pdf", "b.pdf")]
    ingest(store, *files)
    pdf(files[0], fact(value="2"))
    ingest(store, files[0])
    assert served(store) == [("1", "ok ok"), ("2", "ok ok")]
    pdf(files[1], fact(value="2"))
    ingest(store, files[1])
    assert served(store) == [("2", "ok")]
