"""What there is to do for the children: whole documents, and pieces of a long one that would keep others waiting.

A document is shared where the rest of the work is too small to keep the other children busy meanwhile. Which has enough pages
is known only when a child has opened it. Its pieces are read by whoever is free, then one child joins them and writes the
reading, another one joins them, gives them meaning and writes that: the same as if one had done all of it.
"""

from __future__ import annotations

import shutil
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.harvests import reading_folder
from pipeline.layers import temporary_folder

LEAST_PAGES = 40  # a document with fewer is read by one child
LEAST_BYTES = 150_000  # so many pages do not stand in a smaller file
SHORTEST = 12  # pages of a piece
PICTURE_BYTES = 80_000  # a page of so many is a picture, most likely, and takes seconds: shared from FEWEST pages on
FEWEST = 4
RUN = 3  # pages, at most, of a piece of pictures: they know of each other, and it takes no longer than other pieces
PIECES = 3  # for each child: the last one to end is not waited for long


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
    answers: str = ""  # names of the second readings kept beside the reading, which its meaning is made with


@dataclass(slots=True)
class Share:
    """A document that is read in pieces. `folder` holds them; those of `read` are there, `left` are not yet."""

    job: Job
    folder: Path
    files: list[Path]
    left: int
    read: list[Task] = field(default_factory=list)
    started: float = field(default_factory=time.monotonic)
    over: bool = False  # it is done or has failed: what is still read of it does not count
    layers: set[str] = field(default_factory=set)  # those that are written
    said: tuple[str, str | None] = ("ok", None)  # status and error that came with the meaning


@dataclass(frozen=True, slots=True)
class Task:
    """What one child does next. `asked`: what its message says beside the job."""

    job: Job
    asked: dict[str, Any] = field(default_factory=dict)
    share: Share | None = None

    @property
    def is_piece(self) -> bool:
        return "first" in self.asked


def runs(pages: Sequence[int]) -> list[tuple[int, int]]:
    """First and last of pages that follow each other, `RUN` at most.

    >>> runs([3, 4, 5, 6, 9])
    [(3, 5), (6, 6), (9, 9)]
    """
    found: list[tuple[int, int]] = []
    for page in pages:
        if found and page == found[-1][1] + 1 and page - found[-1][0] < RUN:
            found[-1] = (found[-1][0], page)
        else:
            found.append((page, page))
    return found


