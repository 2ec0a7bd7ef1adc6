"""How fast the explorer and `lumbung compare` answer on a large synthetic store.

    python benchmarks/web.py [--facts 1000000] [--keep FOLDER]

Makes a store with the schema of this version, asks each page in turn (every request another document, code or word), and
prints p50 and p95 in milliseconds; writes benchmarks/results/web.json. The store is filled by SQL, not by reading PDFs.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
from normalizers.regions import all_regions  # noqa: E402
from pipeline.derived import count, derive  # noqa: E402
from pipeline.store import CONTRACT_VERSION, POINTER, SCHEMA_FILE, SCHEMA_VERSION  # noqa: E402

A_DOCUMENT = 1000  # facts
ROUNDS = 40
SQL = """
create temp table places as select unnest($regions) as region_code, unnest($names) as region;
create temp table docs as
select sha256(d::varchar) as document_id, d, r.region_code, r.region, 2020 + d % 6 as fiscal_year, d % 40 as agency_no
from range($documents) t(d) join (select *, row_number() over () - 1 as n from places) r on r.n = d // 6 % {regions};
insert into base.documents by name
select document_id, (d + 1)::integer as document_no, 'renja-' || d || '.pdf' as document,
       'Rencana Kerja ' || d as title, 'renja' as doc_type, fiscal_year,
       region_code, region, 'Dinas ' || agency_no as agency, 'dinas-' || agency_no as agency_key,
       ['5.03'] as agency_bidang, 50 as pages, 'ok' as status, timestamp '2025-01-01' + interval (d) second as ingested_at,
       'r' as reading_version, 'm' as meaning_version
from docs;
insert into base.tables by name
select document_id || '-t1' as table_id, document_id, 1 as table_no, 'tc33' as table_kind, 'Tabel' as caption,
       1 as page_first, 40 as page_last, 'ruled' as method, 200 as n_rows, 8 as n_columns, true as used from docs;
