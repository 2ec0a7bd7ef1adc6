"""The explorer as an application: what every page shares, and how it is started."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import jinja2
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from pipeline.store import CONTRACT_VERSION, StoreError
from pipeline.web.pictures import Pictures
from pipeline.web.reader import Reader
from pipeline.web.security import LOCAL, Tokens, guard
from pipeline.web.sentences import say
from pipeline.web.words import LANGUAGES, Words, language_of

HERE = Path(__file__).parent
YEAR = 365 * 24 * 3600


class Site:
    """What the routes of one explorer share: reader of the store, pictures, templates, tokens of a review."""

    def __init__(self, store: Path, review: bool) -> None:
        self.reader = Reader(store)
        self.pictures = Pictures(self.reader)
        self.tokens = Tokens() if review else None
        self._templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def page(self, request: Request, template: str, here: str = "", status: int = 200, **values: Any) -> HTMLResponse:
        """A page in the language of the request."""
        asked = request.query_params.get("lang")
        language = language_of(asked, request.cookies.get("lang"), request.headers.get("accept-language", ""))
        values |= {
            "t": Words(language), "here": here, "review": self.tokens is not None,
            "with_language": lambda code: "?" + str(request.url.include_query_params(lang=code).query),
        }  # fmt: skip
        answer = HTMLResponse(self._templates.get_template(template).render(values), status)
        answer.headers["Vary"] = "Accept-Language, Cookie"
        answer.headers["Cache-Control"] = "no-cache"
        if asked in LANGUAGES:
            answer.set_cookie("lang", str(asked), max_age=YEAR, httponly=True, samesite="lax")
        return answer

    def words(self, request: Request) -> Words:
        asked = request.query_params.get("lang")
        return Words(language_of(asked, request.cookies.get("lang"), request.headers.get("accept-language", "")))

    def error(self, request: Request, status: int, text: str, ours: bool = False) -> Response:
        """One sentence: as JSON where the API was asked, as a page elsewhere. `ours` are words in its language already."""
        words = self.words(request)
        if request.url.path.startswith("/api/"):
            return JSONResponse({"detail": text}, status)
        if request.url.path.endswith(("/size", ".png", ".json", ".vl")):
            return JSONResponse({"detail": str(say(text, words.language).text)}, status)
        heading = words("not_found") if status == 404 else words("error")
        return self.page(request, "error.html", status=status, heading=heading, text=text if ours else words.say(text))


def create_app(store: Path, *, review: bool = False, hosts: tuple[str, ...] = LOCAL) -> FastAPI:
    """The explorer of a store. `hosts` are the names it answers to; empty for any (then never with `review`)."""
    from pipeline.web import api, comparing, pages

    site = Site(store, review)

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        yield
        site.pictures.close()
        site.reader.close()

    app = FastAPI(
        title="Lumbung",
        version=f"{CONTRACT_VERSION}.0",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=life,
    )
    app.state.site = site
    guard(app, hosts)
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    for routes in (pages, comparing, api):
        app.include_router(routes.router(site))
    if review:
        from pipeline.web import reviewing

        app.include_router(reviewing.router(site))
    _errors(app, site)
    return app


def _errors(app: FastAPI, site: Site) -> None:
    @app.exception_handler(StoreError)
    def refused(request: Request, error: StoreError) -> Response:
        return site.error(request, 400, " ".join(str(error).split()))

    @app.exception_handler(HTTPException)
    def missing(request: Request, error: HTTPException) -> Response:
        words = site.words(request)
        text = words("no_number") if error.detail in ("Not Found", None) else error.detail
        return site.error(request, error.status_code, text, ours=text in words)

    @app.exception_handler(RequestValidationError)
    def wrong(request: Request, error: RequestValidationError) -> Response:
        named = [(".".join(map(str, one["loc"][1:])), one["msg"]) for one in error.errors()]
        if request.url.path.startswith("/api/"):
            return site.error(request, 422, "; ".join(f"{name}: {why}" for name, why in named))
        return site.error(
            request, 422, site.words(request)("wrong_address", names=", ".join(name for name, _ in named)), ours=True
        )
