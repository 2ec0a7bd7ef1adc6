"""The years of the multi-year plan that a document belongs to, from its prose."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

PLAN = re.compile(
    r"\b(?:renstra|rencana strategis|rpjmd|rpd|rencana pembangunan|periode|jangka menengah)\b[^.;]{0,80}?"
    r"((?:19|20)\d{2})\s*(?:-|–|s/d|s\.d\.?|sampai dengan|sampai)\s*((?:19|20)\d{2})",
    re.IGNORECASE,
)


ALONE = re.compile(
    r"(?:tahun|periode)?\s*((?:19|20)\d{2})\s*(?:-|–|s/d|sampai dengan)\s*((?:19|20)\d{2})", re.IGNORECASE
)


def plan_years(texts: Iterable[str]) -> tuple[int, int] | None:
    """(first, last) year of the Renstra or RPJMD that the texts name most; None where none is named.

    Ranges of two to six years count; of two equally frequent ones the later.
    """
    found: Counter[tuple[int, int]] = Counter()
    for text in texts:
        if "20" not in text and "19" not in text:
            continue
        alone = ALONE.fullmatch(text.strip())  # `TAHUN 2021-2026`, a line of the cover
        for match in [*PLAN.finditer(text), *([alone] if alone else [])]:
            first, last = int(match.group(1)), int(match.group(2))
            if 1 <= last - first <= 6:
                found[first, last] += 1
    return max(found, key=lambda pair: (found[pair], pair)) if found else None
