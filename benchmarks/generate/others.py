"""Less regular tables: names in a column a level, many agencies, old codes, units and slips in headers, months."""

from __future__ import annotations

from decimal import Decimal

from benchmarks.generate.goals import goals, indicator_table
from benchmarks.generate.model import AGENCIES, World
from benchmarks.generate.plans import Plan, Q, measured, money_of, share, table, value_of
from benchmarks.generate.styles import Style
from benchmarks.generate.tables import Col, Row, TableSpec, Value

MONTHS = (
    "Januari",
    "Februari",
    "Maret",
    "April",
    "Mei",
    "Juni",
    "Juli",
    "Agustus",
    "September",
    "Oktober",
    "November",
    "Desember",
)


def _put(
    row: Row, index: int, number: Decimal | int | None, quantity: str, style: Style, unit: str = "", rate: bool = False
) -> None:
    if value := value_of(number, quantity, rate, unit, style):
        row.values[index] = [value]


def stairs(world: World, style: Style) -> list[TableSpec]:
    """Program, kegiatan and sub kegiatan each in a column of names of its own."""
    n = world.year
    cols = [
        Col(("No",), "number", 0.4),
        Col(("Program",), "name", 1.8),
        Col(("Kegiatan",), "name", 1.8),
        Col(("Sub Kegiatan",), "name", 2.0),
        Col(("Indikator Kinerja",), "indicator", 2.2),
        Col(("Target",), "q", 1.1, "target", "kinerja", n),
        Col(
            (world.rng.choice(["Pagu Indikatif (Rp)", "Pagu Indikatif Tahun " + str(n)]),),
            "q",
            1.7,
            "target",
            "anggaran",
            n,
        ),
    ]
    own = Style(**{**style.__dict__, "unit": "cell" if style.unit == "column" else style.unit})
    rows = []
    for number, node in enumerate((x for x in world.nodes() if x.level in ("program", "kegiatan", "sub_kegiatan")), 1):
        at = {"program": 1, "kegiatan": 2, "sub_kegiatan": 3}[node.level]
        measure = node.measures[0]
        row = Row(level=node.level, code=node.code, name=node.name, indicator=measure.text)
        row.texts = {0: str(number), at: node.name, 4: measure.text}
        _put(row, 5, measure.target[n], "kinerja", own, measure.unit)
        _put(row, 6, node.money[n], "anggaran", own)
        rows.append(row)
    caption = [f"Rencana Program dan Kegiatan {world.agency} Tahun {n}", "serta Pagu Indikatif dan Lokasi Kegiatan"]
    return [TableSpec("tc33", caption, cols, rows)]


def many(world: World, style: Style) -> list[TableSpec]:
    """RKPD: the rows of several agencies, each below its own line."""
    rng, n = world.rng, world.year
    column = rng.random() < 0.5
    cols = [
        Col(("No",), "number", 0.4),
        Col(
            (
                rng.choice(
                    ["Perangkat Daerah/Program/Kegiatan", "Urusan/Perangkat Daerah/Program/Kegiatan/Sub Kegiatan"]
                ),
            ),
            "name",
            3.4,
        ),
        Col(("Indikator Kinerja",), "indicator", 2.4),
        Col((f"Rencana Tahun {n}", "Target"), "q", 1.1, "target", "kinerja", n),
        Col((f"Rencana Tahun {n}", "Pagu Indikatif (Rp)"), "q", 1.8, "target", "anggaran", n),
    ]
    if column:
        cols.append(Col(("Perangkat Daerah Penanggung Jawab",), "text", 1.6))
    own = Style(**{**style.__dict__, "unit": "cell" if style.unit == "column" else style.unit})
    others = rng.sample([names[0] for b, names in sorted(AGENCIES.items()) if "{" not in names[0]], 3)
    rows = []
    for number, agency in enumerate([world.agency, *others], 1):
        rows += _agency_rows(world, own, agency, number, column)
    caption = ["Tabel 4.2", f"Rencana Program dan Kegiatan Prioritas Daerah Tahun {n}", world.region]
    return [TableSpec("tc33", caption, cols, rows)]


def _agency_rows(world: World, style: Style, agency: str, number: int, column: bool) -> list[Row]:
    n = world.year
    programs = world.programs()[: 2 if number == 1 else 1]  # others have the supporting program only
    head = Row(
        level="perangkat_daerah",
        name=agency.upper(),
        agency=agency,
        bold=True,
        texts={0: str(number), 1: agency.upper()},
    )
    _put(head, 4, sum(p.money[n] for p in programs) + number * 1000, "anggaran", style)
    rows = [head]
    for program in programs:
        for node in program.walk():
            measure = node.measures[0]
            code = node.code
            if node.code.split(".")[2] == "01":  # the supporting program bears the bidang of each agency
                own = next((b for b, names in AGENCIES.items() if agency in names), world.bidang)
                code = ".".join([own, *node.code.split(".")[2:]])
            row = Row(level=node.level, code=code, name=node.name, indicator=measure.text, agency=agency)
            row.texts = {1: node.name, 2: measure.text}
            _put(row, 3, measure.target[n], "kinerja", style, measure.unit)
            _put(row, 4, node.money[n] + number * 1000, "anggaran", style)
            if column:
                row.texts[5] = agency
            rows.append(row)
    return rows


