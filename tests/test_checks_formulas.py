import pytest

from pipeline.checks import check_document
from pipeline.facts import Check, MeantTable
from tests.tables_by_hand import column, statuses, table


def evaluation(rows: list[list[str | None]], numbers: tuple[str, ...]) -> MeantTable:
    roles = ["target_renstra", "target", "realisasi", "tingkat_realisasi"]
    columns = [column(i, r, "kinerja", n) for i, (r, n) in enumerate(zip(roles, numbers, strict=True))]
    return table(
        columns, [("sub_kegiatan", f"5.03.02.2.01.{i:04}", cells) for i, cells in enumerate(rows)], kind="tc29"
    )


def checks(meant: MeantTable, kind: str) -> list[Check]:
    return [c for c in check_document([meant], []).checks if c.kind == kind]


PLAIN = ("5", "6", "7", "8=(7/6)")
GOOD: list[list[str | None]] = [["10", "8", "6", "75%"], ["20", "12", "12", "100%"], ["5", "4", "3", "75%"]]


@pytest.mark.parametrize("formula", ["8=(7/6)", "8 = 7/6*100", "8=7/6x100%", "(8)=(7:6)x100"])
def test_numbering_row_is_a_program(formula: str) -> None:
    meant = evaluation(GOOD, ("5", "6", "7", formula))
    assert [c.verdict for c in checks(meant, "row_formula")] == ["holds"] * 3
    assert statuses(meant)["t1.0.3"] == "verified"


def test_lone_wrong_quotient_suspects_its_result() -> None:
    meant = evaluation([*GOOD, ["10", "6", "6", "0%"]], PLAIN)
    (failing,) = [c for c in checks(meant, "row_formula") if c.verdict == "fails"]
    assert failing.suggestion == "t1.3.3: 100"
    found = statuses(meant)
    assert (found["t1.3.3"], found["t1.3.2"]) == ("conflict", "unverified")


def test_formula_that_fails_on_most_rows_is_a_wrong_claim() -> None:
    numbers = ("5", "6", "7", "8=(5+6+7)")
    meant = evaluation(
        [["2", "2", "2", "2"], ["5", "5", "5", "5"], ["7", "7", "7", "7"], ["0", "0", "2", "2"]], numbers
    )
    findings = check_document([meant], [])
    failing = [c for c in findings.checks if c.kind == "row_formula" and c.verdict == "fails"]
    assert len(failing) == 3 and all(c.suggestion is None for c in failing)
    assert len([c for c in findings.checks if c.kind == "header_claim"]) == 1
    assert set(statuses(meant).values()) == {"unverified"}  # nor does the row that happens to hold prove anything


def test_empty_cell_counts_as_nothing_in_a_sum() -> None:
    numbers = ("5", "6", "7", "8=(5+6+7)")
    meant = evaluation([[None, "15", "15", "30"], ["1", "2", "3", "6"], [None, "2", "3", "9"]], numbers)
    assert [c.verdict for c in checks(meant, "row_formula")] == ["holds", "holds"]


def test_number_over_a_pair_binds_each_in_its_own_quantity() -> None:
    columns = []
    for i, (number, role) in enumerate([("6", "target"), ("7", "realisasi"), ("8 = 6-7", "selisih")]):
        columns.append(column(2 * i, role, "kinerja", number, f"H{i} > K"))
        columns.append(column(2 * i + 1, role, "anggaran", None, f"H{i} > Rp."))
    rows = [
        ("sub_kegiatan", f"5.03.02.2.01.{i:04}", ["12", "900.000", "7", "500.000", "5", "400.000"]) for i in range(2)
    ]
    found = checks(table(columns, rows, kind="tc29"), "row_formula")
    assert sorted(c.fact_ids[0] for c in found if c.verdict == "holds") == ["t1.0.4", "t1.0.5", "t1.1.4", "t1.1.5"]


def progress(rows: list[list[str]]) -> MeantTable:
    columns = [column(0, "anggaran"), column(1, "realisasi"), column(2, "tingkat_realisasi")]
    return table(columns, [("other", f"row {i}", cells) for i, cells in enumerate(rows)], kind="anggaran_realisasi")


def test_percent_is_found_from_the_roles_and_pins_itself_not_the_millions() -> None:
    meant = progress([["350.000", "342.011", "97,72"], ["800", "400", "50,00"], ["13.201.715", "13.133.420", "99,48"]])
    found = checks(meant, "percent_of")
    assert [c.verdict for c in found] == ["holds"] * 3
    assert "t1.2.2" in found[2].pins and "t1.2.1" not in found[2].pins
    assert "t1.1.1" in found[1].pins  # every slip of 400 shows in 50,00


