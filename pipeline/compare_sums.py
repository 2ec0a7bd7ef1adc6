"""What is computed for a comparison: share of the agency's total, growth, rupiah for one unit of target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipeline.compare_lines import Line

PRINTED, ADDED = "printed total", "sum of programs"
NO_UNITS = ("Persen", "Nilai", "Poin", "Angka", "Indeks", None)  # dividing money by these says nothing


@dataclass(frozen=True, slots=True)
class Total:
    """An agency's whole budget in one table, role and year, in rupiah, and how it is known (`pipeline/derived.py`)."""

    value: Decimal
    how: str


def with_shares(lines: Sequence[Line], of: Mapping[str, Total]) -> list[Line]:
    """Each line with its percent of the total; `of` gives the total beside which a fact stands."""
    shared = []
    for line in lines:
        total = of.get(line.fact_id)
        if line.pagu is not None and total is not None and total.value >= line.pagu > 0:
            line = line._replace(share=_percent(line.pagu, total.value), share_of=total.how)
        shared.append(line)
    return shared


def with_growth(lines: Sequence[Line]) -> list[Line]:
    """Each line with its growth over the year directly before, in percent, where both are the same kind of budget."""
    before = {(_who(line), line.year): line for line in lines}
    grown = []
    for line in lines:
        last = before.get((_who(line), (line.year or 0) - 1))
        comparable = last is not None and last.pagu_role == line.pagu_role and last.pagu
        if last is not None and comparable and last.pagu and line.pagu is not None:
            line = line._replace(growth=_percent(line.pagu - last.pagu, last.pagu))
        grown.append(line)
    return grown


def per_unit(lines: Sequence[Line]) -> tuple[list[Line], str | None]:
    """Each line with its rupiah for one unit of target where all lines' units agree; a note where they do not."""
    units = {line.target_unit for line in lines if line.target_value}
    countable = {unit for unit in units if unit not in NO_UNITS}
    if not countable:
        return list(lines), None
    if len(units) > 1:
        named = ", ".join(sorted(unit or "none" for unit in units))
        return list(lines), f"no amount per unit of target: the units differ ({named})"
    divided = [
        line._replace(per_unit=(line.pagu / line.target_value).quantize(Decimal(1)))
        if line.pagu is not None and line.target_value
        else line
        for line in lines
    ]
    return divided, None


def _who(line: Line) -> tuple[Any, ...]:
    place = line.region_code or line.document_id
    return place, line.agency_key, line.level, line.code_generic


def _percent(part: Decimal, whole: Decimal) -> Decimal:
    return (100 * part / whole).quantize(Decimal("0.01"))
