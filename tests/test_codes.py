"""Spellings of codes, the lists, and the resolver on every coded row of the published samples."""

from __future__ import annotations

import csv
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normalizers import nomenclature as lists
from normalizers.codes import CodeResolver, parse_code, split_code

EXPECTED = Path(__file__).parent / "data" / "expected_codes.csv"
PERSONNEL = ["5.03", "5.04"]
needs_90 = pytest.mark.skipif(
    lists.load(lists.PERMENDAGRI_90, "kabkota") is None, reason="the folder attribution_noncommercial is not there"
)


@pytest.mark.parametrize(
    ("text", "code", "level", "repaired"),
    [
        pytest.param("5", "5", "urusan", False, id="urusan"),
        pytest.param("5.03", "5.03", "bidang_urusan", False, id="bidang"),
        pytest.param("5.03.02.2.01.02", "5.03.02.2.01.02", "sub_kegiatan", False, id="two-digits"),
        pytest.param("5.03.02.2.01.0002", "5.03.02.2.01.0002", "sub_kegiatan", False, id="four-digits"),
        pytest.param("X.XX.01.2.01.01", "X.XX.01.2.01.01", "sub_kegiatan", False, id="generic"),
        pytest.param("XX.XX.01.01.01", "X.XX.01.2.01.01", "sub_kegiatan", True, id="generic-2-dropped"),
        pytest.param("05.03.02.01.02", "5.03.02.2.01.02", "sub_kegiatan", True, id="2-dropped"),
        pytest.param("05.03.02.01", "5.03.02.2.01", "kegiatan", True, id="2-dropped-kegiatan"),
        pytest.param("05.03.02", "5.03.02", "program", False, id="leading-zero"),
        pytest.param("5 03 01 2.06 01", "5.03.01.2.06.01", "sub_kegiatan", False, id="blanks"),
        pytest.param("5 | 03".replace("|", ""), "5.03", "bidang_urusan", False, id="spread"),
        pytest.param("5 . 03 . 02 . 2.01", "5.03.02.2.01", "kegiatan", False, id="blanks-round-dots"),
        pytest.param("5.03.\n02.2.01.\n0002", "5.03.02.2.01.0002", "sub_kegiatan", False, id="line-breaks"),
        pytest.param("5.03.02.2.01.", "5.03.02.2.01", "kegiatan", False, id="trailing-dot"),
        pytest.param("5.03.02.2.1.2", "5.03.02.2.01.02", "sub_kegiatan", False, id="unpadded"),
        pytest.param("5.03.02.201.02", "5.03.02.2.01.02", "sub_kegiatan", False, id="inner-dot-lost"),
        pytest.param("5030220102", "5.03.02.2.01.02", "sub_kegiatan", False, id="no-dots"),
        pytest.param("503022010002", "5.03.02.2.01.0002", "sub_kegiatan", False, id="no-dots-four"),
        pytest.param("50302201", "5.03.02.2.01", "kegiatan", False, id="no-dots-kegiatan"),
        pytest.param("50301", "5.03.01", "program", False, id="no-dots-program"),
        pytest.param("5040202", "5.04.02.2.02", "kegiatan", True, id="lost-digit"),
        pytest.param("4.01.03.2.02", "4.01.03.2.02", "kegiatan", False, id="secretariat"),
        pytest.param("2.09.01.2.09.10", "2.09.01.2.09.10", "sub_kegiatan", False, id="kegiatan-numbered-as-the-bidang"),
    ],
)
def test_spelling(text: str, code: str, level: str, repaired: bool) -> None:
    parsed = parse_code(text)
    assert parsed is not None
    assert (parsed.code, parsed.level, parsed.repaired, parsed.era) == (code, level, repaired, "")


def test_a_province_drops_its_own_digit() -> None:
    parsed = parse_code("05.03.02.01.02", pemda="provinsi")
    assert parsed is not None and parsed.code == "5.03.02.1.01.02"


@pytest.mark.parametrize("text", ["5,03E+09", "5.03E+09", " 5,04E+9 "])
def test_a_spreadsheet_destroys_a_code(text: str) -> None:
    parsed = parse_code(text)
    assert parsed is not None and parsed.kind == "destroyed" and parsed.code is None


