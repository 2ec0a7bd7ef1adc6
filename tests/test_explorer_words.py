"""What the explorer says: sentences in both languages, regions by name, the nomenclature, indicators, decisions."""

from __future__ import annotations

import csv
import io
import shutil
import socket
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from urllib.parse import quote

import duckdb
import pytest
from fastapi.testclient import TestClient

from pipeline.names import Item
from pipeline.query import query
from pipeline.store import POINTER, StoreError, published_path
from pipeline.vintage import refuse_older
from pipeline.web import decide
from pipeline.web.app import create_app
from pipeline.web.documents import suggestions
from pipeline.web.places import codes_of
from pipeline.web.sentences import LONGEST, marked, say, say_check
from pipeline.web.serve import serve
from pipeline.web.tree import grown, path, under
from tests.explorer import SCRIPT, fill_store

LOCAL = "http://127.0.0.1"


@pytest.fixture(scope="module")
def store(reports_store: Path) -> Path:
    return reports_store


@pytest.fixture(scope="module")
def client(store: Path) -> Iterator[TestClient]:
    with TestClient(create_app(store), base_url=LOCAL, headers={"Accept-Language": "id"}) as made:
        yield made


@pytest.mark.parametrize(
    ("english", "indonesian"),
    [
        pytest.param("not in this document", "tidak ada dalam dokumen ini", id="gap"),
        pytest.param(
            "several cells explain it equally well: 2 for 3 (row 1); 4 for 5 (row 2)",
            "beberapa sel sama-sama dapat menjelaskannya: 2 sebagai ganti 3 (baris 1); 4 sebagai ganti 5 (baris 2)",
            id="sentences in a sentence",
        ),
        pytest.param("`1.2.3`: groups of other than three digits", "`1.2.3`: kelompok digit tidak tiga-tiga", id="why"),
        pytest.param(
            "The prose claims 3 program; table bdb89e618cc6-t003 holds 3.", "Naskahnya menyebut 3 program; tabel 3 memuat 3.",
            id="table by its number",
        ),
        pytest.param(
            "A: kegiatan = the sum of its sub_kegiatan gives 5, but 4 is printed; with 4 instead of 3 this check holds.",
            "A: kegiatan = jumlah sub kegiatan di bawahnya menghasilkan 5, tetapi tercetak 4; dengan 4 sebagai ganti 3 "
            "pemeriksaan ini cocok.",
            id="check without its subject",
        ),
        pytest.param(
            "5 cells of `Realisasi > Modal` print several amounts that nothing parts: they give no facts",
            "5 sel pada `Realisasi > Modal` memuat beberapa angka yang tidak terpisahkan: tidak menjadi fakta",
            id="side by side",
        ),
    ],
)  # fmt: skip
def test_sentences_are_said_in_indonesian(english: str, indonesian: str) -> None:
    assert (say(english, "id").text, say(english, "id").language) == (indonesian, "id")


def test_what_is_not_known_stays_english_and_says_so() -> None:
    said = say(f"nobody wrote {SCRIPT} down", "id")
    assert said.language == "en"
    assert marked(said, "id") == '<span lang="en">nobody wrote &lt;script&gt;alert(1)&lt;/script&gt; down</span>'
    assert marked(said, "en") == "nobody wrote &lt;script&gt;alert(1)&lt;/script&gt; down"
    assert say("x" * (2 * LONGEST), "id").text == "x" * (2 * LONGEST)


def test_a_check_says_what_is_printed_as_it_is_printed() -> None:
    check = {
        "subject": "gives 3, but: holds: 4",
        "claim": "11 = 10/4",
        "explanation": "gives 3, but: holds: 4: 11 = 10/4 holds: 5.",
    }
    assert say_check(check, "id").text == "gives 3, but: holds: 4: 11 = 10/4 cocok: 5."
    twice = {"subject": "A", "claim": "target kinerja 2024 in fc53dc054c56-t003 and fc53dc054c56-t003",
             "explanation": "A: target kinerja 2024 in fc53dc054c56-t003 and fc53dc054c56-t003 holds: 39."}  # fmt: skip
    assert say_check(twice, "id").text == "A: target kinerja 2024, dua kali dalam tabel 3 cocok: 39."
    assert say_check(twice, "en").text == "A: target kinerja 2024 in table 3, twice holds: 39."


