"""One agency in one year, and what has no value: the records that a comparison is made of."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple

from pipeline.compare_sql import Said
from pipeline.tabular import indonesian

TARGETS = ("target", "kebutuhan", "rancangan_awal", "target_renstra")  # the first one present is shown
SEVERITY = ("verified", "repaired", "unverified", "conflict")
Row = dict[str, Any]


class Line(NamedTuple):  # thousands, like gaps: no dataclass
    """One agency in one year. `code` is the agency's own; `pagu_role` says which budget `pagu` is; money in rupiah.

    `share` and `growth` are percent; `share_of` says how the total is known (printed, sum of programs); `per_unit` is
    rupiah for one `target_unit`. `status` is the worst of the facts shown; `values_found` more than 1 means that
    documents or tables differ.
    """

    region: str | None
    agency: str | None
    code: str | None
    name: str | None
    year: int | None
    target: str | None
    pagu: Decimal | None
    pagu_role: str | None
    realisasi: Decimal | None
    status: str
    values_found: int
    document: str
    page: int
    fact_id: str
    region_code: str | None
    agency_key: str | None
    code_generic: str | None
    target_value: Decimal | None = None
    target_unit: str | None = None
    share: Decimal | None = None
    share_of: str | None = None
    growth: Decimal | None = None
    per_unit: Decimal | None = None
    level: str | None = None
    document_id: str | None = None


class Gap(NamedTuple):
    """A region or document that was asked for and has no value; `why` is one sentence."""

    region_code: str | None
    region: str | None
    agency: str | None
    year: int | None
    document: str | None
    why: str


def line_of(row: Row) -> Line:
    """The line of one row of `compare_rows`."""
    goals, spent = _first_role(row["goals"]), row["spent"]
    shown = [row["pagu_status"], spent and spent.status, *(goal.status for goal in goals)]
    number = goals[0] if len(goals) == 1 else None
    return Line(
        region=row["region"], agency=row["agency"], code=row["code"], name=row["name"], year=row["year"],
        target="; ".join(_goal(goal) for goal in goals) or None, pagu=row["pagu"], pagu_role=row["pagu_role"],
        realisasi=spent.value if spent else None,
        status=max((status for status in shown if status), key=SEVERITY.index),
        values_found=max(row["n_values"] or 0, spent.n_values if spent else 0, 1),
        document=row["document"], page=row["page"], fact_id=row["fact_id"], region_code=row["region_code"],
        agency_key=row["agency_key"], code_generic=row["code_generic"], target_value=number and number.value,
        target_unit=number and number.unit, level=row["level"], document_id=row["document_id"],
    )  # fmt: skip


def _first_role(goals: list[Said]) -> list[Said]:
    first = next((role for role in TARGETS if any(goal.role == role for goal in goals)), None)
    return [goal for goal in goals if first is None or goal.role == first]


def _goal(goal: Said) -> str:
    number = goal.value_text if goal.value is None else indonesian(goal.value)
    return " ".join(part for part in (number, goal.unit) if part)
