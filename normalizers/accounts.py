"""Account codes (kode rekening): spelling, which chart of accounts they follow, and names.

Three charts are told apart by shape: Permendagri 13/2006 (`5.2.2.01.01`: akun, kelompok, jenis of one digit each),
Permendagri 64/2013 (the same shape, but belanja operasi/modal: `5.1.2.03.01`, transfers `6`, pembiayaan `7`) and
Kepmendagri 050-5889/2021 with its forerunners since Permendagri 90/2019 (`5.1.02.01.01.0001`: jenis of two digits).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from normalizers.names import same_name
from normalizers.nomenclature import REFERENCE

SCHEME_13 = "13/2006"
SCHEME_64 = "64/2013"
SCHEME_5889 = "050-5889/2021"

_CODE = re.compile(r"^[1-9](?:\s*\.\s*\d{1,4})*\s*\.?$")
_SPACED = re.compile(r"^[1-9](?:\s+\d{1,4})+$")
_WIDTHS_NEW = ((1,), (1,), (2,), (2,), (2,), (4,))
_WIDTHS_OLD = ((1,), (1,), (1,), (2,), (2, 3), (2, 3, 4))


@dataclass(frozen=True, slots=True)
class Account:
    """A canonical account code; `scheme` is None while the code alone does not tell (`5`, `5.1`)."""

    code: str
    scheme: str | None
    depth: int


def parse_account(text: str | None, hint: str | None = None) -> Account | None:
    """A printed account code; None where the text is none. `hint` is the document's scheme (`infer_scheme`).

    Trailing dots, blanks round dots, line breaks and blanks instead of dots are accepted; parts are padded to the
    chart's widths (`5.2.2.1.1` stays 13/2006's `5.2.2.01.01`).
    """
    if text is None:
        return None
    flat = " ".join(text.split())
    if not (_CODE.match(flat) or _SPACED.match(flat)):
        return None
    parts = re.findall(r"\d+", flat)
    if len(parts) > 6 or len(parts[0]) != 1 or (len(parts) > 1 and len(parts[1]) > 1):
        return None
    scheme = _shape(parts) or (hint if len(parts) >= 3 or hint is None else None)
    widths = _WIDTHS_NEW if scheme == SCHEME_5889 else _WIDTHS_OLD
    if len(parts) >= 3:
        parts = [part.zfill(width[0]) for part, width in zip(parts, widths, strict=False)]
        if any(len(part) not in width for part, width in zip(parts, widths, strict=False)):
            return None
    if scheme in (SCHEME_13, None) and len(parts) >= 3 and hint == SCHEME_64:
        scheme = SCHEME_64
    return Account(".".join(parts), scheme, len(parts))


def _shape(parts: list[str]) -> str | None:
    """The chart that the widths of the parts show; 64/2013 has the shape of 13/2006 and needs other evidence."""
    if len(parts) < 3:
        return None
    if len(parts[2]) == 2:
        return SCHEME_5889
    if parts[0] == "7":
        return SCHEME_64
    return SCHEME_13 if len(parts[2]) == 1 else None


def infer_scheme(rows: Iterable[tuple[str, str | None]], fiscal_year: int | None = None) -> str | None:
    """The chart a table's accounts follow, from (code, name) pairs; None without evidence.

    13/2006 and 64/2013 share their shape: `5.1 Belanja Operasi`, `7 Pembiayaan` are 64/2013, `5.1 Belanja Tidak
    Langsung`, `5.2 Belanja Langsung` and `6 Pembiayaan` are 13/2006.
    """
    votes = {SCHEME_13: 0, SCHEME_64: 0, SCHEME_5889: 0}
    for code, name in rows:
        account = parse_account(code)
        if account is None:
            continue
        if account.scheme == SCHEME_5889:
            votes[SCHEME_5889] += 2
        elif account.depth >= 3:
            votes[SCHEME_13] += 1
            votes[SCHEME_64] += 1
        for scheme in votes:
            official = account_name(account.code, scheme)
            if official and name and same_name(name, official):
                votes[scheme] += 3
    best = max(votes.values())
    if best == 0:
        return None
    order = [SCHEME_5889, SCHEME_13, SCHEME_64]
    if fiscal_year is not None and 2015 <= fiscal_year <= 2020:
        order = [SCHEME_13, SCHEME_64, SCHEME_5889]
    return next(scheme for scheme in order if votes[scheme] == best)


def account_name(code: str, scheme: str | None) -> str | None:
    """The official name; None where no list held has the code."""
    main = _main_names().get((scheme or SCHEME_5889, code))
    return main or (_expenditure().get(code) if scheme in (SCHEME_5889, None) else None)


def account_level(code: str) -> str:
    """pendapatan, belanja, pembiayaan or akun, by the first digit (6 and 7: pembiayaan unless 64/2013's transfers)."""
    return {"4": "pendapatan", "5": "belanja", "6": "pembiayaan", "7": "pembiayaan"}.get(code[:1], "akun")


@cache
def _main_names() -> dict[tuple[str, str], str]:
    with open(REFERENCE / "accounts_main.csv", encoding="utf-8", newline="") as handle:
        return {(r["scheme"], r["code"]): r["name"] for r in csv.DictReader(handle)}


@cache
def _expenditure() -> dict[str, str]:
    with open(REFERENCE / "rekening_belanja.csv", encoding="utf-8", newline="") as handle:
        return {r["code"]: r["name"] for r in csv.DictReader(handle)}
