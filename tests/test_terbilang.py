"""Number words, both ways, and amounts in prose."""

from __future__ import annotations

import random
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normalizers.terbilang import find_amounts, from_words, to_words


@pytest.mark.parametrize(
    ("words", "value"),
    [
        pytest.param("nol", "0", id="zero"),
        pytest.param("sebelas", "11", id="eleven"),
        pytest.param("Dua Puluh Sembilan", "29", id="capitals"),
        pytest.param("duapuluh", "20", id="no blank"),
        pytest.param("seratuslimapuluh", "150", id="no blanks at all"),
        pytest.param("seribu lima ratus", "1500", id="seribu"),
        pytest.param("satu ribu satu ratus", "1100", id="satu ribu"),
        pytest.param("dua-puluh-lima", "25", id="hyphens"),
        pytest.param("dua milyar", "2000000000", id="milyar"),
        pytest.param("dua miliar", "2000000000", id="miliar"),
        pytest.param("tiga trilyun rupiah", "3000000000000", id="trilyun"),
        pytest.param("seratus ribu rupiah lima puluh sen", "100000.5", id="sen"),
        pytest.param("delapan puluh koma tujuh sembilan", "80.79", id="koma, digits"),
        pytest.param("delapan puluh koma tujuh puluh sembilan", "80.79", id="koma, number"),
        pytest.param("satu koma nol lima", "1.05", id="koma, zero"),
        pytest.param("satu koma lima miliar", "1500000000", id="koma and scale"),
        pytest.param("minus lima", "-5", id="minus"),
        pytest.param(
            "Empat Miliar Delapan Ratus Sebelas Juta Seratus Tujuh Puluh Dua Ribu Enam Ratus Lima Puluh Rupiah",
            "4811172650",
            id="an amount",
        ),
    ],
)
def test_from_words(words: str, value: str) -> None:
    assert from_words(words) == D(value)


@pytest.mark.parametrize(
    "words",
    [
        pytest.param("", id="empty"),
        pytest.param("dua pulh", id="misspelt"),
        pytest.param("satu dua", id="digit by digit"),
        pytest.param("dua puluh puluh", id="twice"),
        pytest.param("seribu juta", id="scales that rise"),
        pytest.param("lima ribu dua ribu", id="a scale twice"),
        pytest.param("sepuluh belas", id="no such teen"),
        pytest.param("ratus", id="nothing before ratus"),
        pytest.param("koma lima", id="nothing before koma"),
        pytest.param("murni", id="another word"),
    ],
)
def test_what_is_no_number_has_no_value(words: str) -> None:
    assert from_words(words) is None


@given(st.integers(-(10**15), 10**18))
def test_round_trip(value: int) -> None:
    assert from_words(to_words(value)) == value


@given(st.decimals(min_value=0, max_value=10**12, places=2))
def test_round_trip_of_decimals(value: D) -> None:
    assert from_words(to_words(value)) == value


@given(st.integers(1, 10**15))
def test_blanks_and_capitals_do_not_matter(value: int) -> None:
    words = to_words(value)
    assert from_words(words.upper()) == value
    assert from_words(words.replace(" ", "")) == value


def test_a_hundred_thousand_values() -> None:
    chance = random.Random(20241231)
    for _ in range(100_000):
        value = chance.randrange(10 ** chance.randrange(1, 16))
        assert from_words(to_words(value)) == value


@given(st.integers(1, 10**12), st.data())
def test_a_word_left_out_never_gives_the_same_value(value: int, data: st.DataObject) -> None:
    words = to_words(value).split()
    words.pop(data.draw(st.integers(0, len(words) - 1)))
    assert from_words(" ".join(words)) != value


def test_to_words_of_no_number() -> None:
    with pytest.raises(ValueError, match="no words"):
        to_words(D("Infinity"))


def test_counts_in_prose() -> None:
    found = find_amounts("memuat 3 (tiga) Program, 11 (Sebelas) Kegiatan, dan 29 (dua puluh sembilan) Sub Kegiatan.")
    assert [(a.value, a.words_value, a.unit, a.agrees) for a in found] == [
        (3, 3, "Program", True),
        (11, 11, "Kegiatan", True),
        (29, 29, "Sub Kegiatan", True),
    ]


def test_amounts_in_prose() -> None:
    text = "pagu Rp. 1.500.000,- (Satu Juta Lima Ratus Ribu Rupiah) dari Rp2.000.000,00 pada 2024 (murni)"
    found = find_amounts(text)
    assert [(a.value, a.words_value, a.currency) for a in found] == [(1500000, 1500000, True), (2000000, None, True)]
    assert [text[slice(*a.span)] for a in found] == [a.raw for a in found]


def test_a_unit_of_a_header_is_no_amount() -> None:
    assert find_amounts("Pagu (Rp.000) dan Tabel 3 (lanjutan)") == []


@pytest.mark.parametrize(
    ("text", "agrees", "problem"),
    [
        pytest.param("12 (dua belas) orang", True, False, id="agree"),
        pytest.param("12 (tiga belas) orang", False, False, id="disagree"),
        pytest.param("12 (dua bels) orang", None, True, id="misspelt"),
        pytest.param("Rp 1.234 (seribu dua ratus tiga puluh empat rupiah)", True, False, id="words decide"),
        pytest.param("Rp4.81.172 (empat juta)", None, True, id="broken digits"),
    ],
)
def test_digits_and_words(text: str, agrees: bool | None, problem: bool) -> None:
    (amount,) = find_amounts(text)
    assert amount.agrees is agrees
    assert (amount.problem is not None) is problem
