"""Renja: T-C.29, T-C.31, T-C.33 in the words of many agencies, the SIPD form, and the evaluation by quarter (E.81)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from benchmarks.generate.model import Measure, Node, World
from benchmarks.generate.plans import Getter, Plan, Q, measured, money_of, pair, share, table
from benchmarks.generate.styles import Style
from benchmarks.generate.tables import Col, Row, TableSpec, Value

NAMES = (
    "Urusan/Bidang Urusan Pemerintahan Daerah dan Program/Kegiatan",
    "Urusan / Bidang Urusan / Program / Kegiatan / Sub Kegiatan",
    "Program/Kegiatan/Sub Kegiatan",
    "Uraian",
    "Program, Kegiatan dan Sub Kegiatan",
    "Nama Urusan, Program, Kegiatan, Sub Kegiatan",
)
INDICATORS = (
    "Indikator Kinerja Program (Outcome)/ Kegiatan (Output)",
    "Indikator Kinerja",
    "Indikator Kinerja Program / Kegiatan / Sub Kegiatan",
    "Indikator Program dan Kegiatan",
    "Tolok Ukur Kinerja",
)
PD = ("Perangkat Daerah", "OPD", "SKPD", "PD")


def _total(world: World) -> str | None:
    return world.rng.choice([None, "JUMLAH", "TOTAL", "Jumlah Total", "Jumlah"])


def _base(world: World, kind: str, caption: list[str], quantities: list[Q]) -> Plan:
    rng = world.rng
    return Plan(
        kind,
        caption,
        rng.choice(NAMES),
        quantities,
        rng.choice(INDICATORS),
        code_header=rng.choice(["Kode", "Kode", "KODE", "Kode Rekening", "No. Rek"]),
        number_header=rng.choice([None, "No", "No."]),
        multi=rng.choice(["span", "blank", "lines"]),
        total=_total(world),
        numbering=rng.random() < 0.6,
        formulas=rng.random() < 0.5,
        prefixed=rng.random() < 0.15,
        dashes=rng.random() < 0.5,
        agency_row=rng.random() < 0.2,
    )


def _upto(field_name: str, world: World, year: int) -> Getter:
    """Money or performance from the plan's first year to `year`."""
    years = range(world.plan[0] - 2, year + 1)
    if field_name == "spent":
        return lambda node, _: sum(node.spent[y] for y in years)
    return lambda _, measure: measure.done[year]


@dataclass(frozen=True, slots=True)
class _Pages:
    """The columns of T-C.29: of performance and money (`doubled`), or of performance alone."""

    doubled: bool

    def asked(self, path: tuple[str, ...], role: str, year: int, period: str = "tahun") -> list[Q]:
        return self._one(path, role, year, period, measured("target", year), money_of("money", year))

    def reached(self, path: tuple[str, ...], role: str, year: int, period: str = "tahun") -> list[Q]:
        return self._one(path, role, year, period, measured("done", year), money_of("spent", year))

    def rate(self, path: tuple[str, ...], role: str, year: int, of: int, period: str = "tahun") -> list[Q]:
        """What was reached in `year` in percent of the target of `of`."""
        work = share(measured("done", year), measured("target", of))
        return self._one(path, role, year, period, work, share(money_of("spent", year), money_of("money", of)), True)

    def _one(
        self, path: tuple[str, ...], role: str, year: int, period: str, work: Getter, cash: Getter, rate: bool = False
    ) -> list[Q]:
        if self.doubled:
            return pair(path, role, year, work, cash, period, rate)
        return [Q(path, role, "kinerja", year, work, period, rate)]


def tc29(world: World, style: Style) -> TableSpec:
    """Evaluation of the Renja of the year before last."""
    rng, n, last = world.rng, world.year, world.plan[1]
    pd = rng.choice(PD)
    relative = rng.random() < 0.3
    pages = _Pages(doubled=rng.random() < 0.5)

    def year(number: int) -> str:
        offset = number - n
        return (f"(n{offset})" if offset else "(n)") if relative else str(number)

    done = f"Realisasi Target Kinerja Hasil Program dan Keluaran Kegiatan s/d dengan Tahun {year(n - 3)}"
    top = f"Target dan Realisasi Kinerja Program dan Kegiatan Tahun {'Lalu ' if relative else ''}{year(n - 2)}"
    ahead = f"Perkiraan Realisasi Capaian Target Renstra {pd} s/d Tahun Berjalan"
    reached = f"Realisasi Capaian Program dan Kegiatan s/d Tahun {year(n - 1)}"
    found = [
        *pages.asked((f"Target Kinerja Capaian Program (Renstra {pd}) Tahun {last}",), "target_renstra", last),
        *pages.reached((done,), "realisasi_kumulatif", n - 3, "sd_tahun"),
        *pages.asked((top, f"Target Renja {pd} Tahun {year(n - 2)}"), "target", n - 2),
        *pages.reached((top, f"Realisasi Renja {pd} Tahun {year(n - 2)}"), "realisasi", n - 2),
        *pages.rate((top, "Tingkat Realisasi (%)"), "tingkat_realisasi", n - 2, n - 2),
        *pages.asked((f"Target Program dan Kegiatan (Renja {pd} Tahun {year(n - 1)})",), "target", n - 1),
        *pages.reached((ahead, reached), "perkiraan_realisasi", n - 1, "sd_tahun"),
        *pages.rate(
            (ahead, "Tingkat Capaian Realisasi Target Renstra (%)"), "tingkat_capaian", n - 1, last, "sd_tahun"
        ),
    ]
    caption = [
        rng.choice(["Tabel T-C.29.", "Tabel 2.1", "Tabel T-C 29"]),
        f"Rekapitulasi Evaluasi Hasil Pelaksanaan Renja {pd} dan Pencapaian Renstra {pd} s/d Tahun {n - 1}",
        f"{world.region}",
    ]
    plan = _base(world, "tc29", caption, found)
    plan.agency_row = plan.agency_row and pages.doubled
    plan.total = plan.total if pages.doubled else None
    plan.texts_after = [(("Keterangan",), "")] if rng.random() < 0.3 else []
    return table(world, style, plan)