OLD = {
    ("01", "Program Pelayanan Administrasi Perkantoran"): [
        "Penyediaan jasa surat menyurat",
        "Penyediaan alat tulis kantor",
        "Rapat-rapat koordinasi dan konsultasi ke luar daerah",
    ],
    ("02", "Program Peningkatan Sarana dan Prasarana Aparatur"): [
        "Pengadaan perlengkapan gedung kantor",
        "Pemeliharaan rutin/berkala gedung kantor",
    ],
}


def old(world: World, style: Style) -> list[TableSpec]:
    """A Renja of the time of Permendagri 13/2006: `1.20.1.20.05.01.02`, amounts of this year and the next."""
    rng, n = world.rng, world.year
    unit = "1.20.1.20." + f"{rng.randint(1, 30):02d}"
    now, then = f"Rencana Tahun {n}", f"Prakiraan Maju Rencana Tahun {n + 1}"
    work, cash = "Target Capaian Kinerja", "Kebutuhan Dana/Pagu Indikatif"
    cols = [
        Col(("Kode",), "code", 1.7),
        Col(("Urusan/Bidang Urusan Pemerintahan Daerah dan Program/Kegiatan",), "name", 3.2),
        Col(("Indikator Kinerja Program/Kegiatan",), "indicator", 2.4),
        Col((now, "Lokasi"), "text", 1.0),
        Col((now, work), "q", 1.1, "target", "kinerja", n),
        Col((now, cash), "q", 1.7, "target", "anggaran", n),
        Col((then, work), "q", 1.1, "prakiraan_maju", "kinerja", n + 1),
        Col((then, cash), "q", 1.7, "prakiraan_maju", "anggaran", n + 1),
    ]
    own = Style(**{**style.__dict__, "unit": "cell"})
    rows = []
    whole, months = Value("100%", Decimal(100), "Persen"), Value("12 Bulan", Decimal(12), "Bulan")
    for (number, program), activities in OLD.items():
        amounts = [rng.randint(5, 900) * 100_000 for _ in activities]
        head = f"{unit}.{number}"
        rows.append(_old_row(head, program, "program", sum(amounts), "Cakupan pelayanan", whole, own))
        for order, (name, amount) in enumerate(zip(activities, amounts, strict=True), 1):
            done = f"Terlaksananya {name.lower()}"
            rows.append(_old_row(f"{head}.{order:02d}", name, "kegiatan", amount, done, months, own))
    caption = f"Rumusan Rencana Program dan Kegiatan SKPD Tahun {n} dan Prakiraan Maju Tahun {n + 1}"
    return [TableSpec("tc33", [caption], cols, rows)]


def _old_row(code: str, name: str, level: str, amount: int, indicator: str, work: Value, style: Style) -> Row:
    row = Row(level=level, code=code, code_raw=code, name=name, indicator=indicator, bold=level == "program")
    row.texts = {0: code, 1: name, 2: indicator, 3: "Kota"}
    row.values = {4: [work], 6: [Value(work.raw, work.value, work.unit)]}
    _put(row, 5, amount, "anggaran", style)
    _put(row, 7, amount + 500_000, "anggaran", style)
    return row


def progress(world: World, style: Style) -> list[TableSpec]:
    """Money and physical progress at the end of a quarter or month."""
    rng, n = world.rng, world.year
    period, words = rng.choice([("sd_tw2", "Triwulan II"), ("sd_tw3", "Triwulan III"), ("sd_b06", "Bulan Juni")])
    top = ("Realisasi Keuangan",) if rng.random() < 0.5 else ()
    found = [
        Q(
            (rng.choice(["Pagu Anggaran (Rp)", "Anggaran (Rp)", "Pagu DPA (Rp)"]),),
            "anggaran",
            "anggaran",
            n,
            money_of("money", n),
        ),
        Q(
            (*top, "Rp") if top else ("Realisasi Keuangan (Rp)",),
            "realisasi",
            "anggaran",
            n,
            money_of("spent", n),
            period,
        ),
        Q(
            (*top, "%") if top else ("Realisasi Keuangan (%)",),
            "tingkat_realisasi",
            "anggaran",
            n,
            share(money_of("spent", n), money_of("money", n)),
            period,
            True,
        ),
        Q(
            ("Realisasi Fisik (%)",),
            "tingkat_realisasi",
            "kinerja",
            n,
            lambda node, _: Decimal(node.spent[n] % 60 + 40),
            period,
            True,
        ),
    ]
    caption = [f"Laporan Realisasi Fisik dan Keuangan sampai dengan {words} Tahun Anggaran {n}", world.agency]
    plan = Plan(
        "realisasi_apbd",
        caption,
        "Program/Kegiatan/Sub Kegiatan",
        found,
        None,
        code_header="Kode Rekening",
        number_header="No",
        levels=("program", "kegiatan", "sub_kegiatan"),
        total=rng.choice(["Jumlah", None]),
    )
    return [table(world, style, plan)]


