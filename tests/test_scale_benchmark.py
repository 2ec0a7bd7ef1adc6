"""Measurements of several sittings stand in one table, as long as they are of the same thing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from benchmarks.scale import Run, estimate, keep, merged, table

ONE = Run("local", 1, 10, 30, 900, 4.0, 3.0, 120.0, 5.0, "hash", "11, 9", "2026-11-20")


def test_runs_of_another_sitting_are_kept_beside_the_new_ones(tmp_path: Path) -> None:
    file = tmp_path / "scale.json"
    old = [ONE, replace(ONE, workers=2, seconds=2.5), replace(ONE, documents=100, pages=300, processor_seconds=30.0)]
    keep(old, file)
    new = replace(ONE, seconds=3.0, measured="2026-11-21")
    assert merged([new], file) == [new, old[1], old[2]]
    assert merged([replace(new, how="dask", workers=2)], file) == [
        *old[:2],
        replace(new, how="dask", workers=2),
        old[2],
    ]


def test_runs_of_other_versions_or_other_stores_are_dropped(tmp_path: Path) -> None:
    file = tmp_path / "scale.json"
    keep([replace(ONE, workers=2), replace(ONE, documents=100)], file)
    later = replace(ONE, versions="12, 9")
    assert merged([later], file) == [later]
    other = replace(ONE, said="another hash")
    assert merged([other], file) == [other, replace(ONE, documents=100)]


def test_table_and_estimate() -> None:
    runs = [ONE, replace(ONE, workers=2, seconds=2.5), replace(ONE, documents=100, pages=330, processor_seconds=33.0)]
    assert "| local | 2 | 10 | 30 | 900 | 2 | 3 | 100 | 240 | 0.80 | 1.00 | 120 |" in table(runs)
    assert "100 ms of one core" in estimate(runs) and "at most 1.00 times" in estimate(runs)
    alone = replace(ONE, documents=7, workers=2)
    assert "| local | 2 | 7 |" not in table([*runs, alone])  # nothing to set it beside
