from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.checks import check_document
from pipeline.checks.blame import proposal_of
from pipeline.checks.slips import EXCHANGED, garbled, likeness, slips
from tests.tables_by_hand import column, statuses, table


@pytest.mark.parametrize(
    ("printed", "right", "likely"),
    [
        pytest.param("893618832", "839618832", True, id="two digits exchanged"),
        pytest.param("12345", "123345", True, id="doubled digit lost"),
        pytest.param("150000", "150000000", True, id="thousands group lost"),
        pytest.param("81", "31", True, id="one digit"),
        pytest.param("307078994", "9200000000", False, id="another number"),
    ],
)
def test_likeness(printed: str, right: str, likely: bool) -> None:
    assert bool(likeness(Decimal(printed), Decimal(right), 0)) is likely


@given(st.integers(10, 10**12), st.integers(0, 3))
def test_every_slip_is_another_number_that_looks_like_it(digits: int, places: int) -> None:
    value = Decimal(digits).scaleb(-places)
    for slip in slips(value, places):
        assert slip != value
        shortened = len(str(int(slip.scaleb(places)))) < len(str(digits)) - 1  # a leading digit lost before zeros
        assert likeness(slip, value, places) > 0 or shortened


def test_exchange_is_likelier_than_a_changed_digit() -> None:
    assert likeness(Decimal(8932), Decimal(8392), 0) == EXCHANGED > likeness(Decimal(8932), Decimal(8432), 0) > 0


@pytest.mark.parametrize(
    ("raw", "wrong"),
    [
        ("6I", True),
        ("Idok", True),
        ("1O0", True),
        ("18 Dok", False),
        ("12 Orang", False),
        ("Iuran 5", False),
        ("4700Dokumen", False),
    ],
)
def test_letters_among_digits(raw: str, wrong: bool) -> None:
    assert garbled(raw) is wrong


def test_one_cell_that_mends_a_sum_and_a_percentage() -> None:
    columns = [column(0, "anggaran"), column(1, "realisasi"), column(2, "tingkat_realisasi")]
    rows = [
        ("program", "5.03.02", ["3.875.550.000", "3.698.626.072", "95"]),
        ("kegiatan", "5.03.02.2.01", ["1.521.550.000", "1.398.468.521", "92"]),
        ("kegiatan", "5.03.02.2.02", ["860.000.000", "893.618.832", "98"]),
        ("kegiatan", "5.03.02.2.03", ["684.000.000", "663.009.785", "97"]),
        ("kegiatan", "5.03.02.2.04", ["810.000.000", "797.528.934", "98"]),
    ]
    meant = table(columns, rows, kind="anggaran_realisasi")
    failing = [c for c in check_document([meant], []).checks if c.verdict == "fails"]
    assert sorted(c.kind for c in failing) == ["hierarchy_sum", "percent_of"]
    assert {proposal_of(c.suggestion) for c in failing} == {("t1.2.1", Decimal(839618832))}
    found = statuses(meant)
    assert [k for k, s in found.items() if s == "conflict"] == ["t1.2.1"]
    assert found["t1.2.0"] == "verified" and found["t1.0.1"] == "verified"


def test_usual_ratio_of_two_columns_tells_the_wrong_part() -> None:
    columns = [column(0, "target"), column(1, "prakiraan_maju")]
    rows = [("kegiatan", "5.03.02.2.01", ["280.000.000", "322.000.000"])]
    amounts = [("40.000.000", "46.000.000"), ("60.000.000", "69.000.000"), ("80.000.000", "307.078.994")]
    amounts += [("100.000.000", "115.000.000")]
    rows += [("sub_kegiatan", f"5.03.02.2.01.{i:04}", list(pair)) for i, pair in enumerate(amounts)]
    meant = table(columns, rows)
    (failing,) = [c for c in check_document([meant], []).checks if c.verdict == "fails"]
    assert failing.suggestion == "t1.3.1: 92000000"


def test_garbled_number_that_a_check_proves_is_repaired() -> None:
    columns = [column(0, "target", "kinerja", "5"), column(1, "realisasi", "kinerja", "6")]
    columns.append(column(2, "jumlah", "kinerja", "7=5+6"))
    meant = table(columns, [("other", "a", ["6I", "10", "71"]), ("other", "b", ["5", "6", "11"])], kind="other")
    check_document([meant], [])
    assert statuses(meant)["t1.0.0"] == "repaired"


def test_neighbours_that_changed_places() -> None:
    columns = [column(0, "target_renstra", "anggaran", "4"), column(1, "realisasi", "anggaran", "10")]
    columns.append(column(2, "tingkat_capaian", "anggaran", "11=10/4*100"))
    rows = [
        ("kegiatan", "5.03.02.2.01", ["115.000.000", "60.000.000", "52,17"]),
        ("sub_kegiatan", "5.03.02.2.01.0001", ["25.000.000", "35.000.000", "50,00"]),
        ("sub_kegiatan", "5.03.02.2.01.0002", ["70.000.000", "20.000.000", "80,00"]),
        ("sub_kegiatan", "5.03.02.2.01.0003", ["20.000.000", "5.000.000", "25,00"]),
    ]
    meant = table(columns, rows, kind="tc29")
    failing = [c for c in check_document([meant], []).checks if c.verdict == "fails"]
    assert {c.suggestion for c in failing} == {"t1.1.0: 70000000", "t1.2.0: 25000000"}
    found = statuses(meant)
    assert (found["t1.1.0"], found["t1.2.0"], found["t1.1.2"]) == ("conflict", "conflict", "unverified")
    assert meant.facts[3].value == 25_000_000  # the printed value stays


