"""What becomes of numbers beside a failing check: none is proved by what may itself be wrong."""

from pipeline.checks import check_document
from pipeline.checks.blame import proposal_of
from pipeline.facts import Check, MeantTable
from tests.tables_by_hand import column, statuses, table

MONEY = [column(0, "prakiraan_maju")]


def failing(meant: MeantTable) -> list[Check]:
    return [c for c in check_document([meant], []).checks if c.verdict == "fails"]


def test_two_slips_in_one_sum_do_not_prove_each_other_through_a_third_cell() -> None:
    # 3.701.325 + 1.241.000 = 4.942.325; with digits exchanged in two of them the third looks like the culprit
    rows = [
        ("program", "5.03.02", ["4.942.325"]),
        ("kegiatan", "5.03.02.2.01", ["4.943.225"]),
        ("sub_kegiatan", "5.03.02.2.01.0001", ["3.703.125"]),
        ("sub_kegiatan", "5.03.02.2.01.0002", ["1.241.000"]),
    ]
    meant = table(MONEY, rows)
    assert failing(meant)
    assert statuses(meant)["t1.2.0"] != "verified"


def test_a_wrong_number_copied_upwards_proves_nothing() -> None:
    rows = [
        ("program", "5.03.02", ["1.643.000.000"]),
        ("kegiatan", "5.03.02.2.01", ["1.643.000.000"]),
        ("sub_kegiatan", "5.03.02.2.01.0001", ["1.643.000"]),
    ]
    meant = table(MONEY, rows)
    assert failing(meant)
    assert "verified" not in statuses(meant).values()


def test_a_price_is_not_proved_by_an_amount_that_its_sum_denies() -> None:
    columns = [column(0, "volume", "jumlah"), column(1, "harga_satuan"), column(2, "anggaran", number="6")]
    columns[2].label = "Jumlah"
    rows = [
        ("5.1.02.01", "5.1.02.01", [None, None, "36.280.000"]),
        ("other", "kertas", ["34", "55.000", "1.870.000"]),
        ("other", "materai", ["2", "30", "60"]),
        ("other", "honorarium", ["38", "900.000", "34.200.000"]),
        ("5.1.02.02", "5.1.02.02", [None, None, "500.000"]),
        ("other", "sewa", ["5", "100.000", "500.000"]),
    ]
    meant = table(columns, rows, kind="rka")
    for row in meant.rows:
        row.parent = None if row.account else 0 if row.row_no < 4 else 4
    assert [c.kind for c in failing(meant)] == ["hierarchy_sum"]
    found = statuses(meant)
    assert found["t1.2.1"] == found["t1.2.2"] == "unverified"
    assert [i for i, status in found.items() if status == "conflict"] == ["t1.0.2"]


def test_a_lost_row_blames_nobody() -> None:
    columns = [column(0, "target"), column(1, "prakiraan_maju")]
    rows = [
        ("program", "5.03.02", ["18.000.000", "19.800.000"]),
        ("kegiatan", "5.03.02.2.01", ["9.318.000", "9.179.000"]),
        ("sub_kegiatan", "5.03.02.2.01.0001", ["4.044.000", "3.911.000"]),  # the other one is lost
        ("kegiatan", "5.03.02.2.02", ["8.682.000", "10.621.000"]),
        ("sub_kegiatan", "5.03.02.2.02.0001", ["8.682.000", "10.621.000"]),
    ]
    meant = table(columns, rows)
    findings = check_document([meant], [])
    assert sum(c.verdict == "fails" for c in findings.checks) == 2
    assert [p.kind for p in findings.problems] == ["missing_row"]
    found = statuses(meant)
    assert "conflict" not in found.values()
    assert (found["t1.2.0"], found["t1.4.0"]) == ("unverified", "verified")


def test_a_part_that_is_wrong_in_one_column_is_no_lost_row() -> None:
    columns = [column(0, "target"), column(1, "prakiraan_maju")]
    rows = [
        ("program", "5.03.02", ["18.000.000", "19.800.000"]),
        ("kegiatan", "5.03.02.2.01", ["9.318.000", "9.179.000"]),
        ("kegiatan", "5.03.02.2.02", ["8.682.000", "1.621.000"]),
    ]
    meant = table(columns, rows)
    (check,) = failing(meant)
    assert "missing" not in check.explanation
    assert "conflict" in statuses(meant).values()


