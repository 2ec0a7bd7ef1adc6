"""Readers while generations are published, two writers at once, and sequences of changes."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks.fault_plan import FAKES, Plan, Result, command, one_process, part
from pipeline.ingest import Settings, ingest, remove
from pipeline.store import generations, last_generation, logical_hash, publish, writing
from tests.fakes import fact, pdf

READER = """
import sys, time, duckdb
from pathlib import Path
pointer, stop, out = map(Path, sys.argv[1:4])
opens = errors = mixed = 0
seen = set()
while not stop.exists():
    try:
        with duckdb.connect(str(pointer.resolve()), read_only=True) as c:
            for _ in range(2):
                g, n, a, b = c.execute(
                    "select (select generation from store_info), count(*), min(value)::bigint, max(value)::bigint from facts"
                ).fetchone()
                mixed += not (a == b and n == 40)
            seen.add(g)
        opens += 1
    except Exception as error:
        errors += 1
        print(error, file=sys.stderr)
out.write_text(f"{opens} {errors} {mixed} {len(seen)}")
"""


@part
def readers(plan: Plan, result: Result) -> None:
    """8 processes open and query while generations are published: all facts of a generation hold the same number."""
    store, source = plan.folder / "store", plan.folder / "in"
    stop, outs = plan.folder / "stop", [plan.folder / f"out{n}" for n in range(8)]

    def generation(number: int) -> None:
        for n in range(4):
            facts = [fact(value=str(number), name=f"x{m}", code=None) for m in range(10)]
            pdf(source / f"{n}.pdf", *facts, fiscal_year=2000 + n)
        with one_process():
            ingest([str(source)], Settings(store, engine=FAKES))

    generation(0)
    code = [sys.executable, "-c", READER, str(store / "lumbung.duckdb"), str(stop)]
    running = [subprocess.Popen([*code, str(out)]) for out in outs]
    for number in range(1, plan.times(100) + 1):
        generation(number)
        result.tried += 1
    stop.touch()
    for process in running:
        process.wait(60)
    counts = [list(map(int, out.read_text().split())) for out in outs]
    opens, wrong, mixed = (sum(column) for column in list(zip(*counts, strict=True))[:3])
    if wrong or mixed:
        result.failures.append(f"{wrong} errors, {mixed} mixed generations")
    result.figures = {"publishes": result.tried, "opens": opens, "queries": 2 * opens, "errors": wrong, "mixed": mixed}


@part
def two_refreshes(plan: Plan, result: Result) -> None:
    """Two refreshes at once: one writes, the other ends with 3 and names the holder (or comes after it)."""
    source, sources = plan.folder / "in", plan.folder / "sources.toml"
    sources.write_text('[[publisher]]\nname = "one"\nfolders = ["in"]\n')
    store, refused = plan.folder / "store", 0
    for n in range(plan.times(25)):
        pdf(source / f"{n}.pdf", fact(value=str(n)))
        line, environment = command(store, "refresh", "--sources", sources, "--engine", FAKES, "--gate", 1)
        pair = [
            subprocess.Popen(line, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            for _ in range(2)
        ]
        said = [process.communicate(timeout=120) for process in pair]
        codes = sorted(process.returncode for process in pair)
        result.tried += 1
        refused += 3 in codes
        named = all("process" in err for process, (_, err) in zip(pair, said, strict=True) if process.returncode == 3)
        if codes not in ([0, 0], [0, 3]) or not named or last_generation(store) != n + 1:
            result.failures.append(f"{n}: exit codes {codes}, generation {last_generation(store)}: {said}")
    result.figures = {"second_one_refused": refused, "generations_kept": generations(store)}


@part
def sequences(plan: Plan, result: Result) -> None:
    """Random sequences of add, replace, remove and restore: the incremental store equals the full one."""
    for seed in range(plan.seed, plan.seed + plan.times(50)):
        folder = plan.folder / str(seed)
        failure = sequence(folder, seed)
        result.tried += 1
        if failure:
            result.failures.append(failure)
        shutil.rmtree(folder)


def sequence(folder: Path, seed: int, steps: int = 8) -> str | None:
    """One sequence; None where incremental and full publishes say the same after every step."""
    dice, store, source = random.Random(seed), folder / "store", folder / "in"
    kept: dict[int, bytes] = {}
    with one_process():
        for step in range(steps):
            number, act = dice.randrange(5), dice.choice(["add", "add", "replace", "remove", "restore"])
            path = source / f"{number}.pdf"
            if act == "remove" and path.exists():
                kept[number] = path.read_bytes()
                path.unlink()
                remove([str(path)], store)
            elif act == "restore" and number in kept:
                path.write_bytes(kept[number])
            elif act != "remove" and (act == "replace" or not path.exists()):
                facts = [fact(value=str(dice.randrange(10**6))) for _ in range(dice.randrange(4))]
                pdf(path, *facts, do=dice.choice([None, None, None, "error", "encrypted"]))
            ingest([str(source)] if any(source.glob("*.pdf")) else [], Settings(store, engine=FAKES))
            if last_generation(store) is None:  # nothing could be read yet
                continue
            incremental = logical_hash(store)
            with writing(store):
                publish(store, full=True)
            if logical_hash(store) != incremental:
                return f"sequence {seed}, step {step} ({act}): incremental and full differ"
    return None
