"""The head of a budget form (RKA, DPA): `Kegiatan : 2.10.2.10.01.065.001. - LPSE` says what all rows below are about."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from normalizers.asking import asks
from normalizers.codes import CodeResolver

FORMS = Path(__file__).parent / "forms"
LABELLED = re.compile(r"^\s*([^\W\d_][\w ()./&-]{1,48}?)\s*:\s*(\S.*)$")
CODED = re.compile(r"^\s*([\dX][\dX.]*\d\.?)(?:\s*[-–—:]\s*|\s+|$)(.*)$", re.IGNORECASE)
LEVELS = ("program", "kegiatan", "sub_kegiatan")  # from the wider to the narrower


@dataclass(frozen=True, slots=True)
class Head:
    """What a form is about: the narrowest of its program, kegiatan and sub kegiatan; None where it is of a whole agency."""

    code: str | None
    code_generic: str | None = None


def labelled(texts: Iterable[str]) -> list[tuple[str, str]]:
    """(label, value) of each `Label : value`, in order; a line without a label goes on with the value before it."""
    items: list[tuple[str, list[str]]] = []
    for text in texts:
        if ":" in text and (found := LABELLED.match(text)):
            items.append((found.group(1).strip(), [found.group(2).strip()]))
        elif items:
            items[-1][1].append(text.strip())
        else:
            items.append(("", [text.strip()]))
    return [(label, " ".join(parts)) for label, parts in items]


@asks
def label_of(label: str) -> str | None:
    """What a label of a form's head announces: agency, urusan, program, kegiatan, sub_kegiatan; None for others."""
    folded = " ".join(label.lower().replace("-", " ").split())
    return next((kind for kind, words in _labels() if folded in words), None)


@cache
def _labels() -> tuple[tuple[str, tuple[str, ...]], ...]:
    with open(FORMS / "heads.toml", "rb") as handle:
        return tuple((kind, tuple(words)) for kind, words in tomllib.load(handle)["labels"].items())


def labels(kind: str) -> tuple[str, ...]:
    """The labels that announce it, in lower case."""
    return dict(_labels())[kind]


def head_of(items: Sequence[tuple[str, str]], coder: CodeResolver) -> Head | None:
    """What the labelled lines above a form's table say; None where they say nothing, so that an earlier head holds on."""
    kinds = [(label_of(label), value) for label, value in items if label]
    heads: dict[str, Head] = {}
    for kind, value in kinds:
        printed = CODED.match(value) if kind in LEVELS else None
        if printed is None or kind is None:
            continue
        verdict = coder.resolve(printed.group(1), printed.group(2) or None, None, kind)
        if verdict.code is not None and verdict.level == kind:
            heads[kind] = Head(verdict.code, verdict.code_generic)
    narrowest = [heads[level] for level in LEVELS if level in heads]
    if narrowest:
        return narrowest[-1]
    return Head(None) if any(kind in ("agency", "urusan") for kind, _ in kinds) else None