def tc33(world: World, style: Style) -> TableSpec:
    """The plan of the year with forward estimates."""
    rng, n = world.rng, world.year
    first = rng.choice([f"Rencana Tahun {n}", f"Rencana Tahun {n} (Tahun Rencana)", f"Tahun {n}", f"RENCANA TAHUN {n}"])
    second = rng.choice(
        [f"Prakiraan Maju Rencana Tahun {n + 1}", f"Perkiraan Maju Rencana Tahun {n + 1}", f"Prakiraan Maju {n + 1}"]
    )
    cash = rng.choice(
        [
            "Kebutuhan Dana/ Pagu Indikatif",
            "Pagu Indikatif (Rp)",
            "Pagu Indikatif",
            "Kebutuhan Dana / Pagu Indikatif (Rp.)",
        ]
    )
    work = rng.choice(["Target Capaian Kinerja", "Target", "Target Kinerja", "Target Capaian"])
    found = [
        Q((first, work), "target", "kinerja", n, measured("target", n)),
        Q((first, cash), "target", "anggaran", n, money_of("money", n)),
        Q((second, work), "prakiraan_maju", "kinerja", n + 1, measured("target", n + 1)),
        Q((second, cash), "prakiraan_maju", "anggaran", n + 1, money_of("money", n + 1)),
    ]
    caption = [
        rng.choice(["Tabel T-C.33", "Tabel 4.1", "Tabel T-C.33."]),
        f"Rumusan Rencana Program dan Kegiatan {world.agency} Tahun {n} dan Prakiraan Maju Tahun {n + 1}",
    ]
    plan = _base(world, "tc33", caption, found)
    if rng.random() < 0.4:
        plan.texts_after = [(("Catatan Penting",), "Prioritas"), (("Sumber Dana",), "PENDAPATAN ASLI DAERAH (PAD)")]
    return table(world, style, plan)


def sipd(world: World, style: Style) -> TableSpec:
    """The `Renja OPD` print of SIPD: name rows with the amount, indicators on rows of their own."""
    n = world.year
    top, then = f"Rencana Tahun {n}", f"Prakiraan Maju Rencana Tahun {n + 1}"
    found = [
        Q((top, "Target Capaian Kinerja"), "target", "kinerja", n, measured("target", n)),
        Q((top, "Kebutuhan Dana/Pagu Indikatif"), "target", "anggaran", n, money_of("money", n)),
        Q((then, "Target Capaian Kinerja"), "prakiraan_maju", "kinerja", n + 1, measured("target", n + 1)),
        Q((then, "Kebutuhan Dana/Pagu Indikatif"), "prakiraan_maju", "anggaran", n + 1, money_of("money", n + 1)),
    ]
    caption = [f"RENCANA KERJA PERANGKAT DAERAH TAHUN {n}", world.agency.upper(), world.region.upper()]
    plan = Plan(
        "tc33",
        caption,
        "Urusan/ Bidang Urusan Pemerintahan Daerah dan Program/ Kegiatan",
        found,
        "Indikator Kinerja Program/ Kegiatan",
        own_line=True,
        numbering=True,
        total="TOTAL",
    )
    return table(world, style, plan)


def tc31(world: World, style: Style) -> TableSpec:
    """Draft RKPD at the left, the agency's analysis at the right."""
    rng, n = world.rng, world.year
    left, right = "Rancangan Awal RKPD", rng.choice(["Hasil Analisis Kebutuhan", "Hasil Analisa Kebutuhan"])
    name, indicator = rng.choice(["Program/Kegiatan", "Program/ Kegiatan/ Sub Kegiatan"]), "Indikator Kinerja"
    work = rng.choice(["Target Capaian", "Target capaian"])
    cash = [rng.choice(["Pagu Indikatif (Rp)", "Pagu Indikatif (Rp.000)", "Pagu Indikatif"]), "Kebutuhan Dana (Rp)"]
    cols = [Col(("No",), "number", 0.5)]
    for top, money in ((left, cash[0]), (right, cash[1])):
        role = "rancangan_awal" if top == left else "kebutuhan"
        cols += [
            Col((top, name), "name", 2.6),
            Col((top, "Lokasi"), "text", 1.0),
            Col((top, indicator), "indicator", 2.2),
            Col((top, work), "q", 1.1, role, "kinerja", n),
            Col((top, money), "q", 1.7, role, "anggaran", n),
        ]
    cols.append(Col(("Catatan Penting",), "text", 1.0))
    rows = []
    thousand = "000" in cash[0]
    for number, node in enumerate(n_ for n_ in world.nodes() if n_.level not in ("urusan", "bidang_urusan")):
        rows.append(_both_sides(world, style, node, number + 1, thousand))
    caption = ["Tabel T-C.31", f"Review terhadap Rancangan Awal RKPD Tahun {n}", world.region]
    return TableSpec("tc31", caption, cols, rows)


