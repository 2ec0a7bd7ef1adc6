"""Regions and agencies by their printed names."""

from __future__ import annotations

import csv

import pytest

from normalizers import nomenclature as lists
from normalizers import regions
from normalizers.agencies import agency, names_in


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param("KAB. BOGOR", "32.01", id="kab"),
        pytest.param("Kota Bogor", "32.71", id="kota"),
        pytest.param("PEMERINTAH KABUPATEN TANJUNG JABUNG\nBARAT", "15.06", id="line-break"),
        pytest.param("Kabupaten Tanjung Jabung Timur", "15.07", id="sibling"),
        pytest.param("PEMERINTAH KABUPATEN TANJUNG JABUNC BARAT", "15.06", id="misread"),
        pytest.param("PROV. BENGKULU", "17", id="prov"),
        pytest.param("KOTA BENGKULU", "17.71", id="kota-of-a-province's-name"),
        pytest.param("Bupati Pasuruan", "35.14", id="bupati"),
        pytest.param("WALI KOTA PASURUAN", "35.75", id="wali-kota"),
        pytest.param("GUBERNUR PAPUA BARAT DAYA", "96", id="longest-name"),
        pytest.param("Provinsi D.I. Yogyakarta", "34", id="alias"),
        pytest.param("Pemerintah Aceh", "11", id="aceh"),
        pytest.param("Kab. Kep. Siau Tagulandang Biaro", "71.09", id="kep"),
        pytest.param("Kabupaten Kepulauan Siau Tagulandang Biaro", "71.09", id="kepulauan"),
    ],
)
def test_named_with_its_kind(text: str, code: str) -> None:
    found = regions.mentions(text)
    assert found and found[0].region.code == code


@pytest.mark.parametrize(
    "text", ["Kabupaten/Kota", "DPRD Kabupaten/Kota Bima", "Bogor", "di kota bogor", "Kabupaten Antah Berantah"]
)
def test_no_region(text: str) -> None:
    assert not regions.mentions(text)


def test_every_region_is_found_by_its_official_name() -> None:
    for region in regions.all_regions():
        assert [m.region for m in regions.mentions(region.name.upper())][:1] == [region], region


def test_a_province_beside_its_kabupaten_says_where_it_lies() -> None:
    found = [(m.region, 1.0) for m in regions.mentions("PROVINSI JAWA TIMUR PERATURAN BUPATI PASURUAN")]
    chosen = regions.choose(found)
    assert chosen is not None and chosen.name == "Kabupaten Pasuruan"


def test_bare_names_must_be_unique() -> None:
    assert regions.bare_mentions("Bogor") == []
    assert [m.region.name for m in regions.bare_mentions("Dinas Kebersihan Cianjur")] == ["Kabupaten Cianjur"]


@pytest.mark.parametrize(
    ("text", "name", "key", "bidang"),
    [
        pytest.param(
            "BKPSDM",
            "Badan Kepegawaian dan Pengembangan Sumber Daya Manusia",
            "kepegawaian",
            ("5.03", "5.04"),
            id="abbreviation",
        ),
        pytest.param(
            "BADAN KEPEGAWAIAN DAN\nPENGEMBANGAN SDM",
            "Badan Kepegawaian dan Pengembangan Sumber Daya Manusia",
            "kepegawaian",
            ("5.03", "5.04"),
            id="sdm",
        ),
        pytest.param("BKD", "Badan Kepegawaian Daerah", "kepegawaian", ("5.03",), id="bkd"),
        pytest.param(
            "DINAS PEMUDA DAN OLAHRAGA", "Dinas Pemuda dan Olahraga", "pemuda-olahraga", ("2.19",), id="dinas"
        ),
        pytest.param("Kec. Rumbai", "Kecamatan Rumbai", "kecamatan-rumbai", ("7.01",), id="kecamatan"),
        pytest.param("SATPOL PP", "Satuan Polisi Pamong Praja", "satpol-pp", ("1.05",), id="satpol"),
        pytest.param("RSUD M. Yunus", "Rumah Sakit Umum Daerah M. Yunus", "rumah-sakit-m-yunus", ("1.02",), id="rsud"),
        pytest.param("Inspektorat", "Inspektorat", "inspektorat", ("6.01",), id="inspektorat"),
        pytest.param(
            "Sekretariat DPRD", "Sekretariat Dewan Perwakilan Rakyat Daerah", "sekretariat-dprd", ("4.02",), id="setwan"
        ),
        pytest.param(
            "DINAS PERINDUSTRIAN DAN PERDAGANGAN",
            "Dinas Perindustrian dan Perdagangan",
            "perindustrian",
            ("3.31", "3.30"),
            id="two-bidang",
        ),
    ],
)
def test_agency(text: str, name: str, key: str, bidang: tuple[str, ...]) -> None:
    found = agency(text)
    assert found is not None and (found.name, found.key, found.bidang) == (name, key, bidang)


@pytest.mark.parametrize("text", ["Badan Pusat Statistik", "Badan Pemeriksa Keuangan", "Pemerintah Daerah", "Program"])
def test_no_agency_of_a_region(text: str) -> None:
    assert agency(text) is None


def test_names_end_where_the_region_begins() -> None:
    text = "RENCANA KERJA BADAN KEPEGAWAIAN DAN PENGEMBANGAN SUMBER DAYA MANUSIA KABUPATEN PASURUAN TAHUN 2024"
    assert [name for _, name in names_in(text)] == ["BADAN KEPEGAWAIAN DAN PENGEMBANGAN SUMBER DAYA MANUSIA"]
    assert list(names_in("apa yang hendak dikerjakan badan selama satu tahun")) == []


def test_bidang_of_the_model_agencies() -> None:
    path = lists.REFERENCE / lists.NONCOMMERCIAL / "perangkat_daerah.csv"
    if not path.is_file():
        pytest.skip("the folder attribution_noncommercial is not there")
    with open(path, encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    agree = 0
    for row in rows:
        found = agency(row["name"])
        wanted = {row[c] for c in ("bidang_urusan", "bidang_urusan_2", "bidang_urusan_3") if row[c]}
        agree += found is not None and set(found.bidang) == wanted
    # The rest are slips of the list (Kehutanan as 3.29, Penghubung as 5.06) and bodies of Aceh, Papua and Jakarta.
    assert agree >= 0.95 * len(rows)
