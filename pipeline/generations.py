"""The files of a store: generations, the pointer to the newest one, the lock of the one writer.

lumbung-<n>.duckdb        one generation: complete, checked, never changed
lumbung.duckdb            a symbolic link to the newest one, moved by rename
.spare-<n>.duckdb         a generation that is no longer kept: the next one is built in its file
.building-<n>.duckdb      the next generation while it is built
"""

from __future__ import annotations

import errno
import os
import platform
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.catalogue import now
from pipeline.damage import is_damage
from pipeline.layers import sync_folder
from pipeline.store_error import StoreError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

KEEP = 3
POINTER = "lumbung.duckdb"
FICLONE = 0x40049409  # ioctl of Linux: share the blocks of another file (Btrfs, XFS)


class Locked(StoreError):
    """Another process is writing this store."""


def harvests_root(folder: Path) -> Path:
    return folder / "harvests"


def generation_path(folder: Path, generation: int) -> Path:
    return folder / f"lumbung-{generation}.duckdb"


def generations(folder: Path) -> list[int]:
    """Numbers of the generations that stand in the folder, oldest first."""
    found = (path.stem.removeprefix("lumbung-") for path in folder.glob("lumbung-*.duckdb"))
    return sorted(int(number) for number in found if number.isdigit())


def published_path(folder: Path) -> Path:
    """The file of the published generation. Raises StoreError where nothing was published yet."""
    pointer = folder / POINTER
    if not pointer.exists():
        raise StoreError(
            f"nothing is published in {folder}: run `lumbung ingest PATHS` first, or name the store with --store"
        )
    return pointer.resolve()


def last_generation(folder: Path) -> int | None:
    """The number of the published generation; None where nothing is published."""
    pointer = folder / POINTER
    number = pointer.resolve().stem.removeprefix("lumbung-") if pointer.exists() else ""
    return int(number) if number.isdigit() else None


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """The one writer of this store.

    Raises Locked, at once, when another process is writing, and StoreError where the folder cannot be written at all.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(folder / ".lock")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout:
        with suppress(OSError):
            holder = (folder / ".writer").read_text().strip()
            raise Locked(f"{folder} is being written by process {holder}: try again when it has ended") from None
        raise Locked(f"{folder} is being written by another process: try again when it has ended") from None
    except (OSError, NotImplementedError) as error:
        raise StoreError(_unwritable(folder, error)) from error
    try:
        try:
            command = " ".join(["lumbung", *sys.argv[1:2]])
            (folder / ".writer").write_text(f"{os.getpid()} ({command} on {platform.node()}, since {now()} UTC)")
        except OSError as error:
            raise StoreError(_unwritable(folder, error)) from error
        yield
    finally:
        lock.release()


def _unwritable(folder: Path, error: Exception) -> str:
    """What cannot be written, and what to do."""
    number = error.errno if isinstance(error, OSError) else None
    why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    todo = {
        errno.EROFS: "Mount it for writing, or name another folder with --store",
        errno.EACCES: "Run it as the user who owns the store, or name another folder with --store",
        errno.EPERM: "Run it as the user who owns the store, or name another folder with --store",
        errno.ENOSPC: "Free some space, then run it again",
        errno.EDQUOT: "Free some space, then run it again",
        errno.ENOTDIR: "A file stands in the way: name a folder with --store",
        errno.EEXIST: "A file stands in the way: name a folder with --store",
    }
    return (
        f"the store {folder} cannot be written ({why}), and nothing was changed; what is published can still be read. "
        f"{todo.get(number or 0, 'Name another folder with --store, or mend the disk')}"
    )


@contextmanager
def reading(folder: Path) -> Iterator[DuckDBPyConnection]:
    """A read-only connection to the published generation, for statements of our own. Raises StoreError for a damaged one."""
    import duckdb

    path = published_path(folder)
    with told_if_damaged(path), duckdb.connect(str(path), read_only=True) as connection:
        yield connection


@contextmanager
def told_if_damaged(path: Path) -> Iterator[None]:
    """What DuckDB says of a file that was cut or changed on the disk becomes a StoreError with what to do."""
    import duckdb

    try:
        yield
    except duckdb.Error as error:
        if is_damage(error):
            raise StoreError(unreadable(path, error)) from error
        raise


def unreadable(path: Path, error: object) -> str:
    """What is wrong with a generation, and what to do."""
    said = str(error).strip().split("\n")[0][:200]
    return f"{path.name} cannot be read ({said}): `lumbung publish --full` builds the generation anew from the harvests"


def unbuilt(folder: Path, generation: int, error: Exception) -> str:
    """Why a generation could not be built; for a harvest that was cut or lost, what to do."""
    said = next(iter(str(error).strip().splitlines()), "")
    text = f"generation {generation} could not be built and was not published: {said[:300]}"
    found = re.search(rf"{re.escape(str(harvests_root(folder)))}/[0-9a-f]{{64}}", said)
    return text if found is None else f"{text}. Remove {found[0]} and ingest the document again"


def damaged(path: Path) -> bool:
    """Reads a generation whole: True where it cannot be."""
    import duckdb

    try:
        with duckdb.connect(str(path), read_only=True) as connection:
            tables = connection.execute("select table_name from duckdb_tables() where schema_name = 'base'").fetchall()
            for (table,) in tables:
                connection.execute(f'select sum(hash(t)::hugeint) from base."{table}" t').fetchone()
    except duckdb.Error:
        return True
    return False


# -- the file that the next generation is built in --------------------------------------------------------------------


def sweep(folder: Path) -> None:
    """Take away what an interrupted or refused build has left; the next write tells of a disk that refuses this."""
    for leftover in folder.glob(".building-*"):
        with suppress(OSError):
            leftover.unlink()


def schema_of(path: Path) -> str | None:
    """The hash of the schema that a generation was built with; None where the file is none, or is in use."""
    import duckdb

    try:
        with duckdb.connect(str(path), read_only=True) as connection:
            row = connection.execute("select schema_hash from store_info").fetchone()
    except duckdb.Error:
        return None
    return None if row is None else row[0]


def take_spare(folder: Path, building: Path, schema: str) -> bool:
    """Make the spare file the one to build in. False where there is none that can be used.

    A large store takes minutes to copy, while a generation that went out of use lacks only the changes of the last few
    publishes. A reader that still has it open keeps it: then it is given up here, and its blocks live as long as that
    reader.
    """
    spares = sorted(folder.glob(".spare-*.duckdb"))
    usable = [spare for spare in spares if schema_of(spare) == schema and not in_use(spare)]
    chosen = max(usable, key=_number, default=None)
    for spare in spares:
        if spare != chosen:
            spare.unlink(missing_ok=True)
    if chosen is None:
        return False
    chosen.rename(building)
    building.chmod(0o644)
    return True


def _number(path: Path) -> int:
    number = path.stem.rpartition("-")[2]
    return int(number) if number.isdigit() else -1


def in_use(path: Path) -> bool:
    """True where a process has the file open, as far as locks and this process's own files can tell."""
    import fcntl

    own = Path("/proc/self/fd")
    if not own.is_dir():
        return True  # no way to see whether this very process reads it, and its own locks never stop it
    stat = path.stat()
    for descriptor in own.iterdir():
        with suppress(OSError):
            held = descriptor.stat()
            if (held.st_dev, held.st_ino) == (stat.st_dev, stat.st_ino):
                return True
    mode = stat.st_mode & 0o777
    try:
        path.chmod(0o644)
        with path.open("r+b") as file:  # readers of DuckDB hold a shared lock on the whole file
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        path.chmod(mode)
        return True
    return False


