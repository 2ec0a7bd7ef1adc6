"""Publish and questions on a large store of invented reports.

    python benchmarks/store.py [--facts 1000000 ...] [--keep FOLDER]

For each size: a full publish, publishes of one more document (the first copies the last generation, later ones are built in
the file of one that went out of use), the size of a generation, opening it, `lumbung compare` warm and as a command of its
own, and the pages of the explorer. A full publish reads one Parquet file a kind and 2,000 documents, and once, for 200
documents, the folders that an ingest leaves. Prints a table, writes benchmarks/results/store.json and docs/benchmarks.md.

On a shared machine seconds of the clock say little, so processor seconds stand beside them.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from benchmarks.results import markdown, write_section  # noqa: E402
from benchmarks.synthetic import FACTS, Synthetic, document_id  # noqa: E402
from pipeline.compare import Wish, compare_on  # noqa: E402
from pipeline.names import items  # noqa: E402
from pipeline.store import POINTER, publish, published_path, reading, writing  # noqa: E402

UNTIL_SPARE = (
    5  # publishes of one more document: three generations are kept, from the fifth one on a file is there to build in
)
MORE = 3  # of them then; the quickest counts
ROUNDS = 40  # questions of each kind
FOLDERS = 200  # documents read from folders, to weigh the files themselves
OPEN = (
    "import sys, time, duckdb; begin = time.perf_counter(); c = duckdb.connect(sys.argv[1], read_only=True); "
    "c.execute('select * from comparable limit 1').fetchall(); print(time.perf_counter() - begin, time.process_time())"
)
Spent = tuple[float, float]  # seconds of the clock, of the processors


def spent(work: Callable[[], Any]) -> Spent:
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - processor


def spent_outside(command: list[str]) -> Spent:
    """Of a process of its own, its start included."""
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.perf_counter() - begin, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def published(store: Path, full: bool = False) -> None:
    with writing(store):
        publish(store, full=full)


def build(store: Path, facts: int) -> dict[str, Any]:
    """A full publish of so many facts, then publishes of one more document until one is built in a spare file."""
    made, documents = Synthetic(store), facts // FACTS
    made.add(0, documents)
    with made.instead_of_harvests():
        wall, processor = spent(lambda: published(store))
    found: dict[str, Any] = {
        "documents": documents, "full_seconds": wall - made.seconds, "full_processor_seconds": processor - made.processor,
        "mebibytes": published_path(store).stat().st_size / 2**20,
        "peak_mebibytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }  # fmt: skip
    found["first_more"], *_ = [one_more(store) for _ in range(UNTIL_SPARE)]
    return found


def one_more(store: Path) -> Spent:
    """A publish of one more document."""
    with reading(store) as connection:
        query = "select max(regexp_extract(document, '[0-9]+')::integer) + 1 from base.documents"
        (number,) = connection.execute(query).fetchone() or (0,)
    made = Synthetic(store)
    made.write_harvest(number)
    made.add(number, number + 1)
    return spent(lambda: published(store))


def from_folders(store: Path) -> Spent:
    """A full publish from the eight files that each document has in its folders, for a million facts."""
    made = Synthetic(store)
    made.add(0, FOLDERS)
    for number in range(FOLDERS):
        made.write_harvest(number)
    wall, processor = spent(lambda: published(store))
    return wall * 1e6 / FACTS / FOLDERS, processor * 1e6 / FACTS / FOLDERS


def common_code(dice: random.Random) -> str:
    """A sub kegiatan that every agency prints."""
    return f"X.XX.01.*.{dice.randint(1, 10):02}.{dice.choice((2, 3, 4, 5, 7, 8, 9, 10)):04}"


def own_code(dice: random.Random) -> str:
    """One that a single agency of each region prints."""
    place = dice.choice([number for number in range(100) if number % 5])
    return f"1.01.{2 + place % 4:02}.*.{1 + place // 10:02}.{1 + place % 10:04}"


def questions(store: Path) -> dict[str, Any]:
    """Milliseconds to open the store and to compare: median and 95th percentile."""
    from normalizers.regions import all_regions

    dice = random.Random(1)
    places = [region.code for region in all_regions() if region.kind != "provinsi"]

    wishes: dict[str, Callable[[], Wish]] = {
        "compare_province_year": lambda: Wish(
            common_code(dice), (dice.randint(2020, 2025),), provinces=(dice.choice(places)[:2],)
        ),
        "compare_region_years": lambda: Wish(common_code(dice), regions=(dice.choice(places),)),
        "compare_country_year": lambda: Wish(own_code(dice), (dice.randint(2020, 2025),)),
    }
    found: dict[str, Any] = {}
    with reading(store) as connection:
        connection.execute("set threads = 2")
        known = items(connection)
        for name, wish in wishes.items():
            found[name] = times([spent(partial(compare_on, connection, wish(), known)) for _ in range(ROUNDS)])
    opened = [opening(store) for _ in range(5)]
    found["open_ms"] = round(1000 * min(opened), 1)
    command = [sys.executable, "-m", "pipeline.cli", "--store", str(store), "compare", "--format", "csv"]
    cold = {"province": ["X.XX.01.*.03.0004", "--year", "2024", "--province", "33"], "country": ["X.XX.01.*.03.0004"]}
    for name, words in cold.items():
        found[f"cold_{name}"] = min(spent_outside([*command, *words]) for _ in range(3))
    return found


def opening(store: Path) -> float:
    command = [sys.executable, "-c", OPEN, str(published_path(store))]
    run = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(run.stdout.split()[0])


def times(found: list[Spent]) -> dict[str, float]:
    kept = [sorted(1000 * one[place] for one in found[1:]) for place in (0, 1)]
    return {
        "first": round(1000 * found[0][0], 1), "p50": round(statistics.median(kept[0]), 1),
        "p95": round(kept[0][int(0.95 * len(kept[0]))], 1), "processor_p50": round(statistics.median(kept[1]), 1),
        "processor_p95": round(kept[1][int(0.95 * len(kept[1]))], 1),
    }  # fmt: skip


def pages(store: Path) -> dict[str, Any]:
    """Milliseconds of the explorer's pages, in one process, without a network."""
    from fastapi.testclient import TestClient

    from pipeline.web.app import create_app

    dice, words = (
        random.Random(2),
        ("kegiatan contoh", "jumlah keluaran 05 0003", "renja-17", "contoh 4.12", "keluaran"),
    )
    results = {}
    with TestClient(create_app(store), base_url="http://127.0.0.1", headers={"Accept-Language": "en"}) as client:

        def fetch(address: str) -> None:
            client.get(address).raise_for_status()

        asked: dict[str, Callable[[], str]] = {
            "home": lambda: "/",
            "documents": lambda: f"/documents?page={dice.randint(1, 5)}",
            "document": lambda: f"/documents/{document_id(1, dice.randint(0, 900))}/pages/{dice.randint(1, 17)}",
            "search": lambda: f"/search?q={dice.choice(words)}",
            "compare": lambda: (
                f"/compare?code={common_code(dice)}&year={dice.randint(2020, 2025)}&province={dice.choice((32, 33, 35))}"
            ),
        }
        for name, path in asked.items():
            found = []
            for _ in range(ROUNDS):
                found.append(spent(partial(fetch, path())))
            results[name] = times(found)
    return results


