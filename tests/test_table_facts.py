"""One table of text -> its facts."""

from __future__ import annotations

from decimal import Decimal

import pytest

from normalizers.codes import CodeResolver
from normalizers.numbers import infer_style
from normalizers.setting import Setting
from normalizers.textjoin import Lexicon
from pipeline.facts import Fact
from pipeline.opening import open_table
from pipeline.table_facts import mean_table
from tests.grids import table


def facts(
    rows: list[list[str]], caption: str = "", doc_type: str = "lkjip", page_starts: tuple[int, ...] = (0,)
) -> list[Fact]:
    setting = Setting(2024, (2021, 2026), doc_type)
    opened = open_table(table(rows, [caption], page_starts), "t1", setting)
    coder = CodeResolver("kepmendagri-900.1.15.5-1317-2023", ["5.03"])
    return mean_table(opened, "0" * 64, coder, infer_style([]), Lexicon()).facts


def test_money_in_millions() -> None:
    rows = [
        ["No", "Program", "Anggaran 2024 (Rp. Juta)", "Realisasi 2024 (Rp. Juta)"],
        ["1", "Program Kepegawaian Daerah", "422,74", "399,10"],
    ]
    found = facts(rows, "Tabel 3.5 Anggaran dan Realisasi Tahun 2024")
    assert [(f.value, f.unit) for f in found] == [(Decimal("422740000"), "Rupiah"), (Decimal("399100000"), "Rupiah")]


@pytest.mark.parametrize("text", ["Rp -\n66.067.169.228", "-\n66.067.169.228", "-66.067.169.\n228", "(66.067.169.228)"])
def test_a_minus_sign_on_its_line(text: str) -> None:
    rows = [
        ["Uraian", "Anggaran", "Realisasi", "Lebih/(Kurang)"],
        ["Pendapatan", "613.535.453.071", "547.468.283.843", text],
    ]
    found = facts(rows, "Laporan Realisasi Anggaran", "lra")
    assert [f.value for f in found if f.role == "selisih"] == [Decimal("-66067169228")]


def test_physical_progress_is_no_money() -> None:
    rows = [
        ["Kegiatan", "Anggaran (Rp)", "Realisasi Keuangan (Rp)", "Realisasi Keuangan (%)", "Realisasi Fisik (%)"],
        ["Administrasi Umum", "2.000.000", "1.000.000", "50,00", "60"],
    ]
    found = facts(rows, "Laporan Realisasi Fisik dan Keuangan sampai dengan Triwulan II")
    assert [(f.quantity, f.role) for f in found[2:]] == [
        ("anggaran", "tingkat_realisasi"),
        ("kinerja", "tingkat_realisasi"),
    ]
    assert {f.period for f in found[1:]} == {"sd_tw2"}


def test_progress_towards_the_plan_is_attainment() -> None:
    rows = [
        ["Indikator", "Target Akhir Renstra (2026)", "Realisasi 2024", "Tingkat Kemajuan"],
        ["Indeks Pelayanan", "90", "81", "90"],
    ]
    found = facts(rows, "Perbandingan Realisasi Kinerja dengan Target Jangka Menengah")
    assert [(f.role, f.year) for f in found] == [
        ("target_renstra", 2026),
        ("realisasi", 2024),
        ("tingkat_capaian", 2024),
    ]


def test_units_one_a_line() -> None:
    rows = [
        ["Program", "Indikator", "Satuan", "Target 2024"],
        ["Program Kepegawaian", "1. Cakupan\n2. Dokumen", "Persen\nDokumen", "80\n3"],
    ]
    found = facts(rows, "Perjanjian Kinerja")
    assert [(f.value, f.unit, f.indicator) for f in found] == [
        (Decimal(80), "Persen", "Cakupan"),
        (Decimal(3), "Dokumen", "Dokumen"),
    ]


def test_a_row_cut_by_a_page_end_is_one() -> None:
    rows = [
        ["No", "Program", "Anggaran", "Realisasi"],
        ["1", "Program Kepegawaian", "5.000.000", "4.000.000"],
        ["2", "Program Penunjang Urusan", "6.000.000", "5.000.000"],
        ["", "dan Pelayanan", "", ""],
        ["3", "Program Disiplin", "7.000.000", "6.000.000"],
    ]
    found = facts(rows, "Anggaran dan Realisasi Tahun 2024", page_starts=(0, 3))
    assert [f.row_no for f in found] == [0, 0, 1, 1, 2, 2]
    assert found[2].name_raw == "Program Penunjang Urusan dan Pelayanan"


def test_the_kind_of_the_document_names_tables_without_captions() -> None:
    rows = [
        ["No", "Sasaran Strategis", "Indikator Kinerja", "Target"],
        ["1", "Mutu sekolah", "Rata-rata lama sekolah", "11,3"],
    ]
    assert {f.table_kind for f in facts(rows, "", "perjanjian_kinerja")} == {"perjanjian_kinerja"}
    assert {f.table_kind for f in facts(rows, "", "lkjip")} == {"other"}


def test_money_measured_in_a_quarter_is_progress_of_the_budget() -> None:
    rows = [
        ["No", "Program / Kegiatan", "Anggaran Setelah Perubahan", "Realisasi s/d Triwulan III", "Sisa (Rp)"],
        ["1", "Program Kepegawaian Daerah", "2.000.000", "1.500.000", "500.000"],
    ]
    found = facts(rows, "Pengukuran Kinerja Triwulan III Tahun 2024")
    assert {f.table_kind for f in found} == {"realisasi_apbd"}
    assert [(f.role, f.period) for f in found] == [
        ("anggaran_perubahan", "tahun"),
        ("realisasi", "sd_tw3"),
        ("selisih", "tahun"),
    ]


def test_target_and_realisation_by_their_first_letters() -> None:
    rows = [
        ["Indikator Kinerja", "2023", "<", "<"],
        ["^", "T", "R", "%"],
        ["Rasio jalan mantap", "80", "79,5", "99,38"],
    ]
    found = facts(rows, "Perbandingan Realisasi Kinerja")
    assert [(f.role, f.year) for f in found] == [("target", 2023), ("realisasi", 2023), ("tingkat_realisasi", 2023)]


def test_names_of_no_list_take_the_level_of_their_fellows() -> None:
    rows = [
        ["No", "Program/Kegiatan", "Anggaran (Rp)", "Realisasi (Rp)", "%"],
        ["A", "Program Penunjang Urusan Pemerintahan Daerah", "2.000.000", "1.500.000", "75"],
        ["1", "Administrasi Umum Perangkat Daerah", "2.000.000", "1.500.000", "75"],
        ["B", "Program Pelatihan Petani Muda", "4.000.000", "3.000.000", "75"],
        ["1", "Pelatihan Petani Muda", "4.000.000", "3.000.000", "75"],
    ]
    found = facts(rows, "Realisasi Anggaran Tahun 2024")
    assert [f.level for f in found if f.role == "anggaran"] == ["program", "kegiatan"] * 2


def test_amounts_that_nothing_parts_are_told() -> None:
    rows = [["Uraian", "Operasi Modal", "Jumlah"], *[["Dinas Sosial", "4.000.000,00 1.000.000,00", "5.000.000,00"]] * 3]
    opened = open_table(table(rows, ["Realisasi Belanja"]), "t1", Setting(2024, None, "lra"))
    assert [(p.kind, p.text) for p in opened.problems] == [("numbers_side_by_side", "4.000.000,00 1.000.000,00")]
