from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipeline import compare_show
from pipeline.compare import Unclear, Wish, as_json, compare, generic, ranked, table, typed_table
from pipeline.compare_sums import ADDED, PRINTED, per_unit
from pipeline.coverage import coverage
from pipeline.names import Item, by_name, children, clear_choice
from pipeline.store import StoreError
from tests.fakes import fact, pdf
from tests.stores import ingest


def kegiatan(place: str, number: str, **said: Any) -> dict[str, Any]:
    """A fact of the kegiatan X.XX.01.2.NUMBER."""
    code = f"5.03.01.{place}.{number}"
    return fact(
        code=code,
        code_generic=f"X.XX.01.{place}.{number}",
        code_comparable=f"X.XX.01.*.{number}",
        level="kegiatan",
        **said,
    )


def program(value: str, **said: Any) -> dict[str, Any]:
    return fact(
        code="5.03.01", code_generic="X.XX.01", code_comparable="X.XX.01", name="Program Penunjang", value=value,
        level="program", **said,
    )  # fmt: skip


@pytest.fixture
def filled(store: Path, tmp_path: Path) -> Path:
    """Two kabupaten over two years, a province, and a report that has something else."""
    goal = {"quantity": "kinerja", "unit": "Dokumen"}
    umum, keuangan = {"name": "Administrasi Umum"}, {"name": "Administrasi Keuangan"}
    ingest(
        store,
        pdf(tmp_path / "a23.pdf", kegiatan("2", "06", value="80", year=2023, **umum), fiscal_year=2023),
        pdf(tmp_path / "a24.pdf", kegiatan("2", "06", value="100", **umum), kegiatan("2", "06", value="4", **umum, **goal),
            kegiatan("2", "02", value="300", **keuangan), program("400")),
        pdf(tmp_path / "b24.pdf", kegiatan("2", "06", value="50", **umum), kegiatan("2", "06", value="5", **umum, **goal),
            region_code="17.02", region="Kota Contoh"),
        pdf(tmp_path / "p24.pdf", kegiatan("1", "06", value="70", role="anggaran", **umum), region_code="17",
            region="Provinsi Contoh", agency="Badan Lain", agency_key="lain"),
        pdf(tmp_path / "z24.pdf", kegiatan("2", "02", value="9", **keuangan), region_code="17.03", region="Kabupaten Lain"),
    )  # fmt: skip
    return store


def test_lines_shares_growth_and_amounts_per_unit(filled: Path) -> None:
    found = compare(filled, Wish("X.XX.01.2.06"))
    said = [(line.region_code, line.year, line.pagu, line.growth, line.share, line.per_unit) for line in found.lines]
    assert said == [
        ("17.02", 2024, Decimal(50), None, None, Decimal(10)),
        ("99.01", 2023, Decimal(80), None, None, None),
        ("99.01", 2024, Decimal(100), Decimal("25.00"), Decimal("25.00"), Decimal(25)),
    ]
    assert found.said == "3 of 5 documents have it"
    assert {gap.document for gap in found.gaps} == {"p24.pdf", "z24.pdf"}


def test_growth_is_within_one_role(filled: Path, tmp_path: Path) -> None:
    ingest(
        filled,
        pdf(tmp_path / "a25.pdf", kegiatan("2", "06", value="500", role="anggaran", year=2025), fiscal_year=2025),
    )
    found = compare(filled, Wish("X.XX.01.2.06", regions=("99.01",)))
    assert [(line.year, line.growth) for line in found.lines] == [(2023, None), (2024, Decimal("25.00")), (2025, None)]


def test_a_star_joins_provinces(filled: Path) -> None:
    found = compare(filled, Wish("5.03.01.*.06", years=(2024,)))
    assert [line.region_code for line in found.lines] == ["17", "17.02", "99.01"]


@pytest.mark.parametrize(
    ("wish", "regions"),
    [
        pytest.param({"provinces": ("17",)}, ["17", "17.02"], id="province"),
        pytest.param({"regions": ("17.02",)}, ["17.02"], id="region"),
        pytest.param({"like": "badan lain"}, ["17"], id="agency"),
        pytest.param({"role": "anggaran"}, ["17"], id="role"),
        pytest.param({"level": "program"}, [], id="level"),
        pytest.param({"years": (2023,)}, ["99.01"], id="year"),
    ],
)
def test_a_comparison_is_narrowed(filled: Path, wish: dict[str, Any], regions: list[str]) -> None:
    found = compare(filled, Wish("X.XX.01.*.06", **wish))
    assert sorted({str(line.region_code) for line in found.lines if line.pagu is not None}) == regions


