"""Made-up agencies with budgets that add up: names and codes from the nomenclature lists, amounts from a seed."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path

REFERENCE = Path(__file__).resolve().parents[2] / "normalizers" / "reference"
LISTS = {
    "90": "attribution_noncommercial/nomenclature_permendagri-90-2019_{}.csv",
    "3708": "attribution_noncommercial/nomenclature_kepmendagri-050-3708-2020_{}.csv",
    "5889": "nomenclature_kepmendagri-050-5889-2021_{}.csv",
    "1317": "nomenclature_kepmendagri-900.1.15.5-1317-2023_{}.csv",
    "2027": "nomenclature_sipd-pemutakhiran-2027_{}.csv",
}
AGENCIES = {  # bidang urusan -> names that agencies of many regions bear
    "1.01": ("Dinas Pendidikan", "Dinas Pendidikan dan Kebudayaan"),
    "1.02": ("Dinas Kesehatan",),
    "1.03": ("Dinas Pekerjaan Umum dan Penataan Ruang",),
    "1.04": ("Dinas Perumahan Rakyat dan Kawasan Permukiman",),
    "1.05": ("Satuan Polisi Pamong Praja", "Badan Penanggulangan Bencana Daerah"),
    "1.06": ("Dinas Sosial",),
    "2.07": ("Dinas Tenaga Kerja",),
    "2.09": ("Dinas Ketahanan Pangan",),
    "2.11": ("Dinas Lingkungan Hidup",),
    "2.12": ("Dinas Kependudukan dan Pencatatan Sipil",),
    "2.15": ("Dinas Perhubungan",),
    "2.16": ("Dinas Komunikasi dan Informatika",),
    "2.18": ("Dinas Penanaman Modal dan Pelayanan Terpadu Satu Pintu",),
    "3.26": ("Dinas Pariwisata",),
    "3.27": ("Dinas Pertanian", "Dinas Tanaman Pangan, Hortikultura dan Perkebunan"),
    "4.02": ("Sekretariat Dewan Perwakilan Rakyat Daerah",),
    "5.01": ("Badan Perencanaan Pembangunan Daerah",),
    "5.02": ("Badan Keuangan dan Aset Daerah", "Badan Pendapatan Daerah"),
    "5.03": ("Badan Kepegawaian dan Pengembangan Sumber Daya Manusia",),
    "6.01": ("Inspektorat",),
    "7.01": ("Kecamatan {place}",),
    "8.01": ("Badan Kesatuan Bangsa dan Politik",),
}
PLACES = ("Sukamaju", "Tanjung Raya", "Karang Anyar", "Muara Batu", "Lubuk Sari", "Bukit Indah")
OUTCOMES = (
    ("Persentase {} yang terlayani sesuai standar", "Persen"),
    ("Persentase capaian {}", "Persen"),
    ("Indeks kepuasan masyarakat atas {}", "Indeks"),
    ("Cakupan {}", "Persen"),
    ("Jumlah dokumen {} yang disusun", "Dokumen"),
    ("Nilai SAKIP Perangkat Daerah", "Nilai"),
)


@dataclass
class Measure:
    """An indicator with what was planned and done, by year."""

    text: str
    unit: str
    target: dict[int, Decimal] = field(default_factory=dict)
    done: dict[int, Decimal] = field(default_factory=dict)


@dataclass
class Node:
    """An urusan, program, kegiatan ... with money by year (whole rupiah) and what it measures."""

    level: str
    code: str
    name: str
    children: list[Node] = field(default_factory=list)
    measures: list[Measure] = field(default_factory=list)
    money: dict[int, int] = field(default_factory=dict)
    changed: dict[int, int] = field(default_factory=dict)  # after the change of the budget
    spent: dict[int, int] = field(default_factory=dict)

    def walk(self) -> Iterator[Node]:
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass
class World:
    """One agency of one region: what a document is about."""

    rng: random.Random
    era: str
    year: int
    region: str
    region_code: str
    agency: str
    bidang: str
    root: Node
    plan: tuple[int, int]

    @property
    def province(self) -> bool:
        return "." not in self.region_code

    def nodes(self) -> list[Node]:
        """Urusan down to sub kegiatan, in printed order."""
        return list(self.root.walk())[1:]

    def programs(self) -> list[Node]:
        return [n for n in self.nodes() if n.level == "program"]


@cache
def entries(era: str, pemda: str) -> dict[str, dict[str, str]]:
    """Code -> record of a nomenclature list; empty where the list is not there."""
    path = REFERENCE / LISTS[era].format(pemda)
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as stream:
        return {r["code"]: r for r in csv.DictReader(stream)}


@cache
def regions() -> list[dict[str, str]]:
    with (REFERENCE / "regions.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _title(name: str) -> str:
    small = ("dan", "di", "ke", "dari", "untuk", "yang", "atas", "dengan", "pada")
    return " ".join(w if w.lower() in small else w.capitalize() for w in name.split())


def _children(code: str, era: str, pemda: str) -> list[str]:
    """Codes directly below; a kegiatan's code has two parts (`2.01`)."""
    depth = {1: 2, 2: 3, 3: 5, 5: 6}.get(len(code.split(".")), 0)
    digit = "1" if pemda == "provinsi" else "2"
    found = []
    for other in entries(era, pemda):
        parts = other.split(".")
        if len(parts) == depth and other.startswith(code + ".") and (depth < 5 or parts[3] == digit):
            found.append(other)
    return found


