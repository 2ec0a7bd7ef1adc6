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
SHOWN = 20  # cases on a page


def run(store: Path, wish: dict[str, Any]) -> dict[str, Any]:
    """Have a wish done: {"do": "cases", "page": 1}; "again" with fact_id (a second reader reads its cell); "accept" or
    "refuse" with fact_id, value, reason and who.

    The answer has `cases` (of the page) and `all` (how many there are), `again`, `done`, or `error`: one sentence.
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
        return _cases(store, int(wish.get("page", 1)), int(wish.get("shown", SHOWN)))
    if wish["do"] == "again":
        return _again(store, wish["fact_id"])
    if wish["do"] == "accept":
        decision, done = review.accept(store, wish["fact_id"], wish["value"] or None, wish["reason"], wish["who"])
    else:
        decision, done = review.refuse(store, wish["fact_id"], wish["reason"], wish["who"])
    return {"done": review.decided_line(decision, done)}


def _cases(store: Path, page: int, shown: int) -> dict[str, Any]:
    """The conflicts of a page of `shown`, each with what its proposal would prove."""
    from contextlib import suppress

    from pipeline import review
    from pipeline.store import StoreError

    found = review.cases(store)
    last = max(1, -(-len(found) // shown))
    page = min(max(page, 1), last)
    first = (page - 1) * shown
    here = found[first : first + shown]
    with suppress(StoreError):  # without its harvest a case is shown without proof
        review.prove(store, here)
    return {"cases": [_shown(case) for case in here], "all": len(found), "first": first, "page": page}


def _again(store: Path, fact_id: str) -> dict[str, Any]:
    from pipeline import review

    found = [case for case in review.cases(store) if case.fact["fact_id"] == fact_id]
    review.read_again(store, found)
    return {"again": [text for case in found for text in case.again]}


def _shown(case: Any) -> dict[str, Any]:
    from pipeline.tabular import plain_json

    names = ("fact_id", "document", "document_id", "page", "raw", "name", "column_label", "unit", "region", "code_raw")
    shown = {name: case.fact[name] for name in names}
    proposal = None if case.proposal is None else format(case.proposal.normalize(), "f")
    failing = [{"kind": check["kind"], "explanation": check["explanation"]} for check in case.failing]
    proof = None
    if case.proof is not None:
        sides = {"holds": case.proof.holds, "breaks": case.proof.breaks}
        proof = {side: [{"explanation": text} for text in texts] for side, texts in sides.items()}
    return {
        **plain_json(shown), "proposal": proposal, "proposed": case.proposed, "failing": failing, "proof": proof,
        "money": plain_json(case.money),
    }  # fmt: skip


def main() -> None:
    from pipeline.store import StoreError

    try:
        said = answer_to(Path(sys.argv[1]), json.load(sys.stdin))
    except StoreError as error:
        said = {"error": " ".join(str(error).split())}
    print(json.dumps(said, ensure_ascii=False))


if __name__ == "__main__":
    main()