@pytest.mark.parametrize(
    ("text", "code", "level"),
    [
        pytest.param("1.20.1.20.05.01.002", "1.20.1.20.05.01.002", "kegiatan", id="plain"),
        pytest.param("1.06 . 1.06.01 . 01 . 01", "1.06.1.06.01.01.01", "kegiatan", id="blanks"),
        pytest.param("2.10.2.10.01.018.", "2.10.2.10.01.018", "program", id="program-three-digits"),
        pytest.param("2.10.01.2.10.01.001.010", "2.10.01.2.10.01.001.010", "kegiatan", id="unit-twice"),
    ],
)
def test_codes_of_13_2006_are_told_apart(text: str, code: str, level: str) -> None:
    parsed = parse_code(text)
    assert parsed is not None
    assert (parsed.code, parsed.level, parsed.era) == (code, level, lists.PERMENDAGRI_13)
    verdict = CodeResolver(lists.PERMENDAGRI_13).resolve(text, "Penyediaan jasa surat menyurat")
    assert (verdict.code, verdict.code_generic, verdict.how) == (code, None, "printed")


def test_codes_of_agencies() -> None:
    parsed = parse_code("5.03.5.04.0.00.01.0000")
    assert parsed is not None and parsed.kind == "agency" and parsed.bidang == ("5.03", "5.04")
    behind = parse_code("5.03.5.04.0.00.01.0000.5.03.02.2.01.0002.5.1.02.01.01.0024")
    assert behind is not None and (behind.code, behind.account) == ("5.03.02.2.01.0002", "5.1.02.01.01.0024")


@pytest.mark.parametrize(
    "text", ["2024", "100", "66.000.000", "12.5", "Jumlah", "-", "", "1.234.567.890,00", "12 Bulan"]
)
def test_no_code(text: str) -> None:
    assert parse_code(text) is None


@pytest.mark.parametrize(
    ("text", "code", "name"),
    [
        ("01 Penyediaan Jasa", "01", "Penyediaan Jasa"),
        ("5.03.02.2.01.02\nPenyusunan Rencana", "5.03.02.2.01.02", "Penyusunan Rencana"),
        ("Penyediaan Jasa", None, "Penyediaan Jasa"),
    ],
)
def test_code_run_into_the_name(text: str, code: str | None, name: str) -> None:
    assert split_code(text) == (code, name)


codes = st.tuples(
    st.integers(1, 8), st.integers(1, 32), st.integers(1, 12), st.integers(1, 2), st.integers(1, 20), st.integers(1, 99)
)


@given(codes, st.sampled_from([".", " ", " . ", ".\n", ""]), st.sampled_from([2, 4]))
def test_every_spelling_of_a_code_gives_the_code(parts: tuple[int, ...], between: str, digits: int) -> None:
    urusan, bidang, program, digit, kegiatan, sub = parts
    spelt = [str(urusan), f"{bidang:02d}", f"{program:02d}", str(digit), f"{kegiatan:02d}", str(sub).zfill(digits)]
    parsed = parse_code(between.join(spelt))
    assert parsed is not None and parsed.code == ".".join(spelt) and not parsed.repaired


@given(st.text(max_size=40))
def test_any_text_parses_or_not_without_error(text: str) -> None:
    parsed = parse_code(text)
    assert parsed is None or parsed.kind in ("nomenclature", "agency", "destroyed")


# --- lists ---


def test_generic_and_comparable() -> None:
    assert lists.generic_of("5.03.01.2.06.0001") == "X.XX.01.2.06.0001"
    assert lists.generic_of("5.03.02.2.01") == "5.03.02.2.01"
    assert lists.comparable_of("X.XX.01.2.06") == "X.XX.01.*.06"
    assert lists.comparable_of("X.XX.01.1.06") == lists.comparable_of("X.XX.01.2.06")


