"""A large store of invented reports, made by set operations and published by the real publish.

Every document has 1,000 facts (200 rows of five numbers) of one agency, region and year; half of the rows are the supporting
program's, which all agencies print, half those of the agency's own bidang urusan. All is drawn from the seed.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb

from normalizers.regions import all_regions
from pipeline import loading
from pipeline.catalogue import Catalogue, Known

FACTS = 1000  # of a document
READING, MEANING = "1-synthetic", "1-synthetic"
_ROW = """
select r as row_no, 1 + r // 12 as page, r % 2 = 0 as common, r // 2 as i,
       case when r % 10 < 2 then 'kegiatan' else 'sub_kegiatan' end as level
from range(200) t(r)
"""
# A code a row: X.XX.01.2.KK(.SSSS), or the agency's own bidang with programs 02 to 05.
_ROWS = f"""
create or replace temp table row_of as
select d.document_id, d.d, d.agency_no, d.year, d.region_code, d.name_no, r.*,
       case when common then 'X.XX.01' else b.bidang || '.' || lpad((2 + i % 4)::varchar, 2, '0') end as program,
       lpad((1 + i // 10)::varchar, 2, '0') as kegiatan, lpad((1 + i % 10)::varchar, 4, '0') as sub
from docs d, ({_ROW}) r, (select a, (1 + a % 8) || '.' || lpad((1 + a)::varchar, 2, '0') as bidang from range(40) t(a)) b
where b.a = d.agency_no
"""
_FACTS = """
select f.document_id, substr(md5(f.d || '-' || f.row_no || '-' || c.n), 1, 24) as fact_id,
       left(f.document_id, 12) || '-t01' as table_id, 'tc33' as table_kind, page,
       [50.0 + 80 * c.n, 20.0 * (row_no % 12), 120.0 + 80 * c.n, 20.0 * (row_no % 12) + 18] as bbox,
       row_no::integer as row_no, (c.n + 2)::integer as column_no, 0::integer as part, level,
       'kepmendagri-900.1.15.5-1317-2023' as nomenclature,
       program || '.2.' || kegiatan || case when level = 'kegiatan' then '' else '.' || sub end as code,
       program || '.2.' || kegiatan || case when level = 'kegiatan' then '' else '.' || sub end as code_generic,
       program || '.*.' || kegiatan || case when level = 'kegiatan' then '' else '.' || sub end as code_comparable,
       program || '.2.' || kegiatan || case when level = 'kegiatan' then '' else '.' || sub end as code_raw,
       'printed' as code_how, 'Kegiatan contoh ' || program || ' ' || kegiatan || ' ' || sub as name,
       'Kegiatan contoh ' || program || ' ' || kegiatan || ' ' || sub as name_raw,
       case when c.money then null else 'Jumlah keluaran ' || kegiatan || ' ' || sub || ' cara ' || (f.name_no % 40) end
           as indicator,
       null::varchar as account, null::varchar as account_scheme, null::varchar as agency, null::varchar as agency_key,
       null::varchar[] as agency_bidang, 'Tahun > ' || c.role as column_label, c.role,
       case when c.money then 'anggaran' else 'kinerja' end as quantity, f.year::integer as year, 'tahun' as period,
       case when c.money then 1000 * (1 + hash(f.d, f.row_no, c.n, $seed) % 900000) else 1 + hash(f.d, f.row_no, c.n) % 90 end
           ::decimal(24,6) as value,
       0::integer as decimals, null::varchar as value_text, case when c.money then 'Rupiah' else 'Dokumen' end as unit,
       (1 + hash(f.d, f.row_no, c.n, $seed) % 900000)::varchar || '.000' as raw,
       ['verified', 'verified', 'unverified', 'conflict'][1 + (hash(f.row_no, f.d, c.n) % 4)::bigint] as status,
       0.99::double as confidence, false as lookalike
from row_of f, (values (0, true, 'target'), (1, true, 'anggaran'), (2, true, 'realisasi'), (3, false, 'target'),
                       (4, false, 'realisasi')) c(n, money, role)
order by f.document_id, row_no, c.n
"""
_QUERIES = {
    ("meaning", "facts"): _FACTS,
    ("meaning", "rows"): """
        select document_id, left(document_id, 12) || '-t01' as table_id, row_no::integer as row_no, level,
               program || '.2.' || kegiatan || case when level = 'kegiatan' then '' else '.' || sub end as code,
               program || '.2.' || kegiatan || case when level = 'kegiatan' then '' else '.' || sub end as code_generic,
               'printed' as code_how, 'Kegiatan contoh ' || program || ' ' || kegiatan || ' ' || sub as official_name,
               page::integer as page
        from row_of order by document_id, row_no""",
    ("meaning", "checks"): """
        select document_id, left(document_id, 12) || '-' || row_no || '-c' as check_id,
               left(document_id, 12) || '-t01' as table_id, 'hierarchy_sum' as kind,
               [substr(md5(d || '-' || row_no || '-0'), 1, 24), substr(md5(d || '-' || row_no || '-1'), 1, 24)] as fact_ids,
               [substr(md5(d || '-' || row_no || '-0'), 1, 24)] as pins, page::integer as page,
               null::double[] as bbox, 'holds' as verdict, 'It adds up.' as explanation
        from row_of where row_no % 4 = 0 order by document_id, row_no""",
    ("meaning", "problems"): """
        select document_id, 1::integer as page, null::varchar as table_id, null::double[] as bbox,
               'doubled_text' as kind, 'note' as severity, '' as "text", 'Letters are printed twice.' as explanation
        from docs order by document_id""",
    ("meaning", "tables"): """
        select document_id, 0::integer as table_no, left(document_id, 12) || '-t01' as table_id, 'tc33' as table_kind,
               'Tabel T-C.33' as caption, '[]' as header, 0::integer as first_row, 201::integer as n_rows,
               [0]::integer[] as header_rows, list_transform(range(200), lambda x: x + 1)::integer[] as grid_rows,
               range(200)::integer[] as row_nos
        from docs order by document_id""",
    ("reading", "tables"): """
        select document_id, 0::integer as table_no, 201::integer as n_rows, 7::integer as n_columns, 'ruled' as method
        from docs order by document_id""",
    ("reading", "cells"): """
        select document_id, 0::integer as table_no, (row_no + 1)::integer as "row", c::integer as "column",
               page::integer as page, [50.0 + 80 * c, 20.0 * (row_no % 12), 120.0 + 80 * c, 20.0 * (row_no % 12) + 18] as bbox,
               case c when 0 then program || '.2.' || kegiatan || '.' || sub
                      when 1 then 'Kegiatan contoh ' || program || ' ' || kegiatan || ' ' || sub
                      else (1 + hash(d, row_no, c) % 900000)::varchar || '.000' end as "text",
               1::integer as rowspan, 1::integer as colspan, 0.99::double as confidence, 'pdfium' as method,
               []::struct("text" varchar, method varchar, confidence double)[] as others
        from row_of, range(7) t(c) order by document_id, row_no, c""",
    ("reading", "lines"): """
        select document_id, (1 + n % 20)::integer as page, [50.0, 30.0 * n, 500.0, 30.0 * n + 12] as bbox,
               'Kalimat nomor ' || n || ' dari laporan ' || d as "text", 11.0::double as size
        from docs, range(40) t(n) order by document_id, page, n""",
}  # fmt: skip


def document_id(seed: int, number: int) -> str:
    return sha256(f"{seed}-{number}".encode()).hexdigest()


class Synthetic:
    """Invented documents `first` to `last` of a seed, in the catalogue of a store, and their harvests on demand."""

    def __init__(self, store: Path, seed: int = 1) -> None:
        self.store, self.seed, self.number_of = store, seed, {}  # type: ignore[var-annotated]
        self.seconds = self.processor = 0.0  # spent on inventing, which is no part of a publish
        self._places = [(r.code, r.name) for r in all_regions() if r.kind != "provinsi"]
        self._scratch = store / "scratch"
        self._scratch.mkdir(parents=True, exist_ok=True)

    def about(self, number: int) -> dict[str, Any]:
        """The document record: 40 agencies, six years, all kabupaten and kota in turn."""
        code, name = self._places[number // 6 % len(self._places)]
        agency = number // 6 // len(self._places) * 7 % 40
        bidang = f"{1 + agency % 8}.{1 + agency:02}"
        return {
            "document": f"renja-{number}.pdf", "title": f"Rencana Kerja {number}", "doc_type": "renja",
            "fiscal_year": 2020 + number % 6, "region_code": code, "region": name, "agency": f"Dinas Contoh {agency}",
            "agency_key": f"dinas-{agency}", "agency_bidang": [bidang], "pages": 20, "pages_scanned": 0, "status": "ok",
            "error": None, "signature": document_id(self.seed, -1 - number),
        }  # fmt: skip

    def add(self, first: int, last: int) -> None:
        """Documents `first` to `last` - 1 into the catalogue, as an ingest would have left them."""
        Catalogue(self.store).close()
        with sqlite3.connect(self.store / "catalogue.sqlite") as db:
            for number in range(first, last):
                name = document_id(self.seed, number)
                self.number_of[name] = number
                about, path = self.about(number), f"/laporan/{number}.pdf"
                db.execute(
                    "insert into documents (document_id, name, size, reading, meaning, tried, status, about, summary, "
                    "ingested_at) values (?, ?, 1000000, ?, ?, ?, 'ok', ?, ?, '2026-01-01T00:00:00')",
                    [
                        name,
                        about["document"],
                        READING,
                        MEANING,
                        MEANING,
                        json.dumps(about),
                        json.dumps({"facts": FACTS}),
                    ],
                )
                db.execute(
                    "insert into sources (path, uri, document_id, fingerprint, fetched_at) values (?, ?, ?, '', ?)",
                    [path, f"file://{path}", name, "2026-01-01T00:00:00"],
                )
        db.close()

    def files(self, _: Path, documents: Sequence[Known]) -> Callable[[str, str], str]:
        """In place of `loading.harvest_files`: the harvests of a batch, one Parquet file a kind."""
        begin, processor = time.perf_counter(), time.process_time()
        self.write([self.number_of[one.document_id] for one in documents], lambda layer, name: self._file(layer, name))
        self.seconds += time.perf_counter() - begin
        self.processor += time.process_time() - processor
        return lambda layer, name: f"read_parquet('{self._file(layer, name)}')"

    def _file(self, layer: str, name: str) -> Path:
        return self._scratch / f"{layer}-{name}.parquet"

    def write(self, numbers: Sequence[int], place: Callable[[str, str], Path]) -> None:
        """The harvest files of these documents, one a kind, each where `place(layer, name)` says."""
        import pyarrow as pa

        said = [self.about(number) for number in numbers]
        table = {
            "document_id": [document_id(self.seed, number) for number in numbers], "d": list(numbers),
            "agency_no": [int(one["agency_key"].removeprefix("dinas-")) for one in said],
            "year": [one["fiscal_year"] for one in said], "region_code": [one["region_code"] for one in said],
            "name_no": [number % 997 for number in numbers],
        }  # fmt: skip
        with duckdb.connect(config={"temp_directory": str(self._scratch)}) as connection:
            connection.execute("set threads = 2")
            connection.register("given", pa.table(table))
            connection.execute("create temp table docs as from given")
            connection.execute(_ROWS)
            for (layer, name), query in _QUERIES.items():
                text = query.replace("$seed", str(self.seed))
                connection.execute(f"copy ({text}) to '{place(layer, name)}' (format parquet)")

    def write_harvest(self, number: int) -> None:
        """The harvest of one document as the folders of Parquet files that an ingest leaves."""
        root = self.store / "harvests" / document_id(self.seed, number)
        keys = {"reading": READING, "meaning": MEANING}
        for layer, key in keys.items():
            (root / f"{layer}-{key}").mkdir(parents=True, exist_ok=True)
        self.write([number], lambda layer, name: root / f"{layer}-{keys[layer]}" / f"{name}.parquet")

    @contextmanager
    def instead_of_harvests(self) -> Iterator[None]:
        """While this lasts, a publish gets invented harvests."""
        own = loading.harvest_files
        loading.harvest_files = self.files  # type: ignore[assignment]
        try:
            yield
        finally:
            loading.harvest_files = own
            for file in self._scratch.glob("*.parquet"):
                file.unlink()
