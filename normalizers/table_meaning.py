"""What the table as a whole says of its columns: evidence from the body settles what the header words leave open."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from normalizers.column_meaning import (
    BARE_MONEY,
    YEAR_RANGE,
    Setting,
    column_kind,
    period_of,
    planned_year,
    read_columns,
    read_quantity,
    role_of,
    running_year,
    says,
    years_of,
)
from normalizers.columns import Column
from normalizers.evidence import Evidence, evidence
from normalizers.forms import Form, recognise
from normalizers.grid import Grid, fold
from normalizers.headers import YEAR, Header
from normalizers.row_roles import RowRole, row_roles
from normalizers.row_times import Time, row_times, time_column
from normalizers.scales import scale_columns
from normalizers.units import canonical_unit, is_unit

PHYSICAL = re.compile(r"\bfisik\b|\bkinerja\b|\boutput\b|\bkeluaran\b|(^|> )k\b")
MEASURED = re.compile(
    r"\bluas\b|\bpenduduk\b|\bpopulation\b|\barea\b|\((?:k?m ?[23²³]?|ha|jiwa|orang|ton|kg|kwh|kk|unit)\)"
)
HEADER_UNIT = re.compile(r"\(\s*([a-z][a-z/ .]*[23²³]?)\s*\)$", re.IGNORECASE)
RANKS = re.compile(r"golongan|pangkat|eselon|kelas|pendidikan|jabatan")
FUNDS = re.compile(r"\b(keuangan|anggaran)\b")
PLANNED = {"target", "target_renstra", "kebutuhan", "rancangan_awal", "prakiraan_maju", "proyeksi"}
ORDINAL_YEAR = re.compile(r"\bke ?-? ?(?:> )?\(?([1-6])\)?$")  # `Realisasi pada Tahun ke-` > `3`
RATIO, PERCENT = re.compile(r"\brasio\b", re.IGNORECASE), re.compile(r"%|perse?n", re.IGNORECASE)
SMALL = re.compile(r"-?\d([.,]\d+)?")
CURRENCY = re.compile(r"\(?(rp|idr)\.?\)?", re.IGNORECASE)
PAIR = re.compile(r"(target|realisasi)(?: ?\(?(?:rp\.?|%)\)?)?")
ENACTED = re.compile(r"\bpagu\b(?!.*\bindikatif\b)")
PLANS = ("renja", "rkpd", "renstra", "rpjmd")
MULTI_YEAR = ("renstra", "rpjmd")
CAPTION_PERIOD_KINDS = ("realisasi_apbd", "lra", "anggaran_realisasi", "capaian_kinerja", "other")
THIS_OR_LAST = re.compile(r"\b(s/?d\.?|sampai(?: dengan)?)?\s*(?:bulan|triwulan|tw|periode) (ini|lalu|sebelumnya)\b")
BARE_TOTAL = re.compile(r"(total|jumlah)( ?\(?rp\.?\)?)?")


@dataclass(slots=True)
class TableMeaning:
    """Kind, form and settled columns of a table."""

    kind: str
    form: Form | None
    columns: list[Column]
    notes: list[str]
    times: Mapping[int, Time] = field(default_factory=dict)  # of rows of the grid that name their own
    roles: Mapping[int, RowRole] = field(default_factory=dict)


def settle(grid: Grid, header: Header, body: Sequence[int], setting: Setting) -> TableMeaning:
    """Columns with meaning: words first, then the form, then the body's evidence."""
    setting.running_year, setting.planned_year = running_year(header), planned_year(header)
    columns = read_columns(header, setting)
    unread = [c for c in columns if c.kind not in ("quantity", "unknown")]
    looks = [evidence(grid, body, c.index) for c in columns]
    for column, look in zip(columns, looks, strict=True):
        _settle_kind(column, look, header)
    _settle_siblings(columns, looks, header)
    for column, look in zip(columns, looks, strict=True):
        if column.kind == "quantity" and look.filled and not look.numeric and _holds_currency(grid, body, column):
            column.kind = "text"
    for column in unread:
        if column.kind == "quantity":  # `Target Capaian Kinerja` > `Program`: its numbers tell what it is
            read_quantity(column, header.paths[column.index], setting)
    codes = [c for c in columns if c.kind == "code"]
    if len(codes) == 1 and looks[codes[0].index].running >= 0.9 and looks[codes[0].index].codes < 0.3:
        codes[0].kind = "number"  # a lone `Kode` column that counts 1, 2, 3; codes spread over columns look so too
    _settle_coded_names(columns, looks)
    if (timed := time_column(grid, columns, body)) is not None:
        timed.kind = "text"
    _settle_names(columns, looks)
    if timed is not None and not any(c.kind in ("name", "indicator") for c in columns):
        timed.kind = "name"
    times = row_times(grid, timed, body)
    for column, look in zip(columns, looks, strict=True):
        _settle_quantity(column, look, None)
    kind, form = recognise(header, columns, setting)
    setting.kind = kind
    roles = row_roles(grid, columns, body, setting)
    if form is not None:
        _read_again(columns, header, setting)
        _form_roles(columns, form)
    quantities = [c for c in columns if c.kind == "quantity"]
    _default_quantities(quantities, form)
    _rates_of_groups(quantities, header)
    _settle_roles(columns, header, form, setting)
    _settle_years(columns, header, setting, any(time.year for time in times.values()), bool(roles))
    _settle_units(columns)
    _ratios(columns, grid, body)
    _mark_blocks(columns, header)
    notes = scale_columns(columns, looks, setting)
    return TableMeaning(kind, form, columns, notes, times, roles)