def test_two_digits_pad_only_where_the_code_still_exists() -> None:
    assert lists.carry("5.03.02.2.01.02", lists.KEPMENDAGRI_5889, "kabkota") == "5.03.02.2.01.0002"
    dropped = "1.01.02.2.01.12"
    assert lists.load(lists.KEPMENDAGRI_5889, "kabkota").get(dropped) is not None  # type: ignore[union-attr]
    assert lists.carry(dropped, lists.KEPMENDAGRI_5889, "kabkota") is None
    verdict = CodeResolver(lists.KEPMENDAGRI_5889, ["1.01"]).resolve(dropped, None)
    assert (verdict.code, verdict.code_generic) == (dropped, None)


def test_a_code_keeps_its_name_through_the_four_digit_era() -> None:
    first = lists.load(lists.KEPMENDAGRI_1317, "kabkota")
    last = lists.load(lists.SIPD_2027, "kabkota")
    assert first is not None and last is not None
    both = [(e, last.entries[c]) for c, e in first.entries.items() if c in last.entries and e.level == "sub_kegiatan"]
    assert len(both) > 2800
    assert all(lists.same_name(a.name, b.name) for a, b in both)


def test_the_crosswalk_says_the_same_as_the_lists() -> None:
    with open(lists.REFERENCE / "crosswalk_subkegiatan.csv", encoding="utf-8", newline="") as handle:
        rows = [r for r in csv.DictReader(handle) if r["pemda"] == "kabkota" and r["in_5889"] == "1"]
    assert len(rows) > 2000
    for row in rows:
        later = "1" in (row["in_1317"], row["in_3406_inferred"], row["in_2027"])
        carried = lists.carry(row["code_2digit"], lists.KEPMENDAGRI_5889, "kabkota")
        assert carried == (row["code_4digit"] if later else None)


@needs_90
def test_90_2019_is_carried_by_name_only() -> None:
    assert lists.carry("X.XX.01.2.01.01", lists.PERMENDAGRI_90, "kabkota") is None
    verdict = CodeResolver(lists.PERMENDAGRI_90, PERSONNEL).resolve(
        "5.03.01.2.01.01", "Penyusunan Renstra dan Renja Perangkat Daerah"
    )
    assert (verdict.code, verdict.code_generic, verdict.finding) == ("5.03.01.2.01.01", None, None)


def test_90_2019_without_its_list_keeps_the_printed_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUMBUNG_WITHOUT_NONCOMMERCIAL", "1")
    lists.load.cache_clear(), lists.working.cache_clear()
    try:
        resolver = CodeResolver(lists.PERMENDAGRI_90, PERSONNEL)
        verdict = resolver.resolve("5.03.01.2.01.01", "Penyusunan Renstra dan Renja Perangkat Daerah")
    finally:
        lists.load.cache_clear(), lists.working.cache_clear()
    assert (verdict.code, verdict.code_generic, verdict.how) == ("5.03.01.2.01.01", None, "printed")


def _sightings(rows: list[tuple[str, str]]) -> list[lists.Sighting]:
    parsed = [(parse_code(code), name) for code, name in rows]
    return [lists.Sighting(p.code, n, p.sub_digits, p.era) for p, n in parsed if p is not None and p.code]


@pytest.mark.parametrize(
    ("rows", "year", "label"),
    [
        pytest.param([("5.03.02.2.02.0001", "Pengelolaan Mutasi ASN")], 2024, lists.KEPMENDAGRI_1317, id="four"),
        pytest.param([("5.03.02.2.02.01", "Pengelolaan Mutasi ASN")], 2023, lists.KEPMENDAGRI_5889, id="two"),
        pytest.param([("5.03.02.2.02.01", "Pengelolaan Mutasi ASN")], 2021, lists.KEPMENDAGRI_3708, id="two-2021"),
        pytest.param([("2.10.2.10.01.018.006", "Konferensi Pers")], 2019, lists.PERMENDAGRI_13, id="old"),
        pytest.param([("1.03.15.07", "Pembangunan Jalan")], 2018, lists.PERMENDAGRI_13, id="old-short"),
        pytest.param([], 2025, lists.KEPMENDAGRI_3406, id="year-only"),
    ],
)
def test_which_list_a_document_follows(rows: list[tuple[str, str]], year: int, label: str) -> None:
    assert lists.infer(_sightings(rows), year, "kabkota") == label


