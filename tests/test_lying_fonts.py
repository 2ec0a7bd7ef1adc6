from __future__ import annotations

from decimal import Decimal

import pytest

from extractors.tables import Line, PageInfo, Reading, Trouble
from pipeline.facts import Check, Document, Fact, Harvest, MeantTable
from pipeline.lying_fonts import distrust_equalities, distrust_garbled


def harvest(trouble: str, *kinds: str, box: tuple[float, float, float, float] | None = None) -> Harvest:
    """One verified fact at (0, 0, 1, 1), pinned by a check of each of `kinds`; the trouble stands at `box`."""
    fact = Fact(
        fact_id="f", table_id="t", table_kind="tc33", page=1, bbox=(0, 0, 1, 1), row_no=0, column_no=0, part=0,
        level="kegiatan", column_label="x", role="target", quantity="kinerja", period="tahun", raw="8,30",
        value=Decimal("8.3"), decimals=2, status="verified",
    )  # fmt: skip
    reading = Reading(pages=[], tables=[], lines=[], troubles=[Trouble(1, trouble, "said", bbox=box)], metadata={})
    checks = [
        Check(f"c{n}", "t", kind, "x", ["f"], ["f"], 1, (0, 0, 1, 1), "", None, None, None, "holds", None, "")
        for n, kind in enumerate(kinds)
    ]
    return Harvest(
        Document("d", "d.pdf", pages=1), reading, [MeantTable("t", "tc33", "", [], [], [fact])], checks, [], []
    )


@pytest.mark.parametrize(
    ("trouble", "kinds", "status"),
    [
        pytest.param("lying_font", ["cross_table"], "unverified", id="two tables agree"),
        pytest.param("lying_font", ["cross_table", "hierarchy_sum"], "verified", id="a sum proves it too"),
        pytest.param("doubled_text", ["cross_table"], "verified", id="another trouble"),
    ],
)
def test_equalities_under_a_lying_font(trouble: str, kinds: list[str], status: str) -> None:
    made = harvest(trouble, *kinds)
    distrust_equalities(made)
    assert made.tables[0].facts[0].status == status


@pytest.mark.parametrize(
    ("box", "kinds", "status"),
    [
        pytest.param((0, 0, 1, 1), ["cross_table"], "unverified", id="this cell"),
        pytest.param((0, 0, 1, 1), ["cross_table", "row_formula"], "verified", id="a formula proves it too"),
        pytest.param((5, 0, 9, 1), ["cross_table"], "verified", id="another cell"),
    ],
)
def test_equalities_of_overprinted_cells(box: tuple[float, float, float, float], kinds: list[str], status: str) -> None:
    """Letters printed on each other: `100 %` was read as `01%` in both blocks of a table."""
    made = harvest("overprinted", *kinds, box=box)
    distrust_equalities(made)
    assert made.tables[0].facts[0].status == status


WORDS = "Penyediaan Komponen Instalasi Listrik/Penerangan Bangunan Kantor: 80 (delapan puluh) Paket, 100% "


@pytest.mark.parametrize(
    ("kind", "text", "status"),
    [
        pytest.param("ruled", WORDS * 10 + '" # " ; 2 @ " ! * &', "verified", id="a sign here and there"),
        pytest.param("ruled", WORDS + '" # " ; 2 @ " ! * & " 4 @', "unverified", id="a page of signs"),
        pytest.param("ruled", '# "', "verified", id="a line of its own"),
        pytest.param(
            "ruled", WORDS + "### " * 9 + "#DIV/0! #REF!", "verified", id="columns too narrow in a spreadsheet"
        ),
        pytest.param("scan", WORDS + '" # " ; 2 @ " ! * & " 4 @', "verified", id="a scanner's dirt"),
    ],
)
def test_a_page_without_sense_proves_nothing(kind: str, text: str, status: str) -> None:
    made = harvest("doubled_text", "row_formula")
    made.reading.pages.append(PageInfo(1, kind, 595, 842, 0))
    made.reading.lines.append(Line(1, (0, 0, 9, 9), text))
    distrust_garbled(made)
    assert made.tables[0].facts[0].status == status
    assert made.checks[0].pins == (["f"] if status == "verified" else [])
    assert [p.kind for p in made.problems] == ([] if status == "verified" else ["garbled_text"])