def _settle_kind(column: Column, look: Evidence, header: Header) -> None:
    path = header.paths[column.index]
    leaf = path[-1].lower() if path else ""
    if column.kind in ("unknown", "quantity") and look.belanja >= 0.5:
        column.kind = "account"
    elif column.kind == "unknown":
        dashes = look.dashes >= 2 and not look.filled  # nothing to count in any row
        column.kind = "quantity" if dashes or (look.filled and look.numeric >= 0.6) else "text"
    elif column.kind in ("name", "indicator", "text") and look.filled:
        if look.numeric >= 0.8 and any(column_kind([part]) == "code" for part in path[:-1]):
            column.kind = "code"  # `Kode` > `Program`: 01, 02
        elif look.numeric >= 0.8 and look.codes < 0.5 and any(column_kind([part]) == "quantity" for part in path[:-1]):
            column.kind = "quantity"  # `Target Capaian` > `Program`, `Keluaran`
        elif look.running >= 0.8 and look.filled >= 2 and RANKS.search(leaf):
            column.kind = "name"  # `Golongan`: IV, III, II
        elif look.running >= 0.8 and look.filled >= 2:
            column.kind = "number"
        elif (
            look.numeric >= 0.8
            and look.codes < 0.5
            and (
                not _named_by_leaf(leaf, column.kind)
                or (look.filled >= 3 and look.numeric >= 0.95 and look.length >= 3)
            )
        ):
            column.kind = "quantity"
    elif column.kind == "quantity" and look.filled and look.numeric < 0.15 and look.length > 25:
        column.kind = "text"
    counted = look.filled >= 3 or (look.filled > 0 and column.index == 0)
    if column.kind == "quantity" and column.role is None and counted and look.running > 0.9 and not path:
        column.kind = "number"


def _holds_currency(grid: Grid, body: Sequence[int], column: Column) -> bool:
    """A column of nothing but `Rp`, which stands before the amounts of the next one."""
    return all(CURRENCY.fullmatch(text) for cell in grid.owned(body, column.index) if (text := fold(cell.text)))


def _settle_siblings(columns: list[Column], looks: list[Evidence], header: Header) -> None:
    """Columns of numbers under one group heading are of one kind, whatever their own words (`Jabatan > Pelaksana`)."""
    for column in columns:
        path = header.paths[column.index]
        if (
            column.kind == "text"
            and len(path) > 1
            and looks[column.index].filled
            and looks[column.index].numeric >= 0.9
        ):
            siblings = [c for c in columns if header.paths[c.index][:-1] == path[:-1] and c is not column]
            if sum(c.kind == "quantity" for c in siblings) > len(siblings) / 2:
                column.kind = "quantity"


def _named_by_leaf(leaf: str, kind: str) -> bool:
    """True where the column's own words, not only those above it, make it a name or text column."""
    return column_kind([leaf]) == kind


def _settle_coded_names(columns: list[Column], looks: list[Evidence]) -> None:
    """`Akun` or `Program/Kegiatan` over nothing but codes, beside the column that has the names (`Uraian`)."""
    coded = [c for c in columns if c.kind == "name" and looks[c.index].codes >= 0.8 and looks[c.index].filled >= 2]
    named = [c for c in columns if c.kind == "name" and c not in coded and looks[c.index].filled]
    if len(coded) == 1 and named and not any(c.kind == "code" for c in columns):
        coded[0].kind, coded[0].name_level = "code", None


