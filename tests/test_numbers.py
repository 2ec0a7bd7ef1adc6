"""The number grammar: every printed form, the styles, and what must never become a number."""

from __future__ import annotations

from decimal import Decimal as D

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from normalizers.number_style import StyleVerdict, classify, clean
from normalizers.numbers import ENGLISH, INDONESIAN, NumberStyle, infer_style, parse_cell, parse_number, styles_of

SPACED = NumberStyle(" ", ",")
SILENT = infer_style([])
STYLES = [INDONESIAN, ENGLISH, SPACED, NumberStyle(" ", ".")]


def one(text: str, style: StyleVerdict | NumberStyle = SILENT, quantity: str | None = "kinerja", percent: bool = False):
    parts = parse_cell(text, style, quantity, percent=percent)
    assert len(parts) == 1, parts
    return parts[0]


@pytest.mark.parametrize(
    ("text", "value", "decimals"),
    [
        pytest.param("4.811.172.650,00", "4811172650", 2, id="indonesian"),
        pytest.param("4,811,172,650.00", "4811172650", 2, id="english"),
        pytest.param("Rp. 4,811,172,650,-", "4811172650", 0, id="english with a closing dash"),
        pytest.param("Rp.13.201.715.554,-", "13201715554", 0, id="rp glued"),
        pytest.param("66.000.000,-", "66000000", 0, id="closing dash"),
        pytest.param("62.292.650.,-", "62292650", 0, id="closing dash after two marks"),
        pytest.param("329.000,-", "329000", 0, id="closing dash decides for thousands"),
        pytest.param("1.000.000.-", "1000000", 0, id="closing dash after a dot"),
        pytest.param("550,000", "550000", 0, id="rupiah has no three decimals"),
        pytest.param("500.000", "500000", 0, id="one group"),
        pytest.param(": 927.953.870", "927953870", 0, id="colon of a label"),
        pytest.param("(200.464.664,00)", "-200464664", 2, id="parentheses"),
        pytest.param("Rp (5.000.000)", "-5000000", 0, id="parentheses after rp"),
        pytest.param("-Rp5.000.000", "-5000000", 0, id="minus before rp"),
        pytest.param("329.957.274,\n00", "329957274", 2, id="broken before the decimals"),
        pytest.param("4.811.172.\n650", "4811172650", 0, id="broken at a mark"),
        pytest.param("4.811.172\n.650", "4811172650", 0, id="broken before a mark"),
        pytest.param("4.811.172.65\n0,00", "4811172650", 2, id="broken between digits"),
        pytest.param("(200.464.664,\n00)", "-200464664", 2, id="broken inside parentheses"),
        pytest.param("Rp\n4.811.172.650", "4811172650", 0, id="rp on its own line"),
        pytest.param("-", "0", 0, id="dash is zero"),
        pytest.param(": -", "0", 0, id="dash after a colon"),
        pytest.param("Rp -", "0", 0, id="rp dash"),
        pytest.param("0", "0", 0, id="zero"),
        pytest.param("9504,92", "9504.92", 2, id="no groups"),
        pytest.param("Rp 1,5 Miliar", "1500000000", -8, id="scale word"),
        pytest.param("2.500.000/bulan", "2500000", 0, id="a month"),
    ],
)
def test_amounts(text: str, value: str, decimals: int) -> None:
    part = one(text, SILENT, "anggaran")
    assert (part.value, part.decimals, part.value_text, part.problem) == (D(value), decimals, None, None)
    assert part.certain and not part.lookalike
    assert part.raw == text


