"""Lines of a budget against their account."""

from __future__ import annotations

from extractors.tables import Line
from normalizers.rows import Row
from pipeline.checks import check_document
from pipeline.facts import MeantTable
from tests.tables_by_hand import column, fact, statuses


def budget(lines: list[tuple[str | None, list[str | None]]]) -> MeantTable:
    """An account, then (account or None, [volume, price, amount]) lines below it."""
    columns = [column(0, "volume", "jumlah"), column(1, "harga_satuan"), column(2, "anggaran")]
    meant = MeantTable("t1", "rka", "", columns, [])
    for row_no, (account, cells) in enumerate(lines):
        level = "belanja" if account else "other"
        row = Row(row_no, level, row_no, name_raw=f"line {row_no}", account=account)
        row.parent = 0 if row_no else None
        meant.rows.append(row)
        meant.facts += [fact(meant, row, c, raw) for c, raw in zip(columns, cells, strict=True) if raw is not None]
    return meant


PLAIN: list[tuple[str | None, list[str | None]]] = [
    ("5.2.2.01.01", [None, None, "205.000"]),
    (None, ["2", "55.000", "110.000"]),
    (None, ["1", "35.000", "35.000"]),
    (None, ["3", "20.000", "60.000"]),
]
NO_LINES: list[Line] = []


def test_lines_add_up_to_their_account() -> None:
    meant = budget(PLAIN)
    assert all(c.verdict == "holds" for c in check_document([meant], NO_LINES).checks)
    assert set(statuses(meant).values()) == {"verified"}


def test_headings_between_the_lines_are_not_added_twice() -> None:
    meant = budget(
        [PLAIN[0], (None, [None, None, "145.000"]), *PLAIN[1:3], (None, [None, None, "60.000"]), PLAIN[3]],
    )
    assert all(c.verdict == "holds" for c in check_document([meant], NO_LINES).checks)
    assert statuses(meant)["t1.1.2"] == "verified"


def test_a_line_that_repeats_its_account_at_the_top_of_a_page_is_a_line() -> None:
    meant = budget([*PLAIN[:3], ("5.2.2.01.01", PLAIN[3][1])])
    assert all(c.verdict == "holds" for c in check_document([meant], NO_LINES).checks)
    assert statuses(meant)["t1.0.2"] == "verified"


def test_a_wrong_price_is_found_in_a_table_of_few_lines() -> None:
    meant = budget([PLAIN[0], (None, ["2", "550.000", "110.000"]), (None, ["1", "350.000", "35.000"]), PLAIN[3]])
    findings = check_document([meant], NO_LINES)
    assert {"t1.1.1: 55000", "t1.2.1: 35000"} <= {c.suggestion for c in findings.checks}
    assert statuses(meant)["t1.1.2"] == "verified"


def test_an_account_below_the_lines_of_another_is_one_of_the_form() -> None:
    meant = budget(
        [("5.1", [None, None, "205.000"]), *PLAIN[1:], ("5.2", [None, None, "90.000"]), (None, [None, None, "295.000"])]
    )
    meant.rows[4].parent, meant.rows[5].parent, meant.rows[5].level = None, None, "total"
    found = [c for c in check_document([meant], NO_LINES).checks if c.claim == "total = the sum of the lines above"]
    assert [(c.verdict, c.expected) for c in found] == [("holds", 295000)]
