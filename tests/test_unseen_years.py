"""Faults found with reports typed from the forms of applications and regulations: months, agencies, headings."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

import pytest

from extractors.tables import PageInfo, Reading
from normalizers.column_meaning import column_kind, read_path
from normalizers.documents import describe
from normalizers.header_times import period_of
from normalizers.numbers import INDONESIAN, infer_style, parse_cell
from normalizers.row_words import word_of
from normalizers.setting import Setting
from pipeline.meaning import mean
from pipeline.opening import open_table
from tests.grids import table
from tests.test_open_forms import lines, read, rows_of
from tests.test_table_facts import facts
from tests.tiny_pdf import text


@dataclass
class Line:
    text: str
    page: int = 1
    size: float = 11.0


@pytest.mark.parametrize(
    ("said", "period"),
    [
        pytest.param("agt", "b08", id="agt"),
        pytest.param("nop", "b11", id="nop"),
        pytest.param("peb.", "b02", id="peb"),
        pytest.param("bulan : nopember 2024", "b11", id="colon"),
        pytest.param("keadaan s/d bulan pebruari", "sd_b02", id="so-far"),
        pytest.param("realisasi s/d 31 agt. 2024", "sd_b08", id="short-so-far"),
        pytest.param("keuangan per des", "b12", id="short"),
        pytest.param("per jan - mar", None, id="several"),
        pytest.param("per desa", None, id="village"),
        pytest.param("bulan madu", None, id="no-month"),
    ],
)
def test_months_in_other_spellings(said: str, period: str | None) -> None:
    assert period_of(said) == period


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        pytest.param("no kecamatan desa", "name", id="two-run-together"),
        pytest.param("no rekening", "code", id="code"),
        pytest.param("no urut", "number", id="number"),
        pytest.param("ref", "text", id="reference"),
        pytest.param("kodefikasi masalah", "text", id="code-of-a-problem"),
        pytest.param("kodefikasi program/kegiatan", "code", id="code-of-a-program"),
        pytest.param("kodefikasi", "code", id="code-of-the-row"),
    ],
)
def test_kinds_of_headings(heading: str, kind: str) -> None:
    assert column_kind([heading]) == kind


@pytest.mark.parametrize(
    ("path", "role"),
    [
        pytest.param(("Anggaran", "Penyerapan (Rp)"), "realisasi", id="spent"),
        pytest.param(("Rencana Penyerapan (Rp)",), "target", id="planned"),
        pytest.param(("Target Triwulan I", "Penyerapan (Rp)"), "target", id="planned-for-a-quarter"),
        pytest.param(("Triwulan I", "Rencana", "Penyerapan Dana (Rp)"), "target", id="planned-in-a-group"),
        pytest.param(("Realisasi Tahun 2024 terhadap Target Akhir Renstra",), "tingkat", id="rate"),
        pytest.param(("Peningkatan Capaian dari Tahun Lalu",), "selisih", id="change"),
        pytest.param(("Pagu Dana Desa (Rp)",), "anggaran", id="village-funds"),
    ],
)
def test_roles_of_headings(path: tuple[str, ...], role: str) -> None:
    assert read_path(path, Setting()).role == role


def test_running_numbers_that_no_rule_parts_from_names() -> None:
    rows = [["No Jenis Belanja", "Anggaran", "Realisasi"], ["1 Belanja Pegawai", "5.000.000", "4.000.000"]]
    rows += [["2 Belanja Modal", "7.000.000", "6.000.000"], ["JUMLAH", "12.000.000", "10.000.000"]]
    found = facts(rows, "Realisasi Anggaran Tahun 2024", "lkjip")
    assert [f.name_raw for f in found if f.role == "realisasi"] == ["1 Belanja Pegawai", "2 Belanja Modal", "JUMLAH"]
    assert not [f for f in found if f.value in (1, 2)]


def test_an_activity_among_accounts_of_a_report() -> None:
    rows = [["Kode", "Uraian", "Anggaran", "Realisasi"]]
    rows += [["4.02.01", "PROGRAM PENUNJANG URUSAN PEMERINTAHAN DAERAH", "9.000.000", "8.000.000"]]
    rows += [["4.02.01.2.02", "Administrasi Keuangan Perangkat Daerah", "9.000.000", "8.000.000"]]
    found = facts(rows, "Laporan Realisasi Anggaran Tahun 2024", "lra")
    assert {(f.code, f.level) for f in found if f.row_no == 1} == {("4.02.01.2.02", "kegiatan")}


def test_agencies_below_the_urusan_that_they_serve() -> None:
    rows = [["Kode", "Urusan Pemerintahan Daerah", "Operasi", "Modal"]]
    rows += [["1", "URUSAN PEMERINTAHAN WAJIB YANG BERKAITAN DENGAN PELAYANAN DASAR", "9.000.000", "5.000.000"]]
    rows += [["1.01", "URUSAN PEMERINTAHAN BIDANG PENDIDIKAN", "4.000.000", "3.000.000"]]
    rows += [["1.01.0.00.0.00.01.0000", "Dinas Pendidikan", "4.000.000", "3.000.000"]]
    rows += [["1.02", "URUSAN PEMERINTAHAN BIDANG KESEHATAN", "5.000.000", "2.000.000"]]
    rows += [["1.02.0.00.0.00.01.0000", "Dinas Kesehatan", "5.000.000", "2.000.000"]]
    found = facts(rows, "Ringkasan APBD Tahun Anggaran 2024 menurut Urusan dan Organisasi", "apbd")
    assert {f.status for f in found} <= {"verified", "unverified"}
    assert {f.code for f in found if f.row_no == 3} == {"1.02"}


def test_a_lone_target_of_money() -> None:
    rows = [["Uraian", "Target", "Realisasi s/d Bulan Lalu", "Realisasi Bulan Ini", "Realisasi s/d Bulan Ini", "%"]]
    rows += [["Pajak Hotel", "10.000.000", "4.000.000", "1.000.000", "5.000.000", "50,00"]]
    rows += [["Pajak Restoran", "20.000.000", "6.000.000", "2.000.000", "8.000.000", "40,00"]]
    found = facts(rows, "Laporan Realisasi Pendapatan Bulan September Tahun Anggaran 2024", "other")
    first = {(f.role, f.quantity, f.period): f.value for f in found if f.row_no == 0}
    assert first["target", "anggaran", "tahun"] == Decimal(10_000_000)
    assert first["realisasi", "anggaran", "sd_b08"] == Decimal(4_000_000)
    assert first["tingkat_realisasi", "anggaran", "sd_b09"] == 50


def test_the_volume_of_a_proposal() -> None:
    rows = [
        ["No", "Usulan Kegiatan", "Volume", "Satuan", "Pagu (Rp)"],
        ["1", "Drainase Dusun II", "350", "M", "75.000.000"],
    ]
    rows += [["2", "Rabat beton", "1.250,5", "M2", "45.000.000"]]
    found = facts(rows, "Usulan Musrenbang Tahun 2026", "rkpd")
    assert [(f.role, f.value) for f in found if f.column_label == "Volume"] == [
        ("volume", Decimal(350)),
        ("volume", Decimal("1250.5")),
    ]


def test_two_headings_run_into_one_prove_nothing() -> None:
    rows = [
        ["Uraian", "Pagu", "Realisasi Bulan Ini Realisasi S/d Bulan Ini", "<", "<", "<"],
        ["^", "^", "Rp", "%", "Rp", "%"],
    ]
    rows += [["Belanja Pegawai", "10.000.000", "1.000.000", "10,00", "4.000.000", "40,00"]]
    rows += [["Belanja Modal", "20.000.000", "2.000.000", "10,00", "5.000.000", "25,00"]]
    rows += [["Jumlah", "30.000.000", "3.000.000", "10,00", "9.000.000", "30,00"]]
    reading = Reading(pages=[PageInfo(1, "ruled", 595, 842)], tables=[table(rows, ["Tabel 2 Realisasi 2024"])])
    harvest = mean(reading, "0" * 64, "lra-2024.pdf")
    assert {f.status for f in harvest.tables[0].facts if f.column_no in (2, 4)} == {"unverified"}
    assert {f.status for f in harvest.tables[0].facts if f.column_no == 1} == {"verified"}
    assert "garbled_heading" in {problem.kind for problem in harvest.problems}


def test_a_total_of_the_kabupaten() -> None:
    rows = [
        ["Desa", "Pagu Dana Desa (Rp)"],
        ["Bajang", "5.000.000"],
        ["Gandu", "7.000.000"],
        ["TOTAL KABUPATEN", "12.000.000"],
    ]
    assert [f.level for f in facts(rows, "Dana Desa Tahun 2024", "other")][-1] == "total"


@pytest.mark.parametrize(
    ("printed", "value"),
    [
        pytest.param("72,61*)", "72.61", id="star"),
        pytest.param("1.234.567**", "1234567", id="stars"),
        pytest.param("85 %¹", "85", id="raised"),
    ],
)
def test_marks_of_footnotes(printed: str, value: str) -> None:
    (part,) = parse_cell(printed, infer_style([]), "kinerja")
    assert (part.value, part.problem) == (Decimal(value), None)


def test_the_year_of_a_title_before_that_of_a_caption() -> None:
    titles = [
        "RKPD KABUPATEN BIMA TAHUN 2025",
        "Tabel 2.7",
        "Perkembangan Indikator Makro Kabupaten Bima Tahun 2019-2023",
    ]
    assert describe([Line(text) for text in titles], [], {}, "x.pdf").fiscal_year == 2025


def test_years_on_the_line_below_the_title() -> None:
    titles = [
        "RENCANA STRATEGIS KECAMATAN TANJUNG PALAS KABUPATEN BULUNGAN TAHUN",
        "2025-2029",
        "Tabel 2.1 Pegawai Tahun 2023",
    ]
    assert describe([Line(text) for text in titles], [], {}, "x.pdf").fiscal_year == 2025


def test_months_behind_their_numbers() -> None:
    months = ["Oktober", "Nopember", "Desember"]
    rows = [["No Bulan", "Realisasi (Rp)"], *([f"{n} {m}", f"{n}.500.000"] for n, m in enumerate(months, 1))]
    rows += [["Jumlah", "7.500.000"]]
    found = facts(rows, "Penerimaan Pajak Tahun 2023", "other")
    assert [f.period for f in found] == ["b10", "b11", "b12", "tahun"]


def test_agencies_behind_their_numbers() -> None:
    rows = [["No Perangkat Daerah", "Anggaran (Rp)", "Realisasi (Rp)"], ["1 Inspektorat", "5.000.000", "4.000.000"]]
    rows += [["2 Sekretariat Daerah", "7.000.000", "6.000.000"]]
    found = facts(rows, "Realisasi Anggaran Tahun 2024", "lkjip")
    assert {(f.code, f.level) for f in found} == {(None, "perangkat_daerah")}


def test_names_in_the_cells_of_their_numbers() -> None:
    rows = [["No", "Komponen", "Bobot", "Nilai"], ["1 Perencanaan Kinerja", "", "30,00", "21,15"]]
    rows += [["2 Pengukuran Kinerja", "", "30,00", "18,90"]]
    assert {f.name_raw for f in facts(rows, "Hasil Evaluasi Tahun 2023")} == {
        "1 Perencanaan Kinerja",
        "2 Pengukuran Kinerja",
    }


def test_a_table_goes_on_below_the_rest_of_a_row() -> None:
    head = [
        ["Kode", "Kegiatan", "Target 2025", "Pagu 2025 (Rp)"],
        ["1.06.04.2.01", "Rehabilitasi", "100 %", "5.000.000"],
    ]
    rest = [["1.06.04.2.02", "Pemberdayaan", "90 %", "6.000.000"]]
    one, other = table(head, ["Tabel 4.1 Rencana"]), replace(table(rest, ["Anak Terlantar di Luar Panti"]), pages=(2,))
    caption = replace(other, above=("Tabel 4.2 Pendanaan",))
    first = open_table(one, "a", Setting(2025))
    assert open_table(other, "b", Setting(2025), first).meaning.columns[3].role == first.meaning.columns[3].role
    assert open_table(caption, "b", Setting(2025), first).meaning.columns[3].label == ""
    for told in ("Pagu tahun 2026 yang direncanakan", "Rinciannya sebagai berikut:"):
        announced = replace(other, above=(told,))
        assert open_table(announced, "b", Setting(2025), first).meaning.columns[3].label == ""


def test_the_rate_of_what_is_left_is_not_of_what_was_spent() -> None:
    rows = [["Uraian", "Anggaran", "Realisasi", "%", "Sisa", "%"]]
    rows += [["Belanja Operasi", "100.000.000", "40.000.000", "40,00", "60.000.000", "60,00"]]
    rows += [["Belanja Modal", "200.000.000", "50.000.000", "25,00", "150.000.000", "75,00"]]
    rates = [f for f in facts(rows, "Realisasi Anggaran Tahun 2024", "lkjip") if f.unit == "Persen" and f.row_no == 0]
    assert [(f.role, f.value) for f in rates] == [("tingkat_realisasi", Decimal(40)), ("selisih", Decimal(60))]


def test_sums_left_below_a_heading() -> None:
    assert read_path(("Sisa", "Jumlah (Rp)"), Setting()).role == "selisih"


def test_a_text_too_high_for_its_row(tmp_path: Path) -> None:
    sides, tops = [50, 100, 250, 350], [700, 688, 676, 664, 652]
    grid = "".join(f"{sides[0]} {y} m {sides[-1]} {y} l S " for y in tops)
    grid += "".join(f"{x} {tops[0]} m {x} {tops[-1]} l S " for x in sides)
    plain = [["Kode", "Uraian", "Realisasi"], ["4.1.01", "", "6.936.000"], ["4.1.02", "BPHTB", "4.077.000"]]
    page = grid + lines([55, 105, 260], 691, 12, [*plain, ["4.1.03", "Retribusi", "5.249.000"]], 8)
    page += text(105, 679, "Pajak Bumi dan Bangunan", 8) + text(105, 670.5, "Perdesaan", 8)
    (found,) = read(tmp_path, page)
    assert [row[1] for row in rows_of(found)] == ["Uraian", "Pajak Bumi dan Bangunan\nPerdesaan", "BPHTB", "Retribusi"]


def test_texts_that_fill_their_rows(tmp_path: Path) -> None:
    sides, tops = [50, 100, 250, 350], [700, 680, 660, 640]
    grid = "".join(f"{sides[0]} {y} m {sides[-1]} {y} l S " for y in tops)
    grid += "".join(f"{x} {tops[0]} m {x} {tops[-1]} l S " for x in sides)
    page = grid + lines(
        [55, 260], 691, 20, [["Kode", "Realisasi"], ["4.1.01", "6.936.000"], ["4.1.02", "4.077.000"]], 8
    )
    page += text(105, 691, "Uraian", 8)
    for number, name in enumerate(["Pajak Bumi", "Pajak Hotel"], 1):
        page += text(105, 691 - 20 * number, name, 8) + text(105, 682 - 20 * number, "dan Bangunan", 8)
    (found,) = read(tmp_path, page)
    assert [row[1] for row in rows_of(found)] == ["Uraian", "Pajak Bumi\ndan Bangunan", "Pajak Hotel\ndan Bangunan"]


@pytest.mark.parametrize("leading", [8.2, 9.2, 10.5])
def test_lines_of_a_text_below_a_title_without_numbers(tmp_path: Path, leading: float) -> None:
    sides, tops = [50, 100, 250, 350], [700, 688, 676, 652, 640]
    grid = "".join(f"{sides[0]} {y} m {sides[-1]} {y} l S " for y in tops)
    grid += "".join(f"{x} {tops[0]} m {x} {tops[-1]} l S " for x in sides)
    page = grid + lines([55, 105, 260], 691, 12, [["No", "Indikator", "Realisasi"], ["1", "Layanan yang baik", ""]], 8)
    page += text(105, 667, "Indeks kepuasan atas", 8) + text(105, 667 - leading, "pelayanan kepegawaian", 8)
    page += text(260, 667, "82,5", 8) + lines([55, 105, 260], 643, 12, [["2", "Nilai akuntabilitas", "76,0"]], 8)
    (found,) = read(tmp_path, page)
    told = ["Indikator", "Layanan yang baik", "Indeks kepuasan atas\npelayanan kepegawaian", "Nilai akuntabilitas"]
    assert [row[1] for row in rows_of(found)] == told


@pytest.mark.parametrize(
    ("printed", "value", "unit"),
    [
        pytest.param("1.250 m²", 1250, "m²", id="area"),
        pytest.param("12 m ³", 12, "m ³", id="volume"),
        pytest.param("5 Km²*)", 5, "Km²", id="area-with-a-footnote"),
        pytest.param("1.250 Dokumen¹)", 1250, "Dokumen", id="footnote"),
        pytest.param("72²)", 72, None, id="second-footnote"),
    ],
)
def test_squares_are_no_footnotes(printed: str, value: int, unit: str | None) -> None:
    assert [(part.value, part.unit) for part in parse_cell(printed, INDONESIAN)] == [(Decimal(value), unit)]


@pytest.mark.parametrize("rupiah", ["", " (Rp)"])
def test_amounts_beside_the_target_of_a_plan_are_no_rates(rupiah: str) -> None:
    rows = [["Program", f"Realisasi s/d Tahun 2024 terhadap Target Akhir Renstra{rupiah}", "Target Renstra 2026 (Rp)"]]
    rows += [["Program A", "1.250.000.000", "5.000.000.000"], ["Program B", "2.250.000.000", "7.000.000.000"]]
    spent = [f for f in facts(rows, "Tabel 2.1 Realisasi terhadap Renstra", "renja") if f.year == 2024]
    assert {(f.role, f.quantity, f.unit) for f in spent} == {("realisasi_kumulatif", "anggaran", "Rupiah")}


def test_counted_targets_in_the_first_column_are_no_names() -> None:
    rows = [["Target", "Realisasi", "Keterangan"], ["1 Dokumen", "1 Dokumen", "selesai"]]
    found = facts([*rows, ["2 Laporan", "1 Laporan", "tertunda"]], "Capaian Tahun 2024", "lkjip")
    assert [f.value for f in found if f.role == "target"] == [1, 2]


@pytest.mark.parametrize("name", ["Total kabupaten/kota layak anak", "Total kabupaten yang melapor"])
def test_counts_of_regions_are_no_totals(name: str) -> None:
    assert word_of("levels", name) != "total"


@pytest.mark.parametrize(
    ("parts", "period"),
    [
        pytest.param(["Realisasi TW III", "Realisasi TW IV"], "tahun", id="quarters"),
        pytest.param(["Realisasi Semester I", "Realisasi Semester II"], "tahun", id="halves"),
        pytest.param(["Realisasi TW III", "Realisasi s/d TW III"], "sd_tw3", id="so-far"),
        pytest.param(["Realisasi TW III", "Sisa"], "tw3", id="one"),
    ],
)
def test_the_rate_behind_parts_of_the_year(parts: list[str], period: str) -> None:
    rows = [["Uraian", "Anggaran", *parts, "%"], ["Belanja Pegawai", "20.000.000", "1.000.000", "2.000.000", "15,00"]]
    rows += [["Belanja Modal", "30.000.000", "3.000.000", "6.000.000", "30,00"]]
    found = facts(rows, "Realisasi Anggaran Tahun 2024")
    assert {f.period for f in found if f.column_label == "%"} == {period}


def test_counts_below_a_heading_of_rates() -> None:
    heading = "Realisasi s/d Tahun 2024 terhadap Target Akhir Renstra"
    rows = [["Program", heading], ["Program A", "12 Dokumen"], ["Program B", "5 Laporan"]]
    assert [(f.role, f.unit) for f in facts(rows)] == [
        ("realisasi_kumulatif", "Dokumen"),
        ("realisasi_kumulatif", "Laporan"),
    ]


def test_large_counts_below_a_heading_of_rates() -> None:
    rows = [["Uraian", "Satuan", "Realisasi 2024 terhadap Target"], ["Peserta baru", "Orang", "253.045"]]
    found = facts([*rows, ["Peserta aktif", "Orang", "506.383"]])
    assert {(f.role, f.unit) for f in found} == {("realisasi", "Orang")}


@pytest.mark.parametrize(
    ("heading", "years"),
    [
        pytest.param("Peningkatan Pagu dari Tahun 2023", [], id="since"),
        pytest.param("Kenaikan Realisasi Tahun 2024 dibanding Tahun 2023", [2024], id="own"),
        pytest.param("Penurunan dari Tahun 2023 ke Tahun 2024", [2024], id="until"),
    ],
)
def test_the_year_that_a_change_is_compared_with(heading: str, years: list[int]) -> None:
    assert read_path((heading,), Setting(2024)).years == years


def test_the_end_of_the_year_is_no_month() -> None:
    assert (period_of("realisasi per 31 des 2024"), period_of("realisasi per 31 desember 2024")) == (None, None)


def test_numbers_run_into_a_target_are_none() -> None:
    assert column_kind(["no target"]) is None


def test_counted_regions() -> None:
    rows = [["Uraian", "Satuan", "2023", "2024"], ["Jumlah Kabupaten", "Kab", "29", "29"]]
    rows += [["Jumlah Kota", "Kota", "9", "9"]]
    assert {f.level for f in facts(rows, "Data 2024", "rkpd")} == {"indikator"}


def test_names_of_what_is_counted_in_the_first_column() -> None:
    rows = [["Target Kinerja", "Realisasi"], ["1 Dokumen Renja", "1"], ["2 Dokumen RKA", "2"]]
    assert [f.value for f in facts(rows, "Capaian Tahun 2024", "lkjip") if f.role == "target"] == [1, 2]
