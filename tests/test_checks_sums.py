from decimal import Decimal

import pytest

from pipeline.checks import check_document
from pipeline.facts import Check, MeantTable
from tests.tables_by_hand import column, statuses, table

MONEY = [column(0, "target")]


def tree(*amounts: str | None) -> MeantTable:
    levels = ["program", "kegiatan", "sub_kegiatan", "sub_kegiatan", "kegiatan", "sub_kegiatan"]
    codes = ["5.03.02", "5.03.02.2.01", "5.03.02.2.01.0001", "5.03.02.2.01.0002", "5.03.02.2.02", "5.03.02.2.02.0001"]
    rows = [(level, code, [amount]) for level, code, amount in zip(levels, codes, amounts, strict=True)]
    return table(MONEY, rows)


def sums(*tables: MeantTable) -> list[Check]:
    return [c for c in check_document(list(tables), []).checks if c.kind == "hierarchy_sum"]


def test_parts_that_add_up_verify_every_cell() -> None:
    meant = tree("60.000.000", "35.000.000", "20.000.000", "15.000.000", "25.000.000", "25.000.000")
    assert [c.verdict for c in sums(meant)] == ["holds"] * 3
    assert set(statuses(meant).values()) == {"verified"}


def test_wrong_middle_sum_is_blamed_with_its_right_value() -> None:
    meant = tree("60.000.000", "53.000.000", "20.000.000", "15.000.000", "25.000.000", "25.000.000")
    failing = [c for c in sums(meant) if c.verdict == "fails"]
    assert [c.suggestion for c in failing] == ["t1.1.0: 35000000"] * 2
    assert statuses(meant)["t1.1.0"] == "conflict"
    assert list(statuses(meant).values()).count("conflict") == 1


def test_leaves_that_explain_a_failure_equally_well_are_all_in_conflict() -> None:
    meant = tree("60.000.000", "35.000.000", "22.000.000", "15.000.000", "25.000.000", "25.000.000")
    failing = [c for c in sums(meant) if c.verdict == "fails"]
    assert [c.suggestion for c in failing] == [None]
    assert "equally well" in failing[0].explanation
    found = statuses(meant)
    assert (found["t1.2.0"], found["t1.3.0"], found["t1.1.0"]) == ("conflict", "conflict", "verified")


def test_exchanged_digits_in_a_leaf_are_suggested() -> None:
    meant = tree("3.698.626.072", "2.238.087.353", "1.398.468.521", "893.618.832", "1.460.538.719", "1.460.538.719")
    failing = [c for c in sums(meant) if c.verdict == "fails"]
    assert [c.suggestion for c in failing] == ["t1.3.0: 839618832"]
    assert statuses(meant)["t1.1.0"] == "verified"
    assert statuses(meant)["t1.2.0"] == "unverified"  # two more slips might make this one look like it


def test_a_missing_part_is_no_error() -> None:
    meant = tree("60.000.000", "35.000.000", "20.000.000", None, "25.000.000", "25.000.000")
    assert all(c.verdict == "holds" for c in sums(meant))
    assert statuses(meant)["t1.2.0"] == "unverified"


def test_nothing_equals_nothing_verifies_nothing() -> None:
    meant = tree("-", "-", "-", "-", "-", "-")
    assert set(statuses(meant).values()) == {"unverified"}
    assert not any(c.pins for c in sums(meant))


def test_one_rupiah_of_rounding_holds_but_proves_nothing() -> None:
    meant = tree("60.000.001", "35.000.000", "20.000.000", "15.000.000", "25.000.000", "25.000.000")
    assert all(c.verdict == "holds" for c in sums(meant))
    sums(meant)
    assert statuses(meant)["t1.0.0"] == "unverified"


def test_row_counted_although_it_repeats_its_kegiatan() -> None:
    meant = tree("60.703.900", "35.703.900", "35.703.900", "35.703.900", "25.000.000", "25.000.000")
    failing = [c for c in sums(meant) if c.verdict == "fails"]
    assert len(failing) == 1  # two rows are equal: neither can be told to be the one too many
    meant = tree("60.703.900", "35.703.900", "20.000.000", "25.703.900", "25.000.000", "25.000.000")
    assert [c.verdict for c in sums(meant)].count("fails") == 1


@pytest.mark.parametrize(
    ("cells", "verdicts"),
    [
        pytest.param(["90", "70", "30", "40", "20"], ["holds", "holds"], id="both"),
        pytest.param(["90", "70", "30", "45", "20"], ["fails", "holds"], id="operasi"),
    ],
)
def test_accounts_divide_the_pagu(cells: list[str], verdicts: list[str]) -> None:
    levels = ["sub_kegiatan", "5.1", "5.1.01", "5.1.02", "5.2"]
    rows = [(lv, "5.03.02.2.01.0001", [f"{c}.000.000"]) for lv, c in zip(levels, cells, strict=True)]
    meant = table(MONEY, rows)
    found = sums(meant)
    assert sorted(c.verdict for c in found) == sorted(verdicts)


def test_total_of_a_staff_table() -> None:
    counts = [column(0, "jumlah", "jumlah")]
    rows = [("other", "IV.A", ["10"]), ("other", "III.D", ["33"]), ("total", "TOTAL", ["43"])]
    meant = table(counts, rows, kind="kepegawaian")
    assert [c.verdict for c in sums(meant)] == ["holds"]
    rows[2] = ("total", "TOTAL", ["44"])
    meant = table(counts, rows, kind="kepegawaian")
    assert [c.verdict for c in sums(meant)] == ["fails"]


