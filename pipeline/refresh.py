"""The night: fetch what has changed, read what is new, publish it, say what happened.

One bad report never stops it, and the last good version of it stays served. Whatever goes wrong, a run report is
written to `runs/` in the store's folder.
"""

from __future__ import annotations

import signal
import sqlite3
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

from pipeline.catalogue import catalogue_error, now
from pipeline.crowd import CrowdError
from pipeline.finding import find, gone
from pipeline.ingest import Settings, Watch, nothing_read, take_in
from pipeline.replaced import stood
from pipeline.sources import Sources, SourcesError, read_sources, unset_passwords
from pipeline.start import INTERRUPTED
from pipeline.store import Held, Locked, StoreError, failed_corrections, last_generation, publish, writing
from pipeline.store_error import sentence
from pipeline.telling import NOTHING_PUBLISHED, Run, served, tell, tell_of_generation, usual

ALL_WELL, SOME_FAILED, LOCKED, HELD, ENDED = 0, 1, 3, 5, 130
GATE = 0.2


def refresh(
    sources: Path, settings: Settings, *, gate: float = GATE, accept: bool = False, watch: Watch | None = None
) -> Run:
    """One night. Raises Locked when another process writes the store; all else is told in the run and its report.

    `gate`: the share of facts (0 to 1) that may vanish or change without `accept`.
    """
    from pipeline.run_report import write_report

    run, start = Run(started=now()), monotonic()
    with writing(settings.store), _ended_like_interrupted():
        try:
            _night(run, read_sources(sources), settings, None if accept else gate, accept, watch or Watch())
        except Held as error:
            run.held, run.exit_code = str(error), HELD
        except sqlite3.Error as error:
            run.error = catalogue_error(error)
        except (StoreError, CrowdError, SourcesError, OSError) as error:
            run.error = sentence(error, settings.store, Path(tempfile.gettempdir()))
        except KeyboardInterrupt:  # the report says how far the night came
            run.error, run.exit_code = INTERRUPTED, ENDED
            raise
        except BaseException as error:
            run.error = f"{type(error).__name__}: {' '.join(str(error).split())}".removesuffix(": ")
            raise
        finally:
            run.ended, run.seconds = now(), round(monotonic() - start, 1)
            run.report = write_report(run, settings.store)
    return run


@contextmanager
def _ended_like_interrupted() -> Iterator[None]:
    """`systemctl stop` and a machine that shuts down send SIGTERM: heard as Ctrl-C is, it leaves a report and no children."""
    here = threading.current_thread() is threading.main_thread()
    if not here or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _night(run: Run, sources: Sources, settings: Settings, gate: float | None, accept: bool, watch: Watch) -> None:
    run.notes = unset_passwords(sources)
    for note in run.notes:
        watch.note(note)
    before, places_before = served(settings.store), stood(settings.store)
    run.generation_before = last_generation(settings.store)
    looks = usual(settings.store) if run.generation_before else []
    found = find(sources, settings.store, watch)
    run.fetched, run.sources_failed, run.places = found.fetched, found.failed, len(found.places)
    run.unlisted = found.unlisted
    summary = take_in(found.places, settings, watch, gone(sources, found))
    tell(run, summary, settings.store, before, settings.retry_failed, places_before)
    if nothing_read(settings.store):
        raise StoreError("no document could be read")
    with watch.part("publishing"):
        published = publish(settings.store, gate=gate, accept=accept, whole=True)
    run.generation, run.documents = published.generation, published.documents
    run.corrections_failed = failed_corrections(settings.store)
    run.exit_code = SOME_FAILED if run.failed or run.sources_failed or run.corrections_failed else ALL_WELL
    if published.new:
        publisher_of = {origin.key: origin.publisher for origin in sources.origins}
        tell_of_generation(run, settings.store, published, looks, publisher_of)


__all__ = ["ALL_WELL", "HELD", "LOCKED", "NOTHING_PUBLISHED", "SOME_FAILED", "Locked", "Run", "refresh"]
