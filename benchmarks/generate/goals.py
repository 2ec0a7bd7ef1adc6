"""Tables of indicators: T-C.25, T-C.27, T-C.30, Perjanjian Kinerja, LKjIP, RKT, IKU."""

from __future__ import annotations

from decimal import Decimal

from benchmarks.generate import styles
from benchmarks.generate.model import Measure, Node, World
from benchmarks.generate.plans import Getter, Plan, Q, measured, money_of, pair, table, value_of
from benchmarks.generate.renja import INDICATORS, PD
from benchmarks.generate.styles import Style
from benchmarks.generate.tables import Col, Row, TableSpec, Value

GOALS = (
    ("Meningkatnya kualitas pelayanan publik", "Indeks Kepuasan Masyarakat", "Indeks"),
    ("Meningkatnya akuntabilitas kinerja perangkat daerah", "Nilai SAKIP Perangkat Daerah", "Nilai"),
    ("Terwujudnya tata kelola yang bersih dan efektif", "Persentase temuan yang ditindaklanjuti", "Persen"),
    ("Menurunnya angka pengangguran terbuka", "Tingkat pengangguran terbuka", "Persen"),
    ("Meningkatnya derajat kesehatan masyarakat", "Usia Harapan Hidup", "Tahun"),
    ("Meningkatnya cakupan layanan dasar", "Jumlah penerima layanan dasar", "Orang"),
    ("Meningkatnya daya saing daerah", "Jumlah inovasi daerah yang diterapkan", "Inovasi"),
)
GRADES = ("B", "BB", "A", "CC", "Sangat Baik", "WTP")


def goals(world: World, count: int) -> list[tuple[str, Measure]]:
    """Goals with an indicator each, in any order."""
    rng = world.rng
    found = []
    for goal, text, unit in rng.sample(GOALS, count):
        measure = Measure(text, unit)
        level = Decimal(rng.randint(300, 8000)) / 100
        for year in range(world.plan[0] - 3, world.plan[1] + 2):
            level = min(Decimal(99), level + Decimal(rng.randint(1, 180)) / 100)
            whole = unit in ("Orang", "Inovasi")
            measure.target[year] = Decimal(round(level)) + 1 if whole else level
            measure.done[year] = max(
                Decimal(1), measure.target[year] - (1 if whole else Decimal(rng.randint(-50, 90)) / 100)
            )
        found.append((goal, measure))
    return found


def indicator_table(
    world: World,
    style: Style,
    kind: str,
    caption: list[str],
    quantities: list[Q],
    *,
    name: str | None,
    level: str,
    indicator: str = "Indikator Kinerja",
    number: bool = True,
    satuan: bool = False,
    count: int = 4,
    extra: str | None = None,
    grades: bool = False,
) -> TableSpec:
    """One row an indicator; `name`: the header of the column of goals, None where there is none."""
    cols: list[Col] = [Col((world.rng.choice(["No", "No."]),), "number", 0.4)] if number else []
    name_at = len(cols) if name else None
    if name:
        cols.append(Col((name,), "name", 3.0))
    indicator_at = len(cols)
    cols.append(Col((indicator,), "indicator", 3.0))
    unit_at = len(cols) if satuan else None
    if satuan:
        cols.append(Col(("Satuan",), "unit", 0.9))
    first = len(cols)
    cols += [Col(q.path, "q", max(1.1, q.width), q.role, q.quantity, q.year, q.period) for q in quantities]
    if extra:
        cols.append(Col((extra,), "text", 1.5))
    own = Style(**{**style.__dict__, "unit": "column" if satuan else style.unit})
    rows = []
    for order, (goal, measure) in enumerate(goals(world, count), 1):
        row = Row(level=level, name=goal if name else measure.text, indicator=measure.text)
        if number:
            row.texts[0] = str(order)
        if name_at is not None:
            row.texts[name_at] = goal
        row.texts[indicator_at] = measure.text
        if unit_at is not None:
            row.texts[unit_at] = measure.unit
        grade = grades and world.rng.random() < 0.3
        for index, q in enumerate(quantities, first):
            row.values[index] = [_graded(world, q, measure, own, grade)]
        rows.append(row)
    return TableSpec(kind, caption, cols, rows)


def _graded(world: World, q: Q, measure: Measure, style: Style, grade: bool) -> Value:
    if grade and not q.rate:
        text = world.rng.choice(GRADES)
        unit = measure.unit if style.unit == "column" else ""
        return Value(text, None, unit, text)
    own = Style(**{**style.__dict__, "unit": "column"}) if grade else style
    unit = measure.unit if not grade and style.unit != "none" else ""
    value = value_of(q.get(Node("", "", ""), measure), q.quantity, q.rate, unit, own)
    assert value is not None
    return value


