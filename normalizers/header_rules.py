"""The words of header paths and what each kind of word says: the data of `forms/headers.toml`, compiled."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from normalizers.asking import asks

FORMS = Path(__file__).parent / "forms"


@cache
def words() -> dict[str, list[re.Pattern[str]]]:
    """Compiled word lists of the `[words]` section."""
    return {key: [re.compile(p) for p in patterns] for key, patterns in rule_file()["words"].items()}


@cache
def rule_file() -> dict:  # type: ignore[type-arg]
    """`forms/headers.toml` as it is."""
    return tomllib.loads((FORMS / "headers.toml").read_text(encoding="utf-8"))


@cache
def rules(section: str, value: str) -> tuple[tuple[str, tuple[re.Pattern[str], ...], dict], ...]:  # type: ignore[type-arg]
    """(value, its patterns, the whole rule) of each rule of a section, in its order."""
    return tuple((r[value], tuple(re.compile(p) for p in r["patterns"]), r) for r in rule_file()[section])


@asks
def says(part: str, key: str) -> bool:
    """True where a word of the list `key` occurs in a header part (lower case)."""
    return occurs(part, words()[key])


def occurs(text: str, patterns: Iterable[re.Pattern[str]]) -> bool:
    """Whether one of some patterns is found in a text."""
    return any(pattern.search(text) for pattern in patterns)
