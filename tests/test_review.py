"""Review and report, as users call them: on a document with one number in which two digits are exchanged."""

from __future__ import annotations

import re
import shutil
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from extractors.tables import Cell, Reading, SecondReading, Table
from pipeline import rereads
from pipeline.corrections import FILE, read_corrections
from pipeline.facts import Document, Harvest, Problem
from pipeline.harvest import harvest
from pipeline.pages_html import page
from pipeline.review import number_given
from pipeline.store import StoreError, reading
from tests.test_cli import lumbung
from tests.tiny_pdf import TinyPage, fill, grid, text, write_pdf
from tests.trap_pdf import all_traps, write_trap

XS = [40.0, 70.0, 260.0, 380.0, 500.0, 570.0]
YS = [740.0 - 22 * i for i in range(7)]
EVIL = "<script>alert(1)</script> \x1b[31m"
ROWS = [
    ["No", "Program / Kegiatan", "Anggaran (Rp)", "Realisasi (Rp)", "%"],
    ["1", "Program Kepegawaian Daerah", "1.750.000.000", "1.639.618.832", "93,69"],
    ["", "Kegiatan Pengadaan ASN", "900.000.000", "800.000.000", "88,89"],
    ["", "Kegiatan Mutasi <b>ASN</b>", "850.000.000", "893.618.832", "98,78"],
    ["", "Jumlah", "1.750.000.000", "1.639.618.832", "93,69"],
]  # the third must be 839.618.832: then the sum and the percentage hold


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("review")
    title = text(40, 790, "LAPORAN KINERJA TAHUN 2024 BADAN KEPEGAWAIAN DAERAH", 12)
    above = text(40, 760, "Tabel 3.7 Anggaran dan Realisasi Belanja Tahun 2024", 10)
    content = title + above + grid(XS, YS[: len(ROWS) + 1]) + fill(XS, YS, ROWS)
    write_pdf(folder / "report.pdf", TinyPage(content))
    run = lumbung("ingest", folder / "report.pdf", store=folder / "store")
    assert run.returncode == 0, run.stdout + run.stderr
    return folder


@pytest.fixture
def store(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made / "store", tmp_path / "store", symlinks=True))


def fact_id(where: Path, raw: str) -> str:
    return str(ask(where, f"select fact_id from facts where raw = '{raw}'")[0])


def ask(where: Path, query: str) -> tuple[Any, ...]:
    with reading(where) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return row


def test_conflicts_are_listed_with_proposal_and_proof(store: Path) -> None:
    run = lumbung("review", store=store)
    assert run.returncode == 0, run.stderr
    first = run.stdout.split("\n\n")[0]
    assert first.startswith(fact_id(store, "893.618.832"))
    assert "proposed    839.618.832" in first and "page 1" in first and "fails " in first
    assert first.count("then holds") >= 2 and "then fails" not in first


def test_the_page_has_the_crop_and_runs_nothing(store: Path, tmp_path: Path) -> None:
    run = lumbung("review", "--html", tmp_path / "review.html", store=store)
    assert run.returncode == 0, run.stderr
    written = (tmp_path / "review.html").read_text(encoding="utf-8")
    assert '<img src="data:image/png;base64,iVBOR' in written and "<b>ASN" not in written and "&lt;b&gt;ASN" in written
    assert "<script" not in written and "default-src &#39;none&#39;" not in written and "default-src 'none'" in written
    assert not re.search(r"(src|href)=\"(?!data:image/png)", written)


def test_accepting_keeps_the_printed_value_and_ends_the_case(store: Path) -> None:
    wrong = fact_id(store, "893.618.832")
    run = lumbung("review", "accept", wrong[:10], "--reason", "digits exchanged", "--who", "Siti", store=store)
    assert run.returncode == 0 and "839618832" in run.stdout and "then hold" in run.stdout, run.stderr
    one = read_corrections(store)[0]
    assert (one.expected, one.corrected, one.who, one.page) == (Decimal(893618832), Decimal(839618832), "Siti", 1)
    query = f"select value::bigint, value_accepted::bigint, status from facts where fact_id = '{wrong}'"
    assert ask(store, query) == (893618832, 839618832, "conflict")
    assert wrong not in lumbung("review", store=store).stdout
    assert wrong in lumbung("review", "--decided", store=store).stdout
    assert "digits exchanged" in lumbung("report", "report.pdf", store=store).stdout


def test_a_correction_whose_value_changed_fails_loudly_each_time(store: Path, made: Path) -> None:
    wrong = fact_id(store, "893.618.832")
    lumbung("review", "accept", wrong, "--reason", "x", "--who", "Siti", store=store)
    path = store / FILE
    path.write_text(path.read_text().replace('expected = "893618832"', 'expected = "893618833"'))
    for words in (["publish"], ["ingest", str(made / "report.pdf")]):
        run = lumbung(*words, store=store)
        assert run.returncode == 1 and "CORRECTION NOT APPLIED" in run.stderr, words
    assert "CORRECTION NOT APPLIED" in lumbung("status", store=store).stderr


