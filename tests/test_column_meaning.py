# ruff: noqa: E501 (headers stand as agencies print them)
"""Header paths as agencies print them -> role, quantity, year, period. The plan or report year is 2024."""

import pytest

from normalizers.column_meaning import column_kind, read_columns
from normalizers.headers import Header
from normalizers.setting import Setting

SETTING = Setting(fiscal_year=2024, plan_years=(2021, 2026))


def column(path: str, kind: str = "other"):
    """The column of one header path (`a > b`), from its words alone."""
    header = Header(frozenset(), None, [tuple(path.split(" > "))], [None], 1)
    return read_columns(header, Setting(SETTING.fiscal_year, SETTING.plan_years, kind=kind))[0]


T, TR, R, RK = "target", "target_renstra", "realisasi", "realisasi_kumulatif"

CASES = [
    # T-C.29 as Permendagri 86/2017 words it, with relative years
    ("Target Kinerja Capaian Program (Renstra Perangkat Daerah) Tahun 2026", TR, "kinerja", 2026, "tahun"),
    ("Target Renstra Perangkat Daerah pada Tahun 2026 > K", TR, "kinerja", 2026, "tahun"),
    ("Target Renstra Perangkat Daerah pada Tahun 2026 > Rp", TR, "anggaran", 2026, "tahun"),
    ("Realisasi Target Kinerja Hasil Program dan Keluaran Kegiatan s/d dengan tahun (n-3)", R, "kinerja", 2021, "sd_tahun"),
    ("Target dan Realisasi Kinerja Program dan Kegiatan Tahun Lalu (n-2) > Target Renja Perangkat Daerah tahun (n-2)", T, "kinerja", 2022, "tahun"),
    ("Target dan Realisasi Kinerja Program dan Kegiatan Tahun Lalu (n-2) > Realisasi Renja Perangkat Daerah tahun (n-2)", R, "kinerja", 2022, "tahun"),
    ("Target dan Realisasi Kinerja Program dan Kegiatan Tahun Lalu (n-2) > Tingkat Realisasi (%)", "tingkat", "kinerja", 2022, "tahun"),
    ("Target program dan kegiatan (Renja Perangkat Daerah tahun n-1)", T, "kinerja", 2023, "tahun"),
    (
        "Perkiraan Realisasi Capaian Target Renstra Perangkat Daerah s/d tahun berjalan > Realisasi Capaian Program dan Kegiatan s/d tahun berjalan (tahun n-1)",
        "perkiraan_realisasi", "kinerja", 2023, "sd_tahun",
    ),
    # evaluation of a Renja by quarter
    ("Target Kinerja dan Anggaran Renja Perangkat Daerah Tahun Berjalan (Tahun 2024) yang Dievaluasi > Rp", T, "anggaran", 2024, "tahun"),
    ("Realisasi Kinerja Pada Triwulan > I > K", R, "kinerja", None, "tw1"),
    ("Realisasi Kinerja Pada Triwulan > IV > Rp", R, "anggaran", None, "tw4"),
    ("Realisasi s.d. Triwulan II > Rp", R, "anggaran", None, "sd_tw2"),
    ("Realisasi Capaian Kinerja Renstra Perangkat Daerah s/d Renja Perangkat Daerah Tahun 2023 > K", R, "kinerja", 2023, "sd_tahun"),
    # T-C.30, T-C.31, T-C.33
    ("Target Renstra SKPD > Tahun 2023", TR, "kinerja", 2023, "tahun"),
    ("Realisasi Capaian > Tahun 2022", R, "kinerja", 2022, "tahun"),
    ("Realisasi Capaian > Tahun 2022 > Target", R, "kinerja", 2022, "tahun"),
    ("Proyeksi > Tahun 2025 > Rp.", "proyeksi", "anggaran", 2025, "tahun"),
    ("Rancangan Awal RKPD > Pagu Indikatif (Rp.000)", "rancangan_awal", "anggaran", None, "tahun"),
    ("Hasil Analisis Kebutuhan > Target Capaian", "kebutuhan", "kinerja", None, "tahun"),
    ("Hasil Analisis Kebutuhan > Kebutuhan Dana (Rp.000)", "kebutuhan", "anggaran", None, "tahun"),
    ("Rencana Tahun 2024 > Target Capaian Kinerja", T, "kinerja", 2024, "tahun"),
    ("Rencana Tahun 2024 > Kebutuhan Dana/ Pagu Indikatif", T, "anggaran", 2024, "tahun"),
    ("Prakiraan Maju Rencana Tahun 2025 > Kebutuhan Dana/ Pagu Indikatif (Rp)", "prakiraan_maju", "anggaran", 2025, "tahun"),
    ("Perkiraan Maju Tahun 2025 > Target", "prakiraan_maju", "kinerja", 2025, "tahun"),
    ("Target Akhir Periode Renstra", TR, "kinerja", None, "tahun"),
    ("Realisasi Capaian Renja Tahun 2022", R, "kinerja", 2022, "tahun"),
    ("Prakiraan Capaian Target Renja Tahun 2023", "perkiraan_realisasi", "kinerja", 2023, "sd_tahun"),
    ("Pagu Indikatif Tahun 2025 (Rp)", T, "anggaran", 2025, "tahun"),
    # Renstra
    ("Data Capaian pada Tahun Awal Perencanaan", "capaian_existing", "kinerja", None, "tahun"),
    ("Target Kinerja Program dan Kerangka Pendanaan > Tahun-1 (2022) > Target", T, "kinerja", 2022, "tahun"),
    ("Target Kinerja Program dan Kerangka Pendanaan > Tahun 2022 > Rp.", T, "anggaran", 2022, "tahun"),
    ("Target Kinerja Sasaran pada Tahun ke- > 3", T, "kinerja", 2023, "tahun"),
    ("Target Tahun ke-3", T, "kinerja", 2023, "tahun"),
    ("Kondisi Kinerja pada akhir periode RPJMD", TR, "kinerja", None, "tahun"),
    # LKjIP
    ("Target 2024", T, "kinerja", 2024, "tahun"),
    ("Realisasi > Th 2023", R, None, 2023, "tahun"),
    ("Realisasi Tahun 2022", R, None, 2022, "tahun"),
    ("Kinerja Tahun 2024 > Target", T, "kinerja", 2024, "tahun"),
    ("Kinerja Tahun 2024 > Realisasi", R, "kinerja", 2024, "tahun"),
    ("% Capaian 2024", "tingkat", "kinerja", 2024, "tahun"),
    ("Capaian (%)", "tingkat", "kinerja", None, "tahun"),
    ("Persentase Capaian", "tingkat", "kinerja", None, "tahun"),
    ("Tingkat Kemajuan (%)", "tingkat", None, None, "tahun"),
    ("Target Jangka Menengah (2026)", TR, "kinerja", 2026, "tahun"),
    ("Capaian Existing", "capaian_existing", "kinerja", None, "tahun"),
    # money
    ("Anggaran 2024", "anggaran", "anggaran", 2024, "tahun"),
    ("Pagu Anggaran (Rp)", "anggaran", "anggaran", None, "tahun"),
    ("Realisasi Anggaran (Rp)", R, "anggaran", None, "tahun"),
    ("Realisasi Keuangan > Rp", R, "anggaran", None, "tahun"),
    ("Penyerapan Anggaran (%)", "tingkat", "anggaran", None, "tahun"),
    ("Sisa Anggaran (Rp)", "selisih", "anggaran", None, "tahun"),
    ("Jumlah (Rp) > Sebelum Perubahan", "anggaran", "anggaran", None, "tahun"),
    ("Jumlah (Rp) > Setelah Perubahan", "anggaran_perubahan", "anggaran", None, "tahun"),
    ("Bertambah/(Berkurang) > Rp", "selisih", "anggaran", None, "tahun"),
    ("Bertambah / (Berkurang) > %", "selisih", None, None, "tahun"),
    ("Anggaran Setelah Perubahan 2019", "anggaran_perubahan", "anggaran", 2019, "tahun"),
    ("Semula (Rp)", "anggaran", "anggaran", None, "tahun"),
    ("Menjadi (Rp)", "anggaran_perubahan", "anggaran", None, "tahun"),
    ("Lebih/(Kurang)", "selisih", None, None, "tahun"),
    ("Realisasi Semester I", R, None, None, "sm1"),
    ("Prognosis 6 (Enam) Bulan Berikutnya", "perkiraan_realisasi", None, None, "sd_tahun"),
    ("Anggaran Perubahan (Rp)", "anggaran_perubahan", "anggaran", None, "tahun"),
    ("Pagu Perubahan", "anggaran_perubahan", "anggaran", None, "tahun"),
    ("Realisasi 2018", R, None, 2018, "tahun"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "role", "quantity", "year", "period"), [pytest.param(*c, id=c[0][-60:]) for c in CASES]
)
def test_path(path: str, role: str, quantity: str | None, year: int | None, period: str) -> None:
    found = column(path)
    assert (found.kind, found.role, found.quantity, found.year, found.period) == (
        "quantity",
        role,
        quantity,
        year,
        period,
    )


