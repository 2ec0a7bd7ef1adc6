"""Header path -> Column: a grammar over words and years; the words are data in `forms/headers.toml`."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from decimal import Decimal
from operator import attrgetter
from typing import Any

from normalizers.asking import asks, remembered
from normalizers.columns import Column
from normalizers.grid import fold
from normalizers.header_rules import occurs, rule_file, rules, says, words
from normalizers.header_times import PART_OF_YEAR, period_of, years_of
from normalizers.header_words import mended
from normalizers.headers import Header
from normalizers.setting import Setting

NUMBERS = ("1", "2", "3", "4", "5", "6")
PARENTHESES = re.compile(r"\([^()]*\)")
NUMBERED_HEADING = re.compile(r"(?:no|nomor)\.? +([^\W\d_]{3}.*)")
CHANGE = re.compile(r"((?:peningkatan|penurunan|kenaikan)\b.*?) ((?:dari|dibanding\w*|terhadap)\b.*)")
BARE_MONEY = re.compile(r"(anggaran|keuangan|belanja|dana|biaya)( ?\(?rp\.?\)?)?")
MONEY_AND_WORK = re.compile(
    r"\bkinerja (dan|&|/) (realisasi )?anggaran\b|\btingkat (capaian|realisasi)\b|\bcapaian ?\(%\)|^p(er|ro)sentase\b"
)


@dataclass(slots=True)
class PathMeaning:
    """What the words of one header path say, before the table as a whole has its say."""

    role: str | None = None
    quantity: str | None = None
    years: list[int] = field(default_factory=list)
    cumulative: bool = False
    period: str | None = None
    percent: bool = False
    money: bool = False
    multiplier: Decimal = Decimal(1)


def column_kind(path: Sequence[str]) -> str | None:
    """number, code, unit, text, indicator, quantity or name, from the path's last part (then the parts above it)."""
    return next((kind for part in reversed(path) if (kind := _kind_of(part)) is not None), None)


@asks
def _kind_of(part: str) -> str | None:
    text = mended(part).strip(" .:*")
    if not text:
        return None
    kind = next((kind for kind, patterns, _ in rules("kinds", "kind") if occurs(text, patterns)), None)
    if kind is None and (behind := NUMBERED_HEADING.match(text)):
        kind = _kind_of(behind[1])  # `No Kecamatan`: two columns that no rule parts
        return None if kind == "quantity" else kind  # numbers that run into numbers are none
    return kind


@asks
def name_level(path: tuple[str, ...]) -> str | None:
    """The level of the names under a header that names one level only (`Sasaran`, `Program`)."""
    leaf = mended(path[-1]).strip(" .:") if path else ""
    return next((level for level, p in rule_file()["name_levels"].items() if re.search(p, leaf)), None)


@remembered
def _is_bare(part: str) -> bool:
    return occurs(part, words()["bare"])


def _ratio(parts: Sequence[str]) -> str | None:
    if any(says(part, "growth") for part in parts[:-1]):
        return "nilai"  # `Rata-rata Pertumbuhan` > `Anggaran`
    for part in reversed(parts):
        if _is_bare(part):
            continue
        return _ratio_role(part)
    return None


@remembered
def _ratio_role(part: str) -> str | None:
    return next((role for role, patterns, _ in rules("ratio_roles", "role") if occurs(part, patterns)), None)


def _context(parts: Sequence[str], kind: str) -> str | None:
    whole = " > ".join(parts)
    for number, (role, _, rule) in enumerate(rules("context_roles", "role")):
        if rule.get("forms") and kind not in rule["forms"]:
            continue
        looked = parts[-1:] if rule.get("only_leaf") else parts
        if any(number in _contexts_of(part) for part in looked):
            return str(role)
        if any(re.search(p, whole) for p in rule.get("paths", ())):
            return str(role)
    return None


@remembered
def _contexts_of(part: str) -> frozenset[int]:
    """Which rules of `context_roles` have a word that occurs in a header part."""
    told = enumerate(rules("context_roles", "role"))
    return frozenset([number for number, (_, patterns, _) in told if occurs(part, patterns)])


@remembered
def _part_role(part: str) -> str | None:
    if says(part, "both"):
        return None
    found = []
    for role, patterns, _ in rules("part_roles", "role"):
        hits = [m.start() for p in patterns if (m := p.search(part))]
        if hits:
            found.append((min(hits), role))
    if not found:
        return None
    roles = {role for _, role in found}
    first = min(found)[1]
    if first == "capaian" and "target" not in roles and "target_renstra" not in roles:
        return "capaian"
    if first in ("target", "target_renstra", "anggaran") and roles & {"target_renstra"} and "realisasi" not in roles:
        return "target_renstra"
    if first == "capaian":
        return "target" if "target" in roles and "realisasi" not in roles else "capaian"
    return str(first)


def _role(parts: tuple[str, ...], kind: str) -> str | None:
    told = any(kind in rule.get("forms", ()) for _, _, rule in rules("context_roles", "role"))
    return _role_in(parts, kind if told else "")


@remembered
def _role_in(parts: tuple[str, ...], kind: str) -> str | None:
    """`kind` is that of a form that a rule names, else empty."""
    if len(parts) > 1 and BARE_MONEY.fullmatch(parts[-1]) and any(MONEY_AND_WORK.search(part) for part in parts[:-1]):
        parts = parts[:-1]  # `Realisasi Kinerja dan Anggaran` > `TW I` > `Anggaran`: what is spoken of, not what it is
    if ratio := _ratio(parts):
        return ratio
    if context := _context(parts, kind):
        return context
    bare_role = None
    for part in reversed(parts):
        role = _part_role(part)
        if role is None:
            continue
        if _is_bare(part):
            bare_role = bare_role or role
            continue
        return role
    return bare_role


