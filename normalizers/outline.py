"""The outline that running numbers draw (`A`, `1`, `2`, `B`, `1`): rows numbered alike are of one level.

Where a report prints no codes and some names are none of the nomenclature's, the level of their fellows is theirs.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

OUTLINED = ("program", "kegiatan", "sub_kegiatan")
_ROMAN = re.compile(r"[IVXLC]+")


def manner(label: str | None) -> str | None:
    """How a running number is written: `A`, `a`, `I` (two letters or more), `1`, `1.1` by its depth; None for no number."""
    text = re.sub(r"\s", "", label or "").strip(".()")
    if not text:
        return None
    if re.fullmatch(r"\d{1,3}", text):
        return "1"
    if re.fullmatch(r"[\dA-Z]{1,3}(\.[\da-z]{1,3})+", text, re.IGNORECASE):
        return "1" + ".1" * text.count(".")
    if re.fullmatch(r"[A-Z]", text):
        return "A"
    if re.fullmatch(r"[a-z]", text):
        return "a"
    return "I" if _ROMAN.fullmatch(text) else None


def levels_by_manner(rows: Iterable[tuple[str | None, str]]) -> Mapping[str, str]:
    """Manner -> level, from (running number, level) of a table's rows: where all known ones agree and no other manner has it."""
    seen: dict[str, set[str]] = defaultdict(set)
    written = list(rows)
    roman = any(manner(label) == "I" for label, _ in written)
    for label, level in written:
        how = manner(label)
        if how is not None and level in OUTLINED:
            seen["I" if roman and how == "A" and _ROMAN.fullmatch((label or "").strip(" .()")) else how].add(level)
    agreed = {how: next(iter(levels)) for how, levels in seen.items() if len(levels) == 1}
    return {how: level for how, level in agreed.items() if list(agreed.values()).count(level) == 1}
