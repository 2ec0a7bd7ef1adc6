"""Unit words to canonical names."""

from __future__ import annotations

import pytest

from normalizers.units import canonical_unit, is_unit


@pytest.mark.parametrize(
    ("printed", "canonical"),
    [
        pytest.param("dok", "Dokumen", id="abbreviation"),
        pytest.param("Dok.", "Dokumen", id="abbreviation with a dot"),
        pytest.param("DOKUMEN", "Dokumen", id="capitals"),
        pytest.param("lap", "Laporan", id="laporan"),
        pytest.param("bln", "Bulan", id="bulan"),
        pytest.param("org", "Orang", id="orang"),
        pytest.param("OB", "Orang/Bulan", id="ob"),
        pytest.param("org/bln", "Orang/Bulan", id="compound"),
        pytest.param("Orang/ bulan", "Orang/Bulan", id="compound with a blank"),
        pytest.param("lbg", "Lembaga", id="lembaga"),
        pytest.param("%", "Persen", id="percent sign"),
        pytest.param("(%)", "Persen", id="percent sign in parentheses"),
        pytest.param("Rp.", "Rupiah", id="rupiah"),
        pytest.param("Point", "Poin", id="poin"),
        pytest.param("Jumlah", "Jumlah", id="jumlah"),
        pytest.param("ASN", "ASN", id="abbreviation stays"),
        pytest.param("Satuan pendidikan", "Satuan Pendidikan", id="of the nomenclature"),
        pytest.param("m³", "M3", id="superscript"),
        pytest.param("dokumen perencanaan", "Dokumen Perencanaan", id="unknown words as printed"),
        pytest.param("Rp/bulan", "Rupiah/Bulan", id="price a month"),
        pytest.param("", None, id="empty"),
        pytest.param(" - ", None, id="dash"),
        pytest.param(None, None, id="none"),
    ],
)
def test_canonical_unit(printed: str | None, canonical: str | None) -> None:
    assert canonical_unit(printed) == canonical


@pytest.mark.parametrize(("word", "known"), [("lap.", True), ("org / bln", True), ("Renja", False), ("rang", False)])
def test_is_unit(word: str, known: bool) -> None:
    assert is_unit(word) is known


def test_canonical_names_are_their_own_canonical_name() -> None:
    for name in ("Rupiah", "Persen", "Dokumen", "Laporan", "Paket", "Unit", "Orang", "Orang/Bulan", "Bulan", "Lembaga"):
        assert canonical_unit(name) == name
    for name in ("Layanan", "Jenis", "Poin", "Nilai", "Angka", "Aplikasi", "Jumlah"):
        assert canonical_unit(name) == name