create temp table one_fact as
select f as n, f // 5 as row_no, f % 5 as part_no, 1 + f // 25 as page,
       ['target', 'anggaran', 'realisasi', 'target', 'realisasi'][1 + f % 5] as role,
       f % 5 < 3 as is_money,
       'X.XX.' || lpad((1 + f // 5 // 40 % 9)::varchar, 2, '0') || '.2.' || lpad((1 + f // 5 // 8 % 40 % 5)::varchar, 2, '0')
       || '.' || lpad((1 + f // 5 % 8)::varchar, 4, '0') as sub
from range({per}) t(f);
insert into base.facts by name
select document_id, substr(md5(d || '-' || n), 1, 24) as fact_id, document_id || '-t1' as table_id, 'tc33' as table_kind,
       page, [50 + 80 * part_no, 20 * (row_no % 5), 120 + 80 * part_no, 20 * (row_no % 5) + 18]::double[4] as bbox, row_no,
       part_no as column_no, 0 as part, case when row_no % 8 = 0 then 'kegiatan' else 'sub_kegiatan' end as level,
       case when row_no % 8 = 0 then sub[:12] else sub end as code_generic,
       case when row_no % 8 = 0 then sub[:12] else sub end as code,
       (case when row_no % 8 = 0 then sub[:12] else sub end)[:8] || '.*' || (case when row_no % 8 = 0 then sub[:12]
       else sub end)[11:] as code_comparable, 'printed' as code_how,
       'Kegiatan contoh nomor ' || row_no as name, 'Jumlah keluaran ' || (row_no + d % 500 * 200) as indicator,
       'Tahun > ' || role as column_label, role, case when is_money then 'anggaran' else 'kinerja' end as quantity,
       fiscal_year as year, 'tahun' as period, (1 + hash(d, n) % 1000000000)::decimal(24,6) as value, 0 as decimals,
       case when is_money then 'Rupiah' else 'Dokumen' end as unit, '1.000' as raw,
       ['verified', 'verified', 'unverified', 'conflict'][1 + (hash(n, d) % 4)::bigint] as status,
       0.99 as confidence, false as lookalike
from docs, one_fact order by d, n;
insert into base.rows by name
select distinct on (document_id, row_no) document_id, table_id, row_no, level, code_generic, code, name as official_name
from base.facts;
insert into base.cells by name
select document_id, table_id, row_no, row_no + 1 as grid_row, column_no, 1 as rowspan, 1 as colspan, page, bbox,
       raw as "text", 0.99 as confidence, false as is_header, 'ruled' as method from base.facts;
insert into base.checks by name
select document_id, fact_id || '-c' as check_id, table_id, 'hierarchy_sum' as kind, [fact_id] as fact_ids, [fact_id] as pins,
       page, 'holds' as verdict, 'It adds up.' as explanation from base.facts where row_no % 8 = 0;
"""


def make(folder: Path, facts: int) -> None:
    """A store with so many facts, `A_DOCUMENT` to a document."""
    file = folder / "lumbung-1.duckdb"
    regions = [region for region in all_regions() if region.kind != "provinsi"]
    with duckdb.connect(str(file), config={"temp_directory": str(folder / ".spill")}) as connection:
        connection.execute(SCHEMA_FILE.read_text(encoding="utf-8"))
        values = {
            "regions": [region.code for region in regions], "names": [region.name for region in regions],
            "documents": facts // A_DOCUMENT,
        }  # fmt: skip
        for statement in SQL.format(regions=len(regions), per=A_DOCUMENT).split(";\n"):
            if statement.strip():
                named = {key: value for key, value in values.items() if f"${key}" in statement}
                connection.execute(statement, named or None)
        connection.execute("begin")
        count(connection, everything=True)
        derive(connection, folder, everything=True)
        connection.execute("commit")
        about = [CONTRACT_VERSION, SCHEMA_VERSION, "synthetic"]
        connection.execute("insert into store_info values (?, ?, 1, now()::timestamp, ?)", about)
        connection.execute("checkpoint")
    (folder / POINTER).symlink_to(file.name)


def ask(folder: Path) -> dict[str, dict[str, float]]:
    """Milliseconds to answer, in one process, without a network: first, median and 95th percentile of each page."""
    from fastapi.testclient import TestClient

    from pipeline.web.app import create_app

    dice = random.Random(1)
    results = {}
    with TestClient(create_app(folder), base_url="http://127.0.0.1", headers={"Accept-Language": "en"}) as client:
        documents = [row["document_id"] for row in client.get("/api/documents?limit=1000").json()]
        numbers = [row["fact_id"] for row in client.get(f"/api/documents/{documents[0]}/facts").json()]
        indicators = [f"Jumlah keluaran {number}" for number in range(1, 2000, 7)]
        words = ("kegiatan contoh", "jumlah keluaran 12", "renja-17", "contoh nomor 31", "keluaran")

        def code() -> str:
            return f"X.XX.{dice.randint(1, 5):02}.*.{dice.randint(1, 5):02}.{dice.randint(2, 8):04}"

        pages = {
            "home": lambda: "/",
            "documents": lambda: f"/documents?page={dice.randint(1, 5)}",
            "document": lambda: f"/documents/{dice.choice(documents)}/pages/{dice.randint(1, 40)}",
            "search": lambda: f"/search?q={dice.choice(words)}",
            "number": lambda: f"/facts/{dice.choice(numbers)}?panel=1&of={documents[0]}",
            "number by its link": lambda: f"/facts/{dice.choice(numbers)}",
            "indicator": lambda: f"/indicators?name={dice.choice(indicators)}",
            "compare": lambda: f"/compare?code={code()}&year={dice.randint(2020, 2025)}&province={dice.choice((32, 33, 35))}",
        }  # fmt: skip
        for name, path in pages.items():
            times = []
            for _ in range(ROUNDS):
                start = time.perf_counter()
                answer = client.get(path())
                times.append(1000 * (time.perf_counter() - start))
                assert answer.status_code == 200, answer.text[:300]
            kept = sorted(times[1:])
            results[name] = {
                "first": round(times[0], 1), "p50": round(statistics.median(kept), 1),
                "p95": round(kept[int(0.95 * len(kept))], 1),
            }  # fmt: skip
    return results


def cold(folder: Path, *words: str) -> float:
    """Seconds of a command in a process of its own."""
    command = [sys.executable, "-m", "pipeline.cli", "--store", str(folder), "compare", *words, "--format", "csv"]
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
    return round(time.perf_counter() - start, 2)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--facts", type=int, default=1_000_000)
    options.add_argument("--keep", type=Path, help="folder to make the store in, or to use again")
    said = options.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = said.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / POINTER).exists():
            start = time.perf_counter()
            make(folder, said.facts)
            print(f"store of {said.facts:,} facts made in {time.perf_counter() - start:.0f} s")
        results = {"facts": said.facts, "pages": ask(folder)}
        code = ("X.XX.02.*.03.0004", "--year", "2024", "--province", "33")
        results["compare_code_cold_seconds"] = min(cold(folder, *code) for _ in range(3))
        results["compare_all_cold_seconds"] = min(cold(folder, "X.XX.02.*.03.0004") for _ in range(3))
    print(f"{'page':<20}{'first':>9}{'p50':>9}{'p95':>9}  ms")
    for name, one in results["pages"].items():
        print(f"{name:<20}{one['first']:>9}{one['p50']:>9}{one['p95']:>9}")
    print(f"lumbung compare, one province and year, cold: {results['compare_code_cold_seconds']} s")
    print(f"lumbung compare, whole country, all years, cold: {results['compare_all_cold_seconds']} s")
    out = ROOT / "benchmarks" / "results" / "web.json"
    out.parent.mkdir(exist_ok=True)
    out.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
