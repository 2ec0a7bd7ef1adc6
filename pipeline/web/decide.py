"""Reviews in a child process: it takes the store's lock, writes the correction, checks again and publishes.

`python -m pipeline.web.decide STORE`, a wish as JSON on standard input, the answer as JSON on standard output.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

SECONDS = 300.0  # a large store takes a while to publish
SHOWN = 50


def run(store: Path, wish: dict[str, Any]) -> dict[str, Any]:
    """Have a wish done: {"do": "cases"}, or "accept" or "refuse" with fact_id, value, reason and who.

    The answer has `cases`, `done`, or `error`: one sentence.
    """
    command = [sys.executable, "-m", "pipeline.web.decide", str(store)]
    try:
        done = subprocess.run(
            command,
            input=json.dumps(wish),
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
            encoding="utf-8",
        )
    except subprocess.TimeoutExpired:
        return {"error": f"it took more than {SECONDS:g} seconds: `lumbung review` shows how far it came"}
    if done.returncode != 0:
        said = done.stderr.strip().splitlines()[-1:] or ["the reviewing process ended"]
        return {"error": said[0][:300]}
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def answer_to(store: Path, wish: dict[str, Any]) -> dict[str, Any]:
    from pipeline import review

    if wish["do"] == "cases":
        found = review.cases(store)
        return {"cases": [_shown(case) for case in found[:SHOWN]], "all": len(found)}
    if wish["do"] == "accept":
        decision, done = review.accept(store, wish["fact_id"], wish["value"] or None, wish["reason"], wish["who"])
    else:
        decision, done = review.refuse(store, wish["fact_id"], wish["reason"], wish["who"])
    return {"done": review.decided_line(decision, done)}


def _shown(case: Any) -> dict[str, Any]:
    from pipeline.tabular import plain_json

    names = ("fact_id", "document", "document_id", "page", "raw", "name", "column_label", "unit", "region", "code_raw")
    shown = {name: case.fact[name] for name in names}
    proposal = None if case.proposal is None else format(case.proposal.normalize(), "f")
    failing = [check["explanation"] for check in case.failing]
    return {**plain_json(shown), "proposal": proposal, "proposed": case.proposed, "failing": failing}


def main() -> None:
    from pipeline.store import StoreError

    try:
        said = answer_to(Path(sys.argv[1]), json.load(sys.stdin))
    except StoreError as error:
        said = {"error": " ".join(str(error).split())}
    print(json.dumps(said, ensure_ascii=False))


if __name__ == "__main__":
    main()