def build(seed: int, year: int | None = None, era: str | None = None, size: int = 3) -> World:
    """A world from a seed. `size` is how many programs, kegiatan a program and sub kegiatan a kegiatan, about."""
    rng = random.Random(seed)
    region = rng.choice([r for r in regions() if (r["kind"] == "provinsi") == (rng.random() < 0.15)])
    pemda = "provinsi" if "." not in region["code"] else "kabkota"
    if era is None:
        era = rng.choice(["3708", "5889", "5889", "1317", "1317", "2027"] if pemda == "kabkota" else ["3708", "2027"])
    if not entries(era, pemda):
        era = "2027" if pemda == "provinsi" else "1317"
    year = year or rng.choice(
        {"90": [2021], "3708": [2021, 2022], "5889": [2022, 2023], "1317": [2024, 2025]}.get(era, [2026])
    )
    bidang = rng.choice([b for b in AGENCIES if any(c.startswith(b + ".02.") for c in entries(era, pemda))])
    agency = rng.choice(AGENCIES[bidang]).format(place=rng.choice(PLACES))
    root = Node("root", "", "")
    start = year - rng.choice([1, 2, 3])
    world = World(rng, era, year, _region_name(region), region["code"], agency, bidang, root, (start, start + 5))
    urusan = entries(era, pemda).get(bidang.split(".")[0], {"name": "URUSAN PEMERINTAHAN"})["name"]
    top = Node("urusan", bidang.split(".")[0], urusan.upper())
    middle = Node("bidang_urusan", bidang, entries(era, pemda)[bidang]["name"].upper())
    root.children, top.children = [top], [middle]
    own = [c for c in _children(bidang, era, pemda) if not c.endswith(".01") or bidang + ".01" in entries(era, pemda)]
    for code in ["X.XX.01", *rng.sample(own, min(len(own), rng.randint(1, size)))]:
        if node := _subtree(world, code, pemda, size):
            middle.children.append(node)
    for node in world.nodes():
        if not node.children and node.level == "sub_kegiatan":
            _amounts(world, node)
    _add_up(root)
    return world


def _region_name(region: dict[str, str]) -> str:
    name = region["name"]
    if region["kind"] == "provinsi" and not name.lower().startswith("provinsi"):
        return f"Provinsi {name}"
    return name


def _subtree(world: World, code: str, pemda: str, size: int) -> Node | None:
    rng, era = world.rng, world.era
    record = entries(era, pemda)[code]
    node = Node(record["level"], code.replace("X.XX", world.bidang), record["name"])
    below = _children(code, era, pemda)
    if node.level != "sub_kegiatan":
        chosen = sorted(rng.sample(below, min(len(below), rng.randint(1, size))), key=below.index)
        node.children = [c for other in chosen if (c := _subtree(world, other, pemda, size))]
        if not node.children:
            return None
    node.measures = [_measure(world, node, record)]
    if node.level != "sub_kegiatan" and rng.random() < 0.25:
        node.measures.append(_measure(world, node, {}))
    return node


def _measure(world: World, node: Node, record: dict[str, str]) -> Measure:
    rng = world.rng
    text, unit = record.get("indikator") or "", record.get("satuan") or ""
    if not text or not unit:
        pattern, unit = rng.choice(OUTCOMES)
        text = pattern.format(node.name.lower().removeprefix("program ").removeprefix("kegiatan "))
    unit = "Persen" if unit == "%" else unit
    measure = Measure(text, unit)
    level = Decimal(rng.randint(1, 90))
    for year in range(world.plan[0] - 2, world.plan[1] + 2):
        if unit in ("Persen", "Indeks", "Nilai"):
            level = min(Decimal(100), level + Decimal(rng.randint(0, 350)) / 100)
            measure.target[year] = level
            measure.done[year] = max(Decimal(0), level - Decimal(rng.randint(0, 400)) / 100)
        else:
            measure.target[year] = level + rng.randint(0, 3)
            measure.done[year] = max(Decimal(0), measure.target[year] - rng.choice([0, 0, 0, 1, 2]))
    return measure


def _amounts(world: World, node: Node) -> None:
    base = world.rng.choice([1_000, 10_000, 1_000_000]) * world.rng.randint(4, 900) + world.rng.choice(
        [0, 0, 500, 325, 98]
    )
    base = max(base, 1_250_000) if base < 1_000_000 else base
    for year in range(world.plan[0] - 2, world.plan[1] + 2):
        node.money[year] = base + world.rng.randint(-90, 400) * 1000
        node.changed[year] = node.money[year] + world.rng.choice([0, 0, 1, -1]) * world.rng.randint(1, 60) * 12_500
        node.spent[year] = int(node.changed[year] * world.rng.randint(820, 1000) / 1000)


def _add_up(node: Node) -> None:
    for child in node.children:
        _add_up(child)
    if node.children:
        for name in ("money", "changed", "spent"):
            sums: dict[int, int] = {}
            for child in node.children:
                for year, amount in getattr(child, name).items():
                    sums[year] = sums.get(year, 0) + amount
            setattr(node, name, sums)
