"""Letters and digits that a scan or a keyboard exchanges: Cyrillic for Latin, `0` for `O`, `1` for `l`.

Only for reading words (titles, names, codes that a list then confirms); numbers of facts are never read this way.
"""

from __future__ import annotations

import re
from functools import lru_cache

_CYRILLIC = str.maketrans("АВЕЅІЈКМНОРСТУХаеіјорсух", "ABESIJKMHOPCTYXaeijopcyx")
_TO_LETTER = {"0": "o", "1": "l", "5": "s", "8": "b"}
_TO_DIGIT = str.maketrans("OoQDIl|ZzSsB", "000011122558")
_DIGIT = re.compile(r"[0-9]")
_WORD = re.compile(r"[^\W_]+")


@lru_cache(maxsize=20_000)
def fold_words(text: str) -> str:
    """A text with Cyrillic look-alikes as Latin, digits inside words as letters, letters inside numbers as digits.

    `2O24` -> `2024`, `Kua1a` -> `Kuala`, `HA5IL` -> `HASIL`; `T-C29`, `S1` and `24 Juli` stay.
    """
    if text.isascii() and not _DIGIT.search(text):
        return text
    return _WORD.sub(lambda m: _fold(m.group(0)), text.translate(_CYRILLIC))


def _fold(word: str) -> str:
    if word.isalpha():
        return word
    digits = sum(c.isdigit() for c in word)
    letters = len(word) - digits
    if digits and letters and letters <= 1 and digits >= 3 and word.translate(_TO_DIGIT).isdigit():
        return word.translate(_TO_DIGIT)
    inner = word[1:-1]
    if digits == 1 and letters >= 3 and any(c in _TO_LETTER for c in inner):
        upper = word.isupper()
        return "".join((_TO_LETTER[c].upper() if upper else _TO_LETTER[c]) if c in _TO_LETTER else c for c in word)
    return word


def fold_digits(text: str) -> str:
    """A code with letters where digits belong: `5.O3.02` -> `5.03.02`; unchanged unless most of it is digits."""
    digits = sum(c.isdigit() for c in text)
    folded = text.translate(_TO_DIGIT)
    wrong = sum(a != b for a, b in zip(text, folded, strict=True))
    return folded if wrong and digits >= 3 * wrong else text
