"""A store that is killed, or whose disk fails, at a chosen write; shared by the tests and `benchmarks/faults_run.py`."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from pipeline.store import POINTER, generations, last_generation, logical_hash
from tests.fakes import fact, pdf

ROOT = Path(__file__).parent.parent
KILL = 0
COUNT = -1
ERRORS = {"ENOSPC": errno.ENOSPC, "EIO": errno.EIO, "EACCES": errno.EACCES}


def build_shim(folder: Path) -> Path | None:
    """The library that makes writes fail; None where there is no C compiler (or no Linux)."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None or sys.platform != "linux":
        return None
    shim = folder / "faulty.so"
    command = [compiler, "-shared", "-fPIC", "-O1", "-o", str(shim), str(ROOT / "tests" / "faulty.c"), "-ldl"]
    subprocess.run(command, check=True, capture_output=True)
    return shim


def files(folder: Path, first: int, last: int) -> Path:
    """Documents number first..last-1, the same for the same number."""
    for number in range(first, last):
        facts = [fact(value=str(1000 * number + n), name=f"item {n}", code=None) for n in range(8)]
        pdf(folder / f"{number}.pdf", *facts, fiscal_year=2000 + number)
    return folder


class Runner:
    """Runs commands below the failing layer, each in a fork of one warmed process."""

    def __init__(self, folder: Path, shim: Path) -> None:
        self.folder = folder
        environment = {"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.forks"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
            env=environment | {"LD_PRELOAD": str(shim)},
        )  # fmt: skip
        assert self._line() == "ready\n"

    def _line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def __call__(
        self, store: Path, *words: object, at: int = 0, number: int = COUNT, after: float | None = None, ends: int = 9,
        children: bool = False,
    ) -> Ran:  # fmt: skip
        """Run a command in one process; its `at`-th write below `store` fails with `number` (KILL or an errno).

        `after`: seconds until it gets the signal `ends`, wherever it is. With `children`, documents are read in
        processes of their own, as they are without this.
        """
        out, err = self.folder / "stdout", self.folder / "stderr"
        wish = {
            "store": str(store), "words": list(map(str, words)), "at": at, "number": number, "after": after,
            "signal": ends, "children": children,
        }  # fmt: skip
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(wish | {"out": str(out), "err": str(err)}) + "\n")
        self.process.stdin.flush()
        code, writes = json.loads(self._line())
        return Ran(code, out.read_text(), err.read_text(), writes)

    def close(self) -> None:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()


@dataclass(frozen=True, slots=True)
class Ran:
    """The end of a command. `writes` counts the calls that change the disk below the store."""

    returncode: int
    stdout: str
    stderr: str
    writes: int


class Ground:
    """A store with one generation, more files to ingest, and what an undisturbed run makes of them."""

    def __init__(self, folder: Path, shim: Path, before: int = 3, after: int = 6) -> None:
        self.folder, self.lumbung = folder, Runner(folder, shim)
        self.kills = 0  # runs that were ended before their end
        self.published = 0  # those of them that had published already
        self._hashes: dict[bytes, str] = {}  # of generations, by their bytes
        self.first, self.second = files(folder / "first", 0, before), files(folder / "second", before - 1, after)
        self.base, calm = folder / "base", folder / "calm"
        self._run(self.base, self.first)
        self.hash_before = self._says(self.base)
        shutil.copytree(self.base, calm, symlinks=True)
        self.writes = self._run(calm, self.second).writes
        self.hash_after = self._says(calm)

    def _run(self, store: Path, given: Path) -> Ran:
        run = self.lumbung(store, "ingest", given)
        assert run.returncode == 0, run.stdout + run.stderr
        return run

    def close(self) -> None:
        self.lumbung.close()

    def _says(self, store: Path) -> str:
        """The logical hash of what is published."""
        data = sha256((store / POINTER).read_bytes()).digest()
        if data not in self._hashes:
            self._hashes[data] = logical_hash(store)
        return self._hashes[data]

    def disturbed(self, at: int, number: int, again: bool = True) -> list[str]:
        """What is wrong after the `at`-th write failed, and (with `again`) after the next run; nothing, if all is well."""
        store, wrong = self.folder / f"store-{at}-{number}", []
        shutil.copytree(self.base, store, symlinks=True)
        run = self.lumbung(store, "ingest", self.second, at=at, number=number)
        if number == KILL:
            if run.returncode not in (-9, 0):
                wrong.append(f"exit {run.returncode} instead of a kill: {run.stderr[-300:]}")
        elif run.returncode not in (0, 4):
            wrong.append(f"exit {run.returncode}: {run.stderr[-300:]}")
        elif run.returncode == 4 and not (run.stderr.strip().splitlines() or [""])[-1].startswith("lumbung: "):
            wrong.append(f"no clear error: {run.stderr[-300:]}")
        return [f"write {at}: {text}" for text in [*wrong, *self._afterwards(store, again)]]

    def killed(self, seconds: float, n: int, children: bool = False) -> list[str]:
        """What is wrong after a run was killed at some moment."""
        run, wrong = self._ended(seconds, n, signal.SIGKILL, children)
        if run.returncode not in (-9, 0):
            wrong.append(f"exit {run.returncode}: {run.stderr[-300:]}")
        return [f"killed after {seconds:.3f} s: {text}" for text in wrong]

    def interrupted(self, seconds: float, n: int) -> list[str]:
        """What is wrong after somebody pressed Ctrl-C at some moment."""
        run, wrong = self._ended(seconds, n, signal.SIGINT)
        said = (run.stderr.strip().splitlines() or [""])[-1]
        if run.returncode not in (0, 130) or (run.returncode and not said.startswith("lumbung: interrupted")):
            wrong.append(f"exit {run.returncode}: {run.stderr[-300:]}")
        return [f"interrupted after {seconds:.3f} s: {text}" for text in wrong]

    def _ended(self, seconds: float, n: int, ends: int, children: bool = False) -> tuple[Ran, list[str]]:
        store = self.folder / f"ended-{n}"
        shutil.copytree(self.base, store, symlinks=True)
        run = self.ingest(store, after=seconds, ends=ends, children=children)
        self.kills += run.returncode != 0
        self.published += run.returncode != 0 and self._says(store) == self.hash_after
        return run, self._afterwards(store)

    def ingest(self, store: Path, **how: Any) -> Ran:
        """The run that is disturbed."""
        engine = ["--engine", "tests.fakes"] if how.get("children") else []
        return self.lumbung(store, "ingest", self.second, *engine, **how)

    def _afterwards(self, store: Path, again: bool = True) -> list[str]:
        """What is wrong with a store that was disturbed, now and after the next run; removes it."""
        wrong = []
        if self._says(store) not in (self.hash_before, self.hash_after):
            wrong.append("what is published is no committed generation")
        if last_generation(store) not in generations(store):
            wrong.append("the pointer leads nowhere")
        if again:
            wrong += self._next_run(store)
        shutil.rmtree(store, ignore_errors=True)
        return wrong

    def _next_run(self, store: Path) -> list[str]:
        wrong = []
        run = self.lumbung(store, "ingest", self.second)
        if run.returncode != 0:
            wrong.append(f"the next run fails ({run.returncode}): {run.stderr[-300:]}")
        elif self._says(store) != self.hash_after:
            wrong.append("the next run does not converge")
        leftovers = [f.name for f in store.glob(".building*")] + [
            f.name for f in store.glob("*.wal") if "duckdb" in f.name
        ]
        return [*wrong, f"left over: {leftovers}"] if leftovers else wrong
