"""The numbering row as a program."""

from __future__ import annotations

from decimal import Decimal as D

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from normalizers.formulas import Expr, parse_numbering

VALUES = {str(n): D(n) for n in range(1, 20)} | {"a": D(2), "b": D(3)}


@pytest.mark.parametrize(
    ("text", "label", "value", "labels"),
    [
        pytest.param("8 = 7/6*100", "8", "116.67", ("7", "6"), id="percent"),
        pytest.param("10 = 5+7+9", "10", "21", ("5", "7", "9"), id="sum"),
        pytest.param("11=(10/4)", "11", "2.5", ("10", "4"), id="parentheses"),
        pytest.param("5=4-3", "5", "1", ("4", "3"), id="difference"),
        pytest.param("14=12-13-1", "14", "-2", ("12", "13", "1"), id="from the left"),
        pytest.param("6 = (3 x 5)", "6", "15", ("3", "5"), id="x"),
        pytest.param("(5)=(4)/(3)x100%", "5", "133.33", ("4", "3"), id="labels in parentheses"),
        pytest.param("7 = 6 : 5 x 100", "7", "120", ("6", "5"), id="colon divides"),
        pytest.param("8\n=7/6*100", "8", "116.67", ("7", "6"), id="line break"),
        pytest.param("8 (7/6)", "8", "1.17", ("7", "6"), id="no equals sign"),
        pytest.param("8=7/6 (%)", "8", "1.17", ("7", "6"), id="percent sign behind"),
        pytest.param("c = a + b", "c", "5", ("a", "b"), id="letters"),
        pytest.param("9=(6+7)*2/4", "9", "6.5", ("6", "7", "2", "4"), id="nested"),
        pytest.param("(4/3 x 100%)", None, "133.33", ("4", "3"), id="no label"),
        pytest.param("=7/6", None, "1.17", ("7", "6"), id="equals sign only"),
        pytest.param("kolom 5 - kolom 4", None, "1", ("5", "4"), id="the word kolom"),
        pytest.param("11 = 10", "11", "10", ("10",), id="a copy"),
    ],
)
def test_formulas(text: str, label: str | None, value: str, labels: tuple[str, ...]) -> None:
    numbering = parse_numbering(text)
    assert numbering.formula is not None, numbering.reason
    assert numbering.label == label
    assert round(numbering.formula.evaluate(VALUES), 2) == D(value)
    assert numbering.formula.labels() == labels


@pytest.mark.parametrize(
    ("text", "label"), [("1", "1"), ("(2)", "2"), ("4)", "4"), ("a", "a"), ("3a", "3a"), ("07", "7"), ("", None)]
)
def test_plain_labels(text: str, label: str | None) -> None:
    numbering = parse_numbering(text)
    assert (numbering.label, numbering.formula, numbering.reason) == (label, None, None)


@pytest.mark.parametrize(
    "text", ["K = (RP)", "7=(6/5", "5 = = 3", "1 2", "%", "-", "100", "8=7/", "8==7", "Rp", "(" * 5000 + "7", "7=6%%5"]
)
def test_what_is_no_formula_has_a_reason(text: str) -> None:
    numbering = parse_numbering(text)
    assert numbering.label is None
    assert numbering.formula is None
    assert numbering.reason


@pytest.mark.parametrize(
    ("text", "quotient", "percentage"),
    [
        pytest.param("8=7/6*100", True, True, id="percent"),
        pytest.param("8=100*7/6", True, True, id="hundred first"),
        pytest.param("8=7*100/6", True, True, id="hundred between"),
        pytest.param("8=7/6", True, False, id="quotient"),
        pytest.param("9=6+7", False, False, id="sum"),
        pytest.param("6=3x5", False, False, id="product"),
    ],
)
def test_kind(text: str, quotient: bool, percentage: bool) -> None:
    formula = parse_numbering(text).formula
    assert formula is not None
    assert (formula.is_quotient, formula.is_percentage) == (quotient, percentage)


def test_division_by_zero_and_missing_labels() -> None:
    formula = parse_numbering("8=7/6").formula
    assert formula is not None
    with pytest.raises(ZeroDivisionError):
        formula.evaluate({"7": D(0), "6": D(0)})
    with pytest.raises(KeyError):
        formula.evaluate({"7": D(1)})


LEAVES = st.integers(1, 19).map(lambda n: Expr("label", label=str(n)))
TREES = st.recursive(
    LEAVES,
    lambda inner: st.builds(
        lambda op, left, right: Expr(op, left=left, right=right), st.sampled_from("+-*/"), inner, inner
    ),
    max_leaves=8,
)


@given(TREES)
def test_printing_and_reading_gives_the_same_tree(tree: Expr) -> None:
    assume(len(str(tree)) < 190)
    assert parse_numbering(f"20 = {tree}").formula == tree


@given(st.text(alphabet="0123456789abx=+-*/:()% ", max_size=25))
def test_any_text_gives_an_answer(text: str) -> None:
    numbering = parse_numbering(text)
    assert numbering.reason is None or (numbering.label is None and numbering.formula is None)