def _settle_names(columns: list[Column], looks: list[Evidence]) -> None:
    """A table whose header names no name, indicator or code column: its wordiest text column is the name."""
    if any(c.kind in ("name", "indicator") for c in columns):
        return
    quantities = [c.index for c in columns if c.kind == "quantity" and looks[c.index].numeric >= 0.5]
    texts = [
        c for c in columns if c.kind in ("text", "unknown") and looks[c.index].filled and looks[c.index].numeric < 0.5
    ]
    for (
        column
    ) in columns:  # `Kondisi`: Baik, Sedang; `Tahun`: words before the first number, under a heading of numbers
        look = looks[column.index]
        words = column.kind == "quantity" and column.role is None and look.filled and look.numeric == 0
        if words and quantities and column.index < quantities[0]:
            column.kind = "text"
            texts.append(column)
    if texts and any(c.kind == "quantity" for c in columns):
        first_quantity = min(c.index for c in columns if c.kind == "quantity")
        before = [c for c in texts if c.index < first_quantity] or texts
        max(before, key=lambda c: (looks[c.index].filled, looks[c.index].length)).kind = "name"


def _settle_quantity(column: Column, look: Evidence, form: Form | None) -> None:
    if column.kind != "quantity":
        return
    if look.typical is None:
        return
    measured = MEASURED.search(column.label.lower())
    unsaid = column.quantity is None and not measured and look.amounts >= 0.6 and look.typical >= 100_000
    weakly_said = column.quantity == "kinerja" and look.amounts >= 0.8 and look.typical >= 1_000_000
    leaf = column.label.rsplit(" > ", 1)[-1].lower()
    funds = leaf == "target" and FUNDS.search(column.label.lower())  # `Keuangan` > `Target`
    if unsaid or (weakly_said and (funds or not re.fullmatch(r"k|target|kinerja|fisik|vol(ume)?\.?", leaf))):
        column.quantity = "anggaran"


def _default_quantities(quantities: list[Column], form: Form | None) -> None:
    """What no header word tells: the form's own quantity; a ratio is of what the table's other columns are; else kinerja."""
    plans = ("realisasi", "anggaran", "anggaran_perubahan", "target", "target_renstra")
    known = {c.quantity for c in quantities if c.quantity and c.role in plans and not c.percent}
    planned = any(c.role not in (None, "jumlah", "nilai") for c in quantities)
    planned = planned or (form is not None and form.default_role in plans)
    for column in quantities:
        if (
            form is not None
            and form.default_quantity
            and (column.quantity is None or form.default_quantity == "jumlah")
        ):
            column.quantity = form.default_quantity
        elif (
            known == {"anggaran"}
            and not PHYSICAL.search(column.label.lower())
            and (column.percent or column.role in ("tingkat", "selisih", "capaian"))
        ):
            column.quantity = "anggaran"  # a rate in a table of money, `Capaian` too
        elif column.quantity is None:
            beside = known == {"anggaran"} and column.role == "realisasi" and not PHYSICAL.search(column.label.lower())
            column.quantity = "anggaran" if beside else "kinerja" if planned else "jumlah"


def _rates_of_groups(quantities: Sequence[Column], header: Header) -> None:
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


def _read_again(columns: list[Column], header: Header, setting: Setting) -> None:
    """Words that mean something in some forms only (`Volume` of a budget line) are read once the form is known."""
    for column in columns:
        role = role_of(header.paths[column.index], setting) if column.kind == "quantity" else None
        if role in ("volume", "harga_satuan"):
            column.role, column.quantity = role, "jumlah" if role == "volume" else "anggaran"
        elif role == "prakiraan_maju":
            column.role = role


def _form_roles(columns: list[Column], form: Form) -> None:
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


