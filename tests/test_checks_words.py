from extractors.tables import Line
from pipeline.checks import check_document
from pipeline.facts import Check, MeantTable
from tests.tables_by_hand import column, statuses, table


def plan() -> MeantTable:
    rows = [
        ("program", "5.03.02", ["3.875.550.000"]),
        ("kegiatan", "5.03.02.2.01", [None]),
        ("sub_kegiatan", "5.03.02.2.01.0001", [None]),
        ("sub_kegiatan", "5.03.02.2.01.0002", [None]),
        ("program", "5.04.02", ["1.100.200.300"]),
        ("kegiatan", "5.04.02.2.01", [None]),
        ("sub_kegiatan", "5.04.02.2.01.0001", [None]),
    ]
    return table([column(0, "target")], rows)


def said(text: str, meant: MeantTable) -> list[Check]:
    """The checks on a text that runs over two lines of one page."""
    words = text.split(" ")
    half = len(words) // 2
    lines = [Line(9, (0, 10, 100, 20), " ".join(words[:half])), Line(9, (0, 20, 100, 30), " ".join(words[half:]))]
    return [
        c for c in check_document([meant], lines).checks if c.kind in ("terbilang", "claimed_total", "claimed_count")
    ]


def found(checks: list[Check]) -> list[tuple[str, str]]:
    return sorted((c.kind, c.verdict) for c in checks)


def test_number_words_and_table_agree_and_verify_the_amount() -> None:
    meant = plan()
    spelt = "Tiga Miliar Delapan Ratus Tujuh Puluh Lima Juta Lima Ratus Lima Puluh Ribu Rupiah"
    assert found(said(f"pagu sebesar Rp. 3.875.550.000,00 ({spelt})", meant)) == [
        ("claimed_total", "holds"),
        ("terbilang", "holds"),
    ]
    assert statuses(meant)["t1.0.0"] == "verified"


def test_words_that_say_another_number_fail() -> None:
    checks = said("sebesar Rp. 3.875.550.000,00 (Tiga Miliar Delapan Ratus Tujuh Puluh Enam Juta Rupiah) saja", plan())
    (failing,) = [c for c in checks if c.kind == "terbilang"]
    assert (failing.verdict, failing.page, failing.expected, failing.found) == (
        "fails",
        9,
        3_876_000_000,
        3_875_550_000,
    )


def test_sum_of_the_programs() -> None:
    meant = plan()
    assert found(said("alokasi anggaran sebesar Rp. 4.975.750.300,- untuk dua program", meant)) == [
        ("claimed_total", "holds")
    ]
    assert statuses(meant)["t1.4.0"] == "verified"


def test_an_amount_of_the_prose_that_misses_the_table_by_a_slip() -> None:
    meant = plan()
    assert found(said("pagu program sebesar Rp. 1.100.203.200,- pada tahun ini", meant)) == []
    assert found(said("pagu program sebesar Rp. 1.100.020.300,- pada tahun ini", meant)) == [("claimed_total", "fails")]
    assert statuses(meant)["t1.4.0"] == "conflict"


def test_amounts_that_the_tables_do_not_hold_claim_nothing_of_them() -> None:
    assert said("Pagu awal belanja tahun 2022 sebesar Rp. 11.312.239.227,- lalu berubah", plan()) == []


def test_counts_of_programs_against_the_tables() -> None:
    text = "terdiri dari 2 (dua) Program, 2 (dua) Kegiatan, dan 3 (tiga) Sub. Kegiatan"
    checks = [c for c in said(text, plan()) if c.kind == "claimed_count"]
    assert [(c.found, c.verdict) for c in checks] == [(2, "holds"), (2, "holds"), (3, "holds")]
    text = "terdiri dari 2 program dan 4 (empat) sub kegiatan pada Tahun 2024 Program lain"
    checks = [c for c in said(text, plan()) if c.kind == "claimed_count"]
    assert [(c.expected, c.found, c.verdict) for c in checks] == [(2, 2, "holds"), (3, 4, "fails")]
    assert "conflict" not in {c.verdict for c in checks}


def test_one_printed_code_for_two_names_is_told_and_blames_no_number() -> None:
    meant = plan()
    for row_no, name in ((2, "Pengelolaan Mutasi"), (3, "Pengelolaan Promosi")):
        row = meant.rows[row_no]
        row.code_raw, row.code_how, row.name_raw = "5030220101", "printed", name
    checks = check_document([meant], []).checks
    assert [c.verdict for c in checks if c.kind == "code_name"] == ["fails"]
    assert set(statuses(meant).values()) == {"unverified"}
