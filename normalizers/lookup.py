"""Where a document's names and codes are looked up: its own list first, then the dictionary of the four-digit era.

Kegiatan of special autonomy (digits 3 to 8) bear the names of ordinary ones, so they are offered only in the
provinces that have them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TypeVar

from normalizers import nomenclature as lists
from normalizers.names import Match, Pool, accept_anywhere, accept_under_parent, best_match, exact_matches, name_key
from normalizers.nomenclature import Entry, Nomenclature, generic_of, level_of, pad, pemda_of

# Aceh, DI Yogyakarta and the provinces of Papua.
SPECIAL_PROVINCES = frozenset(("11", "34", "91", "92", "93", "94", "95", "96"))
# So much is remembered of one list: names looked for, parents with what is below them, branches of agencies.
MOST_MATCHES, MOST_PARENTS, MOST_SCOPES = 10_000, 1_000, 30

K = TypeVar("K")
V = TypeVar("V")


@dataclass(slots=True)
class _Memory:
    """What was looked up in a list, by whichever document: all follow from the list and the key."""

    scopes: dict[tuple[str | None, frozenset[str]], Pool[Entry]] = field(default_factory=dict)
    below: dict[tuple[str, str | None], Pool[Entry]] = field(default_factory=dict)
    matches: dict[tuple[str, str | None, str | None, frozenset[str]], Match[Entry] | None] = field(default_factory=dict)


class Lookup:
    """The entries that may be meant in one document; arguments as of `codes.CodeResolver`."""

    def __init__(
        self, nomenclature: str | None, agency_bidang: Sequence[str], pemda: str, region_code: str | None
    ) -> None:
        self.nomenclature = nomenclature
        self.agency_bidang = list(agency_bidang)
        self.pemda = pemda
        self.observed: dict[str, None] = {}  # bidang of printed codes, in order; serves where the agency's are unknown
        self._special = region_code is not None and region_code[:2] in SPECIAL_PROVINCES
        self._found: dict[tuple[str, str | None, str | None], Match[Entry] | None] = {}

    def serve(self, agency_bidang: Sequence[str]) -> None:
        """Look for names in the branches of these bidang urusan from now on."""
        if list(agency_bidang) != self.agency_bidang:
            self.agency_bidang = list(agency_bidang)
            self._found.clear()

    @cached_property
    def _memory(self) -> _Memory:
        memories = lists.working(self.nomenclature, self.pemda).memories
        return memories.setdefault((self.nomenclature, self._special), _Memory())  # type: ignore[no-any-return]

    @property
    def is_empty(self) -> bool:
        """Whether no list is held for the document's nomenclature (13/2006, or 90/2019 without its folder)."""
        return not lists.working(self.nomenclature, self.pemda).entries

    def search(self, name: str, parent: str | None, level: str | None) -> Match[Entry] | None:
        """The entry that bears a name, looked for below `parent` first, then in the agency's branch; None when
        unsure.
        """
        key = (name_key(name), parent, level)
        if key not in self._found:
            known = self._memory.matches
            place = (name, parent, level, self._branches())
            if place not in known:
                _keep(known, place, self._search_lists(name, parent, level), MOST_MATCHES)
            self._found[key] = known[place]
        return self._found[key]

    def _search_lists(self, name: str, parent: str | None, level: str | None) -> Match[Entry] | None:
        """Equal under the parent, equal in the agency's branch, alike under the parent, alike in the branch: in this
        order.
        """
        kids = self.below(parent, level) if parent else []
        near = best_match(name, kids)
        if near is not None and near.exact and (chosen := self._of_own_list(exact_matches(name, kids))):
            return replace(near, entry=chosen)
        scope = self.scope(level)
        wide = best_match(name, scope)
        if wide is not None and wide.exact:
            same = exact_matches(name, scope)
            nearer = [e for e in same if self._shares_program(e.code, parent)]
            chosen = self._of_own_list(nearer or same)
            return replace(wide, entry=chosen) if chosen is not None else None
        if near is not None and accept_under_parent(near):
            return near
        return wide if wide is not None and accept_anywhere(wide) else None

    def _of_own_list(self, same: Sequence[Entry]) -> Entry | None:
        """Of entries of one name the only one, or the only one in the document's own list (later numbers are
        renewals).
        """
        if len(same) > 1:
            own = lists.working(self.nomenclature, self.pemda).entries
            same = [e for e in same if e.code in own]
        return same[0] if len(same) == 1 else None

    def _shares_program(self, code: str, parent: str | None) -> bool:
        return parent is not None and code.split(".")[:3] == generic_of(parent).split(".")[:3]

    def _lists(self, side: str) -> Iterable[Nomenclature]:
        yield lists.working(self.nomenclature, side)
        if self.nomenclature not in (lists.PERMENDAGRI_90, lists.PERMENDAGRI_13):
            yield lists.four_digit(side)

    def entry(self, code: str) -> Entry | None:
        """The official entry of a code; that of the other kind of government where the code's digit says so."""
        side = pemda_of(code, self.pemda)
        return next((found for held in self._lists(side) if (found := held.get(code)) is not None), None)

    def is_below(self, code: str, parent: str) -> bool:
        """Whether a code lies anywhere below another, given with its own bidang or generic."""
        return generic_of(code).startswith(generic_of(parent) + ".")

    def below(self, parent: str, level: str | None) -> Pool[Entry]:
        """Entries below a parent, at `level` where given, else its direct children; each once."""
        known, place = self._memory.below, (parent, level)
        if place not in known:
            _keep(known, place, self._entries_below(parent, level), MOST_PARENTS)
        return known[place]

    def _entries_below(self, parent: str, level: str | None) -> Pool[Entry]:
        found: dict[str, Entry] = {}
        for held in self._lists(pemda_of(parent, self.pemda)):
            if level is None or depth(level) == depth(level_of(parent)) + 1:
                entries: Iterable[Entry] = held.below(parent)
            else:
                branch = lists.branch_of(generic_of(parent))
                pool = held.branches.get(branch, ()) if branch else held.entries.values()
                entries = [e for e in pool if e.level == level and self.is_below(e.code, parent)]
            for entry in entries:
                if (level is None or entry.level == level) and (self._is_ordinary(entry.code) or _is_special(parent)):
                    found.setdefault(pad(entry.code), entry)
        return Pool(found.values())

    def scope(self, level: str | None) -> Pool[Entry]:
        """Entries of the agency's bidang and of the supporting program; all bidang where the level is that high."""
        known, place = self._memory.scopes, (level, self._branches())
        if place not in known:
            _keep(known, place, self._scope(*place), MOST_SCOPES)
        return known[place]

    def _branches(self) -> frozenset[str]:
        return frozenset(("X.XX", *(self.agency_bidang or self.observed)))

    def _scope(self, level: str | None, branches: frozenset[str]) -> Pool[Entry]:
        found: dict[str, Entry] = {}
        for held in self._lists(self.pemda):
            by_branch = held.branches
            high = [e for e in by_branch.get("", ()) if level is None or e.level == level]
            wanted = sorted(branches, key=lambda b: (b != "X.XX", b))
            own = [e for b in wanted for e in by_branch.get(b, ()) if level is None or e.level == level]
            for entry in (*high, *own):
                if self._is_ordinary(entry.code):
                    found.setdefault(pad(entry.code), entry)
        return Pool(found.values())

    def _is_ordinary(self, code: str) -> bool:
        return self._special or not _is_special(code)


def _keep(known: dict[K, V], place: K, found: V, most: int) -> None:
    if len(known) >= most:
        known.clear()
    known[place] = found


def depth(level: str | None) -> int:
    """0 for urusan ... 4 for sub_kegiatan; far below zero for other levels."""
    return lists.LEVELS.index(level) if level in lists.LEVELS else -9


def _is_special(code: str) -> bool:
    """Whether a kegiatan or sub kegiatan is one of special autonomy."""
    parts = code.split(".")
    return len(parts) >= 5 and parts[3] not in ("1", "2")