def _settle_roles(columns: list[Column], header: Header, form: Form | None, setting: Setting) -> None:
    quantities = [c for c in columns if c.kind == "quantity"]
    has_renstra = any(c.role == "target_renstra" for c in quantities)
    has_target = any(c.role in ("target", "anggaran", "anggaran_perubahan", "kebutuhan") for c in quantities)
    has_realisasi = any(c.role in ("realisasi", "realisasi_kumulatif") for c in quantities)
    has_change = any(c.role == "selisih" for c in quantities)
    progress = _targets_beside(quantities, header)
    plain_realisasi = any(c.role == "realisasi" and not c.percent for c in quantities)
    for column in quantities:
        words = column.label.lower()
        if (
            column.role == "tingkat"
            and column.quantity == "jumlah"
            and not (has_target or has_realisasi or has_renstra)
        ):
            column.role, column.percent = "nilai", True  # the share of a count
        elif column.role == "tingkat":
            plan = (
                r"\b(renstra|rpjmd|rpd)\b|akhir (periode|tahun perencanaan)|target akhir|20\d\d\b.* terhadap .*20\d\d"
            )
            own = re.search(plan, _ratio_part(header.paths[column.index])) or (has_renstra and not has_target)
            own = own or (has_renstra and "tingkat kemajuan" in words)
            above = re.search(plan, words) and (has_renstra or not has_realisasi)
            column.role = "tingkat_capaian" if own or above else "tingkat_realisasi"
            column.percent = True
        elif column.role == "capaian" and _of_another_year(column, quantities):
            column.role = "realisasi"
        elif column.role == "capaian":
            column.role = "tingkat_realisasi" if has_realisasi else "realisasi"
            column.percent = column.percent or column.role == "tingkat_realisasi"
        elif column.role == "realisasi" and column.percent and plain_realisasi and column.index not in progress:
            column.role = "tingkat_realisasi"
        elif column.role is None and column.percent and (has_realisasi or has_change):
            column.role = "tingkat_realisasi" if has_realisasi else "selisih"
        elif column.role == "target" and plain_realisasi and setting.doc_type not in PLANS and ENACTED.search(words):
            column.role = "anggaran"  # `Pagu` beside `Realisasi`, where nothing is planned
        elif column.role == "anggaran" and column.quantity == "kinerja":
            column.role = "target"  # `Sebelum Perubahan > Target`
        if column.role == "realisasi" and column.period == "sd_tahun":
            column.role = "realisasi_kumulatif"
        if column.role == "anggaran" and not column.percent and _spent_itself(column, quantities, header):
            column.role = "realisasi"
        if column.role == "anggaran" and column.percent and _spent_beside(column, quantities, header):
            column.role = "tingkat_realisasi"
        if column.role is None:
            column.role = (
                _of_periods(column, quantities)
                or _beside(column, quantities, header)
                or _fallback_role(column, words, form, setting)
            )
    _renstra_targets(quantities, setting)


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
    return not any("realisasi" in header.paths[c.index][-1].lower() for c in beside)


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
    if column.quantity == "anggaran":
        return {"renstra": "target_renstra", "lra": "anggaran", "apbd": "anggaran"}.get(setting.doc_type, "nilai")
    return "jumlah" if column.quantity == "jumlah" and re.search(r"jumlah|total", words) else "nilai"


def _renstra_targets(quantities: list[Column], setting: Setting) -> None:
    """Targets of three or more years in one table, or any target of a Renstra, are those of the multi-year plan."""
    years = {c.year for c in quantities if c.role == "target" and c.year and c.quantity == "kinerja"}
    multi = len(years) >= 3 and setting.kind in ("tujuan_sasaran", "other", "iku")
    for column in quantities:
        if column.role == "target" and (multi or setting.doc_type in ("renstra", "rpjmd")):
            column.role = "target_renstra"


def _settle_years(columns: list[Column], header: Header, setting: Setting, by_row: bool, told: bool) -> None:
    """`by_row`: the rows name their own years; `told`: they say what their numbers are."""
    quantities = [c for c in columns if c.kind == "quantity"]
    said = years_of(setting.caption.lower(), Setting())
    caption_year = said[0] if len(said) == 1 else None
    default = caption_year or setting.fiscal_year
    caption_period = period_of(setting.caption.lower()) if setting.kind in CAPTION_PERIOD_KINDS else None
    if caption_period in ("b12", "sd_b12", "sd_tw4", "sd_sm2"):
        caption_period = None  # up to December is the whole year
    ordered = _years_by_order(quantities, setting)
    if setting.doc_type in MULTI_YEAR:
        default = caption_year  # a plan of many years has none of its own, and none of its years is done
    for column in quantities:
        if column.index in ordered:
            column.year = ordered[column.index]
        elif column.year is None and not by_row:
            column.year = default if told else _default_year(column, default, setting)
            if column.role == "nilai" and column.quantity == "jumlah" and not told:
                column.year = caption_year  # `Jumlah Penduduk ..., 2022`
        if caption_period and (named := THIS_OR_LAST.search(column.label.lower())):
            _name_period(column, caption_period, bool(named[1]), named[2] != "ini")
        elif caption_period and column.period == "tahun" and column.role in ("realisasi", "tingkat_realisasi"):
            column.period = caption_period
        if column.role == "target_renstra" and re.search(r"(^|> )kondisi\b.*\bakhir\b", column.label.lower()):
            column.period = "akhir_renstra"
        elif (
            column.role in ("target", "target_renstra", "anggaran", "proyeksi", "prakiraan_maju", "jumlah", "nilai")
            and column.period == "sd_tahun"
        ):
            column.period = "tahun"
    _forward_estimates(quantities, setting)


