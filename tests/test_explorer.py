"""The explorer's answers, without a browser."""

from __future__ import annotations

import csv
import html
import io
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from fastapi.testclient import TestClient

from pipeline.query import query
from pipeline.web.app import create_app
from pipeline.web.security import Tokens, host_of
from pipeline.web.words import LANGUAGES, Words, dictionary, language_of
from tests.explorer import FORMULA, QUERY, SCRIPT, fill_store

WEB = Path(__file__).parent.parent / "pipeline" / "web"
LOCAL = "http://127.0.0.1"


@pytest.fixture(scope="module")
def store(reports_store: Path) -> Path:
    return reports_store


@pytest.fixture(scope="module")
def client(store: Path) -> Iterator[TestClient]:
    with TestClient(create_app(store), base_url=LOCAL, headers={"Accept-Language": "en"}) as made:
        yield made


def some(client: TestClient, sql: str) -> list[list[object]]:
    rows = client.get("/api/query", params={"sql": sql}).json()["rows"]
    assert rows
    return list(rows)


def hostile(client: TestClient) -> str:
    return str(some(client, "select document_id from documents where document like '%hostile%'")[0][0])


PAGES = (
    "/",
    "/documents",
    "/compare",
    "/compare?code=X.XX.01.*.06",
    "/search?q=kepegawaian",
    "/sql?q=select+1",
    "/api",
    "/help",
)


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_answer_in_both_languages(client: TestClient, path: str, language: str) -> None:
    answer = client.get(path, headers={"Accept-Language": language})
    assert answer.status_code == 200 and f'<html lang="{language}">' in answer.text
    assert Words(language)("footer") in answer.text


def test_no_page_holds_anything_inline_or_from_elsewhere(client: TestClient) -> None:
    fact = some(client, "select fact_id from facts limit 1")[0][0]
    pages = (*PAGES, f"/documents/{hostile(client)}/pages/1", f"/facts/{fact}", "/nothing", "/compare?code=mutasi")
    for path in pages:
        answer = client.get(path)
        text = answer.text
        assert not re.search(r"<script(?![^>]*\ssrc=\"/static/)", text), path
        assert not re.search(r"\s(?:style|on\w+)\s*=\s*[\"']", re.sub(r">[^<]*<", "><", text)), path
        assert not re.search(r"(?:src|href|action)=\"(?:https?:)?//", text), path
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy and "*" not in policy


def test_hostile_text_stays_text(client: TestClient) -> None:
    page = client.get(f"/documents/{hostile(client)}/pages/1").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page and FORMULA in page
    everything = page + client.get("/documents").text + client.get("/search", params={"q": SCRIPT}).text
    everything += client.get("/sql", params={"q": "select caption from tables"}).text
    everything += client.get("/compare", params={"code": SCRIPT}).text + client.get(f"/{QUERY}").text
    assert SCRIPT not in everything and "<img src=x" not in everything and "<b>hostile" not in everything


def test_a_document_is_shown_as_printed(client: TestClient) -> None:
    document, page = some(
        client,
        "select document_id, page from facts where raw = '425.600.000' or value = 425600000 order by page limit 1",
    )[0]
    text = client.get(f"/documents/{document}/pages/{page}").text
    cells = some(client, f"select text from cells where document_id = '{document}' and page = {page}")
    shown = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text)).replace("&amp;", "&").replace("&#39;", "'")
    for (cell,) in cells:
        assert " ".join(str(cell).split()) in shown


def test_a_number_tells_its_story(client: TestClient) -> None:
    fact = some(client, "select fact_id from facts where status = 'conflict' and len(bbox) = 4 limit 1")[0][0]
    said = client.get(f"/api/facts/{fact}").json()
    text = client.get(f"/facts/{fact}", params={"panel": 1}).text
    assert said["checks"] and said["checks"][0]["verdict"] == "fails"
    assert "! " not in text and 'class="status conflict"' in text and "fails" in text
    for part in said["column_label"].split(" > "):
        assert part.replace("&", "&amp;") in text.replace("&#39;", "'")


