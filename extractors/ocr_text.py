"""Text as a recogniser gives it, folded to the characters that can be compared; and how two readings compare.

Knows no language and no budgets: only characters.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_SAME = str.maketrans(
    {
        "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "−": "-", "﹣": "-", "ー": "-", "一": "-",
        "‘": "'", "’": "'", "‚": ",", "‛": "'", "“": '"', "”": '"', "„": '"', "´": "'", "｀": "'",
        "、": ",", "。": ".", "．": ".", "，": ",", "·": ".", "•": "-", "●": "-", "…": "...",
        "【": "[", "】": "]", "「": "[", "」": "]", "《": "<", "》": ">", "〈": "<", "〉": ">",
        "×": "x", "÷": "/", "⁄": "/", "∕": "/", "～": "~", "¦": "|",
        "\u00a0": " ", "\u3000": " ", "\ufffe": "-", "\u00ad": "-",
    }
)  # fmt: skip


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """`text` in ASCII: accents dropped, wide and typographic forms made plain; what has no plain form stays.

    >>> fold("Perséntase “１２，５” – à")
    'Persentase "12,5" - a'
    """
    if text.isascii():
        return text
    plain = unicodedata.normalize("NFKD", text.translate(_SAME))
    return "".join(c for c in plain if not unicodedata.combining(c)).translate(_SAME)


def has_no_plain_form(character: str) -> bool:
    """True for Chinese and Korean characters, which fold to nothing in ASCII (but for those of `_SAME`): seen at once."""
    return len(character) == 1 and "\u3400" <= character < "\ue000" and ord(character) not in _SAME


def skeleton(text: str) -> str:
    """What must be equal for two readings to agree: the folded characters without any white space; the shapes that
    Tesseract gives for a percent sign behind a digit are one."""
    return _PERCENT.sub("%", re.sub(r"\s+", "", fold(text)))


def is_numeric(text: str) -> bool:
    """True where at least half of the characters are digits or the marks that stand in numbers."""
    bare = skeleton(text)
    if not any(c.isdigit() for c in bare):
        return False
    return sum(c.isdigit() or c in ".,()%-+/:" for c in bare) * 2 >= len(bare)


_PERCENT = re.compile(r"(?<=\d)(?:Yo|Y6|9o|Vo)(?=\)?$)")
_NUMBER = re.compile(
    r"\(?[-+]?(?:\d{1,3}(?:\.\d{3})+(?:,\d{1,4}-?|,-)?|\d{1,3}(?:,\d{3})+(?:\.\d{1,4})?|\d+(?:[.,]\d{1,4})?-?)\)?%?"
)


_GROUPED = re.compile(r"\(?-?(?:\d{1,3}(?:\.\d{3})+(?:,\d{1,2}|,-)?|\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?)\)?%?")


def is_grouped_number(text: str) -> bool:
    """True for one number with all its thousands grouped, at least one group, two decimals at most (`1.250.000,00`): a
    shape that a lost or misread mark destroys."""
    return _GROUPED.fullmatch(skeleton(text)) is not None


def is_code(text: str) -> bool:
    """True for numbers of one or two digits with points between, three parts or more, the last of up to four digits
    (`5.03.02.2.01`, `X.XX.01.2.09.0001`): a shape that a lost mark or digit destroys more often than not."""
    return re.fullmatch(r"[\dX]{1,2}(\.[\dX]{1,2}){2,}(\.\d{1,4})?\.?", skeleton(text)) is not None


def is_digits(text: str) -> bool:
    """True for digits with points, commas and signs alone, and for codes with `X` (`X.XX.01.2`)."""
    return re.fullmatch(r"-?[\dX.,:]*\d[\dX.,:]*%?", text) is not None


def is_single_digit(text: str) -> bool:
    """True for one digit alone, but 1: strokes of all kinds read as 1."""
    return re.fullmatch(r"[02-9]", skeleton(text)) is not None


def digits(text: str) -> str:
    """The digits of a text of digits and marks alone; the text itself where it holds a letter, so that it equals none."""
    bare = skeleton(text)
    return re.sub(r"\D", "", bare) if re.fullmatch(r"[\d.,:()%-]+", bare) else bare


def is_broken_number(text: str) -> bool:
    """True for digits in groups that no style of print gives (`1590.078.504`, `26.680.000.00`): a mark was lost or
    misread. Codes (groups of one or two digits, a last one of up to four) and plain numbers are none."""
    bare = skeleton(text).strip("()%-+")
    if re.fullmatch(r"[\d.,]+", bare) and (
        re.search(r"\d{4,}[.,]\d{3}(\D|$)", bare) or (re.search(r"[.,]", bare) and re.search(r"\d \d", text))
    ):
        return True  # `8000.000`; `108 092.510`: a blank stands where a faint mark was
    if re.search(r"\.\d{3},\d{3}(\D|$)|,\d{3}\.\d{3}(\D|$)", bare):
        return True  # `25,000.000`
    groups = re.split(r"[.,]", bare)
    if len(groups) < 3 or not all(group.isdigit() for group in groups) or is_plain_number(text):
        return False
    return any(len(group) >= 3 for group in groups[:-1])


def is_plain_number(text: str) -> bool:
    """True where the text is one number, its grouping strict (`1.234.567,00`, `1,234,567.00`, `12,5`, `(3.000)`,
    `80%`).

    The shape alone: a text of digits for which this is False deserves a second look.
    """
    return _NUMBER.fullmatch(skeleton(text)) is not None
