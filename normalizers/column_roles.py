"""The role of each column of numbers, where its own words leave it open: from the form and the columns beside it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from normalizers.column_meaning import BARE_MONEY, role_of
from normalizers.columns import Column
from normalizers.forms import Form
from normalizers.headers import YEAR, Header
from normalizers.setting import PLANS_OF_A_YEAR, PLANS_OF_YEARS, Setting

FUNDS = re.compile(r"\b(keuangan|anggaran)\b")
PLANNED = {"target", "target_renstra", "kebutuhan", "rancangan_awal", "prakiraan_maju", "proyeksi"}
PAIR = re.compile(r"(target|realisasi)(?: ?\(?(?:rp\.?|%)\)?)?")
ENACTED = re.compile(r"\bpagu\b(?!.*\bindikatif\b)")
MANY_YEARS = re.compile(
    r"\b(renstra|rpjmd|rpd)\b|akhir (periode|tahun perencanaan)|target akhir|(20\d\d)\b.* terhadap (?!.*\3).*20\d\d"
)
VOLUME = re.compile(r"vol(?:ume)?\.?(?: (?:pekerjaan|kegiatan|usulan))?")
BARE_TOTAL = re.compile(r"(total|jumlah)( ?\(?rp\.?\)?)?")


def rates_of_groups(quantities: Sequence[Column], header: Header) -> None:
    """A rate beside nothing but money under one heading is of money: `Keuangan` > `Target`, `Realisasi`, `Capaian`."""
    for column in quantities:
        group = header.paths[column.index][:-1]
        if column.role not in ("tingkat", "capaian") or not group or not FUNDS.search(" ".join(group).lower()):
            continue
        beside = {
            c.quantity for c in quantities if c is not column and header.paths[c.index][:-1] == group and not c.percent
        }
        if beside - {None} == {"anggaran"}:
            column.quantity = "anggaran"


def read_again(columns: list[Column], header: Header, setting: Setting) -> None:
    """Words that mean something in some forms only (`Volume` of a budget line) are read once the form is known."""
    for column in columns:
        role = role_of(header.paths[column.index], setting) if column.kind == "quantity" else None
        if role in ("volume", "harga_satuan"):
            column.role, column.quantity = role, "jumlah" if role == "volume" else "anggaran"
        elif role == "prakiraan_maju":
            column.role = role


def form_roles(columns: list[Column], form: Form) -> None:
    """Role changes that a form knows: by role and quantity (`roles`), or by the words of a column (`labels`)."""
    quantities = [c for c in columns if c.kind == "quantity"]
    for column in quantities:
        change = form.rule.get("roles", {}).get(column.role)
        if column.role == "target" and _target_of_money(column, quantities):
            continue
        if change and column.quantity in change and not (column.role == "target" and column.percent):
            column.role = change[column.quantity]
    for rule in form.rule.get("labels", []):
        for column in quantities[:1] if rule.get("first") else quantities:
            if re.search(rule["pattern"], column.label.lower()):
                column.role = rule["role"]


def _target_of_money(column: Column, others: Sequence[Column]) -> bool:
    """`Keuangan` > `Target (Rp)` beside a column of the budget itself: what was to be spent by then."""
    if "target" not in column.label.rpartition(" > ")[2].lower():
        return False
    budgets = ("target", "anggaran", "anggaran_perubahan")
    return any(c.role in budgets and c.quantity == "anggaran" and "target" not in c.label.lower() for c in others)


def _targets_beside(columns: Sequence[Column], header: Header) -> set[int]:
    """`Realisasi s/d Triwulan II` > `Fisik (%)` > `Target`, `Realisasi`: each of the pair is what it says itself.

    Gives the columns of what was done, in percent of the whole work and of no target.
    """
    pairs: dict[tuple[str, ...], dict[str, Column]] = {}
    for column in columns:
        path = header.paths[column.index]
        if len(path) > 1 and (leaf := PAIR.fullmatch(path[-1].strip().lower())):
            pairs.setdefault(path[:-1], {})[leaf[1]] = column
    done: set[int] = set()
    for pair in pairs.values():
        if len(pair) == 2 and pair["target"].role in (None, "realisasi", "tingkat", "capaian"):
            pair["target"].role = "target"
        if len(pair) == 2 and pair["target"].percent and pair["realisasi"].quantity != "anggaran":
            done.add(pair["realisasi"].index)
    return done


@dataclass(frozen=True, slots=True)
class _Has:
    """What the columns of a table speak of. `progress`: columns of what was done, in percent of the whole work."""

    renstra: bool
    target: bool
    realisasi: bool
    plain_realisasi: bool
    change: bool
    progress: set[int]


def _speaks_of(quantities: Sequence[Column], header: Header) -> _Has:
    progress = _targets_beside(quantities, header)
    roles = {c.role for c in quantities}
    return _Has(
        renstra="target_renstra" in roles,
        target=bool(roles & {"target", "anggaran", "anggaran_perubahan", "kebutuhan"}),
        realisasi=bool(roles & {"realisasi", "realisasi_kumulatif"}),
        plain_realisasi=any(c.role == "realisasi" and not c.percent for c in quantities),
        change="selisih" in roles,
        progress=progress,
    )


def settle_roles(columns: list[Column], header: Header, form: Form | None, setting: Setting) -> None:
    """Roles that the table as a whole decides: rates, what was reached, money without a word of its own."""
    quantities = [c for c in columns if c.kind == "quantity"]
    has = _speaks_of(quantities, header)
    for column in quantities:
        _settle_role(column, quantities, header, setting, has)
        if column.role == "realisasi" and column.period == "sd_tahun":
            column.role = "realisasi_kumulatif"
        if column.role == "anggaran" and not column.percent and _spent_itself(column, quantities, header):
            column.role = "realisasi"
        if column.role == "anggaran" and column.percent and _spent_beside(column, quantities, header):
            column.role = "tingkat_realisasi"
        if column.role is None:
            column.role = _of_periods(column, quantities) or _beside(column, quantities, header)
        if column.role is None:
            column.role = _fallback_role(column, column.label.lower(), form, setting)
    _renstra_targets(quantities, setting)


def _settle_role(column: Column, quantities: Sequence[Column], header: Header, setting: Setting, has: _Has) -> None:
    words = column.label.lower()
    if column.role == "tingkat" and column.quantity == "jumlah" and not (has.target or has.realisasi or has.renstra):
        column.role, column.percent = "nilai", True  # the share of a count
    elif column.role == "tingkat":
        column.role, column.percent = _rate(column, header, has), True
    elif column.role == "capaian" and _of_another_year(column, quantities):
        column.role = "realisasi"
    elif column.role == "capaian":
        column.role = "tingkat_realisasi" if has.realisasi else "realisasi"
        column.percent = column.percent or column.role == "tingkat_realisasi"
    elif column.role == "realisasi" and column.percent and has.plain_realisasi and column.index not in has.progress:
        column.role = "tingkat_realisasi"
    elif column.role is None and column.percent and _of_what_is_left(column, quantities):
        column.role = "selisih"
    elif column.role is None and column.percent and (has.realisasi or has.change):
        column.role = "tingkat_realisasi" if has.realisasi else "selisih"
    elif (
        column.role == "target"
        and has.plain_realisasi
        and setting.doc_type not in PLANS_OF_A_YEAR + PLANS_OF_YEARS
        and ENACTED.search(words)
    ):
        column.role = "anggaran"  # `Pagu` beside `Realisasi`, where nothing is planned
    elif column.role == "anggaran" and column.quantity == "kinerja":
        column.role = "target"  # `Sebelum Perubahan > Target`


def _rate(column: Column, header: Header, has: _Has) -> str:
    """Of the target of the year, or of the multi-year plan."""
    words = column.label.lower()
    own = MANY_YEARS.search(_ratio_part(header.paths[column.index])) or (has.renstra and not has.target)
    own = own or (has.renstra and "tingkat kemajuan" in words)
    above = MANY_YEARS.search(words) and (has.renstra or not has.realisasi)
    return "tingkat_capaian" if own or above else "tingkat_realisasi"


def _of_periods(column: Column, others: Sequence[Column]) -> str | None:
    """The role of a bare `Total` at the right of months or quarters: theirs."""
    before = [c for c in others if c.index < column.index and c.quantity == column.quantity]
    months = [c for c in before[-2:] if c.period != "tahun" and not c.percent]
    roles = {c.role for c in months if c.role}
    return roles.pop() if len(months) == 2 and len(roles) == 1 and BARE_TOTAL.fullmatch(column.label.lower()) else None


def _beside(column: Column, others: Sequence[Column], header: Header) -> str | None:
    """The role of the target beside a bare `Rp` (`Tahun 2025` > `Target`, `Rp`): the money of the same plan or year."""
    group = header.paths[column.index][:-1]
    if column.quantity != "anggaran" or not group:
        return None
    targets = [c for c in others if header.paths[c.index][:-1] == group and c.quantity == "kinerja"]
    roles = {c.role for c in targets if c.role}
    return roles.pop() if len(roles) == 1 and roles <= PLANNED else None


def _spent_itself(column: Column, others: Sequence[Column], header: Header) -> bool:
    """`Realisasi` > `Anggaran` beside `Realisasi` > `Kinerja`: what was spent, unless a column beside it says that."""
    path = [part.lower() for part in header.paths[column.index]]
    if len(path) < 2 or not re.match(r"realisasi\b", path[-2]) or not BARE_MONEY.fullmatch(path[-1]):
        return False
    group = header.paths[column.index][:-1]
    beside = [c for c in others if c is not column and header.paths[c.index][:-1] == group]
    works = any(c.quantity == "kinerja" for c in beside)
    return works and not any("realisasi" in header.paths[c.index][-1].lower() for c in beside)


def _spent_beside(column: Column, others: Sequence[Column], header: Header) -> bool:
    """`Anggaran` > `Alokasi`, `Realisasi`, `%`: the percentage of a group in which something was spent."""
    path = header.paths[column.index]
    beside = [c for c in others if header.paths[c.index][:-1] == path[:-1] and c.role == "realisasi" and not c.percent]
    return (
        len(path) > 1 and bool(beside) and re.fullmatch(r"\(?%\)?|persen(tase)?", path[-1].strip().lower()) is not None
    )


def _of_another_year(column: Column, others: Sequence[Column]) -> bool:
    """`Capaian Tahun 2021` beside `Realisasi 2023` and `% Capaian`: what was reached, where the rate is said to be one."""
    done = {c.year for c in others if c.role == "realisasi" and not c.percent}
    rates = [c for c in others if c is not column and c.percent and (c.year in done or c.year is None)]
    return bool(rates) and not column.percent and column.year is not None and bool(done) and column.year not in done


def _ratio_part(path: Sequence[str]) -> str:
    """The part of a header path that speaks of a rate; empty where none does."""
    return next((part.lower() for part in reversed(path) if re.search("tingkat|capaian|%|persen", part.lower())), "")


def _of_what_is_left(column: Column, quantities: Sequence[Column]) -> bool:
    """The second rate of `Realisasi | % | Sisa | %`."""
    before = quantities[: quantities.index(column)][-2:]
    return len(before) == 2 and before[0].percent and before[1].role == "selisih" and not before[1].percent


def _fallback_role(column: Column, words: str, form: Form | None, setting: Setting) -> str:
    if YEAR.fullmatch(words.strip()):  # below `Perbandingan Realisasi Kinerja`: `2020`, `2021`
        said = {word for word in ("realisasi", "target") if re.search(rf"\b{word}\b", setting.caption.lower())}
        if len(said) == 1:
            column.quantity = "kinerja" if column.quantity == "jumlah" else column.quantity
            return said.pop()
    if re.search(r"\bspm\b|\bstandar\b", words):
        return "nilai"
    if form is not None and form.default_role:
        return form.default_role
    if VOLUME.fullmatch(words.rpartition(" > ")[2].strip()):
        column.quantity = "jumlah"
        return "volume"
    if column.quantity == "anggaran":
        return {"renstra": "target_renstra", "lra": "anggaran", "apbd": "anggaran"}.get(setting.doc_type, "nilai")
    return "jumlah" if column.quantity == "jumlah" and re.search(r"jumlah|total", words) else "nilai"


def _renstra_targets(quantities: list[Column], setting: Setting) -> None:
    """Targets of three or more years in one table, or any target of a Renstra, are those of the multi-year plan."""
    years = {c.year for c in quantities if c.role == "target" and c.year and c.quantity == "kinerja"}
    multi = len(years) >= 3 and setting.kind in ("tujuan_sasaran", "other", "iku")
    for column in quantities:
        if column.role == "target" and (multi or setting.doc_type in PLANS_OF_YEARS):
            column.role = "target_renstra"
