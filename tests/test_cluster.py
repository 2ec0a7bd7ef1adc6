"""The same harvests from a Dask cluster as from one machine, whatever becomes of its workers."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from extractors.tables import SecondReading
from pipeline import cluster, harvests, rereads
from pipeline import ingest as work
from pipeline.catalogue import Known
from pipeline.crowd import CrowdError, Job, Limits
from pipeline.store import StoreError, logical_hash
from tests.fakes import fact, pdf

distributed = pytest.importorskip("distributed")
ENGINE = "tests.fakes"
ROOT = Path(__file__).parent.parent


class Cluster:
    """A scheduler and two workers with a thread each, as `dask scheduler` and `dask worker` start them.

    Workers are started again when they die; a task that kills two of them is given up.
    """

    def __init__(self, folder: Path) -> None:
        file = folder / "scheduler.json"
        environment = {**os.environ, "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1", "PYTHONPATH": str(ROOT)}
        common = ["--no-dashboard", "--scheduler-file", str(file)]
        commands = [
            ["scheduler", "--host", "127.0.0.1", "--port", "0", *common],
            ["worker", "--nworkers", "2", "--nthreads", "1", "--local-directory", str(folder), *common],
        ]
        self._processes = [
            subprocess.Popen(
                [sys.executable, "-m", "dask", *words], env=environment, cwd=ROOT, start_new_session=True,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )
            for words in commands
        ]  # fmt: skip
        end = time.monotonic() + 120
        while not self.pids_in(file) and time.monotonic() < end:
            time.sleep(0.1)
        self.address = json.loads(file.read_text())["address"]

    def pids_in(self, file: Path) -> list[int]:
        if not file.exists():
            return []
        self.address = json.loads(file.read_text())["address"]
        with distributed.Client(self.address, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=120)
        return self.pids()

    def pids(self) -> list[int]:
        with distributed.Client(self.address, set_as_default=False) as client:
            return sorted(client.run(os.getpid).values())

    def end(self) -> None:
        for process in self._processes:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    started = Cluster(tmp_path_factory.mktemp("cluster"))
    yield started
    started.end()


def ingest(
    store: Path, folder: Path, scheduler: Cluster | None = None, watch: work.Watch | None = None, **said: Any
) -> work.Summary:
    address = None if scheduler is None else scheduler.address
    settings = work.Settings(store, engine=ENGINE, scheduler=address, **said)
    return work.ingest([str(folder)], settings, watch=watch)


def reports(folder: Path, count: int) -> Path:
    for number in range(count):
        pdf(folder / f"{number}.pdf", *(fact(value=str(number * 10 + n)) for n in range(3)), title=f"report {number}")
    return folder


class KillOne(work.Watch):
    """Ends a worker process at the first document that is done."""

    def __init__(self, scheduler: Cluster) -> None:
        self.pid, self.killed = scheduler.pids()[0], 0

    def step(self, document: Known) -> None:
        if not self.killed:
            self.killed = self.pid
            os.kill(self.killed, signal.SIGKILL)


def test_a_worker_killed_in_the_middle_changes_nothing(scheduler: Cluster, tmp_path: Path) -> None:
    folder = reports(tmp_path / "in", 40)
    killer = KillOne(scheduler)
    summary = ingest(tmp_path / "far", folder, scheduler, killer)
    assert killer.killed and [d.status for d in summary.outcomes] == ["ok"] * 40
    ingest(tmp_path / "near", folder)
    assert logical_hash(tmp_path / "far") == logical_hash(tmp_path / "near")


def test_a_document_that_ends_its_workers_is_told_and_the_others_are_read(scheduler: Cluster, tmp_path: Path) -> None:
    folder = reports(tmp_path / "in", 2)
    pdf(folder / "bad.pdf", fact(), do="kill its worker")
    summary = ingest(tmp_path / "store", folder, scheduler)
    found = {d.name: (d.status, d.error) for d in summary.outcomes}
    assert found["0.pdf"][0] == found["1.pdf"][0] == "ok"
    status, error = found["bad.pdf"]
    assert status == "damaged" and error is not None and "ended the workers" in error


def test_limits_hold_on_the_workers(scheduler: Cluster, tmp_path: Path) -> None:
    folder = reports(tmp_path / "in", 1)
    for do in ("crash", "memory", "sleep"):
        pdf(folder / f"{do}.pdf", fact(), do=do)
    before = scheduler.pids()
    summary = ingest(tmp_path / "store", folder, scheduler, limits=Limits(seconds=4, mebibytes=700))
    assert {d.name: d.status for d in summary.outcomes} == {
        "0.pdf": "ok", "crash.pdf": "damaged", "memory.pdf": "limit_memory", "sleep.pdf": "limit_time"
    }  # fmt: skip
    assert set(before) <= set(scheduler.pids())


@pytest.mark.parametrize("address", ["{}/exchange", "file://{}/exchange"])
def test_files_go_through_an_exchange(scheduler: Cluster, tmp_path: Path, address: str) -> None:
    folder = reports(tmp_path / "in", 3)
    pdf(folder / "bad.pdf", fact(), do="error")
    exchange = address.format(tmp_path)
    summary = ingest(tmp_path / "far", folder, scheduler, exchange=exchange)
    assert sorted(d.status for d in summary.outcomes) == ["damaged", "ok", "ok", "ok"]
    ingest(tmp_path / "near", folder)
    assert logical_hash(tmp_path / "far") == logical_hash(tmp_path / "near")
    assert [file.name for file in (tmp_path / "exchange").rglob("*.*")] == []


def test_what_really_is_read_goes_through_an_exchange(scheduler: Cluster, tmp_path: Path) -> None:
    report = ROOT / "data" / "raw" / "rkt-2024-bkpsdm-way-kanan.pdf"
    (tmp_path / "half.pdf").write_bytes(report.read_bytes()[:3000])
    settings = work.Settings(tmp_path / "far", scheduler=scheduler.address, exchange=str(tmp_path / "exchange"))
    summary = work.ingest([str(report), str(tmp_path / "half.pdf")], settings)
    assert {document.name: document.status for document in summary.outcomes} == {
        report.name: "ok",
        "half.pdf": "damaged",
    }
    work.ingest([str(report), str(tmp_path / "half.pdf")], work.Settings(tmp_path / "near"))
    assert logical_hash(tmp_path / "far") == logical_hash(tmp_path / "near")


def test_an_exchange_that_fails_is_named(scheduler: Cluster, tmp_path: Path) -> None:
    exchange = tmp_path / "exchange"
    exchange.write_text("a file stands where the folder should be")
    with pytest.raises(CrowdError, match=rf"0.pdf cannot go through the exchange {exchange}: .*Not a directory"):
        ingest(tmp_path / "store", reports(tmp_path / "in", 1), scheduler, exchange=str(exchange))


def test_meaning_is_made_again_on_the_workers(
    scheduler: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, store = reports(tmp_path / "in", 2), tmp_path / "store"
    ingest(store, folder)
    for layer in (store / "harvests").glob("*/meaning-*"):
        layer.rename(layer.with_name("elsewhere"))
    settings = work.Settings(store, engine=ENGINE, scheduler=scheduler.address)
    assert [d.status for d in work.reinterpret(settings).outcomes] == ["ok", "ok"]
    assert len(list((store / "harvests").glob("*/meaning-*"))) == 2


@pytest.mark.parametrize("exchange", [None, "exchange"])
def test_second_readings_come_along(scheduler: Cluster, tmp_path: Path, exchange: str | None) -> None:
    folder, store = reports(tmp_path / "in", 1), tmp_path / "store"
    ingest(store, folder)
    meaning = next((store / "harvests").glob("*/meaning-*"))
    reading = next(meaning.parent.glob("reading-*")).name.removeprefix("reading-")
    place = rereads.Request(1, (0.0, 0.0, 9.0, 9.0), "ruled", "`1` contradicts the document")
    found = [rereads.Answer(place, SecondReading("7", "plumber", 0.9))]
    rereads.keep(store / "harvests", meaning.parent.name, reading, found)
    there = exchange and str(tmp_path / exchange)
    summary = work.reinterpret(work.Settings(store, engine=ENGINE, scheduler=scheduler.address, exchange=there))
    assert [document.status for document in summary.outcomes] == ["ok"]
    assert summary.outcomes[0].meaning not in (None, meaning.name.removeprefix("meaning-"))
    again = work.reinterpret(work.Settings(store, engine=ENGINE))
    assert again.known == 1  # made on a worker, it is what would be made here


def test_a_worker_finds_the_second_readings_of_an_exchange(tmp_path: Path) -> None:
    from pipeline.exchange import offer, take

    place = rereads.Request(1, (0.0, 0.0, 9.0, 9.0), "ruled", "`1` contradicts the document")
    (tmp_path / "a.pdf").write_bytes(b"%PDF-")
    document_id = hashlib.sha256(b"%PDF-").hexdigest()
    one = replace(job(tmp_path), document_id=document_id)
    kept = rereads.keep(tmp_path, document_id, one.reading, [rereads.Answer(place, SecondReading("7", "plumber", 0.9))])
    one = replace(one, answers=kept.name)
    offer(one, str(tmp_path / "exchange"))
    (tmp_path / "scratch").mkdir()
    here = take(one, str(tmp_path / "exchange"), tmp_path / "scratch")
    found = rereads.kept(here.root, document_id, one.reading)
    assert [reading.text for readings in found.values() for reading in readings] == ["7"]


def job(tmp_path: Path, name: str = "a.pdf", size: int = 1) -> Job:
    reading = harvests.reading_key()
    return Job("d", name, tmp_path, reading, harvests.meaning_key(name, {}, reading), tmp_path / name, size=size)


def test_a_worker_with_other_versions_or_without_the_folder_says_so(tmp_path: Path) -> None:
    one = job(tmp_path)
    with pytest.raises(cluster.Unfit, match="other versions"):
        cluster.read_task([replace(one, reading="0-old")], Limits(), ENGINE, None)
    with pytest.raises(cluster.Unfit, match=r"does not see .*a\.pdf"):
        cluster.read_task([one], Limits(), ENGINE, None)
    with pytest.raises(cluster.Unfit, match=r"does not see .*nowhere"):
        cluster.read_task([replace(one, root=tmp_path / "nowhere")], Limits(), ENGINE, None)


def test_no_scheduler_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = reports(tmp_path / "in", 1)
    settings = work.Settings(tmp_path / "store", engine=ENGINE, scheduler="no address")
    with pytest.raises(StoreError, match="no scheduler answers at no address"):
        work.ingest([str(folder)], settings)


def test_tasks_are_small_and_the_largest_come_first(tmp_path: Path) -> None:
    mebibyte = 1 << 20
    sizes = [5 * mebibyte, 19 * mebibyte, 4 * mebibyte, *[1000] * 12]
    jobs = [replace(job(tmp_path, size=size), document_id=f"{n:02}") for n, size in enumerate(sizes)]
    assert [[one.size for one in task] for task in cluster.tasks_of(jobs, threads=1)] == [
        [19 * mebibyte], [5 * mebibyte], [4 * mebibyte, *[1000] * 3], [1000] * 4, [1000] * 4, [1000]
    ]  # fmt: skip
    many = [replace(jobs[-1], document_id=str(n)) for n in range(1000)]
    assert [len(task) for task in cluster.tasks_of(many, threads=2)] == [16] * 62 + [8]


def test_what_is_no_layer_is_refused(tmp_path: Path) -> None:
    import io
    import tarfile

    from pipeline.exchange import _receive

    with tarfile.open(tmp_path / "x.tar", "w") as archive:
        entry = tarfile.TarInfo("../outside.json")
        entry.size = 2
        archive.addfile(entry, io.BytesIO(b"{}"))
    with pytest.raises(CrowdError, match="no file of a layer"):
        _receive(str(tmp_path / "x.tar"), tmp_path / "h", tmp_path / "h" / "d" / "meaning-1")
    assert not (tmp_path / "h" / "d").exists() and not list(tmp_path.rglob("outside.json"))
