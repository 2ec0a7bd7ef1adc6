"""Many documents, each read in a child process with limits.

PDFs come from strangers and PDFium is not thread-safe, so no document is ever opened in the parent. A child takes one
document at a time; it is killed when it exceeds its wall-clock time, its CPU time or its memory, and replaced after
that, after a crash, and after `RENEW` documents. Its result travels as a harvest folder on disk.
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

ENGINE = "pipeline.harvest"
RENEW = 100
NOT_READY = "the reading process cannot start; LUMBUNG_DEBUG=1 shows its messages"
START_SECONDS = 120.0  # for imports, on a slow disk
MEBIBYTE = 1024 * 1024
# Pools of threads and allocators that reserve a gigabyte ahead (Arrow's own does) would look like memory in use.
ONE_THREAD = {
    "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENCV_FOR_THREADS_NUM": "1",
    "ARROW_DEFAULT_MEMORY_POOL": "system", "MALLOC_ARENA_MAX": "1", "PYTHONDONTWRITEBYTECODE": "1",
}  # fmt: skip
KEPT_ENVIRONMENT = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "TMPDIR",
    "PYTHONPATH",
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
class Job:
    """One document to read, or (path None) to give meaning to again."""

    document_id: str
    name: str
    root: Path
    reading: str
    meaning: str
    path: Path | None = None
    said: tuple[tuple[str, str], ...] = ()
    password: str | None = None
    size: int = 0


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
            [sys.executable, "-m", "pipeline.worker", engine, str(limits.mebibytes * MEBIBYTE)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL if not os.environ.get("LUMBUNG_DEBUG") else None,
            env=environment,
            start_new_session=True,  # Ctrl-C reaches the parent alone, which then ends its children
        )
        self.limits = limits
        self.job: Job | None = None
        self.done = 0
        self.started = time.monotonic()
        self.ready = False
        self._buffer = b""

    def give(self, job: Job) -> None:
        self.job, self.started = job, time.monotonic()
        message = {
            "root": str(job.root), "document_id": job.document_id, "name": job.name, "reading": job.reading,
            "meaning": job.meaning, "path": None if job.path is None else str(job.path), "said": dict(job.said),
            "password": job.password, "cpu_seconds": self.limits.seconds_for(job.size),
            "memory_error": self.memory_error(),
        }  # fmt: skip
        assert self.process.stdin is not None
        with suppress(BrokenPipeError):  # it died between two documents: seen as a crash when its output is read
            self.process.stdin.write(json.dumps(message).encode() + b"\n")
            self.process.stdin.flush()

    def deadline(self) -> float:
        """When this child must have ended its job, or be ready for the first one."""
        if self.job is not None:
            return self.started + self.limits.seconds_for(self.job.size)
        return float("inf") if self.ready else self.started + START_SECONDS

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
        if not self._reaped(0.2 if self.job is None else 0.0):
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
    jobs: Sequence[Job], *, workers: int, limits: Limits | None = None, engine: str = ENGINE
) -> Generator[Outcome, None, None]:
    """Work through `jobs`, largest first, and yield each outcome when it is there. Closing the generator ends all.

    Raises CrowdError when no document can be read at all: the engine cannot be imported, or the disk refuses a write.
    """
    limits = limits or Limits()
    waiting = sorted(jobs, key=lambda job: (-job.size, job.document_id), reverse=True)  # taken from the end
    children: list[_Child] = []
    with selectors.DefaultSelector() as selector:

        def start() -> None:
            child = _Child(engine, limits)
            children.append(child)
            assert child.process.stdout is not None
            selector.register(child.process.stdout, selectors.EVENT_READ, child)

        def stop(child: _Child) -> tuple[int, int]:
            children.remove(child)
            assert child.process.stdout is not None
            selector.unregister(child.process.stdout)
            return child.end()

        try:
            while waiting or any(child.job for child in children):
                busy = sum(child.job is not None for child in children)
                for _ in range(min(workers - len(children), len(waiting) - (len(children) - busy))):
                    start()
                soonest = min((child.deadline() for child in children), default=float("inf"))
                patience = None if soonest == float("inf") else max(0.0, soonest - time.monotonic())
                for key, _ in selector.select(patience):
                    yield from _heard(key.data, waiting, stop)
                for child in [c for c in children if time.monotonic() >= c.deadline()]:
                    stop(child)
                    if child.job is None:
                        raise CrowdError(NOT_READY)
                    error = _time_error(limits.seconds_for(child.job.size))
                    yield Outcome(child.job, "limit_time", error, False, time.monotonic() - child.started)
        finally:
            for child in list(children):
                stop(child)


def _heard(child: _Child, waiting: list[Job], stop: Callable[[_Child], tuple[int, int]]) -> Iterator[Outcome]:
    """What follows from a child's output: the next job for it, an outcome, or its end."""
    answers = child.answers()
    if answers is None:
        job, ready, started = child.job, child.ready, child.started
        code, peak = stop(child)
        if not ready:
            raise CrowdError(NOT_READY)
        if job is not None:
            yield Outcome(job, *_crash(child, job, code, peak), False, time.monotonic() - started)
        return
    for answer in answers:
        child.ready = True
        if "fatal" in answer:
            raise CrowdError(f"a harvest could not be written: {answer['fatal']}")
        if child.job is not None and "ready" not in answer:
            error = None if answer.get("error") is None else str(answer["error"])
            seconds = time.monotonic() - child.started
            yield Outcome(child.job, str(answer["status"]), error, bool(answer.get("made")), seconds)
            child.job, child.done = None, child.done + 1
        if child.done >= RENEW or answer.get("spent") or not waiting:
            stop(child)
        else:
            child.give(waiting.pop())


def _crash(child: _Child, job: Job, code: int, peak: int) -> tuple[str, str]:
    if code == -signal.SIGXCPU:
        return "limit_time", _time_error(child.limits.seconds_for(job.size))
    if peak > 0.6 * child.limits.mebibytes:  # libraries in C crash when memory is refused
        return "limit_memory", child.memory_error()
    name = signal.Signals(-code).name if code < 0 else f"exit code {code}"
    return "damaged", f"the reader crashed on this file ({name}): save it again as PDF from a viewer and ingest that"


def _time_error(seconds: float) -> str:
    return f"takes longer than {seconds:.0f} seconds: raise --time-limit or split the file"
