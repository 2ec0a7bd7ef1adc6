"""Rows: codes and names as cells print them, agencies and bidang urusan of the same name, accounts."""

from __future__ import annotations

import pytest

from normalizers.agencies import agency
from normalizers.blocks import find_blocks
from normalizers.codes import CodeResolver
from normalizers.columns import Column
from normalizers.headers import Header
from normalizers.outline import levels_by_manner
from normalizers.row_agencies import RowAgencies
from normalizers.row_meaning import Reading, RowReader
from normalizers.row_texts import whole_code
from normalizers.rows import Row
from tests.grids import grid

CODED = [
    Column(0, "Kode", "code"),
    Column(1, "Uraian", "name"),
    Column(2, "Pagu (Rp)", "quantity", "target", "anggaran"),
]
NAMED = [Column(0, "Uraian", "name"), Column(1, "Pagu (Rp)", "quantity", "target", "anggaran")]


def read(
    columns: list[Column], rows: list[list[str]], kind: str = "tc33", scheme: str | None = None,
    nomenclature: str = "kepmendagri-900.1.15.5-1317-2023",
) -> list[Row]:  # fmt: skip
    header = Header(frozenset(), None, [(c.label,) for c in columns], [None] * len(columns))
    coder = CodeResolver(nomenclature, ["6.01"])
    (block,) = find_blocks(columns, header)
    reader = RowReader(grid(rows), columns, block, 0, coder, Reading(kind, coded=True, scheme=scheme))
    return [reader.read(number, number) for number in range(len(rows))]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param("1020120100\n02", "102012010002", id="no-dots"),
        pytest.param("5.1.02.01.01.00\n24", "5.1.02.01.01.0024", id="account"),
        pytest.param("5.03.01.2.0\n6", "5.03.01.2.06", id="inside-a-part"),
        pytest.param("1.20.1.20.17.0\n1.02", "1.20.1.20.17.01.02", id="old"),
        pytest.param("5.03.01.2.06\n01", "5.03.01.2.06 01", id="a-part-of-its-own"),
    ],
)
def test_codes_broken_over_lines(text: str, code: str) -> None:
    assert whole_code(text) == code


def test_a_bidang_urusan_named_like_an_agency() -> None:
    rows = read(CODED, [["6", "UNSUR PENGAWASAN", "5"], ["6.01", "INSPEKTORAT DAERAH", "5"], ["", "INSPEKTORAT", "5"]])
    assert [(r.level, r.code) for r in rows[1:]] == [("bidang_urusan", "6.01"), ("perangkat_daerah", None)]


def test_a_code_before_the_name_in_one_cell() -> None:
    (row,) = read(NAMED, [["6.01.02 PROGRAM PENYELENGGARAAN PENGAWASAN", "1.000"]])
    assert (row.level, row.code, row.name_raw) == ("program", "6.01.02", "PROGRAM PENYELENGGARAAN PENGAWASAN")


def test_short_codes_of_the_old_list() -> None:
    lines = [["1.07.01", "Program Pelayanan Administrasi Perkantoran", "3"], ["1.07.01.01", "Jasa surat menyurat", "1"]]
    rows = read(CODED, [*lines, ["1.07.01.02", "Jasa komunikasi", "2"]], nomenclature="permendagri-13-2006")
    assert [(r.level, r.code, r.parent) for r in rows] == [
        ("program", "1.07.01", None),
        ("kegiatan", "1.07.01.01", 0),
        ("kegiatan", "1.07.01.02", 0),
    ]


def test_a_surplus_is_no_line_of_the_account_above_it() -> None:
    lines = [["5", "BELANJA", "9"], ["5.2", "BELANJA MODAL", "9"], ["", "SURPLUS / (DEFISIT)", "-9"]]
    rows = read(CODED, lines, kind="lra", scheme="kepmendagri-050-5889-2021")
    assert [(r.account, r.parent) for r in rows] == [("5", None), ("5.2", 0), (None, None)]