def test_a_picture_is_as_large_as_its_page_and_gone_without_its_file(client: TestClient) -> None:
    document = hostile(client)
    assert client.get(f"/documents/{document}/pages/1.png").content.startswith(b"\x89PNG")
    assert client.get(f"/documents/{document}/pages/1/size").json() == {"width": 595.0, "height": 842.0}
    assert client.get(f"/documents/{document}/pages/9/size").status_code == 400
    assert client.get("/documents/0123456789/pages/1.png").status_code == 404


def test_a_picture_is_not_drawn_for_a_parent_that_has_ended(tmp_path: Path) -> None:
    with subprocess.Popen(["true"]) as ended:
        ended.wait()
    page = next((Path(__file__).parent.parent / "data" / "raw").glob("rkt*.pdf"))
    line = [sys.executable, "-m", "pipeline.web.picture_child", str(page), "1", str(tmp_path / "1.png"), "1"]
    run = subprocess.run([*line, str(ended.pid)], capture_output=True, text=True)
    assert run.returncode == 1 and not list(tmp_path.iterdir())


def test_a_file_that_has_changed_is_not_shown(tmp_path: Path) -> None:
    store = fill_store(tmp_path, ())
    with TestClient(create_app(store), base_url=LOCAL, headers={"Accept-Language": "en"}) as client:
        (tmp_path / "<b>hostile<b> =1+1.pdf").write_bytes(b"%PDF-1.4 another")
        answer = client.get(f"/documents/{hostile(client)}/pages/1.png")
    assert answer.status_code == 400 and "gone or has changed" in answer.json()["detail"]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_download_equals_the_sql(client: TestClient, store: Path, form: str) -> None:
    body = client.get(f"/compare.{form}", params={"code": "X.XX.01.*.06", "year": "2024"}).content
    if form == "csv":
        rows = [(r["region"], float(r["pagu"])) for r in csv.DictReader(io.StringIO(body.decode())) if r["pagu"]]
    else:
        sheet = openpyxl.load_workbook(io.BytesIO(body))["compare"]
        lines = [
            dict(zip([c.value for c in sheet[1]], [c.value for c in line], strict=True))
            for line in sheet.iter_rows(min_row=2)
        ]
        rows = [(line["region"], float(line["pagu"])) for line in lines if line["pagu"] is not None]
        assert sheet.freeze_panes == "A2"
    sql = "select region, pagu from pagu where code_comparable = 'X.XX.01.*.06' and year = 2024 and level = 'kegiatan'"
    assert sorted(rows) == sorted((region, float(pagu)) for region, pagu in query(store, sql).rows) != []


def test_gaps_are_named(client: TestClient) -> None:
    said = client.get("/api/compare", params={"code": "X.XX.01.*.06", "year": "2024", "region": "17, 17.01"}).json()
    assert [line["region_code"] for line in said["lines"]] == ["17"]
    assert [(gap["region_code"], gap["why"]) for gap in said["gaps"]] == [("17.01", "no document in the store")]
    assert (said["documents_with"], said["documents"]) == (1, 1)