def test_a_document_of_another_year_or_agency_counts_where_it_has_the_item(filled: Path, tmp_path: Path) -> None:
    umum = {"name": "Administrasi Umum", "year": 2025}
    ingest(
        filled,
        pdf(tmp_path / "c24.pdf", kegiatan("2", "06", value="7", **umum), region_code="17.01", region="Kabupaten Awal"),
        pdf(tmp_path / "d25.pdf", kegiatan("2", "02", value="1", year=2025), region_code="17.04", fiscal_year=2025),
        pdf(tmp_path / "e24.pdf", kegiatan("2", "06", value="8", agency="Badan Tamu", agency_key="tamu", **umum)),
    )
    found = compare(filled, Wish("X.XX.01.2.06", years=(2025,)))
    assert [(line.document, line.pagu) for line in found.lines] == [("c24.pdf", Decimal(7)), ("e24.pdf", Decimal(8))]
    assert found.said == "2 of 3 documents have it" and [gap.document for gap in found.gaps] == ["d25.pdf"]
    guest = compare(filled, Wish("X.XX.01.2.06", years=(2025,), like="tamu"))
    assert [line.document for line in guest.lines] == ["e24.pdf"] and guest.said == "1 of 1 documents have it"


def test_a_region_without_a_document_is_a_gap(filled: Path) -> None:
    found = compare(filled, Wish("X.XX.01.2.06", regions=("17.02", "17.04")))
    assert [(gap.region_code, gap.why) for gap in found.gaps] == [("17.04", "no document in the store")]


def test_what_has_no_amount_is_not_ranked(filled: Path, tmp_path: Path) -> None:
    goal = kegiatan("2", "06", value="4", quantity="kinerja", unit="Dokumen")
    ingest(filled, pdf(tmp_path / "c24.pdf", goal, region_code="17.05", region="Kabupaten Tanpa Pagu"))
    found = compare(filled, Wish("X.XX.01.2.06", years=(2024,)))
    assert [(place, line.region_code) for place, line in ranked(found.lines)] == [
        (1, "99.01"), (2, "17.02"), (None, "17.05")
    ]  # fmt: skip
    columns, rows = table(found, years=False, rank=True)
    assert columns[0] == "rank" and [row[0] for row in rows] == [1, 2, None]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("administrasi umum", "X.XX.01.*.06"),
        ("Administrasi  UMUM", "X.XX.01.*.06"),
        ("adminstrasi keuangn", "X.XX.01.*.02"),
    ],
)
def test_names_need_not_be_exact(filled: Path, name: str, code: str) -> None:
    assert compare(filled, Wish(name)).item.code == code


def test_an_unclear_name_shows_its_choices(filled: Path) -> None:
    with pytest.raises(Unclear, match=r"X\.XX\.01\.\*\.02 Administrasi Keuangan") as unclear:
        compare(filled, Wish("administrasi"))
    assert {choice.item.code for choice in unclear.value.choices} == {"X.XX.01.*.02", "X.XX.01.*.06"}
    with pytest.raises(Unclear, match="no document has"):
        compare(filled, Wish("pelabuhan perikanan"))


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        (Wish("5.03.1"), "no code and no name"),
        (Wish("X.XX", level="x"), "no level"),
        (Wish("X.XX", role="x"), "no role"),
    ],
)
def test_what_cannot_be_compared_is_told(filled: Path, wish: Wish, said: str) -> None:
    with pytest.raises(StoreError, match=said):
        compare(filled, wish)


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        pytest.param(Wish("X.XX.01.2.05"), r"no document has X\.XX\.01\.2\.05, the nearest are: X\.XX\.01\.\*\.0[26] Adm",
                     id="code"),
        pytest.param(Wish("8.88"), "no document has 8.88$", id="nothing near"),
        pytest.param(Wish("X.XX.01.2.06", regions=("17.99",)), r"no region has the code `17\.99`.*17\.0\d ", id="region"),
        pytest.param(Wish("X.XX.01.2.06", regions=("bengkulu selatn",)), "17.01 Kabupaten Bengkulu Selatan", id="name"),
        pytest.param(Wish("X.XX.01.2.06", provinces=("10",)), "no province has the code `10`, the nearest are", id="prov"),
    ],
)  # fmt: skip
def test_what_is_in_no_list_is_told_with_the_nearest(filled: Path, wish: Wish, said: str) -> None:
    with pytest.raises(StoreError, match=said):
        compare(filled, wish)