KINDS = [
    ("No", "number"), ("No.", "number"), ("NO URUT", "number"), ("Kode", "code"), ("Kode Rekening", "code"), ("Kode Program/Kegiatan", "code"),
    ("Satuan", "unit"), ("Satuan Kerja", "name"), ("Lokasi", "text"), ("Keterangan", "text"), ("Ket.", "text"), ("Sumber Dana", "text"),
    ("Perangkat Daerah Penanggung Jawab", "text"), ("Catatan Penting", "text"), ("Formula Penghitungan", "text"), ("Kelompok Sasaran", "text"),
    ("Indikator Kinerja Program/Kegiatan", "indicator"), ("Indikator", "indicator"), ("Tolok Ukur Kinerja", "indicator"),
    ("Urusan/Bidang Urusan Pemerintahan Daerah dan Program/Kegiatan", "name"), ("Uraian", "name"), ("Sasaran Strategis", "name"), ("Program", "name"),
    ("Nama Program Kegiatan", "name"), ("Nama Barang", "name"), ("Kecamatan", "name"),
    ("Target Program dan Kegiatan Tahun 2023", "quantity"), ("Jumlah Pegawai", "quantity"), ("Vol.", "quantity"), ("2023", "quantity"),
    ("Harga Satuan (Rp)", "quantity"), ("Rencana Kinerja > K (%)", "quantity"), ("Kondisi > Baik", "quantity"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "kind"), [pytest.param(*c, id=c[0]) for c in KINDS])
def test_kind(path: str, kind: str) -> None:
    assert column_kind(path.split(" > ")) == kind


def test_the_header_names_the_unit_and_areas_are_no_money() -> None:
    from normalizers.headers import find_header
    from normalizers.table_meaning import settle
    from tests.grids import grid

    shown = grid(
        [["Uraian", "Target (orang)", "Luas (Km2)"], ["Alfa", "120", "4.174.211"], ["Beta", "90", "3.100.200"]]
    )
    name, target, area = settle(shown, find_header(shown), (1, 2), Setting(fiscal_year=2024)).columns
    assert (name.kind, target.unit, area.quantity) == ("name", "Orang", "kinerja")


def test_a_column_of_dashes_alone_counts_nothing_and_is_kept() -> None:
    from normalizers.headers import find_header
    from normalizers.table_meaning import settle
    from tests.grids import grid

    shown = grid([["Desa", "Dokter Praktek", "Bidan"], ["Alfa", "-", "12"], ["Beta", "-", "3"], ["Gama", "-", "5"]])
    columns = settle(shown, find_header(shown), (1, 2, 3), Setting(fiscal_year=2024)).columns
    assert [c.kind for c in columns] == ["name", "quantity", "quantity"]