def test_the_api_is_described_and_answers(client: TestClient) -> None:
    described = client.get("/api/openapi.json").json()
    assert described["openapi"].startswith("3.")
    document = hostile(client)
    name = some(client, "select indicator from indicators limit 1")[0][0]
    asked = {"code": "X.XX.01", "q": "umum", "sql": "select 1", "name": str(name)}
    for path in described["paths"]:
        values = {"document_id": document, "fact_id": some(client, "select fact_id from facts limit 1")[0][0]}
        answer = client.get(path.format(**values), params=asked)
        assert answer.status_code == 200, path
        assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("drop table base.facts", "only SELECT"),
        ("select * from read_csv('/etc/passwd')", "disabled"),
        (
            "select count(*) from range(100000) a, range(100000) b, range(1000) c where a.range + b.range = c.range",
            "stopped",
        ),
        ("select 1; select 2", "exactly one"),
    ],
)
def test_the_sql_box_answers_only(client: TestClient, sql: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if said == "stopped":
        monkeypatch.setattr("pipeline.web.ask.SECONDS", 0.5)
    answer = client.get("/api/query", params={"sql": sql})
    assert answer.status_code == 400 and said in answer.json()["detail"] and "--" not in answer.json()["detail"]


def test_the_sql_box_shows_what_json_and_python_do_not_know(client: TestClient) -> None:
    sql = "select 'nan'::double as a, [{'b': null, 'c': interval '1 month'}] as d, '\\xFF'::blob as e, 1 as x, 2 as x"
    assert client.get("/api/query", params={"sql": sql}).json()["rows"] == [
        ["nan", [{"b": None, "c": "1 month"}], "\\xFF", 1, 2]
    ]
    page = html.unescape(client.get("/sql", params={"q": sql}).text)
    assert '<td>[{"b": null, "c": "1 month"}]</td><td>\\xFF</td>' in page
    assert client.get("/sql.json", params={"q": sql}).json()[0]["x_1"] == 2


def test_other_hosts_and_sites_are_refused(client: TestClient) -> None:
    assert client.get("/", headers={"Host": "evil.example"}).status_code == 421
    assert client.get("/", headers={"Host": "localhost:8077"}).status_code == 200
    taking = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}
    assert client.get("/api/query?sql=select+1", headers=taking).status_code == 403
    assert client.post("/sql").status_code == 403
    assert client.post("/sql", headers={"Origin": "http://evil.example"}).status_code == 403
    assert client.post("/sql", headers={"Origin": LOCAL}).status_code == 405
    assert client.get("/review").status_code == 404


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("localhost", "localhost"),
        ("127.0.0.1:80", "127.0.0.1"),
        ("[::1]:8077", "[::1]"),
        ("[::1]", "[::1]"),
        ("A:1", "a"),
    ],
)
def test_hosts_lose_their_ports(host: str, name: str) -> None:
    assert host_of(host) == name


def test_a_token_opens_once() -> None:
    tokens = Tokens()
    assert tokens.exchange("x") is None and not tokens.knows("None") and not tokens.knows(None)
    cookie = tokens.exchange(str(tokens.once))
    assert tokens.knows(cookie) and tokens.exchange(str(cookie)) is None and tokens.once is None


@pytest.mark.parametrize(
    ("asked", "cookie", "accepted", "language"),
    [
        pytest.param("en", "id", "id", "en", id="asked"),
        pytest.param(None, "en", "id", "en", id="cookie"),
        pytest.param("xx", None, "fr-FR, en;q=0.8, id;q=0.5", "en", id="browser"),
        pytest.param(None, None, "", "id", id="nothing said"),
    ],
)
def test_the_language_of_a_request(asked: str | None, cookie: str | None, accepted: str, language: str) -> None:
    assert language_of(asked, cookie, accepted) == language


def test_every_word_is_there_in_both_languages_and_used() -> None:
    sources = "".join(file.read_text(encoding="utf-8") for file in [*WEB.rglob("*.html"), *WEB.glob("*.py")])
    used = set(re.findall(r"""\b(?:t|words|site\.words\(request\))\(["'](\w+)["']""", sources))
    words = dictionary()
    whole = {word for word in used if not word.endswith("_")}  # `about_` begins several keys
    assert set(words["id"]) == set(words["en"]) >= whole - {"next"}
    beginnings = tuple(used - whole) + tuple(f"{kind}_" for kind in re.findall(r"t\.term\([\"'](\w+)", sources))
    named = set(re.findall(r"[\"'](\w+)[\"']", sources))
    assert [key for key in words["id"] if key not in named and not key.startswith((*beginnings, "explain_"))] == []
    for key in words["id"]:
        blanks = [set(re.findall(r"\{(\w+)\}", words[language][key])) for language in LANGUAGES]
        assert blanks[0] == blanks[1], key


def test_assets_are_small_and_licensed() -> None:
    files = [file for file in (WEB / "static").rglob("*") if file.is_file()]
    assert sum(file.stat().st_size for file in files) < 2_000_000
    for script in (WEB / "static" / "vendor").glob("*.js"):
        licence = script.with_name(script.name.replace(".min", "").replace(".js", ".LICENSE.txt"))
        assert "Redistribution and use" in licence.read_text(encoding="utf-8")
