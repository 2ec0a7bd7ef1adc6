"""Files in, a published store out: find the files, skip what is known, harvest the rest, record, publish."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path

from pipeline import harvests, rereads
from pipeline.catalogue import FAILED, Catalogue, Known, Source, now
from pipeline.crowd import ENGINE, Job, Limits, Outcome, harvest_all
from pipeline.files import find_files
from pipeline.layers import temporary_folder
from pipeline.manifest import Manifest
from pipeline.progress import Part, silent
from pipeline.store import Published, StoreError, harvests_root, last_generation, publish, writing


@dataclass(frozen=True, slots=True)
class Settings:
    """How to ingest. `workers` None: one a core."""

    store: Path
    retry_failed: bool = False
    password: str | None = None
    workers: int | None = None
    limits: Limits = field(default_factory=Limits)
    engine: str = ENGINE
    publish: bool = True
    witness: str = "auto"  # when a second engine reads the cells again
    scheduler: str | None = None  # of a Dask cluster that reads instead of this machine: tcp://host:8786
    exchange: str | None = None  # folder or address through which files go where the machines share none


@dataclass(frozen=True, slots=True)
class Place:
    """Where a document stands. `key` is its path or address and names it from run to run; `file` holds its bytes.

    `said` None: nothing new is said of it. `document_id` is given where the bytes have been hashed already.
    """

    key: str
    file: Path
    said: Mapping[str, str] | None = None
    uri: str | None = None
    name: str = ""
    owner: str = ""
    document_id: str | None = None
    fetched_at: str | None = None
    password: str | None = None


@dataclass(slots=True)
class Summary:
    """What an ingest did. `outcomes` holds one line a document that was worked on, in the order they ended.

    `files` = outcomes + known + copies + those of the `missing` ones that were listed and could not be opened.
    """

    files: int = 0
    known: int = 0
    copies: int = 0  # files with the same bytes as one before them in this run
    missing: list[tuple[str, str]] = field(default_factory=list)  # the place, and why nothing came of it
    outcomes: list[Known] = field(default_factory=list)
    failed_before: int = 0
    gone: list[Source] = field(default_factory=list)
    replaced: set[str] = field(default_factory=set)  # documents that stand where another one stood
    published: Published | None = None

    @property
    def failed(self) -> list[Known]:
        return [document for document in self.outcomes if document.status in FAILED]


class Watch:
    """Told what happens, so that a terminal can show it. The base class shows nothing."""

    def begin(self, total: int) -> None: ...

    def step(self, document: Known) -> None: ...

    def end(self) -> None: ...

    def part(self, what: str, total: int | None = None) -> AbstractContextManager[Part]:
        """Something else that takes its time: looking at files, fetching, publishing."""
        return silent(Part(what, total=total))

    def lull(self) -> None:
        """Called when the children have less to do than there are processors: a program may load what publishing needs."""


def ingest(
    paths: Sequence[str], settings: Settings, manifest: Manifest | None = None, watch: Watch | None = None
) -> Summary:
    """Ingest files, folders and globs. One bad document never stops the others.

    Raises Locked when another process writes the store, StoreError when it cannot be written.
    """
    watch = watch or Watch()
    with watch.part("looking for files"):
        files, missing = find_files(paths)
    with writing(settings.store):
        summary = take_in([_place(file, manifest) for file in files], settings, watch)
        summary.missing = missing + summary.missing
        if settings.publish and not nothing_read(settings.store):
            with watch.part("publishing"):
                summary.published = publish(settings.store)
    return summary


def nothing_read(store: Path) -> bool:
    """True where nothing is published and nothing could be read: an empty generation would help nobody."""
    if last_generation(store) is not None:
        return False
    catalogue = Catalogue(store)
    try:
        known = catalogue.documents()
        return bool(known) and all(document.meaning is None for document in known)
    finally:
        catalogue.close()


def take_in(
    places: Sequence[Place],
    settings: Settings,
    watch: Watch | None = None,
    gone: Callable[[Source], bool] | None = None,
) -> Summary:
    """Harvest what is new at `places`, and forget the places that are `gone`. The caller holds `writing`.

    Other bytes at a known place take over when they have been read, and not before.
    """
    summary, watch = Summary(files=len(places)), watch or Watch()
    catalogue = Catalogue(settings.store)
    try:
        shutil.rmtree(temporary_folder(harvests_root(settings.store)), ignore_errors=True)
        with watch.part("looking at files", len(places)) as part:
            jobs = _plan(places, catalogue, settings, summary, part)
        with catalogue.change():
            for source in [s for s in catalogue.sources() if gone is not None and gone(s)]:
                summary.gone.append(source)
                catalogue.remove_source(source.path)
        _work(jobs, catalogue, settings, summary, watch)
    finally:
        catalogue.close()
    return summary


def _place(file: Path, manifest: Manifest | None) -> Place:
    entry = manifest.entry(file) if manifest else None
    said, uri = (entry.said, entry.source_uri) if entry else (None, None)
    return Place(str(file), file, said, uri or None)


def reinterpret(settings: Settings, watch: Watch | None = None) -> Summary:
    """Make meaning again from their stored readings for all documents of which it could differ; no PDF is opened."""
    summary, watch = Summary(), watch or Watch()
    with writing(settings.store):
        catalogue = Catalogue(settings.store)
        try:
            jobs = []
            equal = []
            for known in catalogue.documents():
                if known.reading is None:
                    continue
                summary.files += 1
                job = _job(known, None, settings, known.reading)
                if _keeps_meaning(known, job):
                    equal.append(known)
                elif job.meaning != known.meaning or not _whole(job):
                    jobs.append(job)
            with catalogue.change():
                for known in equal:
                    catalogue.save(known)
            summary.known = summary.files - len(jobs)
            _work(jobs, catalogue, settings, summary, watch)
        finally:
            catalogue.close()
        if settings.publish:
            with watch.part("publishing"):
                summary.published = publish(settings.store)
    return summary


def remove(names: Sequence[str], store: Path) -> list[Known]:
    """Take documents out of the store, by id (six digits or more), file name or path. Their harvests stay on disk.

    Raises StoreError where a name fits no document, or an id begins several.
    """
    with writing(store):
        catalogue = Catalogue(store)
        try:
            found = [_one(catalogue, name) for name in names]
            with catalogue.change():
                for known in found:
                    catalogue.remove(known.document_id)
        finally:
            catalogue.close()
        publish(store)
    return found


def _one(catalogue: Catalogue, name: str) -> Known:
    found = catalogue.find(name)
    if len(found) == 1:
        return found[0]
    if not found:
        raise StoreError(f"no document `{name}` in the store: `lumbung status` lists them")
    listed = ", ".join(known.document_id[:12] for known in found[:5])
    raise StoreError(f"`{name}` fits {len(found)} documents ({listed} ...): give more of the id")


# -- plan --------------------------------------------------------------------------


def _plan(places: Sequence[Place], catalogue: Catalogue, settings: Settings, summary: Summary, part: Part) -> list[Job]:
    """Record where each document stands and list the work left. Of two cards for one document the first counts."""
    jobs: dict[str, Job] = {}
    seen: set[str] = set()
    for place in places:
        part.done += 1
        try:
            fingerprint, document_id, size = _identify(place, catalogue)
        except OSError as error:
            dangling = place.file.is_symlink() and not place.file.exists()
            why = "a link that leads nowhere" if dangling else f"cannot be opened: {error.strerror}"
            summary.missing.append((str(place.file), why))
            continue
        old = catalogue.source(place.key)
        if old is not None and old.document_id != document_id:
            summary.replaced.add(document_id)
        with catalogue.change():
            known = _met(place, fingerprint, document_id, size, document_id not in seen, catalogue)
        if document_id in seen:
            summary.copies += 1
            continue
        seen.add(document_id)
        job = _job(known, place.file, settings, password=place.password)
        if _settled(known, job, settings):
            summary.known += 1
            summary.failed_before += known.failed
        elif _keeps_meaning(known, job):
            with catalogue.change():
                catalogue.save(known)
            summary.known += 1
        else:
            jobs[document_id] = job
    return list(jobs.values())


def _identify(place: Place, catalogue: Catalogue) -> tuple[str, str, int]:
    """The file's fingerprint, sha256 and size. A file that was not touched since it was read is not read again."""
    stat = place.file.stat()
    fingerprint = f"{stat.st_size}-{stat.st_mtime_ns}-{stat.st_ctime_ns}-{stat.st_ino}"
    source = catalogue.source(place.key)
    if place.document_id is not None:
        return fingerprint, place.document_id, stat.st_size
    if source is not None and source.fingerprint == fingerprint:
        return fingerprint, source.found, stat.st_size
    with place.file.open("rb") as file:
        return fingerprint, hashlib.file_digest(file, "sha256").hexdigest(), stat.st_size


