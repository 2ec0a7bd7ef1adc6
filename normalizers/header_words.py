"""The words of headers: broken over the lines of a narrow cell, or misprinted by a letter."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

from rapidfuzz.distance import OSA

from normalizers.asking import asks
from normalizers.textjoin import join_lines

WORD = re.compile(r"[a-z]+")
SPACED_LETTERS = re.compile(r"(?<!\S)(?:[^\W\d_] ){2,}[^\W\d_](?!\S)")
BROKEN_YEAR = re.compile(r"(?<!\d)(\d{1,3})\s*\n\s*(\d{1,3})(?!\d)")
SHORTEST_MENDED = 6  # letters: shorter words are too much alike


@cache
def vocabulary() -> frozenset[str]:
    """Known header words, lower case (`[vocabulary]` of `forms/headers.toml`)."""
    path = Path(__file__).parent / "forms" / "headers.toml"
    words: str = tomllib.loads(path.read_text(encoding="utf-8"))["vocabulary"]["words"]
    return frozenset(words.split())


@asks
def header_text(text: str) -> str:
    """The lines of a header cell as one string: broken words and years (`202` / `6`) joined, white space folded."""
    return join_lines(BROKEN_YEAR.sub(_year, text), vocabulary())


def _year(match: re.Match[str]) -> str:
    whole = match[1] + match[2]
    return whole if re.fullmatch(r"(?:19|20)\d\d", whole) else match[0]


@asks
def mended(text: str) -> str:
    """A header text in lower case with misprinted words read as the one known word that is a letter away, and words of
    spaced letters as words.

    >>> mended("Tareget Sasaaran"), mended("K O D E")
    ('target sasaran', 'kode')
    """
    whole = SPACED_LETTERS.sub(lambda m: m[0].replace(" ", ""), text)
    return WORD.sub(lambda m: _mended_word(m[0]), whole.lower())


@cache
def _mended_word(word: str) -> str:
    known = vocabulary()
    if len(word) < SHORTEST_MENDED or word in known:
        return word
    near = [
        w
        for w in known
        if abs(len(w) - len(word)) <= 1
        and len(w) >= SHORTEST_MENDED
        and w[0] == word[0]
        and OSA.distance(w, word, score_cutoff=1) <= 1
    ]
    return near[0] if len(near) == 1 else word
