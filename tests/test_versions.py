"""The versions of reading and meaning must be raised when what they give for the samples changes.

After a change that is meant: raise the number, then `python -m tests.test_versions` writes `tests/expected/versions.json` anew.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import astuple
from functools import cache
from pathlib import Path

import pytest

from extractors.read import read_pdf
from extractors.version import READING_VERSION
from pipeline.meaning import mean
from pipeline.version import MEANING_VERSION

ROOT = Path(__file__).resolve().parent.parent
STORED = ROOT / "tests" / "expected" / "versions.json"
SAMPLES = (
    "renja-2024-bkpsdmd-tanjung-jabung-barat.pdf",
    "rkt-2024-bkpsdm-way-kanan.pdf",
    "lkjip-2024-bkd-provinsi-bengkulu.pdf",
)


def _digest(parts: list[object]) -> str:
    return hashlib.sha256("\n".join(map(repr, parts)).encode()).hexdigest()[:16]


@cache
def now() -> dict[str, dict[str, object]]:
    """What the samples give today: version and digest of each layer."""
    cells: list[object] = []
    facts: list[object] = []
    for name in SAMPLES:
        reading = read_pdf(ROOT / "data" / "raw" / name)
        cells.extend(astuple(cell) for table in reading.tables for cell in table.cells)
        cells.extend(astuple(line) for line in reading.lines)
        harvest = mean(reading, "0" * 64, name)
        facts.extend(astuple(fact) for table in harvest.tables for fact in table.facts)
        facts.extend((check.kind, check.verdict, check.suggestion, check.explanation) for check in harvest.checks)
    return {
        "reading": {"version": READING_VERSION, "digest": _digest(cells)},
        "meaning": {"version": [READING_VERSION, MEANING_VERSION], "digest": _digest(facts)},
    }


@pytest.mark.parametrize("layer", ["reading", "meaning"])
def test_a_changed_layer_has_a_new_version(layer: str) -> None:
    stored = json.loads(STORED.read_text())[layer]
    if now()[layer]["version"] == stored["version"]:
        assert now()[layer]["digest"] == stored["digest"], (
            f"the {layer} of the samples changed: raise its version number"
        )
    else:
        pytest.fail("the version was raised: write the digests anew with `python -m tests.test_versions`")


if __name__ == "__main__":
    STORED.write_text(json.dumps(now(), indent=1) + "\n")