def test_a_second_check_of_other_cells_proves_the_rest_of_a_mended_sum() -> None:
    columns = [column(0, "anggaran"), column(1, "realisasi"), column(2, "tingkat_realisasi")]
    rows = [
        ("program", "5.03.02", ["3.875.550.000", "3.698.626.072", "95"]),
        ("kegiatan", "5.03.02.2.01", ["1.521.550.000", "1.398.468.521", "92"]),
        ("kegiatan", "5.03.02.2.02", ["860.000.000", "893.618.832", "98"]),
        ("kegiatan", "5.03.02.2.03", ["684.000.000", "663.009.785", "97"]),
        ("kegiatan", "5.03.02.2.04", ["810.000.000", "797.528.934", "98"]),
    ]
    meant = table(columns, rows, kind="anggaran_realisasi")
    assert {proposal_of(c.suggestion) for c in failing(meant)} == {("t1.2.1", 839618832)}
    assert statuses(meant)["t1.1.1"] == "verified"


def test_a_total_that_repeats_the_last_line_is_not_its_sum() -> None:
    columns = [column(0, "anggaran"), column(1, "realisasi"), column(2, "tingkat_realisasi")]
    rows = [
        ("program", "1.06.01", ["1.518.000", "878.206", "57,85"]),
        ("kegiatan", "1.06.01.2.03", ["1.518.000", "878.206", "57,85"]),
        ("program", "1.06.02", ["534.233.325", "484.502.367", "90,69"]),
        ("kegiatan", "1.06.02.2.03", ["534.233.325", "484.502.367", "90,69"]),
        ("total", "Jumlah", ["534.233.325", "485.380.573", "90,60"]),  # 535.751.325
    ]
    meant = table(columns, rows, kind="realisasi_apbd")
    assert {proposal_of(c.suggestion) for c in failing(meant)} == {("t1.4.0", 535751325)}
    found = statuses(meant)
    assert (found["t1.4.0"], found["t1.2.0"]) == ("conflict", "unverified")  # its only proof is a copy of it


def test_a_ratio_that_is_kept_nearly_proves_no_other_part() -> None:
    columns = [column(0, "target"), column(1, "prakiraan_maju")]
    amounts = [("40.000.000", "46.000.000"), ("60.000.000", "69.000.000"), ("80.000.000", "307.078.994")]
    amounts += [("100.000.000", "115.000.000")]
    for whole, proved in (("322.000.000", "verified"), ("322.000.450", "unverified")):
        rows = [("kegiatan", "5.03.02.2.01", ["280.000.000", whole])]
        rows += [("sub_kegiatan", f"5.03.02.2.01.{i:04}", list(pair)) for i, pair in enumerate(amounts)]
        meant = table(columns, rows)
        assert [proposal_of(c.suggestion) is not None for c in failing(meant)] == [True]
        assert statuses(meant)["t1.0.1"] == proved


def test_a_wrong_number_and_its_copy_above_do_not_prove_each_other_between_two_failing_sums() -> None:
    rows = [
        ("program", "5.03.01", ["198.552.000"]),
        ("kegiatan", "5.03.01.2.01", ["198.552.000"]),
        ("sub_kegiatan", "5.03.01.2.01.0001", ["198.552.000"]),
        ("program", "5.03.02", ["940.717.580"]),  # 910.717.580
        ("kegiatan", "5.03.02.2.01", ["940.717.580"]),
        ("sub_kegiatan", "5.03.02.2.01.0001", ["713.759.000"]),
        ("sub_kegiatan", "5.03.02.2.01.0002", ["1.698.580"]),
        ("sub_kegiatan", "5.03.02.2.01.0003", ["195.260.000"]),
        ("total", "Jumlah", ["1.109.269.580"]),
    ]
    meant = table(MONEY, rows)
    assert len(failing(meant)) == 2
    found = statuses(meant)
    assert "verified" not in (found["t1.3.0"], found["t1.4.0"])
