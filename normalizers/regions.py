"""Regions (provinsi, kabupaten, kota): official names and Kemendagri codes, found in covers and headings.

A name counts only with its kind before it (`Kabupaten Bogor`, `Kota Bogor`, `Bupati ...`, `Gubernur ...`), because 28
names belong to two regions; a bare name is believed only where it is unique and nothing better is printed.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache

from rapidfuzz import fuzz, process

from normalizers.nomenclature import REFERENCE

_KINDS = {
    "kabupaten": "kabupaten",
    "kab": "kabupaten",
    "bupati": "kabupaten",
    "kota": "kota",
    "walikota": "kota",
    "provinsi": "provinsi",
    "propinsi": "provinsi",
    "prov": "provinsi",
    "gubernur": "provinsi",
}
_PROVINCE_ALIASES = {
    "diyogyakarta": "34",
    "yogyakarta": "34",
    "diy": "34",
    "daerahistimewayogyakarta": "34",
    "dkijakarta": "31",
    "jakarta": "31",
    "daerahkhususjakarta": "31",
    "daerahkhususibukotajakarta": "31",
    "dijakarta": "31",
    "nanggroeacehdarussalam": "11",
    "nad": "11",
    "sumut": "12",
    "sumbar": "13",
    "sumsel": "16",
    "babel": "19",
    "bangkabelitung": "19",
    "kepri": "21",
    "jabar": "32",
    "jateng": "33",
    "jatim": "35",
    "ntb": "52",
    "ntt": "53",
    "kalbar": "61",
    "kalteng": "62",
    "kalsel": "63",
    "kaltim": "64",
    "kaltara": "65",
    "sulut": "71",
    "sulteng": "72",
    "sulsel": "73",
    "sultra": "74",
    "sulbar": "76",
    "malut": "82",
}
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?", re.UNICODE)
_MAX_WORDS = 6


@dataclass(frozen=True, slots=True)
class Region:
    """`code` is Kemendagri's: `18` for a province, `18.72` below; `name` official with its kind: `Kota Metro`."""

    code: str
    name: str
    kind: str
    province_code: str

    @property
    def pemda(self) -> str:
        """Which nomenclature lists hold for its documents: provinsi or kabkota."""
        return "provinsi" if self.kind == "provinsi" else "kabkota"


@dataclass(frozen=True, slots=True)
class Mention:
    """A region named in a text; `ruler` where it is named through its head (`Bupati ...`), `bare` without its kind."""

    region: Region
    start: int
    bare: bool = False
    government: bool = False  # `Pemerintah Kabupaten ...`, `Bupati ...`


@cache
def all_regions() -> tuple[Region, ...]:
    with open(REFERENCE / "regions.csv", encoding="utf-8", newline="") as handle:
        return tuple(_region(row) for row in csv.DictReader(handle))


def _region(row: dict[str, str]) -> Region:
    kind = row["kind"]
    name = row["name"].replace("Kep. ", "Kepulauan ")
    if kind == "provinsi":
        name = f"Provinsi {name}"
    return Region(row["code"], name, kind, row["province_code"] or row["code"])


def by_code(code: str | None) -> Region | None:
    """The region of a Kemendagri code (`18.72`, `1872` or `18`)."""
    if not code:
        return None
    plain = code.replace(".", "")
    return next((r for r in all_regions() if r.code.replace(".", "") == plain), None)


@cache
def _keys() -> dict[tuple[str, str], Region]:
    """(kind, letters of the name without its kind) -> region."""
    keys: dict[tuple[str, str], Region] = {}
    for region in all_regions():
        bare = re.sub(r"^(?:Provinsi|Kabupaten|Kota)\s+", "", region.name)
        variants = {bare, bare.replace("Administrasi ", "")}
        variants |= {v.replace("Kepulauan", "Kep") for v in variants}
        for variant in variants:
            keys[region.kind, _letters(variant)] = region
    for alias, code in _PROVINCE_ALIASES.items():
        found = by_code(code)
        if found is not None:
            keys.setdefault(("provinsi", alias), found)
    return keys


