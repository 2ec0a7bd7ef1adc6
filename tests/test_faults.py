"""Kills and failing disks at a sample of the writes; `benchmarks/faults_run.py` takes every one of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults import ERRORS, KILL, Ground, build_shim


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    folder = tmp_path_factory.mktemp("faults")
    shim = build_shim(folder)
    if shim is None:
        pytest.skip("needs a C compiler on Linux")
    ground = Ground(folder, shim, 2, 3)
    yield ground
    ground.close()


@pytest.mark.parametrize("share", [0.02, 0.5, 0.8, 0.93])
def test_killed_at_a_write(ground: Ground, share: float) -> None:
    assert ground.disturbed(max(1, int(share * ground.writes)), KILL) == []


@pytest.mark.parametrize(("share", "name"), [(0.05, "ENOSPC"), (0.6, "EIO"), (0.85, "EACCES"), (0.97, "ENOSPC")])
def test_a_failing_write(ground: Ground, share: float, name: str) -> None:
    assert ground.disturbed(int(share * ground.writes), ERRORS[name]) == []


@pytest.mark.parametrize("seconds", [0.02, 0.1, 0.4, 0.8])
def test_ctrl_c(ground: Ground, seconds: float) -> None:
    assert ground.interrupted(seconds, int(seconds * 100)) == []
