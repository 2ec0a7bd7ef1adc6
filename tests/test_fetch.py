from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.answers import asked_wait
from pipeline.fetch import Fetched, Fetcher, FetchError
from pipeline.guard import is_public
from pipeline.robots import read_robots
from pipeline.sources import Politeness, SourcesError, read_sources
from tests.web_server import PDF, Site, answer, drip, failing, flood, promise, redirect, serving


@pytest.fixture
def site() -> Iterator[Site]:
    with serving(Site()) as made:
        yield made


def fetcher(raw: Path, **rules: Any) -> Fetcher:
    quick = {
        "allow_hosts": ("127.0.0.1",),
        "pause_seconds": 0.0,
        "retry_seconds": 0.01,
        "attempts": 3,
        "max_mebibytes": 1,
    }
    return Fetcher(raw, Politeness(**quick | rules))


def get(raw: Path, url: str, **rules: Any) -> Fetched:
    with fetcher(raw, **rules) as fetching:
        return next(fetching.fetch([url]))


def test_a_file_is_kept_by_its_sha256_and_asked_for_only_when_changed(site: Site, tmp_path: Path) -> None:
    site.pages["/a/report.pdf"] = PDF
    first = get(tmp_path, site.url("/a/report.pdf"))
    assert (first.status, first.name) == ("new", "report.pdf")
    assert first.path is not None and first.path.read_bytes() == PDF and first.path.stem == first.document_id
    again = get(tmp_path, site.url("/a/report.pdf"))
    assert (again.status, again.path, again.fetched_at) == ("unchanged", first.path, first.fetched_at)
    assert site.conditional["/a/report.pdf"] == 1
    site.pages["/a/report.pdf"] = PDF + b"new edition"
    changed = get(tmp_path, site.url("/a/report.pdf"))
    assert changed.status == "changed" and changed.document_id != first.document_id
    assert first.path.read_bytes() == PDF
    assert not list((tmp_path / ".incoming").iterdir())


def test_a_lost_raw_file_is_fetched_anew(site: Site, tmp_path: Path) -> None:
    site.pages["/r.pdf"] = PDF
    first = get(tmp_path, site.url("/r.pdf"))
    assert first.path is not None
    first.path.unlink()
    assert get(tmp_path, site.url("/r.pdf")).path == first.path
    assert first.path.read_bytes() == PDF


@pytest.mark.parametrize(
    ("behaviour", "status", "said", "requests"),
    [
        pytest.param(failing(2, PDF), "new", None, 3, id="500s that pass"),
        pytest.param(failing(99, PDF), "failed", "the server answers 503 (3 attempts)", 3, id="500s that stay"),
        pytest.param(lambda r: answer(r, 403), "failed", "the server answers 403", 1, id="forbidden"),
        pytest.param(lambda r: answer(r, 200, b"<html>sorry"), "failed", "gives an HTML page, no PDF", 1, id="HTML"),
        pytest.param(lambda r: answer(r, 200, b""), "failed", "gives nothing, no PDF", 1, id="nothing"),
        pytest.param(drip, "failed", "takes longer than 0.5 seconds", 1, id="slow drip"),
        pytest.param(promise, "failed", "is larger than 1 MiB", 1, id="10 GB promise"),
        pytest.param(flood, "failed", "is larger than 1 MiB", 1, id="no length and no end"),
        pytest.param(
            redirect("file:///etc/passwd"), "failed", "redirects to file, which is not fetched", 1, id="to a file"
        ),
        pytest.param(redirect("/x"), "failed", "redirects more than 5 times", 6, id="redirect circle"),
        pytest.param(
            lambda r: answer(r, 200, PDF, Content_Length="9999", Connection="close"),
            "failed",
            "the connection failed",
            3,
            id="cut off",
        ),
    ],
)
def test_servers_that_misbehave(
    site: Site, tmp_path: Path, behaviour: Any, status: str, said: str | None, requests: int
) -> None:
    site.pages["/x"] = behaviour
    got = get(tmp_path, site.url("/x"), total_seconds=0.5, timeout_seconds=5.0)
    assert got.status == status and (said is None) == (got.error is None) and (said or "") in (got.error or "")
    assert site.asked["/x"] == requests
    assert not [f for f in tmp_path.rglob("*") if f.is_file() and f.parent.name == ".incoming"]