@cache
def _by_kind() -> dict[str, dict[str, Region]]:
    grouped: dict[str, dict[str, Region]] = defaultdict(dict)
    for (kind, key), region in _keys().items():
        grouped[kind][key] = region
    return grouped


def _letters(text: str) -> str:
    return re.sub(r"[^a-z]", "", text.lower())


@lru_cache(maxsize=2_000)
def mentions(text: str) -> tuple[Mention, ...]:
    """Every region named with its kind in a text, in order. Line breaks may stand inside a name."""
    words = [(m.group(0), m.start()) for m in _WORD.finditer(text)]
    lower = [w.lower() for w, _ in words]
    found: list[Mention] = []
    for i, word in enumerate(lower):
        kind, after = _KINDS.get(word), i + 1
        if word == "wali" and lower[i + 1 : i + 2] == ["kota"]:
            kind, after = "kota", i + 2
        if kind is None or not words[i][0][0].isupper():
            continue
        either = kind == "kota" and i > 0 and lower[i - 1] in ("kabupaten", "kab")
        if either or (kind == "kabupaten" and lower[after : after + 1] == ["kota"]):  # `Kabupaten/Kota` names no one
            continue
        region = _named(lower[after : after + _MAX_WORDS], kind)
        if region is not None:
            before = lower[i - 1] if i else ""
            government = word in ("bupati", "walikota", "wali", "gubernur") or before in ("pemerintah", "daerah")
            found.append(Mention(region, words[i][1], government=government))
    found += [
        Mention(_by_kind()["provinsi"]["aceh"], words[i][1], government=True)
        for i in range(len(lower) - 1)
        if lower[i : i + 2] == ["pemerintah", "aceh"]
    ]
    return tuple(sorted(found, key=lambda m: m.start))


def _named(words: list[str], kind: str) -> Region | None:
    """The longest name of that kind that the words begin with; a slip of a letter or two is forgiven in long names."""
    known = _by_kind()[kind]
    tails = ["".join(_letters(w) for w in words[:n]) for n in range(min(len(words), _MAX_WORDS), 0, -1)]
    for tail in tails:
        if tail in known:
            return known[tail]
    for tail in tails:
        if len(tail) < 8:
            continue
        close = process.extract(tail, known.keys(), scorer=fuzz.ratio, score_cutoff=90, limit=2)
        if close and (len(close) == 1 or close[0][1] - close[1][1] >= 4):
            return known[close[0][0]]
    return None


@cache
def _bare() -> dict[str, set[Region]]:
    """Letters of the name without its kind -> the regions of that name."""
    names: dict[str, set[Region]] = defaultdict(set)
    for (_, key), region in _keys().items():
        names[key].add(region)
    return names


def bare_mentions(text: str) -> list[Mention]:
    """Regions named without their kind, only where one region alone has the name and it has five letters or more."""
    names = _bare()
    words = [(m.group(0), m.start()) for m in _WORD.finditer(text)]
    found: list[Mention] = []
    for i in range(len(words)):
        for n in range(4, 0, -1):
            key = _letters("".join(w for w, _ in words[i : i + n]))
            if len(key) >= 5 and words[i][0][0].isupper() and len(names.get(key, ())) == 1:
                found.append(Mention(next(iter(names[key])), words[i][1], bare=True))
                break
    return found


def choose(weighted: Iterable[tuple[Region, float]]) -> Region | None:
    """The region of a document from weighted mentions: a province named beside its own kabupaten only says where it
    lies.
    """
    totals: dict[str, float] = defaultdict(float)
    regions: dict[str, Region] = {}
    for region, weight in weighted:
        totals[region.code] += weight
        regions[region.code] = region
    if not totals:
        return None
    local = [code for code in totals if regions[code].kind != "provinsi"]
    provinces = [code for code in totals if regions[code].kind == "provinsi"]
    best_local = max(local, key=lambda c: totals[c], default=None)
    best_province = max(provinces, key=lambda c: totals[c], default=None)
    if best_local is None or best_province is None:
        only = best_local or best_province
        return regions[only] if only else None
    share = 0.3 if regions[best_local].province_code == best_province else 1.0
    return regions[best_local if totals[best_local] >= share * totals[best_province] else best_province]
