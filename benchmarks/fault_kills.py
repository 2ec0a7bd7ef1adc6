"""Kills, Ctrl-C and failing writes."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.fault_plan import FAKES, Plan, Result, command, lumbung, part, show
from pipeline.store import logical_hash
from tests import faults


@part
def kills(plan: Plan, result: Result) -> None:
    """SIGKILL at random moments of ingest and publish over 20 documents; one that came after the end is not counted."""
    first, second = faults.files(plan.folder / "first", 0, 10), faults.files(plan.folder / "second", 8, 28)
    base, calm = plan.folder / "base", plan.folder / "calm"
    assert lumbung(base, "ingest", first, "--engine", FAKES).returncode == 0
    shutil.copytree(base, calm, symlinks=True)
    start = time.monotonic()
    assert lumbung(calm, "ingest", second, "--engine", FAKES).returncode == 0
    usual = time.monotonic() - start
    before, after = logical_hash(base), logical_hash(calm)
    dice, wanted = random.Random(1 + plan.seed), plan.times(200)
    told = {"counted": 0, "too_late": 0, "new_generation_stood": 0}
    while told["counted"] < wanted and result.tried < 3 * wanted:
        store = plan.folder / f"kill-{result.tried}"
        shutil.copytree(base, store, symlinks=True)
        late, usual = _killed(store, second, dice, usual)
        result.tried += 1
        told["too_late" if late else "counted"] += 1
        stands = logical_hash(store)
        told["new_generation_stood"] += not late and stands == after
        if stands not in (before, after):
            result.failures.append(f"{result.tried}: what is published is no committed generation")
        again = lumbung(store, "ingest", second, "--engine", FAKES)
        if again.returncode != 0 or logical_hash(store) != after:
            result.failures.append(f"{result.tried}: the next run does not converge: {again.stderr[-200:]}")
        shutil.rmtree(store)
        show(result, f"{told['counted']} counted of {result.tried}")
    if told["counted"] < wanted:
        result.failures.append(f"only {told['counted']} of {wanted} kills came before the end")
    result.figures = told | {"seconds_of_an_undisturbed_run": round(usual, 2)}


def _killed(store: Path, second: Path, dice: random.Random, usual: float) -> tuple[bool, float]:
    """Kill a run at a random moment. Returns whether it had ended before, and how long a run takes now, at most."""
    line, environment = command(store, "ingest", second, "--engine", FAKES)
    run = subprocess.Popen(line, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    began = time.monotonic()
    try:
        run.wait(dice.uniform(0.05, usual))
    except subprocess.TimeoutExpired:
        run.kill()
        return run.wait() != -signal.SIGKILL, usual
    return True, min(usual, time.monotonic() - began)  # the first one may have met a busier machine


@part
def kills_inone_process(plan: Plan, result: Result) -> None:
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
        show(result, f"{n}")
    if result.tried > 9 and not ground.kills:
        result.failures.append("no run was ended at all")
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
            show(result, f"{name} at {at} of {ground.writes}")
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
