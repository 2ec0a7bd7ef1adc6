"""Servers as they are: without ETag, packed, in pieces, with editions that come back and links that move."""

from __future__ import annotations

import gzip
import socket
import zlib
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from pipeline.fetch import Fetched, Fetcher
from pipeline.ingest import Settings
from pipeline.refresh import Run, refresh
from pipeline.sources import Politeness
from pipeline.store import reading
from tests.fakes import fact, pdf
from tests.web_server import PDF, Site, answer, redirect, serving

Behaviour = Callable[[BaseHTTPRequestHandler], None]
SINCE = "Mon, 02 Jan 2023 10:00:00 GMT"


@pytest.fixture
def site() -> Iterator[Site]:
    with serving(Site()) as made:
        yield made


def get(raw: Path, *urls: str, allow: str = "127.0.0.1") -> list[Fetched]:
    rules = Politeness(allow_hosts=(allow,), pause_seconds=0, retry_seconds=0.01, attempts=2, max_mebibytes=1)
    with Fetcher(raw, rules) as fetching:
        return list(fetching.fetch(urls))


# -- asked again ---------------------------------------------------------------------------------------------------


def dated(log: list[dict[str, str | None]]) -> Behaviour:
    """A server without ETag that knows since when its file stands."""

    def behave(request: BaseHTTPRequestHandler) -> None:
        log.append({name: request.headers.get(name) for name in ("If-None-Match", "If-Modified-Since")})
        if request.headers.get("If-Modified-Since") == SINCE:
            answer(request, 304)
        else:
            answer(request, 200, PDF, Last_Modified=SINCE)

    return behave


def test_only_a_date(site: Site, tmp_path: Path) -> None:
    log: list[dict[str, str | None]] = []
    site.pages["/r.pdf"] = dated(log)
    first, again = (get(tmp_path, site.url("/r.pdf"))[0] for _ in range(2))
    assert (first.status, again.status, again.path) == ("new", "unchanged", first.path)
    assert log == [
        {"If-None-Match": None, "If-Modified-Since": None},
        {"If-None-Match": None, "If-Modified-Since": SINCE},
    ]


def test_neither_a_tag_nor_a_date(site: Site, tmp_path: Path) -> None:
    site.pages["/r.pdf"] = lambda request: answer(request, 200, PDF)
    first, again = (get(tmp_path, site.url("/r.pdf"))[0] for _ in range(2))
    assert (first.status, again.status, again.fetched_at) == ("new", "unchanged", first.fetched_at)
    site.pages["/r.pdf"] = lambda request: answer(request, 200, PDF + b"2")
    assert get(tmp_path, site.url("/r.pdf"))[0].status == "changed"
    assert site.asked["/r.pdf"] == 3


def test_a_weak_tag_is_sent_back_as_it_came(site: Site, tmp_path: Path) -> None:
    def behave(request: BaseHTTPRequestHandler) -> None:
        if request.headers.get("If-None-Match") == 'W/"5f-2"':
            answer(request, 304, ETag='W/"5f-2"')
        else:
            answer(request, 200, PDF, ETag='W/"5f-2"')

    site.pages["/r.pdf"] = behave
    assert [get(tmp_path, site.url("/r.pdf"))[0].status for _ in range(2)] == ["new", "unchanged"]


def test_not_modified_although_nobody_asked(site: Site, tmp_path: Path) -> None:
    site.pages["/r.pdf"] = lambda request: answer(request, 304)
    got = get(tmp_path, site.url("/r.pdf"))[0]
    assert got.status == "failed" and got.path is None and "gives nothing" in (got.error or "")


# -- on the way ----------------------------------------------------------------------------------------------------


def test_a_private_address_in_the_middle_of_a_chain(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, *a, **k: found("127.0.0.1" if host == "open.test" else host, *a, **k)
    )
    entrance = f"http://open.test:{site.port}"
    site.pages |= {
        "/first": redirect("/second"),
        "/second": redirect(site.url("/inside")),
        "/inside": redirect(f"{entrance}/r.pdf"),
        "/r.pdf": PDF,
    }
    got = get(tmp_path, f"{entrance}/first", allow=f"open.test:{site.port}")[0]
    assert got.status == "failed" and "127.0.0.1 leads to a private address" in (got.error or "")
    assert site.asked == {"/first": 1, "/second": 1}
    site.pages["/second"] = redirect(f"{entrance}/r.pdf")
    assert get(tmp_path, f"{entrance}/first", allow=f"open.test:{site.port}")[0].status == "new"