def test_no_percent_is_claimed_where_most_rows_deny_it() -> None:
    meant = progress([["350.000", "342.011", "12,00"], ["800", "400", "50,00"], ["13.201.715", "13.133.420", "7,00"]])
    assert checks(meant, "percent_of") == []
    assert set(statuses(meant).values()) == {"unverified"}


def test_percent_capped_at_100_is_a_note() -> None:
    columns = [
        column(0, "target", "kinerja"),
        column(1, "realisasi", "kinerja"),
        column(2, "tingkat_realisasi", "kinerja"),
    ]
    meant = table(columns, [("indikator", "Indeks", ["63", "64,23", "100"])], kind="capaian_kinerja")
    findings = check_document([meant], [])
    assert findings.checks == []
    assert [p.kind for p in findings.problems] == ["capped_percent"]


def test_jumlah_column_is_the_sum_of_its_family() -> None:
    labels = ["JENIS KELAMIN > Laki-Laki", "JENIS KELAMIN > Perempuan", "JENIS KELAMIN > Jumlah"]
    columns = [column(i, "jumlah", "jumlah", None, label) for i, label in enumerate(labels)]
    meant = table(
        columns, [("other", "a", ["397", "230", "627"]), ("other", "b", ["264", "882", "1146"])], kind="kepegawaian"
    )
    assert [c.verdict for c in checks(meant, "row_formula")] == ["holds", "holds"]


def test_change_column_and_volume_times_price() -> None:
    columns = [column(0, "anggaran"), column(1, "realisasi"), column(2, "selisih")]
    rows = [("other", f"r{i}", [f"{i}00.000", "50.000", f"{i}50.000"]) for i in range(2, 6)]
    rows = [
        ("other", name, [a, b, f"{int(a.replace('.', '')) - 50000:,}".replace(",", ".")])
        for name, (a, b, _) in [(r[1], r[2]) for r in rows]
    ]
    assert [c.verdict for c in checks(table(columns, rows, kind="lra"), "row_formula")] == ["holds"] * 4
    columns = [column(0, "volume", "jumlah"), column(1, "harga_satuan"), column(2, "anggaran")]
    rows = [("other", "kertas", ["12", "50.000", "600.000"]), ("other", "tinta", ["3", "110.000", "330.000"])]
    assert [c.verdict for c in checks(table(columns, rows, kind="dpa"), "row_formula")] == ["holds"] * 2


def test_few_rows_do_not_make_any_quotient_believed() -> None:
    columns = [column(0, "target", "kinerja"), column(1, "realisasi", "kinerja", year=2023)]
    columns += [column(2, "realisasi", "kinerja"), column(3, "tingkat_realisasi", "kinerja")]
    meant = table(columns, [("indikator", "Aplikasi", ["2", "2", "0", "100"])], kind="capaian_kinerja")
    assert [c for c in checks(meant, "percent_of") if c.verdict == "holds"] == []
    assert set(statuses(meant).values()) == {"unverified"}


def test_one_percentage_of_100_in_a_long_column_is_no_habit() -> None:
    rows = [*GOOD, *GOOD, ["10", "8", "88", "100%"]]
    meant = evaluation(rows, PLAIN)
    assert [c.verdict for c in checks(meant, "row_formula")].count("fails") == 1
    meant = evaluation([*rows, ["20", "8", "9", "100%"], ["20", "8", "10", "100%"]], PLAIN)
    assert [c.verdict for c in checks(meant, "row_formula")].count("fails") == 1  # 1100 % is beyond any cap


def test_percentages_that_were_added_up_are_told() -> None:
    columns = [column(i, r, "anggaran", n) for i, (r, n) in enumerate([("target_renstra", "4"), ("realisasi", "10")])]
    columns.append(column(2, "tingkat_capaian", "anggaran", "11=10/4*100"))
    rows = [
        ("kegiatan", "5.03.02.2.01", ["300", "150", "125,00"]),
        ("sub_kegiatan", "5.03.02.2.01.0001", ["200", "50", "25,00"]),
        ("sub_kegiatan", "5.03.02.2.01.0002", ["100", "100", "100,00"]),
    ]
    (failing,) = [c for c in checks(table(columns, rows, kind="tc29"), "row_formula") if c.verdict == "fails"]
    assert "added up" in failing.explanation and failing.suggestion == "t1.0.2: 50"
