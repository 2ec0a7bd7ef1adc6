"""Budget forms: LRA, APBD and its change, RKA and DPA by line, RKPD over agencies; staff and assets."""

from __future__ import annotations

import csv
from decimal import Decimal
from functools import cache

from benchmarks.generate.model import AGENCIES, REFERENCE, World
from benchmarks.generate.plans import value_of
from benchmarks.generate.styles import Style
from benchmarks.generate.tables import Col, Row, TableSpec, Value

SECTION = {"4": "pendapatan", "5": "belanja", "6": "pembiayaan", "7": "pembiayaan"}
GOODS = (
    ("Kertas HVS F4", "Rim", 55_000),
    ("Tinta Printer", "Botol", 125_000),
    ("Nasi Kotak", "Kotak", 35_000),
    ("Honorarium Narasumber", "Orang/Jam", 900_000),
    ("Sewa Ruang Rapat", "Hari", 1_500_000),
    ("Cetak Spanduk", "Meter", 30_000),
    ("Perjalanan Dinas", "Orang/Hari", 370_000),
    ("Materai 10.000", "Lembar", 10_000),
)


@cache
def chart(year: int) -> list[tuple[str, str]]:
    """Code and name of the upper accounts that a year's documents print."""
    scheme = "13/2006" if year <= 2020 else "050-5889/2021"
    with (REFERENCE / "accounts_main.csv").open(encoding="utf-8", newline="") as stream:
        found = [(r["code"], r["name"]) for r in csv.DictReader(stream) if r["scheme"] == scheme]
    if year > 2020:
        with (REFERENCE / "rekening_belanja.csv").open(encoding="utf-8", newline="") as stream:
            found += [
                (r["code"], r["name"])
                for r in csv.DictReader(stream)
                if len(r["code"].split(".")) <= 3 and r["code"].startswith(("5.1", "5.2", "5.3"))
            ]
        found.append(("5", "BELANJA DAERAH"))
    return sorted(set(found))


def _tree(world: World, year: int) -> dict[str, tuple[str, list[int]]]:
    """Account -> name and its amounts: before, after the change, spent, spent last year; parents are sums."""
    rng = world.rng
    accounts = dict(chart(year))
    leaves = [c for c in accounts if not any(o.startswith(c + ".") for o in accounts)]
    found: dict[str, list[int]] = {c: [0, 0, 0, 0] for c in accounts}
    for leaf in leaves:
        base = rng.randint(100, 90_000) * 1_000_000 + rng.randint(0, 999_999)
        after = base + rng.choice([0, 1, -1]) * rng.randint(1, 9_000) * 10_000
        amounts = [base, after, int(after * rng.randint(700, 1080) / 1000), int(base * rng.randint(700, 1000) / 1000)]
        for code in accounts:
            if leaf == code or leaf.startswith(code + "."):
                found[code] = [a + b for a, b in zip(found[code], amounts, strict=True)]
    return {c: (accounts[c], found[c]) for c in accounts}


def _rate(part: int, whole: int) -> Decimal | None:
    return Decimal(part) * 100 / Decimal(whole) if whole else None


def _put(row: Row, index: int, amount: int | Decimal | None, rate: bool, style: Style) -> None:
    value = value_of(amount, "anggaran", rate, "", style)
    if value is not None:
        row.values[index] = [value]


def _account_rows(world: World, style: Style, year: int, coded: bool, fill: object) -> list[Row]:
    """Accounts in order, a `Jumlah` after each first-digit section, and the surplus."""
    tree = _tree(world, year)
    rows: list[Row] = []
    for section in ("4", "5", "6"):
        for code in sorted(c for c in tree if c.startswith(section)):
            name, amounts = tree[code]
            rows.append(_account_row(code, name, amounts, coded, fill))
        if section != "6":
            label = {"4": "JUMLAH PENDAPATAN", "5": "JUMLAH BELANJA"}[section]
            total = Row(level="total", name=label, bold=True, texts={1: label})
            fill(total, tree[section][1])  # type: ignore[operator]
            rows.append(total)
        if section == "5":
            rest = Row(level="other", name="SURPLUS / (DEFISIT)", bold=True, texts={1: "SURPLUS / (DEFISIT)"})
            fill(rest, [a - b for a, b in zip(tree["4"][1], tree["5"][1], strict=True)])  # type: ignore[operator]
            rows.append(rest)
    return rows


