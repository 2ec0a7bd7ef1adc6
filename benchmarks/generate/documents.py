"""Whole documents: cover, prose and tables of one kind, from a seed."""

from __future__ import annotations

import random
from collections.abc import Callable

from benchmarks.generate import budgets, goals, lkjip, model, others, renja, styles
from benchmarks.generate.model import World
from benchmarks.generate.paper import Look
from benchmarks.generate.styles import Style
from benchmarks.generate.tables import Doc, TableSpec

Builder = Callable[[World, Style], list[TableSpec]]
PROSE = (
    "Dokumen ini disusun sebagai pedoman pelaksanaan tugas dan fungsi {agency} {region} pada tahun {year}. "
    "Uraian lengkap disajikan pada tabel berikut."
)


KINDS: dict[str, tuple[str, str, Builder]] = {  # kind -> (doc_type, title, builder)
    "tc29": ("renja", "RENCANA KERJA (RENJA)", lambda w, s: [renja.tc29(w, s)]),
    "tc31": ("renja", "RENCANA KERJA (RENJA)", lambda w, s: [renja.tc31(w, s)]),
    "tc33": ("renja", "RENCANA KERJA (RENJA)", lambda w, s: [renja.tc33(w, s)]),
    "sipd": ("renja", "RENCANA KERJA", lambda w, s: [renja.sipd(w, s)]),
    "quarters": ("renja", "EVALUASI HASIL RENCANA KERJA (RENJA)", lambda w, s: [renja.quarters(w, s)]),
    "tc30": ("renja", "RENCANA KERJA (RENJA)", lambda w, s: [goals.tc30(w, s)]),
    "renstra": ("renstra", "RENCANA STRATEGIS (RENSTRA)", lambda w, s: [goals.tc25(w, s), goals.tc27(w, s)]),
    "agreement": ("perjanjian_kinerja", "PERJANJIAN KINERJA", goals.agreement),
    "lkjip": ("lkjip", "LAPORAN KINERJA INSTANSI PEMERINTAH (LKjIP)", lkjip.lkjip),
    "rkt": ("rkt", "RENCANA KINERJA TAHUNAN (RKT)", goals.rkt),
    "lra": ("lra", "LAPORAN REALISASI ANGGARAN", budgets.lra),
    "lra_agency": ("lra", "LAPORAN REALISASI ANGGARAN", budgets.by_agency),
    "apbd": ("apbd", "RINGKASAN PERUBAHAN APBD", budgets.apbd),
    "rka": ("rka", "RENCANA KERJA DAN ANGGARAN (RKA SKPD)", lambda w, s: budgets.lines(w, s, "rka")),
    "dpa": ("dpa", "DOKUMEN PELAKSANAAN ANGGARAN (DPA SKPD)", lambda w, s: budgets.lines(w, s, "dpa")),
    "stairs": ("renja", "RENCANA KERJA (RENJA)", others.stairs),
    "many": ("rkpd", "RENCANA KERJA PEMERINTAH DAERAH (RKPD)", others.many),
    "old": ("renja", "RENCANA KERJA (RENJA)", others.old),
    "progress": ("other", "LAPORAN REALISASI FISIK DAN KEUANGAN", others.progress),
    "iku": ("other", "INDIKATOR KINERJA UTAMA", others.iku),
    "millions": ("lkjip", "LAPORAN KINERJA INSTANSI PEMERINTAH (LKjIP)", others.millions),
    "months": ("other", "LAPORAN REALISASI FISIK DAN KEUANGAN", others.months),
    "staff": ("lkjip", "LAPORAN KINERJA INSTANSI PEMERINTAH (LKjIP)", budgets.staff),
}
PORTRAIT = ("agreement", "lkjip", "lra", "lra_agency", "apbd", "rka", "dpa", "staff", "rkt")


def document(kind: str, seed: int) -> tuple[Doc, Look]:
    """The document of a kind and a seed, and how it is to look."""
    rng = random.Random(seed)
    doc_type, title, build = KINDS[kind]
    world = model.build(seed, size=rng.choice([2, 2, 3]))
    style = styles.choose(world.rng)
    look = Look.choose(world.rng, kind not in PORTRAIT)
    if kind == "old":
        world.year = 2013 + seed % 7
    if kind in ("lra", "apbd", "rka", "dpa") and world.rng.random() < 0.4:
        world.year -= 5  # the chart of accounts of Permendagri 13/2006
    tables = build(world, style)
    for spec in tables:
        spec.repeat = (
            world.rng.choice(["header", "header", "numbering", "none"])
            if spec.numbering
            else world.rng.choice(["header", "none"])
        )
    cover = [
        title,
        f"TAHUN {world.plan[0]}-{world.plan[1]}" if kind == "renstra" else f"TAHUN {world.year}",
        "",
        world.agency.upper(),
        world.region.upper(),
        str(world.year - 1),
    ]
    whole = kind in ("lra", "lra_agency", "apbd", "many")
    if whole:
        cover[3] = ""
    agency, year = "" if whole else world.agency, world.plan[0] if kind == "renstra" else world.year
    doc = Doc(f"{kind}-{seed}", kind, doc_type, year, world.region, world.region_code, agency, cover)
    doc.parts = [
        PROSE.format(agency="Pemerintah" if whole else world.agency, region=world.region, year=world.year),
        *tables,
    ]
    doc.look = {"producer": look.producer, "rules": look.rules, "era": world.era}
    return doc, look
