"""The words of rows: totals, section labels, belanja lines, levels by their first word (`forms/rows.toml`)."""

from __future__ import annotations

import re
import tomllib
from functools import cache

from normalizers.asking import asks
from normalizers.grid import fold
from normalizers.header_rules import FORMS


@cache
def row_words() -> dict[str, list[tuple[str, re.Pattern[str]]]]:
    """Compiled `forms/rows.toml`: (value, pattern) pairs by section."""
    data = tomllib.loads((FORMS / "rows.toml").read_text(encoding="utf-8"))
    found = {
        key: [(level, re.compile(p)) for level, ps in data[key].items() for p in ps]
        for key in ("levels", "sections", "agency", "account_sections")
    }
    found["belanja"] = [(rule["account"], re.compile(rule["pattern"])) for rule in data["belanja"]]
    return found


@asks
def word_of(section: str, text: str) -> str | None:
    """The value of the first pattern of a section that fits the text (lower-cased here)."""
    low = fold(text).lower()
    for value, pattern in row_words()[section]:
        if pattern.search(low):
            return value
    return None


def belanja_account(text: str) -> str | None:
    """Account code of a belanja line named in words (`Belanja barang dan jasa` -> `5.1.02`)."""
    return word_of("belanja", text)
