"""One cell of a quantity column -> the quantities that it prints, by a strict grammar.

Nothing is guessed: what has no strict reading comes back with a `problem` and its text. Look-alikes (`6I` for 61) are
only proposed. The order here is the order of the work: cell -> lines -> quantities -> one quantity.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from normalizers.asking import remembered
from normalizers.number_style import (
    DATE,
    ENGLISH,
    INDONESIAN,
    NUMERAL,
    NumberStyle,
    StyleVerdict,
    classify,
    infer_style,
    read_numeral,
)
from normalizers.number_tail import GRADE, SCALE_LETTERS, UNIT, read_tail
from normalizers.number_text import split_lines, split_quantities
from normalizers.terbilang import from_words
from normalizers.units import is_counted, is_label, is_unit

__all__ = ["ENGLISH", "INDONESIAN", "NumberStyle", "Part", "StyleVerdict", "infer_style", "parse_cell"]


@dataclass(frozen=True, slots=True)
class Part:
    """One quantity of a cell.

    `value` and `decimals` (places printed; negative where a scale word follows: `1,5 miliar` has -8), `unit` the raw
    unit word (`Rp` and `%` too), `value_text` a graded word, a range or whatever is no number, `raw` the substring of
    the cell. `lookalike`: only proposed, by exchanging letters for digits; never a fact without a proof. `problem`:
    one sentence, where the text has no strict reading (value None) or contradicts itself (value kept). `certain` is
    False where the value rests on a style that the column does not prove; `alternative` is the other value that the
    text alone allows.
    """

    raw: str
    value: Decimal | None = None
    decimals: int | None = None
    unit: str | None = None
    value_text: str | None = None
    currency: bool = False
    percent: bool = False
    lookalike: bool = False
    problem: str | None = None
    certain: bool = True
    alternative: Decimal | None = None


@dataclass(frozen=True, slots=True)
class _Context:
    verdict: StyleVerdict
    quantity: str | None
    percent: bool


_RANGE = r"(?:[-–—~]|s\s*/\s*d|s\s*\.\s*d\.?|sampai(?: dengan)?|hingga)"
_CURRENCY = r"(?:Rp|IDR)(?![A-Za-z])[.,:]?"
_QUANTITY = re.compile(
    rf"(?P<open>\()?\s*(?P<sign>[-–—]\s*)?(?P<currency>{_CURRENCY}\s*)?(?P<open2>\()?\s*(?P<sign2>[-–—]\s*)?"
    rf"(?P<num>{NUMERAL})(?P<flat>\s*[.,]{{1,2}}\s*[-–—]+(?!\s*\d))?\s*(?P<pct>%)?\s*(?P<close>\))?\s*(?P<tail>.*)",
    re.IGNORECASE,
)
_DASH = re.compile(
    rf"(?P<currency>{_CURRENCY})?\s*\(?\s*[-–—]+\s*(?:[.,]\s*[-–—]+)?\s*\)?\s*(?P<unit>%|[A-Za-z][A-Za-z/. ]*)?", re.I
)
_SPREADSHEET = re.compile(r"#+(?:REF!|DIV/0!|N/A|VALUE!|NAME\?|NUM!|NULL!)?", re.I)
_EXPONENT = re.compile(r"\d[.,]?\d*\s*[eE]\s*[+-]?\s*\d+\b")
_MONTH = re.compile(
    r"(?:jan(?:uari)?|feb(?:ruari)?|mar(?:et)?|apr(?:il)?|mei|jun[iy]?|jul[iy]?|agu(?:stus|st|s)?|aug|sept?(?:ember)?"
    r"|okt(?:ober)?|oct|nov(?:ember)?|des(?:ember)?|dec)\b\.?",
    re.I,
)
_DAY, _FEW_DIGITS = re.compile(r"^\d{1,2}\s*[-/ ]?\s*"), re.compile(r"\d{1,2}\D|\D")
_MARKS_BEFORE = re.compile(r"^[\s:=•▪●◦]+")
_DIGITS_AND_MARKS = re.compile(r"[\d.,]+")
_NUMERAL = re.compile(r"\d+(?:[.,]\d+)*")  # without blanks
_SECOND = re.compile(  # of a range or ratio
    rf"(?P<join>{_RANGE}|[:/xX×])\s*(?P<num>{NUMERAL})\s*(?P<pct>%)?\s*(?P<unit>[A-Za-z][^\d]*)?"
)
_FOOTNOTE = re.compile(  # `72,61*)`: explained below the table; `m²`, `Km ³` are units
    r"\s*(?:\*{1,3}|[¹⁴-⁹]|(?<![^\W\d_])(?<![^\W\d_]\s)[²³])\)?$"
)
_COMPARED = re.compile(rf"(?P<sign>[<>≤≥±~=]+|(?:min|maks|max)\.?)\s*(?P<num>{NUMERAL})\s*(?P<tail>.*)", re.I)


def parse_cell(
    text: str,
    style: StyleVerdict | NumberStyle,
    quantity: str | None = None,
    *,
    percent: bool = False,
) -> list[Part]:
    """The quantities of a cell, in reading order; none for an empty cell.

    `style` comes from `infer_style` over the column; `quantity` is the column's (anggaran, kinerja, jumlah),
    `percent` whether it holds percentages: in an anggaran column that does not, a number is rupiah, which has no
    three decimals.
    """
    verdict = style if isinstance(style, StyleVerdict) else StyleVerdict(style, True, origin="declared")
    counts = ("ungrouped",) if verdict.evidence.get("ungrouped", 0) else ()
    return list(
        _parts(
            text,
            quantity,
            percent,
            verdict.style.group,
            verdict.style.decimal,
            verdict.certain,
            counts,
            verdict.mixed,
            verdict.origin,
            verdict.places,
        )
    )


@remembered
def _parts(
    text: str,
    quantity: str | None,
    percent: bool,
    group: str | None,
    decimal: str | None,
    certain: bool,
    counts: tuple[str, ...],
    mixed: bool,
    origin: str,
    places: int | None,
) -> tuple[Part, ...]:
    """`parse_cell` with a verdict taken apart into what matters here; of its evidence, the names that were seen."""
    verdict = StyleVerdict(NumberStyle(group, decimal), certain, dict.fromkeys(counts, 1), mixed, origin, places)
    context = _Context(verdict, quantity, percent)
    if text.isascii() and _is_numeral(text) and (bare := _bare_number(text, context)).problem is None:
        return (bare,)
    parts = []
    for raw, line in split_lines(text, places):
        pieces = split_quantities(line)
        for piece in pieces:
            part = _parse_one(piece, context)
            if part is not None:
                whole = raw if len(pieces) == 1 else piece
                parts.append(part if part.raw == whole else replace(part, raw=whole))
    return tuple(parts)


def _parse_one(text: str, context: _Context) -> Part | None:
    text = _MARKS_BEFORE.sub("", text).strip().rstrip(";").strip()
    if not text:
        return None
    part = _strict(text, context)
    if part is not None and part.problem is None and not _GLUED_LETTERS.search(text):
        return part
    guess = _lookalike(text, context)
    if guess is not None:
        return guess
    if part is not None:
        return part
    if re.search(r"\d", text):
        return Part(text, value_text=text, problem="holds digits but no number in a known form")
    return Part(text, value_text=text)


def _strict(text: str, context: _Context) -> Part | None:
    """The quantity, or a Part with a problem where the form is known but wrong, or None where no form fits."""
    if _is_numeral(text):
        return _bare_number(text, context)
    if _DIGITS_AND_MARKS.fullmatch(text) and text[0].isdigit() and not DATE.search(text):
        return _number(text, context) or _compared(text) or _graded(text, context) or _labelled(text, context)
    if _SPREADSHEET.fullmatch(text):
        return Part(text, value_text=text, problem="an error value of a spreadsheet")
    if _EXPONENT.search(text):
        return Part(text, value_text=text, problem="a number destroyed by a spreadsheet (exponent form)")
    if DATE.search(text) or (_MONTH.match(_DAY.sub("", text)) and _FEW_DIGITS.match(text)):
        return Part(text, value_text=text)
    dash = _DASH.fullmatch(text)
    if dash and not _bare_word(dash["unit"]):
        return _dash(text, dash, context)
    if _MULTIPLIED.fullmatch(text):
        return Part(text, value_text=text)
    return _number(text, context) or _compared(text) or _graded(text, context) or _labelled(text, context)


def _bare_word(unit: str | None) -> bool:
    return unit is not None and not is_unit(unit)


def _dash(text: str, match: re.Match[str], context: _Context) -> Part:
    currency, unit = match["currency"] is not None, match["unit"]
    if context.quantity == "anggaran" or currency:
        return Part(text, Decimal(0), 0, unit or ("Rp" if currency else None), currency=currency, percent=unit == "%")
    return Part(text, unit=unit, value_text="-", percent=unit == "%")


def _is_numeral(text: str) -> bool:
    return _NUMERAL.fullmatch(text) is not None and not DATE.search(text)


def _bare_number(text: str, context: _Context) -> Part:
    """`_number` for a text that is nothing but a numeral, as most are."""
    money = context.quantity == "anggaran" and not context.percent
    reading = read_numeral(text, context.verdict, money=money)
    if reading.value is None:
        return Part(text, value_text=text, problem=reading.problem)
    return Part(text, reading.value, reading.decimals, certain=reading.certain, alternative=reading.alternative)


def _number(text: str, context: _Context) -> Part | None:
    match = _QUANTITY.fullmatch(text)
    if not match:
        return None
    tail, percent = _FOOTNOTE.sub("", match["tail"].strip()), match["pct"] is not None
    opened = bool(match["open"]) + bool(match["open2"])
    if (
        opened != bool(match["close"])
        or (opened and (match["sign"] or match["sign2"]))
        or (match["sign"] and match["sign2"])
    ):
        if opened == 0 and match["close"]:
            return None
        return Part(text, value_text=text, problem="parentheses or signs that do not pair")
    if not percent and tail.startswith("%"):
        percent, tail = True, tail[1:].strip()
    span = _span(text, match, tail)
    if span is not None:
        return span
    after = read_tail(tail)
    if after is None or (after.per and context.quantity != "anggaran" and not match["currency"]):
        return Part(text, value_text=text, problem="more than a number and its unit")
    currency = match["currency"] is not None or after.currency
    percent = percent or after.percent
    money = currency or (context.quantity == "anggaran" and not percent and not context.percent)
    whole = match["flat"] is not None
    whole = whole or (after.unit is not None and classify(match["num"]).kind == "open" and is_counted(after.unit))
    reading = read_numeral(match["num"], context.verdict, money=money, flat=whole)
    if reading.value is None:
        return Part(text, value_text=text, currency=currency, percent=percent, problem=reading.problem)
    if money and after.unit in SCALE_LETTERS and not after.scale:
        after = replace(after, unit=None, scale=SCALE_LETTERS[after.unit])
    unit = "%" if percent else after.unit or ("Rp" if currency else None)
    unit = f"Rp/{after.per}" if after.per and money else unit
    part = Part(
        text, reading.value, reading.decimals, unit, after.value_text, currency, percent, certain=reading.certain,
        alternative=reading.alternative,
    )  # fmt: skip
    return _scaled(_worded(_signed(part, match, context), after.words), after.scale)


def _signed(part: Part, match: re.Match[str], context: _Context) -> Part:
    assert part.value is not None
    sign = match["sign"] or match["sign2"]
    if not sign and not match["close"]:
        return part
    other = None if part.alternative is None else -part.alternative
    # A blank behind the sign may be a bullet, and a count in parentheses a number of a note: only money is sure.
    sure = part.currency or context.quantity == "anggaran" or context.percent or (bool(sign) and sign[-1] != " ")
    return replace(
        part,
        value=-part.value,
        certain=part.certain and sure,
        alternative=other if sure or other is not None else part.value,
    )


def _worded(part: Part, words: str | None) -> Part:
    """`1 (satu)`: the words must say the same."""
    said = from_words(words) if words else None
    if said is None or part.value is None or said == abs(part.value):
        return part
    if not part.certain and part.alternative is not None and said == abs(part.alternative):
        places = max(0, -int(part.alternative.as_tuple().exponent))
        return replace(part, value=part.alternative, alternative=part.value, decimals=places, certain=True)
    return replace(part, problem=f"the words beside it say {said}")


def _scaled(part: Part, places: int) -> Part:
    if not places or part.value is None or part.decimals is None:
        return part
    if abs(part.value) >= 10 ** (18 - places):
        return replace(part, value=None, decimals=None, value_text=part.raw, problem="more digits than a quantity has")
    other = None if part.alternative is None else part.alternative * 10**places
    return replace(part, value=part.value * 10**places, decimals=part.decimals - places, alternative=other)


def _span(text: str, match: re.Match[str], tail: str) -> Part | None:
    """Ranges (`325 – 400`) and ratios (`1 : 20`, `3/4`), as text."""
    more = _SECOND.fullmatch(tail)
    if not more:
        return None
    if match["open"] or match["flat"]:
        return Part(text, value_text=text, problem="more than a number and its unit")
    percent = more["pct"] is not None or match["pct"] is not None
    unit = (more["unit"] or "").strip()
    kept = text[: len(text) - len(unit)].strip() if unit else text
    return Part(text, value_text=kept, unit="%" if percent else unit or None, percent=percent)


def _compared(text: str) -> Part | None:
    """`≥ 80 %`, `< 14 hari`: text with a unit."""
    match = _COMPARED.fullmatch(text)
    if not match:
        return None
    tail = match["tail"].strip()
    percent = tail.startswith("%")
    if tail and not percent and not UNIT.fullmatch(tail):
        return None
    kept = text if percent or not tail else text[: len(text) - len(tail)].strip()
    return Part(text, value_text=kept, unit="%" if percent else tail or None, percent=percent)


#: `50 Orang x 4 Kali`: how many units of a budget line (Koefisien of the SIPD forms), as text.
_MULTIPLIED = re.compile(rf"(?:{NUMERAL}\s*[A-Za-z][A-Za-z./ ]*?\s*[xX×*]\s*)+{NUMERAL}\s*[A-Za-z][A-Za-z./ ]*")

_WORD_AND_NUMBER = re.compile(
    rf"(?P<word>[A-Za-z][A-Za-z +\-]*?)\s*(?P<mark>[(/,:]|\s)\s*(?P<num>{NUMERAL})\s*(?P<pct>%)?\s*(?P<close>\))?",
)


def _graded(text: str, context: _Context) -> Part | None:
    """`A (80,79)`, `Baik (80)`, `BB/72,5`: a grade and its number; `B Nilai`, `Nilai B`: a grade and its unit."""
    match = _WORD_AND_NUMBER.fullmatch(text)
    if match and (match["mark"] == "(") == bool(match["close"]) and not is_label(match["word"]):
        if match["mark"] != "(" and not GRADE.fullmatch(match["word"]):
            return None
        reading = read_numeral(match["num"], context.verdict)
        if reading.value is None:
            return Part(text, value_text=text, problem=reading.problem)
        percent = match["pct"] is not None
        word = match["word"].strip()
        unit, grade = (word, None) if is_unit(word) else ("%" if percent else None, word)
        part = Part(text, reading.value, reading.decimals, unit, grade, percent=percent, certain=reading.certain)
        return replace(part, alternative=reading.alternative)
    words = text.split()
    if len(words) == 2 and GRADE.fullmatch(words[0]) and is_unit(words[1]):
        return Part(text, unit=words[1], value_text=words[0])
    if len(words) == 2 and is_label(words[0]) and GRADE.fullmatch(words[1]) and words[1].isupper():
        return Part(text, unit=words[0], value_text=words[1])
    return None


def _labelled(text: str, context: _Context) -> Part | None:
    """`Nilai 80,5`, `Level 3`, `Indeks (3,2)`: the unit stands before the number."""
    match = re.fullmatch(rf"(?P<word>[A-Za-z]+)\s*[:=]?\s*\(?\s*(?P<num>-?{NUMERAL}\s*%?)\s*\)?", text)
    if not match or not is_label(match["word"]):
        return None
    part = _number(match["num"], context)
    return part if part is None or part.value is None else replace(part, unit=part.unit or match["word"])


_LOOKS = str.maketrans({"I": "1", "l": "1", "|": "1", "!": "1", "O": "0", "o": "0", "S": "5", "B": "8", "Z": "2"})
_MIXED = re.compile(r"(?=[IlO|!oSBZ.,]*\d)(?=[\d.,]*[IlO|!oSBZ])[\dIlOo|!][\dIlOo|!SBZ.,]*")
_GLUED_LETTERS = re.compile(r"\d[IlO|!oSBZ]{1,4}(?![A-Za-z])")  # `6I`: no unit is written so
_LETTERS = re.compile(r"[Il|][Il|O]?(?= ?[A-Za-z%])|[Oo](?= ?[A-Za-z%])|[l|]O?|IO")


def _lookalike(text: str, context: _Context) -> Part | None:
    """Letters in the place of digits, and blanks inside a number: a proposal, only where the result is strict."""
    body = re.sub(rf"^{_CURRENCY}\s*", "", text, flags=re.I)
    head = text[: len(text) - len(body)]
    candidates = []
    mixed = _MIXED.match(body)
    ends = range(mixed.end(), 0, -1) if mixed else ()
    candidates += [(body[:end].translate(_LOOKS), body[end:]) for end in ends]
    letters = _LETTERS.match(body)
    if letters:
        candidates.append((letters[0].translate(_LOOKS), body[letters.end() :]))
    closed = re.sub(r"(?<=\d[.,]) (?=\d)|(?<=\d) (?=[.,]\d)", "", body)
    if closed != body:
        candidates.append((closed, ""))
    for digits, rest in candidates:
        unit = rest.strip(" .")
        if unit and unit != "%" and not is_unit(unit):
            continue
        part = _strict(f"{head}{digits} {rest}".strip(), context)
        if part is not None and part.value is not None and part.problem is None:
            return replace(part, lookalike=True, certain=False, value_text=text)
    return None


def parse_number(text: str, style: NumberStyle = INDONESIAN) -> Decimal | None:
    """The value of a text that is one number and nothing else beside currency, sign or percent; None otherwise."""
    parts = parse_cell(text, style)
    if len(parts) != 1 or parts[0].lookalike or parts[0].problem or parts[0].value_text:
        return None
    return parts[0].value


def styles_of(columns: Iterable[Iterable[str]], document: StyleVerdict | None = None) -> list[StyleVerdict]:
    """The verdict of each quantity column of one table: its own cells first, then the table's, then the document's."""
    held = [list(column) for column in columns]
    table = infer_style((text for column in held for text in column), document)
    return [infer_style(column, table) for column in held]