def _met(place: Place, fingerprint: str, document_id: str, size: int, first: bool, catalogue: Catalogue) -> Known:
    known = catalogue.document(document_id)
    if known is None:
        known = Known(document_id, place.name or place.file.name, size=size, status="new", ingested_at=now())
        catalogue.save(known)
    if first and place.said is not None and dict(place.said) != known.said:
        known.said = dict(place.said)
        catalogue.save(known)
    old = catalogue.source(place.key)
    uri = place.uri or (old.uri if old else place.file.as_uri())
    met = old.fetched_at if old and old.found == document_id else place.fetched_at or now()
    file = None if place.key == str(place.file) else str(place.file)
    served, waiting = document_id, None
    if old is not None and old.document_id != document_id and known.meaning is None:
        before = catalogue.document(old.document_id)
        if before is not None and before.meaning is not None:
            served, waiting = old.document_id, document_id
    source = Source(place.key, uri, served, fingerprint, met, file, place.owner or (old.owner if old else ""), waiting)
    if source != old:
        catalogue.save_source(source)
    return known


def _job(
    known: Known, path: Path | None, settings: Settings, reading: str | None = None, password: str | None = None
) -> Job:
    root = harvests_root(settings.store)
    if reading is None and known.about is not None and known.about.get("pages_scanned"):
        reading = harvests.reading_key_of(root, known.document_id, settings.witness)
    reading = reading or harvests.reading_key(settings.witness)
    answers = rereads.answers_key(root, known.document_id, reading)
    meaning = harvests.meaning_key(known.name, known.said, reading, answers)
    said = tuple(sorted(known.said.items()))
    secret = password or settings.password
    return Job(known.document_id, known.name, root, reading, meaning, path, said, secret, known.size)


