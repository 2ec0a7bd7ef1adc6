"""What is left to do: which documents stand at which places, and which of them nobody has harvested with these versions."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from pipeline import harvests, rereads
from pipeline.catalogue import Catalogue, Known, Source, now
from pipeline.crowd import Job
from pipeline.intake import Place, Settings, Summary
from pipeline.progress import Part
from pipeline.store import harvests_root


def plan(places: Sequence[Place], catalogue: Catalogue, settings: Settings, summary: Summary, part: Part) -> list[Job]:
    """Record where each document stands and list the work left. Of two cards for one document the first counts."""
    jobs: dict[str, Job] = {}
    seen: set[str] = set()
    for place in places:
        part.done += 1
        if why := _unfit(place.file):
            summary.missing.append((printable(place.file), why))
            continue
        try:
            fingerprint, document_id, size = _identify(place, catalogue)
        except OSError as error:
            dangling = place.file.is_symlink() and not place.file.exists()
            why = "a link that leads nowhere" if dangling else f"cannot be opened: {error.strerror}"
            summary.missing.append((place.key, why))
            continue
        old = catalogue.source(place.key)
        before = catalogue.document(old.document_id) if old is not None and old.document_id != document_id else None
        if before is not None and before.meaning is not None:
            summary.replaced.setdefault(document_id, before.document_id)
        with catalogue.change():
            known = _met(place, fingerprint, document_id, size, document_id not in seen, catalogue)
        if document_id in seen:
            summary.copies += 1
            continue
        seen.add(document_id)
        job = job_of(known, place.file, settings, password=place.password)
        if _settled(known, job, settings):
            summary.known += 1
            (summary.failed_before if known.failed else summary.settled).append(document_id)
        elif keeps_meaning(known, job):
            with catalogue.change():
                catalogue.save(known)
            summary.known += 1
            summary.settled.append(document_id)
        else:
            jobs[document_id] = job
    return list(jobs.values())


def _unfit(file: Path) -> str | None:
    """Why a path is not even opened: a pipe or a device may never end, and no store can hold a name that is no text."""
    if printable(file) != str(file):
        return "its name is not UTF-8: rename it"
    if file.exists() and not file.is_file():
        return "no file but a pipe, a device or a folder: put the PDF itself there"
    return None


def printable(file: Path) -> str:
    """The path with bytes that are no UTF-8 written out (`\\udcff`)."""
    return str(file).encode("utf-8", "backslashreplace").decode("utf-8")


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


def job_of(
    known: Known, path: Path | None, settings: Settings, reading: str | None = None, password: str | None = None
) -> Job:
    """What harvesting a document with these versions would be; `path` None where its reading must do."""
    root = harvests_root(settings.store)
    if reading is None and known.about is not None and known.about.get("pages_scanned"):
        reading = harvests.reading_key_of(root, known.document_id, settings.witness)
    reading = reading or harvests.reading_key(settings.witness)
    answers = rereads.answers_key(root, known.document_id, reading)
    meaning = harvests.meaning_key(known.name, known.said, reading, answers)
    said = tuple(sorted(known.said.items()))
    secret = password or settings.password
    return Job(known.document_id, known.name, root, reading, meaning, path, said, secret, known.size, answers)


def whole(job: Job) -> bool:
    """Whether the harvest of a job is on disk and may be looked at."""
    reading = harvests.reading_folder(job.root, job.document_id, job.reading)
    try:
        return reading.exists() and harvests.meaning_folder(job.root, job.document_id, job.meaning).exists()
    except OSError:  # another user's folder: who harvests it will say so
        return False


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
    return whole(replace(job, meaning=known.meaning))


def keeps_meaning(known: Known, job: Job) -> bool:
    """True, and noted in `known`, where only words of forms have changed, none of which its meaning rests on."""
    if known.failed or known.meaning is None or not _stands(known, job):
        return False
    if job.meaning not in (known.meaning, known.tried):
        basis = harvests.meaning_basis(known.name, known.said, job.reading, job.answers)
        if not harvests.would_be_equal(job.root, job.document_id, known.meaning, basis):
            return False
        known.tried = job.meaning
    return True
