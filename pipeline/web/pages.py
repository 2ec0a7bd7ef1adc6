"""Home, documents, numbers, pictures, search, indicators, SQL."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.responses import FileResponse, RedirectResponse

from normalizers.regions import all_regions
from pipeline.compare import generic
from pipeline.dictionary import dictionary, said
from pipeline.store import StoreError
from pipeline.web import documents as docs
from pipeline.web import home as start
from pipeline.web import search as find
from pipeline.web.app import Site
from pipeline.web.ask import ROWS, SECONDS, Asked, ask
from pipeline.web.comparing import as_file
from pipeline.web.pictures import points
from pipeline.web.reader import Record

EXAMPLES = (
    "select region, agency, pagu, pagu_role, status from pagu\n"
    "where code_comparable = 'X.XX.01.*.06' and year = 2024\norder by pagu desc",
    "select document, page, name, raw, status from facts where status = 'conflict' limit 50",
    "select region, year, code, name, pagu, children_sum, difference from budget_tree\n"
    "where difference <> 0 order by abs(difference) desc limit 50",
    "select region, indicator, year, target, unit, realisasi, status from indicators\n"
    "where realisasi is not null limit 50",
    "select doc_type, fiscal_year, count(*) as documents from documents group by all order by all",
)
Province = Annotated[str, Query(pattern=r"^(\d\d)?$")]
Year = Annotated[str, Query(pattern=r"^(\d{4})?$")]
Kind = Annotated[str, Query(pattern=r"^[a-z_]{0,30}$")]
Name = Annotated[str, Query(max_length=3000)]
Asking = Annotated[str, Query(max_length=20_000)]
Whose = Annotated[str, Query(max_length=64)]
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
        known = find.known_items(site.reader)
        return site.page(request, "home.html", "/", home=start.home(site.reader), starts=start.starts(known))

    @routes.get("/help")
    def how_to_read(request: Request) -> Response:
        words = site.words(request)
        roles = [(name.removeprefix("explain_"), said) for name, said in words.starting("explain_")]
        return site.page(request, "help.html", "/help", roles=roles)

    @routes.get("/documents")
    def listing(
        request: Request, province: Province = "", year: Year = "", kind: Kind = "", page: Number = 1
    ) -> Response:
        wanted = int(year) if year else None
        size = start.A_PAGE
        rows = start.documents(site.reader, province or None, wanted, size + 1, (page - 1) * size, kind or None)
        return site.page(
            request, "documents.html", "/documents", rows=rows[:size], more=len(rows) > size, page=page,
            province=province, year=wanted, kind=kind, kinds=start.kinds(site.reader), years=start.years(site.reader),
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

    @routes.get("/documents/{document_id}/conflicts")
    def conflicts(document_id: str, after: int = 0) -> Response:
        """The first conflict of the next page that has one, from the beginning again after the last page."""
        whole = _document(site, document_id)["document_id"]
        firsts = docs.first_conflicts(site.reader, whole)
        if not firsts:
            return RedirectResponse(f"/documents/{whole}", 303)
        to = next((one for one in firsts if one["page"] > after), firsts[0])
        return RedirectResponse(f"/documents/{whole}/pages/{to['page']}#{to['fact_id']}", 303)

    @routes.get("/documents/{document_id}/pages/{page:int}")
    def page(request: Request, document_id: str, page: int) -> Response:
        found = _document(site, document_id)
        whole = found["document_id"]
        if not 1 <= page <= max(found["pages"] or 1, 1):
            raise HTTPException(404)
        pages = docs.pages_with_tables(site.reader, whole)
        numbers = [one["page"] for one in pages]
        if page not in numbers:
            nothing = {"page": page, "caption": None, "facts": 0, "verified": 0, "conflicts": 0}
            pages = sorted([*pages, nothing], key=lambda one: one["page"])
        return site.page(
            request, "document.html", "/documents", document=found, page=page, pages=pages,
            before=max((n for n in numbers if n < page), default=None),
            after=min((n for n in numbers if n > page), default=None),
            tables=docs.tables_on(site.reader, whole, page), notes=docs.notes(site.reader, whole, page), fact=None,
        )  # fmt: skip

    @routes.get("/facts/{fact_id}")
    def fact(request: Request, fact_id: str, panel: bool = False, of: Whose = "") -> Response:
        found = docs.fact(site.reader, fact_id, of)
        if found is None:
            raise HTTPException(404)
        template = "fact_panel.html" if panel else "fact.html"
        document = {"document_id": found["document_id"]}
        return site.page(
            request, template, "/documents", fact=found, document=document, page=found["page"],
            proposals=docs.suggestions(found),
        )  # fmt: skip


def _pictures(routes: APIRouter, site: Site) -> None:
    @routes.get("/documents/{document_id}/pages/{page:int}.png")
    def picture(document_id: str, page: int) -> Response:
        file = site.pictures.page(_document(site, document_id)["document_id"], page)
        return FileResponse(file, media_type="image/png", headers={"Cache-Control": "private, max-age=3600"})

    @routes.get("/facts/{fact_id}/crop.png")
    def crop(fact_id: str) -> Response:
        """The part of the page around a number, its cell in a red frame."""
        query = "select document_id, page, bbox from base.facts where fact_id = $1"
        found = site.reader.one(query, [fact_id])
        if found is None:
            raise HTTPException(404)
        drawn = site.pictures.crop(found["document_id"], found["page"], tuple(found["bbox"]))
        return Response(drawn, media_type="image/png", headers={"Cache-Control": "private, max-age=3600"})

    @routes.get("/documents/{document_id}/pages/{page:int}/size")
    def size(document_id: str, page: int) -> dict[str, float]:
        """Width and height of the page in points, as displayed."""
        width, height = points(site.pictures.page(_document(site, document_id)["document_id"], page))
        return {"width": width, "height": height}


def _asking(routes: APIRouter, site: Site) -> None:
    @routes.get("/search")
    def search(request: Request, q: Annotated[str, Query(max_length=200)] = "") -> Response:
        code = generic(q) if q.strip() else None
        if code is not None and "." in code:
            return RedirectResponse(f"/compare?code={quote(code)}", 303)
        found = find.search(site.reader, q) if q.strip() else None
        return site.page(request, "search.html", "/search", q=q, found=found)

    @routes.get("/indicators")
    def indicator(request: Request, name: Name) -> Response:
        rows = find.indicator(site.reader, name)
        if not rows:
            raise HTTPException(404)
        return site.page(request, "indicators.html", "/search", name=name, rows=rows[:ROWS], cut=len(rows) > ROWS)

    @routes.get("/indicators.{form}")
    def indicator_file(form: str, name: Name) -> Response:
        rows = find.indicator(site.reader, name)
        if not rows:
            raise HTTPException(404)
        return as_file("indicator", form, list(rows[0]), [list(row.values()) for row in rows])

    @routes.get("/sql")
    def sql(request: Request, q: Asking = "") -> Response:
        asked = ask(site.reader.store, q) if q.strip() else None
        limits = {"seconds": f"{SECONDS:g}", "rows": ROWS}
        status = 400 if asked and asked.error else 200
        views = [(view, said()["views"][view], columns) for view, columns in dictionary().items()]
        return site.page(
            request, "sql.html", "/sql", status, q=q, asked=asked or Asked(), examples=EXAMPLES, limits=limits,
            views=views,
        )  # fmt: skip

    @routes.get("/sql.{form}")
    def sql_file(form: str, q: Asking) -> Response:
        asked = ask(site.reader.store, q)
        if asked.error:
            raise StoreError(asked.error)
        return as_file("answer", form, asked.columns, asked.rows)


def _document(site: Site, document_id: str) -> Record:
    found = docs.document(site.reader, document_id)
    if found is None:
        raise HTTPException(404)
    return found
