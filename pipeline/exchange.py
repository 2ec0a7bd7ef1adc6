"""Files and harvests through a folder or object store that fsspec opens, for machines that share no folder.

    EXCHANGE/pdf/<sha256>.pdf                     what a worker reads
    EXCHANGE/harvests/<sha256>/<layer>.tar        a layer as one object: an object store has no rename, but an object
                                                  appears whole or not at all; second readings kept beside it too

What comes from the exchange is checked: a PDF by its sha256, a layer by its names.
"""

from __future__ import annotations

import io
import shutil
import tarfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import wraps
from hashlib import sha256
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from pipeline.crowd import CrowdError, Job
from pipeline.harvests import meaning_folder, reading_folder
from pipeline.layers import Layer

Others = ParamSpec("Others")
Result = TypeVar("Result")
LAYER_FILES = (".parquet", ".json", ".json.gz")


def _layers(job: Job) -> list[Path]:
    return [
        reading_folder(job.root, job.document_id, job.reading),
        meaning_folder(job.root, job.document_id, job.meaning),
    ]


def _answers(job: Job) -> list[Path]:
    """The second readings that a meaning is made with (`rereads`)."""
    return [job.root / job.document_id / name for name in job.answers.split()]


def _place(exchange: str, *parts: str) -> str:
    return "/".join([exchange.rstrip("/"), *parts])


def _layer_at(job: Job, layer: Path, exchange: str) -> str:
    return _place(exchange, "harvests", job.document_id, f"{layer.name}.tar")


def _at(address: str) -> tuple[Any, str]:
    """The file system of an address and the path in it. Raises CrowdError for one that fsspec cannot open."""
    import fsspec

    try:
        system, path = fsspec.core.url_to_fs(address)
    except (ImportError, ValueError) as error:  # no such protocol, or its library is missing
        raise CrowdError(f"{address} cannot be opened: {error}") from error
    return system, str(path)


@contextmanager
def _writing(address: str) -> Iterator[Any]:
    """A new object that appears whole or not at all: of itself in an object store, by rename in a folder."""
    system, path = _at(address)
    folder = "file" in system.protocol
    unfinished = f"{path}.{uuid.uuid4().hex}" if folder else path
    if folder:
        system.makedirs(path.rpartition("/")[0], exist_ok=True)
    with system.open(unfinished, "wb") as file:
        yield file
    if folder:
        Path(unfinished).replace(path)


@contextmanager
def _reading(address: str) -> Iterator[Any]:
    system, path = _at(address)
    with system.open(path, "rb") as file:
        yield file


def _exists(address: str) -> bool:
    system, path = _at(address)
    return bool(system.exists(path))


def _name(job: Job) -> str:
    return f"{job.document_id}.pdf"


def _told(
    work: Callable[Concatenate[Job, str, Others], Result],
) -> Callable[Concatenate[Job, str, Others], Result]:
    """Whatever a library behind fsspec raises (each has errors of its own), as a CrowdError that names the exchange."""

    @wraps(work)
    def told(job: Job, exchange: str, /, *others: Others.args, **named: Others.kwargs) -> Result:
        try:
            return work(job, exchange, *others, **named)
        except CrowdError:
            raise
        except Exception as error:
            said = " ".join(str(error).split()) or type(error).__name__
            raise CrowdError(f"{job.name} cannot go through the exchange {exchange}: {said}") from error

    return told


# -- on the machine that ingests ---------------------------------------------------------------------------------------


@_told
def offer(job: Job, exchange: str) -> None:
    """Put what a worker needs into the exchange: the PDF, or the reading that meaning is to be made of."""
    reading = _layers(job)[0]
    for layer in _answers(job):
        _send(layer, _layer_at(job, layer, exchange))
    if reading.exists():
        _send(reading, _layer_at(job, reading, exchange))
    elif job.path is not None and not _exists(_place(exchange, "pdf", _name(job))):
        with job.path.open("rb") as file, _writing(_place(exchange, "pdf", _name(job))) as target:
            shutil.copyfileobj(file, target, 1 << 20)


@_told
def fetch(job: Job, exchange: str, *, whole: bool) -> None:
    """Bring the layers of a document home, both or what there is, and clear its place. Raises CrowdError for what is no layer."""
    for layer in _layers(job):
        if not layer.exists() and (whole or _exists(_layer_at(job, layer, exchange))):
            _receive(_layer_at(job, layer, exchange), job.root, layer)
    clear(job, exchange)


def clear(job: Job, exchange: str) -> None:
    """Take a document's objects out of the exchange."""
    for parts in (("pdf", _name(job)), ("harvests", job.document_id)):
        system, path = _at(_place(exchange, *parts))
        with suppress(FileNotFoundError):
            system.rm(path, recursive=True)


# -- on a worker -------------------------------------------------------------------------------------------------------


@_told
def take(job: Job, exchange: str, scratch: Path) -> Job:
    """The job with its files on this machine. Raises CrowdError where the bytes are not the document's."""
    here = replace(job, root=scratch / "harvests")
    here.root.mkdir(exist_ok=True)
    reading = _layers(here)[0]
    for layer in _answers(here):
        _receive(_layer_at(job, layer, exchange), here.root, layer)
    if _exists(_layer_at(job, reading, exchange)):
        _receive(_layer_at(job, reading, exchange), here.root, reading)
    if job.path is None or reading.exists():
        return here
    path = scratch / _name(job)
    total = sha256()
    with _reading(_place(exchange, "pdf", _name(job))) as source, path.open("wb") as target:
        while chunk := source.read(1 << 20):
            total.update(chunk)
            target.write(chunk)
    if total.hexdigest() != job.document_id:
        raise CrowdError(f"{job.name}: its bytes in {exchange} are not those that were to be read: empty the exchange")
    return replace(here, path=path)


@_told
def bring_back(job: Job, exchange: str, *, whole: bool) -> None:
    """Put the layers that were made into the exchange; of a document that failed at its meaning the reading."""
    for layer in _layers(job):
        if layer.exists():
            _send(layer, _layer_at(job, layer, exchange))
        elif whole:
            raise CrowdError(f"{job.name}: the layer {layer.name} was made and is gone")


def _send(layer: Path, address: str) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for file in sorted(layer.iterdir()):
            entry = tarfile.TarInfo(file.name)  # name and size alone: the same layer is the same object
            entry.size = file.stat().st_size
            with file.open("rb") as content:
                archive.addfile(entry, content)
    with _writing(address) as target:
        target.write(packed.getvalue())


def _receive(address: str, root: Path, layer: Path) -> None:
    with _reading(address) as source:
        packed = io.BytesIO(source.read())
    with Layer(root, layer) as made, tarfile.open(fileobj=packed, mode="r") as archive:
        for entry in archive:
            if not entry.isfile() or Path(entry.name).name != entry.name or not entry.name.endswith(LAYER_FILES):
                raise CrowdError(f"{address} holds {entry.name}, which is no file of a layer: empty the exchange")
            content = archive.extractfile(entry)
            assert content is not None  # a file has one
            made.file(entry.name, content.read())
