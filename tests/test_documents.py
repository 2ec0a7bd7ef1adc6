"""What a document is, from covers as printed (and from names and captions where the cover is silent)."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import pdfplumber
import pytest

from normalizers.dates import issued_on
from normalizers.documents import DocumentFacts, describe

ROOT = Path(__file__).parent.parent
EXPECTED = Path(__file__).parent / "data" / "expected_documents.csv"


@dataclass(frozen=True)
class Line:
    page: int
    text: str
    size: float


def _cover(text: str, pages: int = 1) -> DocumentFacts:
    """Lines of a cover; a line that begins with `#` is in large type. The file name says nothing."""
    lines = [
        Line(1 + page, raw.lstrip("#").strip(), 20.0 if raw.startswith("#") else 12.0)
        for page in range(pages)
        for raw in text.strip().splitlines()
    ]
    return describe(lines, [], {}, "document1.pdf")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "PERUBAHAN RENCANA KERJA (P-RENJA)\nDINAS KESEHATAN KOTA BOGOR\nTAHUN 2022",
            ("renja", "perubahan", 2022, "32.71", "Dinas Kesehatan"),
            id="renja-perubahan",
        ),
        pytest.param(
            "PEMERINTAH PROVINSI JAWA BARAT\n#LAPORAN KINERJA INSTANSI PEMERINTAH\n(LKIP)\n"
            "DINAS PENDIDIKAN\nTAHUN 2023",
            ("lkjip", None, 2023, "32", "Dinas Pendidikan"),
            id="lkip",
        ),
        pytest.param(
            "#RENCANA STRATEGIS\nPERANGKAT DAERAH\nTAHUN 2021-2026\n"
            "BADAN PENANGGULANGAN BENCANA DAERAH\nKABUPATEN SLEMAN",
            ("renstra", None, 2021, "34.04", "Badan Penanggulangan Bencana Daerah"),
            id="renstra",
        ),
        pytest.param(
            "#RANCANGAN AKHIR\nRENCANA KERJA PEMERINTAH DAERAH\n(RKPD)\nKABUPATEN KEBUMEN\nTAHUN 2025",
            ("rkpd", "rancangan", 2025, "33.05", None),
            id="rkpd-rancangan",
        ),
        pytest.param(
            "PERJANJIAN KINERJA TAHUN 2024\nDINAS SOSIAL\nKABUPATEN LEBONG",
            ("perjanjian_kinerja", None, 2024, "17.07", "Dinas Sosial"),
            id="perjanjian-kinerja",
        ),
        pytest.param(
            "DOKUMEN PELAKSANAAN PERGESERAN ANGGARAN\nSATUAN KERJA PERANGKAT DAERAH\nPemerintah Kota Bandung Tahun "
            "Anggaran 2023\nOrganisasi : 5.03.5.04.0.00.01.0000 Badan Kepegawaian dan Pengembangan SDM",
            ("dpa", "pergeseran", 2023, "32.73", "Badan Kepegawaian dan Pengembangan Sumber Daya Manusia"),
            id="dpa-pergeseran",
        ),
        pytest.param(
            "RENCANA KERJA DAN ANGGARAN\nSATUAN KERJA PERANGKAT DAERAH\nPEMERINTAH KABUPATEN BONE\n2019\n"
            "Organisasi : 2.10.01. - DINAS PERHUBUNGAN\nKegiatan : 2.10.2.10.01.006.012. - Penyusunan Renja SKPD",
            ("rka", None, 2019, "73.08", "Dinas Perhubungan"),
            id="rka-of-the-activity-renja",
        ),
        pytest.param(
            "LAMPIRAN I PERATURAN DAERAH KABUPATEN BIMA\nNOMOR 5 TAHUN 2022\nTENTANG ANGGARAN PENDAPATAN DAN BELANJA "
            "DAERAH TAHUN ANGGARAN 2023\nRINGKASAN APBD",
            ("apbd", None, 2023, "52.06", None),
            id="apbd",
        ),
        pytest.param(
            "LAPORAN REALISASI ANGGARAN\nPEMERINTAH KOTA METRO\n"
            "UNTUK TAHUN YANG BERAKHIR SAMPAI DENGAN 31 DESEMBER 2018",
            ("lra", None, 2018, "18.72", None),
            id="lra",
        ),
        pytest.param(
            "NERACA\nPEMERINTAH KOTA METRO\nPER 31 DESEMBER 2011 DAN 2010",
            ("neraca", None, 2011, "18.72", None),
            id="neraca",
        ),
        pytest.param(
            "#KECAMATAN BATURAJA DALAM ANGKA\n2022\nBPS KABUPATEN OGAN KOMERING ULU",
            ("statistik", None, 2022, "16.01", None),
            id="statistik",
        ),
        pytest.param(
            "STANDAR OPERASIONAL PROSEDUR\nPENERIMAAN TAMU\nDINAS SOSIAL KOTA BATU",
            ("other", None, None, "35.79", "Dinas Sosial"),
            id="sop",
        ),
    ],
)
def test_cover(text: str, expected: tuple[str, str | None, int | None, str, str | None]) -> None:
    facts = _cover(text)
    assert (facts.doc_type, facts.edition, facts.fiscal_year, facts.region_code, facts.agency) == expected


def test_many_agencies_are_the_whole_government() -> None:
    head = "PEMERINTAH PROVINSI RIAU\nLAPORAN REALISASI ANGGARAN\ns.d 31 Desember 2019"
    lines = [Line(p, t, 9.0) for p in (1, 2) for t in head.splitlines()]
    lines += [Line(1, "Unit Organisasi : 4 . 05 . 01 Badan Kepegawaian Daerah", 7.0)]
    lines += [Line(2, "Unit Organisasi : 1 . 05 . 03 Badan Penanggulangan Bencana Daerah", 7.0)]
    facts = describe(lines, [], {}, "x.pdf")
    assert (facts.doc_type, facts.fiscal_year, facts.region, facts.agency) == ("lra", 2019, "Provinsi Riau", None)


def test_the_file_name_and_captions_help_where_the_cover_is_silent() -> None:
    captions = ["Tabel T-C.29 Evaluasi Hasil Pelaksanaan Renja"]
    assert describe([], captions, {}, "scan.pdf").doc_type == "renja"
    named = describe([], [], {}, "lakip-2021-kabupaten-lebong.pdf")
    assert (named.doc_type, named.fiscal_year, named.region_code) == ("lkjip", 2021, "17.07")


def test_a_list_of_the_whole_country_is_of_no_region() -> None:
    lines = [
        Line(1, "Rincian Kode Per Kabupaten/Kota Per Provinsi Seluruh Indonesia", 9.0),
        Line(1, "Provinsi Riau", 9.0),
    ]
    assert describe(lines, [], {}, "x.pdf").region is None


def test_who_reviews_a_report_does_not_make_it() -> None:
    lines = [Line(1, "PEMERINTAH PROVINSI RIAU", 9.0), Line(1, "INSPEKTORAT", 9.0)]
    assert describe(lines, [], {}, "x.pdf").agency is not None
    lines.append(Line(1, "PERNYATAAN TELAH DIREVIU", 12.0))
    assert describe(lines, [], {}, "x.pdf").agency is None


def test_nothing_is_guessed() -> None:
    facts = describe([Line(1, "Notulen rapat", 12.0)], [], {"CreationDate": "D:20230101"}, "document1.pdf")
    assert (facts.doc_type, facts.edition, facts.fiscal_year) == ("other", None, None)
    assert (facts.region_code, facts.agency, facts.issued_on) == (None, None, None)


@pytest.mark.parametrize(
    ("texts", "year", "date"),
    [
        pytest.param(["Manna, 24 Juli 2023"], 2024, "2023-07-24", id="place"),
        pytest.param(["Kuala Tungkal, September 2023"], 2024, "2023-09", id="month-only"),
        pytest.param(["Bengkulu, 29-01-2025"], 2024, "2025-01-29", id="numbers"),
        pytest.param(["Metro, 1 Mei 2023", "pada tanggal 2 Agustus 2023"], 2024, "2023-08-02", id="enacted-first"),
        pytest.param(["Tanggal : 3 November2009"], 2008, "2009-11-03", id="no-blank"),
        pytest.param(["Undang-Undang Nomor 23, 2 Oktober 2014"], 2024, None, id="law"),
        pytest.param(["sampai dengan 31 Desember 2023"], 2023, None, id="period"),
        pytest.param(["Metro, 31 Februari 2023"], 2023, None, id="no-such-day"),
        pytest.param(["SINGKAWANG, 2018"], 2019, None, id="year-only"),
    ],
)
def test_date_of_issue(texts: list[str], year: int, date: str | None) -> None:
    found = issued_on(texts, year)
    assert (found[0] if found else None) == date


def _lines_of(path: Path) -> list[Line]:
    with pdfplumber.open(path) as pdf:
        return [
            Line(page.page_number, line["text"], float(line["chars"][0]["size"]))
            for page in pdf.pages[:3]
            for line in page.extract_text_lines(return_chars=True)
        ]


def _expected() -> list[dict[str, str]]:
    with open(EXPECTED, encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


@pytest.mark.parametrize("row", _expected(), ids=lambda row: row["document"])
def test_the_samples_without_their_names(row: dict[str, str]) -> None:
    facts = describe(_lines_of(ROOT / "data" / "raw" / row["document"]), [], {}, "document1.pdf")
    assert (facts.doc_type, str(facts.fiscal_year), facts.region_code, facts.region, facts.agency, facts.issued_on) == (
        row["doc_type"],
        row["fiscal_year"],
        row["region_code"],
        row["region"],
        row["agency"],
        row["issued_on"],
    )