@pytest.mark.parametrize(
    ("printed", "code"),
    [
        ("5.03.01.2.06", "X.XX.01.2.06"), ("x.xx.01.*.06", "X.XX.01.*.06"), ("XX.XX.01.2.06", "X.XX.01.2.06"),
        ("5.03.02.2.01.02", "5.03.02.2.01.0002"), (" 5.03.02. ", "5.03.02"), ("administrasi", None), ("5.3", None),
    ],
)  # fmt: skip
def test_codes_are_told_from_names(printed: str, code: str | None) -> None:
    assert generic(printed) == code


def line(level: str, value: int, code: str | None = None) -> dict[str, Any]:
    return fact(level=level, value=str(value), code=code, code_generic=code, code_comparable=code, name=level)


@pytest.mark.parametrize(
    ("parts", "share", "how"),
    [
        pytest.param([line("total", 30), line("program", 10, "5.01.02"), line("program", 20, "5.01.03")],
                     "10.00", PRINTED, id="agree"),
        pytest.param([line("total", 99), line("program", 10, "5.01.02"), line("program", 20, "5.01.03")],
                     "10.00", ADDED, id="differ"),
        pytest.param([line("perangkat_daerah", 7), line("total", 60)], "5.00", PRINTED, id="no programs"),
        pytest.param([line("program", 10, "5.01.02"), line("program", 10, "5.01.02")], "30.00", ADDED,
                     id="one program twice"),
        pytest.param([], None, None, id="no total"),
    ],
)  # fmt: skip
def test_the_agencys_total(
    store: Path, tmp_path: Path, parts: list[dict[str, Any]], share: str | None, how: str | None
) -> None:
    """A kegiatan of 3 rupiah beside its agency's total."""
    ingest(store, pdf(tmp_path / "a.pdf", kegiatan("2", "06", value="3"), *parts))
    (found,) = compare(store, Wish("X.XX.01.2.06")).lines
    assert (found.share, found.share_of) == (None if share is None else Decimal(share), how)


def test_units_that_differ_give_no_amount_per_unit(filled: Path, tmp_path: Path) -> None:
    umum = {"value": "7", "quantity": "kinerja", "unit": "Orang"}
    more = pdf(tmp_path / "o24.pdf", kegiatan("2", "06", value="70"), kegiatan("2", "06", **umum), region_code="17.06")
    ingest(filled, more)
    found = compare(filled, Wish("X.XX.01.2.06", years=(2024,)))
    assert found.notes == ["no amount per unit of target: the units differ (Dokumen, Orang)"]
    assert {line.per_unit for line in found.lines} == {None}
    assert per_unit([]) == ([], None)


@pytest.mark.parametrize("form", ["csv", "json", "parquet", "xlsx"])
def test_files_hold_every_line_and_gap(filled: Path, tmp_path: Path, form: str) -> None:
    import json

    import openpyxl
    import pandas as pd

    found = compare(filled, Wish("X.XX.01.2.06"))
    out = tmp_path / f"x.{form}"
    assert compare_show.written(found, form, out, rank=False, years=True) == f"{out}: 3 rows, 2 gaps"
    if form == "json":
        said = json.loads(out.read_text())
        assert [line["pagu"] for line in said["lines"]] == [50, 80, 100] and len(said["gaps"]) == 2
        return
    if form == "xlsx":
        cells = list(openpyxl.load_workbook(out)["compare"].values)
        frame = pd.DataFrame(cells[1:], columns=cells[0])
    else:
        frame = pd.read_csv(out) if form == "csv" else pd.read_parquet(out)
    assert [float(value) for value in frame["pagu"].dropna()] == [50, 80, 100]
    assert list(frame["gap"].dropna()) == ["not in this document"] * 2
    assert list(frame.columns) == typed_table(found)[0]


@pytest.mark.parametrize(("name", "begins"), [("x.svg", b"<svg"), ("x.png", b"\x89PNG")])
def test_charts_as_files(filled: Path, tmp_path: Path, name: str, begins: bytes) -> None:
    pytest.importorskip("vl_convert")
    compare_show.draw(compare(filled, Wish("X.XX.01.2.06")), tmp_path / name)
    made = (tmp_path / name).read_bytes()
    assert made.startswith(begins)
    assert name != "x.svg" or b"Kota Contoh 2024" in made


