"""Indicators that are the same one, spelt and shortened differently: `Nilai SAKIP` and `Nilai SAKIP perangkat daerah`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

ALIKE = 0.85  # of the telling words of two indicators are the same
_SHORT = {
    "asn": "aparatur sipil negara",
    "pns": "pegawai negeri sipil",
    "opd": "perangkat daerah",
    "pd": "perangkat daerah",
    "skpd": "perangkat daerah",
    "diklat": "pendidikan dan pelatihan",
    "sdm": "sumber daya manusia",
}
#: Words that one table prints and another leaves out without meaning anything else.
_LOOSE = frozenset(
    re.findall(
        r"\w+",
        """yang dan di ke dari pada untuk dengan serta atau jumlah tingkat persentase nilai penilaian hasil indeks
        aparatur sipil negara perangkat daerah pegawai badan dinas""",
    )
)
_HEAD = frozenset({"indeks", "nilai", "penilaian", "persentase", "jumlah", "rasio", "tingkat"})


class Indicator(NamedTuple):
    """What an indicator is known by: its telling words, and those that say what kind of number it is."""

    words: frozenset[str]
    heads: frozenset[str]


@lru_cache(maxsize=10_000)
def indicator_of(text: str) -> Indicator:
    tokens = re.findall(r"[a-z]+", text.lower().replace("%", " persentase "))
    spelt = [w for token in tokens for w in _SHORT.get(token, token).split()]
    heads = frozenset("nilai" if w == "penilaian" else w for w in spelt[:3] if w in _HEAD)
    return Indicator(frozenset(w for w in spelt if w not in _LOOSE and len(w) > 1), heads)


def are_alike(a: Indicator, b: Indicator) -> bool:
    """Whether two indicators are the same one, spelt and shortened differently."""
    if not a.words or not b.words:
        return False
    if a.words == b.words:
        return a.heads == b.heads or not a.heads or not b.heads
    if a.heads != b.heads:
        return False
    small, large = (a.words, b.words) if len(a.words) <= len(b.words) else (b.words, a.words)
    most = ALIKE * len(large)
    return len(small) >= 3 and len(small) >= most and len(small & large) >= most


class Alike:
    """Which indicators of a document are the same one as another.

    Those that share most words share one of its rarest: only with them it is compared.
    """

    def __init__(self, indicators: Iterable[Indicator]) -> None:
        self.holders: dict[str, list[Indicator]] = {}
        self.known: dict[Indicator, list[Indicator]] = {}
        for indicator in dict.fromkeys(indicators):
            for word in indicator.words:
                self.holders.setdefault(word, []).append(indicator)

    def to(self, indicator: Indicator) -> list[Indicator]:
        if indicator not in self.known:
            by_rarity = sorted(indicator.words, key=lambda word: len(self.holders[word]))
            missing = int((1 - ALIKE) * len(by_rarity) + 1e-9)  # so many of its words may the other lack
            near = dict.fromkeys(one for word in by_rarity[: missing + 1] for one in self.holders[word])
            self.known[indicator] = [one for one in near if are_alike(indicator, one)]
        return self.known[indicator]
