"""The date on which a document was issued: beside a place (`Metro, 24 Juli 2023`) or after `pada tanggal`."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from functools import cache

MONTHS = {
    "januari": 1,
    "februari": 2,
    "pebruari": 2,
    "maret": 3,
    "april": 4,
    "mei": 5,
    "juni": 6,
    "juli": 7,
    "agustus": 8,
    "september": 9,
    "oktober": 10,
    "november": 11,
    "nopember": 11,
    "desember": 12,
}
_DATE = (
    rf"(?:(?P<day>\d{{1,2}})?\s*(?P<month>{'|'.join(MONTHS)})\s*(?P<year>(?:19|20)\d\d)"
    r"|(?P<day2>\d{1,2})\s*[-/.]\s*(?P<month2>\d{1,2})\s*[-/.]\s*(?P<year2>(?:19|20)\d\d))"
)


@cache
def _forms() -> tuple[re.Pattern[str], ...]:
    """Enactment first, then a place before the date at a line's end."""
    return (
        re.compile(rf"\btanggal\s*:?\s*{_DATE}", re.IGNORECASE),
        re.compile(rf"[^\W\d_]{{3,}}\.?\s*,\s*(?:tanggal\s*)?{_DATE}\s*$", re.IGNORECASE),
    )


def iso_date(day: str | None, month: str, year: str) -> str | None:
    """`2023-07-24`, or `2023-07` without a day; None for a day that no month has."""
    number = MONTHS.get(month.lower()) or (int(month) if month.isdigit() else 0)
    try:
        found = datetime.date(int(year), number, int(day) if day else 1)
    except ValueError:
        return None
    return found.isoformat() if day else f"{found.year}-{found.month:02d}"


def issued_on(texts: Iterable[str], fiscal_year: int | None) -> tuple[str, str] | None:
    """(ISO date, the line that says it) from lines of text in reading order; None where nothing does.

    Dates further from the fiscal year than a plan or a report can be are laws' and periods', and are passed over.
    """
    lines = [" ".join(text.split()) for text in texts]
    for form in _forms():
        for text in lines:
            found = form.search(text)
            if found is None:
                continue
            part = found.groupdict()
            year = part["year"] or part["year2"]
            date = iso_date(part["day"] or part["day2"], part["month"] or part["month2"], year)
            if date is None or (fiscal_year is not None and not fiscal_year - 2 <= int(year) <= fiscal_year + 4):
                continue
            return date, text
    return None