def _account_row(code: str, name: str, amounts: list[int], coded: bool, fill: object) -> Row:
    row = Row(level=SECTION[code[0]], name=name, bold="." not in code)
    row.texts = {0: code, 1: name}
    row.account, row.code_raw = code, code
    fill(row, amounts)  # type: ignore[operator]
    return row


def lra(world: World, style: Style) -> list[TableSpec]:
    """Budget realisation of the whole government by account."""
    rng, n = world.rng, world.year
    last = rng.random() < 0.5
    cols = [
        Col((rng.choice(["Kode", "No", "No. Urut", "Kode Rekening"]),), "code", 0.9),
        Col(("Uraian",), "name", 3.5),
        Col(
            (rng.choice([f"Anggaran {n}", "Anggaran (Rp)", "Anggaran", "Anggaran Setelah Perubahan"]),),
            "q",
            1.8,
            "anggaran",
            "anggaran",
            n,
        ),
        Col((rng.choice([f"Realisasi {n}", "Realisasi (Rp)", "Realisasi"]),), "q", 1.8, "realisasi", "anggaran", n),
        Col(
            (rng.choice(["Lebih/(Kurang)", "Bertambah/(Berkurang)", "Lebih / Kurang (Rp)", "Selisih"]),),
            "q",
            1.8,
            "selisih",
            "anggaran",
            n,
        ),
        Col((rng.choice(["%", "(%)", "Persentase", "Capaian (%)"]),), "q", 0.8, "tingkat_realisasi", "anggaran", n),
    ]
    if cols[2].path[0].endswith("Perubahan"):
        cols[2].role = "anggaran_perubahan"
    if last:
        cols.append(Col((f"Realisasi {n - 1}",), "q", 1.8, "realisasi", "anggaran", n - 1))

    def fill(row: Row, a: list[int]) -> None:
        _put(row, 2, a[1], False, style)
        _put(row, 3, a[2], False, style)
        _put(row, 4, a[2] - a[1], False, style)
        _put(row, 5, _rate(a[2], a[1]), True, style)
        if last:
            _put(row, 6, a[3], False, style)

    caption = [
        f"PEMERINTAH {world.region.upper()}",
        "LAPORAN REALISASI ANGGARAN PENDAPATAN DAN BELANJA DAERAH",
        f"UNTUK TAHUN YANG BERAKHIR SAMPAI DENGAN 31 DESEMBER {n}",
    ]
    return [TableSpec("lra", caption, cols, _account_rows(world, style, n, True, fill))]


def by_agency(world: World, style: Style) -> list[TableSpec]:
    """Realisation by agency (APBD by organisation)."""
    rng, n = world.rng, world.year
    cols = [
        Col(("Kode",), "code", 1.2),
        Col((rng.choice(["Uraian", "Urusan Pemerintahan Daerah", "Perangkat Daerah", "SKPD"]),), "name", 3.5),
        Col((rng.choice(["Anggaran", f"Anggaran {n} (Rp)"]),), "q", 1.8, "anggaran", "anggaran", n),
        Col((rng.choice(["Realisasi", f"Realisasi {n} (Rp)"]),), "q", 1.8, "realisasi", "anggaran", n),
        Col(("Bertambah/(Berkurang)", "(Rp)"), "q", 1.8, "selisih", "anggaran", n),
        Col(("Bertambah/(Berkurang)", "%"), "q", 0.8, "selisih", "anggaran", n),
    ]
    rows = []
    total = [0, 0]
    for bidang in rng.sample(sorted(AGENCIES), 8):
        name = AGENCIES[bidang][0].format(place="Sukamaju")
        plan = rng.randint(10, 90_000) * 1_000_000 + rng.randint(0, 999) * 1000
        done = int(plan * rng.randint(800, 1000) / 1000)
        code = f"{bidang}.01"
        row = Row(level="perangkat_daerah", name=name, texts={0: code, 1: name}, code_raw=code, agency=name)
        _fill_agency(row, plan, done, style)
        rows.append(row)
        total = [total[0] + plan, total[1] + done]
    last = Row(level="total", name="JUMLAH", texts={1: "JUMLAH"}, bold=True)
    _fill_agency(last, total[0], total[1], style)
    rows.append(last)
    caption = [
        f"PEMERINTAH {world.region.upper()}",
        f"LAPORAN REALISASI ANGGARAN BELANJA MENURUT ORGANISASI TAHUN ANGGARAN {n}",
    ]
    return [TableSpec("lra", caption, cols, rows)]