def test_every_check_and_problem_of_the_samples_is_said_in_indonesian(store: Path) -> None:
    rows = query(store, "select subject, claim, explanation from checks").rows
    checks = [dict(zip(("subject", "claim", "explanation"), row, strict=True)) for row in rows]
    assert len(checks) > 100
    assert [c["explanation"] for c in checks if say_check(c, "id").language != "id"] == []
    problems = query(store, "select explanation from problems where explanation <> ''").rows
    assert [text for (text,) in problems if say(text, "id").language != "id"] == []


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        pytest.param("17.01, 35.14", ("17.01", "35.14"), id="codes"),
        pytest.param("1701 17", ("17.01", "17"), id="codes with blanks"),
        pytest.param("Bengkulu Selatan; kab. pasuruan", ("17.01", "35.14"), id="names"),
        pytest.param("kota bandung, Provinsi Bengkulu", ("32.73", "17"), id="kinds"),
        pytest.param("", (), id="none"),
    ],
)
def test_regions_are_named_or_coded(text: str, codes: tuple[str, ...]) -> None:
    assert codes_of(text) == codes


@pytest.mark.parametrize(
    ("text", "said"),
    [("Atlantis", "is no region"), ("99.99", "is no region"), ("bandung", "may be"), ("' or 1=1 --", "is no region")],
)
def test_no_region_is_guessed(text: str, said: str) -> None:
    with pytest.raises(StoreError, match=said):
        codes_of(text)


def test_the_nomenclature_has_what_stands_above() -> None:
    items = {
        code: Item(code, level, code, (code,), 2)
        for code, level in (("5.03.02.*.01", "kegiatan"), ("5.03.02.*.01.0001", "sub_kegiatan"), ("X.XX.01", "program"))
    }
    nodes = grown(items)
    assert [node.code for node in under(nodes, None)] == ["5", "X.XX.01"]
    assert [(node.code, node.documents, node.below) for node in path(nodes, "5.03.02.*.01")] == [
        ("5", 0, 2), ("5.03", 0, 2), ("5.03.02", 0, 2), ("5.03.02.*.01", 2, 1)
    ]  # fmt: skip
    assert nodes["5.03"].name == "KEPEGAWAIAN"


def test_suggestions_name_this_cell_first() -> None:
    checks = [{"suggestion": text} for text in ("b: 7.5", "leave out c", "a: 12", "a: 12", None, "5.03.02.2.04.0007")]
    found = suggestions({"fact_id": "a", "checks": checks})
    assert [(one["fact_id"], one["value"], one["here"]) for one in found] == [
        ("a", Decimal(12), True), ("b", Decimal("7.5"), False), ("c", None, False)
    ]  # fmt: skip


def test_a_comparison_names_gaps_and_ranks_none_of_them(client: TestClient) -> None:
    asked = {"code": "X.XX.01.*.06", "year": "2024", "rank": "1", "region": "Provinsi Bengkulu, kab. pasuruan, 17.01"}
    text = client.get("/compare", params=asked).text
    rows = text.split('id="comparison"')[1].split("</table>")[0].split("<tbody>")[1]
    assert rows.index("Kabupaten Pasuruan") < rows.index("Provinsi Bengkulu") and rows.count("<tr>") == 2
    assert "Kabupaten Bengkulu Selatan: tidak ada dokumen dalam lumbung" in text and "tidak diberi peringkat" in text
    wrong = client.get("/compare", params={"code": "X.XX.01.*.06", "region": "Atlantis"})
    assert wrong.status_code == 400 and "bukan daerah" in wrong.text


