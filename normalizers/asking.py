"""Pure functions that remember their answers; and what a document asked of the words in `forms/`.

A document's meaning is a pure function of its reading, the reference lists, and the answers that functions marked `asks`
give to its texts. So the questions, kept with the meaning, tell after a changed word whether that document could come out
any different: it cannot where each of them is answered as before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

P = ParamSpec("P")
R = TypeVar("R")
Question = tuple[str, tuple[Any, ...]]  # name of the function, arguments: texts, numbers, None, tuples of them

MOST = 10_000  # answers that one function remembers

_asked: set[Question] = set()
_functions: dict[str, Callable[..., Any]] = {}


def asks(function: Callable[P, R]) -> Callable[P, R]:
    """Marks a pure function of texts whose answer rests on `forms/`; calls are told to `listening`. Positional arguments."""
    name = f"{function.__module__.removeprefix('normalizers.')}.{function.__qualname__}"
    plain: Callable[..., R] = function
    answers: dict[tuple[Any, ...], R] = {}

    @wraps(function)
    def asking(*question: Any) -> R:
        _asked.add((name, question))
        try:
            return answers[question]
        except KeyError:
            with listening():  # what is asked on the way is covered by this question
                answer = plain(*question)
        if len(answers) >= MOST:
            answers.clear()
        answers[question] = answer
        return answer

    _functions[name] = function
    return cast(Callable[P, R], asking)


def remembered(function: Callable[P, R]) -> Callable[P, R]:
    """Like `functools.lru_cache` for functions that call functions marked `asks`: an old answer tells its questions again."""
    plain: Callable[..., R] = function
    answers: dict[tuple[Any, ...], tuple[R, frozenset[Question]]] = {}

    @wraps(function)
    def remembering(*question: Any) -> R:
        known = answers.get(question)
        if known is None:
            with listening() as asked:
                answer = plain(*question)
            if len(answers) >= MOST:
                answers.clear()
            known = answers[question] = (answer, frozenset(asked))
        if known[1]:
            _asked.update(known[1])
        return known[0]

    return cast(Callable[P, R], remembering)


@contextmanager
def listening() -> Iterator[set[Question]]:
    """Collects the questions asked inside; they are not heard outside. One thread at a time (as PDFium wants, too)."""
    global _asked
    before, _asked = _asked, set()
    try:
        yield _asked
    finally:
        _asked = before


def answer(name: str, arguments: tuple[Any, ...]) -> Any:
    """What a function marked `asks` says now; KeyError where there is no such function (any more)."""
    return _functions[name](*arguments)