def tc30(world: World, style: Style) -> TableSpec:
    """Attainment of the agency's indicators."""
    n, pd = world.year, world.rng.choice(PD)
    target, done, ahead = world.rng.choice(
        [
            (f"Target Renstra {pd}", "Realisasi Capaian", "Proyeksi"),
            (f"Target Renstra {pd}", "Realisasi Capaian", "Proyeksi"),
            ("TARGET RENSTRA", "REALISASI", "PROYEKSI"),
        ]
    )
    word = world.rng.choice(["Tahun {}", "{}", "TAHUN {}"])
    found = [
        Q((target, word.format(y)), "target_renstra", "kinerja", y, measured("target", y)) for y in range(n - 2, n + 2)
    ]
    found += [Q((done, word.format(y)), "realisasi", "kinerja", y, measured("done", y)) for y in (n - 2, n - 1)]
    found += [Q((ahead, word.format(y)), "proyeksi", "kinerja", y, measured("target", y)) for y in (n, n + 1)]
    caption = ["Tabel T-C.30", f"Pencapaian Kinerja Pelayanan {world.agency}", world.region]
    return indicator_table(
        world,
        style,
        "tc30",
        caption,
        found,
        name=None,
        level="indikator",
        indicator=world.rng.choice(["Indikator", "Indikator Kinerja sesuai Tugas dan Fungsi"]),
        extra="Catatan Analisis",
        satuan=style.unit == "column",
    )


def tc25(world: World, style: Style) -> TableSpec:
    """Goals of the Renstra with targets by year."""
    years = range(world.plan[0], world.plan[1] + 1)
    word = world.rng.choice(["{}", "Tahun {}", "ke"])
    top = world.rng.choice(
        ["Target Kinerja Tujuan/Sasaran pada Tahun Ke-", "Target Kinerja Sasaran Tahun", "Target Kinerja pada Tahun"]
    )
    found = []
    for order, year in enumerate(years, 1):
        leaf = f"{order}" if word == "ke" and top.endswith("-") else str(year) if word == "ke" else word.format(year)
        found.append(Q((top, leaf), "target_renstra", "kinerja", year, measured("target", year)))
    caption = ["Tabel T-C.25", f"Tujuan dan Sasaran Jangka Menengah Pelayanan {world.agency}"]
    return indicator_table(
        world,
        style,
        "tujuan_sasaran",
        caption,
        found,
        name="Sasaran",
        level="sasaran",
        indicator=world.rng.choice(["Indikator Sasaran", "Indikator Tujuan/Sasaran", "Indikator Kinerja"]),
        satuan=style.unit == "column",
    )


def tc27(world: World, style: Style) -> TableSpec:
    """Programs of the Renstra with targets and amounts by year."""
    rng, last = world.rng, world.plan[1]
    top = rng.choice(
        [
            "Target Kinerja Program dan Kerangka Pendanaan",
            "Target Kinerja dan Kerangka Pendanaan",
            "Target dan Pagu Indikatif Tahun",
        ]
    )
    names = rng.choice([("Target", "Rp"), ("target", "Rp."), ("Target", "Rp (000)"), ("K", "Rp")])
    thousand = "000" in names[1]
    found = [
        Q(
            (rng.choice(["Data Capaian pada Tahun Awal Perencanaan", "Kondisi Awal", "Data Capaian Awal"]),),
            "capaian_existing",
            "kinerja",
            None,
            measured("done", world.plan[0] - 1),
        )
    ]
    for order, year in enumerate(range(world.plan[0] + 1, last + 1), 1):
        word = rng.choice([f"Tahun-{order} ({year})", f"Tahun {year}", f"{year}"])
        found += pair(
            (top, word), "target_renstra", year, measured("target", year), money_of("money", year), names=names
        )
    end = rng.choice(
        [
            "Kondisi Kinerja pada Akhir Periode Renstra",
            "Kondisi Kinerja pada akhir periode Renstra Perangkat Daerah",
            "Kondisi Akhir",
        ]
    )
    years = range(world.plan[0] + 1, last + 1)
    found += pair(
        (top, end) if rng.random() < 0.5 else (end,),
        "target_renstra",
        last,
        measured("target", last),
        lambda node, _: sum(node.money[y] for y in years),
        "akhir_renstra",
        names=names,
    )
    caption = ["Tabel T-C.27", f"Rencana Program, Kegiatan, dan Pendanaan {world.agency}", world.region]
    plan = Plan(
        "other",
        caption,
        rng.choice(["Program dan Kegiatan", "Program / Kegiatan / Sub Kegiatan", "Nama Program dan Kegiatan"]),
        found,
        rng.choice(["Indikator Kinerja Tujuan, Sasaran, Program (outcome) dan Kegiatan (output)", *INDICATORS]),
        levels=("program", "kegiatan", "sub_kegiatan"),
        multi=rng.choice(["span", "blank"]),
        numbering=rng.random() < 0.6,
        name_width=2.2,
    )
    plan.texts_after = [(("Unit Kerja Perangkat Daerah Penanggung jawab",), "Sekretariat"), (("Lokasi",), world.region)]
    spec = table(world, style, plan)
    return _in_thousands(spec, style) if thousand else spec


