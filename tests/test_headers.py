"""Where headers end, and their words: broken over lines, misprinted."""

from __future__ import annotations

import pytest

from normalizers.header_words import header_text, mended, vocabulary
from normalizers.headers import find_header, is_numbering_row, whole_number
from tests.grids import grid


@pytest.mark.parametrize(
    ("text", "joined"),
    [
        pytest.param("Perse\nntase", "Persentase", id="word"),
        pytest.param("N\no.", "No.", id="no"),
        pytest.param("Penanggu\nng\nJawab", "Penanggung Jawab", id="three-lines"),
        pytest.param("Tahun 202\n6", "Tahun 2026", id="year"),
        pytest.param("Target\nCapaian", "Target Capaian", id="two-words"),
        pytest.param("Tahun\n2026", "Tahun 2026", id="year-on-its-line"),
    ],
)
def test_broken_words(text: str, joined: str) -> None:
    assert header_text(text) == joined


@pytest.mark.parametrize(
    ("text", "read"),
    [
        pytest.param("Tareget", "target", id="letter-too-many"),
        pytest.param("Sasaaran", "sasaran", id="letter-doubled"),
        pytest.param("Anggran (Rp)", "anggaran (rp)", id="letter-lost"),
        pytest.param("Relaisasi", "realisasi", id="letters-exchanged"),
        pytest.param("Bagian", "bagian", id="another-word"),
        pytest.param("Sarana", "sarana", id="known"),
    ],
)
def test_misprints(text: str, read: str) -> None:
    assert mended(text) == read


def test_known_words_stay() -> None:
    assert all(mended(word) == word for word in vocabulary())


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("Rp.796. 180.150", "Rp.796.180.150"),
        ("495.220.805.86 7", "495.220.805.867"),
        ("84.171.510.742, -", "84.171.510.742,-"),
        ("12 Dokumen", "12 Dokumen"),
        ("5 03 01", "5 03 01"),
    ],
)
def test_amounts_broken_over_lines(text: str, whole: str) -> None:
    assert whole_number(text) == whole


def test_a_row_with_a_broken_amount_is_no_header() -> None:
    found = find_header(
        grid([["5", "UNSUR PENUNJANG", "Rp.796.\n180.150"], ["5.01", "PERENCANAAN", "Rp.796.\n180.150"]])
    )
    assert not found.rows


def test_years_by_order_are_no_numbering_row() -> None:
    rows = [
        ["No", "Sasaran", "Indikator", "Target pada Tahun Ke-", "<", "<"],
        ["^", "^", "^", "1", "2", "3"],
        ["1", "Meningkatnya pelayanan", "Indeks", "70", "71", "72"],
    ]
    header = find_header(grid(rows))
    assert header.numbering_row is None
    assert header.paths[4] == ("Target pada Tahun Ke-", "2")


@pytest.mark.parametrize(
    ("row", "numbering"),
    [
        pytest.param(["1", "2", "3", "4", "5=4/3"], True, id="formula"),
        pytest.param(["1", "1", "1", "2", "3"], True, id="one-over-spread-codes"),
        pytest.param(["(1)", "(2)", "(3)", "(4)", "(5)"], True, id="brackets"),
        pytest.param(["1", "2", "3", "4", "5", "6", "2", "3", "4", "5", "6"], True, id="two-blocks-alike"),
        pytest.param(["1", "2", "3", "1", "2", "3"], False, id="small-counts"),
        pytest.param(["(1)", "(2) (3)", "(4)", "(5)"], True, id="columns-not-parted"),
        pytest.param(["1", "2 4", "3", "5"], False, id="counts-in-one-cell"),
        pytest.param(["2021", "2022", "2023", "2024", "2025"], False, id="years"),
        pytest.param(["5", "03", "01", "2.02", "12"], False, id="code"),
    ],
)
def test_numbering_rows(row: list[str], numbering: bool) -> None:
    assert is_numbering_row(grid([row]), 0) is numbering


def test_a_coloured_row_of_amounts_is_no_header() -> None:
    rows = [["No", "Kegiatan", "Anggaran"], ["1.", "Surat Menyurat", "1.350.000,-"], ["2.", "Listrik", "6.000.000,-"]]
    assert find_header(grid(rows), shaded_rows={0, 1}).rows == {0}


def test_spaced_letters_are_a_word() -> None:
    assert mended("K O D E") == "kode" and mended("N A M A / J U M L A H") == "nama / jumlah"
    assert mended("A B") == "a b"


def test_columns_numbered_over_pages_side_by_side() -> None:
    rows = [["Desa", "Negeri", "Swasta", "Jumlah"], ["(1)", "(20)", "(21)", "(23)"], ["Alfa", "1", "2", "3"]]
    assert is_numbering_row(grid(rows), 1)
    assert not is_numbering_row(grid([*rows[:1], ["(1)", "(20)", "(5)", "(7)"]]), 1)