def _name_period(column: Column, caption_period: str, up_to: bool, last: bool) -> None:
    """`Bulan Ini`, `s/d Bulan Lalu`: counted from the month or quarter that the caption names (`sd_b09`)."""
    unit, number = re.match(r"(?:sd_)?([a-z]+)(\d+)", caption_period).groups()  # type: ignore[union-attr]
    if int(number) - last < 1:
        return
    column.period = f"{'sd_' if up_to else ''}{unit}{int(number) - last:0{len(number)}d}"
    if column.role == "realisasi_kumulatif":
        column.role = "realisasi"  # of this year alone


def _years_by_order(quantities: Sequence[Column], setting: Setting) -> dict[int, int | None]:
    """Years of columns headed `Tahun ke-` 1 to n, by column: those of the range of n years that the caption names.

    Without one, what a plan of many years says was done lies before its first year, and nothing tells which year is which.
    """
    order = {c.index: int(m[1]) for c in quantities if (m := ORDINAL_YEAR.search(c.label.lower()))}
    last = max(order.values(), default=0)
    named = {(int(a), int(b)) for a, b in YEAR_RANGE.findall(setting.caption)}
    spans = {first for first, end in named if end - first + 1 == last}
    if len(spans) == 1:
        first = spans.pop()
        return {index: first + number - 1 for index, number in order.items()}
    done = any(c.role in ("realisasi", "realisasi_kumulatif") for c in quantities if c.index in order)
    return dict.fromkeys(order) if done and setting.doc_type in MULTI_YEAR else {}


def _default_year(column: Column, default: int | None, setting: Setting) -> int | None:
    if column.role in ("capaian_existing", "bobot", "formula"):
        return None
    if column.role == "nilai" and column.quantity != "anggaran":
        return None
    if column.role == "target_renstra":
        return setting.plan_years[1] if setting.plan_years else None
    if column.role == "prakiraan_maju":
        return setting.fiscal_year + 1 if setting.fiscal_year else None
    return default


def _forward_estimates(quantities: list[Column], setting: Setting) -> None:
    """A plan table with targets for the plan year and the next: the next year's are forward estimates."""
    if setting.kind not in ("tc33", "tc31") or setting.fiscal_year is None:
        return
    targets = {c.year for c in quantities if c.role == "target"}
    if targets == {setting.fiscal_year, setting.fiscal_year + 1}:
        for column in quantities:
            if column.role == "target" and column.year == setting.fiscal_year + 1:
                column.role = "prakiraan_maju"


def _settle_units(columns: list[Column]) -> None:
    """`Target (orang)`, `Panjang (Km)`: the unit that the header itself names."""
    for column in columns:
        named = HEADER_UNIT.search(column.label)
        if column.kind == "quantity" and column.quantity != "anggaran" and named and is_unit(named[1]):
            unit = canonical_unit(named[1])
            column.unit = unit if unit not in ("Rupiah", "Persen") else None


def _ratios(columns: list[Column], grid: Grid, body: Sequence[int]) -> None:
    """`Rasio antara Realisasi dan Anggaran` that prints 0,97 and no percent sign is a ratio, and no percentage."""
    for column in columns:
        if column.kind != "quantity" or column.role not in ("tingkat_realisasi", "tingkat_capaian"):
            continue
        if not RATIO.search(column.label) or PERCENT.search(column.label):
            continue
        texts = [text for cell in grid.owned(body, column.index) if (text := fold(cell.text)) not in ("", "-")]
        if texts and all(SMALL.fullmatch(text) for text in texts):
            column.percent, column.unit = False, "Rasio"


def _mark_blocks(columns: list[Column], header: Header) -> None:
    """A table that prints names twice (T-C.31): quantity columns of the right half answer to the names at their right."""
    tops = [path[0] if path else "" for path in header.paths]
    for column in columns:
        column.block = tops[column.index] if len(header.paths[column.index]) > 1 else None


__all__ = ["Evidence", "TableMeaning", "evidence", "says", "settle"]
