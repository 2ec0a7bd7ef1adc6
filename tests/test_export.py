from __future__ import annotations

import csv
import json
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pyarrow.parquet as pq
import pytest

from pipeline import progress
from pipeline.export import export, write_sheets
from pipeline.store import VIEWS, StoreError
from pipeline.tabular import bare, harmless, indonesian, render
from tests.fakes import fact, pdf
from tests.stores import ingest

TEXTS = {
    "=1+1": "'=1+1", "@SUM(A1)": "'@SUM(A1)", "+cmd|' /C calc'!A0": "'+cmd|' /C calc'!A0", "-2+3+cmd": "'-2+3+cmd",
    "\t=1": "'\t=1", " =1": "' =1", "-": "-", "-12,5": "-12,5", "-1.000.000,00": "-1.000.000,00", "+62 811": "+62 811",
    "(200.464,00)": "(200.464,00)", "a=b": "a=b", "1.000": "1.000",
}  # fmt: skip


@pytest.mark.parametrize(("text", "safe"), TEXTS.items())
def test_only_formulas_are_escaped(text: str, safe: str) -> None:
    assert harmless(text) == safe


@pytest.fixture
def filled(store: Path, tmp_path: Path) -> Path:
    facts = [fact(raw=text, value="-12.5", name="x") for text in TEXTS]
    ingest(store, pdf(tmp_path / "a.pdf", *facts, fact(value=None, value_text="BB", raw="a\x07b", name="x" * 40000)))
    return store


def rows_of(path: Path) -> list[dict[str, str]]:
    csv.field_size_limit(10**9)
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_csv_keeps_numbers_and_disarms_text(filled: Path, tmp_path: Path) -> None:
    assert export(filled, "facts", "csv", tmp_path / "f.csv") == len(TEXTS) + 1
    rows = rows_of(tmp_path / "f.csv")
    assert [row["raw"] for row in rows[:-1]] == list(TEXTS.values())
    assert {Decimal(row["value"]) for row in rows[:-1]} == {Decimal("-12.5")} and rows[-1]["value"] == ""
    assert json.loads(rows[0]["bbox"]) == [50.0, 10.0, 100.0, 20.0]


def test_parquet_keeps_types(filled: Path, tmp_path: Path) -> None:
    export(filled, "facts", "parquet", tmp_path / "f.parquet")
    table = pq.read_table(tmp_path / "f.parquet")
    assert str(table.schema.field("value").type) == "decimal128(24, 6)"
    assert table.column("raw").to_pylist()[0] == "=1+1"


def test_xlsx_has_numbers_as_numbers_and_formulas_as_text(filled: Path, tmp_path: Path) -> None:
    export(filled, "facts", "xlsx", tmp_path / "f.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "f.xlsx")["facts"]
    header: list[Any] = [cell.value for cell in sheet[1]]
    first, last = (sheet[number] for number in (2, sheet.max_row))
    assert first[header.index("value")].value == -12.5 and first[header.index("year")].value == 2024
    assert (first[header.index("raw")].value, first[header.index("raw")].data_type) == ("=1+1", "s")
    assert len(last[header.index("name")].value) == 32767 and sheet.freeze_panes == "A2"


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_can_be_exported(filled: Path, tmp_path: Path, view: str) -> None:
    for form in ("csv", "parquet", "xlsx"):
        export(filled, view, form, tmp_path / f"x.{form}")
    assert sorted(path.name for path in tmp_path.glob("*x.*")) == ["x.csv", "x.parquet", "x.xlsx"]


def test_a_failed_export_leaves_the_old_file(filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "f.xlsx").write_text("old")
    monkeypatch.setattr("pipeline.export.XLSX_ROWS", 3)
    with pytest.raises(StoreError, match="a sheet holds 3"):
        export(filled, "facts", "xlsx", tmp_path / "f.xlsx")
    with pytest.raises(StoreError, match="is no folder"):
        export(filled, "facts", "csv", tmp_path / "nowhere" / "f.csv")
    assert (tmp_path / "f.xlsx").read_text() == "old" and not list(tmp_path.glob(".f*"))


@pytest.mark.parametrize(
    ("value", "plain", "printed"),
    [
        ("425600000.000000", "425600000", "425.600.000"),
        ("-88.300000", "-88.3", "-88,3"),
        ("0.000000", "0", "0"),
        ("100", "100", "100"),
    ],
)
def test_decimals_lose_only_their_trailing_zeros(value: str, plain: str, printed: str) -> None:
    assert (bare(Decimal(value)), indonesian(Decimal(value))) == (plain, printed)


def test_no_control_character_reaches_the_terminal() -> None:
    text = render(["a"], [["\x1b[31mred\x07 [bold]x[/bold]"]], "table")
    assert "\x1b" not in text and "\x07" not in text and "[bold]x[/bold]" in text
    assert json.loads(render(["a"], [[Decimal("1.50")]], "json")) == [{"a": 1.5}]
    assert render(["a|b"], [["c|d"]], "markdown").splitlines()[2] == "| c\\|d |"


def test_long_work_tells_how_far_it_is(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(progress, "QUIET", 0.02)
    with progress.shown(progress.Part("writing facts", total=8)) as part:
        part.done = 2
        time.sleep(0.3)
    with progress.silent(progress.Part("writing nothing", total=8)):
        time.sleep(0.1)
    assert capsys.readouterr().err.startswith("writing facts: 25 % after 0 s\n")


def test_short_work_tells_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with duckdb.connect() as connection, progress.shown(progress.Part("writing facts", connection)) as part:
        connection.execute("select 1").fetchall()
        assert part.percent is None or 0 <= part.percent <= 100
    assert capsys.readouterr().err == ""


def test_a_sheet_has_a_filter_and_readable_columns(tmp_path: Path) -> None:
    write_sheets(tmp_path / "x.xlsx", {"pagu": (["region", "pagu"], [["A", Decimal(5)], ["=1+1", None]])})
    sheet = openpyxl.load_workbook(tmp_path / "x.xlsx")["pagu"]
    assert sheet.auto_filter.ref == "A1:B3" and sheet.freeze_panes == "A2"
    assert sheet.column_dimensions["A"].width > sheet.column_dimensions["B"].width > 10