@pytest.mark.parametrize(
    ("text", "value", "unit", "value_text"),
    [
        pytest.param("59.1", "59.1", None, None, id="dot decimals"),
        pytest.param("24.7 Dokumen", "24.7", "Dokumen", None, id="number and unit"),
        pytest.param("4700Dokumen", "4700", "Dokumen", None, id="glued unit"),
        pytest.param("12 Orang/bulan", "12", "Orang/bulan", None, id="compound unit"),
        pytest.param("12 Orang/\nbulan", "12", "Orang/bulan", None, id="wrapped unit"),
        pytest.param("24 Dokumen\nPerencanaan", "24", "Dokumen Perencanaan", None, id="unit over two lines"),
        pytest.param("24\nDokumen", "24", "Dokumen", None, id="unit on its own line"),
        pytest.param("1 Dokumen Renja\n2024", "1", "Dokumen Renja", None, id="a year is no second quantity"),
        pytest.param("134 Jumlah", "134", "Jumlah", None, id="jumlah"),
        pytest.param("12 M2", "12", "M2", None, id="unit with a digit"),
        pytest.param("1 (satu)", "1", None, None, id="number words"),
        pytest.param("1 (satu) Dokumen", "1", "Dokumen", None, id="number words and unit"),
        pytest.param("100%", "100", "%", None, id="percent"),
        pytest.param("88,30 %", "88.30", "%", None, id="percent with a blank"),
        pytest.param("100\n%", "100", "%", None, id="percent on its own line"),
        pytest.param("100 persen", "100", "%", None, id="percent in words"),
        pytest.param("100,00 %\n(seratus persen)", "100", "%", None, id="percent in words behind"),
        pytest.param("108,3333333", "108.3333333", None, None, id="long decimals"),
        pytest.param("-12,5", "-12.5", None, None, id="negative"),
        pytest.param("−12,5", "-12.5", None, None, id="true minus sign"),
        pytest.param("１２３", "123", None, None, id="full width digits"),
        pytest.param("12\u00a0Orang", "12", "Orang", None, id="no-break space"),
        pytest.param("01 Dokumen", "1", "Dokumen", None, id="one leading zero"),
        pytest.param("A (80,79)", "80.79", None, "A", id="grade and number"),
        pytest.param("80,79 (A)", "80.79", None, "A", id="number and grade"),
        pytest.param("Nilai 80,5", "80.5", "Nilai", None, id="unit in front"),
        pytest.param("Dokumen (2)", "2", "Dokumen", None, id="unit in front, number in parentheses"),
        pytest.param("B Nilai", None, "Nilai", "B", id="grade and unit"),
        pytest.param("BB", None, None, "BB", id="grade"),
        pytest.param("Menuju\nInformatif", None, None, "Menuju Informatif", id="words over two lines"),
        pytest.param("-", None, None, "-", id="dash"),
        pytest.param("- Dokumen", None, "Dokumen", "-", id="dash with a unit"),
        pytest.param("325 – 400", None, None, "325 – 400", id="range"),
        pytest.param("50 Orang x 4 Kali", None, None, "50 Orang x 4 Kali", id="units of a budget line"),
        pytest.param("325\n– 400", None, None, "325 – 400", id="range over two lines"),
        pytest.param("0,81 – 1", None, None, "0,81 – 1", id="range with decimals"),
        pytest.param("2-3 Dokumen", None, "Dokumen", "2-3", id="range with a unit"),
        pytest.param("≥ 80 %", None, "%", "≥ 80 %", id="at least"),
        pytest.param("3/4", None, None, "3/4", id="ratio"),
        pytest.param("N/A", None, None, "N/A", id="not applicable"),
        pytest.param("31 Desember 2024", None, None, "31 Desember 2024", id="date"),
        pytest.param("12-05-2023", None, None, "12-05-2023", id="date in digits"),
    ],
)
def test_performance(text: str, value: str | None, unit: str | None, value_text: str | None) -> None:
    part = one(text)
    assert part.value == (None if value is None else D(value))
    assert (part.unit, part.value_text, part.problem) == (unit, value_text, None)
    assert part.raw == text


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("5,03E+09", id="exponent"),
        pytest.param("5.03E+09", id="exponent with a dot"),
        pytest.param("#REF!", id="spreadsheet error"),
        pytest.param("4.81.172", id="group of two"),
        pytest.param("4.811.172.65", id="last group of two"),
        pytest.param("4.811,172.650", id="marks exchanged"),
        pytest.param("4.811.172,650,00", id="two decimal marks"),
        pytest.param("0.500.000", id="group that starts with zero"),
        pytest.param("007", id="leading zeros"),
        pytest.param("12,", id="a mark without digits"),
        pytest.param("(1.000", id="open parenthesis"),
        pytest.param("12 24", id="two numbers"),
        pytest.param("5 418", id="blank, style unknown"),
        pytest.param("100% (5 dokumen)", id="two quantities, one in parentheses"),
        pytest.param("S1", id="word with a digit"),
        pytest.param("197006071990031007", id="nip"),
        pytest.param("19700607 199003 1 007", id="nip with blanks"),
        pytest.param("999.999.999.999.999.999.999", id="more than the store holds"),
        pytest.param("999.999.999.999 triliun", id="more than the store holds, with a scale word"),
    ],
)
def test_no_number(text: str) -> None:
    part = one(text, SILENT, "anggaran")
    assert part.value is None
    assert part.problem
    assert part.value_text == text


