"""Files in, a published store out: find the files, skip what is known, harvest the rest, record, publish."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Generator, Sequence
from pathlib import Path

from pipeline import harvests
from pipeline.catalogue import Catalogue, Known, Source, now
from pipeline.crowd import Job, Outcome, harvest_all
from pipeline.files import find_files
from pipeline.intake import Place, Settings, Summary, Watch
from pipeline.layers import temporary_folder
from pipeline.manifest import Manifest
from pipeline.planning import job_of, keeps_meaning, plan, whole
from pipeline.store import StoreError, harvests_root, last_generation, publish, writing

__all__ = [
    "Place", "Settings", "Summary", "Watch", "harvest_all", "ingest", "nothing_read", "reinterpret", "remove", "take_in",
]  # fmt: skip


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
        return all(document.meaning is None for document in catalogue.documents())
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
            jobs = plan(places, catalogue, settings, summary, part)
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
                job = job_of(known, None, settings, known.reading)
                if keeps_meaning(known, job):
                    equal.append(known)
                elif job.meaning != known.meaning or not whole(job):
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
    if job.path is None or whole(job):
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


def _said_of(outcome: Outcome, catalogue: Catalogue) -> str:
    """The error in the user's words: the file by its name, not by the one that it is kept under; how to give a password."""
    job = outcome.job
    said = str(outcome.error)
    said = said.replace(f"{job.document_id}.pdf", job.name)
    if job.path is not None and job.path.name != job.name:
        said = said.replace(job.path.name, job.name)
    if outcome.status != "encrypted":
        return said
    if any(source.owner for source in catalogue.sources_of(job.document_id)):
        if job.password:
            return f"{said}: the variable that password_env names in sources.toml holds another one"
        return f"{said}: name the variable that holds it under password_env in sources.toml"
    return f"{said}: give it with --password"


def _record(outcome: Outcome, catalogue: Catalogue) -> Known:
    """Write down what came of a document. A good harvest of an earlier version stays served when a newer one fails."""
    job = outcome.job
    known = catalogue.document(job.document_id)
    assert known is not None  # planned from the catalogue
    known.tried, known.status = job.meaning, outcome.status
    known.error = None if outcome.error is None else _said_of(outcome, catalogue)
    known.failed_since = (known.failed_since or now()) if known.failed else None
    if outcome.made:
        known.reading, known.meaning = job.reading, job.meaning
        known.about, known.summary = harvests.read_about(job.root, job.document_id, job.meaning, job.reading)
    with catalogue.change():
        catalogue.save(known)
        if outcome.made:
            catalogue.serve(job.document_id)
    return known
