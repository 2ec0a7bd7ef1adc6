"""LKjIP: attainment, comparison over years and with the plan, budget against realisation."""

from __future__ import annotations

from benchmarks.generate.goals import indicator_table
from benchmarks.generate.model import World
from benchmarks.generate.plans import Plan, Q, measured, money_of, share, table
from benchmarks.generate.styles import Style
from benchmarks.generate.tables import TableSpec

SPENDING = ("Anggaran dan Realisasi Belanja", "Realisasi Anggaran", "Pagu dan Realisasi Anggaran")


def lkjip(world: World, style: Style) -> list[TableSpec]:
    """Attainment, comparison over years and with the plan, budget against realisation."""
    rng, n, last = world.rng, world.year, world.plan[1]
    goal = rng.choice(["Sasaran Strategis", "Sasaran", None])
    rate = share(measured("done", n), measured("target", n))
    capaian = rng.choice(
        ["Capaian (%)", "% Capaian", "Persentase Capaian", "Tingkat Capaian (%)", "Capaian %", "Capaian"]
    )
    bare = rng.random() < 0.5
    top = (rng.choice([f"Tahun {n}", f"Kinerja Tahun {n}"]),) if rng.random() < 0.3 else ()
    first = [
        Q((*top, "Target" if bare else f"Target {n}"), "target", "kinerja", n, measured("target", n)),
        Q((*top, "Realisasi" if bare else f"Realisasi {n}"), "realisasi", "kinerja", n, measured("done", n)),
        Q((*top, capaian), "tingkat_realisasi", "kinerja", n, rate, rate=True),
    ]
    tables = [
        indicator_table(
            world,
            style,
            "capaian_kinerja",
            [f"Tabel 3.1 Capaian Kinerja {world.agency} Tahun {n}"],
            first,
            name=goal,
            level="indikator",
            satuan=rng.random() < 0.5 or style.unit == "column",
        )
    ]
    word = rng.choice(["Realisasi {}", "Tahun {}", "Realisasi Tahun {}"])
    above = ("Realisasi",) if word.startswith("Tahun") else ()
    over = [Q((*above, word.format(y)), "realisasi", "kinerja", y, measured("done", y)) for y in (n - 2, n - 1, n)]
    tables.append(
        indicator_table(
            world,
            style,
            "capaian_kinerja",
            [f"Tabel 3.2 Perbandingan Realisasi Kinerja Tahun {n - 2} - {n}"],
            over,
            name=None,
            level="indikator",
            satuan=style.unit == "column",
        )
    )
    plan = [
        Q(
            (
                rng.choice(
                    [
                        f"Target Akhir Renstra ({last})",
                        f"Target Renstra {last}",
                        f"Target Akhir Periode Renstra Tahun {last}",
                    ]
                ),
            ),
            "target_renstra",
            "kinerja",
            last,
            measured("target", last),
        ),
        Q((f"Realisasi {n}",), "realisasi", "kinerja", n, measured("done", n)),
        Q(
            (rng.choice(["Tingkat Kemajuan (%)", "Tingkat Kemajuan", "Capaian terhadap Target Akhir Renstra (%)"]),),
            "tingkat_capaian",
            "kinerja",
            n,
            share(measured("done", n), measured("target", last)),
            rate=True,
        ),
    ]
    tables.append(
        indicator_table(
            world,
            style,
            "capaian_kinerja",
            [f"Tabel 3.3 Perbandingan Realisasi Kinerja dengan Target Jangka Menengah Tahun {n}"],
            plan,
            name=None,
            level="indikator",
            satuan=style.unit == "column",
        )
    )
    tables.append(_spending(world, style))
    return tables


def _spending(world: World, style: Style) -> TableSpec:
    rng, n = world.rng, world.year
    caption = [f"Tabel 3.4 {rng.choice(SPENDING)} Tahun {n}"]
    found = [
        Q(
            (rng.choice(["Anggaran (Rp)", f"Anggaran {n}", "Pagu Anggaran (Rp)", "Pagu", "Anggaran"]),),
            "anggaran",
            "anggaran",
            n,
            money_of("money", n),
        ),
        Q(
            (rng.choice(["Realisasi (Rp)", "Realisasi", f"Realisasi {n} (Rp)", "Realisasi Anggaran (Rp)"]),),
            "realisasi",
            "anggaran",
            n,
            money_of("spent", n),
        ),
        Q(
            (rng.choice(["%", "Persentase (%)", "Capaian (%)", "Persen", "% Realisasi", "Serapan (%)"]),),
            "tingkat_realisasi",
            "anggaran",
            n,
            share(money_of("spent", n), money_of("money", n)),
            rate=True,
        ),
    ]
    if rng.random() < 0.4:
        found.append(
            Q(
                (rng.choice(["Sisa Anggaran (Rp)", "Sisa", "Sisa Anggaran", "Selisih (Rp)"]),),
                "selisih",
                "anggaran",
                n,
                lambda node, _: node.money[n] - node.spent[n],
            )
        )
    own = Style(**{**style.__dict__, "code": "none" if rng.random() < 0.6 else "dotted"})
    plan = Plan(
        "anggaran_realisasi",
        caption,
        rng.choice(["Program/Kegiatan", "Program", "Uraian", "Program / Kegiatan / Sub Kegiatan"]),
        found,
        None,
        number_header=rng.choice([None, "No"]),
        levels=rng.choice([("program",), ("program", "kegiatan"), ("program", "kegiatan", "sub_kegiatan")]),
        total=rng.choice(["Jumlah", "TOTAL", None]),
    )
    return table(world, own, plan)