def test_search_takes_codes_and_leads_to_indicators(client: TestClient, store: Path) -> None:
    answer = client.get("/search", params={"q": "5.03.01.2.06"}, follow_redirects=False)
    assert answer.status_code == 303 and answer.headers["location"] == "/compare?code=X.XX.01.2.06"
    name = query(store, "select indicator from indicators where target is not null order by indicator limit 1").rows[0][
        0
    ]
    page = client.get("/indicators", params={"name": name})
    rows = list(csv.DictReader(io.StringIO(client.get("/indicators.csv", params={"name": name}).text)))
    wanted = query(store, "select target from indicators where indicator = " + "'" + name.replace("'", "''") + "'").rows
    assert page.status_code == 200 and page.text.count('href="/facts/') == len(rows)
    assert sorted(Decimal(row["target"]) for row in rows if row["target"]) == sorted(
        t for (t,) in wanted if t is not None
    )
    assert client.get("/indicators", params={"name": "nothing like it"}).status_code == 404


def test_an_answer_is_downloaded_without_formulas(client: TestClient) -> None:
    body = client.get("/sql.csv", params={"q": "select '=1+1' as a, -5 as b"}).text
    assert list(csv.reader(io.StringIO(body))) == [["a", "b"], ["'=1+1", "-5"]]
    refused = client.get("/sql.csv", params={"q": "drop table base.facts"})
    assert refused.status_code == 400 and "hanya SELECT" in refused.text


def test_conflicts_are_a_click_away_and_their_cells_are_shown(client: TestClient, store: Path) -> None:
    sql = "select document_id, page, fact_id from facts where status = 'conflict' order by document_id, page"
    rows = query(store, sql).rows
    document = rows[0][0]
    pages = sorted({page for found, page, _ in rows if found == document})
    for after, to in zip([0, *pages], [*pages, pages[0]], strict=True):
        answer = client.get(f"/documents/{document}/conflicts?after={after}", follow_redirects=False)
        place, _, fact = answer.headers["location"].partition("#")
        assert place == f"/documents/{document}/pages/{to}" and [document, to, fact] in [list(row) for row in rows]
    assert client.get(f"/facts/{rows[0][2]}/crop.png").content.startswith(b"\x89PNG")
    assert client.get("/facts/nothing/crop.png").status_code == 404
    panel = client.get(f"/facts/{rows[0][2]}?panel=1").text
    assert client.get(f"/facts/{rows[0][2]}?panel=1&of={document}").text == panel
    assert client.get(f"/facts/{rows[0][2]}?panel=1&of={'0' * 64}").status_code == 404
    assert "pemeriksaan gagal" in panel and 'href="/help#conflict"' in panel and "Kutipan" in panel


def test_cases_come_in_pages_with_their_proof(store: Path) -> None:
    found = [decide.run(store, {"do": "cases", "page": page, "shown": 10}) for page in (1, 2, 999)]
    ids = [[case["fact_id"] for case in one["cases"]] for one in found]
    n = query(store, "select count(*) from facts where status = 'conflict'").rows[0][0]
    assert found[0]["all"] == n > 10 and len(ids[0]) == 10 and not set(ids[0]) & set(ids[1])
    assert found[2]["page"] == -(-n // 10)
    cases = [case for one in found[:2] for case in one["cases"]]
    case = next(case for case in cases if case["raw"].startswith("893.618.832"))
    assert (case["proposal"], len(case["proof"]["holds"]), case["proof"]["breaks"]) == ("839618832", 2, [])


def test_a_port_in_use_is_told_before_any_address(store: Path) -> None:
    said: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StoreError, match=f"port {port} is in use"):
            serve(store, port=port, say=said.append)
    assert said == []