def _quantity(parts: tuple[str, ...]) -> tuple[str | None, bool]:
    for part in reversed(parts):
        money, work = says(part, "money"), says(part, "performance")
        if part.strip(" .()") in ("k", "target", "volume", "vol", "fisik"):
            return "kinerja", False
        if money and not work:
            return "anggaran", True
        if work and not money:
            return "kinerja", False
        if re.search(r"\brp\b|rupiah|\bpagu\b", part):
            return "anggaran", True
    return None, False


def role_of(path: Sequence[str], setting: Setting) -> str | None:
    """The role in the meaning of a header path."""
    return _role_of(tuple(path), setting.kind)


@asks
def _role_of(path: tuple[str, ...], kind: str) -> str | None:
    return _role(tuple(_parts(path)), kind)


def _parts(path: Sequence[str]) -> list[str]:
    return [mended(fold(part)) for part in path]


def read_path(path: Sequence[str], setting: Setting) -> PathMeaning:
    """The meaning of a header path's words alone; not to be changed."""
    return _read_path(tuple(path), *_KNOWN(setting))


_AROUND = [part.name for part in fields(Setting) if part.name != "caption"]  # what the meaning of a path may rest on
_KNOWN = attrgetter(*_AROUND)


@asks
def _read_path(path: tuple[str, ...], *known: Any) -> PathMeaning:
    """`known`: the values of a `Setting`, its caption left out."""
    setting = Setting(**dict(zip(_AROUND, known, strict=True)))
    parts = _parts(path)
    found = PathMeaning(role=_role(tuple(parts), setting.kind))
    found.quantity, found.money = _quantity(tuple(parts))
    if len(parts) > 1 and parts[-1] in NUMBERS and re.search(r"\bke ?-?$", parts[-2]):
        counted = PART_OF_YEAR.search(parts[-2])
        parts[-1] = f"{counted[1] if counted else 'tahun'} ke-{parts[-1]}"  # `Target pada Tahun Ke-` > `1`
    for part in reversed(parts):
        years = _own_years(part, setting)
        if len(years) == 1 or (years and not found.years):
            found.years = years[-1:] if len(years) > 1 else years
        if len(years) == 1:
            break
    bare = " ".join([PARENTHESES.sub(" ", part) for part in parts])  # `Anggaran per Triwulan (Rp)` > `I`
    for part in (*reversed(parts), " ".join(parts), fold(bare)):
        found.period = found.period or period_of(part)
    found.cumulative = any(says(part, "cumulative") for part in parts)
    found.percent = bool(parts) and any(says(p, "percent") for p in parts[-2:])
    found.multiplier = scale_said(" ".join(parts))
    return found


def _own_years(part: str, setting: Setting) -> list[int]:
    """The years of a header part, without one that it only compares with: `Peningkatan Pagu dari Tahun 2023`."""
    if (change := CHANGE.fullmatch(part)) and len(years_of(part, Setting())) < 3:
        since = years_of(change[2], Setting())
        return years_of(change[1], setting) or (since if len(since) > 1 else [])
    return years_of(part.split(" terhadap ")[0], setting) or years_of(part, setting)


def scale_said(header: str) -> Decimal:
    """The unit of amounts that the words of a header (lower case) name, in rupiah; 1 where they name none."""
    scales = (("trillion", 12), ("billion", 9), ("million", 6), ("thousand", 3))
    return next((Decimal(10) ** scale for name, scale in scales if says(header, name)), Decimal(1))


def read_columns(header: Header, setting: Setting) -> list[Column]:
    """One Column a grid column, from the header words alone; `table_meaning` settles what needs the table as a whole."""
    columns = []
    for index, path in enumerate(header.paths):
        kind = column_kind(path) or "unknown"
        column = Column(index, header.label(index), kind=kind, number=header.numbers[index])
        if kind in ("name", "indicator", "code"):
            column.name_level = name_level(path)
        if kind in ("quantity", "unknown"):
            read_quantity(column, path, setting)
        columns.append(column)
    _spread_levels(columns)
    return columns


def read_quantity(column: Column, path: Sequence[str], setting: Setting) -> None:
    """Role, quantity, year, period and scale of a column of numbers, from the words of its header path."""
    meaning = read_path(path, setting)
    column.role, column.quantity = meaning.role, meaning.quantity
    column.year = meaning.years[-1] if meaning.years else None
    column.percent, column.multiplier = meaning.percent, meaning.multiplier
    column.period = _period(meaning)


def _spread_levels(columns: list[Column]) -> None:
    """A header that names two levels (`Tujuan/Sasaran`) over two columns of names: one level a column, in its order."""
    names = [c for c in columns if c.kind in ("name", "text", "unknown", "indicator")]
    for left, right in itertools.pairwise(names):
        levels = re.findall(r"tujuan|sasaran|program|sub ?kegiatan|kegiatan", left.label.lower())
        if (
            left.label == right.label
            and right.index == left.index + 1
            and len(set(levels)) == 2
            and left.kind == "name"
        ):
            left.name_level, right.name_level = (level.replace(" ", "_") for level in dict.fromkeys(levels))


def _period(meaning: PathMeaning) -> str:
    if meaning.period:
        return meaning.period
    if meaning.cumulative or meaning.role == "perkiraan_realisasi":
        return "sd_tahun"
    return "tahun"
