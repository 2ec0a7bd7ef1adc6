"""Limits of a document, against children that do want more: real processes, real memory."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes import fact, pdf

ROOT = Path(__file__).parent.parent
MEBIBYTES = 512

# In a process of its own, so that the peak of its children is that of this one document.
RUN = """
import hashlib, json, resource, sys
from pathlib import Path
from pipeline.crowd import Job, Limits, harvest_all
root, limit, *files = sys.argv[1:]
named = [hashlib.sha256(Path(f).read_bytes()).hexdigest() for f in files]
jobs = [Job(i, Path(f).name, Path(root), "1-r", "1-m", Path(f), size=n) for n, (i, f) in enumerate(zip(named, files))]
done = harvest_all(jobs, workers=1, limits=Limits(seconds=30, mebibytes=int(limit)), engine="tests.fakes")
told = {outcome.job.name: [outcome.status, outcome.error] for outcome in done}
print(json.dumps([told, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024]))
"""


@pytest.mark.parametrize("do", ["memory", "hungry", "mapped"])
def test_memory(tmp_path: Path, do: str) -> None:
    bad, good = pdf(tmp_path / "bad.pdf", fact(), do=do), pdf(tmp_path / "good.pdf", fact())
    command = [sys.executable, "-c", RUN, tmp_path / "harvests", str(MEBIBYTES), bad, good]
    run = subprocess.run(list(map(str, command)), cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr
    told, peak = json.loads(run.stdout)
    assert told["good.pdf"] == ["ok", None]
    assert told["bad.pdf"][0] == "limit_memory" and f"more than {MEBIBYTES} MiB" in told["bad.pdf"][1]
    reserved = 512 if do == "mapped" else 0  # shared maps are held by RLIMIT_AS, which leaves libraries room to reserve
    assert peak <= MEBIBYTES + reserved
