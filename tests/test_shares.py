"""Long documents are read by several children; what comes of it is the same."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline import harvests, shares
from pipeline.crowd import Job, Limits, Outcome, harvest_all
from pipeline.layers import temporary_folder
from pipeline.shares import Work, runs
from tests.fakes import fact, pdf

ROOT = Path(__file__).parent.parent
REPORT = ROOT / "data" / "raw" / "rkt-2024-bkpsdm-way-kanan.pdf"
BIG = 10 * shares.LEAST_BYTES


def job_of(file: Path, root: Path, size: int | None = None) -> Job:
    identity = hashlib.sha256(file.read_bytes()).hexdigest()
    reading, meaning = harvests.reading_key(), harvests.meaning_key(file.name, {})
    return Job(identity, file.name, root, reading, meaning, file, size=file.stat().st_size if size is None else size)


def named(name: str, size: int, root: Path) -> Job:
    return Job(name, name, root, "1", "1", Path(name), size=size)


# -- the list of what there is to do --------------------------------------------------------------------------


def test_largest_first_and_unshared_while_others_wait(tmp_path: Path) -> None:
    work = Work([named(name, size, tmp_path) for name, size in (("a", 10), ("b", BIG), ("c", BIG + 1))], 2)
    taken = [work.take() for _ in range(4)]
    assert [task.job.name if task else None for task in taken] == ["c", "b", "a", None]
    assert ["share" in task.asked for task in taken if task] == [False, True, False]


@pytest.mark.parametrize(
    ("sizes", "workers"),
    [
        pytest.param([BIG], 1, id="one child"),
        pytest.param([BIG, BIG], 2, id="as much waits for the other child"),
        pytest.param([shares.LEAST_BYTES - 1], 2, id="small"),
    ],
)
def test_not_shared(sizes: list[int], workers: int, tmp_path: Path) -> None:
    work = Work([named(str(i), size, tmp_path) for i, size in enumerate(sizes)], workers)
    assert work.tasks() == len(sizes)
    task = work.take()
    assert task is not None and not task.asked and not work.more_to_come()


def test_a_stored_reading_is_not_read_in_pieces(tmp_path: Path) -> None:
    job = named("a", BIG, tmp_path)
    harvests.reading_folder(tmp_path, "a", "1").mkdir(parents=True)
    task = Work([job], 2).take()
    assert task is not None and not task.asked


def test_pieces_cover_all_pages_and_are_joined_after_the_last(tmp_path: Path) -> None:
    work = Work([named("a", BIG, tmp_path), named("z", 1, tmp_path)], 2)
    counting = work.take()
    assert counting is not None and work.more_to_come() and work.tasks() == 2
    work.counted(counting)
    work.share(counting.job, 100, [40, 90])
    tasks = [task for _ in range(8) if (task := work.take()) is not None]
    assert tasks.pop().job.name == "z"
    assert tasks[2].asked == {"prepare": True}  # when each child has a piece
    pieces = [task for task in tasks if task.is_piece]
    assert len(pieces) == 6
    assert [one.asked["first"] for one in pieces] == [35, 86, 1, 18, 52, 69]  # those with pictures first
    pieces.sort(key=lambda one: one.asked["first"])
    read = [page for one in pieces for page in range(one.asked["first"], one.asked["last"] + 1)]
    assert read == list(range(1, 101))
    for one in pieces:
        assert work.take() is None and work.more_to_come() and one.share is not None
        work.read(one)
    join, other = work.take(), work.take()
    assert join is not None and other is not None and join.share is not None and work.take() is None
    assert join.asked["pieces"] == other.asked["pieces"] == [one.asked["out"] for one in pieces]
    assert [join.asked["layer"], other.asked["layer"]] == ["meaning", "reading"]
    assert not work.written(join, join.share, "partial", "page 3")
    assert work.written(other, join.share, "ok", None)
    assert join.share.said == ("partial", "page 3")
    assert work.end(join.share) and not work.more_to_come()


def test_a_failed_piece_takes_the_others_along(tmp_path: Path) -> None:
    work = Work([named("a", BIG, tmp_path)], 2)
    counting = work.take()
    assert counting is not None
    work.counted(counting)
    work.share(counting.job, 60)
    one, other = work.take(), work.take()
    assert one is not None and other is not None and one.share is not None
    assert work.end(one.share)
    assert work.take() is None and not work.more_to_come()
    assert not work.end(one.share)  # told once


# -- children --------------------------------------------------------------------------


def test_two_children_make_the_same_harvest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shares, "LEAST_PAGES", 10)
    monkeypatch.setattr(shares, "LEAST_BYTES", 0)
    shared: list[int] = []
    original = Work.share

    def noted(self: Work, job: Job, pages: int, pictures: list[int]) -> None:
        shared.append(pages)
        original(self, job, pages, pictures)

    monkeypatch.setattr(Work, "share", noted)
    for workers in (1, 2):
        outcomes = list(harvest_all([job_of(REPORT, tmp_path / str(workers))], workers=workers))
        assert [(one.status, one.made) for one in outcomes] == [("ok", True)]
    assert shared == [21]
    one, two = (
        {str(file.relative_to(tmp_path / str(n))): file.read_bytes() for file in (tmp_path / str(n)).glob("*/*/*.*")}
        for n in (1, 2)
    )
    assert one == two and len(one) == 11
    assert not list(temporary_folder(tmp_path / "2").iterdir())


def run(folder: Path, title: str, limits: Limits | None = None) -> tuple[list[Outcome], Job]:
    files = [pdf(folder / "long.pdf", fact(), title=title), pdf(folder / "short.pdf", fact(value="7"))]
    jobs = [job_of(files[0], folder / "out", BIG), job_of(files[1], folder / "out")]
    outcomes = list(harvest_all(jobs, workers=2, limits=limits, engine="tests.pieces_engine"))
    assert len(outcomes) == 2 and not list(temporary_folder(folder / "out").glob("pieces-*"))
    return sorted(outcomes, key=lambda outcome: outcome.job.name), jobs[0]


def test_pieces_are_joined_by_a_child(tmp_path: Path) -> None:
    outcomes, job = run(tmp_path, "fine")
    assert [outcome.made for outcome in outcomes] == [True, True]
    reading = harvests.read_reading(harvests.reading_folder(job.root, job.document_id, job.reading))
    assert reading.metadata == {"joined": "yes", "pictures": ""}


def test_who_was_told_to_prepare_gives_meaning(tmp_path: Path) -> None:
    outcomes, job = run(tmp_path, "slow")
    assert [outcome.made for outcome in outcomes] == [True, True]
    about, _ = harvests.read_about(job.root, job.document_id, job.meaning, job.reading)
    assert about["title"] == "prepared"


def test_pictures_become_pieces_of_their_own(tmp_path: Path) -> None:
    outcomes, job = run(tmp_path, "pictures")
    assert [outcome.made for outcome in outcomes] == [True, True]
    reading = harvests.read_reading(harvests.reading_folder(job.root, job.document_id, job.reading))
    held = ("14-15 after 13", "24-24 after 13", "26-27 after 25", "36-36 after 25", "38-39 after 37", "48-48 after 37")
    assert reading.metadata["pictures"] == ", ".join(held)


def test_a_picture_learns_of_the_page_before_from_another_piece(tmp_path: Path) -> None:
    work = Work([named("a", BIG, tmp_path)], 2)
    counting = work.take()
    assert counting is not None
    work.counted(counting)
    work.share(counting.job, 100)
    tasks = {task.asked.get("first"): task for _ in range(7) if (task := work.take()) is not None}
    work.read(tasks[18])
    work.read(tasks[35], [35, 37, 38])
    after = [(task.asked["first"], task.asked["after"]) for _ in range(2) if (task := work.take()) is not None]
    assert after == [(37, tasks[35].asked["out"]), (35, tasks[18].asked["out"])]


def test_no_piece_begins_with_a_picture(tmp_path: Path) -> None:
    work = Work([named("a", BIG, tmp_path)], 2)
    counting = work.take()
    assert counting is not None
    work.counted(counting)
    work.share(counting.job, 100, [18, 34, 35])
    tasks = [task for _ in range(7) if (task := work.take()) is not None and task.is_piece]
    ranges = sorted((task.asked["first"], task.asked["last"]) for task in tasks)
    assert ranges == [(1, 16), (17, 32), (33, 51), (52, 68), (69, 85), (86, 100)]


def test_runs_of_pictures() -> None:
    assert runs([]) == [] and runs([3, 4, 5, 6, 9]) == [(3, 5), (6, 6), (9, 9)]


@pytest.mark.parametrize(
    ("title", "status", "said"),
    [("crash", "damaged", "crashed"), ("damaged", "damaged", "second half"), ("sleep", "limit_time", "8 seconds")],
)
def test_a_document_one_piece_of_which_fails_has_failed(title: str, status: str, said: str, tmp_path: Path) -> None:
    (long, short), _ = run(tmp_path, title, replace(Limits(), seconds=8.0, seconds_per_mebibyte=0.0))
    assert (long.status, long.made) == (status, False) and said in (long.error or "")
    assert (short.status, short.made) == ("ok", True)


def test_closing_ends_the_children_and_removes_the_pieces(tmp_path: Path) -> None:
    file = pdf(tmp_path / "long.pdf", fact(), title="sleep")
    short = pdf(tmp_path / "short.pdf", fact(value="7"))
    outcomes = harvest_all(
        [job_of(file, tmp_path / "out", BIG), job_of(short, tmp_path / "out")], workers=2, engine="tests.pieces_engine"
    )
    assert next(outcomes).job.name == "short.pdf"
    outcomes.close()
    assert not list(temporary_folder(tmp_path / "out").glob("pieces-*"))
