"""Review: conflicts with their proposals, accepted or refused by a person on this machine."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import parse_qs

from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool

from pipeline.web.app import Site
from pipeline.web.decide import run
from pipeline.web.security import COOKIE

FIELDS = ("fact_id", "do", "value", "reason", "who", "page")
Page = Annotated[int, Query(ge=1, le=100_000)]
LARGEST = 20_000  # bytes of a form


def router(site: Site) -> APIRouter:
    routes = APIRouter(include_in_schema=False)

    @routes.get("/review")
    def page(request: Request, token: str = "", done: str = "", page: Page = 1) -> Response:
        if token and site.tokens is not None:
            return _enter(site, request, token)
        _check(site, request)
        return _page(site, request, page, done=done)

    @routes.post("/review")
    async def decide(request: Request) -> Response:
        _check(site, request)
        form = await _form(request)
        number = int(form["page"]) if form["page"].isdecimal() and len(form["page"]) < 6 else 1
        if form["do"] not in ("accept", "refuse", "again"):
            raise HTTPException(400, "accept, refuse or again")
        answer = await run_in_threadpool(run, site.reader.store, form)
        if "error" in answer or form["do"] == "again":
            return await run_in_threadpool(_page, site, request, number, answer, form)
        return RedirectResponse(f"/review?done={form['do']}&page={number}", 303)

    return routes


def _enter(site: Site, request: Request, token: str) -> Response:
    cookie = site.tokens.exchange(token) if site.tokens is not None else None
    if cookie is None:
        raise HTTPException(403, site.words(request)("review_locked"))
    answer = RedirectResponse("/review", 303)
    answer.set_cookie(COOKIE, cookie, httponly=True, samesite="strict", path="/review")
    return answer


def _check(site: Site, request: Request) -> None:
    if site.tokens is None or not site.tokens.knows(request.cookies.get(COOKIE)):
        raise HTTPException(403, site.words(request)("review_locked"))


async def _form(request: Request) -> dict[str, str]:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LARGEST:
            raise HTTPException(413, "the form is too long")
    said = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
    return {name: said.get(name, [""])[0].strip() for name in FIELDS}


def _page(
    site: Site, request: Request, number: int, answer: dict[str, Any] | None = None, form: dict[str, str] | None = None,
    done: str = "",
) -> Response:  # fmt: skip
    """A page of the cases; `answer` is what came of the wish in `form`."""
    came, form = answer or {}, form or {}
    found = run(site.reader.store, {"do": "cases", "page": number})
    error = came.get("error") or found.get("error") or ""
    return site.page(
        request, "review.html", "/review", status=400 if error else 200, cases=found.get("cases", []),
        all=found.get("all", 0), first=found.get("first", 0), page=found.get("page", 1), error=error, done=done,
        form=form, again={form["fact_id"]: came["again"]} if "again" in came else {},
        more=found.get("first", 0) + len(found.get("cases", [])) < found.get("all", 0),
        link=lambda to: f"/review?page={to}",
    )  # fmt: skip
