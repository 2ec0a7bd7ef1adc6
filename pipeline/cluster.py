"""Many documents over many machines: the same harvest on the workers of a Dask scheduler.

A task is a few documents. A worker reads each of them in a limited child process of its own (`pipeline.crowd`), as one
machine does, and writes the harvests into the store's folder, which all machines see, or sends them through an exchange
(`pipeline.exchange`). Layers appear complete or not at all, so a task that a lost worker leaves is simply done again.
A document that ends its workers again and again is set apart, then read alone, then given up with a clear status.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Generator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline import harvests
from pipeline.crowd import ENGINE, CrowdError, Job, Limits, Outcome, harvest_all
from pipeline.store_error import StoreError

if TYPE_CHECKING:
    from distributed import Client, Future

A_TASK = 64  # documents at most: each task starts a child process, which costs what some twenty small documents cost
A_TASK_BYTES = 8 << 20  # of PDF at most, so that a lost worker loses minutes; larger files are tasks of their own
TASKS = 4  # at least for each thread of the cluster, so that all end at about the same time
AHEAD = 3  # tasks given out for each thread of the cluster: enough to keep it busy, few enough to stay small
PATIENCE = 60.0  # seconds to wait for the first worker
Answer = tuple[str, str, str | None, bool, float]  # document_id, status, error, made, seconds


class Unfit(Exception):
    """A worker cannot do this work at all: one sentence."""


def harvest_on_cluster(
    jobs: Sequence[Job],
    *,
    scheduler: str,
    limits: Limits | None = None,
    engine: str = ENGINE,
    exchange: str | None = None,
) -> Generator[Outcome, None, None]:
    """As `crowd.harvest_all`, on the workers of the scheduler at `scheduler` (`tcp://host:8786`).

    `exchange` is a folder or address that fsspec opens, through which files and harvests go where the machines share no
    folder. Raises StoreError where Dask is not installed or no scheduler answers, CrowdError where workers cannot work.
    """
    client = _client(scheduler)
    try:
        yield from _work(client, [replace(job, root=job.root.resolve()) for job in jobs], limits, engine, exchange)
    finally:
        with suppress(Exception):  # a scheduler that is gone has nothing left to be told
            client.close(timeout=5)


def _client(scheduler: str) -> Client:
    try:
        from distributed import Client
    except ImportError as missing:
        raise StoreError("a cluster needs Dask: pip install 'lumbung[cluster]'") from missing
    try:
        client = Client(scheduler, timeout=10)
    except (OSError, ValueError) as error:
        raise StoreError(
            f"no scheduler answers at {scheduler}: start one with `dask scheduler`, or leave --scheduler out"
        ) from error
    try:
        client.wait_for_workers(1, timeout=PATIENCE)
    except TimeoutError as error:
        client.close()
        raise StoreError(
            f"the scheduler at {scheduler} has no worker: start some with `dask worker {scheduler}`"
        ) from error
    return client


def tasks_of(jobs: Sequence[Job], threads: int) -> list[list[Job]]:
    """Documents put together into tasks, the largest first."""
    tasks: list[list[Job]] = []
    room, most = 0, min(A_TASK, -(-len(jobs) // (TASKS * threads)))
    for job in sorted(jobs, key=lambda job: (-job.size, job.document_id)):
        if not tasks or job.size > room or len(tasks[-1]) >= most:
            tasks.append([])
            room = A_TASK_BYTES
        tasks[-1].append(job)
        room -= job.size
    return tasks


def _work(
    client: Client, jobs: Sequence[Job], limits: Limits | None, engine: str, exchange: str | None
) -> Generator[Outcome, None, None]:
    from distributed import as_completed

    waiting = list(reversed(tasks_of(jobs, _threads(client))))
    given: dict[Any, list[Job]] = {}
    done = as_completed()

    def give(threads: int) -> None:
        while waiting and len(given) < AHEAD * threads:
            task = waiting.pop()
            _offer(task, exchange)
            future = client.submit(read_task, task, limits or Limits(), engine, exchange, pure=False)
            given[future.key] = task
            done.add(future)

    give(_threads(client))
    while given:
        future = next(done)
        task = given.pop(future.key)
        answers = _answers(future, task, waiting)
        future.release()
        give(_threads(client))
        for document_id, status, error, made, seconds in answers:
            job = next(one for one in task if one.document_id == document_id)
            if made and exchange is not None:
                _fetch(job, exchange)
            yield Outcome(job, status, error, made, seconds)


def _threads(client: Client) -> int:
    threads: int = sum(client.nthreads().values())
    return max(1, threads)


def _answers(future: Future, task: list[Job], waiting: list[list[Job]]) -> list[Answer]:
    """What came of a task. Where it ended its workers, its documents wait to be tried one by one."""
    from distributed import KilledWorker

    if future.status == "finished":
        found: list[Answer] = future.result()
        return found
    if future.status != "error":
        raise CrowdError("the scheduler has given up the work: what was read is kept, run it again")
    error = future.exception()
    if isinstance(error, KilledWorker) and len(task) > 1:
        waiting.extend([job] for job in task)
        return []
    if isinstance(error, KilledWorker):
        text = "ended the workers that read it, one after another: ingest it alone on a machine with more memory"
        return [(task[0].document_id, "damaged", text, False, 0.0)]
    if isinstance(error, (Unfit, CrowdError)):
        raise CrowdError(str(error)) from error
    raise CrowdError(f"a worker failed ({type(error).__name__}: {error})") from error


def _offer(task: Sequence[Job], exchange: str | None) -> None:
    if exchange is not None:
        from pipeline.exchange import offer

        for job in task:
            offer(job, exchange)


def _fetch(job: Job, exchange: str) -> None:
    from pipeline.exchange import fetch

    fetch(job, exchange)


# -- on a worker -------------------------------------------------------------------------------------------------------


def read_task(task: list[Job], limits: Limits, engine: str, exchange: str | None) -> list[Answer]:
    """Read the documents of a task, each in a limited child process. Raises Unfit for a worker that cannot do it."""
    for job in task:
        _same_versions(job)
    if exchange is None:
        _sees(task)
        return _read(task, limits, engine)
    from pipeline.exchange import bring_back, take

    with tempfile.TemporaryDirectory(prefix="lumbung-") as scratch:
        here = [take(job, exchange, Path(scratch)) for job in task]
        answers = _read(here, limits, engine)
        made = {answer[0] for answer in answers if answer[3]}
        for job in here:
            bring_back(job, exchange, whole=job.document_id in made)
    return answers


def _read(task: Sequence[Job], limits: Limits, engine: str) -> list[Answer]:
    started = time.monotonic()
    answers = []
    for outcome in harvest_all(task, workers=1, limits=limits, engine=engine):
        if outcome.made:
            outcome = replace(outcome, seconds=min(outcome.seconds, time.monotonic() - started))
        answers.append((outcome.job.document_id, outcome.status, outcome.error, outcome.made, outcome.seconds))
    return answers


def _same_versions(job: Job) -> None:
    """The same layers come of the same versions only: a worker with others would write under a wrong name."""
    reading = harvests.current_key(job.reading) if job.path is not None else job.reading
    if (reading, harvests.meaning_key(job.name, dict(job.said), job.reading)) != (job.reading, job.meaning):
        raise Unfit(f"the worker on {_host()} has other versions than this machine: install the same lock file there")


def _sees(task: Sequence[Job]) -> None:
    for job in task:
        if not job.root.is_dir():
            raise Unfit(f"the worker on {_host()} does not see {job.root}: share that folder, or name an --exchange")
        if job.path is not None and not job.path.exists():
            raise Unfit(f"the worker on {_host()} does not see {job.path}: share its folder, or name an --exchange")


def _host() -> str:
    import platform

    return platform.node()
