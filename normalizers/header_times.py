"""Years and periods that headers name: `Triwulan II`, `s/d Juni`, `n-1`, `Tahun ke-2`, `2021-2026`."""

from __future__ import annotations

import re

from normalizers.asking import asks
from normalizers.header_rules import says
from normalizers.headers import YEAR, Header
from normalizers.setting import PLANS_OF_A_YEAR, PLANS_OF_YEARS, Setting

YEAR_RANGE = re.compile(
    r"((?:19|20)\d{2})\s*(?:-|–|s/d|s\.d\.?|sampai dengan|sampai)\s*((?:19|20)\d{2})", re.IGNORECASE
)
ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "1": 1, "2": 2, "3": 3, "4": 4}
ORDINAL = {"pertama": 1, "kedua": 2, "ketiga": 3, "keempat": 4, "satu": 1, "dua": 2, "tiga": 3, "empat": 4}
MONTHS = [
    "januari",
    "februari",
    "maret",
    "april",
    "mei",
    "juni",
    "juli",
    "agustus",
    "september",
    "oktober",
    "november",
    "desember",
]
FIRST_LETTERS = [month[:3] for month in MONTHS]
SHORT_MONTH = re.compile(r"(jan|feb|mar|apr|mei|jun|jul|agu|sep|okt|nov|des)(?:s?t|st|t|s)?")  # `Jan`, `Agust`, `Sept`
OTHER_SPELLINGS = {  # `Pebruari`, `Agt.`, `Nopember`: the first letters as `MONTHS` has them
    re.compile(r"\bpeb(?=ruari\b|\b)"): "feb",
    re.compile(r"\bag(?:t|s)\b"): "agu",
    re.compile(r"\bnop(?=ember\b|\b)"): "nov",
}
QUARTER = re.compile(
    r"\b(?:triwulan|tri wulan|tw|twl)\.? ?(?:ke-? ?)?(iv|iii|ii|i|[1-4]|pertama|kedua|ketiga|keempat)\b"
)
BY_MONTH = r"\b(s/d|sd|sampai dengan|per|bulan)( \d{1,2})?( bulan)?(?: ?: ?| )"
BY_SHORT_MONTH = re.compile(rf"{BY_MONTH}{SHORT_MONTH.pattern}\b(?!\.? ?[-–])")  # `s/d Agt. 2024`
YEAR_END = re.compile(r"\bper 31 des(?:ember)?\b")  # what was done until then was done in the year
SEMESTER = re.compile(r"\b(?:semester|smt)\.? ?(?:ke-? ?)?(ii|i|[12]|pertama|kedua)\b")
RELATIVE_YEAR = re.compile(r"\(?\bn ?([-+]) ?(\d)\)?|\((n)\)|\btahun ke-? ?\(?(n)\)?(?! ?\w)")
DASHED_YEAR = re.compile(
    r"\b(?:tahun|(?:tahun )?t) ?([-+–]) ?(\d)\b"
)  # `Tahun -1`, `T+1`; of a plan `Tahun-1` is its first
LAST_YEAR = re.compile(
    r"(?<!terhadap )(?<!dari )(?<!dengan )(?<!dibanding )(?<!dibandingkan )\btahun (?:yang )?(?:lalu|sebelumnya)\b"
)
PART_OF_YEAR = re.compile(r"\b(triwulan|tw|semester|bulan)\b")
RUNNING_YEAR = re.compile(r"\btahun berjalan\b")
YEAR_NUMBER = re.compile(r"\b(?:tahun|th)\.? ?ke-? ?(\d)\b|\btahun (i{1,3}|iv|v)\b|\bke-? ?(\d)\b")


@asks
def period_of(text: str) -> str | None:
    """tw1..tw4, sd_tw1.., sm1, b01.. named in a text (lower case), or None."""
    cumulative = "sd_" if says(text, "cumulative") else ""
    for spelling, usual in OTHER_SPELLINGS.items():
        text = spelling.sub(usual, text)
    if YEAR_END.search(text):
        return None
    if m := QUARTER.search(text):
        return f"{cumulative}tw{ROMAN.get(m.group(1)) or ORDINAL[m.group(1)]}"
    if m := SEMESTER.search(text):
        return f"sm{ROMAN.get(m.group(1)) or ORDINAL[m.group(1)]}"
    if short := SHORT_MONTH.fullmatch(text.strip(" .")):
        return f"{cumulative}b{1 + FIRST_LETTERS.index(short[1]):02d}"
    for number, month in enumerate(MONTHS, 1):
        if text == month or (month in text and re.search(BY_MONTH + month + r"\b", text)):
            return f"{cumulative}b{number:02d}"
    if short := BY_SHORT_MONTH.search(text):
        return f"{cumulative}b{1 + FIRST_LETTERS.index(short[4]):02d}"
    return None


def years_of(part: str, setting: Setting) -> list[int]:
    """Years a header part names, ascending order of mention; a range `2021-2026` gives its last year."""
    years: list[int] = []
    if "19" in part or "20" in part:
        text = YEAR_RANGE.sub(lambda m: m.group(2), part)
        years = list(dict.fromkeys(int(y) for y in YEAR.findall(text)))
    if years or setting.fiscal_year is None:
        return years
    return _relative_years(part.lower(), setting, setting.fiscal_year)


def _relative_years(part: str, setting: Setting, fiscal_year: int) -> list[int]:
    """`n-1`, `Tahun Lalu`, `Tahun ke-2`. n is the year that is planned: the one after the year of an evaluation (forms T-C.29
    and E.58 to E.81 of Permendagri 86/2017)."""
    planned = setting.planned_year or (fiscal_year + 1 if setting.evaluates else fiscal_year)
    plans = setting.doc_type in PLANS_OF_A_YEAR and not setting.evaluates
    if m := RELATIVE_YEAR.search(part):
        sign, number = m.group(1), m.group(2)
        return [planned + (int(number) if sign == "+" else -int(number) if sign else 0)]
    if m := DASHED_YEAR.search(part):
        if m.group(1) == "+" or setting.doc_type not in PLANS_OF_YEARS:
            return [fiscal_year + (int(m.group(2)) if m.group(1) == "+" else -int(m.group(2)))]
        return [setting.plan_years[0] + int(m.group(2)) - 1] if setting.plan_years else []
    running = setting.running_year or (fiscal_year - 1 if plans else fiscal_year)
    if LAST_YEAR.search(part):
        return [running - 1]
    if RUNNING_YEAR.search(part):
        return [running]
    if setting.plan_years and not PART_OF_YEAR.search(part) and (m := YEAR_NUMBER.search(part)):
        order = m.group(1) or m.group(3) or {"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5}.get(m.group(2) or "", 1)
        return [setting.plan_years[0] + int(order) - 1]
    return []


def planned_year(header: Header) -> int | None:
    """n, from the headings that print a year beside `n-1`; None where none does, or they do not agree."""
    found: set[int] = set()
    for part in {part.lower() for path in header.paths for part in path}:
        years = years_of(part, Setting())
        match = RELATIVE_YEAR.search(part)
        if match and len(years) == 1:
            found.add(years[0] - int(f"{match.group(1)}{match.group(2)}" if match.group(1) else 0))
    return found.pop() if len(found) == 1 else None


def running_year(header: Header) -> int | None:
    """The year that the headings name beside `tahun berjalan`; None where they name none, or several."""
    parts = {part.lower() for path in header.paths for part in path}
    years = {tuple(years_of(part, Setting())) for part in parts if RUNNING_YEAR.search(part)}
    named = {year for (year, *others) in years - {()} if not others}
    return named.pop() if len(named) == 1 else None
