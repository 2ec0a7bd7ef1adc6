"""What the store and the nightly run withstand, in large numbers. Prints a table and writes results/faults_run.json.

    python benchmarks/faults_run.py                    # everything, some hours
    python benchmarks/faults_run.py kills readers      # some parts
    python benchmarks/faults_run.py writes --every 10  # every tenth write; --share 0.1 for a tenth of the other numbers
    python benchmarks/faults_run.py errors --only EIO  # one of the three errors

Needs Linux and a C compiler for `writes` and `errors`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks import hostile  # noqa: E402
from benchmarks import mutations as changed  # noqa: E402
from pipeline.ingest import Settings, ingest, reinterpret, remove  # noqa: E402
from pipeline.store import generations, last_generation, logical_hash, publish, reading, writing  # noqa: E402
from tests import faults  # noqa: E402
from tests.fakes import fact, pdf  # noqa: E402

FAKES = "tests.fakes"
SAMPLES = ROOT / "data" / "raw"
PEAK_MEBIBYTES = 1536


@dataclass
class Result:
    part: str
    tried: int = 0
    failures: list[str] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0


@dataclass
class Plan:
    folder: Path
    share: float
    every: int
    first: int = 1
    only: str | None = None  # an error
    seed: int = 0  # added to the seeds of random parts: another number, other moments

    def times(self, number: int) -> int:
        return max(1, round(number * self.share))


PARTS: dict[str, Callable[[Plan, Result], None]] = {}


def part(run: Callable[[Plan, Result], None]) -> Callable[[Plan, Result], None]:
    PARTS[run.__name__] = run
    return run


def command(store: Path, *words: object) -> tuple[list[str], dict[str, str]]:
    environment = {"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"], "LUMBUNG_STORE": str(store)}
    return [sys.executable, "-m", "pipeline.cli", *map(str, words)], environment


def lumbung(store: Path, *words: object) -> subprocess.CompletedProcess[str]:
    line, environment = command(store, *words)
    return subprocess.run(line, env=environment, capture_output=True, text=True, timeout=3600)


def _show(result: Result, what: str) -> None:
    """How far a part has come, on standard error."""
    if result.tried % 10 == 0:
        print(f"{result.part}: {what}, {len(result.failures)} failures", file=sys.stderr, flush=True)


# -- kills and failing writes --------------------------------------------------------------------------


@part
def kills(plan: Plan, result: Result) -> None:
    """SIGKILL at random moments of ingest and publish over 20 documents."""
    first, second = faults.files(plan.folder / "first", 0, 10), faults.files(plan.folder / "second", 8, 28)
    base, calm = plan.folder / "base", plan.folder / "calm"
    assert lumbung(base, "ingest", first, "--engine", FAKES).returncode == 0
    shutil.copytree(base, calm, symlinks=True)
    start = time.monotonic()
    assert lumbung(calm, "ingest", second, "--engine", FAKES).returncode == 0
    usual = time.monotonic() - start
    before, after = logical_hash(base), logical_hash(calm)
    dice, killed = random.Random(1 + plan.seed), 0
    for n in range(plan.times(200)):
        store = plan.folder / f"kill-{n}"
        shutil.copytree(base, store, symlinks=True)
        line, environment = command(store, "ingest", second, "--engine", FAKES)
        run = subprocess.Popen(line, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            run.wait(dice.uniform(0.05, usual))
        except subprocess.TimeoutExpired:
            run.kill()
            run.wait()
            killed += 1
        result.tried += 1
        if logical_hash(store) not in (before, after):
            result.failures.append(f"{n}: what is published is no committed generation")
        again = lumbung(store, "ingest", second, "--engine", FAKES)
        if again.returncode != 0 or logical_hash(store) != after:
            result.failures.append(f"{n}: the next run does not converge: {again.stderr[-200:]}")
        shutil.rmtree(store)
        _show(result, f"{n}")
    result.figures = {"killed": killed, "seconds_of_an_undisturbed_run": round(usual, 2)}


@part
def kills_in_one_process(plan: Plan, result: Result) -> None:
    """SIGKILL at random moments of ingest and publish over 20 documents, without children, in forks: many of them."""
    _at_moments(plan, result, lambda ground, seconds, n: ground.killed(seconds, n), 200)


@part
def interrupts(plan: Plan, result: Result) -> None:
    """Ctrl-C (SIGINT) at random moments of ingest and publish: exit code 130, a clear line, and the next run goes on."""
    _at_moments(plan, result, lambda ground, seconds, n: ground.interrupted(seconds, n), 100)


def _at_moments(plan: Plan, result: Result, end: Callable[[faults.Ground, float, int], list[str]], number: int) -> None:
    shim = faults.build_shim(plan.folder)
    if shim is None:
        result.failures.append("needs a C compiler on Linux")
        return
    ground = faults.Ground(plan.folder, shim, 10, 28)
    start = time.monotonic()
    shutil.copytree(ground.base, plan.folder / "timed", symlinks=True)
    ground.lumbung(plan.folder / "timed", "ingest", ground.second)
    usual = time.monotonic() - start
    dice = random.Random(2 + plan.seed)
    for n in range(plan.times(number)):
        result.tried += 1
        result.failures += end(ground, dice.uniform(0.05, usual), n)
        _show(result, f"{n}")
    result.figures = {"ended": ground.kills, "seconds_of_an_undisturbed_run": round(usual, 2)}
    ground.close()


def _each_write(plan: Plan, result: Result, numbers: dict[str, int], documents: tuple[int, int]) -> None:
    """`documents`: how many stand in the store before the run and after it."""
    shim = faults.build_shim(plan.folder)
    if shim is None:
        result.failures.append("needs a C compiler on Linux")
        return
    ground = faults.Ground(plan.folder, shim, *documents)
    for name, number in numbers.items():
        for at in range(plan.first, ground.writes + 1, plan.every):
            result.tried += 1
            again = number == faults.KILL or at % 5 == 0  # after an error the next run is tried for every fifth
            result.failures += [f"{name} {text}" for text in ground.disturbed(at, number, again)]
            _show(result, f"{name} at {at} of {ground.writes}")
    ground.close()
    result.figures = {"writes_of_a_run": ground.writes, "every": plan.every}


@part
def writes(plan: Plan, result: Result) -> None:
    """SIGKILL at each write, sync, rename, creation of a run: every step there is."""
    _each_write(plan, result, {"SIGKILL": faults.KILL}, (3, 6))


@part
def errors(plan: Plan, result: Result) -> None:
    """ENOSPC, EIO and EACCES at each write in turn, and at all after it."""
    numbers = {name: number for name, number in faults.ERRORS.items() if plan.only in (None, name)}
    _each_write(plan, result, numbers, (2, 3))


# -- readers and writers --------------------------------------------------------------------------

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
        with _one_process():
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


@contextmanager
def _one_process() -> Iterator[None]:
    from pipeline import ingest as work
    from tests.one_process import harvest_here

    children, work.harvest_all = work.harvest_all, harvest_here  # type: ignore[assignment]
    try:
        yield
    finally:
        work.harvest_all = children


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
    with _one_process():
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


# -- hostile files --------------------------------------------------------------------------


@part
def hostile_files(plan: Plan, result: Result) -> None:
    """Every kind of hostile file: classified within the limits, the parent lives, the good one is published."""
    made = hostile.write_all(plan.folder / "in", plan.times(10))
    good = shutil.copy(next(SAMPLES.glob("rkt*.pdf")), plan.folder / "in" / "good.pdf")
    _ingest_strangers(plan, result, [*made, Path(good)])
    with reading(plan.folder / "store") as connection:
        row = connection.execute("select count(*) from facts where document = 'good.pdf'").fetchone()
    if not row or not row[0]:
        result.failures.append("the good document is not published")
    result.figures["kinds"] = len(hostile.KINDS)


@part
def mutations(plan: Plan, result: Result) -> None:
    """Samples with bytes changed: no crash of the run, and no verified value that the page does not print."""
    tally = changed.run(sorted(SAMPLES.glob("*.pdf")), plan.folder, 0, plan.times(2000))
    result.tried, result.failures = tally.documents, tally.wrong
    result.figures = {"verified_values": dict(tally.counts), "statuses": dict(tally.statuses)}


def _ingest_strangers(plan: Plan, result: Result, files: list[Path]) -> None:
    from pipeline.ingest import Watch

    slowest: list[tuple[float, str]] = []

    class Times(Watch):
        def begin(self, total: int) -> None:
            self.last = time.monotonic()

        def step(self, document: Any) -> None:
            now = time.monotonic()
            slowest.append((round(now - self.last, 1), document.name))
            self.last = now

    summary = ingest([str(file) for file in files], Settings(plan.folder / "store", workers=1), None, Times())
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    statuses: dict[str, int] = {}
    for document in summary.outcomes:
        statuses[document.status] = statuses.get(document.status, 0) + 1
    result.tried = len(files)
    classified = {d.name for d in summary.outcomes}
    missing = [f.name for f in files if f.name not in classified]
    contents = {hashlib.sha256(file.read_bytes()).digest() for file in files}
    if len(summary.outcomes) != len(contents):  # equal bytes are one document
        result.failures.append(f"{len(contents)} files, {len(summary.outcomes)} classified; not: {missing[:5]}")
    slow = [entry for entry in slowest if entry[0] > 62]
    if slow:
        result.failures.append(f"longer than 60 s: {slow[:5]}")
    if peak > PEAK_MEBIBYTES:
        result.failures.append(f"a child used {peak:.0f} MiB")
    result.figures = {"statuses": statuses, "peak_child_mebibytes": round(peak), "slowest": sorted(slowest)[-3:]}


# -- size --------------------------------------------------------------------------


@part
def limits_hold(plan: Plan, result: Result) -> None:
    """The samples, again and again, at the default limit: never a false limit_memory."""
    for n in range(plan.times(20)):
        summary = ingest([str(SAMPLES)], Settings(plan.folder / str(n), workers=2))
        result.tried += 1
        result.failures += [f"{n}: {d.name}: {d.status}" for d in summary.failed]
        shutil.rmtree(plan.folder / str(n))
    result.figures = {"peak_child_mebibytes": round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)}


def resident() -> float:
    """MiB of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


