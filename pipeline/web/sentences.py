"""Sentences of checks, problems and errors as the pages say them: without internal names, in either language.

Checks speak English; `data/sentences.toml` holds what they say in Indonesian. A sentence that is not found there is shown
in English and marked so: nothing is left out for want of a translation.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape

FILE = Path(__file__).parent / "data" / "sentences.toml"
LONGEST = 2000  # characters that are looked up: the expressions are tried one after the other
DEEPEST = 6  # sentences within sentences
_TABLE = re.compile(r"\b[0-9a-f]{12}-t0*(\d+)\b")
_TWICE = re.compile(r"\bin table (\d+) and table \1\b")


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence and the language that it is in (`id`, `en`)."""

    text: str
    language: str


@cache
def _sentences() -> tuple[tuple[re.Pattern[str], str], ...]:
    with FILE.open("rb") as file:
        entries = tomllib.load(file)["sentence"]
    return tuple((re.compile(entry["en"], re.S), entry["id"]) for entry in entries)


def plainly(text: str) -> str:
    """Without names of the store: `fc53dc054c56-t003` is table 3 of its document."""
    return _TWICE.sub(r"in table \1, twice", _TABLE.sub(r"table \1", text)).replace("table table", "table")


def say(text: str | None, language: str) -> Said:
    """A sentence in the language that is asked for, where it is known."""
    plain = " ".join(plainly(text or "").split())
    if language == "en" or not plain:
        return Said(plain, language)
    found = _look_up(plain[:LONGEST])
    return Said(plain, "en") if found is None else Said(found, language)


def say_check(check: dict[str, Any], language: str) -> Said:
    """The explanation of a check. What is printed (subject, formula) stands in it as it is printed."""
    text = " ".join((check.get("explanation") or "").split())
    subject, claim = (" ".join((check.get(key) or "").split()) for key in ("subject", "claim"))
    head = f"{subject}: {claim} "
    if language == "en" or not claim or not text.startswith(head):
        return say(text, language)
    rest = _look_up(text[len(head) :])
    if rest is None:
        return Said(plainly(text), "en")
    return Said(f"{subject}: {_look_up(plainly(claim)) or plainly(claim)} {rest}", language)


def _look_up(text: str, depth: int = 0) -> str | None:
    stop = "." if text.endswith(".") else ""
    body = text.removesuffix(".")
    for pattern, words in _sentences():
        match = pattern.fullmatch(body)
        if match is not None:
            return _filled(words, match.groupdict(default=""), depth) + stop
    return None


def _filled(words: str, groups: dict[str, str], depth: int) -> str:
    for name in groups:
        if name.startswith("s_") and depth < DEEPEST:
            groups[name] = _look_up(groups[name], depth + 1) or groups[name]
    return re.sub(r"\{(\w+)\}", lambda blank: groups[blank[1]], words)


def marked(said: Said, language: str) -> Markup:
    """HTML of a sentence; in another language than the page's it says which, for those who listen."""
    text = escape(said.text)
    return text if said.language == language else Markup('<span lang="{}">{}</span>').format(said.language, text)
