"""What a document is, from its cover and headings: kind, edition, year, region, agency, date of issue.

Every field is a vote of title lines, weighted by size, page and place; running prose counts little, the file name
least, and the PDF's own dates never. `DocumentFacts.evidence` keeps the line that decided each field. The words are
data (`forms/documents.toml`).
"""

from __future__ import annotations

import math
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from statistics import median
from typing import Any, Protocol

from normalizers import regions
from normalizers.agencies import Agency, agency, names_in
from normalizers.asking import asks
from normalizers.dates import issued_on
from normalizers.form_heads import labels
from normalizers.lookalikes import fold_words
from normalizers.regions import Region

FORMS = Path(__file__).parent / "forms"
FIRST_PAGES = 12
_YEAR = r"((?:19|20)\d\d)"
_NO_TITLE = re.compile(r"\s*(?:(?:jl|jalan|telp|hal|halaman)\b|.*:\s*\d)", re.IGNORECASE)


class LineLike(Protocol):
    """A line of text: 1-based page, its text, its font size in points (0 where unknown)."""

    @property
    def page(self) -> int: ...
    @property
    def text(self) -> str: ...
    @property
    def size(self) -> float: ...


@dataclass(slots=True)
class DocumentFacts:
    """Fields as in the contract's `documents` view; None (doc_type: `other`) where the document does not say."""

    title: str | None = None
    doc_type: str = "other"
    edition: str | None = None
    fiscal_year: int | None = None
    region_code: str | None = None
    region: str | None = None
    agency: str | None = None
    agency_key: str | None = None
    agency_bidang: list[str] = field(default_factory=list)
    issued_on: str | None = None
    evidence: dict[str, str] = field(default_factory=dict)

    @property
    def pemda(self) -> str:
        """Which nomenclature lists hold: provinsi or kabkota."""
        return "provinsi" if self.region_code and "." not in self.region_code else "kabkota"


@dataclass(frozen=True, slots=True)
class Block:
    """Neighbouring lines of one size, joined: a title broken over lines. `weight` says how title-like it is."""

    page: int
    text: str
    size: float
    weight: float
    place: int  # how many blocks stand before it on its page


@cache
def _words() -> dict[str, Any]:
    with open(FORMS / "documents.toml", "rb") as handle:
        return tomllib.load(handle)


@cache
def _patterns(section: str, name: str) -> tuple[re.Pattern[str], ...]:
    entries = _words()[section]
    if not isinstance(entries, dict):
        entries = {kind["doc_type"]: kind["patterns"] for kind in entries}
    return tuple(re.compile(p, re.IGNORECASE) for p in entries[name])


def describe(
    lines: Sequence[LineLike], captions: Sequence[str], metadata: Mapping[str, str], filename: str
) -> DocumentFacts:
    """What the document is. `lines` are its text lines in reading order (the first pages are enough), `captions`
    those of its tables, `metadata` the PDF's (only its title is looked at), `filename` its name (a weak hint).
    """
    wanted = [line for line in lines if line.page <= FIRST_PAGES and len(line.text.strip()) > 1]
    blocks = _blocks(wanted)
    facts = DocumentFacts()
    facts.title = _title(blocks)
    _set_kind(facts, blocks, captions, metadata, filename)
    _set_year(facts, blocks, filename)
    region = _set_region(facts, blocks, filename)
    _set_agency(facts, blocks, region)
    date = issued_on((fold_words(line.text) for line in lines), facts.fiscal_year)
    if date is not None:
        facts.issued_on, facts.evidence["issued_on"] = date
    return facts


_BARE_YEARS = re.compile(r"(?:19|20)\d\d(?:\s*[-–/]\s*(?:19|20)\d\d)?")

# --- title lines ----------------------------------------------------------------------------------------------------