def iku(world: World, style: Style) -> list[TableSpec]:
    """Main indicators with formula and source; goals in two columns."""
    n = world.year
    words = world.rng.choice(["Target", "Tareget", f"Target {n}", "TARGET KINERJA"])
    first = indicator_table(
        world,
        style,
        "iku",
        ["Indikator Kinerja Utama (IKU)", f"{world.agency} Tahun {n}"],
        [Q((words,), "target", "kinerja", n, measured("target", n))],
        name="Sasaran Strategis",
        level="sasaran",
        satuan=True,
        indicator="Indikator Kinerja Utama",
        extra="Formulasi Perhitungan",
    )
    years = range(world.plan[0] + 1, world.plan[1] + 1)
    cols = [
        Col(("No",), "number", 0.4),
        Col(("Tujuan",), "name", 2.4),
        Col(("Sasaran",), "name", 2.4),
        Col(("Indikator",), "indicator", 2.4),
        Col(("Satuan",), "unit", 0.9),
    ]
    cols += [Col(("Target Kinerja Tahun", str(y)), "q", 1.0, "target_renstra", "kinerja", y) for y in years]
    own = Style(**{**style.__dict__, "unit": "column"})
    rows = []
    for order, (goal, measure) in enumerate(goals(world, 4), 1):
        level = "tujuan" if order == 1 else "sasaran"
        row = Row(
            level=level,
            name=goal,
            indicator=measure.text,
            texts={0: str(order), 1 if order == 1 else 2: goal, 3: measure.text, 4: measure.unit},
        )
        for index, year in enumerate(years, 5):
            _put(row, index, measure.target[year], "kinerja", own, measure.unit)
        rows.append(row)
    second = TableSpec(
        "tujuan_sasaran",
        [f"Tabel 3.1 Tujuan dan Sasaran {world.agency} Tahun {world.plan[0]}-{world.plan[1]}"],
        cols,
        rows,
    )
    return [first, second]


def millions(world: World, style: Style) -> list[TableSpec]:
    """Money in millions, as the header says; and the plan of spending by month."""
    rng, n = world.rng, world.year
    cols = [
        Col(("No",), "number", 0.4),
        Col(("Program",), "name", 3.0),
        Col(
            (rng.choice([f"Anggaran {n} (Rp. Juta)", f"Anggaran {n} (juta rupiah)", f"Anggaran {n} (dalam jutaan)"]),),
            "q",
            1.5,
            "anggaran",
            "anggaran",
            n,
        ),
        Col((f"Realisasi {n} (Rp. Juta)",), "q", 1.5, "realisasi", "anggaran", n),
    ]
    rows = []
    mark = "." if style.english else ","
    for number, node in enumerate(world.programs(), 1):
        row = Row(level="program", code=node.code, name=node.name, texts={0: str(number), 1: node.name})
        for index, amount in ((2, node.money[n]), (3, node.spent[n])):
            tens = Decimal(amount // 10_000) / 100
            text = (
                f"{tens:,.2f}"
                if style.english
                else f"{tens:,.2f}".replace(",", "#").replace(".", mark).replace("#", ".")
            )
            row.values[index] = [Value(text, tens * 1_000_000, "Rupiah")]
        rows.append(row)
    first = TableSpec("anggaran_realisasi", [f"Tabel 3.5 Anggaran dan Realisasi per Program Tahun {n}"], cols, rows)
    return [first]


def months(world: World, style: Style) -> list[TableSpec]:
    """Spending planned for each month of the year (DPA), sub kegiatan by sub kegiatan."""
    n = world.year
    shown = MONTHS[:6]
    cols = [
        Col(("No",), "number", 0.4),
        Col(("Uraian Sub Kegiatan",), "name", 2.6),
        Col(("Jumlah Anggaran (Rp)",), "q", 1.6, "anggaran", "anggaran", n),
    ]
    cols += [
        Col(("Realisasi Anggaran Bulan", month), "q", 1.5, "realisasi", "anggaran", n, f"b{i:02d}")
        for i, month in enumerate(shown, 1)
    ]
    rows = []
    for number, node in enumerate((x for x in world.nodes() if x.level == "sub_kegiatan"), 1):
        row = Row(level="sub_kegiatan", code=node.code, name=node.name, texts={0: str(number), 1: node.name})
        _put(row, 2, node.money[n], "anggaran", style)
        for index in range(3, 9):
            _put(row, index, node.spent[n] // 12 + index, "anggaran", style)
        rows.append(row)
    caption = [f"Realisasi Anggaran per Bulan Tahun Anggaran {n}", world.agency]
    return [TableSpec("realisasi_apbd", caption, cols, rows)]
