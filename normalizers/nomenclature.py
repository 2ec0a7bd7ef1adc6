"""The lists of urusan, bidang, program, kegiatan and sub kegiatan, and what carries a code from one list to another.

Codes here are *generic*: the supporting program, alike in every bidang, stands below `X.XX.01`. Since Kepmendagri
900.1.15.5-1317/2023 a code keeps its name for ever and sub kegiatan have four digits, so all later lists make one
dictionary; lists differ in which codes are active. Where each list comes from: `reference/SOURCES.md`. Lists of
90/2019 and 3708/2020 are used when the folder `attribution_noncommercial` is there, and done without when it is not.
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from io import StringIO
from itertools import starmap
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

from normalizers.names import exact_matches, same_name

REFERENCE = Path(__file__).parent / "reference"
NONCOMMERCIAL = "attribution_noncommercial"

PERMENDAGRI_13 = "permendagri-13-2006"
PERMENDAGRI_90 = "permendagri-90-2019"
KEPMENDAGRI_3708 = "kepmendagri-050-3708-2020"
KEPMENDAGRI_5889 = "kepmendagri-050-5889-2021"
KEPMENDAGRI_1317 = "kepmendagri-900.1.15.5-1317-2023"
KEPMENDAGRI_3406 = "kepmendagri-900.1.15.5-3406-2024"
SIPD_2027 = "sipd-pemutakhiran-2027"

LEVELS = ("urusan", "bidang_urusan", "program", "kegiatan", "sub_kegiatan")
# Numbers of 3708/2020 that mean something else later (SOURCES.md, finding 3).
_CHANGED_AFTER_3708 = frozenset(
    ("1.04.05.2.01.06", "2.14.03.2.01.09", "2.19.03.2.05.06", "4.01.02.2.01.04", "4.01.02.2.01.05")
)
_LEVEL_OF_DOTS = {0: "urusan", 1: "bidang_urusan", 2: "program", 4: "kegiatan", 5: "sub_kegiatan"}
_FOUR_DIGIT = (KEPMENDAGRI_1317, KEPMENDAGRI_3406, SIPD_2027)
_SUPPORTING = re.compile(r"^\d\.\d\d(\.01(?:\..*)?)$")


class Entry(NamedTuple):
    """One line of a list. `code` is generic (`X.XX.01.2.06`), `indicator` and `unit` empty where the list has none."""

    code: str
    level: str
    name: str
    indicator: str = ""
    unit: str = ""


def branch_of(code: str) -> str:
    """The bidang of a program, kegiatan or sub kegiatan (`5.03`, `X.XX`); empty for the levels above."""
    urusan, _, rest = code.partition(".")
    bidang, dot, _ = rest.partition(".")
    return f"{urusan}.{bidang}" if dot else ""


@dataclass
class Nomenclature:
    """One list for one kind of government (`kabkota` or `provinsi`). Not to be changed once it is looked into."""

    label: str
    pemda: str
    entries: dict[str, Entry] = field(default_factory=dict)
    memories: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)  # of `lookup`

    def extend(self, entries: Iterable[Entry]) -> None:
        """Where a code is there already, its first entry stays."""
        held = self.entries
        for entry in entries:
            held.setdefault(entry.code, entry)

    @cached_property
    def children(self) -> dict[str, list[Entry]]:
        """Entries by the code above them."""
        return _by(self.entries, lambda code: parent_of(code) or "")

    @cached_property
    def branches(self) -> dict[str, list[Entry]]:
        """Entries by bidang; urusan and bidang urusan under ""."""
        return _by(self.entries, branch_of)

    def get(self, code: str | None) -> Entry | None:
        """The entry of a code, given with its own bidang or generic."""
        if code is None:
            return None
        return self.entries.get(code) or self.entries.get(generic_of(code))

    def below(self, code: str) -> list[Entry]:
        """The direct children of a code, given with its own bidang or generic."""
        kids = list(self.children.get(code, ()))
        generic = generic_of(code)
        if generic != code:
            kids += self.children.get(generic, ())
        elif level_of(code) == "bidang_urusan" and code != "X.XX":
            kids = [*self.children.get("X.XX", ()), *kids]
        return kids


def _by(entries: Mapping[str, Entry], key: Callable[[str], str]) -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = {}
    for code, entry in entries.items():
        found.setdefault(key(code), []).append(entry)
    return found


def level_of(code: str) -> str | None:
    """The level that a canonical code's parts make: `5.03` bidang_urusan, `5.03.02.2.01` kegiatan; None for four
    parts.
    """
    return _LEVEL_OF_DOTS.get(code.count("."))


def parent_of(code: str) -> str | None:
    """`5.03.02.2.01` -> `5.03.02` (the pemda digit is no level of its own); None above an urusan."""
    above = code.rpartition(".")[0]
    return (above.rpartition(".")[0] if code.count(".") == 4 else above) or None


def generic_of(code: str) -> str:
    """`5.03.01.2.06` -> `X.XX.01.2.06`; other codes as they are."""
    found = _SUPPORTING.match(code)
    return f"X.XX{found.group(1)}" if found else code


@lru_cache(maxsize=10_000)
def comparable_of(code_generic: str | None) -> str | None:
    """`X.XX.01.2.06` -> `X.XX.01.*.06`, so that province and kabupaten join."""
    if code_generic is None:
        return None
    parts = code_generic.split(".")
    if len(parts) >= 5:
        parts[3] = "*"
    return ".".join(parts)


def pad(code: str) -> str:
    """A sub kegiatan code with four digits: `5.03.02.2.01.02` -> `5.03.02.2.01.0002`; other codes as they are."""
    head, _, last = code.rpartition(".")
    return f"{head}.{last.zfill(4)}" if level_of(code) == "sub_kegiatan" else code


def pemda_of(code: str | None, default: str) -> str:
    """Which lists to ask for a code: kegiatan digit 1 is a province's, 2 a kabupaten/kota's, others the document's
    own.
    """
    parts = (code or "").split(".")
    if len(parts) >= 5 and parts[3] in ("1", "2"):
        return "provinsi" if parts[3] == "1" else "kabkota"
    return default


@cache
def _catalogue() -> tuple[dict[str, str], ...]:
    with open(REFERENCE / "nomenclatures.csv", encoding="utf-8", newline="") as handle:
        return tuple(csv.DictReader(handle))


@cache
def _read(path: Path) -> tuple[Entry, ...]:
    rows = csv.reader(StringIO(path.read_bytes().decode("utf-8"), newline=""))
    header = next(rows)
    printed = [header.index(name) for name in ("code", "level", "name")]
    more = [header.index(name) if name in header else None for name in ("indikator", "satuan")]
    if None not in more:
        return tuple(starmap(Entry, map(itemgetter(*printed, *more), rows)))
    return tuple(Entry(*(r[i] for i in printed), *(r[i] if i is not None else "" for i in more)) for r in rows)


def _noncommercial_allowed() -> bool:
    return os.environ.get("LUMBUNG_WITHOUT_NONCOMMERCIAL", "") in ("", "0")


@cache
def load(label: str, pemda: str) -> Nomenclature | None:
    """One list as published, codes with as many digits as it has; None where it is not held (see SOURCES.md)."""
    found = Nomenclature(label, pemda)
    for row in _catalogue():
        if (row["nomenclature"], row["pemda"]) != (label, pemda):
            continue
        path = REFERENCE / row["file"]
        if NONCOMMERCIAL in row["file"] and not (_noncommercial_allowed() and path.is_file()):
            continue
        found.extend(_read(path))
    return found if found.entries else None


@cache
def four_digit(pemda: str) -> Nomenclature:
    """All codes of the four-digit era in one dictionary, oldest list first."""
    merged = Nomenclature("four-digit", pemda)
    for label in _FOUR_DIGIT:
        held = load(label, pemda)
        merged.extend(held.entries.values() if held else ())
    return merged


@cache
def working(label: str | None, pemda: str) -> Nomenclature:
    """The list to name and find codes with: of the label, sub kegiatan carried to four digits where that is right.

    90/2019 stays as it is (its numbers mean other things), and is empty where it is not held. Without a list for
    another
    label: the four-digit dictionary.
    """
    held = load(label, pemda) if label else None
    if held is None or label is None:
        unlike = label in (PERMENDAGRI_13, PERMENDAGRI_90)
        return Nomenclature(label or "", pemda) if unlike else four_digit(pemda)
    if label == PERMENDAGRI_90 or label in _FOUR_DIGIT:
        return held
    result = Nomenclature(label, pemda)
    result.extend(_carried(entry, label, pemda) for entry in held.entries.values())
    return result


def _carried(entry: Entry, label: str, pemda: str) -> Entry:
    later = carry(entry.code, label, pemda, entry.name)
    full = four_digit(pemda).get(later)
    return Entry(later, entry.level, entry.name, *_extras(entry, full)) if later else entry


def _extras(entry: Entry, later: Entry | None) -> tuple[str, str]:
    return entry.indicator or (later.indicator if later else ""), entry.unit or (later.unit if later else "")


def carry(code: str, label: str | None, pemda: str, name: str | None = None) -> str | None:
    """A canonical code in `label`'s meaning -> the generic code of the four-digit era; None where it cannot be carried.

    `name` is the official or printed name. Rules (SOURCES.md, findings 1 to 4): two digits of 5889/2021 and 3708/2020
    pad where the code still exists; a 90/2019 code is carried only by its name; a 13/2006 code never.
    """
    if label == PERMENDAGRI_13:
        return None
    side = pemda_of(code, pemda)
    era, generic = four_digit(side), generic_of(code)
    if label == PERMENDAGRI_90:
        return _carry_by_name(generic, side, name)
    if level_of(code) != "sub_kegiatan":
        return generic if generic in era.entries else None
    if label == KEPMENDAGRI_3708 and generic in _CHANGED_AFTER_3708:
        later = era.entries.get(pad(generic))
        return pad(generic) if later and name and same_name(name, later.name) else None
    return pad(generic) if pad(generic) in era.entries else None


def _carry_by_name(generic: str, pemda: str, name: str | None) -> str | None:
    held = load(PERMENDAGRI_90, pemda)
    own = held.entries.get(generic) if held else None
    name = own.name if own else name
    era = four_digit(pemda)
    if not name:
        return None
    here = era.entries.get(pad(generic))
    if here and exact_matches(name, [here]):
        return here.code
    branch = ".".join(generic.split(".")[:3])
    level = level_of(generic)
    same = exact_matches(name, [e for e in era.entries.values() if e.level == level and e.code.startswith(branch)])
    return same[0].code if len(same) == 1 else None


@dataclass(frozen=True, slots=True)
class Sighting:
    """A printed code and name, for inferring the list: `era` is that of `codes.ParsedCode`, `digits` of its sub
    kegiatan; `whole`: no part of it had to be restored.
    """

    code: str
    name: str | None
    sub_digits: int
    era: str
    whole: bool = False


def infer(sightings: Iterable[Sighting], fiscal_year: int | None, pemda: str) -> str | None:
    """Which nomenclature a document follows, from the shapes of its codes, their names and its year; None without
    evidence.
    """
    seen = list(sightings)
    old = sum(s.era == PERMENDAGRI_13 for s in seen)
    subs = [s for s in seen if s.era != PERMENDAGRI_13 and s.sub_digits]
    if old > len(seen) - old:
        return PERMENDAGRI_13
    later = _shaped_as_later(seen) or _fit_later_lists(seen, pemda)
    if fiscal_year is not None and fiscal_year <= 2020 and not later:
        return PERMENDAGRI_13
    four = [s for s in subs if s.sub_digits == 4]
    two = [s for s in subs if s.sub_digits == 2]
    if len(four) >= len(two) and four:
        return _infer_four(four, fiscal_year, pemda)
    if two:
        return _infer_two(two, fiscal_year, pemda)
    if old == 0 and seen and (fiscal_year or 0) < 2021:
        return by_year(max(fiscal_year or 2021, 2021))
    return by_year(fiscal_year)


def _shaped_as_later(sightings: Sequence[Sighting]) -> bool:
    """Whether the kegiatan print the single digit of later lists (`7.01.01.2.01`), as a plan of many years may."""
    longer = [s for s in sightings if s.code.count(".") >= 4]
    shaped = [s for s in longer if s.whole and not s.era and re.match(r"[\dX]\.[\dX]{2}\.\d\d\.[1-8]\.\d\d", s.code)]
    return len(shaped) >= 3 and len(shaped) >= 0.8 * len(longer)


def _fit_later_lists(sightings: Sequence[Sighting], pemda: str) -> bool:
    """Whether half of the printed names are those of the codes in a later list (a plan printed before its year)."""
    named = [s for s in sightings if s.name]
    held = [found for label in (PERMENDAGRI_90, KEPMENDAGRI_3708, KEPMENDAGRI_5889) if (found := load(label, pemda))]
    held.append(four_digit(pemda))
    agree = sum(any(_names_agree(found.get(s.code), s.name) for found in held) for s in named)
    return bool(named) and agree >= 0.5 * len(named)


def by_year(fiscal_year: int | None) -> str | None:
    """The list in force for a year where the document's own codes do not tell."""
    if fiscal_year is None:
        return None
    for first, label in (
        (2027, SIPD_2027),
        (2025, KEPMENDAGRI_3406),
        (2024, KEPMENDAGRI_1317),
        (2022, KEPMENDAGRI_5889),
    ):
        if fiscal_year >= first:
            return label
    return KEPMENDAGRI_3708 if fiscal_year == 2021 else PERMENDAGRI_13


