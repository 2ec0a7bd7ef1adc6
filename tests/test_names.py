"""Printed names against official ones."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normalizers.lookalikes import fold_digits, fold_words
from normalizers.names import (
    accept_anywhere,
    accept_under_parent,
    best_match,
    has_exchanged_word,
    likeness,
    name_key,
    same_name,
)


@dataclass(frozen=True)
class Named:
    name: str


UNDER_207 = [
    Named("Pengadaan Kendaraan Perorangan Dinas atau Kendaraan Dinas Jabatan"),
    Named("Pengadaan Kendaraan Dinas Operasional atau Lapangan"),
    Named("Pengadaan Mebel"),
    Named("Pengadaan Peralatan dan Mesin Lainnya"),
    Named("Pengadaan Gedung Kantor atau Bangunan Lainnya"),
]


@pytest.mark.parametrize(
    ("printed", "official"),
    [
        pytest.param(
            "PROGRAM PENUNJANG URUSAN PEMERINTAHAN DAERAH KAB/KOTA",
            "PROGRAM PENUNJANG URUSAN PEMERINTAHAN DAERAH KABUPATEN/KOTA",
            id="abbreviation",
        ),
        pytest.param("Pemerintah an Daerah", "Pemerintahan Daerah", id="broken-word"),
        pytest.param("Kegiatan Mutasi dan Promosi ASN", "Mutasi dan Promosi ASN", id="label"),
        pytest.param("Koordinasi dan Kerjasama Diklat", "Koordinasi dan Kerja Sama Diklat", id="spelling"),
        pytest.param("bulanan/triwulanan/ semesteran", "Bulanan/ Triwulanan/Semesteran", id="slashes"),
    ],
)
def test_equal_but_for_spelling(printed: str, official: str) -> None:
    assert name_key(printed) == name_key(official)


@pytest.mark.parametrize(
    ("printed", "index"),
    [
        pytest.param("Pengadaan Peralatan & Mesin Lainya", 3, id="typo"),
        pytest.param("Pengadaan Kendaraan Dinas Operasional atau", 1, id="cut"),
        pytest.param("PENGADAAN MEBEL", 2, id="capitals"),
        pytest.param("Pengadaan Kendaraan Perorangan Dinas/Kendaraan Dinas Jabatan", 0, id="word-missing"),
    ],
)
def test_found_under_a_parent(printed: str, index: int) -> None:
    match = best_match(printed, UNDER_207)
    assert match is not None and accept_under_parent(match) and match.entry is UNDER_207[index]


@pytest.mark.parametrize(
    "printed",
    [
        pytest.param("Pemeliharaan Peralatan dan Mesin Lainnya", id="another-verb"),
        pytest.param("Pengadaan Kendaraan", id="beginning-of-two"),
        pytest.param("Pengadaan Tanah", id="unknown"),
    ],
)
def test_not_taken_under_a_parent(printed: str) -> None:
    assert not accept_under_parent(best_match(printed, UNDER_207))


def test_anywhere_is_stricter() -> None:
    match = best_match("Pengadaan Gedung atau Bangunan", UNDER_207)
    assert accept_under_parent(match) and not accept_anywhere(match)
    assert accept_anywhere(best_match("Pengadaan Kendaraan Dinas Operasional atau Lapangan", UNDER_207))


def test_two_entries_of_one_name_decide_nothing() -> None:
    assert not accept_under_parent(best_match("Pengadaan Mebel", [Named("Pengadaan Mebel"), Named("Pengadaan  mebel")]))


def test_exchanged_word() -> None:
    assert has_exchanged_word("Evaluasi Pengadaan ASN", "Evaluasi Pemberhentian ASN")
    assert not has_exchanged_word(
        "Pakaian Dinas beserta Atribut Perlengkapannya", "Pakaian Dinas beserta Atribut Kelengkapannya"
    )
    assert not same_name("Pengelolaan Promosi ASN", "Pengelolaan Mutasi ASN")


@given(st.text(min_size=1, max_size=60), st.text(min_size=1, max_size=60))
def test_likeness_is_symmetric_and_bounded(a: str, b: str) -> None:
    assert 0 <= likeness(a, b) <= 100
    assert likeness(a, b) == pytest.approx(likeness(b, a), abs=0.5)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("\u0412ADAN KEPEGAWAIAN", "BADAN KEPEGAWAIAN"),
        ("HA5IL", "HASIL"),
        ("Kua1a", "Kuala"),
        ("2O24", "2024"),
        ("20Z3", "2023"),
        ("S1 2024 T-C29 5.03", "S1 2024 T-C29 5.03"),
    ],
)
def test_lookalikes_in_words(text: str, folded: str) -> None:
    assert fold_words(text) == folded


def test_lookalikes_in_codes() -> None:
    assert fold_digits("5.O3.02.2.0l") == "5.03.02.2.01"
    assert fold_digits("IV.D") == "IV.D"
