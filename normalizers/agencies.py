"""Agencies (perangkat daerah): the official long form of a name, a key that survives spellings, and the bidang urusan
served.

Regions name their agencies by their own perda, so there is no register to look them up in: names are taken apart by
the words of `forms/agencies.toml`, which works for agencies never seen before.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from normalizers.asking import asks

FORMS = Path(__file__).parent / "forms"
_NAME_WORD = re.compile(r"[^\W\d_][\w'’/-]*|\S")
_SMALL = frozenset(("dan", "serta", "di", "pada", "dalam", "untuk", "atau", "bagi"))


@dataclass(frozen=True, slots=True)
class Agency:
    """`name` is the official long form, `key` stable within a region, `bidang` the bidang urusan served, in name
    order.
    """

    name: str
    key: str
    bidang: tuple[str, ...]


@cache
def _words() -> dict[str, Any]:
    with open(FORMS / "agencies.toml", "rb") as handle:
        return tomllib.load(handle)


@cache
def _keywords() -> tuple[tuple[str, str, str], ...]:
    """(phrase, bidang, key), longest phrases first."""
    found = [
        (phrase, bidang, key)
        for bidang, keys in _words()["keywords"].items()
        for key, phrases in keys.items()
        for phrase in phrases
    ]
    return tuple(sorted(found, key=lambda item: -len(item[0])))


@cache
def _stops() -> frozenset[str]:
    """Words that end an agency's name in running text."""
    return frozenset(_words()["starters"]["stops"])


def long_form(text: str) -> str:
    """A printed name in its official long form: abbreviations written out, one blank, title case.

    `BADAN KEPEGAWAIAN DAN PENGEMBANGAN SDM` -> `Badan Kepegawaian dan Pengembangan Sumber Daya Manusia`.
    """
    flat = " ".join(text.replace("-\n", "").split()).strip(" .,:;-–()")
    whole = _words()["abbreviations"].get(flat.lower())
    if whole:
        return str(whole)
    first, _, rest = flat.partition(" ")
    if first.lower() in _words()["abbreviations"] and not _starts(rest.lower()):
        flat = f"{_words()['abbreviations'][first.lower()]} {rest}" if rest else flat
    lower = flat.lower()
    for short, full in _words()["words"].items():
        lower = re.sub(rf"\b{re.escape(short)}\b\.?", full.lower(), lower)
    lower = re.sub(r"\bpengembangan dan sumber daya manusia\b", "pengembangan sumber daya manusia", lower)
    lower = re.sub(r"\s+,", ",", re.sub(r"\s*,\s*", ", ", lower))
    lower = lower.replace("perencanaan pembangunan daerah daerah", "perencanaan pembangunan daerah")
    return " ".join(w if w in _SMALL else _title(w) for w in lower.split())


def _title(word: str) -> str:
    return "-".join(part[:1].upper() + part[1:] for part in word.split("-"))


@asks
def agency(text: str) -> Agency | None:
    """The agency that a printed name means; None where the text does not begin like an agency's name."""
    name = long_form(text)
    lower = name.lower()
    starters = _words()["starters"]
    if not _starts(lower) or lower.startswith(tuple(starters["not_agencies"])):
        return None
    if any(re.search(rf"\b{re.escape(word)}\b", lower) for word in starters["national"]):
        return None
    bidang, keys = _served(lower)
    if not bidang:
        bidang = tuple(b for kind, b in _words()["many"].items() if b and re.match(rf"{re.escape(kind)}\b", lower))
    return Agency(name, _key(lower, keys), bidang)


def _starts(lower: str) -> bool:
    return _starters().match(lower) is not None


@cache
def _starters() -> re.Pattern[str]:
    """The words that an agency's name begins with."""
    return re.compile(rf"(?:{'|'.join(map(re.escape, _words()['starters']['plain']))})\b")


@cache
def _phrases() -> tuple[tuple[re.Pattern[str], str, str, str], ...]:
    """(pattern, phrase, bidang, key), longest phrases first."""
    return tuple((re.compile(rf"\b{re.escape(phrase)}\b"), phrase, bidang, key) for phrase, bidang, key in _keywords())


def _served(lower: str) -> tuple[tuple[str, ...], list[str]]:
    """Bidang and keys of all keyword phrases, in the order in which they stand in the name; a longer phrase hides
    inner ones.
    """
    taken = [False] * len(lower)
    hits: list[tuple[int, str, str]] = []
    for pattern, phrase, bidang, key in _phrases():
        for found in pattern.finditer(lower) if phrase in lower else ():
            if not any(taken[found.start() : found.end()]):
                taken[found.start() : found.end()] = [True] * (found.end() - found.start())
                hits.append((found.start(), bidang, key))
    hits.sort()
    return tuple(dict.fromkeys(b for _, b, _ in hits)), list(dict.fromkeys(k for _, _, k in hits))


def _key(lower: str, keys: list[str]) -> str:
    for kind in _words()["many"]:
        if re.match(rf"{re.escape(kind)}\b", lower):
            rest = re.sub(r"\b(?:umum daerah|daerah)\b", "", lower[len(kind) :])
            return _slug(f"{kind} {rest}")
    if keys:
        return keys[0]
    return _slug(" ".join(w for w in lower.split() if w not in _SMALL and w != "daerah"))


def _slug(text: str) -> str:
    return "-".join(re.findall(r"[a-z0-9]+", text.lower()))


@asks
def names_in(text: str) -> tuple[tuple[int, str], ...]:
    """(where, printed name) of each agency named in a text: from its first word to a word that cannot belong to a name.

    Only capitalised words count (`badan` in running prose is none); a comma, `dan`, `serta` may stand inside.
    """
    words = [(m.group(0), m.start(), m.end()) for m in _NAME_WORD.finditer(text)]
    names: list[tuple[int, str]] = []
    i = 0
    while i < len(words):
        taken = _take_name(words, i)
        if taken:
            start, end = words[i][1], words[i + taken - 1][2]
            names.append((start, text[start:end]))
            i += taken
        else:
            i += 1
    return tuple(names)


def _take_name(words: list[tuple[str, int, int]], i: int) -> int:
    """How many words from `i` on make an agency's name; 0 for none."""
    first = words[i][0]
    if not first[0].isupper() and not first.isupper():
        return 0
    lower = " ".join(w for w, _, _ in words[i : i + 4]).lower()
    abbreviation = first.isupper() and first.lower() in _words()["abbreviations"] and len(first) >= 3
    if abbreviation:
        return 1
    if not first[0].isupper() or not _starts(lower):
        return 0
    n = 1
    while i + n < len(words) and n < 24:
        word = words[i + n][0]
        titled = words[i + n - 1][0].lower() in ("dr", "h", "hj", "prof", "ir", "m", "r", "st")
        if word == "," or (word == "." and titled) or word.lower() == "dr":  # `RSUD dr. H. Slamet`
            n += 1
            continue
        if not word[0].isalpha() or word.lower() in _stops() or not (word[0].isupper() or word in _SMALL):
            break
        if word.isupper() != first.isupper() and word.lower() not in _SMALL and not (word.isupper() and len(word) <= 5):
            break
        n += 1
    while n and (words[i + n - 1][0] == "," or words[i + n - 1][0].lower() in _SMALL):
        n -= 1
    enough = n >= 2 or first.lower() == "inspektorat"
    return n if enough else 0
