"""The words that reports of this kind are made of: those of the forms, the nomenclatures and the lists of accounts."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from normalizers.asking import asks

WORD = re.compile(r"[^\W\d_]{4,}")  # shorter ones are abbreviations of everything


def words_of(text: str) -> list[str]:
    """The words of four letters and more, lower case, in order."""
    return WORD.findall(text.lower())


@asks
def is_known(word: str) -> bool:
    """Whether a lower-case word stands in a form, a nomenclature or a list of accounts, in any place."""
    return word in _words()


@cache
def _words() -> frozenset[str]:
    here = Path(__file__).parent
    files = [*here.glob("forms/*.toml"), *here.glob("reference/*.csv")]
    return frozenset(word for file in files for word in words_of(file.read_text(encoding="utf-8")))