def test_notes_tell_what_is_not_verified_and_missing(filled: Path) -> None:
    lines = compare_show.notes(compare(filled, Wish("administrasi umum", years=(2024,))))
    assert lines[0] == "3 of 4 documents have it" and "not verified" in lines[1]
    assert any(line.startswith("gap: Kabupaten Lain") for line in lines)
    assert any(line.startswith("other names alike") for line in lines)


@pytest.mark.parametrize(
    ("form", "out", "plot", "said"),
    [("pdf", None, None, "no format"), ("xlsx", None, None, "--out"), ("table", None, Path("x.gif"), ".svg or .png")],
)
def test_wrong_formats_are_refused_before_the_work(form: str, out: None, plot: Path | None, said: str) -> None:
    with pytest.raises(StoreError, match=said):
        compare_show.refuse_unknown(form, out, plot)


def test_coverage_counts_what_is_held_and_lacking(filled: Path, tmp_path: Path) -> None:
    found = coverage(filled)
    province = next(one for one in found.provinces if one.code == "17")
    assert (province.own, province.regions_held, province.documents) == (1, 2, 3)
    assert {"17.01", "11"} <= {region.code for region in found.lacking} and "17.02" not in {
        r.code for r in found.lacking
    }
    assert (found.regions, len(found.provinces), len(found.lacking)) == (514, 38, 552 - 3)
    assert sum(one.documents for one in coverage(filled, year=2023).held) == 1
    assert [one.region_code for one in coverage(filled, province="17").held] == ["17", "17.02", "17.03"]
    ingest(filled, pdf(tmp_path / "s.pdf", *(kegiatan("2", "06", value=str(n), status=status) for n, status in
           enumerate(["verified", "repaired", "repaired", "conflict"])), region_code="18.01"))  # fmt: skip
    (one,) = coverage(filled, province="18").held
    assert (one.facts, one.verified, one.repaired, one.conflict) == (4, 1, 2, 1)
    with pytest.raises(StoreError, match="no province"):
        coverage(filled, province="17.01")


ITEMS = {
    code: Item(code, level, name, (code,), documents)
    for code, level, name, documents in [
        ("5.03", "bidang_urusan", "Kepegawaian", 2), ("5.03.02", "program", "Program Kepegawaian Daerah", 4),
        ("5.03.02.*.02", "kegiatan", "Mutasi dan Promosi ASN", 4), ("X.XX.01", "program", "Program Penunjang", 9),
        ("5.03.02.*.02.0001", "sub_kegiatan", "Pengelolaan Mutasi ASN", 1),
    ]
}  # fmt: skip


@pytest.mark.parametrize(
    ("under", "codes"),
    [(None, ["5.03", "X.XX.01"]), ("5.03", ["5.03.02"]), ("5.03.02", ["5.03.02.*.02"]), ("5.03.02.*.02.0001", [])],
)
def test_the_tree_goes_down_one_step(under: str | None, codes: list[str]) -> None:
    assert [item.code for item in children(ITEMS, under)] == codes


def test_a_whole_name_is_clear_and_a_part_of_two_is_not() -> None:
    chosen = clear_choice(by_name(ITEMS, "mutasi dan promosi asn"))
    assert chosen is not None and chosen.code == "5.03.02.*.02"
    assert clear_choice(by_name(ITEMS, "mutasi")) is None and clear_choice([]) is None
    only = clear_choice(by_name(ITEMS, "mutasi", level="sub_kegiatan"))
    assert only is not None and only.level == "sub_kegiatan"


def test_machines_get_numbers(filled: Path) -> None:
    said = as_json(compare(filled, Wish("X.XX.01.2.06", years=(2024,))))
    assert said["code"] == "X.XX.01.2.06" and said["lines"][0]["pagu"] == 50 and said["lines"][1]["share"] == 25


def test_a_terminal_shows_the_first_rows_and_says_so(
    filled: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    found = compare(filled, Wish("X.XX.01.2.06"))
    monkeypatch.setattr(compare_show, "MOST_ROWS", 2)
    whole = compare_show.written(found, "table", None, rank=False, years=True)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    cut = compare_show.written(found, "table", None, rank=False, years=True)
    assert "first 2 of 3 rows" in cut and "first 2" not in whole
    compare_show.written(found, "table", tmp_path / "all.txt", rank=False, years=True)
    assert "first 2" not in (tmp_path / "all.txt").read_text()