def _both_sides(world: World, style: Style, node: Node, number: int, thousand: bool) -> Row:
    from benchmarks.generate.plans import value_of

    measure = node.measures[0]
    place = world.region.removeprefix("Kabupaten ")
    row = Row(level=node.level, code=node.code, name=node.name, indicator=measure.text)
    row.texts = {0: str(number), 1: node.name, 2: place, 3: measure.text, 6: node.name, 7: place, 8: measure.text}
    before, after = node.money[world.year] // 1000 * 1000, node.money[world.year]
    for index, amount in ((4, None), (5, before), (9, None), (10, after)):
        if amount is None:
            value = value_of(measure.target[world.year], "kinerja", False, measure.unit, style)
            if style.unit == "column" and value is not None:
                value.unit = ""  # this form has no column of units
        elif index == 5 and thousand:
            value = Value(value_of(amount // 1000, "anggaran", False, "", style).raw, Decimal(amount), "Rupiah")  # type: ignore[union-attr]
        else:
            value = value_of(amount, "anggaran", False, "", style)
        assert value is not None
        row.values[index] = [value]
    return row


def quarters(world: World, style: Style) -> TableSpec:
    """Form E.81: the Renja's evaluation by quarter."""
    if style.code == "spread":
        style = replace(style, code="dotted")  # the form is too wide for more columns
    n, pd = world.year, world.rng.choice(PD)
    caption = [
        "Formulir E.81",
        f"Evaluasi Terhadap Hasil Renja {pd} Lingkup {world.region}",
        f"Renja {world.agency} {world.region}",
        f"Periode Pelaksanaan: Tahun {n}",
    ]
    plan = _base(world, "tc29", caption, _quarter_columns(world, pd))
    plan.name_width = 2.4
    plan.texts_after = [((f"{pd} Penanggung Jawab",), "")]
    return table(world, style, plan)


def _quarter_columns(world: World, pd: str) -> list[Q]:
    n, end = world.year, world.plan[1]
    target, done = measured("target", n), measured("done", n)
    last, spent = money_of("money", end), _upto("spent", world, n)
    before = f"Realisasi Capaian Kinerja Renstra {pd} s/d Renja {pd} Tahun Lalu ({n - 1})"
    asked = f"Target Kinerja dan Anggaran Renja {pd} Tahun Berjalan (Tahun {n}) yang Dievaluasi"
    whole = f"Realisasi Capaian Kinerja dan Anggaran Renja {pd} yang Dievaluasi"
    rate = f"Tingkat Capaian Kinerja dan Realisasi Anggaran Renstra {pd} s/d Tahun {n} (%)"
    found = pair(
        (f"Target Renstra {pd} pada Tahun {end} (Akhir Periode Renstra {pd})",),
        "target_renstra", end, measured("target", end), last,
    )  # fmt: skip
    found += pair(
        (before,), "realisasi_kumulatif", n - 1, measured("done", n - 1), _upto("spent", world, n - 1), "sd_tahun"
    )
    found += pair((asked,), "target", n, target, money_of("money", n))
    for quarter, label in enumerate(["I", "II", "III", "IV"], 1):
        top = ("Realisasi Kinerja Pada Triwulan", label)
        found += pair(top, "realisasi", n, _quarter_work(n, quarter), _quarter_money(n, quarter), f"tw{quarter}")
    found += pair((whole,), "realisasi", n, done, money_of("spent", n))
    reached = f"Realisasi Kinerja dan Anggaran Renstra {pd} s/d Tahun {n}"
    found += pair((reached,), "realisasi_kumulatif", n, done, spent, "sd_tahun")
    work = share(done, measured("target", end))
    found += pair((rate,), "tingkat_capaian", n, work, share(spent, last), "sd_tahun", True)
    return found


def _quarter_money(year: int, quarter: int) -> Getter:
    def get(node: Node, _: Measure) -> int:
        if node.children:
            return sum(int(get(child, _)) for child in node.children)
        part = node.spent[year] // 4
        return part if quarter < 4 else node.spent[year] - 3 * part

    return get


def _quarter_work(year: int, quarter: int) -> Getter:
    def get(_: Node, measure: Measure) -> Decimal:
        part = (measure.done[year] / 4).quantize(Decimal(1))
        return part if quarter < 4 else measure.done[year] - 3 * part

    return get