def _blocks(lines: Sequence[LineLike]) -> list[Block]:
    """Lines of one page, one size and one manner (capitals or not) joined; prose paragraphs come out as long blocks."""
    body = median([line.size for line in lines if line.size] or [10.0])
    groups: list[list[LineLike]] = []
    for line in lines:
        last = groups[-1] if groups else None
        if last and last[-1].page == line.page and _belongs(last, line):
            last.append(line)
        else:
            groups.append([line])
    blocks: list[Block] = []
    places: dict[int, int] = defaultdict(int)
    for group in groups:
        text = fold_words(" ".join(" ".join(line.text.split()) for line in group))
        page, size = group[0].page, max(line.size for line in group)
        blocks.append(Block(page, text, size, _weight(page, places[page], text, size, body), places[page]))
        places[page] += 1
    return blocks


def _belongs(group: Sequence[LineLike], line: LineLike) -> bool:
    before = group[-1]
    if _BARE_YEARS.fullmatch(line.text.strip()) and re.search(r"\btahun\s*$", before.text, re.IGNORECASE):
        return abs(before.size - line.size) <= 0.6  # `RENCANA STRATEGIS ... TAHUN` / `2025-2029`
    if abs(before.size - line.size) > 0.6 or re.search(r"[:.]\s*\S*$", before.text) or ":" in line.text:
        return False
    return (
        fold_words(before.text).isupper() == fold_words(line.text).isupper() and sum(len(x.text) for x in group) < 400
    )


def _weight(page: int, place: int, text: str, size: float, body: float) -> float:
    """A line's say: the cover most, large type more, running prose and far pages little."""
    by_page = 8.0 if page == 1 else 2.0 if page == 2 else 1.0 if page <= 4 else 0.4
    by_size = math.pow(max(0.5, (size or body) / (body or 1.0)), 1.5)
    prose = 0.15 if len(text) > 160 and not text.isupper() else 1.0
    return by_page * by_size * prose * max(0.4, 1.0 - 0.06 * place)


def _title(blocks: Sequence[Block]) -> str | None:
    first = [b for b in blocks if b.page == 1 and re.search(r"[A-Za-z]{4}", b.text) and len(b.text) <= 200]
    if not first:
        return None
    largest = max(b.size for b in first)
    picked = [b for b in first[:8] if b.size >= 0.65 * largest and not _NO_TITLE.match(b.text)]
    return " ".join(b.text for b in picked)[:300] or None


@asks
def _is_ignored(text: str) -> bool:
    return any(re.search(p, text, re.IGNORECASE) for p in _words()["ignore"]["lines"])


# --- kind and edition -----------------------------------------------------------------------------------------------


def _set_kind(
    facts: DocumentFacts,
    blocks: Sequence[Block],
    captions: Sequence[str],
    metadata: Mapping[str, str],
    filename: str,
) -> None:
    votes: dict[str, float] = defaultdict(float)
    best: dict[str, tuple[float, Block]] = {}
    for block in blocks:
        if _is_ignored(block.text):
            continue
        for kind, strength in _kinds_in(block.text):
            vote = block.weight * strength
            votes[kind] += vote
            if vote > best.get(kind, (0.0, block))[0]:
                best[kind] = (vote, block)
    name = re.sub(r"[-_.]+", " ", Path(filename).stem)
    for kind, strength in (*_kinds_in(name), *_kinds_in(metadata.get("Title", "") or metadata.get("title", ""))):
        votes[kind] += 0.8 * strength
    for kind, hits in _kinds_of_captions(tuple(captions)):
        votes[kind] += 0.5 * min(hits, 4)
    if not votes:
        return
    facts.doc_type = max(votes, key=lambda k: votes[k])
    if facts.doc_type in best:
        block = best[facts.doc_type][1]
        facts.evidence["doc_type"] = block.text
        facts.edition = _edition(facts.doc_type, block, blocks)
        if facts.edition:
            facts.evidence["edition"] = block.text


@asks
def _kinds_of_captions(captions: tuple[str, ...]) -> list[tuple[str, int]]:
    """(kind, how many captions tell it) of each kind that one of the captions tells."""
    hits = {
        kind: sum(any(p.search(c) for p in _patterns("captions", kind)) for c in captions)
        for kind in _words()["captions"]
    }
    return [(kind, count) for kind, count in hits.items() if count]


