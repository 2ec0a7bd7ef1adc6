"""Which kind of table this is: captions, header words and shapes, from `forms/tables.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from normalizers.asking import asks, remembered
from normalizers.columns import Column
from normalizers.header_rules import FORMS
from normalizers.header_words import mended
from normalizers.headers import Header
from normalizers.setting import Setting

CAPTION_START = re.compile(r"^(tabel|table|daftar|lampiran|formulir)\b[ .:]*", re.IGNORECASE)
CAPTION_LINES = 8


@dataclass(frozen=True)
class Form:
    """One `[[forms]]` entry; see the head of `forms/tables.toml` for the meaning of its keys."""

    kind: str
    caption: tuple[re.Pattern[str], ...]
    header: frozenset[str]  # patterns
    rule: dict[str, Any] = field(hash=False)

    @property
    def default_role(self) -> str | None:
        return self.rule.get("default_role")

    @property
    def coded(self) -> bool:
        """True where the names of this form are those of the nomenclature, printed codes or not."""
        return bool(self.rule.get("coded"))

    @property
    def default_quantity(self) -> str | None:
        return self.rule.get("default_quantity")


@cache
def forms() -> tuple[Form, ...]:
    """All forms, in the order of the file."""
    data = tomllib.loads((FORMS / "tables.toml").read_text(encoding="utf-8"))
    compiled = []
    for rule in data["forms"]:
        caption = tuple(re.compile(p) for p in rule.get("caption", []))
        compiled.append(Form(rule["kind"], caption, frozenset(rule.get("header", [])), rule))
    return tuple(compiled)


@cache
def _header_patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The header patterns of all forms, each once."""
    return tuple((p, re.compile(p)) for p in dict.fromkeys(p for form in forms() for p in form.header))


@remembered
def _header_words(part: str) -> frozenset[str]:
    """The header patterns that occur in one part of a header path; the same parts stand over many tables."""
    return frozenset([name for name, pattern in _header_patterns() if pattern.search(part)])


def caption_of(above: Sequence[str]) -> str:
    """The caption among the lines above a table: from the last `Tabel ...` line on, else the last lines. One line of text."""
    lines = list(above)[-CAPTION_LINES:]
    for index in range(len(lines) - 1, -1, -1):
        if CAPTION_START.match(lines[index]):
            return " ".join(lines[index:])
    return " ".join(lines[-4:])


Shapes = tuple[tuple[str | None, str | None], ...]  # role and quantity of each quantity column

# Keys of a form that tell where it fits; the others say what follows.
FITTING = (
    "caption", "header", "doc_types", "enough", "needs_caption", "needs_roles", "not_roles", "any_role",
    "needs_any_quantity", "needs_quantity", "not_all_quantity", "not_header", "not_doc_types",
)  # fmt: skip


def _fits(form: Form, shapes: Shapes, parts: tuple[str, ...]) -> bool:
    rule = form.rule
    roles = {role for role, _ in shapes}
    if not set(rule.get("needs_roles", [])) <= roles or roles & set(rule.get("not_roles", [])):
        return False
    if rule.get("any_role") and not roles & set(rule["any_role"]):
        return False
    if rule.get("needs_any_quantity") and not shapes:
        return False
    known = [quantity for _, quantity in shapes if quantity]
    if rule.get("not_all_quantity") and 2 * len(known) > len(shapes) and set(known) == {rule["not_all_quantity"]}:
        return False
    wanted = rule.get("needs_quantity")
    if wanted and not any(quantity == wanted for _, quantity in shapes):
        return False
    return not any(re.search(p, part) for p in rule.get("not_header", []) for part in parts)


def recognise(header: Header, columns: list[Column], setting: Setting) -> tuple[str, Form | None]:
    """(table kind, its form), `other` and None where no form scores enough."""
    shapes = tuple((c.role, c.quantity) for c in columns if c.kind == "quantity")
    number = _fitting(tuple(header.paths), setting.caption.lower(), setting.doc_type, shapes)
    if number is None:
        return "other", None
    _consequences(number)
    form = forms()[number]
    return form.kind, form


@asks
def _fitting(paths: tuple[tuple[str, ...], ...], caption: str, doc_type: str, shapes: Shapes) -> int | None:
    """Which of `forms` scores most; None where none scores enough."""
    parts = tuple(mended(part) for path in paths for part in (*path, " > ".join(path)))
    best: tuple[float, int | None] = (0.0, None)
    occurring: frozenset[str] = frozenset().union(*map(_header_words, parts))
    for number, form in enumerate(forms()):
        if not _fits(form, shapes, parts):
            continue
        said = sum(bool(p.search(caption)) for p in form.caption)
        named = doc_type in form.rule.get("doc_types", [])
        if (form.rule.get("needs_caption") and not (said or named)) or doc_type in form.rule.get("not_doc_types", ()):
            continue
        shape = len(form.header & occurring)
        score = (3.0 if said else 0.0) + 0.5 * max(0, said - 1) + shape
        score += 2 if named else 0
        if score >= form.rule.get("enough", 2) and score > best[0]:
            best = (score, number)
    return best[1]


@asks
def _consequences(number: int) -> str:
    """What a form says of the tables that it fits, as text."""
    rule = forms()[number].rule
    return repr({key: rule[key] for key in sorted(rule) if key not in FITTING})
