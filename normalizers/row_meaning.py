"""The rows of a table: which kegiatan, indicator, account each printed row is about, and which row it is part of."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from normalizers.account_rows import ACCOUNT_FORMS, AccountOutline
from normalizers.blocks import Block
from normalizers.coding import Coder
from normalizers.columns import Column
from normalizers.grid import Grid
from normalizers.outline import manner
from normalizers.row_texts import LEADING_NUMBER, RowTexts
from normalizers.row_words import belanja_account, word_of
from normalizers.rows import Row

LEVEL_DEPTH = {
    "perangkat_daerah": 0, "urusan": 1, "bidang_urusan": 2, "tujuan": 2, "sasaran": 3, "program": 3, "kegiatan": 4,
    "sub_kegiatan": 5,
}  # fmt: skip
SERVING = 2.5  # depth of an agency below a bidang urusan
CODED_LEVELS = ("program", "kegiatan", "sub_kegiatan", "urusan", "bidang_urusan")
INDICATOR_FORMS = ("capaian_kinerja", "perjanjian_kinerja", "iku", "tc30", "tujuan_sasaran")
COUNT_FORMS = ("kepegawaian", "sarana")
ACTIVITY_CODE = re.compile(  # the second part of an account's has one digit: `5.1.02.01`
    r"^(?:\d|[Xx])\.(?:\d\d|[Xx]{2})(?:\.\d\d\.\d\.\d\d(?:\.\d{2,4})?)?\.?$"
)
NUMBER_BEFORE = re.compile(r"^\d{1,3}[.)]?\s+(?=[^\W\d_])")  # `2 Sekretariat Daerah`
COUNTED_REGIONS = re.compile(r"(?:jumlah|total) (?:kabupaten|kota|provinsi)", re.IGNORECASE)  # `29 Kab`: of them
UPPER_CODE = re.compile(r"^\d(?:\s*[. ]\s*\d{2})?\s*\.?$")  # urusan or bidang urusan


@dataclass(frozen=True, slots=True)
class Reading:
    """What is known of the table: its kind, whether its names are those of the nomenclature, its chart of accounts."""

    kind: str
    coded: bool = False
    scheme: str | None = None


class RowReader:
    """Reads the rows of one block, from top to bottom."""

    def __init__(
        self, grid: Grid, columns: Sequence[Column], block: Block, number: int, coder: Coder, table: Reading,
        lexicon: Collection[str] | None = None, outline: Mapping[str, str] = MappingProxyType({}),
    ) -> None:  # fmt: skip
        self.outline = outline  # level by the manner of the running number, where names are no help
        self.grid, self.columns, self.block, self.number, self.coder = grid, columns, block, number, coder
        self.kind, self.coded, self.scheme = table.kind, table.coded, table.scheme
        self.texts = RowTexts(grid, columns, block, table.kind, lexicon)
        self.accounts = AccountOutline(table.scheme, table.kind)
        self.section: str | None = None
        self.current: Row | None = None
        self.ancestors: list[Row] = []
        self.served: set[int] = set()  # row numbers of agencies printed below the bidang urusan that they serve

    def read(self, grid_row: int, row_no: int) -> Row:
        """The meaning of one printed row; it may inherit name and code from the row above."""
        code_raw, name = self.texts.code_and_name(grid_row)
        indicator = self.texts.indicator(grid_row)
        page = next((c.page for c in self.grid.row_cells(grid_row)), self.current.page if self.current else 0)
        if name and not self.texts.has_numbers(grid_row) and (section := word_of("sections", name)) and not code_raw:
            self.section, self.current = section, None
            return Row(row_no, level="other", item=row_no, name_raw=name, page=page, block=self.number)
        if not name and not code_raw and (label := self.texts.total_label(grid_row)):
            return Row(row_no, level="total", item=row_no, name_raw=label, page=page, block=self.number)
        if not name and not code_raw:
            return self._continued(grid_row, row_no, indicator, page)
        row = self._new_item(grid_row, row_no, code_raw, name, indicator)
        row.page = page
        self._place(row)
        return row

    def _continued(self, grid_row: int, row_no: int, indicator: str | None, page: int) -> Row:
        """A row without name and code: one more indicator or account of the item above, or an unnamed total."""
        if self.current is None or (indicator is None and self.texts.is_unnamed_total(grid_row)):
            if indicator is None and self.texts.has_numbers(grid_row):
                return Row(
                    row_no,
                    level="total" if self.texts.has_amounts(grid_row) else "other",
                    item=row_no,
                    page=page,
                    block=self.number,
                )
            return self._bare_indicator(grid_row, row_no, indicator, page)
        above = self.current
        row = Row(
            row_no, above.level, above.item, above.parent, above.code, above.code_generic, above.code_raw, above.code_how,
            above.nomenclature, above.name, above.name_raw, page=page, block=self.number, official_name=above.official_name,
        )  # fmt: skip
        row.indicator = indicator or (above.indicator if self.texts.spans_on(grid_row) else None)
        row.account = above.account
        self._account_line(grid_row, row)
        row.unit = self.texts.unit(grid_row) or (above.unit if indicator is None else None)
        return row

    def _bare_indicator(self, grid_row: int, row_no: int, indicator: str | None, page: int) -> Row:
        """A table of indicators without names (T-C.30): its sub kegiatan is found by the indicator, where one has just that."""
        row = Row(
            row_no,
            level="indikator" if indicator else "other",
            item=row_no,
            name_raw=indicator,
            indicator=indicator,
            page=page,
            block=self.number,
        )
        if indicator and self.kind == "tc30":
            verdict = self.coder.resolve_indicator(indicator)
            row.code, row.code_generic, row.code_how = verdict.code, verdict.code_generic, verdict.how
            row.nomenclature = verdict.nomenclature
        row.unit = self.texts.unit(grid_row)
        return row

    def _new_item(
        self, grid_row: int, row_no: int, code_raw: str | None, name: str | None, indicator: str | None
    ) -> Row:
        row = Row(row_no, item=row_no, code_raw=code_raw, name_raw=name, indicator=indicator, block=self.number)
        if self._is_account_row(row):
            self.accounts.place(row, self.texts.running_number(grid_row))
            row.unit = self.texts.unit(grid_row)
            return row
        row.level = self._level_by_words(grid_row, name)
        if account := belanja_account(name or ""):
            row.level, row.account = "belanja", account
        if code_raw or (row.level == "other" and self._names_are_coded()) or row.level in CODED_LEVELS:
            self._resolve(row)
        if row.level == "other" and row.code is None and self.outline:
            row.level = self.outline.get(manner(self.texts.running_number(grid_row)) or "", row.level)
        if row.level == "indikator" and not row.indicator:
            row.indicator = name
        self._account_line(grid_row, row)
        row.unit = self.texts.unit(grid_row)
        return row

    def _is_account_row(self, row: Row) -> bool:
        """Rows of budget forms are accounts and lines below them, but for agencies and programs between them."""
        if self.scheme or self.kind == "neraca":  # `Bagian Lancar Utang` is no agency
            return True
        if self.kind not in ACCOUNT_FORMS or ACTIVITY_CODE.match(row.code_raw or ""):
            return False
        name = row.name_raw or ""
        return word_of("levels", name) not in CODED_LEVELS and word_of("agency", NUMBER_BEFORE.sub("", name)) is None

    def _resolve(self, row: Row) -> None:
        parent = next((r.code for r in reversed(self.ancestors) if r.code), None)
        if row.level == "perangkat_daerah":
            self._resolve_agency(row, parent)
            return
        level = row.level if row.level in LEVEL_DEPTH else None
        verdict = self.coder.resolve(row.code_raw, row.name_raw, parent, level)
        row.code, row.code_generic, row.code_how = verdict.code, verdict.code_generic, verdict.how
        row.nomenclature, row.official_name, row.finding = verdict.nomenclature, verdict.official_name, verdict.finding
        if verdict.account:
            row.account = verdict.account
            row.level = _account_level(verdict.account)
        elif verdict.level:
            row.level = verdict.level

    def _resolve_agency(self, row: Row, parent: str | None) -> None:
        """`7.01 KECAMATAN`, `6.01 INSPEKTORAT DAERAH` are bidang urusan; the longer code of an agency is none of the lists."""
        if not UPPER_CODE.match(row.code_raw or "") or not re.search(r"\d\d", row.code_raw or ""):
            return
        verdict = self.coder.resolve(row.code_raw, row.name_raw, parent, "bidang_urusan")
        if verdict.code is not None and verdict.level == "bidang_urusan":
            row.code, row.code_generic, row.code_how = verdict.code, verdict.code_generic, verdict.how
            row.nomenclature, row.official_name = verdict.nomenclature, verdict.official_name
            row.level = "bidang_urusan"

    def _names_are_coded(self) -> bool:
        """Forms whose names are those of the nomenclature, even where no code is printed."""
        return self.coded or bool(self.block.codes)

    def _level_by_words(self, grid_row: int, name: str | None) -> str:
        if not name:
            return "other"
        counts = COUNTED_REGIONS.fullmatch(name) is not None and self.texts.unit(grid_row) is not None
        if word_of("levels", name) == "total" and not counts:
            return "total"
        column = self.texts.name_column(grid_row)
        own = self.columns[column].name_level if column is not None else None
        if own in CODED_LEVELS and len({self.columns[c].name_level for c in self.block.names} - {None}) > 1:
            return own  # Program | Kegiatan | Sub Kegiatan, each in a column of its own
        words = "indikator" if counts else word_of("levels", LEADING_NUMBER.sub("", name))
        if words == "indikator" and (self.block.indicators or self._names_are_coded()):
            words = None
        if word_of("agency", NUMBER_BEFORE.sub("", name)) is not None and self.kind not in (*COUNT_FORMS, "other"):
            return "perangkat_daerah"
        if self.kind in COUNT_FORMS:
            return "other"
        if words in ("tujuan", "sasaran", "program", "kegiatan", "sub_kegiatan", "urusan", "bidang_urusan"):
            return words
        if own in ("tujuan", "sasaran") and self.kind != "capaian_kinerja":
            return own
        if own == "program" and not self._names_are_coded():
            return own
        if self.section:
            return self.section
        if not self._names_are_coded() and self.kind in INDICATOR_FORMS:
            return "indikator"
        return words or "other"

    def _account_line(self, grid_row: int, row: Row) -> None:
        for index in self.block.accounts:
            if account := belanja_account(self.grid.text(grid_row, index)):
                row.account = account

    def _place(self, row: Row) -> None:
        """Find the row's parent among those above, and make it the current item."""
        self.current = row
        depth: float | None = LEVEL_DEPTH.get(row.level)
        if self._is_account_row(row):
            return
        if row.level == "perangkat_daerah" and self._serves(row):
            depth = SERVING
            self.served.add(row.row_no)
        if depth is None:
            row.parent = self.ancestors[-1].row_no if self.ancestors and row.level != "total" else None
            return
        while self.ancestors and not self._is_above(self.ancestors[-1], row, depth):
            self.ancestors.pop()
        row.parent = self.ancestors[-1].row_no if self.ancestors else None
        self.ancestors.append(row)

    def _serves(self, row: Row) -> bool:
        """An agency printed below its bidang urusan, whose code its own begins with (`1.01`, `1.01.0.00.0.00.01.0000`), as in the
        APBD by urusan and organisasi; in plans by agency the bidang urusan stand below the agencies.
        """
        last = self.ancestors[-1] if self.ancestors else None
        bidang = last if last is not None and last.level == "bidang_urusan" else None
        if any(one.row_no in self.served for one in self.ancestors):
            bidang = next((one for one in self.ancestors if one.level == "bidang_urusan"), None)
        return bidang is not None and bidang.code is not None and (row.code_raw or "").startswith(f"{bidang.code}.")

    def _is_above(self, upper: Row, row: Row, depth: float) -> bool:
        above = SERVING if upper.row_no in self.served else LEVEL_DEPTH[upper.level]
        return above < depth and _is_part(upper, row, above)


def _is_part(upper: Row, row: Row, above: float) -> bool:
    if upper.code and row.code and upper.code_how != "none":
        return row.code.startswith(upper.code + ".") or above < 3
    return True


def _account_level(account: str) -> str:
    return {"4": "pendapatan", "5": "belanja", "6": "pembiayaan"}.get(account[0], "akun")
