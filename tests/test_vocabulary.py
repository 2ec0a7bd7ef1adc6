"""The words of forms and lists."""

from __future__ import annotations

from pathlib import Path

import pytest

from normalizers import vocabulary
from normalizers.vocabulary import is_known, words_of


@pytest.mark.parametrize(
    ("word", "known"), [("kegiatan", True), ("kepegawaian", True), ("kegiatam", False), ("dan", False), ("", False)]
)
def test_known_words(word: str, known: bool) -> None:
    assert is_known(word) is known


def test_words_are_those_of_all_files() -> None:
    here = Path(vocabulary.__file__).parent
    for files in ("forms/*.toml", "reference/*.csv"):
        texts = [file.read_text(encoding="utf-8") for file in here.glob(files)]
        assert vocabulary._words(files) == {word for text in texts for word in words_of(text)}


def test_the_packed_words_are_those_of_the_lists() -> None:
    """Else `python -m normalizers.vocabulary` makes them anew."""
    assert vocabulary.PACKED.read_text(encoding="utf-8") == vocabulary.pack()
    assert vocabulary._listed() == vocabulary._words(vocabulary.LISTS)
    assert vocabulary._packed()[1] == vocabulary._often()


def _forget() -> None:
    vocabulary._packed.cache_clear()
    vocabulary._words.cache_clear()


def test_words_of_a_changed_list_are_sought_in_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "reference").mkdir()
    (tmp_path / "reference" / "words.txt").write_text("# list.csv:00000000\nlama*\n", encoding="utf-8")
    lines = ["# of 2024", "code,name,satuan", "1,Belanja pegawai,lembar lembar", "2,Belanja modal,lembar", "3,Belanja,"]
    (tmp_path / "reference" / "nomenclature_x.csv").write_text("\n".join(lines), encoding="utf-8")
    monkeypatch.setattr(vocabulary, "HERE", tmp_path)
    monkeypatch.setattr(vocabulary, "PACKED", tmp_path / "reference" / "words.txt")
    _forget()
    try:
        assert vocabulary._listed() == {"code", "name", "satuan", "belanja", "pegawai", "modal", "lembar"}
        assert vocabulary._packed()[1] == {"belanja"}  # once in each of three names; units are no names
    finally:
        _forget()


def test_words_of_the_field_are_frequent_ones_and_some_of_their_own() -> None:
    words = vocabulary.field_words()
    assert {"kegiatan", "prevalensi", "per"} <= words
    assert "abab" in vocabulary._listed() - words  # a misprint of a list
