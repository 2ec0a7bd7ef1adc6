"""What a document asked of the words of the forms, kept with its meaning: whether changed words could change it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from normalizers.asking import Question, hash_of_answers
from pipeline.keys import meaning_folder
from pipeline.layers import read_packed


def asked_record(questions: Iterable[Question], basis: str) -> dict[str, Any]:
    by_function: dict[str, list[tuple[Any, ...]]] = {}
    for name, arguments in questions:
        by_function.setdefault(name, []).append(arguments)
    return {"basis": basis, "answers": hash_of_answers(by_function), "questions": by_function}


def would_be_equal(root: Path, document_id: str, key: str, basis: str) -> bool:
    """Whether meaning made now would be that of `key`: nothing but words of forms has changed since (`basis`, see
    `meaning_basis`), and what the document asked of them is answered as it was.

    False also where it is not known: then meaning is made again.
    """
    try:
        kept = read_packed(meaning_folder(root, document_id, key) / "asked.json.gz")
        if kept["basis"] != basis:
            return False
        questions = {name: [_tuple(one) for one in asked] for name, asked in kept["questions"].items()}
        return bool(hash_of_answers(questions) == kept["answers"])
    except Exception:  # not kept, spoiled, or forms in which a word is no pattern: made in a child, which says so
        return False


def _tuple(values: list[Any]) -> tuple[Any, ...]:
    """JSON's lists as the tuples that they were."""
    return tuple([_tuple(value) if type(value) is list else value for value in values])
