"""Account codes of the three charts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normalizers.accounts import (
    SCHEME_13,
    SCHEME_64,
    SCHEME_5889,
    account_level,
    account_name,
    infer_scheme,
    parse_account,
)


@pytest.mark.parametrize(
    ("text", "code", "scheme"),
    [
        pytest.param("5", "5", None, id="akun"),
        pytest.param("5.1.", "5.1", None, id="kelompok"),
        pytest.param("5.2.2.01.01", "5.2.2.01.01", SCHEME_13, id="old"),
        pytest.param("5.2.2.01.03.", "5.2.2.01.03", SCHEME_13, id="trailing-dot"),
        pytest.param("5.2.2.1.1", "5.2.2.01.01", SCHEME_13, id="old-unpadded"),
        pytest.param("2 . 1 . 1", "2.1.1", SCHEME_13, id="blanks-round-dots"),
        pytest.param("5.1.02", "5.1.02", SCHEME_5889, id="new-jenis"),
        pytest.param("5.1.02.01.01.0001", "5.1.02.01.01.0001", SCHEME_5889, id="new"),
        pytest.param("5 1 02 01 01 0001", "5.1.02.01.01.0001", SCHEME_5889, id="spread"),
        pytest.param("5.1.02.01.\n01.0001", "5.1.02.01.01.0001", SCHEME_5889, id="line-break"),
        pytest.param("7.1.1", "7.1.1", SCHEME_64, id="financing-of-64"),
    ],
)
def test_account(text: str, code: str, scheme: str | None) -> None:
    found = parse_account(text)
    assert found is not None and (found.code, found.scheme) == (code, scheme)


@pytest.mark.parametrize(
    "text", ["5.03.02.2.01", "66.000.000", "12", "2024", "", None, "Belanja", "5.1.02.01.01.0001.7"]
)
def test_no_account(text: str | None) -> None:
    assert parse_account(text) is None


def test_the_hint_tells_the_twins_apart() -> None:
    found = parse_account("5.1.1.01", hint=SCHEME_64)
    assert found is not None and found.scheme == SCHEME_64


@pytest.mark.parametrize(
    ("rows", "scheme"),
    [
        pytest.param([("5.1", "BELANJA TIDAK LANGSUNG"), ("5.1.1", "Belanja Pegawai")], SCHEME_13, id="13"),
        pytest.param([("5.1", "BELANJA OPERASI"), ("5.1.2", "Belanja Barang dan Jasa")], SCHEME_64, id="64"),
        pytest.param([("5.1", "BELANJA OPERASI"), ("5.1.02", "Belanja Barang dan Jasa")], SCHEME_5889, id="5889"),
        pytest.param([("Jumlah", None)], None, id="none"),
    ],
)
def test_scheme_of_a_table(rows: list[tuple[str, str | None]], scheme: str | None) -> None:
    assert infer_scheme(rows) == scheme


def test_names() -> None:
    assert account_name("5.1.02", SCHEME_5889) == "Belanja Barang dan Jasa"
    assert account_name("5.2.2", SCHEME_13) == "Belanja Barang dan Jasa"
    assert account_name("5.1", SCHEME_64) == "Belanja Operasi"
    assert account_name("5.9.99", SCHEME_5889) is None
    assert [account_level(c) for c in ("4.1", "5.1", "6.1", "1.1")] == ["pendapatan", "belanja", "pembiayaan", "akun"]


@given(st.integers(4, 6), st.integers(1, 3), st.integers(1, 99), st.integers(1, 99), st.integers(1, 9999))
def test_a_new_code_survives_any_spelling(a: int, b: int, c: int, d: int, e: int) -> None:
    code = f"{a}.{b}.{c:02d}.{d:02d}.{d:02d}.{e:04d}"
    for spelt in (code, code + ".", code.replace(".", " "), code.replace(".", ". ")):
        found = parse_account(spelt)
        assert found is not None and (found.code, found.scheme) == (code, SCHEME_5889)
