"""Kills, Ctrl-C and failing writes."""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.fault_plan import Plan, Result, part, show
from tests import faults


@part
def kills(plan: Plan, result: Result) -> None:
    """SIGKILL at random moments of ingest and publish over 20 documents that children read."""
    _at_moments(plan, result, faults.Ground.killed, 200, children=True)


@part
def kills_inone_process(plan: Plan, result: Result) -> None:
    """SIGKILL at random moments of ingest and publish over 20 documents, without children."""
    _at_moments(plan, result, faults.Ground.killed, 200)


@part
def interrupts(plan: Plan, result: Result) -> None:
    """Ctrl-C (SIGINT) at random moments of ingest and publish: exit code 130, a clear line, and the next run goes on."""
    _at_moments(plan, result, faults.Ground.interrupted, 100)


def _at_moments(plan: Plan, result: Result, end: Callable[..., list[str]], number: int, **how: bool) -> None:
    """Ends runs until `number` of them were ended; one that was over before is tried and not counted.

    Runs are forks of a warm process, so that moments fall into the work and not into imports.
    """
    shim = faults.build_shim(plan.folder)
    if shim is None:
        result.failures.append("needs a C compiler on Linux")
        return
    ground = faults.Ground(plan.folder, shim, 10, 28)
    usual = timed = min(_timed(ground, plan.folder / f"timed-{n}", **how) for n in range(2))
    dice, wanted = random.Random(2 + plan.seed), plan.times(number)
    while ground.kills < wanted and result.tried < 3 * wanted:
        result.tried += 1
        counted = ground.kills
        result.failures += end(ground, dice.uniform(0.02, usual), result.tried, **how)
        usual *= (
            1.01 if ground.kills > counted else 0.93
        )  # others may use the machine: some one in eight comes too late
        show(result, f"{ground.kills} counted of {result.tried}")
    if ground.kills < wanted:
        result.failures.append(f"only {ground.kills} of {wanted} runs were ended before their end")
    result.figures = {
        "counted": ground.kills, "of_them_published_already": ground.published,
        "seconds_of_an_undisturbed_run": round(timed, 2),
    }  # fmt: skip
    ground.close()


def _timed(ground: faults.Ground, store: Path, **how: bool) -> float:
    shutil.copytree(ground.base, store, symlinks=True)
    start = time.monotonic()
    ground.ingest(store, **how)
    seconds = time.monotonic() - start
    shutil.rmtree(store)
    return seconds


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
