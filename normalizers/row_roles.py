"""Rows that stand for roles: `Target`, `Realisasi`, `Capaian (%)` below one another, over columns of years."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from normalizers.column_meaning import read_path
from normalizers.columns import Column
from normalizers.grid import Grid, fold
from normalizers.setting import Setting

ROLE_CELL = re.compile(
    r"(?=.*[a-z])(?:\b(?:target|realisasi|capaian|pencapaian|persentase|prosentase|persen|tingkat|anggaran|pagu|alokasi|sisa|selisih"
    r"|kinerja|keuangan|fisik|belanja|renstra|rpjmd|renja|serapan|penyerapan|rp|dan)\b|[\s.,:;()/%-])+",
    re.IGNORECASE,
)
WORDS = ("name", "text", "indicator", "unknown")
REACHED = re.compile(r"(?:pen)?capaian(?: kinerja)?", re.IGNORECASE)
TOLD = ("target", "realisasi", "anggaran", "target_renstra")  # at least one of a table's rows is of these


@dataclass(frozen=True, slots=True)
class RowRole:
    """What a row's words say of its numbers, as `Column` does."""

    role: str
    quantity: str | None
    percent: bool


def row_roles(grid: Grid, columns: Sequence[Column], body: Sequence[int], setting: Setting) -> Mapping[int, RowRole]:
    """The role of each row, where a column of words names nothing else and the headings over the numbers name none."""
    quantities = [c for c in columns if c.kind == "quantity"]
    if not quantities or any(c.role is not None for c in quantities):
        return {}
    for column in columns:
        cells = {row: fold(cell.text) for row in body if (cell := grid.own(row, column.index)) is not None}
        said = {row: text for row, text in cells.items() if text}
        if column.kind not in WORDS or len(said) < 2 or not all(ROLE_CELL.fullmatch(text) for text in said.values()):
            continue
        found = {row: _role(text, setting) for row, text in said.items()}
        roles = {one.role for one in found.values() if one is not None}
        if "realisasi" not in roles:  # `Target`, `Capaian`: what was reached
            reached = [row for row, one in found.items() if one and REACHED.fullmatch(said[row])]
            found |= {row: RowRole("realisasi", "kinerja", False) for row in reached}
            roles |= {"realisasi"} if reached else set()
        if None not in found.values() and len(roles) > 1 and roles & set(TOLD):
            return {row: one for row, one in found.items() if one is not None}
    return {}


def _role(text: str, setting: Setting) -> RowRole | None:
    meaning = read_path([text], setting)
    role = "tingkat" if meaning.role is None and meaning.percent else meaning.role
    if role is None:
        return None
    rate = role in ("tingkat", "capaian")
    return RowRole("tingkat_realisasi" if rate else role, meaning.quantity, meaning.percent or rate)
