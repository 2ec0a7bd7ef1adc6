"""Ingest without children, for tests of what comes after: the same worker code, in this process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline import ingest as work
from tests.one_process import harvest_here


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(work, "harvest_all", harvest_here)
    return tmp_path / "store"


def ingest(store: Path, *paths: Path, **settings: Any) -> work.Summary:
    manifest = settings.pop("manifest", None)
    return work.ingest([str(path) for path in paths], work.Settings(store, **settings), manifest)