@asks
def _kinds_in(text: str) -> list[tuple[str, float]]:
    """(kind, strength) of each kind that a text names; named at its beginning it counts most."""
    found: list[tuple[str, float]] = []
    for kind in (k["doc_type"] for k in _words()["kind"]):
        starts = [m.start() for p in _patterns("kind", kind) if (m := p.search(text))]
        if starts:
            found.append((kind, 1.5 if min(starts) <= 12 else 1.0 if min(starts) <= 80 else 0.6))
    return found


def _edition(kind: str, naming: Block, blocks: Sequence[Block]) -> str | None:
    """Only what the naming title itself says, or a title line of the same page that speaks of the same kind."""
    titles = [naming]
    if naming.page == 1:
        titles += [
            b
            for b in blocks
            if b.page == 1 and b.size >= naming.size - 0.6 and len(b.text) <= 160 and not _is_ignored(b.text)
        ]
    for edition in _editions():
        for block in titles:
            if block is not naming and not any(k == kind for k, _ in _kinds_in(block.text)):
                words = block.text.split()
                if len(words) > 4:
                    continue
            if len(block.text) <= 240 and _says("edition", edition, block.text):
                return edition
    return None


@asks
def _editions() -> tuple[str, ...]:
    return tuple(map(str, _words()["edition"]))


@asks
def _says(section: str, name: str, text: str) -> bool:
    """Whether a pattern of that name in a section of the forms fits a text."""
    return any(p.search(text) for p in _patterns(section, name))


# --- year -----------------------------------------------------------------------------------------------------------

_YEAR_FORMS: tuple[tuple[re.Pattern[str], float], ...] = (
    (re.compile(rf"(?:tahun anggaran|t\.?\s?a\.?)\s*:?\s*{_YEAR}", re.IGNORECASE), 2.5),
    (re.compile(rf"(?:berakhir|per|s\.?\s?/?d\.?|sampai dengan)\b[\w .]*?(?:\d\d?\s+)?desember\s+{_YEAR}", re.I), 2.5),
    (
        re.compile(
            rf"(?<!nomor )(?:tahun|periode)\s*:?\s*{_YEAR}\s*(?:[-–/]|s\.?d\.?|sampai(?: dengan)?)\s*{_YEAR}", re.I
        ),
        2.5,
    ),
    (re.compile(rf"\btahun\s*:?\s*{_YEAR}", re.IGNORECASE), 1.5),
    (re.compile(rf"(?:dalam angka|in figures)\D{{0,12}}{_YEAR}", re.IGNORECASE), 2.5),
    (re.compile(rf"^\W*{_YEAR}\W*$"), 1.2),
    (re.compile(rf"\b{_YEAR}\b"), 0.3),
)
_CAPTION = re.compile(r"(?:tabel|grafik|gambar|diagram)\s*[\dIVX]", re.IGNORECASE)
_TABLE_NUMBER = re.compile(r"(?:tabel|grafik|gambar|diagram)\s*[\w.-]*\d[\w.-]*", re.IGNORECASE)
_OF_A_CAPTION = 0.3  # the say of a caption, which may look back: `Perkembangan ... Tahun 2019-2023`
_LAW_YEAR = re.compile(rf"\b(?:nomor|no\.?)\s*:?\s*[\w./-]+\s*tahun\s*{_YEAR}", re.IGNORECASE)


def _set_year(facts: DocumentFacts, blocks: Sequence[Block], filename: str) -> None:
    votes: dict[int, float] = defaultdict(float)
    for block, before in zip(blocks, (None, *blocks), strict=False):
        below = before is not None and before.page == block.page and _TABLE_NUMBER.fullmatch(before.text) is not None
        share = _OF_A_CAPTION if below or _CAPTION.match(block.text) else 1.0
        text = _LAW_YEAR.sub(" ", block.text)
        for pattern, strength in _YEAR_FORMS if facts.doc_type != "other" else _YEAR_FORMS[:-1]:
            if found := pattern.search(text):
                near = 1.5 if any(kind == facts.doc_type for kind, _ in _kinds_in(text)) else 1.0
                votes[int(found.group(1))] += block.weight * strength * near * share
                break
    for year in re.findall(rf"(?<!\d){_YEAR}(?!\d)", filename):
        votes[int(year)] += 0.5
    if votes:
        facts.fiscal_year = max(votes, key=lambda y: votes[y])