class Work:
    """The jobs that wait, largest first, and the pieces of shared documents, which go before them."""

    def __init__(self, jobs: Sequence[Job], workers: int) -> None:
        self._workers = workers
        self._waiting = sorted(jobs, key=lambda job: (-job.size, job.document_id), reverse=True)  # taken from the end
        self._bytes = sum(job.size for job in jobs)
        self._first: deque[Task] = deque()  # pieces and joins
        self._shares: list[Share] = []
        self._counting = 0  # children that are about to say how many pages a document has

    def take(self) -> Task | None:
        """The next task; None where there is none now."""
        if self._first:
            return self._first.popleft()
        if not self._waiting:
            return None
        job = self._waiting.pop()
        self._bytes -= job.size
        if not self._may_share(job, self._bytes):
            return Task(job)
        self._counting += 1
        return Task(job, {"share": {"from": LEAST_PAGES, "pictures": [FEWEST, job.size // PICTURE_BYTES]}})

    def tasks(self) -> int:
        """How many children have something to do now, or may have in a moment."""
        soon = bool(self._counting) or bool(
            self._waiting and self._may_share(self._waiting[-1], self._bytes - self._waiting[-1].size)
        )
        return len(self._first) + len(self._waiting) + (self._workers - 1 if soon else 0)

    def ends(self) -> bool:
        """Whether nothing waits to be taken; what children are at may still give pieces."""
        return not (self._first or self._waiting or self._counting)

    def more_to_come(self) -> bool:
        """Whether a child that has nothing to do should wait: pieces are still read, or pages counted."""
        return bool(self._counting or self._shares)

    def counted(self, task: Task) -> None:
        """A child has said whether its document is long."""
        if task.asked.get("share"):
            self._counting -= 1

    def share(self, job: Job, pages: int, pictures: Sequence[int] = ()) -> None:
        """The document has so many pages: they become pieces. Those go first that hold `pictures`, most likely: what takes
        long should be begun early."""
        shortest = 1 if pages * PICTURE_BYTES <= job.size else SHORTEST
        length = max(shortest, -(-pages // (PIECES * self._workers)))
        folder = temporary_folder(job.root) / f"pieces-{job.document_id}"
        firsts = list(range(1, pages + 1, length))
        if shortest > 1:  # no range begins with a picture: it may carry on a table of the page before
            for n in range(1, len(firsts)):
                while firsts[n] in pictures and firsts[n] > firsts[n - 1] + 1:
                    firsts[n] -= 1
        lasts = [first - 1 for first in firsts[1:]] + [pages]
        files = [folder / f"{first}.json" for first in firsts]
        share = Share(job, folder, files, len(files))
        self._shares.append(share)
        tasks = []
        for first, last, file in zip(firsts, lasts, files, strict=True):
            asked = {"first": first, "last": last, "out": str(file), "pictures": shortest == 1}
            tasks.append(Task(job, asked, share))
        held = [sum(task.asked["first"] <= page <= task.asked["last"] for page in pictures) for task in tasks]
        tasks.sort(key=lambda task: not held[firsts.index(task.asked["first"])])
        # While others read, one child loads what gives meaning: after the pieces all would wait for it.
        tasks.insert(self._workers, Task(job, {"prepare": True}, share))
        self._first.extend(tasks)

    def read(self, task: Task, later: Sequence[int] = ()) -> None:
        """One piece more has been read, but for the pages of `later`: pictures, which become pieces of their own and go
        before all others. In documents that are scans nothing is left for later. After the last piece they are joined,
        twice: one child writes the reading while another gives it meaning."""
        share = task.share
        assert share is not None
        share.left -= 1
        share.read.append(task)
        if later and not share.over:
            for first, last in runs(later):
                above = next((one for one in share.read if one.asked["first"] < first <= one.asked["last"] + 1), task)
                file = share.folder / f"pictures-{first}.json"
                asked = {"first": first, "last": last, "out": str(file), "pictures": True, "after": above.asked["out"]}
                self._first.appendleft(Task(share.job, asked, share))
                share.files.append(file)
                share.left += 1
        if not share.left and not share.over:
            pieces = [str(file) for file in share.files]
            self._first.appendleft(Task(share.job, {"pieces": pieces, "layer": "reading"}, share))
            self._first.appendleft(Task(share.job, {"pieces": pieces, "layer": "meaning"}, share))

    def written(self, task: Task, share: Share, status: str, error: str | None) -> bool:
        """A layer stands on disk; whether it is the last one of its document. What is said of the meaning counts."""
        share.layers.add(task.asked["layer"])
        if task.asked["layer"] == "meaning":
            share.said = (status, error)
        return len(share.layers) == 2

    def end(self, share: Share) -> bool:
        """The document is done, or has failed. False where that was known before."""
        if share.over:
            return False
        share.over = True
        self._shares.remove(share)
        self._first = deque(task for task in self._first if task.share is not share)
        shutil.rmtree(share.folder, ignore_errors=True)
        return True

    def close(self) -> None:
        """Removes what is left of pieces."""
        for share in list(self._shares):
            self.end(share)

    def _may_share(self, job: Job, rest: int) -> bool:
        """Whether the other children would be idle before this document is done: `rest` bytes wait beside it."""
        if self._workers < 2 or job.path is None or job.size < LEAST_BYTES or rest >= (self._workers - 1) * job.size:
            return False
        return not reading_folder(job.root, job.document_id, job.reading).exists()
