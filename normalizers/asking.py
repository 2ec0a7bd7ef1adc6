"""Pure functions that remember their answers; and what a document asked of the words in `forms/`.

A document's meaning is a pure function of its reading, the reference lists, and the answers that functions marked `asks`
give to its texts. So the questions, kept with the meaning, tell after a changed word whether that document could come out
any different: it cannot where each of them is answered as before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from importlib import import_module
from typing import Any, ParamSpec, TypeVar, cast

P = ParamSpec("P")
R = TypeVar("R")
Question = tuple[str, tuple[Any, ...]]  # name of the function, arguments: texts, numbers, None, tuples of them

MOST = 10_000  # answers that one function remembers

Asked = dict[Question, None]  # in the order in which they were first asked: the same whatever was asked before

_asked: Asked | None = None  # None: nobody listens
_functions: dict[str, Callable[..., Any]] = {}
_memories: list[dict[tuple[Any, ...], Any]] = []


def asks(function: Callable[P, R]) -> Callable[P, R]:
    """Marks a pure function of texts whose answer rests on `forms/`; its calls are told to whoever listens.

    Arguments are positional. What it asks on the way is covered by its own question.
    """
    name = f"{function.__module__.removeprefix('normalizers.')}.{function.__qualname__}"
    plain: Callable[..., R] = function
    answers: dict[tuple[Any, ...], tuple[R, Question]] = {}

    @wraps(function)
    def asking(*question: Any) -> R:
        global _asked
        known = answers.get(question)
        if known is None:
            listener, _asked = _asked, None
            try:
                known = (plain(*question), (name, question))
            finally:
                _asked = listener
            _keep(answers, question, known)
        if _asked is not None:
            _asked[known[1]] = None
        return known[0]

    _functions[name] = asking
    _memories.append(answers)
    return cast(Callable[P, R], asking)


def remembered(function: Callable[P, R]) -> Callable[P, R]:
    """Like `functools.lru_cache` for functions that call functions marked `asks`: an old answer tells its questions again."""
    plain: Callable[..., R] = function
    answers: dict[tuple[Any, ...], tuple[R, Asked]] = {}

    @wraps(function)
    def remembering(*question: Any) -> R:
        known = answers.get(question)
        if known is None:
            with listening() as asked:
                known = (plain(*question), asked)
            _keep(answers, question, known)
        if known[1] and _asked is not None:
            _asked.update(known[1])
        return known[0]

    _memories.append(answers)
    return cast(Callable[P, R], remembering)


def _keep(answers: dict[tuple[Any, ...], Any], question: tuple[Any, ...], found: object) -> None:
    if len(answers) >= MOST:
        answers.clear()
    answers[question] = found


@contextmanager
def listening() -> Iterator[Asked]:
    """Collects the questions asked inside; they are not heard outside. One thread at a time (as PDFium wants, too)."""
    global _asked
    before, _asked = _asked, {}
    try:
        yield _asked
    finally:
        _asked = before


def hash_of_answers(questions: Mapping[str, Iterable[tuple[Any, ...]]]) -> str:
    """One hash over what is answered now, in this order, to questions by the name of their function.

    Raises ImportError, KeyError or TypeError where nothing answers such a question any more.
    """
    texts = []
    for name, asked in questions.items():
        function = _function(name)
        texts += [repr(function(*arguments)) for arguments in asked]
    return hashlib.sha256("\n".join(texts).encode("utf-8", "backslashreplace")).hexdigest()


def _function(name: str) -> Callable[..., Any]:
    if name not in _functions:
        import_module(f"normalizers.{name.rpartition('.')[0]}")
    return _functions[name]


def forget() -> None:
    """Empties all memories (the forms have changed under this process, or a test wants a fresh start)."""
    for memory in _memories:
        memory.clear()
