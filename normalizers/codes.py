"""Printed code, printed name and place in the table -> the canonical code, how it was found, and what does not fit.

`CodeResolver.resolve` is called once a row, in the order of the table. The printed code decides while its name
agrees; a name that is exactly another entry's below the same parent decides against a wrong code; destroyed and
missing codes are found by name under the known parent. Whatever does not fit comes out as a `finding`, never
silently.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from normalizers import nomenclature as lists
from normalizers.lookup import Lookup, depth
from normalizers.names import (
    Pool,
    accept_anywhere,
    accept_under_parent,
    best_match,
    exact_matches,
    name_key,
    same_name,
)
from normalizers.nomenclature import Entry, generic_of, level_of, pad, parent_of
from normalizers.spellings import ParsedCode, edits_between, parse_code, split_code

__all__ = ["CodeResolver", "CodeVerdict", "ParsedCode", "parse_code", "split_code"]

# Levels of rows that bear a code of their own; rows of other levels get one only when it is printed.
CODED_LEVELS = frozenset(lists.LEVELS)


@dataclass(frozen=True, slots=True)
class CodeVerdict:
    """What a row's code is. Fields as in the contract (`code_how` is `how`); `confidence` 0..1 is how sure the code is.

    `finding` is one plain sentence where code, name and parent do not fit together; None where they do.
    """

    code: str | None
    code_generic: str | None
    code_comparable: str | None
    how: str
    level: str | None
    official_name: str | None
    nomenclature: str | None
    confidence: float
    finding: str | None = None
    account: str | None = None


NOTHING = CodeVerdict(None, None, None, "none", None, None, None, 0.0)


@dataclass(frozen=True, slots=True)
class _Indicator:
    """A sub kegiatan named by its indicator."""

    name: str
    entry: Entry


class CodeResolver:
    """Resolves the codes of one document.

    `nomenclature` is the label that the document follows (`nomenclature.infer`), `agency_bidang` the bidang urusan of
    its agency (`["5.03", "5.04"]`; the first one stands for `X.XX`), `pemda` is kabkota or provinsi.
    Kegiatan of special autonomy (digits 3 to 8) bear the names of ordinary ones: they are found by name only where
    `region_code` lies in Aceh, DI Yogyakarta or Papua.
    """

    def __init__(
        self,
        nomenclature: str | None,
        agency_bidang: Sequence[str] = (),
        pemda: str = "kabkota",
        region_code: str | None = None,
    ) -> None:
        self.nomenclature = nomenclature
        self.lookup = Lookup(nomenclature, agency_bidang, pemda, region_code)
        self.agency_bidang = list(agency_bidang)
        self.pemda = pemda
        self._known: tuple[Pool[Entry], Pool[_Indicator]] = (Pool(), Pool())
        self.start_table()

    def serve(self, agency_bidang: Sequence[str]) -> None:
        """The rows to come are about an agency that serves these bidang urusan (documents of many agencies)."""
        self.agency_bidang = list(agency_bidang)
        self.lookup.serve(agency_bidang)

    def start_table(self) -> None:
        """Forget which codes were printed: one code for two names is looked for within one table."""
        self._printed: dict[str, str] = {}  # code as printed -> the name it was first printed for
        self._own: set[tuple[str, str]] = set()  # codes printed with their own official names
        self._rows: dict[tuple[str, str], CodeVerdict] = {}

    def resolve(
        self, code_raw: str | None, name: str | None, parent: str | None = None, level: str | None = None
    ) -> CodeVerdict:
        """The verdict on one row. `parent` is the canonical code of the row above in the hierarchy, where known.

        `level` is the row's level where the form tells it; rows of levels without codes (indikator, sasaran, total ...)
        get a code only from a printed one. A row that repeats an earlier row's code and name (its belanja lines) gets
        the same verdict; the finding is told once.
        """
        row = (code_raw or "", name or "")
        if code_raw and row in self._rows:
            return replace(self._rows[row], finding=None)
        verdict = self._resolve(code_raw, name, parent, level)
        if code_raw and verdict.how in ("printed", "repaired"):
            self._rows[row] = verdict
        return verdict

    def _resolve(self, code_raw: str | None, name: str | None, parent: str | None, level: str | None) -> CodeVerdict:
        name = name.strip() if name and name.strip() else None
        parsed = parse_code(code_raw, self.pemda, self.nomenclature)
        short = parsed is not None and parsed.era == lists.PERMENDAGRI_13 and level == "program"
        if parsed is not None and parsed.kind == "agency" and not (short and parsed.code):
            return replace(NOTHING, level="perangkat_daerah")
        if parsed is not None and parsed.era == lists.PERMENDAGRI_13:
            own = (
                "program" if parsed.kind == "agency" else parsed.level
            )  # `1.07.15` is a unit or a program: the name tells
            above = parsed.code.rpartition(".")[0] if parsed.code else ""
            if own is None and parent and above in (parent, parent.rpartition(".")[0]):
                own = "kegiatan"  # `1.07.15.04` below the program `1.07.15`, or beside another kegiatan of it
            return CodeVerdict(parsed.code, None, None, "printed", own, None, parsed.era, 0.95, None, parsed.account)
        if parsed is not None and parsed.code is not None:
            relative = self._relative(code_raw, parsed, name, parent)
            verdict = self._printed_code(relative or parsed, name, parent, level)
            if verdict is not None:
                return verdict
        return self._from_name(code_raw, parsed, name, parent, level)

    def resolve_indicator(self, indicator: str, parent: str | None = None) -> CodeVerdict:
        """The sub kegiatan whose official indicator a row prints instead of its name; `how` is matched."""
        found = self._indicators()
        if parent is not None:
            below = [i for i in found if self.lookup.is_below(i.entry.code, parent)]
            match = best_match(indicator, below)
            if match is not None and accept_under_parent(match):
                return self._matched(match.entry.entry, match.score, match.exact)
        match = best_match(indicator, found)
        if match is None or not accept_anywhere(match):
            return NOTHING
        return self._matched(match.entry.entry, match.score, match.exact)

    def _indicators(self) -> Pool[_Indicator]:
        scope = self.lookup.scope("sub_kegiatan")
        if self._known[0] is not scope:
            self._known = scope, Pool(_Indicator(e.indicator, e) for e in scope if e.indicator)
        return self._known[1]

    # --- a printed code ---

    def _printed_code(
        self, parsed: ParsedCode, name: str | None, parent: str | None, level: str | None
    ) -> CodeVerdict | None:
        """None when the text is only a running number (`1`, `2.3`) whose name is not that of the code."""
        parsed = self._choose_restoration(parsed, name)
        assert parsed.code is not None
        code = self._canonical(self._place(parsed.code, parent), parsed, name)
        entry = self.lookup.entry(code)
        self._observe(code)
        how = "repaired" if parsed.repaired else "printed"
        agrees = entry is not None and name is not None and self._bears(entry, name)
        high = ("urusan", "bidang_urusan")
        if level_of(code) in high and name and not (agrees or parsed.generic) and (level not in high or entry is None):
            return None
        if name is None or agrees:
            confidence = 0.99 if agrees else 0.95 if entry else 0.7
            finding = self._wrong_parent(code, parent) or self._twice(code, name)
            self._remember(code, name)
            if agrees and name is not None:
                self._own.add((code, name_key(name)))
            return self._verdict(code, parsed, how, entry, confidence, finding, name)
        return self._disagreement(code, parsed, how, entry, name, parent)

    def _bears(self, entry: Entry, name: str) -> bool:
        """Whether a name is the entry's, slips aside, and not exactly that of a sibling (`DPA` and `Perubahan DPA`)."""
        if name_key(name) == name_key(entry.name):
            return True
        above = parent_of(entry.code)
        siblings = self.lookup.below(above, entry.level) if above else []
        return same_name(name, entry.name) and not exact_matches(name, siblings)

    def _disagreement(
        self, code: str, parsed: ParsedCode, how: str, entry: Entry | None, name: str, parent: str | None
    ) -> CodeVerdict:
        """Code and name do not fit: an exactly named sibling decides, unless the table has that one already."""
        other = self._named_sibling(code, name, parent)
        finding = (
            f"The code {code} is that of “{entry.name}”, but the printed name is “{name}”."
            if entry
            else f"The code {code} is in no list held for {self.nomenclature or 'this document'}."
        )
        finding = self._twice(code, name) or finding
        if self.lookup.is_empty:
            return self._verdict(code, parsed, how, None, 0.8, None, name)
        self._remember(code, name)
        if other is None or other.code == generic_of(code):
            return self._verdict(code, parsed, how, entry, 0.6 if entry else 0.5, finding, name)
        better = self._place(other.code, parent or code)
        if (better, name_key(name)) in self._own:
            finding += f" That name was already printed with its own code {better}; the printed code is kept."
            return self._verdict(code, parsed, how, entry, 0.5, finding, name)
        distance = edits_between(code, better)
        finding += f" Taken for {better}, which bears the name."
        return self._verdict(better, parsed, "repaired", other, 0.92 if distance <= 2 else 0.85, finding, name)

    def _named_sibling(self, code: str, name: str, parent: str | None) -> Entry | None:
        """The entry of the same level that bears the name, below the code's own parent, the known parent, or the
        branch.
        """
        level = level_of(code)
        if level is None:
            return None
        for above in dict.fromkeys((parent, parent_of(code))):
            if above is None:
                continue
            found = best_match(name, self.lookup.below(above, level))
            if found is not None and (found.exact or (found.score >= 92 and accept_under_parent(found))):
                return found.entry
        same = exact_matches(name, self.lookup.scope(level))
        return same[0] if len(same) == 1 else None

    def _choose_restoration(self, parsed: ParsedCode, name: str | None) -> ParsedCode:
        """Of the readings of a code with a lost digit, the one that bears the name; else the likeliest."""
        if not parsed.others or name is None:
            return parsed
        for code in (parsed.code, *parsed.others):
            entry = self.lookup.entry(self._canonical(code, parsed, name)) if code else None
            if entry is not None and same_name(name, entry.name):
                return replace(parsed, code=code, others=())
        return parsed

    def _relative(
        self, code_raw: str | None, parsed: ParsedCode, name: str | None, parent: str | None
    ) -> ParsedCode | None:
        """`02` or `2.01` printed below a known parent, where only the last parts are repeated; None where it is
        none.
        """
        if not parent or not code_raw or level_of(parsed.code or "") not in ("urusan", "bidang_urusan"):
            return None
        whole = parse_code(f"{parent}.{code_raw.strip().strip('.')}", self.pemda)
        if whole is None or whole.code is None or whole.repaired or whole.era or name is None:
            return None
        entry = self.lookup.entry(self._canonical(whole.code, whole, name))
        return whole if entry is not None and same_name(name, entry.name) else None

    def _canonical(self, code: str, parsed: ParsedCode, name: str | None) -> str:
        """Two digits to four where that keeps the meaning; as printed otherwise (90/2019, dropped codes)."""
        if level_of(code) != "sub_kegiatan" or parsed.sub_digits == 4:
            return code
        if self.nomenclature == lists.PERMENDAGRI_90:
            return code
        return pad(code) if lists.carry(code, self._two_digit_label(), self.pemda, name) else code

    def _two_digit_label(self) -> str:
        early = (lists.KEPMENDAGRI_3708, lists.PERMENDAGRI_90)
        return self.nomenclature if self.nomenclature in early and self.nomenclature else lists.KEPMENDAGRI_5889

    def _place(self, code: str, near: str | None) -> str:
        """`X.XX` -> the bidang of the parent where it is known, else the agency's first; stays where nothing says."""
        if not code.startswith("X.XX"):
            return code
        bidang = ".".join(near.split(".")[:2]) if near and not near.startswith("X") and "." in near else None
        if bidang is None or level_of(code) == "program":
            bidang = bidang if near and level_of(near) == "bidang_urusan" else None
            bidang = bidang or (self.agency_bidang[0] if self.agency_bidang else None)
        return f"{bidang}{code[4:]}" if bidang else code

    # --- no usable code ---

    def _from_name(
        self, code_raw: str | None, parsed: ParsedCode | None, name: str | None, parent: str | None, level: str | None
    ) -> CodeVerdict:
        lost = code_raw is not None and bool(code_raw.strip())
        if name is None or (level is not None and level not in CODED_LEVELS and not lost):
            return self._unreadable(code_raw, parsed) if lost else NOTHING
        wanted = level if level in CODED_LEVELS else None
        match = self.lookup.search(name, parent, wanted)
        if match is None:
            return self._unreadable(code_raw, parsed) if lost else NOTHING
        return self._matched(match.entry, match.score, match.exact, parent)

    def _unreadable(self, code_raw: str | None, parsed: ParsedCode | None) -> CodeVerdict:
        what = "was destroyed by a spreadsheet" if parsed is not None and parsed.kind == "destroyed" else "is no code"
        if parsed is not None and parsed.kind == "nomenclature":
            what = "does not fit its name"
        return replace(NOTHING, finding=f"The printed code “{code_raw}” {what}, and no entry bears the name.")

    def _matched(self, entry: Entry, score: float, exact: bool, parent: str | None = None) -> CodeVerdict:
        code = self._place(entry.code, parent)
        digits = len(code.split(".")[5]) if level_of(code) == "sub_kegiatan" else 0
        parsed = ParsedCode("nomenclature", code, level_of(code), sub_digits=digits)
        confidence = 0.97 if exact else round(0.95 * score / 100, 2)
        return self._verdict(code, parsed, "matched", entry, confidence, None, entry.name)

    # --- findings and the verdict ---

    def _observe(self, code: str) -> None:
        if level_of(code) not in (None, "urusan") and not code.startswith("X"):
            self.lookup.observed.setdefault(".".join(code.split(".")[:2]))

    def _remember(self, code: str, name: str | None) -> None:
        if name is not None:
            self._printed.setdefault(code, name_key(name))

    def _twice(self, code: str, name: str | None) -> str | None:
        earlier = self._printed.get(code)
        if name is None or earlier is None or earlier == name_key(name) or same_name(name, earlier, 90):
            return None
        return f"The code {code} was already printed for another name; here it stands for “{name}”."

    def _wrong_parent(self, code: str, parent: str | None) -> str | None:
        if parent is None or depth(level_of(code)) != depth(level_of(parent)) + 1:
            return None
        above = parent_of(code)
        if above is None or generic_of(above) == generic_of(parent):
            return None
        return f"The code {code} stands below {parent}, which is not its parent."

    def _verdict(
        self,
        code: str,
        parsed: ParsedCode,
        how: str,
        entry: Entry | None,
        confidence: float,
        finding: str | None,
        name: str | None,
    ) -> CodeVerdict:
        generic = self._generic(code, entry, name)
        label = self._label_of(parsed)
        official = entry.name if entry else None
        comparable = lists.comparable_of(generic)
        level = level_of(code)
        return CodeVerdict(code, generic, comparable, how, level, official, label, confidence, finding, parsed.account)

    def _generic(self, code: str, entry: Entry | None, name: str | None) -> str | None:
        digits = len(code.split(".")[-1]) if level_of(code) == "sub_kegiatan" else 0
        if digits == 4:
            return generic_of(code)
        label = self.nomenclature
        if digits == 2:
            label = self._two_digit_label()
        carried = lists.carry(code, label, self.pemda, entry.name if entry else name)
        dropped = (lists.KEPMENDAGRI_5889, lists.KEPMENDAGRI_3708, lists.PERMENDAGRI_90)
        if carried is None and digits == 0 and label not in dropped:
            return generic_of(code)
        return carried

    def _label_of(self, parsed: ParsedCode) -> str | None:
        """The document's list, but for rows printed in the other era's digits."""
        four = (lists.KEPMENDAGRI_1317, lists.KEPMENDAGRI_3406, lists.SIPD_2027)
        if parsed.sub_digits == 4 and self.nomenclature not in four:
            return lists.KEPMENDAGRI_1317
        if parsed.sub_digits == 2 and self.nomenclature in (*four, None):
            return lists.KEPMENDAGRI_5889
        return self.nomenclature
