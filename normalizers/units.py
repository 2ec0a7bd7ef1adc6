"""Unit words to their canonical names: `dok`, `Dok.` -> Dokumen; `org/bln`, `OB` -> Orang/Bulan; `%` -> Persen.

Spellings are data: `forms/units.toml` first, then the units of the nomenclature and of price lists
(`reference/satuan.csv`).
"""

from __future__ import annotations

import csv
import re
import tomllib
from functools import lru_cache
from importlib.resources import files

from normalizers.asking import asks
from normalizers.grid import fold
from normalizers.number_style import clean


@lru_cache(1)
def _spellings() -> dict[str, str]:
    """Spelling (see `_key`) -> canonical name."""
    root = files("normalizers")
    found: dict[str, str] = {}
    with (root / "reference" / "satuan.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            # Price-list variants repeat abbreviations with other meanings (ls for lusin), so only the name is taken
            # from there.
            variants = row["variants"].split("|") if row["source"] == "nomenclature" else []
            for spelling in (row["satuan"], *variants):
                if spelling:
                    found.setdefault(_key(spelling), _titled(row["satuan"]))
    table = tomllib.loads((root / "forms" / "units.toml").read_text(encoding="utf-8"))
    for canonical, spellings in table["units"].items():
        for spelling in (canonical, *spellings):
            found[_key(spelling)] = canonical
    return found


@lru_cache(1)
def _squeezed() -> dict[str, str]:
    """Spellings of four letters and more without blanks -> canonical name."""
    return {bare: name for spelling, name in _spellings().items() if len(bare := spelling.replace(" ", "")) > 3}


@asks
def is_label(word: str) -> bool:
    """Whether a word stands before a number as its unit: `Nilai 80,5`, `Level 3`."""
    return word.lower() in _label_words()


@lru_cache(1)
def _label_words() -> frozenset[str]:
    table = tomllib.loads((files("normalizers") / "forms" / "units.toml").read_text(encoding="utf-8"))
    return frozenset(word.lower() for word in table["labels"]["before_number"])


@asks
def is_counted(word: str) -> bool:
    """Whether things of this unit are counted whole: `Orang`, `Dokumen`."""
    return canonical_unit(word) in _counted()


@lru_cache(1)
def _counted() -> frozenset[str]:
    table = tomllib.loads((files("normalizers") / "forms" / "units.toml").read_text(encoding="utf-8"))
    return frozenset(table["labels"]["counted"])


@asks
def canonical_unit(word: str | None) -> str | None:
    """The canonical unit of a printed one; unknown words as printed, in title case; None for blank or non-word text."""
    if word is None:
        return None
    text = fold(clean(word)).strip(" ,;:")
    if not re.search(r"[A-Za-z%°µ]", text):
        return None
    known = _lookup(text)
    if known or (" " in text and (known := _squeezed().get(re.sub(r"[\s.]", "", text).lower()))):
        return known  # `Dokume` / `n`, broken over two lines
    parts = [p for p in re.split(r"\s*/\s*", text) if p]
    if len(parts) > 1 and all(re.search(r"[A-Za-z]", p) for p in parts):
        return "/".join(_lookup(p) or _titled(p) for p in parts)
    return _titled(text)


@asks
def is_unit(word: str) -> bool:
    """Whether the word, or each part of a compound with `/`, is a unit that the lists know."""
    text = fold(clean(word)).strip(" ,;:")
    parts = [p for p in re.split(r"\s*/\s*", text) if p]
    return bool(parts) and (_lookup(text) is not None or all(_lookup(p) is not None for p in parts))


def _lookup(text: str) -> str | None:
    table = _spellings()
    bare = re.fullmatch(r"\((.*)\)", text)
    return table.get(_key(text)) or (table.get(_key(bare[1])) if bare else None)


_BLANKS, _SLASH = re.compile(r"[\s.]+"), re.compile(r"\s*/\s*")


def _key(text: str) -> str:
    return _BLANKS.sub(" ", _SLASH.sub("/", text)).strip().lower()


def _titled(text: str) -> str:
    """Title case, but abbreviations (ASN, SOP, OPD) and M2 keep their capitals."""
    return " ".join(
        w if w.isupper() and len(w) <= 5 else w[:1].upper() + w[1:].lower() for w in re.split(r"\s+", text.strip())
    )
