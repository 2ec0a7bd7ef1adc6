"""Review: conflicts with their proposals, accepted or refused by a person on this machine."""

from __future__ import annotations

from urllib.parse import parse_qs

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool

from pipeline.web.app import Site
from pipeline.web.decide import run
from pipeline.web.security import COOKIE

FIELDS = ("fact_id", "do", "value", "reason", "who")
LARGEST = 20_000  # bytes of a form


def router(site: Site) -> APIRouter:
    routes = APIRouter(include_in_schema=False)

    @routes.get("/review")
    def page(request: Request, token: str = "", done: str = "") -> Response:
        if token and site.tokens is not None:
            return _enter(site, request, token)
        _check(site, request)
        return _page(site, request, done=done)

    @routes.post("/review")
    async def decide(request: Request) -> Response:
        _check(site, request)
        form = await _form(request)
        if form["do"] not in ("accept", "refuse"):
            raise HTTPException(400, "accept or refuse")
        answer = await run_in_threadpool(run, site.reader.store, form)
        if "error" in answer:
            return await run_in_threadpool(_page, site, request, answer["error"], form)
        return RedirectResponse(f"/review?done={form['do']}", 303)

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
    site: Site, request: Request, error: str = "", form: dict[str, str] | None = None, done: str = ""
) -> Response:
    answer = run(site.reader.store, {"do": "cases"})
    return site.page(
        request, "review.html", "/review", status=400 if error else 200, cases=answer.get("cases", []),
        all=answer.get("all", 0), error=error or answer.get("error", ""), done=done, form=form or {},
    )  # fmt: skip
