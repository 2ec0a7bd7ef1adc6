"""Which files an ingest takes, what it says of them, and what it publishes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from extractors.tables import Line, PageInfo, Reading
from pipeline import ingest as work
from pipeline.catalogue import Catalogue
from pipeline.files import find_files
from pipeline.meaning import mean
from pipeline.report import status_rows, summary_lines
from pipeline.store import StoreError, last_generation, writing
from tests.fakes import fact, pdf
from tests.stores import ingest


def test_copies_and_links_that_lead_nowhere_are_counted(store: Path, tmp_path: Path) -> None:
    first = pdf(tmp_path / "in" / "a.pdf", fact(value="1"))
    (tmp_path / "in" / "copy.pdf").write_bytes(first.read_bytes())
    (tmp_path / "in" / "link.pdf").symlink_to(first)
    (tmp_path / "in" / "gone.pdf").symlink_to(tmp_path / "nowhere.pdf")
    summary = ingest(store, tmp_path / "in", tmp_path / "absent")
    assert (summary.files, len(summary.outcomes), summary.copies, len(summary.missing)) == (4, 1, 2, 2)
    lines = summary_lines(summary)
    assert any(line.endswith("gone.pdf: a link that leads nowhere") for line in lines)
    assert any(line.endswith("absent: no such file or folder") for line in lines)
    total = "4 files: 1 read (1 facts), 0 known already, 2 identical copies of others, 0 failed, 2 not found"
    assert any(line.startswith(total) for line in lines), lines


def test_linked_folders_are_searched_once(tmp_path: Path) -> None:
    pdf(tmp_path / "far" / "b.pdf")
    pdf(tmp_path / "in" / "a.pdf")
    (tmp_path / "in" / "linked").symlink_to(tmp_path / "far")
    (tmp_path / "in" / "circle").symlink_to(tmp_path / "in")
    files, missing = find_files([str(tmp_path / "in")])
    assert [file.name for file in files] == ["a.pdf", "b.pdf"] and not missing


def test_what_cannot_be_read_publishes_no_empty_generation(store: Path, tmp_path: Path) -> None:
    bad = pdf(tmp_path / "bad.pdf", fact(), do="error")
    summary = ingest(store, bad)
    assert summary.published is None and last_generation(store) is None
    assert summary_lines(summary)[-1] == "nothing was published: no document could be read"
    assert [row[9] for row in status_rows(store, failed=True)[1]] == ["damaged"]
    ingest(store, pdf(tmp_path / "good.pdf", fact()))
    again = ingest(store, pdf(tmp_path / "bad2.pdf", fact(value="2"), do="error"))
    assert "; nothing new could be read, the numbers published before stay" in summary_lines(again)[-1]


@pytest.mark.parametrize("log", [pytest.param(False, id="closed"), pytest.param(True, id="still written")])
def test_status_of_a_store_that_may_not_be_written(store: Path, tmp_path: Path, log: bool) -> None:
    """In another user's process, since root may write anywhere."""
    ingest(store, pdf(tmp_path / "a.pdf", fact()))
    writer = Catalogue(store) if log else None
    if writer:
        writer.set_state({"x": "y"})
    folders = [store, *store.parents[:3]]
    modes = [folder.stat().st_mode for folder in folders]
    for folder in folders:
        folder.chmod(0o555)
    try:
        assert _as_nobody(lambda: len(status_rows(store, failed=False)[1])) == 1
        assert _as_nobody(lambda: Catalogue(store).set_state({"a": "b"}) or 0) == 99  # it may indeed not be written
        assert _as_nobody(lambda: _said_by(store)) == 1
    finally:
        for folder, mode in zip(folders, modes, strict=True):
            folder.chmod(mode)
        if writer:
            writer.close()
    assert status_rows(store, failed=False)[1][0][1] == "a.pdf"


def _said_by(store: Path) -> int:
    with pytest.raises(
        StoreError, match=r"store cannot be written \(Permission denied\), .* Run it as the user who owns"
    ):
        work.remove(["a.pdf"], store)
    return 1


def test_a_file_where_the_store_should_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("x")
    with pytest.raises(StoreError, match="A file stands in the way"), writing(tmp_path / "store"):
        pass


@pytest.mark.parametrize(
    ("said", "kinds"),
    [
        pytest.param({"fiscal_year": "2023"}, {"said_year": "2022"}, id="year"),
        pytest.param({"region_code": "17.01"}, {"said_region": "32.71"}, id="region"),
        pytest.param(
            {"doc_type": "lkjip", "edition": "murni"}, {"said_kind": "renja", "said_edition": "perubahan"}, id="kind"
        ),
        pytest.param({"agency": "Dinas Sosial"}, {"said_agency": "kesehatan"}, id="agency"),
        pytest.param({"fiscal_year": "2022", "agency": "DINAS KESEHATAN", "region_code": "32.71"}, {}, id="the same"),
        pytest.param({"title": "x"}, {}, id="nothing that is printed"),
    ],
)
def test_what_is_said_and_printed_otherwise_is_told(said: dict[str, str], kinds: dict[str, str]) -> None:
    cover = ("PERUBAHAN RENCANA KERJA (P-RENJA)", "DINAS KESEHATAN KOTA BOGOR", "TAHUN 2022")
    lines = [Line(1, (50, 100.0 + 30 * n, 500, 120.0 + 30 * n), text, 20.0) for n, text in enumerate(cover)]
    harvest = mean(Reading(pages=[PageInfo(1, "prose", 595, 842, 0)], lines=lines), "0" * 64, "a.pdf", said)
    told = {p.kind: p for p in harvest.problems if p.kind.startswith("said_")}
    assert told.keys() == kinds.keys() and all(p.severity == "warn" for p in told.values())
    for kind, printed in kinds.items():
        assert f"the document itself {printed}" in told[kind].explanation
    if "fiscal_year" in said:
        assert harvest.document.fiscal_year == int(said["fiscal_year"])  # what is said holds


def _as_nobody(count) -> int:  # type: ignore[no-untyped-def]
    pid = os.fork()
    if pid == 0:
        try:
            if os.geteuid() == 0:
                os.setuid(65534)
            os._exit(count())
        except BaseException as error:
            os.write(2, repr(error).encode())
        finally:
            os._exit(99)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def test_what_is_no_file_and_names_that_are_no_text_stop_nothing(store: Path, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    pdf(folder / "good.pdf", fact())
    os.mkfifo(folder / "pipe.pdf")
    (folder / "endless.pdf").symlink_to("/dev/zero")
    (folder / os.fsdecode(b"bad\xff.pdf")).write_bytes((folder / "good.pdf").read_bytes())
    summary = ingest(store, folder)
    assert [known.name for known in summary.outcomes] == ["good.pdf"]
    assert [(Path(file).name, why.split(":")[0]) for file, why in sorted(summary.missing)] == [
        ("bad\\udcff.pdf", "its name is not UTF-8"),
        ("endless.pdf", "no file but a pipe, a device or a folder"),
        ("pipe.pdf", "no file but a pipe, a device or a folder"),
    ]