def test_what_came_before_stays_when_a_fetch_fails(site: Site, tmp_path: Path) -> None:
    site.pages["/r.pdf"] = PDF
    first = get(tmp_path, site.url("/r.pdf"))
    del site.pages["/r.pdf"]
    gone = get(tmp_path, site.url("/r.pdf"))
    assert gone.status == "failed" and gone.error is not None and gone.error.startswith("is gone (404)")
    assert gone.path == first.path


@pytest.mark.parametrize(
    "to", ["http://127.0.0.1:{port}/r.pdf", "http://localhost:{port}/r.pdf", "http://[::ffff:127.0.0.1]:{port}/r.pdf"]
)
def test_a_redirect_into_a_private_network_is_refused(site: Site, tmp_path: Path, to: str) -> None:
    site.pages["/r.pdf"] = PDF
    site.pages["/public"] = redirect(to.format(port=site.port))
    with fetcher(tmp_path, allow_hosts=(f"entrance.test:{site.port}",)) as fetching:
        found = socket.getaddrinfo
        fake = lambda host, *a, **k: found("127.0.0.1" if host == "entrance.test" else host, *a, **k)  # noqa: E731
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(socket, "getaddrinfo", fake)
            got = next(fetching.fetch([f"http://entrance.test:{site.port}/public"]))
    assert got.status == "failed" and got.error is not None and "leads to a private address" in got.error
    assert site.asked == {"/public": 1}


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::1]", "0.0.0.0"])
def test_private_addresses_are_refused_unless_allowed(site: Site, tmp_path: Path, host: str) -> None:
    site.pages["/r.pdf"] = PDF
    got = get(tmp_path, f"http://{host}:{site.port}/r.pdf", allow_hosts=(), attempts=1)
    assert got.status == "failed" and not site.asked


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True), ("2606:4700::1111", True), ("10.0.0.1", False), ("172.16.3.4", False),
        ("192.168.1.1", False), ("169.254.169.254", False), ("127.1.2.3", False), ("0.0.0.0", False),
        ("100.64.0.1", False), ("224.0.0.1", False), ("255.255.255.255", False), ("::1", False),
        ("fe80::1%eth0", False), ("fc00::1", False), ("::ffff:10.0.0.1", False), ("64:ff9b::7f00:1", False),
        ("64:ff9b::808:808", True), ("2002:7f00:1::", False),
    ],
)  # fmt: skip
def test_public_addresses(address: str, public: bool) -> None:
    assert is_public(address) is public


def test_a_host_is_asked_with_pauses(site: Site, tmp_path: Path) -> None:
    for number in range(4):
        site.pages[f"/{number}.pdf"] = PDF
    with fetcher(tmp_path, pause_seconds=0.1) as fetching:
        assert len(list(fetching.fetch(site.url(f"/{n}.pdf") for n in range(4)))) == 4
    assert all(b - a >= 0.09 for a, b in zip(site.times, site.times[1:], strict=False))