def _fill_agency(row: Row, plan: int, done: int, style: Style) -> None:
    _put(row, 2, plan, False, style)
    _put(row, 3, done, False, style)
    _put(row, 4, done - plan, False, style)
    _put(row, 5, _rate(done - plan, plan), True, style)


def apbd(world: World, style: Style) -> list[TableSpec]:
    """Summary of the changed budget."""
    rng, n = world.rng, world.year
    top, diff = rng.choice(
        [
            ("Jumlah (Rp)", "Bertambah/(Berkurang)"),
            ("Jumlah", "Bertambah / (Berkurang)"),
            ("Anggaran (Rp)", "Bertambah/Berkurang"),
        ]
    )
    cols = [
        Col((rng.choice(["Nomor Urut", "Kode", "Kode Rekening", "No. Urut"]),), "code", 0.9),
        Col(("Uraian",), "name", 3.5),
        Col((top, "Sebelum Perubahan"), "q", 1.8, "anggaran", "anggaran", n),
        Col(
            (top, rng.choice(["Setelah Perubahan", "Sesudah Perubahan"])), "q", 1.8, "anggaran_perubahan", "anggaran", n
        ),
        Col((diff, rng.choice(["(Rp)", "Rp", "Rp."])), "q", 1.8, "selisih", "anggaran", n),
        Col((diff, "%"), "q", 0.8, "selisih", "anggaran", n),
    ]

    def fill(row: Row, a: list[int]) -> None:
        _put(row, 2, a[0], False, style)
        _put(row, 3, a[1], False, style)
        _put(row, 4, a[1] - a[0], False, style)
        _put(row, 5, _rate(a[1] - a[0], a[0]), True, style)

    caption = [f"PEMERINTAH {world.region.upper()}", "RINGKASAN PERUBAHAN APBD", f"TAHUN ANGGARAN {n}"]
    return [TableSpec("apbd", caption, cols, _account_rows(world, style, n, True, fill))]


def lines(world: World, style: Style, kind: str) -> list[TableSpec]:
    """RKA or DPA: accounts with the lines below them, volume times price."""
    rng, n = world.rng, world.year
    new = n > 2020
    top = "Rincian Perhitungan"
    amount = rng.choice(["Jumlah (Rp)", "Jumlah"])
    leafs = ("Koefisien", "Satuan", "Harga", "PPN") if new else ("Volume", "Satuan", "Harga Satuan")
    cols = [
        Col(("Kode Rekening",), "code", 1.6),
        Col(("Uraian",), "name", 3.2),
        Col((top, leafs[0]), "q", 1.0, "volume", "jumlah", n),
        Col((top, leafs[1]), "unit", 0.9),
        Col((top, leafs[2]), "q", 1.4, "harga_satuan", "anggaran", n),
    ]
    if new:
        cols.append(Col((top, "PPN"), "q", 0.8, "nilai", "anggaran", n))
    cols.append(Col((top, amount) if new and rng.random() < 0.5 else (amount,), "q", 1.6, "anggaran", "anggaran", n))
    codes = (
        ["5", "5.1", "5.1.02", "5.1.02.01", "5.1.02.01.01", "5.1.02.01.01.0024"]
        if new
        else ["5", "5.2", "5.2.2", "5.2.2.01", "5.2.2.01.01"]
    )
    names = _account_names(new)
    goods = [(g, rng.randint(1, 40)) for g in rng.sample(GOODS, 4)]
    total = sum(price * count for (_, _, price), count in goods)
    rows = []
    for code in codes:
        row = Row(
            level="belanja",
            name=names.get(code, "Belanja Barang"),
            texts={0: code, 1: names.get(code, "Belanja Barang")},
            account=code,
            code_raw=code,
            bold=True,
        )
        _put(row, len(cols) - 1, total, False, style)
        rows.append(row)
    for (name, unit, price), count in goods:
        rows.append(_goods_row(name, unit, price, count, new, len(cols), style))
    last = Row(level="total", name="JUMLAH", texts={0: "Jumlah"}, spans={0: len(cols) - 1}, bold=True)
    _put(last, len(cols) - 1, total, False, style)
    rows.append(last)
    spec = TableSpec(kind, [], cols, rows)
    word = "RENCANA KERJA DAN ANGGARAN" if kind == "rka" else "DOKUMEN PELAKSANAAN ANGGARAN"
    what = "Anggaran Belanja" if kind == "rka" else "Dokumen Pelaksanaan Anggaran"
    spec.caption = [
        word,
        "SATUAN KERJA PERANGKAT DAERAH",
        f"{world.region} Tahun Anggaran {n}",
        f"Rincian {what} Kegiatan Satuan Kerja Perangkat Daerah",
    ]
    if not new and rng.random() < 0.6:
        spec.numbering = ["1", "2", "3", "4", "5", "6=(3x5)"]
    return [spec]


