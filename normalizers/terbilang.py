"""Number words (terbilang), both ways, and the amounts that prose writes twice: `Rp. 1.500,- (Seribu Lima Ratus
Rupiah)`.

Words are read strictly: what is misspelt or out of order has no value; nothing is guessed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from functools import lru_cache

from normalizers.number_style import (
    ENGLISH,
    INDONESIAN,
    NUMERAL,
    Reading,
    StyleVerdict,
    classify,
    clean,
    read_numeral,
)

_DIGITS = ("nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan")
_SCALES = ("", "ribu", "juta", "miliar", "triliun", "kuadriliun", "kuintiliun", "sekstiliun")
_SPELLINGS = {
    "kosong": "nol",
    "milyar": "miliar",
    "milyard": "miliar",
    "trilyun": "triliun",
    "biliun": "triliun",
    "kuadrilyun": "kuadriliun",
    "kuintilyun": "kuintiliun",
    "sekstilyun": "sekstiliun",
}
_ONE = {"sepuluh": 10, "sebelas": 11, "seratus": 100}
_ONE_SCALES = {
    **{f"se{s}": s for s in ("ribu", "juta", "miliar", "triliun")},
    "semilyar": "miliar",
    "setrilyun": "triliun",
}
_SIMPLE = (*_DIGITS, *_SPELLINGS, *_SCALES[1:], *_ONE, *_ONE_SCALES, "belas", "puluh", "ratus", "koma", "sen", "rupiah")
_SIGNS = ("minus", "negatif")
_WORD = re.compile("|".join(sorted((*_SIMPLE, *_SIGNS), key=len, reverse=True)))


@dataclass(frozen=True, slots=True)
class Amount:
    """A number in prose, with its number words.

    `value` is what the digits say (None where they have no strict reading), `words_value` what the words say (None
    where there are none or they cannot be read). `span` is the place in the text, `raw` the text there, `unit` the
    words that follow (`Sub Kegiatan`), `currency` whether Rp or rupiah is printed. `problem` is one sentence where
    something cannot be read.
    """

    value: Decimal | None
    words_value: Decimal | None
    span: tuple[int, int]
    raw: str
    words: str | None
    unit: str | None
    currency: bool
    problem: str | None = None

    @property
    def agrees(self) -> bool | None:
        """Whether digits and words say the same; None where one of them is missing."""
        if self.value is None or self.words_value is None:
            return None
        return self.value == self.words_value


def to_words(value: Decimal | int) -> str:
    """Number words of a value, lower case, `koma` before decimals. ValueError from 10^24 on and for non-numbers."""
    value = Decimal(value)
    if not value.is_finite() or abs(value) >= Decimal(10) ** (3 * len(_SCALES)):
        raise ValueError(f"no words for {value}")
    sign = "minus " if value < 0 else ""
    whole, _, fraction = f"{abs(value):f}".partition(".")
    words = sign + _whole_words(int(whole))
    fraction = fraction.rstrip("0")
    return words + (" koma " + " ".join(_DIGITS[int(d)] for d in fraction) if fraction else "")


def _whole_words(number: int) -> str:
    if number == 0:
        return "nol"
    words: list[str] = []
    for scale in range(len(_SCALES) - 1, -1, -1):
        group = number // 1000**scale % 1000
        if group == 1 and scale == 1:
            words.append("seribu")
        elif group:
            words += [_hundreds_words(group), _SCALES[scale]]
    return " ".join(w for w in words if w)


@lru_cache(1000)
def _hundreds_words(group: int) -> str:
    hundreds, rest = divmod(group, 100)
    words = ["seratus" if hundreds == 1 else f"{_DIGITS[hundreds]} ratus"] if hundreds else []
    tens, ones = divmod(rest, 10)
    if rest in (10, 11):
        words.append("sepuluh" if rest == 10 else "sebelas")
    elif tens == 1:
        words.append(f"{_DIGITS[ones]} belas")
    else:
        words += [f"{_DIGITS[tens]} puluh"] if tens else []
        words += [_DIGITS[ones]] if ones else []
    return " ".join(words)


def from_words(text: str) -> Decimal | None:
    """The value of number words, or None. Capitals, hyphens, missing or extra blanks, `rupiah` and `sen` are
    understood.
    """
    words = _tokens(text)
    if not words:
        return None
    negative = words[0] in _SIGNS
    words = words[1:] if negative else words
    value = _amount(words)
    return -value if negative and value is not None else value


def _tokens(text: str) -> list[str] | None:
    """Number words in order; None where a letter is left over. Blanks do not matter: `duapuluh`, `sera tus`."""
    letters = re.sub(r"[\s\-–,.]+", "", clean(text).lower())
    words: list[str] = []
    at = 0
    while at < len(letters):
        match = _WORD.match(letters, at)
        if not match:
            return None
        words.append(_SPELLINGS.get(match[0], match[0]))
        at = match.end()
    return words


def _amount(words: list[str]) -> Decimal | None:
    if words and words[-1] == "sen" and "rupiah" in words:
        at = words.index("rupiah")
        rupiah, sen = _decimal(words[:at]), _whole(words[at + 1 : -1])
        return rupiah + Decimal(sen) / 100 if rupiah is not None and sen is not None and sen < 100 else None
    if words and words[-1] == "rupiah":
        words = words[:-1]
    return _decimal(words)


def _decimal(words: list[str]) -> Decimal | None:
    if "koma" not in words:
        whole = _whole(words)
        return None if whole is None else Decimal(whole)
    at = words.index("koma")
    whole, fraction = _whole(words[:at]), words[at + 1 :]
    scale = 1
    if fraction and fraction[-1] in _SCALES[1:]:  # dua koma lima miliar
        scale = 1000 ** _SCALES.index(fraction.pop())
    digits = _fraction(fraction)
    return None if whole is None or digits is None else Decimal(f"{whole}.{digits}") * scale


def _fraction(words: list[str]) -> str | None:
    if words and all(w in _DIGITS for w in words):
        return "".join(str(_DIGITS.index(w)) for w in words)
    zeros = 0
    while words and words[0] == "nol":
        words, zeros = words[1:], zeros + 1
    number = _whole(words)
    return "0" * zeros + str(number) if number is not None and number < 1000 else None


def _whole(words: list[str]) -> int | None:
    """Scales must fall from left to right; each holds 1 to 999."""
    if words == ["nol"]:
        return 0
    total, at, last = 0, 0, len(_SCALES)
    while at < len(words):
        if words[at] in _ONE_SCALES:
            group, scale, at = 1, _SCALES.index(_ONE_SCALES[words[at]]), at + 1
        else:
            group, at = _hundreds(words, at)
            scale = 0
            if at < len(words) and words[at] in _SCALES[1:]:
                scale, at = _SCALES.index(words[at]), at + 1
        if group == 0 or scale >= last:
            return None
        total, last = total + group * 1000**scale, scale
    return total or None


def _hundreds(words: list[str], at: int) -> tuple[int, int]:
    """The number 1 to 999 at `at` (0 where there is none), and where it ends."""
    total = 0
    if at < len(words) and words[at] == "seratus":
        total, at = 100, at + 1
    elif at + 1 < len(words) and words[at + 1] == "ratus" and _digit(words[at]):
        total, at = 100 * _digit(words[at]), at + 2
    if at < len(words) and words[at] in ("sepuluh", "sebelas"):
        return total + _ONE[words[at]], at + 1
    digit = _digit(words[at]) if at < len(words) else 0
    after = words[at + 1] if digit and at + 1 < len(words) else ""
    if after == "belas":
        return total + 10 + digit, at + 2
    if after == "puluh":
        ones = _digit(words[at + 2]) if at + 2 < len(words) else 0
        closed = at + 3 < len(words) and words[at + 3] in ("ratus", "puluh", "belas")
        return (total + 10 * digit, at + 2) if closed or not ones else (total + 10 * digit + ones, at + 3)
    return total + digit, at + (1 if digit else 0)


def _digit(word: str) -> int:
    return _DIGITS.index(word) if word in _DIGITS else 0


_AMOUNT = re.compile(
    rf"(?<![\w.,])(?P<rp>[Rr][Pp][.:]?\s*)?(?P<num>{NUMERAL})(?P<flat>\s*[.,]{{1,2}}\s*[-–—]+)?(?P<pct>\s*%)?"
    r"(?P<paren>\s*[(\[]\s*(?P<words>[A-Za-z][A-Za-z\s,.\-–]*?)\s*[)\]])?",
)
_NOUN = re.compile(r"\s*((?:[A-Za-z][A-Za-z/]*\.?)(?:[ \n]+[A-Za-z][A-Za-z/]*\.?){0,2})")
_STOP = frozenset(
    re.findall(
        r"\w+",
        "dan dengan yang serta atau untuk pada dari di ke sebesar senilai dalam tentang adalah meliputi yaitu",
    )
)


_HEADING = re.compile(r"0{3,}")  # `(Rp.000)`: a header's unit, no amount


def find_amounts(text: str) -> list[Amount]:
    """Amounts of prose that can be tested: numbers with words behind them, and Rp amounts even without words."""
    text = clean(text)
    found = []
    for match in _AMOUNT.finditer(text):
        words = match["words"]
        if words is not None and not _looks_like_words(words):
            words = None
        if words is None and (match["rp"] is None or _HEADING.fullmatch(match["num"])):
            continue
        found.append(_make_amount(text, match, words))
    return found


def _make_amount(text: str, match: re.Match[str], words: str | None) -> Amount:
    words_value = None if words is None else from_words(words)
    currency = match["rp"] is not None or bool(words and "rupiah" in words.lower())
    numeral = _read_beside_words(match["num"], words_value, currency, match["flat"] is not None)
    end = match.end() if words is not None else match.end("pct") if match["pct"] else match.end("flat")
    end = max(end, match.end("num"))
    problem = numeral.problem
    if words is not None and words_value is None:
        problem = "the number words cannot be read"
    raw = text[match.start() : end]
    unit = None if currency else ("%" if match["pct"] else _noun(text, end))
    return Amount(numeral.value, words_value, (match.start(), end), raw, words, unit, currency, problem)


def _read_beside_words(numeral: str, words_value: Decimal | None, money: bool, flat: bool) -> Reading:
    """Where digits alone are open (`1.234`), the words beside them decide; else the Indonesian style."""
    reading = read_numeral(numeral, StyleVerdict(INDONESIAN, False), money=money, flat=flat)
    if reading.value is None and classify(numeral).kind == "broken":
        return reading
    if words_value is not None and reading.value != words_value and classify(numeral).kind == "open":
        other = read_numeral(numeral, StyleVerdict(ENGLISH, False), money=money, flat=flat)
        return other if other.value == words_value else reading
    return reading


def _looks_like_words(words: str) -> bool:
    """Most of its words are, begin with or resemble number words: a misspelt amount is still a claim, a remark is
    not.
    """
    parts = re.findall(r"[a-z]+", words.lower())
    exact = [p for p in parts if _tokens(p) is not None]
    near = [p for p in parts if _tokens(p) is None and get_close_matches(p, _SIMPLE, 1, 0.75)]
    return bool(exact) and (len(exact) + len(near)) * 2 > len(parts)


def _noun(text: str, at: int) -> str | None:
    match = _NOUN.match(text, at)
    if not match:
        return None
    words: list[str] = []
    for word in match[1].split():
        if word.lower().rstrip(".") in _STOP:
            break
        words.append(word)
    return " ".join(words).rstrip(".") or None
