"""The JSON API under `/api`, described by OpenAPI at `/api/openapi.json`, and a page that lists it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.responses import JSONResponse

from pipeline.compare import as_json
from pipeline.coverage import as_json as coverage_json
from pipeline.coverage import coverage_on
from pipeline.tabular import plain_json
from pipeline.web import documents as docs
from pipeline.web import home as start
from pipeline.web.app import Site
from pipeline.web.ask import ask
from pipeline.web.comparing import run, wish_of
from pipeline.web.search import indicator, search

Text = Annotated[str, Query(max_length=300)]
Wanted = Annotated[int, Query(ge=1, le=1000)]
_NAMES = {  # path -> its entry in words.toml
    "/api/coverage": "coverage", "/api/documents": "documents", "/api/documents/{document_id}": "document",
    "/api/documents/{document_id}/facts": "document_facts", "/api/facts/{fact_id}": "fact", "/api/compare": "compare",
    "/api/search": "search", "/api/indicator": "indicator", "/api/query": "query",
}  # fmt: skip


def router(site: Site) -> APIRouter:
    routes = APIRouter(tags=["lumbung"])
    _about(routes, site)
    _documents(routes, site)
    _questions(routes, site)
    return routes


def _about(routes: APIRouter, site: Site) -> None:
    @routes.get("/api", include_in_schema=False)
    def listing(request: Request) -> Response:
        described = request.app.openapi()
        calls = [
            {"path": path, "name": _NAMES.get(path, path), "parameters": [part["name"] for part in said.get("parameters", [])]}
            for path, methods in described["paths"].items() for said in methods.values()
        ]  # fmt: skip
        return site.page(request, "api.html", "/api", calls=calls)

    @routes.get("/api/coverage", response_class=JSONResponse)
    def coverage(year: int | None = None, province: str | None = None) -> Any:
        """Which region, agency, year and kind of document the store holds, and which regions it lacks."""
        return plain_json(coverage_json(coverage_on(site.reader.cursor(), year, province)))


def _documents(routes: APIRouter, site: Site) -> None:
    @routes.get("/api/documents", response_class=JSONResponse)
    def documents(
        province: str | None = None,
        year: int | None = None,
        kind: str | None = None,
        limit: Wanted = 100,
        offset: Annotated[int, Query(ge=0)] = 0,
    ) -> Any:
        """Documents, the newest first, with the counts of their facts."""
        return plain_json(start.documents(site.reader, province, year, limit, offset, kind))

    @routes.get("/api/documents/{document_id}", response_class=JSONResponse)
    def document(document_id: str) -> Any:
        """One document with its tables."""
        found = docs.document(site.reader, document_id)
        if found is None:
            raise HTTPException(404)
        tables = site.reader.records(
            "select * exclude (document_id) from tables where document_id = $1 order by page_first, table_id",
            [found["document_id"]],
        )
        return plain_json({**found, "tables": tables})

    @routes.get("/api/documents/{document_id}/facts", response_class=JSONResponse)
    def facts(
        document_id: str, page: int | None = None, limit: Wanted = 1000, offset: Annotated[int, Query(ge=0)] = 0
    ) -> Any:
        """The facts of a document, of one page where it is given, in the order of the document."""
        found = docs.document(site.reader, document_id)
        if found is None:
            raise HTTPException(404)
        rows = site.reader.records(
            "select * from facts where document_id = $1 and ($2::integer is null or page = $2) "
            "order by page, table_id, row_no, column_no, part limit $3 offset $4",
            [found["document_id"], page, limit, offset],
        )
        return plain_json(rows)

    @routes.get("/api/facts/{fact_id}", response_class=JSONResponse)
    def fact(fact_id: str) -> Any:
        """One fact with its checks and its history."""
        found = docs.fact(site.reader, fact_id)
        if found is None:
            raise HTTPException(404)
        return plain_json(found)


def _questions(routes: APIRouter, site: Site) -> None:
    @routes.get("/api/compare", response_class=JSONResponse)
    def compare(
        code: Text,
        year: Text = "",
        province: Text = "",
        region: Text = "",
        like: Text = "",
        role: Text = "",
        level: Text = "",
    ) -> Any:
        """One program or activity, by code or name, over agencies and years; gaps are listed."""
        return as_json(run(site, wish_of(code, year, province, region, like, role, level)))

    @routes.get("/api/search", response_class=JSONResponse)
    def find(q: Text) -> Any:
        """Programs, activities, indicators and documents named like `q`."""
        found = search(site.reader, q)
        return {
            "items": [
                {"code": one.item.code, "level": one.item.level, "name": one.item.name,
                 "documents": one.item.documents, "score": round(one.score, 1)} for one in found.items
            ],
            "indicators": [{k: v for k, v in row.items() if k != "lower"} for row in found.indicators],
            "documents": [{k: v for k, v in row.items() if k != "lower"} for row in found.documents],
        }  # fmt: skip

    @routes.get("/api/indicator", response_class=JSONResponse)
    def one_indicator(name: Annotated[str, Query(max_length=3000)]) -> Any:
        """Targets and results of one indicator over all documents; its name as `/api/search` gives it."""
        return plain_json(indicator(site.reader, name))

    @routes.get("/api/query", response_class=JSONResponse)
    def query(sql: Annotated[str, Query(max_length=20_000)]) -> Any:
        """One read-only SELECT over the views of the data contract; the first 1000 rows."""
        answer = ask(site.reader.store, sql)
        if answer.error:
            raise HTTPException(400, answer.error)
        return {"columns": answer.columns, "rows": answer.rows, "cut": answer.cut}