# --- region and agency ----------------------------------------------------------------------------------------------


def _set_region(facts: DocumentFacts, blocks: Sequence[Block], filename: str) -> Region | None:
    if any(b.page <= 2 and _says("national", "patterns", b.text) for b in blocks):
        return None
    weighted: list[tuple[Region, float]] = []
    for block in blocks:
        for mention in regions.mentions(block.text):
            weighted.append((mention.region, block.weight * (2.0 if mention.government else 1.0)))
    chosen = regions.choose(weighted)
    if chosen is None:
        bare = [(m.region, b.weight) for b in blocks for m in regions.bare_mentions(b.text) if b.page <= 2]
        name = re.sub(r"[-_.\d]+", " ", Path(filename).stem).title()
        chosen = regions.choose(bare) or regions.choose((m.region, 1.0) for m in regions.mentions(name))
        chosen = chosen or regions.choose((m.region, 1.0) for m in regions.bare_mentions(name))
    if chosen is not None:
        facts.region_code, facts.region = chosen.code, chosen.name
    return chosen


def _set_agency(facts: DocumentFacts, blocks: Sequence[Block], region: Region | None) -> None:
    """The agency named on the cover or in the head of the form; none where the document holds many (LRA, APBD,
    RKPD).
    """
    if facts.doc_type == "statistik":
        return
    labelled = [found for block in blocks if (found := _labelled_agency(block.text))]
    if len({a.key for a in labelled}) > 1:
        return
    votes: dict[str, float] = defaultdict(float)
    names: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for found in labelled:
        votes[found.key] += 20.0
        names[found.key][found.name] += 20.0
    reviewed = {b.page for b in blocks if _says("reviewed", "patterns", b.text)}
    for block in blocks:
        if (
            block.page in reviewed
            or block.page > 4
            or (block.page > 1 and facts.doc_type in ("rkpd", "apbd", "neraca", "rpjmd", "lkpj"))
        ):
            continue
        for found, weight in _agencies_in(block, region):
            votes[found.key] += weight
            names[found.key][found.name] += weight
    if not votes:
        return
    key = max(votes, key=lambda k: votes[k])
    if votes[key] < 1.0 or (region is None and not labelled and facts.doc_type == "other"):
        return
    name = max(names[key], key=lambda n: (names[key][n], len(n)))
    chosen = agency(name)
    if chosen is not None:
        facts.agency, facts.agency_key, facts.agency_bidang = chosen.name, chosen.key, list(chosen.bidang)
        if labelled:
            facts.evidence["agency"] = labelled[0].name


@asks
def _labelled_agency(text: str) -> Agency | None:
    announced = "|".join(labels("agency"))
    found = re.match(rf"(?i)^\s*(?:{announced})\s*:\s*(?:[\d. ]+-?\s*)?(.+)$", text)
    if found is None:
        return None
    name = next((name for _, name in names_in(found.group(1))), None)
    return agency(name) if name else None


def _agencies_in(block: Block, region: Region | None) -> Iterable[tuple[Agency, float]]:
    """Agencies named in a block; beyond the cover only beside a region's name, or as the one that signs."""
    for start, name in names_in(block.text):
        found = agency(name)
        if found is None:
            continue
        after = block.text[start + len(name) : start + len(name) + 60]
        if re.match(r"\W*(?:kementerian|republik)", after, re.IGNORECASE):
            continue  # a ministry's body
        beside = any(m.start <= 12 and m.region == region for m in regions.mentions(after))
        signs = re.search(r"(?i)kepala\s*$", block.text[:start]) is not None
        if block.page == 1 and len(block.text) <= 200:
            yield found, block.weight * (1.5 if beside else 1.0)
        elif beside:
            yield found, block.weight
        elif signs:
            yield found, 0.5 * block.weight