@pytest.mark.parametrize(
    ("labels", "levels"),
    [
        pytest.param(
            [("A", "program"), ("1", "kegiatan"), ("B", "other")], {"A": "program", "1": "kegiatan"}, id="two"
        ),
        pytest.param([("I", "program"), ("II", "program")], {"I": "program"}, id="roman"),
        pytest.param([("1", "program"), ("2", "kegiatan")], {}, id="numbered through"),
        pytest.param([("A", "program"), ("I", "other"), ("II", "program")], {}, id="one level in two manners"),
        pytest.param(
            [("1", "program"), ("1.1", "kegiatan"), ("1.2", "other")], {"1": "program", "1.1": "kegiatan"}, id="dots"
        ),
    ],
)
def test_levels_that_running_numbers_tell(labels: list[tuple[str, str]], levels: dict[str, str]) -> None:
    assert levels_by_manner(labels) == levels


def test_agencies_between_accounts() -> None:
    rows = read(CODED, [["1.01.01", "Dinas Pendidikan", "9"], ["", "JUMLAH", "9"]], kind="lra")
    assert [(r.level, r.code) for r in rows] == [("perangkat_daerah", None), ("total", None)]


def test_accounts_have_parents() -> None:
    rows = [
        ["5", "BELANJA", "9"],
        ["5.1", "BELANJA OPERASI", "9"],
        ["5.1.02", "Belanja Barang dan Jasa", "9"],
        ["", "Kertas", "9"],
    ]
    found = read(CODED, rows, kind="rka", scheme="050-5889/2021")
    assert [(r.account, r.level, r.parent) for r in found] == [
        ("5", "belanja", None),
        ("5.1", "belanja", 0),
        ("5.1.02", "belanja", 1),
        (None, "other", 2),
    ]


def test_ranks_are_names() -> None:
    columns = [Column(0, "Golongan", "name"), Column(1, "Jumlah", "quantity", "jumlah", "jumlah")]
    assert [r.name_raw for r in read(columns, [["IV", "3"], ["III", "5"]], kind="kepegawaian")] == ["IV", "III"]


def test_rows_below_an_agency_are_its_own() -> None:
    rows = [["Dinas Sosial", "9"], ["Program Rehabilitasi Sosial", "9"], ["JUMLAH", "9"]]
    agencies = RowAgencies(grid(rows), NAMED, (), many=True)
    levels = ("perangkat_daerah", "program", "total")
    found = [
        agencies.of(Row(i, level, name_raw=row[0]), i) for i, (level, row) in enumerate(zip(levels, rows, strict=True))
    ]
    assert found == [agency("Dinas Sosial"), agency("Dinas Sosial"), None]


def test_a_column_a_level() -> None:
    columns = [Column(0, "Program", "name", name_level="program"), Column(1, "Kegiatan", "name", name_level="kegiatan")]
    columns.append(Column(2, "Pagu (Rp)", "quantity", "target", "anggaran"))
    found = read(columns, [["Program Kawasan", "", "9"], ["", "Urusan Penyelenggaraan PSU Perumahan", "9"]])
    assert [r.level for r in found] == ["program", "kegiatan"]


def test_the_lines_of_a_balance_are_accounts() -> None:
    rows = [["Kas di Kas Daerah", "5.000"], ["Bagian Lancar Utang", "2.000"], ["Jumlah Investasi Permanen", "7.000"]]
    assert [row.level for row in read(NAMED, rows, "neraca")] == ["akun", "akun", "total"]


def test_running_numbers_tell_what_receipts_belong_to() -> None:
    columns = [Column(0, "Nomor Urut", "number"), *(Column(c.index + 1, c.label, c.kind) for c in NAMED)]
    rows = [
        ["1.", "PENDAPATAN DAERAH", "9.000"],
        ["1.2.", "PENDAPATAN TRANSFER", "9.000"],
        ["1.2.1.", "Transfer Pemerintah Provinsi", "9.000"],
        ["3.", "PEMBIAYAAN", "4.000"],
        ["3.1.", "PENERIMAAN DAERAH", "4.000"],
        ["3.1.1.", "Pencairan Dana Cadangan", "4.000"],
    ]
    assert [row.level for row in read(columns, rows, "lra")] == ["pendapatan"] * 3 + ["pembiayaan"] * 3
