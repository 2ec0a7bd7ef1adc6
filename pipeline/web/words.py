"""The words of the pages in Indonesian and English (`data/words.toml`), and numbers as each language writes them."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from markupsafe import Markup

from pipeline.tabular import bare, indonesian
from pipeline.web.sentences import marked, say, say_check

LANGUAGES = ("id", "en")
FILE = Path(__file__).parent / "data" / "words.toml"


@cache
def dictionary() -> dict[str, dict[str, str]]:
    """language -> key -> words."""
    with FILE.open("rb") as file:
        entries = tomllib.load(file)
    return {language: {key: said[language] for key, said in entries.items()} for language in LANGUAGES}


class Words:
    """What the templates see as `t`: `t("home")`, and `t("n_of_m", n=4, m=5)` with its blanks filled in."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._words = dictionary()[language]

    def __call__(self, key: str, **blanks: Any) -> str:
        return self._words[key].format(**blanks) if blanks else self._words[key]

    def __contains__(self, text: str) -> bool:
        """Whether a text is one of the entries as it stands."""
        return text in self._words.values()

    def starting(self, beginning: str) -> list[tuple[str, str]]:
        """The entries whose keys begin so, in the order of the file."""
        return [(key, said) for key, said in self._words.items() if key.startswith(beginning)]

    def term(self, kind: str, value: str | None) -> str:
        """A word of the contract (`status`, `role` ...) in this language; as it is where there is no translation."""
        return "" if value is None else self._words.get(f"{kind}_{value}", value.replace("_", " "))

    def say(self, text: str | None) -> Markup:
        """A sentence of a check, a problem or an error in this language; marked where only English is known."""
        return marked(say(text, self.language), self.language)

    def check(self, check: dict[str, Any]) -> Markup:
        """What a check explains, in this language."""
        return marked(say_check(check, self.language), self.language)

    def number(self, value: Decimal | int | float | None) -> str:
        """`425.600.000,5` in Indonesian, `425,600,000.5` in English; nothing for None."""
        if value is None:
            return ""
        exact = Decimal(str(value))
        if self.language == "id":
            return indonesian(exact)
        whole, _, part = bare(abs(exact)).partition(".")
        return ("-" if exact < 0 else "") + f"{int(whole):,}" + ("." + part if part else "")

    def percent(self, value: Decimal | float | None) -> str:
        """`66,1 %`; what is not nothing is never shown as nothing."""
        if value is None:
            return ""
        exact = Decimal(str(value))
        small = 0 < exact < Decimal("0.05")
        return ("< " + self.number(Decimal("0.1")) if small else self.number(round(exact, 1))) + " %"


def language_of(asked: str | None, cookie: str | None, accepted: str) -> str:
    """The language of a request: what it asks for, else its cookie, else what the browser prefers, else Indonesian."""
    for wish in (asked, cookie):
        if wish in LANGUAGES:
            return str(wish)
    for part in accepted.lower().split(","):
        tag = part.split(";")[0].strip()[:2]
        if tag in LANGUAGES:
            return tag
    return "id"
