"""The time limit counts by the clock, but a child that others keep from the processors may go on while it works."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline import crowd
from pipeline.crowd import LONGEST, Job, Limits, processor_seconds
from pipeline.shares import Task


def late_at(spent_at: Callable[[float], float], monkeypatch: pytest.MonkeyPatch) -> float:
    """When a child with a limit of 60 s is stopped that has spent so much of a processor after so many seconds."""
    now = [1000.0]
    monkeypatch.setattr("pipeline.crowd.time.monotonic", lambda: now[0])
    monkeypatch.setattr(crowd, "processor_seconds", lambda pid: 5.0 + spent_at(now[0] - 1000.0))

    class Process:
        pid, stdin = 1, open(os.devnull, "wb")  # noqa: SIM115

    child = object.__new__(crowd._Child)
    child.process, child.limits, child.task = Process(), Limits(), None  # type: ignore[assignment]
    child.give(Task(Job("a", "a", Path("x"), "1", "1", Path("a"))))
    while True:
        now[0] = child.deadline()
        assert now[0] < 2000.0
        if child.is_late():
            return now[0] - 1000.0


@pytest.mark.parametrize(
    ("spent_at", "stopped"),
    [
        pytest.param(lambda t: 0.0, 60, id="sleeps"),
        pytest.param(lambda t: min(t, 20.0), 60, id="hangs after its work"),
        pytest.param(lambda t: t, 60, id="works alone"),
        pytest.param(lambda t: t / 3, 180, id="a third of a processor"),
        pytest.param(lambda t: min(t / 3, 30), 100, id="hangs on a busy machine"),
        pytest.param(lambda t: t / 15, 60 * LONGEST, id="hardly gets on"),
    ],
)
def test_when_a_child_is_stopped(
    spent_at: Callable[[float], float], stopped: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert stopped - 10 <= late_at(spent_at, monkeypatch) <= stopped + 10


def test_processor_seconds_count_children() -> None:
    before = processor_seconds(os.getpid())
    end = time.process_time() + 0.1
    while time.process_time() < end:
        pass
    if Path("/proc/self/stat").exists():
        assert 0.05 < processor_seconds(os.getpid()) - before < 5.0
    assert processor_seconds(0) == 0.0
