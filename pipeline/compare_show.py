"""A comparison on the terminal, as a file, as a chart."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from pipeline.charts import specification
from pipeline.compare import Comparison, as_json, table, typed_table
from pipeline.export import complete, write_sheets
from pipeline.store import StoreError
from pipeline.tabular import render

FORMATS = ("table", "csv", "json", "parquet", "xlsx")
FILES = ("parquet", "xlsx")
PLOTS = (".svg", ".png")
SHOWN = 10  # gaps named on the terminal
MOST_ROWS = 200  # drawn on the terminal: nobody reads more there, and drawing them takes seconds


def refuse_unknown(form: str, out: Path | None, plot: Path | None) -> None:
    """Raises StoreError for a format, or a chart's file name, that there is not."""
    if form not in FORMATS:
        raise StoreError(f"no format `{form}`: there are {', '.join(FORMATS)}")
    if form in FILES and out is None:
        raise StoreError(f"{form} is no text: name a file with --out")
    if plot is not None and plot.suffix.lower() not in PLOTS:
        raise StoreError(f"a chart is .svg or .png, not `{plot.name}`")


def written(found: Comparison, form: str, out: Path | None, *, rank: bool, years: bool) -> str:
    """The comparison as text, or what was written to `out`."""
    columns, rows = typed_table(found)
    if form == "parquet" and out is not None:
        _parquet(columns, rows, out)
    elif form == "xlsx" and out is not None:
        with complete(out) as unfinished:
            write_sheets(unfinished, {"compare": (columns, rows)})
    else:
        most = MOST_ROWS if out is None and sys.stdout.isatty() else len(found.lines)
        text = _text(found, form, most, rank=rank, years=years)
        if out is None:
            return text
        with complete(out) as unfinished:
            unfinished.write_text(text + "\n", encoding="utf-8")
    return f"{out}: {len(found.lines)} rows, {len(found.gaps)} gaps"


def _text(found: Comparison, form: str, most: int, *, rank: bool, years: bool) -> str:
    if form == "json":
        return json.dumps(as_json(found), ensure_ascii=False, indent=1)
    if form == "csv":
        return render(*typed_table(found), "csv")
    if not found.lines:
        return f"no document has {found.item.code} {found.item.name}".rstrip()
    heading = f"{found.item.code} {found.item.name}".rstrip()
    columns, rows = table(found, years=years, rank=rank)
    text = heading + "\n" + render(columns, rows[:most], "table")
    more = f"\nfirst {most:,} of {len(rows):,} rows: --format csv, json, parquet or xlsx gives all"
    return text + more if len(rows) > most else text


def _parquet(columns: list[str], rows: list[list[object]], out: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    arrays = {}
    for place, name in enumerate(columns):
        values = [row[place] for row in rows]
        money = name in ("pagu", "realisasi", "target_value", "share", "growth", "per_unit")
        whole = name in ("year", "page", "values_found")
        kind = pa.decimal128(24, 6) if money else pa.int32() if whole else pa.string()
        arrays[name] = pa.array(values, type=kind)
    with complete(out) as unfinished:
        pq.write_table(pa.table(arrays), unfinished, compression="zstd")


def notes(found: Comparison) -> list[str]:
    """What stands below the table: how many documents have it, what is marked, what is missing."""
    lines = [found.said]
    doubtful = [line for line in found.lines if line.status in ("unverified", "conflict") or line.values_found > 1]
    if doubtful:
        conflicts = sum(line.status == "conflict" for line in doubtful)
        lines.append(f"{len(doubtful)} of {len(found.lines)} rows are not verified, {conflicts} of them in conflict")
    if any(line.share_of == "sum of programs" for line in found.lines):
        lines.append("share: where no printed total agrees with the programs, of the sum of the programs")
    lines += found.notes
    for gap in found.gaps[:SHOWN]:
        named = ", ".join(str(part) for part in (gap.region, gap.agency, gap.year, gap.document) if part)
        lines.append(f"gap: {named}: {gap.why}")
    if len(found.gaps) > SHOWN:
        lines.append(f"and {len(found.gaps) - SHOWN} more gaps (--json lists them)")
    if found.choices:
        named = "; ".join(f"{one.item.code} {one.item.name}" for one in found.choices)
        lines.append(f"other names alike: {named}")
    return lines


def draw(found: Comparison, out: Path) -> None:
    """The chart as SVG or PNG. Raises StoreError where there is nothing to draw or the drawing library is missing."""
    if not found.lines:
        raise StoreError(f"no document has {found.item.code}: there is nothing to draw")
    try:
        import vl_convert
    except ImportError as missing:
        raise StoreError("charts as files need vl-convert-python: pip install 'lumbung[plot]'") from missing
    spec = specification(found, width=640) | {"title": f"{found.item.code} {found.item.name}", "background": "white"}
    with complete(out) as unfinished:
        if out.suffix.lower() == ".svg":
            unfinished.write_text(vl_convert.vegalite_to_svg(spec, allowed_base_urls=[]), encoding="utf-8")
        else:
            unfinished.write_bytes(vl_convert.vegalite_to_png(spec, scale=2, allowed_base_urls=[]))