def test_indicators_and_percentages_are_not_added() -> None:
    columns = [column(0, "target", "kinerja"), column(1, "tingkat_realisasi")]
    rows = [("program", "5.03.02", ["100", "90,00"]), ("kegiatan", "5.03.02.2.01", ["12", "80,00"])]
    assert sums(table(columns, rows)) == []


def test_parts_that_stand_in_the_table_that_goes_on_are_not_missed() -> None:
    rows = [("program", "5.03.02", ["60.000.000"]), ("kegiatan", "5.03.02.2.01", ["35.000.000"])]
    rows += [("sub_kegiatan", "5.03.02.2.01.0001", ["20.000.000"])]
    first = table(MONEY, rows, "a")
    more = [("sub_kegiatan", "5.03.02.2.01.0002", ["15.000.000"]), ("kegiatan", "5.03.02.2.02", ["25.000.000"])]
    assert [c.verdict for c in sums(first)] == ["fails", "fails"]
    assert sums(first, table(MONEY, more, "b")) == []


def test_long_sums_may_drift_by_rounding() -> None:
    rows = [("other", f"unit {i}", ["1.000.000"]) for i in range(45)]
    assert [c.verdict for c in sums(table(MONEY, [*rows, ("total", "JUMLAH", ["45.000.002"])]))] == ["holds"]
    assert [c.verdict for c in sums(table(MONEY, [*rows[:5], ("total", "JUMLAH", ["5.000.002"])]))] == ["fails"]


def test_totals_of_a_balance_sheet_take_up_the_totals_below_them() -> None:
    lines = [("Kas", "66.301.281"), ("Piutang", "2.203.417"), ("Jumlah Aset Lancar", "68.504.698")]
    lines += [("Dana Bergulir", "1.094.000"), ("Jumlah Nonpermanen", "1.094.000"), ("Penyertaan", "76.625.475")]
    lines += [("Jumlah Permanen", "76.625.475"), ("Jumlah Investasi", "77.719.475"), ("JUMLAH ASET", "146.224.173")]
    columns = [column(0, "nilai")]
    meant = table(columns, [("other", name, [amount]) for name, amount in lines], kind="neraca")
    assert [c.verdict for c in sums(meant)] == ["holds"] * 5
    assert set(statuses(meant).values()) == {"verified"}
    lines[0] = ("Kas", "66.301.218")
    meant = table(columns, [("other", name, [amount]) for name, amount in lines], kind="neraca")
    failing = [c for c in sums(meant) if c.verdict == "fails"]
    assert {c.suggestion for c in failing} == {"t1.0.0: 66301281"}


def test_accounts_without_codes_follow_their_parents() -> None:
    rows = [("total", "x", ["60"])] * 4
    meant = table([column(0, "anggaran")], rows, kind="lra")
    for row, level, parent, name, raw in zip(
        meant.rows,
        ["pendapatan"] * 3 + ["total"],
        [None, 0, 0, None],
        ["PENDAPATAN", "PAD", "TRANSFER", "JUMLAH"],
        [60, 25, 35, 60],
        strict=True,
    ):
        row.level, row.parent, row.name_raw = level, parent, name
        meant.facts[row.row_no].level, meant.facts[row.row_no].value = level, Decimal(raw)
    assert [c.verdict for c in sums(meant)] == ["holds", "holds"]


def _statement(lines: list[tuple[str | None, str, str, str]]) -> MeantTable:
    meant = table([column(0, "anggaran")], [(level, name, [raw]) for _, level, name, raw in lines], kind="lra")
    for row, fact, (account, *_) in zip(meant.rows, meant.facts, lines, strict=True):
        row.account = fact.account = account
    return meant


def test_a_surplus_that_comes_out_verifies_itself() -> None:
    lines = [("4", "pendapatan", "PENDAPATAN", "500.000"), ("5", "belanja", "BELANJA", "750.000")]
    meant = _statement([*lines, (None, "other", "SURPLUS/(DEFISIT)", "-250.000")])
    assert [c.claim for c in sums(meant)] == ["surplus = revenue - expenditure"]
    assert set(statuses(meant).values()) == {"verified"}
    other = _statement([*lines, (None, "other", "SURPLUS/(DEFISIT)", "-205.000")])
    assert sums(other) == []
    assert set(statuses(other).values()) == {"unverified"}


def test_a_total_that_repeats_an_account_by_name() -> None:
    lines = [("6", "pembiayaan", "PEMBIAYAAN", "40.000"), ("6.1", "pembiayaan", "PENERIMAAN PEMBIAYAAN", "90.000")]
    lines += [("6.1.01", "pembiayaan", "SiLPA", "90.000"), (None, "total", "Jumlah Penerimaan Pembiayaan", "90.000")]
    assert [c.claim for c in sums(_statement(lines)) if c.verdict == "holds"][-1] == "total = the account of its name"
    failing = [c for c in sums(_statement([*lines[:-1], (*lines[-1][:3], "99.000")])) if c.verdict == "fails"]
    assert [c.claim for c in failing] == ["total = the account of its name"]