def _in_thousands(spec: TableSpec, style: Style) -> TableSpec:
    """The same table with amounts printed in thousands of rupiah; what is printed is what is meant."""
    for row in spec.rows:
        for index, values in row.values.items():
            if spec.cols[index].quantity == "anggaran":
                for value in values:
                    if value.value:
                        whole = int(value.value) // 1000
                        value.raw, value.value = styles.money(whole, style), Decimal(whole * 1000)
    return spec


def _up_to_quarter(year: int, quarter: int) -> Getter:
    return lambda _, measure: (measure.target[year] * quarter / 4).quantize(Decimal("0.01"))


def agreement(world: World, style: Style) -> list[TableSpec]:
    """Perjanjian Kinerja: goals, and programs with their budget."""
    rng, n = world.rng, world.year
    caption = [f"PERJANJIAN KINERJA TAHUN {n}", world.agency.upper()]
    name = rng.choice(["Sasaran Strategis", "Sasaran", "Sasaran Program", "Sasaran Kinerja"])
    found = [
        Q(
            (rng.choice(["Target", f"Target {n}", "Target Kinerja", f"Target Tahun {n}"]),),
            "target",
            "kinerja",
            n,
            measured("target", n),
        )
    ]
    if rng.random() < 0.4:
        top = rng.choice(["Target Triwulan", "Target per Triwulan", "Target Kinerja Triwulan"])
        word = rng.choice(["{}", "TW {}", "Triwulan {}"])
        found += [
            Q(
                (top, word.format(label)),
                "target",
                "kinerja",
                n,
                _up_to_quarter(n, q),
                f"tw{q}",
            )
            for q, label in enumerate(["I", "II", "III", "IV"], 1)
        ]
    first = indicator_table(
        world,
        style,
        "perjanjian_kinerja",
        caption,
        found,
        name=name,
        level="sasaran",
        satuan=rng.random() < 0.3 or style.unit == "column",
        indicator=rng.choice(["Indikator Kinerja", "Indikator Kinerja Utama", "Indikator"]),
        grades=True,
    )
    own = Style(**{**style.__dict__, "code": "none"})
    header = rng.choice(["Anggaran (Rp)", "Anggaran", "Jumlah Anggaran", "Pagu Anggaran (Rp)", "Anggaran (Rp.)"])
    plan = Plan(
        "perjanjian_kinerja",
        [],
        rng.choice(["Program", "Program/Kegiatan", "PROGRAM"]),
        [Q((header,), "anggaran", "anggaran", n, money_of("money", n))],
        None,
        number_header="No",
        levels=("program",),
        texts_after=[((rng.choice(["Keterangan", "Ket.", "Sumber Dana"]),), "APBD")],
        total=rng.choice([None, "Jumlah", "JUMLAH", "Total"]),
    )
    return [first, table(world, own, plan)]


def rkt(world: World, style: Style) -> list[TableSpec]:
    """Annual performance plan: goals, then programs with targets and budget."""
    rng, n = world.rng, world.year
    caption = [f"RENCANA KINERJA TAHUNAN TAHUN {n}", world.agency.upper(), world.region.upper()]
    first = indicator_table(
        world,
        style,
        "rkt",
        caption,
        [Q(("Target",), "target", "kinerja", n, measured("target", n))],
        name="Sasaran Strategis",
        level="sasaran",
        satuan=True,
    )
    found = [
        Q(("Target",), "target", "kinerja", n, measured("target", n)),
        Q((rng.choice(["Anggaran (Rp)", "Pagu (Rp)", "Anggaran"]),), "anggaran", "anggaran", n, money_of("money", n)),
    ]
    if found[1].path[0].startswith("Pagu"):
        found[1].role = "target"
    plan = Plan(
        "rkt",
        [f"Rencana Kinerja Tahunan {world.agency} Tahun {n}"],
        "Program/Kegiatan/Sub Kegiatan",
        found,
        "Indikator Kinerja",
        number_header="No",
        levels=("program", "kegiatan", "sub_kegiatan"),
        multi="span",
        total=rng.choice([None, "JUMLAH"]),
    )
    return [first, table(world, style, plan)]
