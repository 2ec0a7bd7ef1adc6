"""Faults found with reports typed from the forms of applications and regulations: months, agencies, headings."""

from __future__ import annotations

from decimal import Decimal

import pytest

from extractors.tables import PageInfo, Reading
from normalizers.column_meaning import Setting, column_kind, period_of, read_path
from pipeline.meaning import mean
from tests.grids import table
from tests.test_table_facts import facts


@pytest.mark.parametrize(
    ("said", "period"),
    [
        pytest.param("agt", "b08", id="agt"),
        pytest.param("nop", "b11", id="nop"),
        pytest.param("peb.", "b02", id="peb"),
        pytest.param("bulan : nopember 2024", "b11", id="colon"),
        pytest.param("keadaan s/d bulan pebruari", "sd_b02", id="so-far"),
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
    ],
)
def test_kinds_of_headings(heading: str, kind: str) -> None:
    assert column_kind([heading]) == kind


@pytest.mark.parametrize(
    ("path", "role"),
    [
        pytest.param(("Anggaran", "Penyerapan (Rp)"), "realisasi", id="spent"),
        pytest.param(("Rencana Penyerapan (Rp)",), "target", id="planned"),
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