ODD = (
    "%",
    "'",
    '"',
    "\0",
    SCRIPT,
    "9" * 400,
    "../../etc/passwd",
    "X.XX",
    "💥",
    "-1",
    "1e9",
    "{x}",
    "2024, 2023;2022",
    " ",
)
ADDRESSES = (
    "/search?q={}", "/compare?code={}", "/compare?code=X.XX.01&year={}", "/compare?code=X.XX.01&region={}",
    "/compare?code=X.XX.01&province={}", "/compare?code=X.XX.01&like={}", "/compare?code=X.XX.01&role={}",
    "/compare?under={}", "/compare.csv?code={}", "/compare.{}?code=X.XX.01", "/documents?year={}", "/documents?kind={}",
    "/documents?page={}", "/documents/{}", "/facts/{}", "/facts/{}/crop.png", "/indicators?name={}", "/api/compare?code={}",
    "/api/documents/{}", "/api/coverage?province={}", "/?lang={}", "/{}",
)  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_odd_address_breaks_a_page(store: Path, address: str) -> None:
    with TestClient(create_app(store), base_url=LOCAL, raise_server_exceptions=False) as client:
        for odd in ODD:
            answer = client.get(address.format(quote(odd)), follow_redirects=False)
            page = answer.headers.get("content-type", "").startswith("text/html")
            assert answer.status_code < 500 and not (page and SCRIPT in answer.text), odd


def test_errors_are_said_in_the_language_of_the_page(client: TestClient) -> None:
    for address, said in (
        ("/documents?year=abc", "dapat dibaca"),
        ("/nothing", "Tidak ada angka"),
        ("/compare.pdf?code=5", "format"),
    ):
        text = client.get(address).text
        assert said in text and 'lang="en">' not in text.split("<main")[1], address


def test_a_generation_of_an_older_version_is_not_shown_half(store: Path, tmp_path: Path) -> None:
    older = tmp_path / "lumbung-1.duckdb"
    shutil.copy(published_path(store), older)
    older.chmod(0o644)
    with duckdb.connect(str(older)) as connection:
        connection.execute("drop table base.item_names")
    (tmp_path / POINTER).symlink_to(older.name)
    with pytest.raises(StoreError, match="run `lumbung publish`"):
        serve(tmp_path, port=1)
    refuse_older(store)


def test_what_a_number_was_before_and_what_was_decided_is_told(tmp_path: Path) -> None:
    store = fill_store(tmp_path, ())
    published = published_path(store)
    newer = published.with_name("lumbung-99.duckdb")
    shutil.copy(published, newer)
    newer.chmod(0o644)
    with duckdb.connect(str(newer)) as connection:
        fact_id = connection.execute("select min(fact_id) from base.facts where value = 1000000").fetchone()[0]
        connection.execute(
            "insert into base.history by name select document_id, '' as document, fact_id, '900.000' as raw, role, "
            "'unverified' as status, 7 as last_generation from base.facts where fact_id = $1",
            [fact_id],
        )
        connection.execute(
            "insert into base.corrections by name select 'c-1' as correction_id, document_id, fact_id, 1200000 as corrected, "
            "$2 as reason, 'Siti' as accepted_by, '2025-02-03T04:05' as accepted_at, 'applied' as state "
            "from base.facts where fact_id = $1",
            [fact_id, SCRIPT],
        )
    (store / POINTER).unlink()
    (store / POINTER).symlink_to(newer.name)
    with TestClient(create_app(store), base_url=LOCAL, headers={"Accept-Language": "en"}) as client:
        panel = client.get(f"/facts/{fact_id}?panel=1").text
        said = client.get(f"/api/facts/{fact_id}").json()
    assert "until generation 7: 900.000" in panel and "1,200,000" in panel and "Siti, 2025-02-03" in panel
    assert SCRIPT not in panel and "&lt;script&gt;" in panel
    assert (said["history"][0]["last_generation"], said["decisions"][0]["corrected"]) == (7, 1200000)
