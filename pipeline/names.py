"""The programs and activities that a store holds, found by code or by a name that need not be exact."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from normalizers.nomenclature import comparable_of, parent_of
from pipeline.tabular import records

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LEVELS = ("urusan", "bidang_urusan", "program", "kegiatan", "sub_kegiatan")
ALIKE = 70.0  # rapidfuzz points below which a name is no choice
SURE = 88.0  # points from which the best name is taken, where it is `MARGIN` ahead of the next
MARGIN = 6.0


@dataclass(frozen=True, slots=True)
class Item:
    """One item of the nomenclature: provinces and kabupaten/kota joined by `code` (`X.XX.01.*.06`).

    `generics` are the codes in the store that it stands for, `documents` how many documents print one of them.
    """

    code: str
    level: str
    name: str
    generics: tuple[str, ...]
    documents: int


@dataclass(frozen=True, slots=True)
class Found:
    """An item with its likeness to what was asked, 0..100."""

    item: Item
    score: float


def items(connection: DuckDBPyConnection) -> dict[str, Item]:
    """Every item of the store by its code; names as most documents give them."""
    rows = records(connection, _ITEMS)
    names: dict[str, Counter[str]] = defaultdict(Counter)
    generics: dict[str, set[str]] = defaultdict(set)
    levels: dict[str, str] = {}
    documents: Counter[str] = Counter()
    for row in rows:
        code = comparable_of(row["code_generic"]) or row["code_generic"]
        levels[code] = row["level"]
        generics[code].add(row["code_generic"])
        documents[code] += row["documents"]
        if row["name"]:
            names[code][" ".join(row["name"].split())] += row["documents"]
    return {
        code: Item(code, levels[code], _most(names[code]), tuple(sorted(generics[code])), documents[code])
        for code in sorted(levels)
    }


_ITEMS = "select code_generic, level, name, documents from base.item_names"


def _most(names: Counter[str]) -> str:
    return min(names, key=lambda name: (-names[name], name)) if names else ""


def by_name(known: dict[str, Item], text: str, level: str | None = None, limit: int = 12) -> list[Found]:
    """Items whose name is like `text`, the likest first; among equals the wider level, then the commoner item."""
    from rapidfuzz import fuzz, process, utils

    pool = [item for item in known.values() if item.name and level in (None, item.level)]
    names = [item.name for item in pool]
    scored = process.extract(
        text, names, scorer=fuzz.WRatio, processor=utils.default_process, limit=limit * 4, score_cutoff=ALIKE
    )
    wanted = utils.default_process(text)
    found = [Found(pool[place], _whole(score, wanted, utils.default_process(name))) for name, score, place in scored]
    found.sort(key=lambda one: (-round(one.score), LEVELS.index(one.item.level), -one.item.documents, one.item.code))
    return found[:limit]


def near(known: dict[str, Item], code: str, limit: int = 5) -> list[Found]:
    """Items whose codes are most like one that no document prints; of equals the one that most documents print."""
    from rapidfuzz import fuzz

    depth = code.count(".")
    found = [
        Found(item, fuzz.ratio(code, item.code) - 10 * abs(depth - item.code.count("."))) for item in known.values()
    ]
    found.sort(key=lambda one: (-one.score, -one.item.documents, one.item.code))
    return [one for one in found[:limit] if one.score >= ALIKE]


def _whole(score: float, wanted: str, name: str) -> float:
    """The same name is 100, a name that begins with what was asked 97, one that holds all its words 93 at most."""
    if wanted == name:
        return 100.0
    if name.startswith(wanted + " "):
        return 97.0
    return 93.0 if set(wanted.split()) <= set(name.split()) else min(score, 90.0)


def clear_choice(found: Sequence[Found]) -> Item | None:
    """The one that is surely meant, or None."""
    if not found or found[0].score < SURE:
        return None
    rest = [one.score for one in found[1:]]
    return found[0].item if not rest or found[0].score - rest[0] >= MARGIN or found[0].score == 100 != rest[0] else None


def children(known: dict[str, Item], under: str | None) -> list[Item]:
    """The items below a code, or the topmost ones: those whose parents the store does not name."""
    if under is None:
        return [item for item in known.values() if not any(above in known for above in ancestors(item.code))]
    below = [item for item in known.values() if under in ancestors(item.code)]
    return [item for item in below if not any(above in known and above != under and under in ancestors(above)
                                              for above in ancestors(item.code))]  # fmt: skip


def ancestors(code: str) -> list[str]:
    """`X.XX.01.*.06` -> [`X.XX.01`, `X.XX`, `X`]."""
    above = []
    parent = parent_of(code)
    while parent:
        above.append(parent)
        parent = parent_of(parent)
    return above