def _infer_four(sightings: Sequence[Sighting], fiscal_year: int | None, pemda: str) -> str:
    """The list in force that year if it holds the codes, else the oldest that does: codes keep their names."""
    codes = {generic_of(s.code) for s in sightings}
    held = [(label, found) for label in _FOUR_DIGIT if (found := load(label, pemda))]
    counts = {label: sum(code in found.entries for code in codes) for label, found in held}
    if len(held) < len(_FOUR_DIGIT) or not counts:
        return by_year(max(fiscal_year or 2024, 2024)) or KEPMENDAGRI_1317
    best = max(counts.values())
    in_force = by_year(max(fiscal_year or 2024, 2024))
    order = (in_force, *_FOUR_DIGIT) if in_force else _FOUR_DIGIT
    return next(label for label in order if counts.get(label, -1) >= best)


def _infer_two(sightings: Sequence[Sighting], fiscal_year: int | None, pemda: str) -> str:
    """By names: the two-digit list that most of the printed names agree with; by year where they tell nothing."""
    later = KEPMENDAGRI_3708 if fiscal_year == 2021 else KEPMENDAGRI_5889
    named = [s for s in sightings if s.name]
    scores: dict[str, int] = {}
    for label in (KEPMENDAGRI_5889, KEPMENDAGRI_3708, PERMENDAGRI_90):
        held = load(label, pemda)
        if held is not None:
            scores[label] = sum(_names_agree(held.get(s.code), s.name) for s in named)
    era = four_digit(pemda)
    padded = sum(_names_agree(era.get(pad(s.code)), s.name) for s in named)
    scores[later] = max(scores.get(later, 0), padded)
    if PERMENDAGRI_90 not in scores and len(named) >= 4 and padded < 0.4 * len(named):
        return PERMENDAGRI_90  # the list itself is not held; names that fit no later list leave no other
    best = max(scores.values(), default=0)
    order = (later, KEPMENDAGRI_5889, KEPMENDAGRI_3708, PERMENDAGRI_90)
    return next((label for label in order if scores.get(label, -1) >= best - 0.02 * len(named)), later)


def _names_agree(entry: Entry | None, name: str | None) -> bool:
    return entry is not None and name is not None and same_name(name, entry.name)
