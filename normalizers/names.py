"""A printed name -> the entry of a nomenclature that bears it. Similarity proposes; parent, level and margin decide.

Different sub kegiatan are up to 91 % alike ("Pengadaan Peralatan ..." and "Pemeliharaan Peralatan ..."), so a
likeness alone never decides: the name must be equal (letters and digits only), or alike with a margin and without an
exchanged word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Generic, Protocol, TypeVar

from rapidfuzz import fuzz, process

from normalizers.lookalikes import fold_words

EQUAL = 100.0
LEAST_ALIKE = 50.0
_PREFIXES = re.compile(
    r"^(?:urusan pemerintahan bidang|urusan pemerintahan|bidang urusan|urusan|sub ?kegiatan|kegiatan|program)\b[ :.]*"
)
_BETWEEN_WORDS = re.compile(r"[^\w/&-]+|[/&_-]")
_ABBREVIATIONS = (
    (re.compile(r"\bkab\b\.?"), "kabupaten"),
    (re.compile(r"\bprov\b\.?"), "provinsi"),
    (re.compile(r"\bpropinsi\b"), "provinsi"),
    (re.compile(r"\bskpd\b|\bopd\b"), "perangkat daerah"),
    (re.compile(r"\bsdm\b"), "sumber daya manusia"),
    (re.compile(r"\bkerja sama\b"), "kerjasama"),
    (re.compile(r"\bpeng(?:koordinasian|oordinasian)\b"), "koordinasi"),
)
# Words whose presence or absence never tells two entries apart.
_WEAK = frozenset(
    (
        "dan",
        "di",
        "pada",
        "yang",
        "untuk",
        "dalam",
        "bagi",
        "serta",
        "dengan",
        "dari",
        "ke",
        "oleh",
        "atau",
        "atas",
        "beserta",
    )
) | {"kabupaten", "kota", "provinsi", "daerah", "pemerintah", "pemerintahan", "perangkat"}


class Named(Protocol):
    """Anything with an official name."""

    @property
    def name(self) -> str: ...


T = TypeVar("T", bound=Named)


class Pool(list[T]):
    """Entries among which names are looked for many times. Not to be changed once it is made."""

    @cached_property
    def keys(self) -> list[str]:
        """`name_key` of each."""
        return [name_key(entry.name) for entry in self]

    @cached_property
    def by_key(self) -> dict[str, list[T]]:
        found: dict[str, list[T]] = {}
        for key, entry in zip(self.keys, self, strict=True):
            found.setdefault(key, []).append(entry)
        return found


@dataclass(frozen=True, slots=True)
class Match(Generic[T]):
    """The best candidate, how alike it is (0..100), and the next best one. `exact`: letters and digits are equal."""

    entry: T
    score: float
    runner_up: T | None
    runner_up_score: float
    exact: bool
    exchanged: bool  # both names hold a word that the other lacks
    ambiguous: bool = False  # cut off or shortened so far that it is the beginning of, or lies within, several names

    @property
    def margin(self) -> float:
        return self.score - self.runner_up_score


@lru_cache(maxsize=65536)
def words_of(name: str) -> tuple[str, ...]:
    """The words of a name: lower case, abbreviations written out, the label before it (`Program`, `Kegiatan`) left
    off.
    """
    text = _BETWEEN_WORDS.sub(" ", fold_words(name).lower()).strip()
    for pattern, full in _ABBREVIATIONS:
        text = pattern.sub(full, text)
    while (cut := _PREFIXES.sub("", text, count=1)) != text and cut:
        text = cut
    return tuple(text.split())


@lru_cache(maxsize=65536)
def name_key(name: str) -> str:
    """Letters and digits of a name; equal keys are the same name whatever the case, blanks and punctuation."""
    return "".join(words_of(name))


def has_exchanged_word(printed: str, official: str) -> bool:
    """Whether each of the two names holds a meaningful word for which the other has nothing alike."""
    left = [w for w in words_of(printed) if w not in _WEAK]
    right = [w for w in words_of(official) if w not in _WEAK]
    rest: list[str] = []
    for word in left:
        best = max(right, key=lambda w: fuzz.ratio(word, w), default=None)
        if best is not None and fuzz.ratio(word, best) >= 74:
            right.remove(best)
        else:
            rest.append(word)
    # A word broken by a line end ("Pemerintah an") or run together is no exchange.
    joined_left, joined_right = name_key(printed), name_key(official)
    rest = [w for w in rest if w not in joined_right]
    right = [w for w in right if w not in joined_left]
    return bool(rest) and bool(right)


def likeness(printed: str, official: str) -> float:
    """0..100. A name cut off at its end (by a cell or a page) counts as alike when enough of it is there."""
    a, b = name_key(printed), name_key(official)
    return _likeness(a, b, fuzz.ratio(a, b)) if a and b else 0.0


def _likeness(a: str, b: str, ratio: float) -> float:
    if a == b:
        return EQUAL
    short, long = (a, b) if len(a) <= len(b) else (b, a)
    cut = len(short) >= 16 and len(short) >= 0.5 * len(long) and long.startswith(short)
    return max(min(ratio, 99.0), 93.0 if cut else 0.0)


def best_match(printed: str, entries: Iterable[T]) -> Match[T] | None:
    """The entry whose name is most like `printed`, with the runner-up (of an equal name: another equal one alone)."""
    pool: Pool[T] = entries if isinstance(entries, Pool) else Pool(entries)
    if same := exact_matches(printed, pool):
        other = same[1] if len(same) > 1 else None
        return Match(same[0], EQUAL, other, EQUAL if other is not None else 0.0, exact=True, exchanged=False)
    ranked = _ranked(printed, pool)
    if not ranked:
        return None
    score, entry = ranked[0]
    runner = next(((s, e) for s, e in ranked[1:]), None)
    return Match(
        entry=entry,
        score=score,
        runner_up=runner[1] if runner else None,
        runner_up_score=runner[0] if runner else 0.0,
        exact=False,
        exchanged=has_exchanged_word(printed, entry.name),
        ambiguous=sum(_lies_within(printed, e.name) for _, e in ranked[:12]) > 1,
    )


def _ranked(printed: str, entries: Pool[T]) -> list[tuple[float, T]]:
    """Entries at least half alike, with their `likeness`, the most alike first and equals in the order given."""
    key = name_key(printed)
    # No name is cut to less than half of it, so that a beginning alone is always alike by two thirds.
    near = process.extract(key, entries.keys, scorer=fuzz.ratio, score_cutoff=LEAST_ALIKE, limit=None) if key else []
    scored = sorted([(-_likeness(key, other, ratio), place) for other, ratio, place in near])
    return [(-score, entries[place]) for score, place in scored]


def _lies_within(printed: str, official: str) -> bool:
    a, b = name_key(printed), name_key(official)
    return b.startswith(a) or set(words_of(printed)) <= set(words_of(official))


def accept_under_parent(match: Match[T] | None) -> bool:
    """Whether a proposal among the children of a *known* parent may be taken."""
    if match is None:
        return False
    if match.exact:
        return match.margin > 0
    if match.ambiguous:
        return False
    if match.exchanged:
        return match.score >= 90 and match.margin >= 15
    return match.score >= 78 and match.margin >= 4


def accept_anywhere(match: Match[T] | None) -> bool:
    """Whether a proposal among many parents (the agency's whole branch) may be taken: stricter."""
    if match is None:
        return False
    if match.exact:
        return match.margin > 0
    if match.exchanged or match.ambiguous:
        return False
    return (match.score >= 90 and match.margin >= 3) or (match.score >= 82 and match.margin >= 10)


def same_name(printed: str, official: str, at_least: float = 80.0) -> bool:
    """Whether a printed name is, typing slips and cuts aside, the official one."""
    score = likeness(printed, official)
    return score >= at_least and not (score < 97 and has_exchanged_word(printed, official))


def exact_matches(printed: str, entries: Sequence[T]) -> list[T]:
    """All entries whose name has the same letters and digits."""
    key = name_key(printed)
    if isinstance(entries, Pool):
        return list(entries.by_key.get(key, ())) if key else []
    return [entry for entry in entries if name_key(entry.name) == key] if key else []
