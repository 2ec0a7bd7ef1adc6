"""The agency that a row is about, in documents of the whole government (LRA, APBD and RKPD hold many)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from normalizers.agencies import Agency, agency, names_in
from normalizers.columns import Column
from normalizers.form_heads import label_of, labelled
from normalizers.grid import Grid
from normalizers.rows import Row

AGENCY_COLUMN = re.compile(
    r"perangkat daerah|\bopd\b|\bskpd\b|penanggung ?jawab|\bpelaksana\b|satuan kerja", re.IGNORECASE
)
ENDS = ("urusan", "bidang_urusan", "total")  # rows after which the agency above no longer holds


class RowAgencies:
    """Which agency each row is about, from top to bottom.

    `titles` are printed inside the frame above the header. `many`: the document is no single agency's, so that rows that
    name an agency speak for the rows below them, and a column of agencies for its rows.
    """

    def __init__(self, grid: Grid, columns: Sequence[Column], titles: Sequence[str], many: bool) -> None:
        self.grid, self.many = grid, many
        self.columns = [c.index for c in columns if c.kind in ("text", "name") and AGENCY_COLUMN.search(c.label)]
        self.above = self.titled = named_agency(titles)

    def of(self, row: Row, grid_row: int) -> Agency | None:
        """Its agency; None where the document's own holds."""
        if not self.many:
            return self.titled
        if row.level == "perangkat_daerah":
            self.above = agency(row.name_raw or "") or self.titled
        elif row.level in ENDS:
            self.above = self.titled
        beside = (named_agency((self.grid.text(grid_row, column),)) for column in self.columns)
        return next((found for found in beside if found), self.above)


def named_agency(texts: Sequence[str]) -> Agency | None:
    """The last agency that lines name (`Unit Organisasi : 4.05.01 BADAN KEPEGAWAIAN DAERAH`), not as a place or a source."""
    said = [
        value
        for label, value in labelled(texts)
        if not label or label_of(label) == "agency" or AGENCY_COLUMN.search(label)
    ]
    names = [name for value in said for _, name in names_in(value)]
    return agency(names[-1]) if names else None
