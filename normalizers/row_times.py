"""Rows that stand for times: `Tahun` | `Anggaran` over 2021, 2022; `Triwulan` over I to IV; groups below `TRIWULAN I`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from normalizers.columns import Column
from normalizers.grid import Grid, fold
from normalizers.header_times import MONTHS, period_of

YEAR_CELL = re.compile(r"(?:(?:tahun|th\.?|ta\.?)\s*(?:anggaran\s*)?)?((?:19|20)\d{2})[\s*).]*", re.IGNORECASE)
ORDINAL = r"(?:ke-?\s*)?(?:i{1,3}|iv|[1-4]|pertama|kedua|ketiga|keempat)"
PERIOD_CELL = re.compile(
    rf"((?:s/?d\.?|sampai dengan)\s+)?((?:triwulan|tri wulan|tw|twl|semester|smt)\.?\s*{ORDINAL}"
    rf"|(?:bulan\s+)?(?:{'|'.join(MONTHS)}|pebruari|nopember))"
    r"(?:\s*,?\s*(?:tahun\s+)?((?:19|20)\d{2}))?[\s:.]*",
    re.IGNORECASE,
)
SHORT = re.compile(r"i{1,3}|iv|[1-4]|[a-z]{3,4}\.?", re.IGNORECASE)  # `II`, `Feb`: below `Triwulan`, `Bulan`
HEADINGS = re.compile(
    r"(?:(?:tahun|th\.?|ta\.?)(?: anggaran)?|periode|triwulan|tw|bulan|semester)(?: ke-?)?", re.IGNORECASE
)
NUMBER = re.compile(r"^\d{1,2}[.)]? +(?=[^\W\d_])")
WORDS = ("name", "indicator")
TOTAL = re.compile(  # `Jumlah terminal` is an indicator
    r"(?:grand )?(?:jumlah|total|jml)(?: (?:jumlah|total|seluruh\w*|keseluruhan|semua|belanja|anggaran))?[\s:.]*|rata\b.*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Time:
    """The year and the period (contract, `period`) of a row; None where it names none."""

    year: int | None = None
    period: str | None = None


def time_of(text: str, heading: str = "") -> Time | None:
    """What a cell names that holds nothing but a time, below its heading.

    >>> time_of("Tahun 2021"), time_of("TW II 2022"), time_of("III", "Triwulan"), time_of("Belanja 2021")
    (Time(year=2021, period=None), Time(year=2022, period='tw2'), Time(year=None, period='tw3'), None)
    """
    if match := YEAR_CELL.fullmatch(text):
        return Time(int(match[1]))
    if match := PERIOD_CELL.fullmatch(text):
        said = re.sub(r"^bulan\s+", "", match[2].lower())
        month = re.fullmatch(r"[a-z]{3,9}", said) is not None
        period = period_of(f"s/d {said}" if match[1] and not month else said)
        return Time(int(match[3]) if match[3] else None, f"sd_{period}" if match[1] and month else period)
    low = heading.lower()
    if SHORT.fullmatch(text) and (unit := re.match(r"triwulan|tw|semester|bulan", low)):
        period = period_of(text.lower() if unit[0] == "bulan" else f"{unit[0]} {text.lower()}")
        return None if period is None else Time(None, period)
    return None


def _own(text: str, heading: str) -> str:
    """A cell's text without its running number, where one heading stands over both (`No Bulan`)."""
    return NUMBER.sub("", text) if heading.lower().startswith("no") else text


def time_column(grid: Grid, columns: Sequence[Column], body: Sequence[int]) -> Column | None:
    """The column that names the time of each row: words that are times, or numbers below `Tahun`, `Triwulan`; None where there
    is none. Two times or more stand in it, and nothing else but the words of totals.
    """
    for column in columns:
        heading = column.label.rsplit(" > ", 1)[-1]
        if column.kind not in WORDS and not HEADINGS.fullmatch(heading):
            continue
        texts = [
            text
            for cell in grid.owned(body, column.index)
            if (text := _own(fold(cell.text), heading)) and not TOTAL.fullmatch(text)
        ]
        times = [time_of(text, heading) for text in texts]
        if len(set(times)) > 1 and None not in times:
            return column
    return None


def row_times(grid: Grid, column: Column | None, body: Sequence[int]) -> Mapping[int, Time]:
    """The time of each row of the body that has one: that of its group (a heading over the whole width) and its own, or for an
    empty cell that of the row above. Totals of several have none.
    """
    heading = "" if column is None else column.label.rsplit(" > ", 1)[-1]
    found: dict[int, Time] = {}
    group: Time | None = None
    own: Time | None = None
    groups = closed = 0
    for row in body:
        texts = [text for text in grid.row_texts(row) if text]
        named = time_of(texts[0]) if len(set(texts)) == 1 and grid.n_columns > 2 else None
        if named is not None and _heads_group(grid, row, column):
            group, own, groups = named, None, groups + 1
            continue
        if groups and any(TOTAL.fullmatch(text) for text in texts):
            closed += 1
            if closed != groups:
                continue
        if column is not None:
            if text := grid.text(row, column.index):
                own = time_of(_own(text, heading), heading)
            elif any(TOTAL.fullmatch(other) for other in texts):
                own = None
        if own or group:
            own_or, group_or = own or Time(), group or Time()
            found[row] = Time(own_or.year or group_or.year, own_or.period or group_or.period)
    return found


def _heads_group(grid: Grid, row: int, column: Column | None) -> bool:
    """Whether the only text of a row spans columns or stands in the first ones: a note at the right heads nothing, nor does a
    lone cell of the column of times.
    """
    at = [place for place in range(grid.n_columns) if grid.text(row, place)]
    return len(at) > 1 or (at[0] < 2 and (column is None or at[0] != column.index))
