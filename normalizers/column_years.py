"""The year and the period of each column of numbers, where its own words leave them open."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from normalizers.column_roles import BARE_TOTAL
from normalizers.columns import Column
from normalizers.header_rules import says
from normalizers.header_times import YEAR_RANGE, period_of, years_of
from normalizers.headers import Header
from normalizers.setting import Setting

ORDINAL_YEAR = re.compile(r"\bke ?-? ?(?:> )?\(?([1-6])\)?$")  # `Realisasi pada Tahun ke-` > `3`
MULTI_YEAR = ("renstra", "rpjmd")
CAPTION_PERIOD_KINDS = ("realisasi_apbd", "lra", "anggaran_realisasi", "capaian_kinerja", "other")
THIS_OR_LAST = re.compile(r"\b(bulan|triwulan|tw|periode) (ini|lalu|sebelumnya)\b")
BARE_RATE = re.compile(r"\(?%\)?|p(?:er|ro)sen(?:tase)?(?: ?\(?%\)?)?")
UNITS = {"bulan": ("b", 1), "triwulan": ("tw", 3), "tw": ("tw", 3)}
DONE = ("realisasi", "tingkat_realisasi")
MONTHS_OF = {"b": 1, "tw": 3, "sm": 6}


def settle_years(columns: list[Column], header: Header, setting: Setting, by_row: bool, told: bool) -> None:
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
            _name_period(column, caption_period, named[1], says(column.label.lower(), "cumulative"), named[2] != "ini")
        elif caption_period and column.period == "tahun" and column.role in DONE and column.year in (None, default):
            column.period = caption_period
        if column.role == "target_renstra" and re.search(r"(^|> )kondisi\b.*\bakhir\b", column.label.lower()):
            column.period = "akhir_renstra"
        elif (
            column.role in ("target", "target_renstra", "anggaran", "proyeksi", "prakiraan_maju", "jumlah", "nilai")
            and column.period == "sd_tahun"
        ):
            column.period = "tahun"
    _rates_of_periods(quantities)
    _totals_so_far(quantities)
    _forward_estimates(quantities, setting)


def _rates_of_periods(quantities: Sequence[Column]) -> None:
    """A bare `%` is of what was done in the column before it: `Realisasi s/d Bulan Ini` | `%`.

    Behind several parts of a year (`TW I`, `TW II`) it may as well be of them together.
    """
    done: list[Column] = []
    for column in quantities:
        bare = BARE_RATE.fullmatch(column.label.lower().strip())
        alone = len(done) == 1 or (done and (done[-1].period or "").startswith(("sd_", "tahun")))
        if bare and alone and column.role == "tingkat_realisasi" and column.year == done[-1].year:
            column.period = done[-1].period
        if column.role == "tingkat_realisasi":
            done = []
        elif column.role == "realisasi" and not column.percent:
            done.append(column)


def _totals_so_far(quantities: Sequence[Column]) -> None:
    """A bare `Jumlah` at the right of some quarters or months of the year is of the year up to the last of them."""
    for before, column in itertools.pairwise(quantities):
        bare = BARE_TOTAL.fullmatch(column.label.rpartition(" > ")[2].lower())
        same = (before.role, before.quantity) == (column.role, column.quantity)
        if bare and same and column.period == "tahun" and re.fullmatch(r"tw[1-3]|b0\d|b1[01]", before.period):
            column.period = f"sd_{before.period}"


def _name_period(column: Column, caption_period: str, said: str, up_to: bool, last: bool) -> None:
    """`Bulan Ini`, `s/d Bulan Lalu`: counted from the month or quarter that the caption names (`sd_b09`)."""
    unit, number = re.match(r"(?:sd_)?([a-z]+)(\d+)", caption_period).groups()  # type: ignore[union-attr]
    month = int(number) * MONTHS_OF[unit]
    unit, length = UNITS.get(said, (unit, MONTHS_OF[unit]))
    place = month // length - last
    if month % length or place < 1:
        return
    column.period = f"{'sd_' if up_to and unit != 'sm' else ''}{unit}{place:0{2 if unit == 'b' else 1}d}"
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
