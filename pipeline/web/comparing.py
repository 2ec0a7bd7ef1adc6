"""Compare: a code or name, years, regions; chart, table, download. The address holds the whole question."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse

from normalizers.regions import all_regions
from pipeline.charts import MOST, specification
from pipeline.compare import ROLES, Comparison, Unclear, Wish, as_json, compare_on, ranked, typed_table
from pipeline.names import LEVELS
from pipeline.store import StoreError
from pipeline.tabular import render
from pipeline.web import tree as nomenclature
from pipeline.web.app import Site
from pipeline.web.home import places, years
from pipeline.web.places import codes_of
from pipeline.web.search import known_items

Text = Annotated[str, Query(max_length=300)]
SHOWN = 1000  # rows of the table
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def wish_of(code: str, year: str, province: str, regions: str, like: str, role: str, level: str) -> Wish:
    """What the form asks for. Years are a list with blanks or commas, regions names or codes with commas.

    Raises StoreError for what is no year and no region.
    """
    found = [part for part in re.split(r"[\s,;]+", year) if part]
    if not all(re.fullmatch(r"\d{4}", part) for part in found):
        raise StoreError(f"`{year}` are no years: write 2023, 2024")
    return Wish(
        code.strip(), tuple(map(int, found)), codes_of(regions), (province,) if province else (), level or None,
        role or None, like.strip() or None,
    )  # fmt: skip


def run(site: Site, wish: Wish, rank: bool = False) -> Comparison:
    """The comparison; with `rank` the largest pagu first."""
    found = compare_on(site.reader.cursor(), wish, known_items(site.reader))
    return replace(found, lines=[line for _, line in ranked(found.lines)]) if rank else found


def router(site: Site) -> APIRouter:
    routes = APIRouter(include_in_schema=False)

    @routes.get("/compare")
    def page(
        request: Request, code: Text = "", year: Text = "", province: Text = "", region: Text = "", like: Text = "",
        role: Text = "", level: Text = "", under: Text = "", rank: Text = "",
    ) -> Response:  # fmt: skip
        found, choices, error = None, [], ""
        try:
            if code.strip():
                found = run(site, wish_of(code, year, province, region, like, role, level), bool(rank))
        except Unclear as unclear:
            choices, error = unclear.choices, "" if unclear.choices else str(unclear)
        except StoreError as wrong:
            error = str(wrong)
        asked = {
            "code": code, "year": year, "province": province, "region": region, "like": like, "role": role,
            "level": level, "rank": rank,
        }  # fmt: skip
        lines = ranked(found.lines) if found and rank else [(None, line) for line in found.lines] if found else []
        return site.page(
            request, "compare.html", "/compare", status=400 if error else 200, asked=asked, found=found, error=error,
            choices=choices, most=MOST, numbered=lines[:SHOWN], query=request.url.query,
            with_code=lambda one: "?" + str(request.url.include_query_params(code=one).query),
            **_to_choose_from(site, under),
        )  # fmt: skip

    @routes.get("/compare.{form}")
    def file(
        request: Request, form: str, code: Text, year: Text = "", province: Text = "", region: Text = "",
        like: Text = "", role: Text = "", level: Text = "", rank: Text = "",
    ) -> Response:  # fmt: skip
        found = run(site, wish_of(code, year, province, region, like, role, level), bool(rank))
        if form == "vl":
            return JSONResponse(specification(found, site.words(request)("million")))
        return download(found, form)

    return routes


def _to_choose_from(site: Site, under: str) -> dict[str, Any]:
    """What the form and the nomenclature offer."""
    nodes = nomenclature.tree(site.reader)
    return {
        "years": years(site.reader), "places": places(site.reader), "roles": ROLES, "levels": LEVELS,
        "provinces": [one for one in all_regions() if one.kind == "provinsi"],
        "tree": nomenclature.under(nodes, under if under in nodes else None),
        "crumbs": nomenclature.path(nodes, under) if under in nodes else [],
    }  # fmt: skip


def download(found: Comparison, form: str) -> Response:
    """The comparison as a file: csv, xlsx or json."""
    name = re.sub(r"[^A-Za-z0-9]+", "-", found.item.code.replace("*", "x")).strip("-")
    if form == "json":
        return JSONResponse(as_json(found))
    return as_file(name, form, *typed_table(found), sheet="compare")


def as_file(
    name: str, form: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], sheet: str = "rows"
) -> Response:
    """Rows as csv, xlsx or json to be saved. Raises StoreError for another format."""
    if form == "csv":
        body, kind = render(columns, rows, "csv").encode("utf-8") + b"\n", "text/csv; charset=utf-8"
    elif form == "json":
        body, kind = render(columns, rows, "json").encode("utf-8") + b"\n", "application/json"
    elif form == "xlsx":
        from pipeline.export import write_sheets

        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "rows.xlsx"
            write_sheets(path, {sheet: (columns, rows)})
            body, kind = path.read_bytes(), SHEET
    else:
        raise StoreError(f"no format `{form}`: there are csv, xlsx and json")
    return Response(body, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}.{form}"'})
