"""Whole documents: cover, prose and tables of one kind, from a seed."""

from __future__ import annotations

import random
from collections.abc import Callable

from benchmarks.generate import model, renja, styles
from benchmarks.generate.model import World
from benchmarks.generate.paper import Look
from benchmarks.generate.styles import Style
from benchmarks.generate.tables import Doc, TableSpec

Builder = Callable[[World, Style], list[TableSpec]]
PROSE = "Dokumen ini disusun sebagai pedoman pelaksanaan tugas dan fungsi {agency} {region} pada tahun {year}. Uraian lengkap disajikan pada tabel berikut."


KINDS: dict[str, tuple[str, str, Builder]] = {  # kind -> (doc_type, title, builder)
    "tc29": ("renja", "RENCANA KERJA (RENJA)", lambda w, s: [renja.tc29(w, s)]),
    "tc31": ("renja", "RENCANA KERJA (RENJA)", lambda w, s: [renja.tc31(w, s)]),
    "tc33": ("renja", "RENCANA KERJA (RENJA)", lambda w, s: [renja.tc33(w, s)]),
    "sipd": ("renja", "RENCANA KERJA", lambda w, s: [renja.sipd(w, s)]),
    "quarters": ("renja", "EVALUASI HASIL RENCANA KERJA (RENJA)", lambda w, s: [renja.quarters(w, s)]),
}
SMALL = {"tc29": 2, "quarters": 2}


def document(kind: str, seed: int) -> tuple[Doc, Look]:
    """The document of a kind and a seed, and how it is to look."""
    rng = random.Random(seed)
    doc_type, title, build = KINDS[kind]
    world = model.build(seed, size=rng.choice([2, 2, 3]))
    style = styles.choose(world.rng)
    look = Look.choose(world.rng)
    tables = build(world, style)
    for spec in tables:
        spec.repeat = world.rng.choice(["header", "header", "numbering", "none"]) if spec.numbering else world.rng.choice(["header", "none"])
    cover = [title, f"TAHUN {world.year}", "", world.agency.upper(), world.region.upper(), str(world.year - 1)]
    doc = Doc(f"{kind}-{seed}", kind, doc_type, world.year, world.region, world.region_code, world.agency, cover)
    doc.parts = [PROSE.format(agency=world.agency, region=world.region, year=world.year), *tables]
    doc.look = {"producer": look.producer, "rules": look.rules, "era": world.era}
    return doc, look