@needs_90
def test_names_tell_90_2019_from_its_successors() -> None:
    held = lists.load(lists.PERMENDAGRI_90, "kabkota")
    assert held is not None
    rows = [(c.replace("X.XX", "5.03"), e.name) for c, e in held.entries.items() if c.startswith("X.XX.01.2.0")]
    assert lists.infer(_sightings(rows), 2021, "kabkota") == lists.PERMENDAGRI_90


# --- the resolver ---


def test_destroyed_code_is_found_by_name() -> None:
    verdict = CodeResolver(lists.KEPMENDAGRI_5889, PERSONNEL).resolve("5,03E+09", "Pengadaan Mebel", "5.03.01.2.07")
    assert (verdict.code, verdict.code_generic, verdict.how) == ("5.03.01.2.07.0005", "X.XX.01.2.07.0005", "matched")


def test_destroyed_code_with_an_unknown_name_is_told() -> None:
    verdict = CodeResolver(lists.KEPMENDAGRI_5889, PERSONNEL).resolve("5,03E+09", "Pembelian Kuda", "5.03.01.2.07")
    assert verdict.code is None and verdict.how == "none" and verdict.finding is not None


def test_code_under_the_wrong_parent_follows_its_name() -> None:
    resolver = CodeResolver(lists.KEPMENDAGRI_5889, PERSONNEL)
    verdict = resolver.resolve("5030120410", "Sosialisasi Peraturan Perundang-Undangan", "5.03.01.2.05")
    assert (verdict.code, verdict.how) == ("5.03.01.2.05.0010", "repaired") and verdict.finding
    line = resolver.resolve("5030120410", "Sosialisasi Peraturan Perundang-Undangan", "5.03.01.2.05", "belanja")
    assert (line.code, line.finding) == ("5.03.01.2.05.0010", None)


def test_one_code_for_two_names_is_told() -> None:
    resolver = CodeResolver(lists.KEPMENDAGRI_5889, PERSONNEL)
    first = resolver.resolve("5030220302", "Peningkatan Kapasitas Kinerja ASN", "5.03.02.2.03")
    second = resolver.resolve("5030220302", "Pengelolaan Assesment Center", "5.03.02.2.03")
    assert (first.code, first.how) == ("5.03.02.2.03.0001", "repaired")
    assert (second.code, second.how) == ("5.03.02.2.03.0002", "printed")
    assert second.finding is not None and "already printed" in second.finding


def test_a_name_printed_twice_keeps_the_second_code() -> None:
    resolver = CodeResolver(lists.KEPMENDAGRI_5889, PERSONNEL)
    resolver.resolve("5.03.02.2.02.02", "Pengelolaan Kenaikan Pangkat ASN", "5.03.02.2.02")
    verdict = resolver.resolve("5.03.02.2.02.03", "Pengelolaan Kenaikan Pangkat ASN", "5.03.02.2.02")
    assert (verdict.code, verdict.how) == ("5.03.02.2.02.0003", "printed") and verdict.finding


def test_sibling_names_are_never_confused() -> None:
    resolver = CodeResolver(lists.KEPMENDAGRI_1317, PERSONNEL)
    buy = resolver.resolve(None, "Pengadaan Peralatan dan Mesin Lainnya", None, "sub_kegiatan")
    keep = resolver.resolve(None, "Pemeliharaan Peralatan dan Mesin Lainnya", None, "sub_kegiatan")
    assert (buy.code, keep.code) == ("5.03.01.2.07.0006", "5.03.01.2.09.0006")
    assert resolver.resolve(None, "Penghapusan Peralatan dan Mesin Lainnya", None, "sub_kegiatan").code is None


def test_a_name_that_is_exactly_a_siblings_is_told() -> None:
    verdict = CodeResolver(lists.KEPMENDAGRI_1317, PERSONNEL).resolve(
        "5.03.01.2.01.0005", "Koordinasi dan Penyusunan DPA SKPD", "5.03.01.2.01"
    )
    assert (verdict.code, verdict.how) == ("5.03.01.2.01.0004", "repaired") and verdict.finding


def test_only_the_last_parts_are_repeated_below_a_parent() -> None:
    verdict = CodeResolver(lists.KEPMENDAGRI_5889, PERSONNEL).resolve(
        "02", "Pengelolaan Kenaikan Pangkat ASN", "5.03.02.2.02"
    )
    assert verdict.code == "5.03.02.2.02.0002"


