"""Home, documents, numbers, pictures, search, SQL."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.responses import FileResponse, RedirectResponse

from normalizers.regions import all_regions
from pipeline.web import documents as docs
from pipeline.web import home as start
from pipeline.web import search as find
from pipeline.web.app import Site
from pipeline.web.ask import ROWS, SECONDS, Asked, ask
from pipeline.web.pictures import SCALE
from pipeline.web.reader import Record

EXAMPLES = (
    "select region, agency, pagu, pagu_role, status from pagu\n"
    "where code_comparable = 'X.XX.01.*.06' and year = 2024\norder by pagu desc",
    "select document, page, name, raw, status from facts where status = 'conflict' limit 50",
    "select doc_type, fiscal_year, count(*) as documents from documents group by all order by all",
)
Province = Annotated[str, Query(pattern=r"^(\d\d)?$")]
Year = Annotated[str, Query(pattern=r"^(\d{4})?$")]
Number = Annotated[int, Query(ge=1, le=100_000)]


def router(site: Site) -> APIRouter:
    routes = APIRouter(include_in_schema=False)
    _home(routes, site)
    _documents(routes, site)
    _pictures(routes, site)
    _asking(routes, site)
    return routes


def _home(routes: APIRouter, site: Site) -> None:
    @routes.get("/")
    def home(request: Request) -> Response:
        return site.page(request, "home.html", "/", home=start.home(site.reader))

    @routes.get("/documents")
    def listing(request: Request, province: Province = "", year: Year = "", page: Number = 1) -> Response:
        wanted = int(year) if year else None
        size = start.A_PAGE
        rows = start.documents(site.reader, province or None, wanted, size + 1, (page - 1) * size)
        return site.page(
            request, "documents.html", "/documents", rows=rows[:size], more=len(rows) > size, page=page,
            province=province, year=wanted, years=start.years(site.reader),
            provinces=[region for region in all_regions() if region.kind == "provinsi"],
            link=lambda number: "?" + str(request.url.include_query_params(page=number).query),
        )  # fmt: skip


def _documents(routes: APIRouter, site: Site) -> None:
    @routes.get("/documents/{document_id}")
    def document(document_id: str) -> Response:
        found = _document(site, document_id)
        pages = docs.pages_with_tables(site.reader, found["document_id"])
        first = pages[0]["page"] if pages else 1
        return RedirectResponse(f"/documents/{found['document_id']}/pages/{first}", 303)

    @routes.get("/documents/{document_id}/pages")
    def chosen(document_id: str, n: Number) -> Response:
        return RedirectResponse(f"/documents/{_document(site, document_id)['document_id']}/pages/{n}", 303)

    @routes.get("/documents/{document_id}/pages/{page:int}")
    def page(request: Request, document_id: str, page: int) -> Response:
        found = _document(site, document_id)
        whole = found["document_id"]
        if not 1 <= page <= max(found["pages"] or 1, 1):
            raise HTTPException(404)
        pages = docs.pages_with_tables(site.reader, whole)
        numbers = [one["page"] for one in pages]
        if page not in numbers:
            pages = sorted([*pages, {"page": page, "caption": None}], key=lambda one: one["page"])
        return site.page(
            request, "document.html", "/documents", document=found, page=page, pages=pages,
            before=max((n for n in numbers if n < page), default=None),
            after=min((n for n in numbers if n > page), default=None),
            tables=docs.tables_on(site.reader, whole, page), notes=docs.notes(site.reader, whole, page), fact=None,
        )  # fmt: skip

    @routes.get("/facts/{fact_id}")
    def fact(request: Request, fact_id: str, panel: bool = False) -> Response:
        found = docs.fact(site.reader, fact_id)
        if found is None:
            raise HTTPException(404)
        template = "fact_panel.html" if panel else "fact.html"
        document = {"document_id": found["document_id"]}
        return site.page(request, template, "/documents", fact=found, document=document, page=found["page"])


def _pictures(routes: APIRouter, site: Site) -> None:
    @routes.get("/documents/{document_id}/pages/{page:int}.png")
    def picture(document_id: str, page: int) -> Response:
        file = site.pictures.page(_document(site, document_id)["document_id"], page)
        return FileResponse(file, media_type="image/png", headers={"Cache-Control": "private, max-age=3600"})

    @routes.get("/documents/{document_id}/pages/{page:int}/size")
    def size(document_id: str, page: int) -> dict[str, float]:
        """Width and height of the page in points, as displayed."""
        return _points(site.pictures.page(_document(site, document_id)["document_id"], page))


def _points(picture: Path) -> dict[str, float]:
    with picture.open("rb") as file:
        head = file.read(4096)
    width, height = struct.unpack(">II", head[16:24])
    mark = head.find(b"tEXtpoints\0")
    if mark < 0:
        return {"width": width / SCALE, "height": height / SCALE}
    length = struct.unpack(">I", head[mark - 4 : mark])[0]
    wide, high = head[mark + 11 : mark + 4 + length].split()
    return {"width": float(wide), "height": float(high)}


def _asking(routes: APIRouter, site: Site) -> None:
    @routes.get("/search")
    def search(request: Request, q: Annotated[str, Query(max_length=200)] = "") -> Response:
        found = find.search(site.reader, q) if q.strip() else None
        return site.page(request, "search.html", "/search", q=q, found=found)

    @routes.get("/sql")
    def sql(request: Request, q: Annotated[str, Query(max_length=20_000)] = "") -> Response:
        asked = ask(site.reader.store, q) if q.strip() else None
        limits = {"seconds": f"{SECONDS:g}", "rows": ROWS}
        status = 400 if asked and asked.error else 200
        return site.page(
            request, "sql.html", "/sql", status, q=q, asked=asked or Asked(), examples=EXAMPLES, limits=limits
        )


def _document(site: Site, document_id: str) -> Record:
    found = docs.document(site.reader, document_id)
    if found is None:
        raise HTTPException(404)
    return found
