"""Reports with bytes changed, dropped, doubled or moved: is a wrong number ever published as verified?

    python benchmarks/mutations.py SAMPLES OUT --first 0 --last 2000

What is right after a mutation is known from the report as it was: each verified (or repaired) fact of the changed file
is set beside the facts that the whole file gives at the same place. Where they differ, the cell is drawn from both files.

    same       the same value with the same meaning at the same place
    report     so says the whole report there, from which the piece was cut: the piece alone leaves the number out
    printed    another value or another place, and the changed file draws another picture there: it prints something else
    moved      the same value at the same place of another page: a page before it was lost
    elsewhere  the same value with another meaning (role, year, unit, code), or in a cell that was merged with its
               neighbour, and the file does not look the same everywhere: a header, a cover or a rule has gone
    wrong      anything else: a failure

The reports are cut into pieces of six pages, to be quick and to be hit more often. Every second file is unpacked before
its bytes are changed (all its streams are plain), so that changes meet text, fonts and lines instead of compressed data.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks import hostile  # noqa: E402
from pipeline import harvests  # noqa: E402
from pipeline.catalogue import Known  # noqa: E402
from pipeline.crowd import Limits  # noqa: E402
from pipeline.ingest import Settings, Watch, ingest  # noqa: E402
from pipeline.store import harvests_root  # noqa: E402

BATCH = 100  # files that stand on the disk at once
MEANING = ("role", "quantity", "year", "period", "unit", "code")
VALUE = ("value", "value_text")
PROVED = ("verified", "repaired")
SCALE = 3  # pixels a point
PAGES = 6  # of a piece
FEWEST = 10  # proved facts of a piece
Facts = list[dict[str, Any]]


@dataclass
class Tally:
    """`counts` of verified facts by class, `statuses` of documents, and what has to be looked at."""

    documents: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    printed: list[str] = field(default_factory=list)


def run(samples: Sequence[Path], folder: Path, first: int, last: int, workers: int = 1) -> Tally:
    """Change, read and judge files number `first` to `last` - 1. The files that fail are kept in `folder`/kept."""
    folder.mkdir(parents=True, exist_ok=True)
    tally, truth = Tally(), _pristine(list(_bases(samples, folder)), folder)
    bases, reports = list(truth), _reports(samples, folder)
    for start in range(first, last, BATCH):
        made = {}
        for n in range(start, min(start + BATCH, last)):
            base = bases[n % len(bases)]
            path = folder / "in" / f"{n}-{base.name}"
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(hostile.mutated(base.read_bytes(), n))
            made[path.name] = (path, base)
        _judge_batch(made, truth, folder, tally, workers, reports)
        print(f"{start + len(made)}: {dict(tally.counts)}, {len(tally.wrong)} wrong", file=sys.stderr, flush=True)
        for path, _ in made.values():
            path.unlink()
    return tally


def _bases(samples: Sequence[Path], folder: Path) -> Iterator[Path]:
    """Pieces of the reports, packed and unpacked."""
    import pikepdf

    how: dict[str, Any] = {"deterministic_id": True, "object_stream_mode": pikepdf.ObjectStreamMode.disable}
    for sample in samples:
        with pikepdf.open(sample) as whole:
            for start in range(0, len(whole.pages), PAGES):
                piece = pikepdf.new()
                piece.pages.extend(whole.pages[start : start + PAGES])
                name = f"{sample.stem}-{start + 1}.pdf"
                piece.save(folder / name, compress_streams=True, recompress_flate=True, **how)
                yield folder / name
                plain = folder / f"plain-{name}"
                decode = pikepdf.StreamDecodeLevel.generalized
                piece.save(plain, stream_decode_level=decode, compress_streams=False, **how)
                yield plain


def _pristine(bases: Sequence[Path], folder: Path) -> dict[Path, Facts]:
    """What the pieces say as they are; those that prove next to nothing are left out."""
    from pipeline.catalogue import Catalogue

    settings = Settings(folder / "pristine", workers=1, publish=False)
    ingest([str(base) for base in bases], settings)
    catalogue = Catalogue(settings.store)
    known = {document.name: document for document in catalogue.documents()}
    catalogue.close()
    found = {base: _facts(known[base.name], settings.store) for base in bases if base.name in known}
    return {base: facts for base, facts in found.items() if sum(f["status"] in PROVED for f in facts) >= FEWEST}


def _reports(samples: Sequence[Path], folder: Path) -> dict[str, Facts]:
    """What the whole reports say on the pages of each piece, by its file name."""
    found: dict[str, Facts] = defaultdict(list)
    for sample, facts in _pristine(samples, folder).items():
        for fact in facts:
            start, page = divmod(fact["page"] - 1, PAGES)
            for how in ("", "plain-"):
                found[f"{how}{sample.stem}-{start * PAGES + 1}.pdf"].append(fact | {"page": page + 1})
    return found


def _facts(known: Known, store: Path) -> Facts:
    import pyarrow.parquet as pq

    if known.meaning is None:
        return []
    folder = harvests.meaning_folder(harvests_root(store), known.document_id, known.meaning)
    return pq.read_table(folder / "facts.parquet").to_pylist()  # type: ignore[no-any-return]


def _judge_batch(
    made: dict[str, tuple[Path, Path]], truth: dict[Path, Facts], folder: Path, tally: Tally, workers: int,
    reports: dict[str, Facts],
) -> None:  # fmt: skip
    store = folder / "store"

    class Judge(Watch):
        def step(self, document: Known) -> None:
            tally.documents += 1
            tally.statuses[document.status] += 1
            path, base = made[document.name]
            _judge(path, base, _facts(document, store), truth[base], tally, reports[base.name])

    settings = Settings(store, workers=workers, publish=False, limits=Limits(seconds=60))
    ingest([str(path) for path, _ in made.values()], settings, None, Judge())


def _judge(path: Path, base: Path, said: Facts, truth: Facts, tally: Tally, report: Facts) -> None:
    pages, whole = _by_page(truth), _by_page(report)
    odd = []
    proved = [fact for fact in said if fact["status"] in PROVED and fact["value_text"] != "-"]  # a dash is no value
    for fact in proved:
        kind = judged(fact, pages[fact["page"]])
        if kind == "same":
            tally.counts[kind] += 1
        elif judged(fact, whole[fact["page"]]) == "same":
            tally.counts["report"] += 1
        else:
            odd.append((fact, kind))
    lost = {fact["page"] for fact, kind in odd if kind in ("place", "value")}
    moved = {page: _other_page(page, [f for f in proved if f["page"] == page], pages) for page in lost}
    before, odd = odd, []
    for fact, kind in before:
        other = moved.get(fact["page"])
        if kind != "meaning" and other and judged(fact, pages[other]) in ("same", "meaning"):
            tally.counts["moved"] += 1
        else:
            odd.append((fact, kind))
    told: dict[tuple[str, str], list[str]] = defaultdict(list)
    for (fact, kind), (cell, anywhere) in zip(odd, _pictures(path, base, [f for f, _ in odd]), strict=True):
        there = [f for f in pages[fact["page"]] if _meet(f["bbox"], fact["bbox"])]
        merged = any("".join(f["raw"].split()) in "".join(fact["raw"].split()) for f in there)
        gone = anywhere and (kind == "meaning" or merged)
        verdict = "printed" if cell and kind != "meaning" else "elsewhere" if gone else "wrong"
        tally.counts[verdict] += 1
        before = "; ".join(map(_line, there)) or "nothing there"
        told[verdict, kind].append(f"page {fact['page']}: {_line(fact)}; the whole file: {before}")
    lists = {"wrong": tally.wrong, "elsewhere": tally.elsewhere, "printed": tally.printed}
    for (verdict, kind), texts in told.items():
        lists[verdict].append(f"{path.name}: {len(texts)} {kind}: {texts[0]}")
        kept = path.parent.parent / "kept"
        kept.mkdir(exist_ok=True)
        (kept / path.name).write_bytes(path.read_bytes())


def _by_page(facts: Facts) -> dict[int, Facts]:
    pages: dict[int, Facts] = defaultdict(list)
    for fact in facts:
        pages[fact["page"]].append(fact)
    return pages


def _other_page(page: int, proved: Facts, pages: dict[int, Facts]) -> int | None:
    """The page of the whole file that this page of the changed one was, where nearly all its proved facts stand there."""

    def alike(there: Facts) -> int:
        return sum(judged(fact, there) in ("same", "meaning") for fact in proved)

    best = max(pages, key=lambda number: alike(pages[number]), default=page)
    return best if best != page and proved and alike(pages[best]) >= 0.9 * len(proved) else None


def judged(fact: dict[str, Any], there: Facts) -> str:
    """same, meaning (the same value means something else), value (another one), or place (no fact stood there)."""
    met = [f for f in there if _meet(f["bbox"], fact["bbox"])]
    if not met:
        return "place"
    equal = [f for f in met if all(f[name] == fact[name] for name in VALUE)]
    if not equal:
        return "value"
    return "same" if any(_means_the_same(f, fact) for f in equal) else "meaning"


def _means_the_same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """A code whose bidang urusan stays open (`X.XX.01`, because the cover no longer names the agency) is no other code."""
    codes = {one["code"], other["code"]}
    if len(codes) == 2 and None not in codes:
        codes = {
            re.sub(r"^(X|\d)\.(XX|\d\d)(?=\.01\b)", "X.XX", code) for code in codes if "X.XX" in "".join(codes)
        } or codes
    return len(codes) == 1 and all(one[name] == other[name] for name in MEANING if name != "code")


def _meet(one: Sequence[float], other: Sequence[float]) -> bool:
    """True where the middle of one box lies in the other: merged or split cells meet, neighbours do not."""

    def inside(a: Sequence[float], b: Sequence[float]) -> bool:
        x, y = (a[0] + a[2]) / 2, (a[1] + a[3]) / 2
        return b[0] <= x <= b[2] and b[1] <= y <= b[3]

    return inside(one, other) or inside(other, one)


def _line(fact: dict[str, Any]) -> str:
    return f"{fact['raw']!r} = {fact['value'] or fact['value_text']} " + " ".join(str(fact[n]) for n in MEANING)


# -- pictures --------------------------------------------------------------------------


def _pictures(path: Path, base: Path, facts: Facts) -> list[tuple[bool, bool]]:
    """For each fact: does its cell look otherwise in the changed file, does any page? Drawn in another process."""
    if not facts:
        return []
    wish = json.dumps([[f["page"], *f["bbox"]] for f in facts])
    command = [sys.executable, __file__, "--pictures", str(path), str(base)]
    drawn = subprocess.run(command, input=wish, capture_output=True, text=True, timeout=600)
    if drawn.returncode != 0:  # the drawing program fails at the changed file: it does not look the same
        return [(True, True)] * len(facts)
    return [(bool(cell), bool(anywhere)) for cell, anywhere in json.loads(drawn.stdout)]


def compare_pictures(path: Path, base: Path, boxes: list[list[float]]) -> list[tuple[bool, bool]]:
    """Whether pixels differ in each box (page, x0, top, x1, bottom; points) and anywhere in the files."""
    import numpy as np
    import pypdfium2 as pdfium

    files = [pdfium.PdfDocument(file) for file in (path, base)]
    changed: list[Any] = []  # by page: which pixels; None where not even the sizes agree
    for number in range(min(map(len, files))):
        drawn = [np.asarray(file[number].render(scale=SCALE, grayscale=True).to_pil(), int) for file in files]
        changed.append(abs(drawn[0] - drawn[1]) > 40 if drawn[0].shape == drawn[1].shape else None)
    anywhere = len(files[0]) != len(files[1]) or any(pixels is None or pixels.any() for pixels in changed)
    out = []
    for page, x0, top, x1, bottom in boxes:
        here = changed[int(page) - 1] if page <= len(changed) else None
        rows, columns = slice(int(top * SCALE), int(bottom * SCALE) + 1), slice(int(x0 * SCALE), int(x1 * SCALE) + 1)
        out.append((here is None or bool(here[rows, columns].any()), bool(anywhere)))
    return out


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("samples", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--last", type=int, default=2000)
    given = parser.parse_args()
    tally = run(sorted(given.samples.glob("*.pdf")), given.out, given.first, given.last)
    print(json.dumps({"documents": tally.documents, "counts": tally.counts, "statuses": tally.statuses}))
    for text in [*tally.wrong, "printed:", *tally.printed, "elsewhere:", *tally.elsewhere]:
        print(text)
    return 1 if tally.wrong else 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--pictures"]:
        print(json.dumps(compare_pictures(Path(sys.argv[2]), Path(sys.argv[3]), json.load(sys.stdin))))
    else:
        sys.exit(main())