def _whole(job: Job) -> bool:
    reading = harvests.reading_folder(job.root, job.document_id, job.reading)
    return reading.exists() and harvests.meaning_folder(job.root, job.document_id, job.meaning).exists()


def _settled(known: Known, job: Job, settings: Settings) -> bool:
    """True where these versions have harvested the document, or have failed at it and need not try again."""
    if known.tried != job.meaning:
        return False
    if known.failed:
        return not settings.retry_failed and not (known.status == "encrypted" and job.password)
    return _stands(known, job)


def _stands(known: Known, job: Job) -> bool:
    """Whether the harvest that counts is on disk: made by these versions, or by others and found to be equal."""
    if known.meaning is None or known.reading != job.reading:
        return False
    return _whole(replace(job, meaning=known.meaning))


def _keeps_meaning(known: Known, job: Job) -> bool:
    """True, and noted in `known`, where only words of forms have changed, none of which its meaning rests on."""
    if known.failed or known.meaning is None or not _stands(known, job):
        return False
    if job.meaning not in (known.meaning, known.tried):
        answers = rereads.answers_key(job.root, job.document_id, job.reading)
        basis = harvests.meaning_basis(known.name, known.said, job.reading, answers)
        if not harvests.would_be_equal(job.root, job.document_id, known.meaning, basis):
            return False
        known.tried = job.meaning
    return True


# -- work --------------------------------------------------------------------------


def _work(jobs: list[Job], catalogue: Catalogue, settings: Settings, summary: Summary, watch: Watch) -> None:
    watch.begin(len(jobs))

    def record(outcome: Outcome) -> None:
        known = _record(outcome, catalogue)
        summary.outcomes.append(known)
        watch.step(known)

    try:
        rest = [job for job in jobs if not _refused(job, record)]
        outcomes = _outcomes(rest, settings, watch.lull)
        try:
            for outcome in outcomes:
                record(outcome)
        finally:
            outcomes.close()
    finally:
        watch.end()


def _outcomes(jobs: list[Job], settings: Settings, lull: Callable[[], None]) -> Generator[Outcome, None, None]:
    """What comes of the jobs, on this machine or on a cluster."""
    if settings.scheduler is not None and jobs:
        from pipeline.cluster import harvest_on_cluster

        harvests_root(settings.store).mkdir(
            parents=True, exist_ok=True
        )  # workers tell by it whether they see the store
        return harvest_on_cluster(
            jobs,
            scheduler=settings.scheduler,
            limits=settings.limits,
            engine=settings.engine,
            exchange=settings.exchange,
        )
    workers = settings.workers or os.cpu_count() or 1
    return harvest_all(jobs, workers=workers, limits=settings.limits, engine=settings.engine, lull=lull)


def _refused(job: Job, record: Callable[[Outcome], None]) -> bool:
    """A file that cannot be a PDF is told at once; no child is needed for it."""
    if job.path is None or _whole(job):
        return False
    try:
        with job.path.open("rb") as file:
            head = file.read(1024)
    except OSError as error:
        record(Outcome(job, "damaged", f"cannot be opened: {error.strerror}", False, 0.0))
        return True
    if not head:
        record(Outcome(job, "empty", "the file has no bytes: fetch it again", False, 0.0))
    elif b"%PDF-" not in head:
        what = "an HTML page" if head.lstrip()[:1] == b"<" else "it does not begin with %PDF"
        record(Outcome(job, "not_pdf", f"no PDF ({what}): fetch the report itself", False, 0.0))
    return not head or b"%PDF-" not in head


def _record(outcome: Outcome, catalogue: Catalogue) -> Known:
    """Write down what came of a document. A good harvest of an earlier version stays served when a newer one fails."""
    job = outcome.job
    known = catalogue.document(job.document_id)
    assert known is not None  # planned from the catalogue
    known.tried, known.status, known.error = job.meaning, outcome.status, outcome.error
    if outcome.made:
        known.reading, known.meaning = job.reading, job.meaning
        known.about, known.summary = harvests.read_about(job.root, job.document_id, job.meaning, job.reading)
    with catalogue.change():
        catalogue.save(known)
        if outcome.made:
            catalogue.serve(job.document_id)
    return known