def copy(source: Path, target: Path) -> None:
    """A copy of a generation to build in: by sharing its blocks where the file system can."""
    with source.open("rb") as old, target.open("wb") as new:
        if not _cloned(old.fileno(), new.fileno()):
            shutil.copyfileobj(old, new, 1 << 22)
    target.chmod(0o644)


def _cloned(source: int, target: int) -> bool:
    if sys.platform != "linux":
        return False
    import fcntl

    try:
        fcntl.ioctl(target, FICLONE, source)
    except OSError:
        return False
    return True


def release(folder: Path, building: Path, generation: int) -> Path:
    """Give the finished file its name and move the pointer; both by rename, both synced."""
    log = building.with_name(building.name + ".wal")
    if log.exists():
        raise StoreError(f"generation {generation} has a write-ahead log left and was not published; run it again")
    with building.open("rb") as file:
        os.fsync(file.fileno())
    building.chmod(0o444)  # a client that opens it for writing would leave a log beside it
    final = generation_path(folder, generation)
    building.rename(final)
    pointer, fresh = folder / POINTER, folder / f".pointer-{os.getpid()}"
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(final.name)
    (folder / f"{POINTER}.wal").unlink(missing_ok=True)
    fresh.replace(pointer)
    sync_folder(folder)
    _retire(folder)
    return final


def _retire(folder: Path) -> None:
    """Of the generations that are no longer kept the newest becomes the spare file; the others go."""
    old = generations(folder)[:-KEEP]
    for number in old[:-1]:
        generation_path(folder, number).unlink(missing_ok=True)
    for number in old[-1:]:
        for spare in folder.glob(".spare-*"):
            spare.unlink(missing_ok=True)
        generation_path(folder, number).rename(folder / f".spare-{number}.duckdb")
