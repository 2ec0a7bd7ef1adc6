"""What the table as a whole says of its columns: evidence from the body settles what the header words leave open."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from normalizers.column_meaning import column_kind, read_columns, read_quantity
from normalizers.column_roles import FUNDS, form_roles, rates_of_groups, read_again, settle_roles
from normalizers.column_years import settle_years
from normalizers.columns import Column
from normalizers.evidence import Evidence, evidence
from normalizers.forms import Form, recognise
from normalizers.grid import Grid, fold
from normalizers.header_rules import says
from normalizers.header_times import planned_year, running_year
from normalizers.headers import Header
from normalizers.row_roles import RowRole, row_roles
from normalizers.row_times import Time, row_times, time_column
from normalizers.scales import scale_columns
from normalizers.setting import Setting
from normalizers.units import canonical_unit, is_unit

PHYSICAL = re.compile(r"\bfisik\b|\bkinerja\b|\boutput\b|\bkeluaran\b|(^|> )k\b")
MEASURED = re.compile(
    r"\bluas\b|\bpenduduk\b|\bpopulation\b|\barea\b|\((?:k?m ?[23²³]?|ha|jiwa|orang|ton|kg|kwh|kk|unit)\)"
)
HEADER_UNIT = re.compile(r"\(\s*([a-z][a-z/ .]*[23²³]?)\s*\)$", re.IGNORECASE)
RANKS = re.compile(r"golongan|pangkat|eselon|kelas|pendidikan|jabatan")
RATIO, PERCENT = re.compile(r"\brasio\b", re.IGNORECASE), re.compile(r"%|perse?n", re.IGNORECASE)
SMALL = re.compile(r"-?\d([.,]\d+)?")
NUMBERED_NAME = re.compile(r"(\d{1,3})[.)]? +([^\W\d_]{2}.*)")
COUNTED = re.compile(r"[\d.,]+ ?([^\W\d_].*)")  # `12 Dokumen`
HIGHEST_RATE = 10_000  # percent
PLANNED_OR_DONE = re.compile(r"(?:target|realisasi|capaian|volume)\b", re.IGNORECASE)
CURRENCY = re.compile(r"\(?(rp|idr)\.?\)?", re.IGNORECASE)


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
    _settle_numbered(grid, body, columns, looks)
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
    _targets_of_money(columns, looks)
    kind, form = recognise(header, columns, setting)
    setting.kind = kind
    roles = row_roles(grid, columns, body, setting)
    if form is not None:
        read_again(columns, header, setting)
        form_roles(columns, form)
    quantities = [c for c in columns if c.kind == "quantity"]
    _default_quantities(quantities, form)
    rates_of_groups(quantities, header)
    _counted_rates(grid, body, quantities, looks)
    settle_roles(columns, header, form, setting)
    settle_years(columns, header, setting, any(time.year for time in times.values()), bool(roles))
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


def _settle_numbered(grid: Grid, body: Sequence[int], columns: Sequence[Column], looks: Sequence[Evidence]) -> None:
    """Names that stand in one cell with their running numbers, below a heading of their own or of the numbers."""
    if not columns or columns[0].kind not in ("quantity", "unknown", "text", "name", "number"):
        return
    if PLANNED_OR_DONE.match(columns[0].label) or not _numbered_names(grid, body):
        return  # `1 Dokumen Renja` below `Target` is counted
    if columns[0].kind != "number":
        columns[0].kind = "name"
    elif len(columns) > 1 and columns[1].kind in ("name", "indicator") and not looks[1].filled:
        columns[0].kind, columns[1].kind = columns[1].kind, "text"


def _numbered_names(grid: Grid, body: Sequence[int]) -> bool:
    """A leftmost column of `1 Belanja Pegawai`, `2 Belanja Modal`: running numbers that no rule parts from their names."""
    texts = [text for cell in grid.owned(body, 0) if (text := fold(cell.text))]
    named = [match for text in texts if (match := NUMBERED_NAME.fullmatch(text))]
    numbers = [int(match[1]) for match in named]
    rest = [text for text in texts if not NUMBERED_NAME.fullmatch(text)]
    counted = len(named) >= 2 and numbers == list(range(1, len(named) + 1)) and len({m[2] for m in named}) > 1
    units = all(is_unit(match[2]) for match in named)  # `1 Dokumen`, `2 Laporan`: a column of targets
    return counted and not units and all(not re.match(r"[\d(]", text) for text in rest)


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
    if column.role == "tingkat" and not column.percent and look.amounts >= 0.8 and look.typical >= 1_000_000:
        column.role = "realisasi"  # `Realisasi terhadap Target Renstra` over amounts of money: no rate is so large
    unsaid = column.quantity is None and not measured and look.amounts >= 0.6 and look.typical >= 100_000
    weakly_said = column.quantity == "kinerja" and look.amounts >= 0.8 and look.typical >= 1_000_000
    leaf = column.label.rsplit(" > ", 1)[-1].lower()
    funds = leaf == "target" and FUNDS.search(column.label.lower())  # `Keuangan` > `Target`
    if unsaid or (weakly_said and (funds or not re.fullmatch(r"k|target|kinerja|fisik|vol(ume)?\.?", leaf))):
        column.quantity = "anggaran"


def _counted_rates(grid: Grid, body: Sequence[int], quantities: Sequence[Column], looks: Sequence[Evidence]) -> None:
    """`Realisasi terhadap Target Renstra` over `12 Dokumen` or `253.045`: what was done, and no rate."""
    for column in quantities:
        if column.role == "tingkat" and not column.percent and "terhadap" in column.label.lower():
            texts = [text for cell in grid.owned(body, column.index) if (text := fold(cell.text))]
            units = [canonical_unit(m[1]) for text in texts if (m := COUNTED.fullmatch(text)) and is_unit(m[1])]
            look = looks[column.index]
            large = look.amounts >= 0.8 and look.typical is not None and look.typical >= HIGHEST_RATE
            if large or 2 * sum(unit != "Persen" for unit in units) > len(texts):
                column.role = "realisasi"


def _targets_of_money(columns: Sequence[Column], looks: Sequence[Evidence]) -> None:
    """A lone `Target` of amounts beside `Realisasi` of amounts, in a table that prints no units: of money like it."""
    if any(c.kind in ("unit", "indicator") for c in columns):
        return
    large = [c for c in columns if c.kind == "quantity" and looks[c.index].amounts >= 0.8]
    large = [c for c in large if (looks[c.index].typical or 0) >= 1_000_000]
    spent = any(c.role == "realisasi" and c.quantity == "anggaran" for c in large)
    for column in large:
        others = all(c.quantity == "anggaran" for c in large if c is not column)
        if spent and others and column.quantity == "kinerja" and column.label.lower().strip() == "target":
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
