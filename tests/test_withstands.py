"""What `benchmarks/faults_run.py` shows in large numbers, in small ones."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from benchmarks import hostile
from benchmarks.faults_run import PARTS, Plan, Result, sequence
from pipeline.store import reading
from tests.test_cli import lumbung

ROOT = Path(__file__).parent.parent
SLOW = {
    "bomb_of_pages",
    "broken_images",
    "deep_pages",
    "forms_in_forms",
    "image_bomb",
    "letters",
    "many_pages",
    "odd_amounts",
    "rectangles",
    "references_in_a_circle",
    "thousands_of_cells",
}  # fmt: skip


@pytest.mark.parametrize(("part", "share"), [("readers", 0.03), ("two_refreshes", 0.04)])
def test_part(tmp_path: Path, part: str, share: float) -> None:
    result = Result(part)
    PARTS[part](Plan(tmp_path, share, 1), result)
    assert result.tried and result.failures == [], result


@pytest.mark.parametrize("seed", [1000, 1001])
def test_incremental_equals_full(tmp_path: Path, seed: int) -> None:
    assert sequence(tmp_path, seed, steps=5) is None


def test_hostile_files_are_classified_and_the_good_one_is_published(tmp_path: Path) -> None:
    kinds = [name for name in hostile.KINDS if name not in SLOW]
    files = hostile.write_all(tmp_path / "in", 1, kinds)
    shutil.copy(next((ROOT / "data" / "raw").glob("rkt*.pdf")), tmp_path / "in" / "good.pdf")
    store = tmp_path / "store"
    run = lumbung("ingest", tmp_path / "in", "--time-limit", 15, "--workers", 2, store=store)
    assert run.returncode == 1 and "Traceback" not in run.stderr, run.stderr
    with reading(store) as connection:
        told = dict(connection.execute("select document, status from documents").fetchall())
        facts = connection.execute("select count(*) from facts where document = 'good.pdf'").fetchone()
    assert facts and facts[0] > 50
    assert len(files) >= 25 and set(told) == {f.name for f in files} | {"good.pdf"}
    expected = {"encrypted": "encrypted", "html": "not_pdf", "noise": "damaged", "javascript": "ok", "good": "ok"}
    assert {name: told.get(f"{name}-0.pdf", told.get(f"{name}.pdf")) for name in expected} == expected


def test_mutated_bytes_are_the_same_for_the_same_seed() -> None:
    sample = hostile.plain(hostile.Dice(1))
    assert hostile.mutated(sample, 7) == hostile.mutated(sample, 7) != sample