def test_two_errors_in_one_table_are_explained_one_by_one() -> None:
    columns = [column(0, "target"), column(1, "prakiraan_maju")]
    leaves = [("40.245.752", "44.270.327,2"), ("29.480.000", "32.428.000"), ("462.844.820", "1.672.388.027,2")]
    rows = [
        ("program", "5.03.02", ["2.052.923.324", "2.258.215.656,4"]),
        ("kegiatan", "5.03.02.2.01", ["1.590.078.504", "1.749.086.354,4"]),
        *(("sub_kegiatan", f"5.03.02.2.01.{i:04}", list(pair)) for i, pair in enumerate(leaves)),
        ("kegiatan", "5.03.02.2.02", ["1.520.352.752", "509.129.302"]),
        ("sub_kegiatan", "5.03.02.2.02.0001", ["262.844.820", "289.129.302"]),
        ("sub_kegiatan", "5.03.02.2.02.0002", ["200.000.000", "220.000.000"]),
    ]
    meant = table(columns, rows)
    failing = [c for c in check_document([meant], []).checks if c.verdict == "fails"]
    assert {proposal_of(c.suggestion) for c in failing} == {("t1.4.0", 1520352752), ("t1.5.0", 462844820)}


def test_a_piece_of_a_column_one_row_off_is_put_back() -> None:
    columns = [column(0, "anggaran"), column(1, "realisasi"), column(2, "tingkat_realisasi")]
    budgets, shares = [200, 310, 520, 420, 640], ["75,00", "40,00", "95,00", "25,00", "62,50"]
    spent = [150, 150, 124, 494, 105]  # from the second on the number of the row above; 400 is lost
    budgets, shares = budgets + [200] * 10, shares + ["55,50"] * 10
    spent += [111] * 10
    rows = [
        ("sub_kegiatan", f"5.03.02.2.01.{i:04}", [f"{budget}.000.000", f"{amount}.000.000", share])
        for i, (budget, amount, share) in enumerate(zip(budgets, spent, shares, strict=True))
    ]
    meant = table(columns, rows, kind="realisasi_apbd")
    failing = [c for c in check_document([meant], []).checks if c.verdict == "fails"]
    assert {proposal_of(c.suggestion) for c in failing} == {
        ("t1.1.1", Decimal(124_000_000)),
        ("t1.2.1", Decimal(494_000_000)),
        ("t1.3.1", Decimal(105_000_000)),
        None,  # what stood in the last row is lost
    }
    found = statuses(meant)
    assert [i for i, status in found.items() if status == "conflict"] == ["t1.1.1", "t1.2.1", "t1.3.1", "t1.4.1"]


def test_two_slips_of_which_one_stands_in_both_failing_sums() -> None:
    rows = [
        ("program", "6.01.01", ["11.015.098"]),
        ("kegiatan", "6.01.01.2.08", ["9.812.098"]),  # 9.821.098
        ("sub_kegiatan", "6.01.01.2.08.0002", ["1.535.000"]),
        ("sub_kegiatan", "6.01.01.2.08.0003", ["2.886.098"]),  # 8.286.098
        ("kegiatan", "6.01.01.2.15", ["1.194.000"]),
        ("sub_kegiatan", "6.01.01.2.15.0001", ["1.000.000"]),
        ("sub_kegiatan", "6.01.01.2.15.0002", ["194.000"]),
    ]
    meant = table([column(0, "target")], rows)
    failing = [c for c in check_document([meant], []).checks if c.verdict == "fails"]
    assert {proposal_of(c.suggestion) for c in failing} == {("t1.1.0", 9821098), ("t1.3.0", 8286098)}
    found = statuses(meant)
    assert [i for i, status in found.items() if status == "conflict"] == ["t1.1.0", "t1.3.0"]
    assert found["t1.2.0"] == "unverified"


def test_a_whole_and_its_part_that_changed_places() -> None:
    rows = [
        ("program", "5.03.02", ["3.930.000"]),
        ("kegiatan", "5.03.02.2.01", ["1.256.000"]),
        ("sub_kegiatan", "5.03.02.2.01.0001", ["2.593.000"]),
        ("sub_kegiatan", "5.03.02.2.01.0002", ["1.337.000"]),
        ("kegiatan", "5.03.02.2.02", ["1.337.000"]),
    ]
    meant = table([column(0, "target")], rows)
    failing = [c for c in check_document([meant], []).checks if c.verdict == "fails"]
    assert {proposal_of(c.suggestion) for c in failing} == {("t1.1.0", 2593000), ("t1.2.0", 1256000)}