def test_a_running_number_is_no_code() -> None:
    resolver = CodeResolver(lists.KEPMENDAGRI_1317, PERSONNEL)
    assert resolver.resolve("1", "Meningkatnya kualitas pelayanan", None, "sasaran").code is None
    assert resolver.resolve("2", "Persentase ASN yang lulus diklat", None, "indikator").code is None


def test_generic_program_stays_generic_without_an_agency() -> None:
    assert CodeResolver(None).resolve("X.XX.01", None).code == "X.XX.01"
    assert CodeResolver(None, ["1.02"]).resolve("X.XX.01", None).code == "1.02.01"


def test_special_autonomy_is_found_by_name_only_where_it_is() -> None:
    name = "Rehabilitasi Sedang/Berat Ruang Laboratorium Fisika"
    plain = CodeResolver(lists.KEPMENDAGRI_1317, ["1.01"], region_code="17.01").resolve(
        None, name, None, "sub_kegiatan"
    )
    papua = CodeResolver(lists.KEPMENDAGRI_1317, ["1.01"], region_code="91.03").resolve(
        None, name, None, "sub_kegiatan"
    )
    assert plain.code is None or plain.code.split(".")[3] == "2"
    assert papua.code is None or papua.code != plain.code


def _expected_documents() -> list[tuple[str, list[dict[str, str]]]]:
    with open(EXPECTED, encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    return [(document, list(group)) for document, group in groupby(rows, key=lambda r: r["document"])]


def _resolve_table(resolver: CodeResolver, rows: list[dict[str, str]]) -> list[tuple[str, str, str, str]]:
    """Walks the rows of one table in order; (row, code, generic, how) of those that differ from what is expected."""
    resolver.start_table()
    above: dict[int, str] = {}
    parent: str | None = None
    wrong: list[tuple[str, str, str, str]] = []
    for row in rows:
        level = row["level"]
        if level in lists.LEVELS:
            depth = lists.LEVELS.index(level)
            above = {d: c for d, c in above.items() if d < depth}
            parent = above[max(above)] if above else None
        if level == "indikator" and not row["code_raw"]:
            verdict = resolver.resolve_indicator(row["name_raw"])
        else:
            verdict = resolver.resolve(row["code_raw"] or None, row["name_raw"], parent, level)
        if level in lists.LEVELS and verdict.code:
            above[lists.LEVELS.index(level)] = verdict.code
        found = (verdict.code or "", verdict.code_generic or "", verdict.how)
        if found != (row["code"], row["code_generic"], row["code_how"]):
            wrong.append((f"{row['table_id']}:{row['row_no']}", *found))
    return wrong


@pytest.mark.parametrize(("document", "rows"), _expected_documents(), ids=lambda v: v if isinstance(v, str) else "")
def test_codes_of_the_samples(document: str, rows: list[dict[str, str]]) -> None:
    pemda = "provinsi" if "provinsi" in document else "kabkota"
    printed = [(r["code_raw"], r["name_raw"]) for r in rows if r["code_raw"]]
    label = lists.infer(_sightings(printed), 2024, pemda)
    resolver = CodeResolver(label, ["5.03"] if pemda == "provinsi" else PERSONNEL, pemda)
    wrong = [
        w for _, table in groupby(rows, key=lambda r: r["table_id"]) for w in _resolve_table(resolver, list(table))
    ]
    # 000-t02 row 19 prints the indicator of another sub kegiatan; only its amounts tell.
    assert [w for w in wrong if w[0] != "000-t02:19"] == []


def test_a_plan_of_many_years_follows_the_codes_it_prints() -> None:
    printed = [("7.01.01", "Lain"), ("7.01.01.2.01", "a"), ("7.01.01.2.01.01", "b"), ("7.01.01.2.02", "c")]
    seen = [lists.Sighting(code, name, 2 if code.count(".") == 5 else 0, "", True) for code, name in printed]
    assert lists.infer(seen, 2017, "kabkota") != lists.PERMENDAGRI_13
    assert lists.infer([replace(s, whole=False) for s in seen], 2017, "kabkota") == lists.PERMENDAGRI_13
