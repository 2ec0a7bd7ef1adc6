"""Documents drawn in another way must give the same facts: `python -m benchmarks.metamorphic FOLDER [--changes a,b] [--page]`.

Every PDF of the folder is changed (rules dropped, broken or dashed, glyphs shuffled, pages scaled, turned, shifted, shaded,
framed, watermarked, saved anew by other programs), read again, and its facts are compared with those of the original:
page by page, rows as their values and roles. `strange` counts numbers on a page that the original's page does not hold:
cut, glued or taken from elsewhere; `silent` those of them that are verified, or unverified with a confidence of 0.9.
`bare` takes coloured areas away with the rules. With `--page` docs/benchmarks.md gets a section of what was run.
pdftocairo and Ghostscript are used where they are installed, as programs.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import shutil
import subprocess
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pikepdf

from benchmarks import repaint
from benchmarks.reglyph import Unknown, shuffle_glyphs
from benchmarks.results import markdown, write_section
from extractors.pages import open_pdf, read_page
from extractors.read import read_pdf
from extractors.ruled import find_grids
from extractors.tables import Box, Reading
from pipeline.facts import Fact, Harvest
from pipeline.meaning import mean

RESULTS = Path(__file__).parent / "results"
Row = tuple[int, tuple[tuple[str, str], ...]]  # page, (value, role) of its facts


class Inapplicable(Exception):
    """This change cannot be made to this document."""


def harvest(path: Path) -> Harvest:
    reading = read_pdf(path)
    return mean(reading, "0" * 64, path.name)


def keep_frame(path: Path) -> Callable[[int], repaint.Keep]:
    """Of the rules of every page only those at the outer sides of its tables."""
    frames: dict[int, list[Box]] = {}
    with open_pdf(path) as document:
        for number in range(1, len(document) + 1):
            content = read_page(document, number)
            if content.rotation:
                raise Inapplicable("turned pages")
            boxes = [grid.bbox for grid in find_grids(content).grids]
            frames[number] = [(a, content.height - d, c, content.height - b) for a, b, c, d in boxes]

    def on_page(number: int) -> repaint.Keep:
        def keep(level: bool, box: Box) -> bool:
            at, sides = ((box[1] + box[3]) / 2, (1, 3)) if level else ((box[0] + box[2]) / 2, (0, 2))
            return any(abs(at - frame[side]) < 3 for frame in frames[number] for side in sides)

        return keep

    return on_page


def keep_heads(path: Path, original: Harvest, columns: bool) -> Callable[[int], repaint.Keep]:
    """Only the frames of tables and the rules of their headers; with `columns` all rules between columns too."""
    feet: dict[int, list[Box]] = defaultdict(list)
    frames: dict[int, list[Box]] = {}
    for number, table in enumerate(original.tables):
        read = original.reading.tables[number if table.table_no is None else table.table_no]
        for page in read.pages:
            heads = [c for c in read.cells if c.page == page and c.row - table.first_row in table.header_rows]
            if heads:
                feet[page].append((min(c.bbox[0] for c in heads), min(c.bbox[1] for c in heads), 0, 0))
                feet[page][-1] = (*feet[page][-1][:2], max(c.bbox[2] for c in heads), max(c.bbox[3] for c in heads))
    with open_pdf(path) as document:
        for number in range(1, len(document) + 1):
            content = read_page(document, number)
            if content.rotation:
                raise Inapplicable("turned pages")
            turned = [(a, content.height - d, c, content.height - b) for a, b, c, d in feet[number]]
            feet[number] = [(a - 4, b - 4, c + 4, d + 4) for a, b, c, d in turned]
            boxes = [grid.bbox for grid in find_grids(content).grids]
            frames[number] = [(a, content.height - d, c, content.height - b) for a, b, c, d in boxes]

    def on_page(number: int) -> repaint.Keep:
        def keep(level: bool, box: Box) -> bool:
            if not level:
                return columns
            y, x = (box[1] + box[3]) / 2, (box[0] + box[2]) / 2
            if any(abs(y - frame[side]) < 3 for frame in frames[number] for side in (1, 3)):
                return True
            return any(a < x < c and b < y < d for a, b, c, d in feet[number])

        return keep

    return on_page


def row_shades(path: Path, reading: Reading) -> dict[int, list[Box]]:
    """Areas under the first and then every second row of every table."""
    heights: dict[int, tuple[float, int, float]] = {}
    with pikepdf.open(path) as pdf:
        for number, page in enumerate(pdf.pages, start=1):
            box = repaint.page_box(page)
            heights[number] = (box[3], int(page.get("/Rotate", 0)) % 360, box[0])
    result: dict[int, list[Box]] = defaultdict(list)
    for table in reading.tables:
        rows: dict[tuple[int, int], list[Box]] = defaultdict(list)
        sides: dict[int, list[float]] = defaultdict(list)
        for cell in table.cells:
            sides[cell.page] += [cell.bbox[0], cell.bbox[2]]
            if cell.rowspan == 1:
                rows[cell.page, cell.row].append(cell.bbox)
        for (page, row), boxes in rows.items():
            high, rotation, left = heights[page]
            if row % 2 == 0 and not rotation:
                x0, x1 = min(sides[page]) + left, max(sides[page]) + left
                result[page].append((x0, high - max(b[3] for b in boxes), x1, high - min(b[1] for b in boxes)))
    return result


def changed(path: Path, change: str, out: Path, original: Harvest) -> None:
    """Writes the changed document. Raises Inapplicable."""
    if change in PROGRAMS:
        _saved_anew(path, change, out)
        return
    with pikepdf.open(path) as pdf:
        if change in RULES:
            keep, piece, gap = RULES[change]
            repaint.change_rules(pdf, keep, piece, gap)
        elif change == "bare":
            repaint.change_rules(pdf, _none, areas=False)
        elif change == "frame":
            repaint.change_rules(pdf, keep_frame(path))
        elif change in ("head rules", "open rows"):
            repaint.change_rules(pdf, keep_heads(path, original, change == "open rows"))
        elif change == "glyphs":
            try:
                shuffle_glyphs(pdf, random.Random(7))
            except Unknown as error:
                raise Inapplicable(f"font: {error}") from error
        elif change == "shaded":
            repaint.shade(pdf, row_shades(path, original.reading))
        else:
            PAGES[change](pdf)
        pdf.save(out)


def _all(_: int) -> repaint.Keep:
    return lambda level, box: True


def _none(_: int) -> repaint.Keep:
    return lambda level, box: False


def _only(horizontal: bool) -> Callable[[int], repaint.Keep]:
    return lambda page: lambda level, box: level == horizontal


RULES: dict[str, tuple[Callable[[int], repaint.Keep], float, float]] = {
    "no rules": (_none, 0, 0),
    "no vertical": (_only(True), 0, 0),
    "no horizontal": (_only(False), 0, 0),
    "pieces": (_all, 9.0, 0.0),
    "dashed": (_all, 3.0, 2.0),
}
PAGES: dict[str, Callable[[pikepdf.Pdf], None]] = {
    "small": lambda pdf: repaint.scale(pdf, 0.7),
    "large": lambda pdf: repaint.scale(pdf, 1.4),
    "shifted": repaint.shift,
    "turned back": lambda pdf: repaint.turn(pdf, True),
    "sideways": lambda pdf: repaint.turn(pdf, False),
    "watermark": lambda pdf: repaint.write_over(pdf, 45, "SALINAN", 90),
    "level mark": lambda pdf: repaint.write_over(pdf, 0, "DRAFT", 120),
    "running heads": repaint.run_heads,
}
PROGRAMS = {
    "cairo": ("pdftocairo", ["pdftocairo", "-pdf", "{path}", "{out}"]),
    "gs": ("gs", ["gs", "-q", "-dNOPAUSE", "-dBATCH", "-sDEVICE=pdfwrite", "-sOutputFile={out}", "{path}"]),
}
CHANGES = [*RULES, "bare", "frame", "head rules", "open rows", "glyphs", "shaded", *PAGES, *PROGRAMS]


def _saved_anew(path: Path, change: str, out: Path) -> None:
    program, command = PROGRAMS[change]
    if shutil.which(program) is None:
        raise Inapplicable(f"{program} is not installed")
    done = subprocess.run([part.format(path=path, out=out) for part in command], capture_output=True, timeout=300)
    if done.returncode or not out.exists():
        raise Inapplicable(done.stderr.decode(errors="replace")[:80])


@dataclass
class Score:
    """Facts and rows of the original, how many of each came again, facts that are new, numbers that are strange."""

    facts: int = 0
    again: int = 0
    more: int = 0
    rows: int = 0
    rows_again: int = 0
    strange: int = 0
    silent: int = 0
    examples: list[str] = field(default_factory=list)


def said(fact: Fact) -> str:
    text = str(fact.value.normalize()) if fact.value is not None else ""
    return text + "|" + re.sub(r"\s+", "", fact.value_text or "")


def rows_of(facts: Iterable[Fact]) -> list[Row]:
    rows: dict[tuple[str, int, int], list[tuple[str, str]]] = defaultdict(list)
    for fact in facts:
        rows[fact.table_id, fact.row_no, fact.page].append((said(fact), fact.role))
    return [(page, tuple(sorted(held))) for (_, _, page), held in rows.items()]


def compare(one: Harvest, two: Harvest) -> Score:
    """How far the facts of `two` are those of `one`."""
    before = [f for t in one.tables for f in t.facts]
    after = [f for t in two.tables for f in t.facts]
    wanted = Counter((f.page, said(f), f.role) for f in before)
    got = Counter((f.page, said(f), f.role) for f in after)
    again = (wanted & got).total()
    rows, rows_got = Counter(rows_of(before)), Counter(rows_of(after))
    score = Score(len(before), again, len(after) - again, rows.total(), (rows & rows_got).total())
    printed: dict[int, set[str]] = defaultdict(set)
    for fact in before:
        printed[fact.page].add(said(fact).split("|")[0])
    for table in one.reading.tables:
        for cell in table.cells:
            printed[cell.page] |= {re.sub(r"\D", "", part) for part in re.split(r"\s", cell.text)}
    for fact in after:
        digits = re.sub(r"\D", "", str(fact.value or ""))
        if fact.value and said(fact).split("|")[0] not in printed[fact.page] and digits not in printed[fact.page]:
            score.strange += 1
            score.silent += fact.status in ("verified", "unverified") and fact.confidence >= 0.9
            score.examples.append(f"p{fact.page} {fact.raw!r} -> {fact.value} {fact.role} {fact.status}")
    return score


def run(path: Path, changes: Iterable[str], out: Path) -> dict[str, Score | str]:
    original = harvest(path)
    result: dict[str, Score | str] = {}
    for change in changes:
        target = out / f"{path.stem}--{change.replace(' ', '-')}.pdf"
        try:
            changed(path, change, target, original)
        except Inapplicable as error:
            result[change] = str(error)
            continue
        result[change] = compare(original, harvest(target))
    return result


def show(results: dict[str, dict[str, Score | str]], changes: Iterable[str]) -> None:
    print(
        f"{'change':16} {'document':44} {'facts':>6} {'again':>6} {'more':>5} {'rows':>6} {'strange':>7} {'silent':>6}"
    )
    for change in changes:
        whole = Score()
        for name, scores in results.items():
            score = scores.get(change)
            if not isinstance(score, Score) or not score.facts:
                continue
            line(change, name, score)
            for key in ("facts", "again", "more", "rows", "rows_again", "strange", "silent"):
                setattr(whole, key, getattr(whole, key) + getattr(score, key))
        if whole.facts:
            line(change, "ALL", whole)


def page_section(results: dict[str, dict[str, Score | str]], changes: Iterable[str]) -> str:
    """A table for docs/benchmarks.md: the share of facts that came again, by change and document."""
    rows: list[list[object]] = []
    for change in changes:
        scores = [s for scores in results.values() if isinstance(s := scores.get(change), Score)]
        facts, again = sum(s.facts for s in scores), sum(s.again for s in scores)
        if facts:
            shares = [_share(scores.get(change)) for scores in results.values()]
            more, strange = sum(s.more for s in scores), sum(s.silent for s in scores)
            rows.append([change, *shares, f"{again / facts:.3f}", more, strange])
    said = "`python -m benchmarks.metamorphic data/raw --page`: each document drawn in another way and read again; the share"
    said += (
        " of its facts that came again with page, value and role, the facts that are new, and the numbers among them"
    )
    said += " that the page does not print and nothing doubts (silent)."
    return f"{said}\n\n" + markdown(["drawn", *results, "all", "new", "silent"], rows)


def _share(score: Score | str | None) -> str:
    return f"{score.again / score.facts:.3f}" if isinstance(score, Score) and score.facts else ""


def line(change: str, name: str, score: Score) -> None:
    again, rows = score.again / score.facts, score.rows_again / max(1, score.rows)
    print(
        f"{change:16} {name[:44]:44} {score.facts:6} {again:6.3f} {score.more:5} {rows:6.3f} {score.strange:7} {score.silent:6}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--changes", default=",".join(CHANGES))
    parser.add_argument("--out", type=Path, help="keep the changed documents here")
    parser.add_argument("--json", type=Path, default=RESULTS / "metamorphic.json")
    parser.add_argument("--page", action="store_true", help="write the section in docs/benchmarks.md")
    options = parser.parse_args()
    changes = options.changes.split(",")
    results: dict[str, dict[str, Score | str]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        out = options.out or Path(scratch)
        out.mkdir(parents=True, exist_ok=True)
        paths = [options.folder] if options.folder.is_file() else sorted(options.folder.glob("*.pdf"))
        for path in paths:
            results[path.stem] = run(path, changes, out)
    show(results, changes)
    if options.page:
        write_section("metamorphic", "The same report drawn in other ways", page_section(results, changes))
    options.json.parent.mkdir(exist_ok=True)
    plain = {d: {c: s if isinstance(s, str) else vars(s) for c, s in r.items()} for d, r in results.items()}
    options.json.write_text(json.dumps(plain, indent=1), encoding="utf8")


if __name__ == "__main__":
    main()