@pytest.mark.parametrize(
    ("text", "values"),
    [
        pytest.param("1 Dokumen\n2 Laporan", [("1", "Dokumen"), ("2", "Laporan")], id="lines"),
        pytest.param("2 Dok; 3 Lap", [("2", "Dok"), ("3", "Lap")], id="semicolon"),
        pytest.param("2 Dok, 3 Lap", [("2", "Dok"), ("3", "Lap")], id="comma"),
        pytest.param("5 Dokumen dan 2 Laporan", [("5", "Dokumen"), ("2", "Laporan")], id="dan"),
        pytest.param("5 (lima) orang dan 2 (dua) unit", [("5", "orang"), ("2", "unit")], id="with words"),
        pytest.param("1 Dokumen 2 Laporan", [("1", "Dokumen"), ("2", "Laporan")], id="one after the other"),
        pytest.param("12\nOrang/bulan\n10\nUnit", [("12", "Orang/bulan"), ("10", "Unit")], id="wrapped units"),
        pytest.param("12\n24", [("12", None), ("24", None)], id="two full numbers"),
        pytest.param("1. 5 Dokumen\n2. 3 Laporan", [("5", "Dokumen"), ("3", "Laporan")], id="running numbers"),
        pytest.param("- 5 Dokumen\n- 3 Laporan", [("5", "Dokumen"), ("3", "Laporan")], id="bullets"),
        pytest.param("350.000.000\n350.000.000", [("350000000", None), ("350000000", None)], id="amounts"),
        pytest.param("88,8\n4", [("88.8", None), ("4", None)], id="no column to tell otherwise"),
    ],
)
def test_several_quantities(text: str, values: list[tuple[str, str | None]]) -> None:
    parts = parse_cell(text, SILENT, "kinerja")
    assert [(p.value, p.unit) for p in parts] == [(D(value), unit) for value, unit in values]
    assert all(p.raw in text and p.problem is None for p in parts)


def test_raw_of_several_quantities_is_their_line() -> None:
    parts = parse_cell("100%\n-\n12 Orang/\nbulan", SILENT, "kinerja")
    assert [p.raw for p in parts] == ["100%", "-", "12 Orang/\nbulan"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("6I", "61", id="I behind"),
        pytest.param("Idok", "1", id="I before a unit"),
        pytest.param("I dok", "1", id="I and a unit"),
        pytest.param("1OO", "100", id="O"),
        pytest.param("l2", "12", id="l in front"),
        pytest.param("l00%", "100", id="percent"),
        pytest.param("4.811.172.65O,00", "4811172650", id="inside an amount"),
        pytest.param("4.811.172. 650", "4811172650", id="blank inside an amount"),
    ],
)
def test_lookalikes_are_only_proposed(text: str, value: str) -> None:
    part = one(text)
    assert (part.value, part.lookalike, part.certain, part.value_text) == (D(value), True, False, text)


@pytest.mark.parametrize("text", ["Inovatif", "Orang", "I", "II", "B", "Sangat Baik", "M2", "Ibu"])
def test_words_are_no_lookalikes(text: str) -> None:
    assert not one(text).lookalike


def test_words_that_contradict_the_digits_are_a_problem() -> None:
    part = one("2 (satu) Dokumen")
    assert part.value == 2
    assert part.problem


def test_words_decide_an_open_number() -> None:
    part = one("1,500 (seribu lima ratus)")
    assert (part.value, part.decimals, part.certain) == (D(1500), 0, True)


@pytest.mark.parametrize(
    ("texts", "style", "certain"),
    [
        pytest.param(["1.234.567", "500.000"], INDONESIAN, True, id="two groups"),
        pytest.param(["88,84", "100"], INDONESIAN, True, id="two decimals"),
        pytest.param(["4,811,172", "500,000"], ENGLISH, True, id="english groups"),
        pytest.param(["59.1"], ENGLISH, True, id="dot decimals"),
        pytest.param(["0.125"], ENGLISH, True, id="zero before the mark"),
        pytest.param(["5 418", "38 860", "17"], SPACED, True, id="blanks"),
        pytest.param(["5 418"], INDONESIAN, False, id="one blank proves nothing"),
        pytest.param(["500.000", "1.234"], INDONESIAN, False, id="open only"),
        pytest.param(["5,03E+09", "A", "-", "12-05-2023"], INDONESIAN, False, id="no number"),
        pytest.param(["1.234.567", "1,234,567"], INDONESIAN, False, id="both"),
    ],
)
def test_infer_style(texts: list[str], style: NumberStyle, certain: bool) -> None:
    verdict = infer_style(texts)
    assert (verdict.style, verdict.certain) == (style, certain)


def test_style_falls_back_to_table_then_document() -> None:
    document = infer_style(["1,234,567"])
    assert infer_style(["1.234"], document).style == ENGLISH
    assert infer_style(["1.234"], document).origin == "context"
    assert infer_style(["1.234"], INDONESIAN).origin == "declared"
    columns = styles_of([["1.234"], ["88,84"], ["59.1"]])
    assert [v.certain for v in columns] == [False, True, True]


@pytest.mark.parametrize(
    ("texts", "value", "alternative"),
    [
        pytest.param(["88,84", "12,50"], "1234", "1.234", id="comma decimals"),
        pytest.param(["59.1", "62.64"], "1.234", "1234", id="dot decimals"),
    ],
)
def test_an_open_number_follows_its_column(texts: list[str], value: str, alternative: str) -> None:
    part = one("1.234", infer_style(texts))
    assert (part.value, part.alternative, part.certain) == (D(value), D(alternative), True)


