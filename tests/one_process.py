"""`lumbung` with the stand-in engine and without children: every write to the disk happens in one process.

python -m tests.one_process ingest FOLDER
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from pipeline import cli, worker
from pipeline import ingest as work
from pipeline.crowd import CrowdError, Job, Outcome
from tests import fakes


def harvest_here(jobs: list[Job], **_: Any) -> Generator[Outcome, None, None]:
    for job in jobs:
        message = {
            "root": job.root, "document_id": job.document_id, "name": job.name, "reading": job.reading,
            "meaning": job.meaning, "path": job.path, "said": dict(job.said), "password": job.password,
            "memory_error": "",
        }  # fmt: skip
        answer = worker.work(fakes, message)  # type: ignore[arg-type]
        if "fatal" in answer:
            raise CrowdError(f"a harvest could not be written: {answer['fatal']}")
        yield Outcome(job, answer["status"], answer["error"], bool(answer.get("made")), 0.0)


if __name__ == "__main__":
    work.harvest_all = harvest_here
    cli.main()