def _account_names(new: bool) -> dict[str, str]:
    if not new:
        return {
            "5": "BELANJA DAERAH",
            "5.2": "BELANJA LANGSUNG",
            "5.2.2": "Belanja Barang dan Jasa",
            "5.2.2.01": "Belanja Bahan Pakai Habis",
            "5.2.2.01.01": "Belanja alat tulis kantor",
        }
    with (REFERENCE / "rekening_belanja.csv").open(encoding="utf-8", newline="") as stream:
        return {r["code"]: r["name"] for r in csv.DictReader(stream)}


def _goods_row(name: str, unit: str, price: int, count: int, new: bool, width: int, style: Style) -> Row:
    row = Row(level="other", name=name, texts={1: name, 3: unit})
    row.values[2] = [Value(f"{count} {unit}" if new else str(count), Decimal(count), unit)]
    _put(row, 4, price, False, style)
    if new:
        row.values[5] = [Value("0", Decimal(0), "Rupiah")]
    _put(row, width - 1, price * count, False, style)
    return row


def staff(world: World, style: Style) -> list[TableSpec]:
    """Staff by rank or schooling, and assets."""
    rng = world.rng
    by = rng.choice(
        [
            ("Golongan", ("IV", "III", "II", "I")),
            ("Tingkat Pendidikan", ("S2", "S1", "D3", "SMA")),
            ("Jabatan", ("Eselon II", "Eselon III", "Eselon IV", "Fungsional", "Pelaksana")),
        ]
    )
    cols = [
        Col(("No",), "number", 0.4),
        Col((by[0],), "name", 2.0),
        Col(("Jenis Kelamin", "Laki-laki"), "q", 1.0, "jumlah", "jumlah", world.year),
        Col(("Jenis Kelamin", "Perempuan"), "q", 1.0, "jumlah", "jumlah", world.year),
        Col(("Jumlah",), "q", 1.0, "jumlah", "jumlah", world.year),
    ]
    rows, total = [], [0, 0]
    for order, label in enumerate(by[1], 1):
        men, women = rng.randint(0, 40), rng.randint(1, 40)
        rows.append(_counts({0: str(order), 1: label}, "other", label, [men, women, men + women], 2))
        total = [total[0] + men, total[1] + women]
    rows.append(_counts({1: "Jumlah"}, "total", "Jumlah", [*total, sum(total)], 2))
    first = TableSpec(
        "kepegawaian", [f"Tabel 2.1 Jumlah Pegawai menurut {by[0]} dan Jenis Kelamin Tahun {world.year}"], cols, rows
    )
    cols = [
        Col(("No",), "number", 0.4),
        Col((rng.choice(["Jenis Barang", "Nama Barang", "Uraian", "Sarana dan Prasarana"]),), "name", 2.5),
        Col(("Jumlah",), "q", 1.0, "jumlah", "jumlah", world.year),
        Col(("Kondisi", "Baik"), "q", 1.0, "jumlah", "jumlah", world.year),
        Col(("Kondisi", "Rusak"), "q", 1.0, "jumlah", "jumlah", world.year),
    ]
    rows = []
    for order, label in enumerate(
        rng.sample(
            [
                "Laptop",
                "Printer",
                "Meja Kerja",
                "Kursi Kerja",
                "Kendaraan Roda 4",
                "Kendaraan Roda 2",
                "AC",
                "Lemari Arsip",
            ],
            5,
        ),
        1,
    ):
        good, bad = rng.randint(1, 60), rng.randint(0, 6)
        rows.append(_counts({0: str(order), 1: label}, "other", label, [good + bad, good, bad], 2))
    second = TableSpec("sarana", [f"Tabel 2.2 Sarana dan Prasarana {world.agency} Tahun {world.year}"], cols, rows)
    return [first, second]


def _counts(texts: dict[int, str], level: str, name: str, numbers: list[int], first: int) -> Row:
    row = Row(level=level, name=name, texts=texts)
    for index, number in enumerate(numbers, first):
        row.values[index] = [Value(str(number), Decimal(number))]
    return row
