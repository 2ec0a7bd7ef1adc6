"""Ingest without children, for tests of what comes after: the same worker code, in this process."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from pipeline import ingest as work
from pipeline import worker
from pipeline.crowd import Job, Outcome
from tests import fakes


def harvest_here(jobs: list[Job], **_: Any) -> Generator[Outcome, None, None]:
    for job in jobs:
        message = {
            "root": job.root, "document_id": job.document_id, "name": job.name, "reading": job.reading,
            "meaning": job.meaning, "path": job.path, "said": dict(job.said), "password": job.password,
            "memory_error": "",
        }  # fmt: skip
        answer = worker.work(fakes, message)  # type: ignore[arg-type]
        assert "fatal" not in answer, answer
        yield Outcome(job, answer["status"], answer["error"], bool(answer.get("made")), 0.0)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(work, "harvest_all", harvest_here)
    return tmp_path / "store"


def ingest(store: Path, *paths: Path, **settings: Any) -> work.Summary:
    manifest = settings.pop("manifest", None)
    return work.ingest([str(path) for path in paths], work.Settings(store, **settings), manifest)