def test_refusing_ends_the_case_and_changes_nothing(store: Path) -> None:
    wrong = fact_id(store, "893.618.832")
    run = lumbung("review", "refuse", wrong, "--reason", "confirmed", "--who", "Budi", store=store)
    assert run.returncode == 0 and "stands" in run.stdout
    assert wrong not in lumbung("review", store=store).stdout
    query = f"select value_accepted::bigint from facts where fact_id = '{wrong}'"
    assert ask(store, query) == (893618832,)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        pytest.param(["--value", "1.234"], "can be read in two ways", id="two ways"),
        pytest.param(["--value", "many"], "is no number", id="no number"),
        pytest.param(["--value", "893.618.832"], "is what is printed", id="as printed"),
        pytest.param(["--reason", " "], "needs a reason", id="no reason"),
    ],
)
def test_decisions_are_refused_with_one_line(store: Path, more: list[str], said: str) -> None:
    words = ["review", "accept", fact_id(store, "893.618.832"), "--reason", "x", "--who", "Siti", *more]
    run = lumbung(*words, store=store)
    assert run.returncode == 4 and said in run.stderr and len(run.stderr.splitlines()) == 1
    assert not (store / FILE).exists()


def test_cells_are_read_again_and_the_answers_kept(store: Path) -> None:
    run = lumbung("review", "--reread", store=store)
    assert "read again  893.618.832 (plumber)" in run.stdout, run.stdout + run.stderr
    assert len(list(store.glob("harvests/*/reread-*/readings.json"))) == 1


def test_report_shows_shares_and_failing_checks(store: Path, tmp_path: Path) -> None:
    run = lumbung("report", "report.pdf", store=store)
    assert run.returncode == 0 and "all tables" in run.stdout and "verified" in run.stdout
    assert re.search(r"\d+ checks hold, [1-9]\d* fail", run.stdout) and "839.618.832" in run.stdout
    assert lumbung("report", "report.pdf", "--html", tmp_path / "r.html", store=store).returncode == 0
    written = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "checks fail" in written and "<b>ASN" not in written
    assert lumbung("report", "nothing.pdf", store=store).returncode == 4


def ocr_installed() -> bool:
    from extractors.ocr import model_path

    return model_path() is not None


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.seen.append(tag)


def test_texts_of_documents_never_become_markup() -> None:
    fact = dict.fromkeys(("document", "column_label", "role", "quantity", "raw", "unit", "fact_id"), EVIL) | {
        "page": 1,
        "year": 2,
    }
    case = {"picture": "", "proposed": EVIL, "again": [EVIL], "failing": [{"explanation": EVIL}],
            "proof": {"holds": [EVIL], "breaks": [EVIL]}}  # fmt: skip
    rows = [{"case": case, "fact": fact, "printed": EVIL, "money": EVIL, "row": EVIL}]
    tags = _Tags()
    tags.feed(page("review.html", title=EVIL, rows=rows, made=EVIL))
    assert "script" not in tags.seen and "section" in tags.seen


@pytest.mark.parametrize(
    ("given", "value"),
    [
        pytest.param("839618832", "839618832", id="plain"),
        pytest.param("Rp 839.618.832", "839618832", id="grouped"),
        pytest.param("1.839.618,5", "1839618.5", id="decimals"),
        pytest.param("98,6", "98.6", id="comma"),
        pytest.param("98.65", "98.65", id="point"),
        pytest.param("-5", "-5", id="negative"),
    ],
)
def test_numbers_as_people_type_them(given: str, value: str) -> None:
    assert number_given(given) == Decimal(value)


@pytest.mark.parametrize("given", ["1.234", "", "1,234,567", "1e9", "12.34.56", "9" * 19])
def test_unclear_numbers_are_refused(given: str) -> None:
    with pytest.raises(StoreError):
        number_given(given)


def test_requests_name_scans_and_answers_tell_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import extractors.scanned as scanned
    from extractors.ocr import OcrUnavailable

    def missing(*_: object) -> SecondReading:
        raise OcrUnavailable("no text recogniser is installed")

    monkeypatch.setattr(scanned, "reread", missing)
    box = (10.0, 10.0, 90.0, 30.0)
    table = Table((Cell(0, 0, 1, box, "6I", method="scan:rapidocr"),), 1, 1, (1,), (0,))
    problem = Problem(1, None, box, "lookalike", "warn", "6I", "`6I` looks like 61")
    harvest = Harvest(Document("d" * 64, "a.pdf"), Reading(tables=[table]), problems=[problem])
    requests = rereads.wanted(harvest)
    assert [(r.page, r.bbox, r.by_picture) for r in requests] == [(1, box, True)]
    path = write_pdf(tmp_path / "a.pdf", "")
    assert [a.why_not for a in rereads.answers(path, requests)] == ["no text recogniser is installed"]
    monkeypatch.setattr(scanned, "reread", lambda *_: SecondReading("61", "rapidocr:1.5", 0.8))
    rereads.keep(tmp_path, "d" * 64, "1-r", rereads.answers(path, requests))
    assert rereads.kept(tmp_path, "d" * 64, "1-r") == {(1, box): [SecondReading("61", "rapidocr:1.5", 0.8)]}
    assert rereads.kept(tmp_path, "d" * 64, "2-r") == {}


@pytest.mark.skipif(not ocr_installed(), reason="the recogniser is not installed")
def test_the_picture_of_a_lying_font_tells_the_number(tmp_path: Path) -> None:
    trap = next(trap for trap in all_traps() if trap.name == "says 3 for 8")
    path = write_trap(tmp_path / "lies.pdf", trap)
    found = harvest(path)
    requests = [one for one in rereads.wanted(found) if one.picture]
    assert len(requests) == 1 and "4.311.172.650" in requests[0].why
    answer = rereads.answers(path, requests)[0].reading
    assert answer is not None and "".join(answer.text.split()) == "4.811.172.650"
