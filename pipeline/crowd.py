"""Many documents, each read in a child process with limits.

PDFs come from strangers and PDFium is not thread-safe, so no document is ever opened in the parent. A child takes one
document at a time, or a piece of a long one (`shares`); it is killed when it exceeds its wall-clock time, its CPU time or its
memory, and replaced after that, after a crash, and after `RENEW` documents. Its result travels as a harvest folder on disk.
On a machine that has too much to do, a child may take longer by the clock as long as it works (`_Child.is_late`).
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.shares import Job, Task, Work

__all__ = ["CrowdError", "Job", "Limits", "Outcome", "harvest_all"]

ENGINE = "pipeline.harvest"
RENEW = 100
NOT_READY = "the reading process cannot start; LUMBUNG_DEBUG=1 shows its messages"
START_SECONDS = 120.0  # for imports, on a slow disk
LONGEST = 10.0  # times its limit that a child may take by the clock while others keep the processors from it
AT_WORK = 0.05  # of a window's time on a processor, at least: less is a child that sleeps or hangs
WINDOWS = 6  # of the time limit: in the last one before it a child must have been at work
MEBIBYTE = 1024 * 1024
# Pools of threads and allocators that reserve a gigabyte ahead (Arrow's own does) would look like memory in use.
ONE_THREAD = {
    "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENCV_FOR_THREADS_NUM": "1",
    "ARROW_DEFAULT_MEMORY_POOL": "system", "MALLOC_ARENA_MAX": "1",
}  # fmt: skip
KEPT_ENVIRONMENT = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "TMPDIR",
    "PYTHONPATH",
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONPYCACHEPREFIX",
    "VIRTUAL_ENV",
    "TESSDATA_PREFIX",
    "SYSTEMROOT",
)


@dataclass(frozen=True, slots=True)
class Limits:
    """For one document: `seconds` of wall clock and of CPU, more for large files; `mebibytes` of memory."""

    seconds: float = 60.0
    seconds_per_mebibyte: float = 30.0  # a scanned page is some 0.3 MiB and takes some 6 s
    mebibytes: int = 1536

    def seconds_for(self, size: int) -> float:
        return self.seconds + self.seconds_per_mebibyte * (size // MEBIBYTE)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a job. `made` says that both layers stand on disk; else `status` and `error` say why not."""

    job: Job
    status: str
    error: str | None
    made: bool
    seconds: float


class CrowdError(Exception):
    """The children cannot work at all (disk full, engine missing): one sentence with the cause."""


