"""Ingest without children, for tests of what comes after: the same worker code, in this process."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Mapping, Sequence
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


def heard(command: Sequence[str], env: Mapping[str, str]) -> subprocess.Popen[str]:
    """A command that hears Ctrl-C even where the tests run in a shell's background, whose jobs ignore it."""
    return subprocess.Popen(
        command,
        env=env,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
