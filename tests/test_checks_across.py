from pipeline.checks import check_document
from pipeline.facts import Check, MeantTable
from tests.tables_by_hand import column, statuses, table

CODES = [f"5.03.02.2.01.{i:04}" for i in range(1, 7)]


def plan(table_id: str, role: str, amounts: list[str], kind: str = "tc33", quantity: str = "anggaran") -> MeantTable:
    rows = [("sub_kegiatan", code, [amount]) for code, amount in zip(CODES, amounts, strict=False)]
    return table([column(0, role, quantity)], rows, table_id, kind)


def crossed(*tables: MeantTable) -> list[Check]:
    return [c for c in check_document(list(tables), []).checks if c.kind == "cross_table"]


AMOUNTS = ["10.200.000", "20.300.000", "30.400.000", "40.500.000", "50.600.000", "60.700.000"]


def test_same_code_role_and_year_must_agree() -> None:
    first, second = plan("a", "target", AMOUNTS), plan("b", "target", [*AMOUNTS[:5], "66.700.000"])
    found = crossed(first, second)
    assert [c.verdict for c in found] == ["holds"] * 5 + ["fails"]
    assert statuses(first)["a.0.0"] == "verified"
    assert (statuses(first)["a.5.0"], statuses(second)["b.5.0"]) == ("conflict", "conflict")


def test_two_against_one() -> None:
    tables = [
        plan("a", "target", AMOUNTS),
        plan("b", "target", AMOUNTS),
        plan("c", "target", ["10.200.900", *AMOUNTS[1:]]),
    ]
    failing = [c for c in crossed(*tables) if c.verdict == "fails"]
    assert {c.suggestion for c in failing} == {"c.0.0: 10200000"}
    assert statuses(tables[0])["a.0.0"] == "verified"


def test_other_roles_are_compared_only_where_nearly_all_agree() -> None:
    draft, need = plan("a", "rancangan_awal", AMOUNTS, "tc31"), plan("b", "target", AMOUNTS)
    assert len(crossed(draft, need)) == 6
    changed = plan("b", "target", ["1.000.000", "2.000.000", "3.000.000", *AMOUNTS[3:]])
    assert crossed(draft, changed) == []


def test_other_years_and_other_roles_are_not_compared() -> None:
    later = table([column(0, "target", year=2025)], [("sub_kegiatan", c, ["1.000"]) for c in CODES], "b")
    assert crossed(plan("a", "target", AMOUNTS), later) == []
    assert crossed(plan("a", "target", AMOUNTS), plan("b", "realisasi", AMOUNTS)) == []


def named(table_id: str, indicator: str, value: str) -> MeantTable:
    return table([column(0, "realisasi", "kinerja", year=2022)], [("indikator", indicator, [value])], table_id, "tc30")


def test_indicators_are_known_by_their_telling_words() -> None:
    short, long = (
        named("a", "Indeks Profesionalitas ASN", "70,04"),
        named("b", "Indeks Profesionalitas Aparatur Sipil Negara", "54,67"),
    )
    assert [c.verdict for c in crossed(short, long)] == ["fails"]
    other = named("b", "Persentase ASN yang mengikuti pelatihan", "54,67")
    assert crossed(short, other) == []
    district = named("b", "Nilai SAKIP Kabupaten", "62,64")
    assert crossed(named("a", "Nilai SAKIP", "59,1"), district) == []


def test_columns_that_the_header_does_not_tell_apart_are_not_compared() -> None:
    twice = [column(0, "target", "kinerja"), column(1, "target", "kinerja")]
    rows = [("sub_kegiatan", c, [f"{i}1", f"{i}7"]) for i, c in enumerate(CODES, 1)]
    meant = table(twice, rows, "a")
    assert crossed(meant, plan("b", "target", ["12", "22", "32", "42", "52", "62"], quantity="kinerja")) == []


def test_rates_against_a_standard_are_not_those_against_the_target() -> None:
    columns = [
        column(0, "target", "kinerja"),
        column(1, "realisasi", "kinerja"),
        column(2, "tingkat_realisasi", "kinerja"),
    ]
    own = table(columns, [("indikator", "Rasio jalan mantap", ["82", "81", "98,78"])], "a", "capaian_kinerja")
    columns = [
        column(0, "realisasi", "kinerja"),
        column(1, "nilai", "kinerja"),
        column(2, "tingkat_realisasi", "kinerja"),
    ]
    national = table(columns, [("indikator", "Rasio jalan mantap", ["81", "95", "85,26"])], "b", "capaian_kinerja")
    assert [(c.verdict, c.claim) for c in crossed(own, national)] == [("holds", "realisasi kinerja 2024 in a and b")]
