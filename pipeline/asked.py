"""What a document asked of the words of the forms, kept with its meaning: whether changed words could change it."""

from __future__ import annotations

from collections.abc import Iterable
from operator import itemgetter
from pathlib import Path
from typing import Any

from normalizers.asking import Question, answers, hash_of
from pipeline.keys import meaning_folder
from pipeline.layers import read_packed


def asked_record(questions: Iterable[Question], basis: str) -> dict[str, Any]:
    by_function: dict[str, list[tuple[Any, ...]]] = {}
    answered = sorted(answers(questions), key=itemgetter(0))
    for _, (name, arguments) in answered:
        by_function.setdefault(name, []).append(arguments)
    return {"basis": basis, "answers": hash_of(line for line, _ in answered), "questions": by_function}


def would_be_equal(root: Path, document_id: str, key: str, basis: str) -> bool:
    """Whether meaning made now would be that of `key`: nothing but words of forms has changed since (`basis`, see
    `meaning_basis`), and what the document asked of them is answered as it was.

    False also where it is not known: then meaning is made again.
    """
    try:
        kept = read_packed(meaning_folder(root, document_id, key) / "asked.json.gz")
        if kept["basis"] != basis:
            return False
        asked = kept["questions"].items()
        now = answers((name, _tuples(one)) for name, questions in asked for one in questions)
        return bool(hash_of(line for line, _ in now) == kept["answers"])
    except Exception:  # not kept, spoiled, or forms in which a word is no pattern: made in a child, which says so
        return False


def _tuples(value: Any) -> Any:
    """JSON's lists as the tuples that they were."""
    return tuple(map(_tuples, value)) if isinstance(value, list) else value
