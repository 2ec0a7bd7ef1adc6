"""Joining the lines of a cell."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normalizers.grid import fold
from normalizers.number_style import clean
from normalizers.textjoin import Lexicon, join_lines

LEXICON = Lexicon(
    [
        "Urusan Pemerintahan Daerah, Target dan Realisasi masing-masing",
        "peraturan per aturan dan Pelayanan Kepegawaian",
        "Penyediaan Gaji pe-\nrintah",
    ]
)


@pytest.mark.parametrize(
    ("text", "joined"),
    [
        pytest.param("Urusan Pemerintah\nan Daerah", "Urusan Pemerintahan Daerah", id="inside a word"),
        pytest.param("TARG\nET", "TARGET", id="capitals"),
        pytest.param("Peme\nrinta\nhan", "Pemerintahan", id="two breaks in a word"),
        pytest.param("Penyediaan\nGaji", "Penyediaan Gaji", id="two words"),
        pytest.param("per\naturan", "per aturan", id="both halves are words"),
        pytest.param("Pemerintah\nAn", "Pemerintah An", id="a capital starts a word"),
        pytest.param("Foo\nbar", "Foo bar", id="unknown stays apart"),
        pytest.param("peme-\nrintahan", "pemerintahan", id="hyphenation"),
        pytest.param("masing-\nmasing", "masing-masing", id="a hyphen of the word"),
        pytest.param("Perundang-\nundangan", "Perundang-undangan", id="an unknown hyphen stays"),
        pytest.param("Renja -\nRKPD", "Renja - RKPD", id="a dash"),
        pytest.param("329.957.274,\n00", "329.957.274,00", id="decimals"),
        pytest.param("4.811.172.\n650", "4.811.172.650", id="group"),
        pytest.param("4.811\n.650", "4.811.650", id="before the mark"),
        pytest.param("13.201.715.5\n54", "13.201.715.554", id="between digits"),
        pytest.param("Rp. 4.811.\n172.650", "Rp. 4.811.172.650", id="after rp"),
        pytest.param("1.500.000\n2.500.000", "1.500.000 2.500.000", id="two numbers"),
        pytest.param("1.\n500 orang", "1. 500 orang", id="a list number"),
        pytest.param("tahun 2023.\n5 orang", "tahun 2023. 5 orang", id="end of a sentence"),
        pytest.param("Tahun\n2024", "Tahun 2024", id="a year"),
        pytest.param("5.03.02.2.01.\n0002", "5.03.02.2.01.0002", id="code after a dot"),
        pytest.param("5.03.02.2.01\n.0002", "5.03.02.2.01.0002", id="code before a dot"),
        pytest.param("5.03.02.2.0\n1.0002", "5.03.02.2.01.0002", id="code inside a part"),
        pytest.param("X.XX.01.2.01.\n01", "X.XX.01.2.01.01", id="general code"),
        pytest.param("5.03.01\n2.01", "5.03.01 2.01", id="two codes"),
        pytest.param("Kabupaten/\nKota", "Kabupaten/Kota", id="slash"),
        pytest.param("(Renja\n)", "(Renja)", id="closing parenthesis"),
        pytest.param("  a \n\n b ", "a b", id="empty lines"),
        pytest.param("", "", id="empty"),
    ],
)
def test_join_lines(text: str, joined: str) -> None:
    assert join_lines(text, LEXICON) == joined


def test_without_a_lexicon_words_stay_apart() -> None:
    assert join_lines("Pemerintah\nan") == "Pemerintah an"


def test_a_plain_set_is_a_lexicon_too() -> None:
    assert join_lines("Pemerintah\nan", {"pemerintahan"}) == "Pemerintahan"


def test_halves_at_a_line_break_are_no_words_of_the_lexicon() -> None:
    lexicon = Lexicon(["Urusan Pemerintah\nan Daerah"])
    assert "urusan" in lexicon
    assert "daerah" in lexicon
    assert "pemerintah" not in lexicon.counts
    assert "an" not in lexicon


def test_a_word_of_the_field_that_the_document_never_prints_whole() -> None:
    assert join_lines("Level\nKapabilita\ns APIP", Lexicon([])) == "Level Kapabilitas APIP"
    assert join_lines("Sub\nkegiatan kerja", Lexicon(["sub kegiatan"])) == "Sub kegiatan kerja"


def test_lexicon_counts() -> None:
    lexicon = Lexicon(["kerja kerja", "Kerja sama"])
    assert lexicon.counts["kerja"] == 3
    assert sorted(lexicon) == ["kerja", "sama"]
    assert len(lexicon) == 2


def test_fold() -> None:
    assert fold(clean(" a\u00a0 b\n\tc ")) == "a b c"


@given(st.text(max_size=60))
def test_no_character_is_lost_or_invented(text: str) -> None:
    def letters(value: str) -> str:
        return "".join(fold(clean(value)).split()).replace("-", "")

    assert letters(join_lines(text, LEXICON)) == letters(text)
