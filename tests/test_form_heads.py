"""The kegiatan in whose budget form (RKA, DPA) a row stands."""

from __future__ import annotations

import pytest

from extractors.tables import Cell, PageInfo, Reading, Table
from normalizers.codes import CodeResolver
from normalizers.form_heads import Head, head_of, label_of, labelled
from normalizers.row_agencies import named_agency
from pipeline.meaning import mean

FORM = [
    ["DOKUMEN PELAKSANAAN ANGGARAN SKPD TAHUN ANGGARAN 2024"],
    ["Program", "2.16.03 - PROGRAM PENGELOLAAN APLIKASI INFORMATIKA"],
    ["Kegiatan", "2.16.03.2.02 - Pengelolaan e-government"],
    ["Kode Rekening", "Uraian", "Jumlah (Rp)"],
    ["5.1", "BELANJA OPERASI", "1.500.000,00"],
    ["5.1.02", "Belanja Barang dan Jasa", "1.500.000,00"],
    ["5.1.02.01", "Belanja Barang", "1.500.000,00"],
    ["Jumlah", "1.500.000,00"],
]


def coder(nomenclature: str = "kepmendagri-050-5889-2021") -> CodeResolver:
    return CodeResolver(nomenclature, ("2.16",), "kabkota", None)


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        pytest.param("Sub Kegiatan", "sub_kegiatan", id="sub kegiatan"),
        pytest.param("SUB-KEGIATAN", "sub_kegiatan", id="capitals and hyphen"),
        pytest.param("Bidang  Urusan", "urusan", id="blanks"),
        pytest.param("Lokasi Kegiatan", None, id="a place"),
        pytest.param("Kelompok Sasaran Kegiatan", None, id="a group of people"),
    ],
)
def test_label(label: str, kind: str | None) -> None:
    assert label_of(label) == kind


def test_a_value_goes_on_in_lines_without_a_label() -> None:
    assert labelled(["DPA", "Program : 2.16.03 - PROGRAM PENGELOLAAN", "APLIKASI", "Sumber Dana : DAU"]) == [
        ("", "DPA"), ("Program", "2.16.03 - PROGRAM PENGELOLAAN APLIKASI"), ("Sumber Dana", "DAU"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "head"),
    [
        pytest.param(
            ["Program : 2.16.03 - PROGRAM PENGELOLAAN", "Kegiatan : 2.16.03.2.02 - Pengelolaan e-government"],
            Head("2.16.03.2.02", "2.16.03.2.02"),
            id="the narrowest",
        ),
        pytest.param(
            ["Sub Kegiatan : 2.23.02.2.01.04 - Pengembangan Layanan"],
            Head("2.23.02.2.01.0004", "2.23.02.2.01.0004"),
            id="two digits",
        ),
        pytest.param(
            ["Kegiatan : 2.10.2.10.01.065.001. - LPSE"], Head("2.10.2.10.01.065.001", None), id="Permendagri 13/2006"
        ),
        pytest.param(["Organisasi : 2.10.01. - DINAS KOMUNIKASI"], Head(None), id="of a whole agency"),
        pytest.param(["Kelompok Sasaran Kegiatan : Masyarakat"], None, id="says nothing: the head before holds on"),
        pytest.param(["Kegiatan : Pengelolaan e-government"], None, id="no code"),
    ],
)
def test_head(lines: list[str], head: Head | None) -> None:
    assert head_of(labelled(lines), coder()) == head


def test_a_place_in_the_head_is_no_agency() -> None:
    lines = [
        "Organisasi : 2.10.01. - DINAS KOMUNIKASI DAN INFORMATIKA",
        "Lokasi Kegiatan : Dinas Sosial",
        "Sumber Dana : DAU",
    ]
    found = named_agency(lines)
    assert found is not None
    assert found.name == "Dinas Komunikasi dan Informatika"


def form(rows: list[list[str]]) -> Reading:
    """One page with one frame of three columns; a row of fewer cells has a last but one (or only) cell that spans."""
    cells = []
    for number, texts in enumerate(rows):
        top, widths = 20.0 * number, {1: [3], 2: [1, 2], 3: [1, 1, 1]}[len(texts)]
        widths = [2, 1] if texts[0] == "Jumlah" else widths
        column = 0
        for text, width in zip(texts, widths, strict=True):
            box = (100.0 * column, top, 100.0 * (column + width), top + 20)
            cells.append(Cell(number, column, 1, box, text, colspan=width))
            column += width
    table = Table(tuple(cells), len(rows), 3, (1,), (0,))
    return Reading(pages=[PageInfo(1, "ruled", 595.0, 842.0, 0, ())], tables=[table], lines=[])


def test_rows_of_a_form_carry_the_kegiatan_of_its_head() -> None:
    harvest = mean(form(FORM), "0" * 64, "dpa.pdf")
    facts = [fact for table in harvest.tables for fact in table.facts]
    assert [fact.account for fact in facts] == ["5.1", "5.1.02", "5.1.02.01", None]
    assert {fact.code for fact in facts} == {None}
    assert {fact.head_code_generic for fact in facts} == {"2.16.03.2.02"}


def test_a_total_over_both_columns_is_no_code() -> None:
    short = [*FORM[:6], ["Jumlah", "1.500.000,00"], ["Triwulan I Rp. 500.000"], ["Triwulan II Rp. 1.000.000"]]
    harvest = mean(form(short), "0" * 64, "dpa.pdf")
    assert [fact.account for table in harvest.tables for fact in table.facts][:2] == ["5.1", "5.1.02"]
