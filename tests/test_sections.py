"""Several tables in one frame, and the titles above each."""

from __future__ import annotations

from normalizers.sections import find_sections
from tests.grids import grid

ACCOUNTS = ["Kode Rekening", "Uraian", "Volume", "Satuan", "Harga Satuan", "Jumlah"]
LINE = ["5.2.2.01.01", "Belanja alat tulis kantor", "2", "Rim", "50.000", "100.000"]


def test_an_ordinary_table_is_one_section() -> None:
    rows = [ACCOUNTS, LINE, LINE]
    assert [(s.first, s.last, s.titles) for s in find_sections(grid(rows), range(3))] == [(0, 3, ())]


def test_a_header_below_titles_begins_a_section() -> None:
    title = ["Rincian Anggaran Belanja", "<", "<", "<", "<", "<"]
    rows = [["Organisasi", "Dinas Sosial", "<", "<", "<", "<"], title, ACCOUNTS, LINE]
    sections = find_sections(grid(rows), range(4))
    assert (sections[-1].first, sections[-1].titles) == (2, ("Organisasi : Dinas Sosial", "Rincian Anggaran Belanja"))


def test_data_between_headers_parts_two_tables() -> None:
    sections = find_sections(grid([ACCOUNTS, LINE, ACCOUNTS, LINE]), range(4))
    assert [(s.first, s.last) for s in sections] == [(0, 2), (2, 4)]


def test_a_header_printed_again_on_the_next_page_begins_no_section() -> None:
    top = ["Nomor DPA", "<", "DPA/1/2024", "<", "<", "<"]
    sections = find_sections(grid([top, ACCOUNTS, LINE, ACCOUNTS, LINE], page_starts=(0, 3)), range(5))
    assert [(s.first, s.last) for s in sections] == [(0, 5)]
