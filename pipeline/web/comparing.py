"""Compare: a code or name, years, regions; chart, table, download. The address holds the whole question."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from normalizers.regions import all_regions
from pipeline.charts import MOST, specification
from pipeline.compare import Comparison, Unclear, Wish, as_json, compare_on, typed_table
from pipeline.names import ancestors, children
from pipeline.store import StoreError
from pipeline.tabular import render
from pipeline.web.app import Site
from pipeline.web.home import years
from pipeline.web.search import known_items

Text = Annotated[str, Query(max_length=300)]
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def wish_of(code: str, year: str, province: str, regions: str, like: str, role: str, level: str) -> Wish:
    """What the form asks for. Years and codes of regions are lists with blanks or commas. Raises StoreError."""
    found = [part for part in re.split(r"[\s,;]+", year) if part]
    if not all(re.fullmatch(r"\d{4}", part) for part in found):
        raise StoreError(f"`{year}` are no years: write 2023, 2024")
    places = tuple(part for part in re.split(r"[\s,;]+", regions) if part)
    return Wish(
        code.strip(), tuple(map(int, found)), places, (province,) if province else (), level or None, role or None,
        like.strip() or None,
    )  # fmt: skip


def run(site: Site, wish: Wish) -> Comparison:
    return compare_on(site.reader.cursor(), wish, known_items(site.reader))


def router(site: Site) -> APIRouter:
    routes = APIRouter(include_in_schema=False)

    @routes.get("/compare")
    def page(
        request: Request, code: Text = "", year: Text = "", province: Text = "", region: Text = "", like: Text = "",
        role: Text = "", level: Text = "", under: Text = "",
    ) -> Response:  # fmt: skip
        found, choices, error = None, [], ""
        try:
            if code.strip():
                found = run(site, wish_of(code, year, province, region, like, role, level))
        except Unclear as unclear:
            choices, error = unclear.choices, "" if unclear.choices else str(unclear)
        except StoreError as wrong:
            error = str(wrong)
        known = known_items(site.reader)
        asked = {
            "code": code, "year": year, "province": province, "region": region, "like": like, "role": role,
            "level": level,
        }  # fmt: skip
        return site.page(
            request, "compare.html", "/compare", status=400 if error else 200, asked=asked, found=found, error=error,
            choices=choices, under=under, years=years(site.reader), most=MOST,
            tree=children(known, under if under in known else None),
            crumbs=[known[above] for above in [*reversed(ancestors(under)), under] if above in known],
            has_children={item.code for item in known.values() if item.level != "sub_kegiatan"},
            provinces=[one for one in all_regions() if one.kind == "provinsi"], query=request.url.query,
        )  # fmt: skip

    @routes.get("/compare.{form}")
    def file(
        request: Request, form: str, code: Text, year: Text = "", province: Text = "", region: Text = "",
        like: Text = "", role: Text = "", level: Text = "",
    ) -> Response:  # fmt: skip
        found = run(site, wish_of(code, year, province, region, like, role, level))
        if form == "vl":
            return _json(specification(found, site.words(request)("million")))
        return download(found, form)

    return routes


def download(found: Comparison, form: str) -> Response:
    """The comparison as a file: csv, xlsx or json."""
    columns, rows = typed_table(found)
    name = re.sub(r"[^A-Za-z0-9]+", "-", found.item.code.replace("*", "x")).strip("-")
    if form == "csv":
        body, kind = render(columns, rows, "csv").encode("utf-8") + b"\n", "text/csv; charset=utf-8"
    elif form == "xlsx":
        from pipeline.export import write_sheets

        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "compare.xlsx"
            write_sheets(path, {"compare": (columns, rows)})
            body, kind = path.read_bytes(), SHEET
    elif form == "json":
        return _json(as_json(found))
    else:
        raise StoreError(f"no format `{form}`: there are csv, xlsx and json")
    return Response(body, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}.{form}"'})


def _json(value: Any) -> Response:
    from fastapi.responses import JSONResponse

    return JSONResponse(value)