def test_a_host_that_does_not_answer_costs_the_night_nothing(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with fetcher(tmp_path, attempts=2, give_up_after=2) as fetching:
            got = list(fetching.fetch(f"http://127.0.0.1:{port}/{n}.pdf" for n in range(5)))
    assert [g.error is not None and "left for the next run" in g.error for g in got] == [False, False, True, True, True]


@pytest.mark.parametrize(
    ("headers", "requests", "left"),
    [
        pytest.param({"Retry_After": "3600"}, 1, 4, id="an hour"),
        pytest.param({"Retry_After": "Fri, 01 Jan 2100 10:00:00 GMT"}, 1, 4, id="a date"),
        pytest.param({"Retry_After": "0"}, 4, 3, id="at once, and again"),
        pytest.param({}, 4, 3, id="nothing said"),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_a_host_that_is_asked_too_much_is_left_for_the_next_run(
    site: Site, tmp_path: Path, status: int, headers: dict[str, str], requests: int, left: int
) -> None:
    for number in range(5):
        site.pages[f"/{number}.pdf"] = lambda request: answer(request, status, **headers)
    with fetcher(tmp_path, attempts=2, give_up_after=2) as fetching:
        got = list(fetching.fetch(site.url(f"/{n}.pdf") for n in range(5)))
    assert sum(site.asked.values()) == requests
    assert sum("before: left for the next run" in (g.error or "") for g in got) == left


@pytest.mark.parametrize(
    ("disposition", "path", "name"),
    [
        pytest.param('attachment; filename="../../etc/passwd"', "/d", "passwd.pdf", id="upwards"),
        pytest.param("attachment; filename*=UTF-8''Renja%202024.pdf", "/d", "Renja 2024.pdf", id="encoded"),
        pytest.param('attachment; filename="C:\\\\x\\\\a.pdf"', "/d", "a.pdf", id="backslashes"),
        pytest.param(None, "/%2e%2e%2fx%0a.pdf", "x .pdf", id="in the address"),
        pytest.param(None, "/", None, id="no name"),
    ],
)
def test_names_from_the_network_are_never_paths(
    site: Site, tmp_path: Path, disposition: str | None, path: str, name: str | None
) -> None:
    headers = {"Content_Disposition": disposition} if disposition else {}
    site.pages[path] = lambda request: answer(request, 200, PDF, **headers)
    got = get(tmp_path / "raw", site.url(path))
    assert got.name == (name or f"{(got.document_id or '')[:12]}.pdf")
    files = sorted(p.relative_to(tmp_path) for p in tmp_path.rglob("*.pdf"))
    assert files == [Path("raw", (got.document_id or "")[:2], f"{got.document_id}.pdf")]


def test_links_of_an_index_page(site: Site, tmp_path: Path) -> None:
    page = b"""<html><base href="/files/"><a href="renja-2024.pdf">1</a><a HREF='renja-2023.pdf#page=2'>2</a>
    <a href="lkjip-2024.pdf">3</a><a href="javascript:x.pdf">4</a><a href="file:///renja-2020.pdf">5</a>
    <a href="http://[broken/renja-2021.pdf">6</a><a href="renja-2024.pdf">again</a>"""
    site.pages["/index"] = lambda request: answer(request, 200, page, Content_Type="text/html")
    with fetcher(tmp_path) as fetching:
        found = fetching.links(site.url("/index"), re.compile(r"renja-(?P<fiscal_year>\d{4})\.pdf$"))
        assert [(u, m["fiscal_year"]) for u, m in found] == [
            (site.url("/files/renja-2024.pdf"), "2024"),
            (site.url("/files/renja-2023.pdf"), "2023"),
        ]
        with pytest.raises(FetchError, match="is gone"):
            fetching.links(site.url("/nowhere"), re.compile("x"))


# -- robots.txt ------------------------------------------------------------------------------------------------------

RFC = """
User-Agent: *
Disallow: *.gif$
Disallow: /example/
Allow: /publications/

User-Agent: foobot
Disallow:/
Allow:/example/page.html
Allow:/example/allowed.gif

User-Agent: barbot
User-Agent: bazbot
Disallow: /example/page.html

User-Agent: quxbot
"""  # RFC 9309, 5.1


@pytest.mark.parametrize(
    ("text", "agent", "path", "allowed"),
    [
        pytest.param(RFC, "lumbung", "/a/b.gif", False, id="any agent, end"),
        pytest.param(RFC, "lumbung", "/a/b.gif?x", True, id="any agent, not at the end"),
        pytest.param(RFC, "lumbung", "/publications/x.pdf", True, id="any agent, allowed"),
        pytest.param(RFC, "foobot", "/publications/x.pdf", False, id="own group only"),
        pytest.param(RFC, "foobot", "/example/page.html", True, id="the longer rule"),
        pytest.param(RFC, "bazbot", "/example/page.html", False, id="two names, one group"),
        pytest.param(RFC, "quxbot", "/example/", True, id="a group without rules"),
        pytest.param("user-agent: *\ndisallow: /", "lumbung", "/robots.txt", True, id="itself"),
        pytest.param("user-agent: *\ndisallow:", "lumbung", "/x", True, id="an empty rule"),
        pytest.param("user-agent: *\ndisallow: /a\nallow: /a", "lumbung", "/a", True, id="equally long"),
        pytest.param("user-agent: *\ndisallow: /wp/*.pdf", "lumbung", "/wp/2024/r.pdf", False, id="star"),
        pytest.param("user-agent: *\ndisallow: /*?download=", "lumbung", "/x?download=7", False, id="query"),
        pytest.param("user-agent: *\ndisallow: /%7euser/%c3%a9", "lumbung", "/~user/é.pdf", False, id="escapes"),
        pytest.param("user-agent: LUMBUNG/2.0 # us\ndisallow: /", "lumbung", "/x", False, id="name and version"),
        pytest.param("user-agent: lumb\ndisallow: /", "lumbung", "/x", True, id="another name"),
        pytest.param("<html>not found</html>", "lumbung", "/x", True, id="no robots.txt"),
        pytest.param(
            "user-agent: *\ndisallow: " + "/*a" * 400 + "$", "lumbung", "/a" * 900 + "b", True, id="many stars"
        ),
    ],
)
def test_robots(text: str, agent: str, path: str, allowed: bool) -> None:
    assert read_robots(text, agent).allows(f"https://example.org{path}") is allowed


def test_robots_of_an_index_page(site: Site, tmp_path: Path) -> None:
    site.pages["/list"] = lambda request: answer(request, 200, b'<a href="open.pdf">1</a><a href="closed.pdf">2</a>')
    site.pages |= {"/open.pdf": PDF, "/closed.pdf": PDF + b"2"}
    robots = b"User-agent: *\nDisallow: /closed\nCrawl-delay: 0.2"
    site.pages["/robots.txt"] = lambda request: answer(request, 200, robots, Content_Type="text/plain")
    with fetcher(tmp_path) as fetching:
        links = [url for url, _ in fetching.links(site.url("/list"), re.compile("pdf"))]
        found = {got.url.rsplit("/", 1)[1]: got for got in fetching.fetch(links, crawled=links)}
    assert found["open.pdf"].status == "new" and found["closed.pdf"].status == "failed"
    assert "robots.txt asks machines to leave this address alone" in (found["closed.pdf"].error or "")
    assert site.asked == {"/robots.txt": 1, "/list": 1, "/open.pdf": 1}
    assert site.times[-1] - site.times[-2] >= 0.15  # about as long as it asks for: the answer takes its time, too
    assert get(tmp_path, site.url("/closed.pdf")).status == "new"  # named by a person
    with fetcher(tmp_path, respect_robots=False) as fetching:
        assert next(fetching.fetch(links[1:], crawled=links)).status == "unchanged"


def test_a_robots_txt_that_cannot_be_had_closes_the_page_for_the_night(site: Site, tmp_path: Path) -> None:
    site.pages["/list"] = lambda request: answer(request, 200, b'<a href="a.pdf">1</a>')
    site.pages["/robots.txt"] = failing(99, b"")
    with fetcher(tmp_path) as fetching, pytest.raises(FetchError, match=r"robots\.txt could not be asked for"):
        fetching.links(site.url("/list"), re.compile("pdf"))
    assert site.asked == {"/robots.txt": 3}


# -- proxies ---------------------------------------------------------------------------------------------------------


def test_a_proxy_is_used_where_it_is_configured(site: Site, tmp_path: Path) -> None:
    site.pages["http://reports.test/r.pdf"] = PDF
    got = get(tmp_path, "http://reports.test/r.pdf", proxy=f"http://127.0.0.1:{site.port}", allow_hosts=())
    assert (got.status, got.name) == ("new", "r.pdf")


def test_the_environment_names_proxies_only_where_that_is_configured(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.pages |= {"http://reports.test/r.pdf": PDF, "/near.pdf": PDF}
    monkeypatch.setenv("HTTP_PROXY", f"127.0.0.1:{site.port}")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    assert get(tmp_path, "http://reports.test/r.pdf", attempts=1).status == "failed"
    assert not site.asked
    assert get(tmp_path, "http://reports.test/r.pdf", proxy="environment").status == "new"
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert get(tmp_path, site.url("/near.pdf"), proxy="environment").status == "new"
    assert site.asked == {"http://reports.test/r.pdf": 1, "/near.pdf": 1}


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "169.254.169.254", "[::1]"])
def test_a_proxy_is_not_asked_for_private_addresses(site: Site, tmp_path: Path, host: str) -> None:
    rules = {"proxy": f"http://127.0.0.1:{site.port}", "allow_hosts": ()}
    got = get(tmp_path, f"http://{host}/r.pdf", **rules)
    assert got.status == "failed" and "leads to a private address" in (got.error or "") and not site.asked


SOURCES = """
[fetch]
allow_hosts = ["Intranet"]
[[publisher]]
name = "one"
agency = "Badan Kepegawaian Daerah"
doc_type = "renja"
folders = ["in"]
urls = ["https://example.org/a.pdf"]
[[publisher.index]]
page = "https://example.org/list"
links = 'x-(?P<fiscal_year>\\d{4})\\.pdf'
[[publisher.document]]
url = "https://example.org/b"
fiscal_year = 2025
doc_type = "lkjip"
"""


def test_sources(tmp_path: Path) -> None:
    (tmp_path / "sources.toml").write_text(SOURCES)
    read = read_sources(tmp_path / "sources.toml")
    assert read.politeness.allow_hosts == ("intranet",)
    said = {"agency": "Badan Kepegawaian Daerah", "doc_type": "renja"}
    assert [(o.kind, o.at, o.said) for o in read.origins] == [
        ("url", "https://example.org/b", said | {"fiscal_year": "2025", "doc_type": "lkjip"}),
        ("url", "https://example.org/a.pdf", said),
        ("index", "https://example.org/list", said),
        ("folder", str(tmp_path / "in"), said),
    ]


def test_a_tilde_in_a_path_is_the_home(tmp_path: Path) -> None:
    (tmp_path / "s.toml").write_text("[[publisher]]\nname = 'a'\nfolders = ['~/in', 'b']")
    assert [o.at for o in read_sources(tmp_path / "s.toml").origins] == [str(Path.home() / "in"), str(tmp_path / "b")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("[[publisher]]\nfolders = ['x']", "needs a `name`", id="no name"),
        pytest.param("[[publisher]]\nname = 'a'\nfolder = ['x']", "unknown word `folder`", id="unknown word"),
        pytest.param("[[publisher]]\nname = 'a'\nurls = ['ftp://x/y']", "no http or https address", id="address"),
        pytest.param("[[publisher]]\nname = 'a'\nfiscal_year = 24", "is no year", id="year"),
        pytest.param("[[publisher]]\nname = 'a'\ndoc_type = 'plan'", "is none of renja", id="kind"),
        pytest.param("[[publisher]]\nname = 'a'\nregion_code = '00.99'", "is no Kemendagri code", id="region"),
        pytest.param(
            "[[publisher]]\nname = 'a'\n[[publisher.index]]\npage = 'http://x/'\nlinks = '('", "regular", id="pattern"
        ),
        pytest.param("[fetch]\nattempts = 'many'", "should be like 4", id="number"),
        pytest.param("[fetch]\nrespect_robots = 'no'", "should be like True", id="yes or no"),
        pytest.param("[fetch]\nproxy = 'squid'", "is no http or https address", id="proxy"),
        pytest.param("a = ", "cannot be read", id="syntax"),
        pytest.param("", "it names nothing to read", id="empty, as after a full disk"),
        pytest.param("[[publisher]]\nname = 'a'", "publisher `a` names nothing to read", id="nothing to read"),
        pytest.param(
            "[[publisher]]\nname = 'a'\nregion_code = 17.10", "should be a text in quotes", id="17.10 is 17.1"
        ),
        pytest.param("[[publisher]]\nname = 'a'\nagency = ['x']", "should be a text in quotes", id="a list"),
        pytest.param("[[publisher]]\nname = 'a'\npassword_env = 5", "should name a variable", id="no variable"),
        pytest.param("[[publisher]]\nname = 'a'\n[[publisher.document]]\nfile = 7", "`7` is no path", id="no path"),
    ],
)
def test_mistakes_in_sources_are_told(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "sources.toml").write_text(text)
    with pytest.raises(SourcesError, match=re.escape(said)):
        read_sources(tmp_path / "sources.toml")


@pytest.mark.parametrize(
    ("text", "date", "seconds"),
    [
        pytest.param("7", "", 7.0, id="seconds"),
        pytest.param(
            "Wed, 01 Jan 2020 00:01:00 GMT", "Wed, 01 Jan 2020 00:00:00 GMT", 60.0, id="by the server's clock"
        ),
        pytest.param("Wed, 01 Jan 2020 00:00:00 GMT", "Wed, 01 Jan 2020 00:01:00 GMT", 0.0, id="over"),
        pytest.param("Wed, 01 Jan 2020 00:01:00 GMT", "", 0.0, id="by ours"),
        pytest.param("soon", "Wed, 01 Jan 2020 00:00:00 GMT", None, id="nothing usable"),
    ],
)
def test_how_long_a_server_asks_to_wait(text: str, date: str, seconds: float | None) -> None:
    """Whatever the clock of this machine says."""
    assert asked_wait(text, date) == seconds
