"""Spoiled text made whole: glued numbers, symbol fonts, gaps inside numbers. Knows the shapes of numbers, no words."""

from __future__ import annotations

import re
from functools import lru_cache

import numpy as np

from extractors.native import Ints
from extractors.pages import Chars

_MONEY = r"(?:\d{1,3}(?:\.\d{3})+,\d{2}|\d{1,3}(?:,\d{3})+\.\d{2})"  # grouped, two decimals: its end is certain
_PLAIN = r"\d+(?:[.,]\d+)*"
NUMBER = re.compile(
    r"(?:Rp\.?)?[-–−]?\(?[-–−]?(?:Rp\.?)?"
    r"(?:\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,3}(?: \d{3})+(?:[.,]\d+)?|\d+(?:[.,]\d+)?)"
    r"(?:,-+|,=)?\)?(?: ?%)?\)?",
    re.I,
)
DASH = re.compile(r"[-–—−]{1,3}")
QUANTITY = re.compile(r"[-–(]{0,2}\d[\d.,]*\)?\s*%?(?:\s*[A-Za-z][A-Za-z/. ]{0,24}|\s*\([A-E]{1,3}[+-]?\))?")
MONEY = re.compile(r"(?:Rp\.?)?[-–−(]{0,2}[1-9]\d{0,2}(?:[.,]\d{3})+(?:[.,]\d{1,2})?(?:,-+)?\)?", re.I)
DIGITS = re.compile(r"[-–(]{0,2}\d[\d.,\s]*\)?%?")  # digits and separators, whatever their order
OPEN_NUMBER = re.compile(r"\d[\d.,]*[.,]")
_TILES = re.compile(rf"\(?-?{_MONEY}\)?|\({_PLAIN}\)|-?{_PLAIN}")
_SYMBOLS = {0xF0B7: 0x2022, 0xF0A7: 0x25AA, 0xF0D8: 0x27A2, 0xF0FC: 0x2713, 0xF0A8: 0x25A1}


@lru_cache(maxsize=8192)  # the same text is asked as a word, a chunk and a piece
def is_number(text: str) -> bool:
    """The whole text is one number as printed in a table: grouped, in parentheses, with %, or a dash for nothing."""
    plain = _bare(text).rstrip("*")
    return bool(NUMBER.fullmatch(plain) or DASH.fullmatch(plain))


@lru_cache(maxsize=8192)
def is_money(text: str) -> bool:
    """A number with grouped thousands: the kind that stands in a column of amounts."""
    return bool(MONEY.fullmatch(_bare(text)))


def _bare(text: str) -> str:
    """Without the colon, and the currency and a blank, that may stand before a number: `: 7.992.286.000`, `Rp 1.000`."""
    plain = text.strip()
    if plain[:1] in (":", "=", "R", "r") and len(plain) > 1:
        plain = plain.lstrip(":=").lstrip()
        if plain[:2].lower() == "rp":
            plain = plain[2:].lstrip(". ")
    return plain


def split_glued(text: str, jumps: frozenset[int] = frozenset()) -> list[int]:
    """Where a run of characters without gaps must be cut because it holds several whole numbers.

    `jumps` are positions at which the file begins another piece of text. A cut is made only where everything on both
    sides is a whole number: behind a closing parenthesis before an opening one, behind two decimals of a grouped number
    before another grouped number, or at a jump. `(200.464.664,00)(100,00)` -> [16]. A lone number gives [].
    """
    if not any(map(str.isdigit, text)) or NUMBER.fullmatch(text):
        return []
    tiles: list[int] = []
    at = 0
    while at < len(text):
        match = _TILES.match(text, at)
        if not match:
            return _at_jumps(text, jumps)
        at = match.end()
        tiles.append(at)
    cuts = tiles[:-1]
    sure = all(_sure(text, cut) or cut in jumps for cut in cuts)
    return cuts if cuts and sure else _at_jumps(text, jumps)


def _sure(text: str, cut: int) -> bool:
    """The number before the cut is closed by its own form, or the one behind opens a parenthesis."""
    if text[cut] == "(" or text[cut - 1] == ")":
        return True
    return bool(re.search(rf"{_MONEY}$", text[:cut])) and bool(re.match(r"-?\d", text[cut:]))


def _at_jumps(text: str, jumps: frozenset[int]) -> list[int]:
    cuts = sorted(cut for cut in jumps if 0 < cut < len(text))
    if not cuts:
        return []
    parts = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    return cuts if all(NUMBER.fullmatch(part) and len(part) > 1 for part in parts) else []


def readable_codes(code: Ints) -> Ints:
    """Private-use code points of symbol fonts (U+F020 to U+F0FF) as the characters they show, where that is known."""
    if not len(code) or int(code.max()) < 0xF020 or not ((code >= 0xF020) & (code <= 0xF0FF)).any():
        return code
    shown = np.where((code >= 0xF020) & (code <= 0xF07E), code - 0xF000, code)
    for symbol, character in _SYMBOLS.items():
        shown[code == symbol] = character
    return shown


def readable(chars: Chars) -> Chars:
    """The same characters with `readable_codes`."""
    code = readable_codes(chars.code)
    return chars if code is chars.code else Chars(code, chars.box, chars.base, chars.turn, chars.spaced)
