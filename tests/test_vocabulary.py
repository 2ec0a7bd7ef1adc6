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
