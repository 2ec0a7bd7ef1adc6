from __future__ import annotations

import json
import shutil
import subprocess
import tomllib
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from pipeline import package
from pipeline.dictionary import FILE, as_markdown, dictionary
from pipeline.store import VIEWS, StoreError
from tests.fakes import fact, pdf
from tests.stores import ingest

ROOT = Path(__file__).parent.parent


@pytest.fixture
def filled(store: Path, tmp_path: Path) -> Path:
    names = ["=1+1", 'quote " comma, line\nbreak', "Administrasi Umum", "Ünïcode", "x" * 400]
    facts = [fact(name=name, raw=name, value=str(n), year=2023 + n % 2) for n, name in enumerate(names)]
    ingest(
        store, pdf(tmp_path / "a.pdf", *facts, region_code="17.01"), pdf(tmp_path / "b.pdf", fact(), region_code="35")
    )
    return store


def test_frictionless_validates_the_package(filled: Path, tmp_path: Path) -> None:
    frictionless = pytest.importorskip("frictionless")
    rows = package.export_package(filled, tmp_path / "out")
    report = frictionless.validate(str(tmp_path / "out" / "datapackage.json"))
    assert report.valid, report.to_summary()
    assert sum(task.stats.get("rows", 0) for task in report.tasks) == rows > 6
    said = json.loads((tmp_path / "out" / "datapackage.json").read_text(encoding="utf-8"))
    assert said["$schema"].endswith("2.0/datapackage.json") and "UU 14/2008" in said["description"]
    assert {one["title"] for one in said["sources"]} == {"a.pdf", "b.pdf"}
    assert str(tmp_path) not in json.dumps(said)
    fields = {f["name"]: f for r in said["resources"] if r["name"] == "pagu" for f in r["schema"]["fields"]}
    assert fields["pagu"]["unit"] == "Rupiah" and fields["fact_ids"]["type"] == "array"


def test_folders_by_province_and_year(filled: Path, tmp_path: Path) -> None:
    assert package.export_hive(filled, "facts", tmp_path / "facts") == 6
    made = {str(path.parent.relative_to(tmp_path / "facts")) for path in (tmp_path / "facts").rglob("*.parquet")}
    assert made == {"province=17/year=2023", "province=17/year=2024", "province=35/year=2024"}
    whole = pd.read_parquet(tmp_path / "facts")
    assert len(whole) == 6 and set(whole["province"].astype(str)) == {"17", "35"}
    package.export_hive(filled, "documents", tmp_path / "facts")  # in place of the folder that stood there
    assert len(pd.read_parquet(tmp_path / "facts")) == 2
    with pytest.raises(StoreError, match="no region and year"):
        package.export_hive(filled, "cells", tmp_path / "cells")


def test_a_foreign_folder_is_not_replaced(filled: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    with pytest.raises(StoreError, match="no export of ours"):
        package.export_package(filled, tmp_path / "mine")
    assert (tmp_path / "mine" / "letter.txt").read_text() == "dear"


def test_a_workbook_holds_a_sheet_a_view(filled: Path, tmp_path: Path) -> None:
    package.export_workbook(filled, ["pagu", "documents"], tmp_path / "x.xlsx")
    book = openpyxl.load_workbook(tmp_path / "x.xlsx")
    assert book.sheetnames == ["pagu", "documents"] and all(sheet.freeze_panes == "A2" for sheet in book)
    header = [cell.value for cell in book["pagu"][1]]
    assert all(
        isinstance(row[header.index("pagu")], int) for row in book["pagu"].iter_rows(min_row=2, values_only=True)
    )


@pytest.mark.skipif(
    shutil.which("soffice") is None,
    reason="no LibreOffice on this machine: apt-get install libreoffice-calc-nogui runs this test",
)
def test_libreoffice_opens_numbers_as_numbers(filled: Path, tmp_path: Path) -> None:
    package.export_workbook(filled, ["facts"], tmp_path / "x.xlsx")
    home = f"-env:UserInstallation=file://{tmp_path}/home"
    command = [
        "soffice",
        home,
        "--headless",
        "--convert-to",
        "fods",
        "--outdir",
        str(tmp_path),
        str(tmp_path / "x.xlsx"),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    text = (tmp_path / "x.fods").read_text(encoding="utf-8")
    assert 'office:value-type="float" office:value="4"' in text and "table:formula" not in text and "=1+1" in text


def test_every_view_and_column_has_a_meaning_and_none_is_left_over() -> None:
    said = tomllib.loads(FILE.read_text(encoding="utf-8"))
    assert set(said["views"]) == set(VIEWS) == set(dictionary())
    columns = {column.name for view in dictionary().values() for column in view}
    assert {key.split(".")[-1] for key in said["columns"]} == columns


def test_the_data_dictionary_is_up_to_date() -> None:
    assert (ROOT / "docs" / "dictionary.md").read_text(encoding="utf-8") == as_markdown()