@part
def unchanged(plan: Plan, result: Result) -> None:
    """1,000 documents known and unchanged: a refresh in under 10 s."""
    count, store = plan.times(1000), plan.folder / "store"
    for n in range(count):
        pdf(plan.folder / "in" / f"{n}.pdf", fact(value=str(n)))
    (plan.folder / "sources.toml").write_text('[[publisher]]\nname = "one"\nfolders = ["in"]\n')
    with _one_process():
        ingest([str(plan.folder / "in")], Settings(store, engine=FAKES))
    words = ("refresh", "--sources", plan.folder / "sources.toml", "--engine", FAKES)
    lumbung(store, *words)
    start, before = time.monotonic(), _computing()
    run = lumbung(store, *words)
    wall, seconds = time.monotonic() - start, _computing() - before  # other work on the machine does not count
    result.tried = count
    if run.returncode != 0 or seconds > 10 or f"{count} unchanged" not in run.stdout:
        result.failures.append(f"{seconds:.1f} s, exit {run.returncode}: {run.stdout[-300:]}{run.stderr[-300:]}")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    result.figures = {
        "seconds_of_computing": round(seconds, 2),
        "seconds": round(wall, 2),
        "peak_mebibytes": round(peak),
    }


def _computing() -> float:
    """Seconds of CPU that ended children have used."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


@part
def soak(plan: Plan, result: Result) -> None:
    """200 documents in one run: the parent grows by less than 1 MiB a hundred while it reads."""
    from pipeline.ingest import Watch

    for n in range(plan.times(200)):
        pdf(plan.folder / "in" / f"{n}.pdf", *(fact(value=str(n + m)) for m in range(50)))
    memory: list[float] = []

    class Meter(Watch):
        def step(self, document: Any) -> None:
            memory.append(resident())

    ingest([str(plan.folder / "in")], Settings(plan.folder / "store", engine=FAKES, publish=False), None, Meter())
    begin = len(memory) // 10
    growth = (memory[-1] - memory[begin]) / max(1, len(memory) - begin) * 100
    result.tried = len(memory)
    if growth > 1:
        result.failures.append(f"grows by {growth:.2f} MiB a hundred documents")
    result.figures = {"mebibytes_per_hundred": round(growth, 3), "resident_mebibytes": round(memory[-1])}


@part
def changed_word(plan: Plan, result: Result) -> None:
    """A changed word in a forms file: meaning is made again without a PDF (they are gone from the disk)."""
    from pipeline import harvests

    samples, source = sorted(SAMPLES.glob("*.pdf")), plan.folder / "in"
    source.mkdir()
    count = plan.times(200)
    for n in range(count):
        sample = samples[n % len(samples)]
        (source / f"{n}-{sample.name}").write_bytes(sample.read_bytes() + b"\n%% %d" % n)
    store = plan.folder / "store"
    start = time.monotonic()
    ingest([str(source)], Settings(store, publish=False))
    ingesting = time.monotonic() - start
    shutil.rmtree(source)
    truth = harvests.reference_hash
    harvests.reference_hash = lambda: "changed"  # type: ignore[assignment]
    try:
        start = time.monotonic()
        summary = reinterpret(Settings(store, publish=False))
        again = time.monotonic() - start
    finally:
        harvests.reference_hash = truth
    result.tried = len(summary.outcomes)
    result.failures += [f"{d.name}: {d.status} {d.error}" for d in summary.failed]
    if len(summary.outcomes) != count or again > ingesting / 10:
        result.failures.append(f"{len(summary.outcomes)} documents in {again:.1f} s; ingesting took {ingesting:.1f} s")
    result.figures = {"ingest_seconds": round(ingesting, 1), "reinterpret_seconds": round(again, 1)}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", help=f"{', '.join(PARTS)} (default: all)")
    parser.add_argument("--share", type=float, default=1.0, help="of the full numbers")
    parser.add_argument("--every", type=int, default=1, help="only every n-th write (writes, errors)")
    parser.add_argument("--first", type=int, default=1, help="the first of them")
    parser.add_argument("--only", choices=tuple(faults.ERRORS), help="one of the errors (errors)")
    parser.add_argument("--seed", type=int, default=0, help="other random moments and sequences")
    given = parser.parse_args()
    results = []
    for name in given.parts or list(PARTS):
        result, start = Result(name), time.monotonic()
        with tempfile.TemporaryDirectory(prefix="lumbung-faults-") as folder:
            try:
                PARTS[name](Plan(Path(folder), given.share, given.every, given.first, given.only, given.seed), result)
            except Exception as error:
                result.failures.append(f"{type(error).__name__}: {error}")
        result.seconds = round(time.monotonic() - start, 1)
        results.append(result)
        counted = f"{result.tried:>6} tried {len(result.failures):>4} failures {result.seconds:>8.1f} s"
        print(f"{name:<16}{counted}  {result.figures}", flush=True)
        for failure in result.failures[:5]:
            print(f"    {failure[:400]}", flush=True)
        _keep(result, given)
    return 1 if any(result.failures for result in results) else 0


def _keep(result: Result, given: argparse.Namespace) -> None:
    """Results of parts that were not run stay as they were."""
    out = ROOT / "benchmarks" / "results" / "faults_run.json"
    out.parent.mkdir(exist_ok=True)
    kept = json.loads(out.read_text()) if out.exists() else {}
    kept[result.part] = {
        "tried": result.tried, "failures": result.failures[:20], "figures": result.figures, "seconds": result.seconds,
        "share": given.share, "every": given.every, "what": (PARTS[result.part].__doc__ or "").strip(),
    }  # fmt: skip
    out.write_text(json.dumps(kept, indent=1, ensure_ascii=False, default=str) + "\n")


if __name__ == "__main__":
    sys.exit(main())