def measure(folder: Path, facts: int) -> dict[str, Any]:
    store = folder / f"facts-{facts}"
    record = store / "measured.json"
    if not (store / POINTER).exists():
        print(f"{facts:,} facts: building", flush=True)
        record.parent.mkdir(parents=True, exist_ok=True)
        record.write_text(json.dumps(build(store, facts)))
    found: dict[str, Any] = {"facts": facts, **json.loads(record.read_text())}
    print(f"{facts:,} facts: asking", flush=True)
    found["more"] = min(one_more(store) for _ in range(MORE))
    return found | questions(store) | {"pages": pages(store)}


def report(results: list[dict[str, Any]], folders: Spent | None) -> str:
    def both(one: Spent | list[float]) -> str:
        return f"{one[0]:.1f} ({one[1]:.1f})"

    def ms(one: dict[str, float]) -> str:
        return f"{one['p50']:.0f} / {one['p95']:.0f} ({one['processor_p50']:.0f} / {one['processor_p95']:.0f})"

    rows: list[list[object]] = [
        ["full publish, s", *(both((r["full_seconds"], r["full_processor_seconds"])) for r in results)],
        ["a generation, MiB", *(f"{r['mebibytes']:.0f}" for r in results)],
        ["peak memory of the publish, MiB", *(f"{r['peak_mebibytes']:.0f}" for r in results)],
        ["one more document, by a copy, s", *(both(r["first_more"]) for r in results)],
        ["one more document, in a spare file, s", *(both(r["more"]) for r in results)],
        ["open and first row, ms", *(f"{r['open_ms']:.0f}" for r in results)],
        ["compare: a province, a year", *(ms(r["compare_province_year"]) for r in results)],
        ["compare: a region, all years", *(ms(r["compare_region_years"]) for r in results)],
        ["compare: the country, a year", *(ms(r["compare_country_year"]) for r in results)],
        ["`lumbung compare`: a province, a year, s", *(both(r["cold_province"]) for r in results)],
        ["`lumbung compare`: the country, all years, s", *(both(r["cold_country"]) for r in results)],
        *([f"explorer: {page}", *(ms(r["pages"][page]) for r in results)] for page in results[0]["pages"]),
    ]
    text = markdown(["", *(f"{r['facts']:,} facts" for r in results)], rows)
    note = (
        "\n\n`python benchmarks/store.py`. Seconds and milliseconds of the clock, in brackets those of the processors "
        "(two threads add up); compare and explorer are p50 / p95 of 39 questions after a first one."
    )
    if folders is not None:
        note += (
            f" From the eight files a document that an ingest leaves, instead of one a kind and 2,000 documents, a full "
            f"publish of a million facts takes {both(folders)} s."
        )
    return text + note


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--facts", type=int, nargs="+", default=[200_000])
    options.add_argument("--keep", type=Path, help="folder to make the stores in, or to use again")
    options.add_argument(
        "--save", action="store_true", help="write benchmarks/results/store.json and docs/benchmarks.md"
    )
    said = options.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = said.keep or Path(temporary)
        results = [measure(folder, facts) for facts in said.facts]
        folders = from_folders(Path(temporary) / "folders") if said.save else None
    text = report(results, folders)
    print(text)
    if said.save:
        out = ROOT / "benchmarks" / "results" / "store.json"
        out.write_text(json.dumps({"sizes": results, "from_folders": folders}, indent=1) + "\n")
        write_section("store", "The store at scale", text, ["duckdb", "pyarrow"])


if __name__ == "__main__":
    main()