@pytest.mark.parametrize(
    ("written", "asked", "name"),
    [
        pytest.param("/Renja 2024.pdf", "/Renja%202024.pdf", "Renja 2024.pdf", id="a blank"),
        pytest.param("/é/Renja – 2024.pdf", "/%C3%A9/Renja%20%E2%80%93%202024.pdf", "Renja – 2024.pdf", id="unicode"),
        pytest.param("/d%C3%A9p%20t.pdf?a=b c&d=%20", "/d%C3%A9p%20t.pdf?a=b%20c&d=%20", "dép t.pdf", id="both"),
    ],
)
def test_addresses_as_people_write_them(site: Site, tmp_path: Path, written: str, asked: str, name: str) -> None:
    site.pages[asked] = PDF
    got = get(tmp_path, site.url(written))[0]
    assert (got.status, got.name, got.url) == ("new", name, site.url(written))
    site.pages["/there"] = redirect(written.encode().decode("latin-1"))  # the bytes of UTF-8, as servers send them
    assert get(tmp_path, site.url("/there"))[0].document_id == got.document_id


# -- how the bytes come --------------------------------------------------------------------------------------------


def chunked(pieces: int, piece: bytes, end: bool = True) -> Behaviour:
    """In pieces, and no length is said."""

    def behave(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Transfer-Encoding", "chunked")
        request.end_headers()
        for part in [PDF, *[piece] * pieces]:
            request.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
        if end:
            request.wfile.write(b"0\r\n\r\n")
        request.close_connection = True

    return behave


def packed(body: bytes, packing: str = "gzip") -> Behaviour:
    return lambda request: answer(request, 200, body, Content_Encoding=packing)


def until_closed(body: bytes) -> Behaviour:
    """Packed, no length is said: the end of the connection is the end."""

    def behave(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Encoding", "gzip")
        request.send_header("Connection", "close")
        request.end_headers()
        request.wfile.write(body)
        request.close_connection = True

    return behave


LONG = PDF + bytes(range(256)) * 2000
BOMB = gzip.compress(PDF + bytes(200 * 1024 * 1024), 1)


@pytest.mark.parametrize(
    ("behaviour", "content"),
    [
        pytest.param(chunked(3, b"y" * 1000), PDF + b"y" * 3000, id="in pieces"),
        pytest.param(packed(gzip.compress(LONG)), LONG, id="gzip"),
        pytest.param(packed(gzip.compress(LONG), "x-gzip"), LONG, id="x-gzip"),
        pytest.param(packed(zlib.compress(LONG), "deflate"), LONG, id="deflate"),
        pytest.param(packed(LONG, "identity"), LONG, id="identity"),
        pytest.param(until_closed(gzip.compress(LONG)), LONG, id="gzip without a length"),
    ],
)
def test_however_the_bytes_come(site: Site, tmp_path: Path, behaviour: Behaviour, content: bytes) -> None:
    site.pages["/r.pdf"] = behaviour
    got = get(tmp_path, site.url("/r.pdf"))[0]
    assert got.error is None and got.path is not None and got.path.read_bytes() == content


@pytest.mark.parametrize(
    ("behaviour", "said", "requests"),
    [
        pytest.param(chunked(160_000, b"y" * 65536), "is larger than 1 MiB", 1, id="10 GB in pieces"),
        pytest.param(chunked(3, b"y" * 1000, end=False), "the connection failed", 2, id="pieces without an end"),
        pytest.param(packed(BOMB), "is larger than 1 MiB", 1, id="a bomb"),
        pytest.param(until_closed(gzip.compress(LONG)[:-2000]), "is packed (gzip) and ends early", 2, id="cut off"),
        pytest.param(packed(b"\x1f\x8b" + LONG), "is packed (gzip) and damaged", 1, id="damaged"),
        pytest.param(packed(LONG, "br"), "is packed (br), which was not asked for", 1, id="another way"),
    ],
)
def test_bytes_that_do_not_come(site: Site, tmp_path: Path, behaviour: Behaviour, said: str, requests: int) -> None:
    site.pages["/r.pdf"] = behaviour
    got = get(tmp_path, site.url("/r.pdf"))[0]
    assert got.status == "failed" and said in (got.error or "") and site.asked["/r.pdf"] == requests
    assert not list((tmp_path / ".incoming").glob("*")) and not list(tmp_path.rglob("*.pdf"))


# -- over the nights -----------------------------------------------------------------------------------------------


class Nights:
    """Nights of one publisher; `values` are those that are served."""

    def __init__(self, store: Path, folder: Path, said: str) -> None:
        self.store, self.sources = store, folder / "sources.toml"
        polite = '[fetch]\nallow_hosts = ["127.0.0.1"]\npause_seconds = 0\nretry_seconds = 0.01\nattempts = 2\n'
        self.sources.write_text(f'{polite}[[publisher]]\nname = "one"\n{said}')
        self._made = folder / "made.pdf"

    def document(self, value: int) -> bytes:
        return pdf(self._made, fact(value=str(value))).read_bytes()

    def night(self) -> Run:
        return refresh(self.sources, Settings(self.store), gate=1.0)

    def ask(self, query: str) -> list[tuple[object, ...]]:
        with reading(self.store) as connection:
            return connection.execute(query).fetchall()

    def values(self) -> list[object]:
        return [row[0] for row in self.ask("select value::integer from facts order by 1")]


def test_an_edition_that_comes_back(store: Path, site: Site, tmp_path: Path) -> None:
    nights = Nights(store, tmp_path, f'urls = ["{site.url("/r.pdf")}"]')
    served, generations = [], []
    for value in (1, 2, 1):
        site.pages["/r.pdf"] = nights.document(value)
        run = nights.night()
        served.append(nights.values())
        generations.append(run.generation)
        assert (run.exit_code, run.fetched) == (0, {"new" if run.generation == 1 else "changed": 1})
    assert served == [[1], [2], [1]] and generations == [1, 2, 3]
    assert run.values == {"removed": 0, "changed": 1, "added": 0}
    assert [(row["old_value"], row["new_value"]) for row in run.values_changed] == [("2", "1")]
    history = nights.ask("select value::integer, last_generation from facts_history order by last_generation")
    assert history == [(1, 1), (2, 2)]
    assert nights.night().generation == 3


def test_two_addresses_of_the_same_bytes(store: Path, site: Site, tmp_path: Path) -> None:
    urls = [site.url("/a.pdf"), site.url("/b.pdf")]
    nights = Nights(store, tmp_path, f"urls = {urls}".replace("'", '"'))
    site.pages |= {"/a.pdf": nights.document(1), "/b.pdf": nights.document(1)}
    run = nights.night()
    assert (run.exit_code, run.copies, run.documents, nights.values()) == (0, 1, 1, [1])
    assert nights.ask("select source_uri from document_sources order by 1") == [(url,) for url in urls]
    site.pages["/b.pdf"] = nights.document(2)  # they part
    assert nights.night().exit_code == 0 and nights.values() == [1, 2]
    del site.pages["/a.pdf"]
    assert nights.night().exit_code == 1 and nights.values() == [1, 2]


def test_an_index_page_whose_links_move(store: Path, site: Site, tmp_path: Path) -> None:
    nights = Nights(store, tmp_path, f'[[publisher.index]]\npage = "{site.url("/list")}"\nlinks = "pdf$"\n')
    link = ["/old/r.pdf"]
    site.pages["/list"] = lambda request: answer(request, 200, f'<a href="{link[0]}">r</a>'.encode())
    site.pages["/old/r.pdf"] = nights.document(1)
    assert nights.night().exit_code == 0
    site.pages["/new/r.pdf"], link[0] = site.pages.pop("/old/r.pdf"), "/new/r.pdf"
    run = nights.night()
    assert (run.exit_code, run.fetched, nights.values()) == (0, {"new": 1}, [1])
    assert nights.ask("select count(*) from document_sources") == [(2,)] and site.asked["/old/r.pdf"] == 1
    site.pages["/list"] = lambda request: answer(request, 302, Location="/moved/list")
    site.pages["/moved/list"] = lambda request: answer(request, 200, b'<a href="../new/r.pdf">r</a>')
    assert nights.night().fetched == {"unchanged": 1} and nights.values() == [1]