def test_an_open_number_in_a_mixed_column_is_a_problem() -> None:
    part = one("1.234", infer_style(["1.234.567", "1,234,567"]))
    assert part.value is None
    assert part.problem


def test_a_lost_digit_does_not_pass_as_decimals() -> None:
    part = one("350.00", infer_style(["1.500.000", "2.500.000"]), "anggaran")
    assert not part.certain


def test_a_column_of_two_decimals_joins_a_broken_one() -> None:
    verdict = infer_style(["90,31", "100,00", "12,34", "0,55", "7,10"])
    assert verdict.places == 2
    assert one("88,8\n4", verdict).value == D("88.84")


def test_thousands_by_blank_only_where_the_column_says_so() -> None:
    assert one("5 418", infer_style(["5 418", "38 860"])).value == 5418
    assert one("5 418", infer_style(["5418", "38 860"])).problem


def test_parse_number() -> None:
    assert parse_number("Rp. 1.500,50") == D("1500.5")
    assert parse_number("6I") is None
    assert parse_number("A (80,79)") is None


def write(value: D, style: NumberStyle) -> str:
    """The value as the style prints it."""
    whole, _, fraction = f"{abs(value):,f}".partition(".")
    text = whole.replace(",", style.group or "")
    return ("-" if value < 0 else "") + text + (f"{style.decimal}{fraction}" if fraction else "")


VALUES = st.decimals(min_value=-(10**15), max_value=10**15, places=2)


@given(VALUES, st.sampled_from(STYLES), st.sampled_from(["", "%", " Dokumen", " org/bln"]))
def test_round_trip(value: D, style: NumberStyle, unit: str) -> None:
    part = one(write(value, style) + unit, style)
    assert (part.value, part.decimals, part.problem) == (value, 2, None)


@given(st.integers(0, 10**15), st.sampled_from(STYLES))
def test_round_trip_of_whole_numbers(value: int, style: NumberStyle) -> None:
    assert one(write(D(value), style), style).value == value


@given(st.lists(VALUES.filter(lambda v: abs(v) >= 1000), min_size=3), st.sampled_from([INDONESIAN, ENGLISH]))
def test_the_style_of_a_column_is_found(values: list[D], style: NumberStyle) -> None:
    texts = [write(v, style) for v in values]
    verdict = infer_style(texts)
    assert (verdict.style, verdict.certain) == (style, True)
    assert [one(t, verdict).value for t in texts] == values


@given(VALUES, st.data())
def test_a_line_break_inside_an_amount_changes_nothing(value: D, data: st.DataObject) -> None:
    assume(abs(value) >= 1000)
    text = write(value, INDONESIAN)
    marks = [i for i, c in enumerate(text) if c in ".,"]
    at = data.draw(st.sampled_from(marks)) + data.draw(st.sampled_from([0, 1]))
    assert one(text[:at] + "\n" + text[at:], INDONESIAN, "anggaran").value == value


@given(st.integers(1, 999), st.integers(0, 999), st.sampled_from(".,"), st.sampled_from([None, "kinerja", "jumlah"]))
def test_an_open_number_is_never_silently_decided(head: int, tail: int, mark: str, quantity: str | None) -> None:
    part = one(f"{head}{mark}{tail:03d}", SILENT, quantity)
    assert not part.certain
    assert {part.value, part.alternative} == {D(head * 1000 + tail), D(f"{head}.{tail:03d}")}


@given(st.decimals(1, 10, places=2), st.sampled_from("eE"), st.sampled_from(["+", "-", ""]), st.integers(0, 99))
def test_an_exponent_is_never_a_number(mantissa: D, letter: str, sign: str, exponent: int) -> None:
    for text in (
        f"{mantissa}{letter}{sign}{exponent:02d}",
        f"{mantissa}{letter}{sign}{exponent:02d}".replace(".", ","),
    ):
        part = one(text, INDONESIAN, "anggaran")
        assert part.value is None
        assert part.problem


@given(st.text(max_size=30), st.sampled_from(["anggaran", "kinerja", None]))
def test_any_text_is_read_without_loss(text: str, quantity: str | None) -> None:
    for part in parse_cell(text, SILENT, quantity):
        assert part.raw
        assert part.value is not None or part.value_text


@given(st.text(alphabet="0123456789.,", min_size=1, max_size=20))
def test_strict_shapes_lose_no_digit(text: str) -> None:
    shape = classify(text)
    if shape.kind == "broken":
        assert shape.reason
    else:
        assert shape.whole + shape.fraction == clean(text).replace(".", "").replace(",", "")
