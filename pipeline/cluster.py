"""Many documents over many machines: the same harvest on the workers of a Dask scheduler.

A task is a few documents. A worker reads each of them in a limited child process of its own (`pipeline.crowd`), as one
machine does, and writes the harvests into the store's folder, which all machines see, or sends them through an exchange
(`pipeline.exchange`). Layers appear complete or not at all, so a task that a lost worker leaves is simply done again.
A document that ends its workers again and again is set apart, then read alone, and given up with a clear status.
"""

from __future__ import annotations

import tempfile
import threading
from collections import Counter
from collections.abc import Generator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline import harvests
from pipeline.crowd import ENGINE, CrowdError, Job, Limits, Outcome, Standing
from pipeline.store_error import StoreError

if TYPE_CHECKING:
    from distributed import Client, Future

A_TASK = 16  # documents at most
A_TASK_BYTES = 8 << 20  # of PDF at most, so that a lost worker loses a minute or two; larger files go alone
TASKS = 4  # at least for each thread of the cluster, so that all end at about the same time
AHEAD = 3  # tasks given out for each thread of the cluster: enough to keep it busy, few enough to stay small
LOST = 5  # times that the result of a task may be lost with its worker
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
    """All tasks at once; then the documents of those that ended their workers, one at a time and nothing beside it, so
    that none is blamed for what another one did.
    """
    how = (limits or Limits(), engine, exchange)
    suspects: list[Job] = []
    yield from _round(client, tasks_of(jobs, _threads(client)), how, suspects)
    for job in list(suspects):
        suspects.clear()
        yield from _round(client, [[job]], how, suspects)
        if suspects:
            text = "ended the workers that read it, one after another: ingest it alone on a machine with more memory"
            yield Outcome(job, "damaged", text, False, 0.0)


def _round(
    client: Client, tasks: Sequence[list[Job]], how: tuple[Limits, str, str | None], suspects: list[Job]
) -> Generator[Outcome, None, None]:
    """Work through the tasks, a few ahead; what ended its workers goes to `suspects`."""
    from distributed import as_completed

    waiting = list(reversed(tasks))
    given: dict[str, list[Job]] = {}
    lost: Counter[str] = Counter()
    done = as_completed()
    while waiting or given:
        while waiting and len(given) < AHEAD * _threads(client):
            task = waiting.pop()
            _offer(task, how[2])
            future = client.submit(read_task, task, *how, pure=False)
            given[future.key] = task
            done.add(future)
        future = next(done)
        task = given.pop(future.key)
        answers = _answers(future)
        future.release()
        if answers is None:
            suspects.extend(task)
        elif not answers:
            _again(task, waiting, lost)
        for document_id, status, error, made, seconds in answers or ():
            job = next(one for one in task if one.document_id == document_id)
            if how[2] is not None:
                _fetch(job, how[2], whole=made)
            yield Outcome(job, status, error, made, seconds)


def _threads(client: Client) -> int:
    threads: int = sum(client.nthreads().values())
    return max(1, threads)


def _answers(future: Future) -> list[Answer] | None:
    """What came of a task; None where it ended its workers, nothing where its result was lost with a worker."""
    from distributed import KilledWorker

    if future.status == "finished":
        found: list[Answer] = future.result()
        return found
    if future.status != "error":
        return []
    error = future.exception()
    if isinstance(error, KilledWorker):
        return None
    if isinstance(error, (Unfit, CrowdError)):
        raise CrowdError(str(error)) from error
    raise CrowdError(f"a worker failed ({type(error).__name__}: {error})") from error


def _again(task: list[Job], waiting: list[list[Job]], lost: Counter[str]) -> None:
    """A task whose result was lost runs again. Raises CrowdError when that happens again and again."""
    lost[task[0].document_id] += 1
    if lost[task[0].document_id] > LOST:
        raise CrowdError("the scheduler gives up the work again and again: what was read is kept, run it again")
    waiting.append(task)


def _offer(task: Sequence[Job], exchange: str | None) -> None:
    if exchange is not None:
        from pipeline.exchange import offer

        for job in task:
            offer(job, exchange)


def _fetch(job: Job, exchange: str, *, whole: bool) -> None:
    from pipeline.exchange import fetch

    fetch(job, exchange, whole=whole)


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


_of_thread = threading.local()  # the kernel ends children with the thread that started them, so each has its own


def _read(task: Sequence[Job], limits: Limits, engine: str) -> list[Answer]:
    crowd = _crowd_of_thread(limits, engine)
    try:
        return [(one.job.document_id, one.status, one.error, one.made, one.seconds) for one in crowd.harvest(task)]
    except BaseException:
        _of_thread.crowd = None
        crowd.close()
        raise


def _crowd_of_thread(limits: Limits, engine: str) -> Standing:
    """The child that this thread keeps warm from task to task."""
    kept: tuple[Limits, str, Standing] | None = getattr(_of_thread, "crowd", None)
    if kept is not None and kept[:2] == (limits, engine):
        return kept[2]
    if kept is not None:
        kept[2].close()
    _of_thread.crowd = (limits, engine, Standing(1, limits, engine))
    found: Standing = _of_thread.crowd[2]
    return found


def _same_versions(job: Job) -> None:
    """The same layers come of the same versions only: a worker with others would write under a wrong name."""
    reading = harvests.current_key(job.reading) if job.path is not None else job.reading
    meaning = harvests.meaning_key(job.name, dict(job.said), job.reading, job.answers)
    if (reading, meaning) != (job.reading, job.meaning):
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
