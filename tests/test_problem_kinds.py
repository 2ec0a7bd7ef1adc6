"""Every kind of problem that the code names stands in the closed list, and no other does."""

from __future__ import annotations

import ast
from pathlib import Path

from extractors.doubts import WHY
from extractors.read import NOT_READ_YET
from pipeline.corrections import KINDS
from pipeline.document import COMPARED
from pipeline.problem_kinds import PROBLEM_KINDS

ROOT = Path(__file__).parent.parent
#: Where the kind stands in a call.
PLACES = {"Problem": 3, "Trouble": 1, "_trouble": 1}


def named() -> set[str]:
    """Kinds written out in calls, or given to a variable `kind` just before one."""
    found = {*WHY, *NOT_READ_YET, *KINDS, *(f"said_{what}" for *_, what in COMPARED), "numbers_side_by_side"}
    for folder in ("pipeline", "extractors"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                name = getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""
                if isinstance(node, ast.Call) and name in PLACES:
                    given = [k.value for k in node.keywords if k.arg == "kind"] or node.args[PLACES[name] :][:1]
                    found |= {g.value for g in given if isinstance(g, ast.Constant) and isinstance(g.value, str)}
    return found


def test_the_list_is_closed_and_whole() -> None:
    assert named() == set(PROBLEM_KINDS)
