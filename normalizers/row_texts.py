"""What a printed row says in the key columns of its block: code, name, indicator, unit, running number."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from normalizers.blocks import Block
from normalizers.columns import Column
from normalizers.grid import CellLike, Grid, fold
from normalizers.headers import RUNNING_NUMBER
from normalizers.row_words import word_of
from normalizers.textjoin import join_lines

BROKEN_CODE = re.compile(r"^\s*(\d{5,})\s*\n\s*(\d{1,6})\s*$")  # a code without dots over two lines
BROKEN_PART = re.compile(r"^\s*(\d(?:\.\d{1,4})+)\s*\n\s*(\d{1,3})((?:\.\d{1,4})*)\s*$")
LEADING_CODE = re.compile(r"^(\d{2,4})\.?\s+(?=[A-Za-z])")
CODE_BEFORE = re.compile(r"^((?:\d|X)\.(?:\d{2}|XX)(?:\.\d{1,2})*(?:\.\d{2,4})?)\.?\s*[-:]?\s+(?=[A-Za-z])")
LEADING_NUMBER = re.compile(r"^(\d{1,2}|[a-z])\s*[.)]\s*(?=[A-Za-z])")
DIGIT, LETTER = re.compile(r"\d"), re.compile(r"[A-Za-z]")
WIDE = re.compile(r"(?:[A-Z] ){3,}[A-Z]")
BULLET = re.compile(r"^[-–•*]\s*(?=\w)")


def whole_code(text: str) -> str:
    """A code cell on one line; what a narrow column broke inside a part is joined (`5.1.02.01.01.00` / `24`)."""
    if "\n" not in text:
        return fold(text)
    plain = BROKEN_CODE.sub(r"\1\2", text)
    if match := BROKEN_PART.match(plain):
        upper, rest, below = match.groups()
        parts = upper.split(".")
        whole = len(parts[-1] + rest)
        if (len(parts) == 6 and len(parts[-1]) < 4 and whole == 4) or (
            len(parts[-1]) == 1 and whole == 2 and len(parts) > 2
        ):
            plain = upper + rest + below
    return fold(plain)


def spelt(name: str) -> str:
    """A name that is one word set with wide letters as that word: `J U M L A H`."""
    return name.replace(" ", "") if WIDE.fullmatch(name) else name


@dataclass(frozen=True, slots=True)
class RowTexts:
    """Texts of the rows of one block. `kind` is the table's; `lexicon` joins words that lines break."""

    grid: Grid
    columns: Sequence[Column]
    block: Block
    kind: str
    lexicon: Collection[str] | None = None

    def name_column(self, grid_row: int) -> int | None:
        filled = [c for c in self.block.names if (cell := self.grid.own(grid_row, c)) is not None and fold(cell.text)]
        return filled[-1] if filled else None

    def code_and_name(self, grid_row: int) -> tuple[str | None, str | None]:
        names = [c for i in self.block.names if (c := self.starting(grid_row, i)) is not None]
        name_cells = {id(c) for i in self.block.names if (c := self.grid.at(grid_row, i)) is not None}
        codes: list[str] = []
        seen = name_cells
        for index in self.block.codes:
            cell = self.starting(grid_row, index)
            if cell is None or id(cell) in seen or not fold(cell.text):
                continue
            codes.append(whole_code(cell.text))
            seen = seen | {id(cell)}
        name = self.name_text(names)
        if name is None and codes and not DIGIT.search(" ".join(codes)) and len(LETTER.findall(codes[0])) > 3:
            return None, spelt(" ".join(codes))  # a label in the column of the codes: `JUMLAH`, `DINAS SOSIAL`
        if name and codes and (m := LEADING_CODE.match(name)) and len(self.block.codes) > 1:
            codes.append(m.group(1))
            name = name[m.end() :]
        elif name and not codes and not self.block.codes and (m := CODE_BEFORE.match(name)):
            codes.append(m.group(1))  # `5.03.02 PROGRAM ...` in one cell
            name = name[m.end() :]
        elif name and not codes and self.block.codes and not names[0].colspan > 1 and (m := LEADING_CODE.match(name)):
            name = name[m.end() :]
        return (" ".join(codes) or None), name

    def starting(self, grid_row: int, column: int) -> CellLike | None:
        """The cell over (row, column) if it begins in this row."""
        cell = self.grid.at(grid_row, column)
        return cell if cell is not None and cell.row == grid_row else None

    def name_text(self, cells: list[CellLike]) -> str | None:
        """The rightmost filled name; running numbers in a name column of their own are no names."""
        filled = [spelt(t) for c in cells if (t := self.join(c.text)) and t not in ("-", ":")]
        texts = [t for t in filled if not RUNNING_NUMBER.match(t)]
        if not texts and self.kind in ("kepegawaian", "sarana"):
            texts = [t for t in filled if not t[0].isdigit()]  # ranks (`IV`, `III`) are names there
        if not texts:
            return None
        if self.kind in ("kepegawaian", "sarana") and len(set(texts)) > 1:
            return " ".join(dict.fromkeys(texts))
        return LEADING_NUMBER.sub("", texts[-1]) or None

    def join(self, text: str) -> str:
        return join_lines(text, self.lexicon)

    def indicator(self, grid_row: int) -> str | None:
        cells = [c for i in self.block.indicators if (c := self.starting(grid_row, i)) is not None]
        names = {id(self.grid.at(grid_row, i)) for i in self.block.names}
        texts = [self.join(c.text) for c in cells if id(c) not in names]
        texts = [t for t in texts if t and t != "-"]
        return BULLET.sub("", texts[-1]) if texts else None

    def spans_on(self, grid_row: int) -> bool:
        """True where the indicator cell of an earlier row reaches down into this one."""
        return any(
            (c := self.grid.at(grid_row, i)) is not None and c.row < grid_row and fold(c.text)
            for i in self.block.indicators
        )

    def unit(self, grid_row: int) -> str | None:
        texts = [self.grid.text(grid_row, i) for i in self.block.units]
        return next((t for t in texts if t and t != "-"), None)

    def running_number(self, grid_row: int) -> str | None:
        for column in self.columns:
            if column.kind == "number" and (text := self.grid.text(grid_row, column.index)):
                return text
        return None

    def has_numbers(self, grid_row: int) -> bool:
        return any(DIGIT.search(self.grid.text(grid_row, i)) for i in self.block.quantities)

    def has_amounts(self, grid_row: int) -> bool:
        return any(
            self.columns[i].quantity == "anggaran" and DIGIT.search(self.grid.text(grid_row, i))
            for i in self.block.quantities
        )

    def is_unnamed_total(self, grid_row: int) -> bool:
        """Amounts alone in the table's last rows, no label of any kind: the table's total."""
        if grid_row < self.grid.n_rows - 2 or not self.has_amounts(grid_row):
            return False
        labels = [self.grid.text(grid_row, c.index) for c in self.columns if c.kind != "quantity"]
        return not any(LETTER.search(text) for text in labels)

    def total_label(self, grid_row: int) -> str | None:
        """The words of a total line that stand in another block's columns (one label for both halves of T-C.31)."""
        if self.indicator(grid_row):
            return None
        texts = [
            self.join(c.text)
            for c in self.grid.row_cells(grid_row)
            if self.columns[c.column].kind in ("name", "code", "number", "text") or c.colspan > 1
        ]
        return next((t for t in texts if word_of("levels", t) == "total"), None)
