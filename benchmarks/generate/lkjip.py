"""LKjIP: attainment, comparison over years and with the plan, budget against realisation."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.generate.goals import indicator_table
from benchmarks.generate.model import World
from benchmarks.generate.plans import Plan, Q, measured, money_of, share, table
from benchmarks.generate.styles import Style
from benchmarks.generate.tables import TableSpec

SPENDING = ("Anggaran dan Realisasi Belanja", "Realisasi Anggaran", "Pagu dan Realisasi Anggaran")


def lkjip(world: World, style: Style) -> list[TableSpec]:
    """Attainment, comparison over years and with the plan, budget against realisation."""
    return [_attainment(world, style), _over_years(world, style), _beside_plan(world, style), _spending(world, style)]


def _attainment(world: World, style: Style) -> TableSpec:
    rng, n = world.rng, world.year
    goal = rng.choice(["Sasaran Strategis", "Sasaran", None])
    rate = share(measured("done", n), measured("target", n))
    capaian = rng.choice(
        ["Capaian (%)", "% Capaian", "Persentase Capaian", "Tingkat Capaian (%)", "Capaian %", "Capaian"]
    )
    bare = rng.random() < 0.5
    top = (rng.choice([f"Tahun {n}", f"Kinerja Tahun {n}"]),) if rng.random() < 0.3 else ()
    found = [
        Q((*top, "Target" if bare else f"Target {n}"), "target", "kinerja", n, measured("target", n)),
        Q((*top, "Realisasi" if bare else f"Realisasi {n}"), "realisasi", "kinerja", n, measured("done", n)),
        Q((*top, capaian), "tingkat_realisasi", "kinerja", n, rate, rate=True),
    ]
    caption = f"Tabel 3.1 Capaian Kinerja {world.agency} Tahun {n}"
    return _goals(world, style, caption, found, goal, rng.random() < 0.5 or style.unit == "column")


def _goals(
    world: World, style: Style, caption: str, found: list[Q], goal: str | None = None, satuan: bool | None = None
) -> TableSpec:
    with_units = style.unit == "column" if satuan is None else satuan
    return indicator_table(
        world, style, "capaian_kinerja", [caption], found, name=goal, level="indikator", satuan=with_units
    )


def _over_years(world: World, style: Style) -> TableSpec:
    n = world.year
    word = world.rng.choice(["Realisasi {}", "Tahun {}", "Realisasi Tahun {}"])
    above = ("Realisasi",) if word.startswith("Tahun") else ()
    over = [Q((*above, word.format(y)), "realisasi", "kinerja", y, measured("done", y)) for y in (n - 2, n - 1, n)]
    return _goals(world, style, f"Tabel 3.2 Perbandingan Realisasi Kinerja Tahun {n - 2} - {n}", over)


def _beside_plan(world: World, style: Style) -> TableSpec:
    rng, n, last = world.rng, world.year, world.plan[1]
    target = rng.choice(
        [f"Target Akhir Renstra ({last})", f"Target Renstra {last}", f"Target Akhir Periode Renstra Tahun {last}"]
    )
    rate = rng.choice(["Tingkat Kemajuan (%)", "Tingkat Kemajuan", "Capaian terhadap Target Akhir Renstra (%)"])
    attained = share(measured("done", n), measured("target", last))
    found = [
        Q((target,), "target_renstra", "kinerja", last, measured("target", last)),
        Q((f"Realisasi {n}",), "realisasi", "kinerja", n, measured("done", n)),
        Q((rate,), "tingkat_capaian", "kinerja", n, attained, rate=True),
    ]
    caption = f"Tabel 3.3 Perbandingan Realisasi Kinerja dengan Target Jangka Menengah Tahun {n}"
    return _goals(world, style, caption, found)


def _spending(world: World, style: Style) -> TableSpec:
    rng, n = world.rng, world.year
    caption = [f"Tabel 3.4 {rng.choice(SPENDING)} Tahun {n}"]
    planned = rng.choice(["Anggaran (Rp)", f"Anggaran {n}", "Pagu Anggaran (Rp)", "Pagu", "Anggaran"])
    spent = rng.choice(["Realisasi (Rp)", "Realisasi", f"Realisasi {n} (Rp)", "Realisasi Anggaran (Rp)"])
    rate = rng.choice(["%", "Persentase (%)", "Capaian (%)", "Persen", "% Realisasi", "Serapan (%)"])
    used = share(money_of("spent", n), money_of("money", n))
    found = [
        Q((planned,), "anggaran", "anggaran", n, money_of("money", n)),
        Q((spent,), "realisasi", "anggaran", n, money_of("spent", n)),
        Q((rate,), "tingkat_realisasi", "anggaran", n, used, rate=True),
    ]
    if rng.random() < 0.4:
        left = rng.choice(["Sisa Anggaran (Rp)", "Sisa", "Sisa Anggaran", "Selisih (Rp)"])
        found.append(Q((left,), "selisih", "anggaran", n, lambda node, _: node.money[n] - node.spent[n]))
    own = replace(style, code="none" if rng.random() < 0.6 else "dotted")
    plan = Plan(
        "anggaran_realisasi", caption,
        rng.choice(["Program/Kegiatan", "Program", "Uraian", "Program / Kegiatan / Sub Kegiatan"]), found, None,
        number_header=rng.choice([None, "No"]),
        levels=rng.choice([("program",), ("program", "kegiatan"), ("program", "kegiatan", "sub_kegiatan")]),
        total=rng.choice(["Jumlah", "TOTAL", None]),
    )  # fmt: skip
    return table(world, own, plan)