class _Child:
    """One worker process and the job it is at."""

    def __init__(self, engine: str, limits: Limits) -> None:
        environment = {name: os.environ[name] for name in KEPT_ENVIRONMENT if name in os.environ}
        environment |= ONE_THREAD
        environment["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "pipeline.worker", engine, str(limits.mebibytes * MEBIBYTE), str(os.getpid())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL if not os.environ.get("LUMBUNG_DEBUG") else None,
            env=environment,
            start_new_session=True,  # Ctrl-C reaches the parent alone, which then ends its children
        )
        self.limits = limits
        self.task: Task | None = None
        self.done = 0
        self.started = time.monotonic()
        self.ready = False
        self.prepared = False  # it has loaded what gives meaning
        self.idle = self.started  # since when
        self._buffer = b""
        self._look, self._looked = float("inf"), 0.0  # when to look at its processor time, and when that was done last
        self._spent = self._spent_then = 0.0  # seconds of processor before this task, and at the last look

    @property
    def job(self) -> Job | None:
        return None if self.task is None else self.task.job

    def give(self, task: Task) -> None:
        self.task, self.started = task, time.monotonic()
        job = task.job
        self._look = self.started + self.limits.seconds_for(job.size) - self._window(job)
        self._spent = self._spent_then = processor_seconds(self.process.pid)
        self._looked = self.started
        message = {
            "root": str(job.root), "document_id": job.document_id, "name": job.name, "reading": job.reading,
            "meaning": job.meaning, "path": None if job.path is None else str(job.path), "said": dict(job.said),
            "password": job.password, "cpu_seconds": self.limits.seconds_for(job.size),
            "memory_error": self.memory_error(), **task.asked,
        }  # fmt: skip
        assert self.process.stdin is not None
        with suppress(BrokenPipeError):  # it died between two documents: seen as a crash when its output is read
            self.process.stdin.write(json.dumps(message).encode() + b"\n")
            self.process.stdin.flush()

    def deadline(self) -> float:
        """When to look whether this child is late with its task, or with being ready for the first one."""
        if self.job is not None:
            return self._look
        return float("inf") if self.ready else self.started + START_SECONDS

    def is_late(self) -> bool:
        """Whether it is to be stopped; else the next look is at its new `deadline`.

        The time limit counts by the clock, but a child that is at work and did not get its time on a processor may go on
        until it has had it, up to `LONGEST` times the limit. One that sleeps is stopped at the limit itself.
        """
        job, now = self.job, time.monotonic()
        if job is None:
            return True
        seconds, spent = self.limits.seconds_for(job.size), processor_seconds(self.process.pid)
        at_work = spent - self._spent_then >= AT_WORK * (now - self._looked)
        self._spent_then, self._looked = spent, now
        if now < self.started + seconds:
            self._look = self.started + seconds
            return False
        self._look = now + self._window(job)
        had = spent - self._spent >= (1 - AT_WORK) * seconds
        return had or not at_work or now >= self.started + LONGEST * seconds

    def _window(self, job: Job) -> float:
        return min(max(1.0, self.limits.seconds_for(job.size) / WINDOWS), self.limits.seconds_for(job.size) / 2)

    def memory_error(self) -> str:
        return f"needs more than {self.limits.mebibytes} MiB of memory: raise --memory-limit or split the file"

    def answers(self) -> list[dict[str, object]] | None:
        """Messages that have arrived; None when the child is gone."""
        assert self.process.stdout is not None
        data = os.read(self.process.stdout.fileno(), 65536)
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        return [json.loads(line) for line in lines] if data else None

    def end(self) -> tuple[int, int]:
        """Kill the child and reap it. Returns its exit code (negative: the signal) and its peak memory in MiB."""
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):
                    pipe.close()
        if not self._reaped(0.0 if self.ready else 0.2):  # one that waits has nothing left to do
            self.process.kill()
            self._reaped(10.0)
        return self.process.returncode or 0, self._peak

    _peak = 0

    def _reaped(self, patience: float) -> bool:
        end = time.monotonic() + patience
        while self.process.returncode is None:
            pid, status, usage = os.wait4(self.process.pid, os.WNOHANG)
            if pid:
                self.process.returncode = os.waitstatus_to_exitcode(status)
                self._peak = usage.ru_maxrss // 1024
            elif time.monotonic() >= end:
                return False
            else:
                time.sleep(0.005)
        return True


def harvest_all(
    jobs: Sequence[Job],
    *,
    workers: int,
    limits: Limits | None = None,
    engine: str = ENGINE,
    lull: Callable[[], None] | None = None,
) -> Generator[Outcome, None, None]:
    """Work through `jobs`, largest first, and yield each outcome when it is there. Closing the generator ends all.

    `lull` is called once, when there is less to do than children for the first time: what comes after may be prepared.
    Raises CrowdError when no document can be read at all: the engine cannot be imported, or the disk refuses a write.
    """
    crowd = _Crowd(Work(jobs, workers), workers, limits or Limits(), engine)
    crowd.lull = lull
    try:
        yield from crowd.run()
    finally:
        crowd.close()


class Standing:
    """A crowd for one list of jobs after another, whose children stay warm in between. To be closed."""

    def __init__(self, workers: int, limits: Limits, engine: str) -> None:
        self._crowd = _Crowd(Work((), workers), workers, limits, engine)

    def harvest(self, jobs: Sequence[Job]) -> Generator[Outcome, None, None]:
        """As `harvest_all`. After an error, or when not all outcomes were taken, the crowd can only be closed."""
        self._crowd.work.close()
        self._crowd.work = Work(jobs, self._crowd.workers)
        yield from self._crowd.run()

    def close(self) -> None:
        self._crowd.close()


