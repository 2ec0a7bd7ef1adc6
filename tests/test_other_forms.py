"""Forms of other laws and agencies, as whole tables: kind, and role, quantity and year of their columns."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pytest

from normalizers.headers import find_header
from normalizers.setting import Setting
from normalizers.table_meaning import TableMeaning, settle
from tests.grids import grid


def meant(rows: Sequence[Sequence[str]], caption: str, doc_type: str, year: int = 2023) -> TableMeaning:
    shown = grid(rows)
    header = find_header(shown)
    body = tuple(i for i in range(len(rows)) if i not in header.rows)
    plan = (2021, 2026) if doc_type in ("renstra", "rpjmd") else None
    return settle(shown, header, body, Setting(year, plan, doc_type, caption))


def columns(meaning: TableMeaning) -> list[tuple[str | None, str | None, int | None]]:
    return [(c.role, c.quantity, c.year) for c in meaning.columns if c.kind == "quantity"]


M = "anggaran"  # money

CHANGED_DPA = [
    ["Kode Rekening", "Uraian", "Sebelum Perubahan", "<", "<", "Setelah Perubahan", "<", "<", "Bertambah/ (Berkurang)"],
    ["^", "^", "Volume", "Harga Satuan", "Jumlah (Rp)", "Volume", "Harga Satuan", "Jumlah (Rp)", "^"],
    ["5.2.2.01.01", "Belanja Alat Tulis", "10", "100.000", "1.000.000", "12", "100.000", "1.200.000", "200.000"],
    ["5.2.2.01.02", "Belanja Cetak", "5", "50.000", "250.000", "0", "0", "0", "(250.000)"],
]
THREE_YEARS = [
    ["Kode", "Uraian", "Jumlah", "<", "<", "<"],
    ["^", "^", "Tahun -1", "Tahun n", "<", "Tahun +1"],
    ["^", "^", "^", "Belanja Operasi", "Belanja Modal", "^"],
    ["1.01", "BIDANG URUSAN PENDIDIKAN", "400.000.000", "500.000.000", "100.000.000", "700.000.000"],
    ["1.01.02", "PROGRAM PENGELOLAAN PENDIDIKAN", "400.000.000", "500.000.000", "100.000.000", "700.000.000"],
]
FIVE_YEARS = [
    ["Kode", "Program Prioritas", "Indikator Kinerja Program", "Capaian Kinerja Program dan Kerangka Pendanaan", "<"],
    ["^", "^", "^", "2024", "<"],
    ["^", "^", "^", "Target", "Rp"],
    ["1.02.02", "Program Pemenuhan Upaya Kesehatan", "Cakupan pelayanan", "82", "1.000.000.000"],
    ["1.02.03", "Program Peningkatan Kapasitas", "Rasio tenaga", "12", "2.000.000.000"],
]
CHANGED_PLAN = [
    ["Kode", "Program/Kegiatan", "Indikator Kinerja", "Sebelum Perubahan", "<", "Setelah Perubahan", "<"],
    ["^", "^", "^", "Target", "Pagu Indikatif (Rp)", "Target", "Pagu Indikatif (Rp)"],
    ["2.15.02", "Program Penyelenggaraan LLAJ", "Rasio", "80", "400.000.000", "82", "450.000.000"],
]
GROWTH = [
    ["Uraian", "Anggaran pada Tahun", "<", "Realisasi Anggaran pada Tahun", "<", "Rata-rata Pertumbuhan", "<"],
    ["^", "2021", "2022", "2021", "2022", "Anggaran", "Realisasi"],
    ["Belanja Langsung", "400.000.000", "450.000.000", "390.000.000", "440.000.000", "12,50", "12,82"],
    ["Belanja Tidak Langsung", "200.000.000", "220.000.000", "190.000.000", "210.000.000", "10,00", "10,53"],
]
OPERATIONS = [
    ["No", "Uraian", "2022", "2021", "Kenaikan/ (Penurunan)"],
    ["1", "PENDAPATAN - LO", "500.000.000,00", "450.000.000,00", "50.000.000,00"],
    ["2", "BEBAN", "400.000.000,00", "300.000.000,00", "100.000.000,00"],
]
MONTHS = [
    ["Kode Rekening", "Uraian", "Anggaran Tahun Ini", "Triwulan I", "<"],
    ["^", "^", "^", "Januari", "Februari"],
    ["5.1.01", "Belanja Pegawai", "60.000.000", "10.000.000", "10.000.000"],
    ["5.1.02", "Belanja Barang dan Jasa", "6.000.000", "1.000.000", "1.000.000"],
]
PEOPLE = [
    ["Kecamatan", "Laki-laki", "Perempuan", "Jumlah"],
    ["Bandar", "36 100", "35 200", "71 300"],
    ["Batang", "54 620", "53 500", "108 120"],
]


@pytest.mark.parametrize(
    ("rows", "caption", "doc_type", "kind", "expected"),
    [
        pytest.param(
            CHANGED_DPA, "Dokumen Pelaksanaan Perubahan Anggaran DPPA-SKPD 2.2.1", "dpa", "dpa",
            [("volume", "jumlah", 2023), ("harga_satuan", M, 2023), ("anggaran", M, 2023), ("volume", "jumlah", 2023),
             ("harga_satuan", M, 2023), ("anggaran_perubahan", M, 2023), ("selisih", M, 2023)],
            id="budget lines before and after a change",
        ),
        pytest.param(
            THREE_YEARS, "DPA-Belanja SKPD Rekapitulasi Dokumen Pelaksanaan Anggaran Belanja", "dpa", "dpa",
            [("anggaran", M, 2022), ("anggaran", M, 2023), ("anggaran", M, 2023), ("prakiraan_maju", M, 2024)],
            id="the year before and after",
        ),
        pytest.param(
            FIVE_YEARS, "Program Pembangunan Daerah yang Disertai Pagu Indikatif", "rpjmd", "other",
            [("target_renstra", "kinerja", 2024), ("target_renstra", M, 2024)], id="plan of five years",
        ),
        pytest.param(
            CHANGED_PLAN, "Tabel 4.1 Rumusan Perubahan Rencana Program dan Kegiatan Tahun 2023", "renja", "tc33",
            [("target", "kinerja", 2023), ("target", M, 2023), ("anggaran_perubahan", "kinerja", 2023),
             ("anggaran_perubahan", M, 2023)],
            id="plan before and after a change",
        ),
        pytest.param(
            GROWTH, "Tabel T-C.24 Anggaran dan Realisasi Pendanaan Pelayanan", "renstra", "anggaran_realisasi",
            [("anggaran", M, 2021), ("anggaran", M, 2022), ("realisasi", M, 2021), ("realisasi", M, 2022),
             ("nilai", M, None), ("nilai", M, None)],
            id="growth is no budget",
        ),
        pytest.param(
            OPERATIONS, "Laporan Operasional untuk tahun yang berakhir 31 Desember 2022 dan 2021", "other", "other",
            [("nilai", M, 2022), ("nilai", M, 2021), ("selisih", M, 2022)], id="statement of operations",
        ),
        pytest.param(
            MONTHS, "Anggaran Kas Tahun Anggaran 2023", "dpa", "dpa",
            [("anggaran", M, 2023)] * 3, id="cash budget",
        ),
        pytest.param(
            PEOPLE, "Jumlah Penduduk Menurut Kecamatan dan Jenis Kelamin, 2022", "statistik", "other",
            [("jumlah", "jumlah", 2022)] * 3, id="people are no staff",
        ),
    ],
)  # fmt: skip
def test_table(
    rows: list[list[str]], caption: str, doc_type: str, kind: str, expected: list[tuple[str, str, int]]
) -> None:
    year = 2022 if doc_type == "other" else 2023
    meaning = meant(rows, caption, doc_type, year)
    assert meaning.kind == kind
    assert columns(meaning) == expected


@pytest.mark.parametrize(
    ("caption", "multiplier"),
    [
        ("Laporan Realisasi Anggaran Tahun 2023 (dalam jutaan rupiah)", 1_000_000),
        ("Laporan Realisasi Anggaran Tahun 2023 (Rp. ribu)", 1000),
        ("Laporan Realisasi Anggaran Tahun 2023 (dalam rupiah)", 1),
        ("Bantuan untuk satu juta rumah", 1),
    ],
)
def test_the_unit_above_a_table_counts_for_its_money(caption: str, multiplier: int) -> None:
    rows = [
        ["Uraian", "Anggaran", "Realisasi", "%"],
        ["Pajak", "300.000", "320.000", "106,67"],
        ["Lain", "7", "6", "9"],
    ]
    meaning = meant(rows, caption, "lra")
    assert [c.multiplier for c in meaning.columns] == [1, Decimal(multiplier), Decimal(multiplier), 1]