class _Crowd:
    """The children and what they are at."""

    def __init__(self, work: Work, workers: int, limits: Limits, engine: str) -> None:
        self.work, self.workers, self.limits, self.engine = work, workers, limits, engine
        self.children: list[_Child] = []
        self.selector = selectors.DefaultSelector()
        self.lull: Callable[[], None] | None = None

    def run(self) -> Iterator[Outcome]:
        while self.work.tasks() or any(child.task for child in self.children):
            self._staff()
            if self.lull is not None and self._lulls():
                self.lull()
                self.lull = None
            soonest = min((child.deadline() for child in self.children), default=float("inf"))
            patience = None if soonest == float("inf") else max(0.0, soonest - time.monotonic())
            for key, _ in self.selector.select(patience):
                outcomes = list(self._heard(key.data))
                self._staff()  # no child waits for what is made of an outcome
                yield from outcomes
            for child in [c for c in self.children if time.monotonic() >= c.deadline() and c.is_late()]:
                self._stop(child)
                if child.task is None:
                    raise CrowdError(NOT_READY)
                error = _time_error(self.limits.seconds_for(child.task.job.size))
                yield from self._over(child, child.task, "limit_time", error)

    def _lulls(self) -> bool:
        """Whether there is less to do than children, and what they are at gives no more: nobody waits for this process."""
        tasks = [child.task for child in self.children if child.task is not None]
        return self.work.ends() and len(tasks) < self.workers and not any(task.is_piece for task in tasks)

    def close(self) -> None:
        for child in list(self.children):
            self._stop(child)
        self.selector.close()
        self.work.close()

    def _staff(self) -> None:
        """Gives work to children that are free, starts those that are missing, ends those that will not be needed."""
        free = [child for child in self.children if child.ready and child.task is None]
        free.sort(key=lambda child: (not child.prepared, child.idle))  # after the pieces, meaning is given out first
        for child in free:
            if (task := self.work.take()) is not None:
                child.give(task)
            elif not self.work.more_to_come():
                self._stop(child)
        waiting = sum(child.task is None for child in self.children)
        for _ in range(min(self.workers - len(self.children), self.work.tasks() - waiting)):
            child = _Child(self.engine, self.limits)
            self.children.append(child)
            assert child.process.stdout is not None
            self.selector.register(child.process.stdout, selectors.EVENT_READ, child)

    def _stop(self, child: _Child) -> tuple[int, int]:
        self.children.remove(child)
        assert child.process.stdout is not None
        self.selector.unregister(child.process.stdout)
        return child.end()

    def _heard(self, child: _Child) -> Iterator[Outcome]:
        """What follows from a child's output: an outcome, pieces of a long document, or its end."""
        answers = child.answers()
        if answers is None:
            task, ready = child.task, child.ready
            code, peak = self._stop(child)
            if not ready:
                raise CrowdError(NOT_READY)
            if task is not None:
                yield from self._over(child, task, *_crash(child, task.job, code, peak))
            return
        for answer in answers:
            child.ready = True
            if "fatal" in answer:
                raise CrowdError(f"a harvest could not be written: {answer['fatal']}")
            if child.task is not None and "ready" not in answer:
                task, child.task, child.done = child.task, None, child.done + 1
                child.idle = time.monotonic()
                yield from self._answered(child, task, answer)
            if child.done >= RENEW or answer.get("spent"):
                self._stop(child)

    def _answered(self, child: _Child, task: Task, answer: dict[str, Any]) -> Iterator[Outcome]:
        if "pages" in answer:
            self.work.counted(task)
            self.work.share(task.job, int(answer["pages"]), answer["pictures"])
        elif "prepared" in answer:
            child.prepared = True
        elif answer.get("piece") and task.share is not None:
            self.work.read(task, answer.get("later", ()))
        else:
            error = None if answer.get("error") is None else str(answer["error"])
            status, made = str(answer["status"]), bool(answer.get("made"))
            if made and task.share is not None:
                if not self.work.written(task, task.share, status, error):
                    return
                status, error = task.share.said
            yield from self._over(child, task, status, error, made)

    def _over(self, child: _Child, task: Task, status: str, error: str | None, made: bool = False) -> Iterator[Outcome]:
        """The outcome of a document; none where another piece of it has failed before."""
        self.work.counted(task)
        started = child.started if task.share is None else task.share.started
        if task.share is None or self.work.end(task.share):
            yield Outcome(task.job, status, error, made, time.monotonic() - started)


def processor_seconds(pid: int) -> float:
    """What a process and those below it have spent on processors; 0 where the kernel does not tell (not Linux).

    The fields are those of proc(5): utime, stime, and those of ended children.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        below = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except (OSError, ValueError):
        return 0.0
    own: float = sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    return own + sum(processor_seconds(child) for child in below)


def _crash(child: _Child, job: Job, code: int, peak: int) -> tuple[str, str]:
    if code == -signal.SIGXCPU:
        return "limit_time", _time_error(child.limits.seconds_for(job.size))
    if peak > 0.6 * child.limits.mebibytes:  # libraries in C crash when memory is refused
        return "limit_memory", child.memory_error()
    name = signal.Signals(-code).name if code < 0 else f"exit code {code}"
    return "damaged", f"the reader crashed on this file ({name}): save it again as PDF from a viewer and ingest that"


def _time_error(seconds: float) -> str:
    return f"takes longer than {seconds:.0f} seconds: raise --time-limit or split the file"
