from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pipeline import ingest as work
from pipeline.catalogue import Catalogue
from pipeline.diff import diff
from pipeline.ingest import Settings
from pipeline.intake import Place, Summary, Watch
from pipeline.planning import plan
from pipeline.progress import Part
from pipeline.refresh import ALL_WELL, HELD, NOTHING_PUBLISHED, SOME_FAILED, Run, refresh
from pipeline.report import status_rows
from pipeline.run_report import summary_lines
from pipeline.show import find, original
from pipeline.sources import read_sources
from pipeline.store import Held, logical_hash, publish, reading, writing
from pipeline.store_error import sentence
from tests.fakes import fact, pdf
from tests.stores import heard, ingest
from tests.web_server import Site, answer, drip, serving

ROOT = Path(__file__).parent.parent
POLITE = '[fetch]\nallow_hosts = ["127.0.0.1"]\npause_seconds = 0\nretry_seconds = 0.01\nattempts = 2\n'


@pytest.fixture
def site() -> Iterator[Site]:
    with serving(Site()) as made:
        yield made


def night(store: Path, tmp_path: Path, sources: str | None = None, **rules: Any) -> Run:
    file = tmp_path / "sources.toml"
    if sources is not None:
        file.write_text("\ufeff" + POLITE + sources)  # with the mark that Windows editors set
    return refresh(file, Settings(store), **rules)


def values(store: Path) -> list[int]:
    with reading(store) as connection:
        return [row[0] for row in connection.execute("select value::integer from facts order by 1").fetchall()]


def document(tmp_path: Path, value: int, **said: Any) -> bytes:
    return pdf(tmp_path / "made.pdf", fact(value=str(value)), **said).read_bytes()


def test_folders_addresses_and_index_pages(store: Path, tmp_path: Path, site: Site) -> None:
    pdf(tmp_path / "in" / "a.pdf", fact(value="1"), region_code=None)
    site.pages |= {"/b.pdf": document(tmp_path, 2), "/renja-2023.pdf": document(tmp_path, 3)}
    page = b'<a href="renja-2023.pdf">x</a>'
    site.pages["/list"] = lambda request: answer(request, 200, page)
    said = f"""
[[publisher]]
name = "one"
region_code = "17.01"
folders = ["in"]
urls = ["{site.url("/b.pdf")}"]
[[publisher.index]]
page = "{site.url("/list")}"
links = 'renja-(?P<fiscal_year>\\d+)\\.pdf'
"""
    run = night(store, tmp_path, said)
    assert (run.exit_code, run.generation, len(run.new), run.fetched) == (0, 1, 3, {"new": 2})
    assert values(store) == [1, 2, 3]
    with reading(store) as connection:
        names = connection.execute("select document, fiscal_year, region_code from documents order by 1").fetchall()
        kept = connection.execute("select source_uri, path from document_sources order by 1").fetchall()
    assert names == [("a.pdf", 2024, "17.01"), ("b.pdf", 2024, "17.01"), ("renja-2023.pdf", 2023, "17.01")]
    assert kept[1][0] == site.url("/b.pdf") and Path(kept[1][1]).parent.parent == store / "raw"
    again = night(store, tmp_path)
    assert (again.exit_code, again.generation, again.unchanged, again.fetched) == (0, 1, 3, {"unchanged": 2})
    assert site.conditional == {"/b.pdf": 1, "/renja-2023.pdf": 1}


def test_a_new_edition_at_an_address(store: Path, tmp_path: Path, site: Site) -> None:
    site.pages["/b.pdf"] = document(tmp_path, 2)
    night(store, tmp_path, f'[[publisher]]\nname = "one"\nurls = ["{site.url("/b.pdf")}"]')
    site.pages["/b.pdf"] = document(tmp_path, 5)
    held = night(store, tmp_path)
    assert held.exit_code == HELD and held.held is not None and "1 change, 100% of 1" in held.held
    assert values(store) == [2]
    assert "held, nothing was published: 0 facts would vanish and 1 change" in (status_rows(store, False)[2] or "")
    with writing(store), pytest.raises(Held):  # whoever publishes next
        publish(store)
    site.pages["/b.pdf"] = document(tmp_path, 2)  # the publisher mends it, and nothing is held any more
    assert night(store, tmp_path).exit_code == ALL_WELL and status_rows(store, False)[2] is None
    site.pages["/b.pdf"] = document(tmp_path, 5)
    assert night(store, tmp_path).exit_code == HELD
    assert night(store, tmp_path).exit_code == HELD
    run = night(store, tmp_path, accept=True)
    assert status_rows(store, False)[2] is None
    assert (len(run.new), len(run.changed)) == (0, 1)  # it was read in a night before, which was held
    assert (run.exit_code, run.generation, run.values) == (0, 3, {"removed": 0, "changed": 1, "added": 0})
    assert [(c["old_value"], c["new_value"]) for c in run.values_changed] == [("2", "5")]
    with reading(store) as connection:
        assert connection.execute("select value::integer, last_generation from facts_history").fetchall() == [(2, 2)]


@pytest.mark.parametrize("page", [b"<html>", b"%PDF-1.4\n{broken"], ids=["a page", "a broken PDF"])
def test_yesterdays_good_version_stays_served(store: Path, tmp_path: Path, site: Site, page: bytes) -> None:
    site.pages |= {"/b.pdf": document(tmp_path, 2), "/c.pdf": document(tmp_path, 3)}
    night(store, tmp_path, f'[[publisher]]\nname = "one"\nurls = ["{site.url("/b.pdf")}", "{site.url("/c.pdf")}"]')
    site.pages |= {"/b.pdf": page, "/c.pdf": document(tmp_path, 3) + b"\n"}
    run = night(store, tmp_path, accept=True)
    assert run.exit_code == 1 and len(run.failed) + len(run.sources_failed) == 1
    assert values(store) == [2, 3]
    assert night(store, tmp_path).exit_code == (1 if page == b"<html>" else 0)


def broken_before(tmp_path: Path, document_id: str) -> bytes:
    """A document that cannot be read and whose sha256 is smaller than another's."""
    for number in range(1000):
        made = document(tmp_path, number, do="error")
        if sha256(made).hexdigest() < document_id:
            return made
    raise AssertionError


@pytest.mark.parametrize("after", [b"", b"\n"], ids=["the same bytes", "saved again"])
def test_the_gate_lets_a_report_come_back_after_one_that_failed(
    store: Path, tmp_path: Path, site: Site, after: bytes
) -> None:
    good = document(tmp_path, 2)
    site.pages["/b.pdf"] = good
    night(store, tmp_path, f'[[publisher]]\nname = "one"\nurls = ["{site.url("/b.pdf")}"]')
    site.pages["/b.pdf"] = broken_before(tmp_path, sha256(good).hexdigest())
    assert night(store, tmp_path).exit_code == SOME_FAILED and values(store) == [2]
    site.pages["/b.pdf"] = good + after
    run = night(store, tmp_path)
    assert (run.exit_code, run.held) == (ALL_WELL, None) and not any(run.values.values()) and values(store) == [2]


def test_the_gate_compares_an_edition_that_can_be_read_at_last(
    store: Path, tmp_path: Path, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.pages["/b.pdf"] = document(tmp_path, 2)
    said = f'[[publisher]]\nname = "one"\npassword_env = "SECRET"\nurls = ["{site.url("/b.pdf")}"]'
    night(store, tmp_path, said)
    site.pages["/b.pdf"] = document(tmp_path, 2, do="encrypted")
    assert night(store, tmp_path).exit_code == SOME_FAILED
    monkeypatch.setenv("SECRET", "secret")
    run = night(store, tmp_path)
    assert (run.exit_code, run.held) == (ALL_WELL, None) and not any(run.values.values()) and values(store) == [2]


def test_sources_taken_out_and_sources_that_cannot_be_reached(store: Path, tmp_path: Path, site: Site) -> None:
    for name, value in (("a", 1), ("b", 2)):
        pdf(tmp_path / "in" / f"{name}.pdf", fact(value=str(value)))
    site.pages |= {"/c.pdf": document(tmp_path, 3), "/d.pdf": document(tmp_path, 4)}
    urls = [site.url("/c.pdf"), site.url("/d.pdf")]
    said = '[[publisher]]\nname = "one"\nfolders = ["in"]\nurls = {urls}'
    night(store, tmp_path, said.format(urls=json.dumps(urls)))
    (tmp_path / "in" / "a.pdf").unlink()
    del site.pages["/d.pdf"]
    run = night(store, tmp_path, gate=1.0)
    assert run.exit_code == 1 and [row["source"] for row in run.sources_failed] == [urls[1]]
    assert values(store) == [2, 3, 4]
    (tmp_path / "in" / "b.pdf").rename(tmp_path / "b.pdf")  # the folder is empty, as when a disk is not there
    assert night(store, tmp_path, said.format(urls=json.dumps(urls[:1])), gate=1.0).exit_code == 1
    assert values(store) == [2, 3]
    assert sorted(c[9] for c in diff(store, 1, 3).changes) == ["1", "4"]
    with reading(store) as connection:
        assert connection.execute("select count(*) from facts_history").fetchone() == (2,)


def test_an_index_page_that_fails_loses_nothing(store: Path, tmp_path: Path, site: Site) -> None:
    site.pages |= {"/list": lambda r: answer(r, 200, b'<a href="b.pdf">'), "/b.pdf": document(tmp_path, 2)}
    night(store, tmp_path, f'[[publisher]]\nname = "one"\n[[publisher.index]]\npage = "{site.url("/list")}"')
    site.pages["/list"] = lambda r: answer(r, 500)
    run = night(store, tmp_path)
    assert run.exit_code == 1 and run.fetched == {"unchanged": 1} and values(store) == [2]


def test_links_that_are_no_longer_listed_stay_and_are_told(store: Path, tmp_path: Path, site: Site) -> None:
    both, one, none = b'<a href="a.pdf"><a href="b.pdf">', b'<a href="a.pdf">', b'<a href="news.html">'
    site.pages |= {"/a.pdf": document(tmp_path, 1), "/b.pdf": document(tmp_path, 2)}
    site.pages["/list"] = lambda r: answer(r, 200, both)
    run = night(store, tmp_path, f'[[publisher]]\nname = "one"\n[[publisher.index]]\npage = "{site.url("/list")}"')
    assert (run.exit_code, run.unlisted) == (ALL_WELL, [])
    site.pages["/list"] = lambda r: answer(r, 200, one)
    run = night(store, tmp_path)
    assert run.exit_code == ALL_WELL and values(store) == [1, 2]
    assert run.unlisted == [{"page": site.url("/list"), "source": site.url("/b.pdf")}] and run.unchanged == 2
    assert run.fetched == {"unchanged": 1}
    assert "1 links no longer listed" in "\n".join(summary_lines(run))
    site.pages["/list"] = lambda r: answer(r, 200, none)  # built anew: every link looks otherwise
    run = night(store, tmp_path)
    assert run.exit_code == SOME_FAILED and run.fetched == {"unchanged": 2} and values(store) == [1, 2]
    assert run.sources_failed[0]["error"].startswith("has no link that fits")


def test_more_links_than_are_taken_are_told(
    store: Path, tmp_path: Path, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.finding.LINKS", 1)
    site.pages |= {"/a.pdf": document(tmp_path, 1), "/b.pdf": document(tmp_path, 2)}
    site.pages["/list"] = lambda r: answer(r, 200, b'<a href="a.pdf"><a href="b.pdf">')
    run = night(store, tmp_path, f'[[publisher]]\nname = "one"\n[[publisher.index]]\npage = "{site.url("/list")}"')
    assert run.exit_code == SOME_FAILED and values(store) == [1]
    assert run.sources_failed[0]["error"].startswith("has 2 links that fit, of which the first 1 were taken")


def test_what_a_card_says_otherwise_than_the_document_is_told(store: Path, tmp_path: Path) -> None:
    pdf(tmp_path / "in" / "a.pdf", fact(value="1"))
    run = night(store, tmp_path, '[[publisher]]\nname = "one"\nfolders = ["in"]\nfiscal_year = 2023')
    assert run.contradicted == [{"document": "a.pdf", "what": "Another year was said."}]
    assert "a.pdf: Another year was said." in summary_lines(run)
    assert night(store, tmp_path).contradicted == []


def test_links_that_a_server_closes_to_machines_are_told(store: Path, tmp_path: Path, site: Site) -> None:
    site.pages |= {"/a.pdf": document(tmp_path, 1), "/b.pdf": document(tmp_path, 2)}
    site.pages["/list"] = lambda request: answer(request, 200, b'<a href="a.pdf">1</a><a href="b.pdf">2</a>')
    site.pages["/robots.txt"] = lambda request: answer(request, 200, b"User-agent: *\nDisallow: /b.pdf")
    index = f'[[publisher.index]]\npage = "{site.url("/list")}"\nlinks = "pdf$"\n'
    run = night(store, tmp_path, f'[[publisher]]\nname = "one"\n{index}')
    assert run.exit_code == SOME_FAILED and values(store) == [1]
    assert [row["source"] for row in run.sources_failed] == [site.url("/b.pdf")]
    run = night(store, tmp_path, f'[[publisher]]\nname = "one"\nurls = ["{site.url("/b.pdf")}"]\n{index}')
    assert run.exit_code == ALL_WELL and values(store) == [1, 2]


@pytest.mark.parametrize("ends", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "systemctl stop"])
def test_who_ends_a_night_waits_for_no_server(tmp_path: Path, site: Site, ends: signal.Signals) -> None:
    site.pages |= {"/slow.pdf": drip, "/good.pdf": document(tmp_path, 1)}
    addresses = f'urls = ["{site.url("/good.pdf")}", "{site.url("/slow.pdf")}"]'
    (tmp_path / "sources.toml").write_text(f'{POLITE}\n[[publisher]]\nname = "one"\n{addresses}')
    store = tmp_path / "store"
    command = [sys.executable, "-m", "pipeline.cli", "refresh", "--sources", str(tmp_path / "sources.toml")]
    environment = {"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"], "LUMBUNG_STORE": str(store)}
    run = heard([*command, "--engine", "tests.fakes"], env=environment)
    assert run.stderr is not None
    while not site.asked["/slow.pdf"]:
        time.sleep(0.05)
    run.send_signal(ends)
    assert run.wait(8) == 130
    assert "lumbung: interrupted" in run.stderr.read()
    run.stderr.close()
    report = json.loads((store / "runs" / "latest.json").read_text())
    assert report["exit_code"] == 130 and report["error"].startswith("interrupted: what was read is kept")
    site.pages["/slow.pdf"] = document(tmp_path, 2)
    again = lumbung("refresh", "--sources", tmp_path / "sources.toml", "--engine", "tests.fakes", store=store)
    assert again.returncode == 0 and "2 new" in again.stdout, again.stdout + again.stderr


def test_one_bad_report_never_stops_the_night(store: Path, tmp_path: Path) -> None:
    for number, trouble in enumerate((None, "error", "encrypted", None)):
        pdf(tmp_path / "in" / f"{number}.pdf", fact(value=str(number)), do=trouble)
    run = night(store, tmp_path, '[[publisher]]\nname = "one"\nfolders = ["in"]')
    assert run.exit_code == 1 and [f["status"] for f in run.failed] == ["damaged", "encrypted"]
    assert values(store) == [0, 3]
    again = night(store, tmp_path)
    assert again.exit_code == 0  # failed once; --retry-failed tries again
    still = [(row["place"], row["status"], row["since"][:2]) for row in again.still_failing]
    assert still == [
        (str(tmp_path / "in" / "1.pdf"), "damaged", "20"),
        (str(tmp_path / "in" / "2.pdf"), "encrypted", "20"),
    ]
    lines = summary_lines(again)
    assert (
        lines[0].startswith(f"{tmp_path}/in/1.pdf: still failing since 20") and "0 failed, 2 still failing" in lines[-2]
    )
    assert "were not tried again" in (store / "runs" / "latest.html").read_text()


def test_another_report_at_a_known_address_is_told(store: Path, tmp_path: Path, site: Site) -> None:
    """The gate does not see it: it is one of many documents."""
    site.pages |= {"/latest.pdf": document(tmp_path, 2), "/same.pdf": document(tmp_path, 3)}
    for number in range(12):
        pdf(tmp_path / "in" / f"{number}.pdf", fact(value="1"), fiscal_year=2000 + number)
    urls = f'urls = ["{site.url("/latest.pdf")}", "{site.url("/same.pdf")}"]\nfolders = ["in"]'
    assert night(store, tmp_path, f'[[publisher]]\nname = "one"\n{urls}').replaced == []
    site.pages |= {
        "/latest.pdf": document(tmp_path, 5, fiscal_year=2025, agency="Badan Lain", agency_key="lain"),
        "/same.pdf": document(tmp_path, 4, agency=None, agency_key=None, doc_type="other"),
    }
    pdf(tmp_path / "in" / "11.pdf", fact(value="1"), fiscal_year=1999)
    run = night(store, tmp_path)
    assert run.exit_code == 0 and len(run.changed) == 3 and [row["place"] for row in run.replaced] == [
        str(tmp_path / "in" / "11.pdf"), site.url("/latest.pdf"),
    ]  # fmt: skip
    told = next(line for line in summary_lines(run) if "/latest.pdf" in line)
    assert "another report (another agency, another year): latest.pdf (renja, 2025, Badan Lain, Kabupaten" in told
    assert "instead of latest.pdf (renja, 2024, Badan Kepegawaian dan" in told
    assert "another report at 2 places" in summary_lines(run)[-3]
    ingest(store, told.split("lumbung ingest ")[1].split("`")[0])  # what is said brings the earlier report back
    assert values(store).count(2) == 1
    again = night(store, tmp_path)
    assert again.replaced == [] and values(store).count(2) == 1 and values(store).count(5) == 1
    assert "facts_history alone" in run.replaced[0]["keeps"] and again.generation == 3


def test_a_store_that_was_moved_still_shows_what_was_fetched(store: Path, tmp_path: Path, site: Site) -> None:
    site.pages["/b.pdf"] = document(tmp_path, 2)
    night(store, tmp_path, f'[[publisher]]\nname = "one"\nurls = ["{site.url("/b.pdf")}"]')
    moved = store.rename(tmp_path / "another place")
    with reading(moved) as connection:
        fact_id = connection.execute("select fact_id from facts").fetchall()[0][0]
    assert original(find(moved, fact_id)).is_relative_to(moved)
    assert night(moved, tmp_path).unchanged == 1 and len(find(moved, fact_id).paths) == 1


def test_a_catalogue_of_a_newer_version_is_named_and_left_alone(store: Path, tmp_path: Path) -> None:
    pdf(tmp_path / "in" / "a.pdf", fact(value="1"))
    night(store, tmp_path, '[[publisher]]\nname = "one"\nfolders = ["in"]')
    with sqlite3.connect(store / "catalogue.sqlite") as db:
        db.execute("alter table documents add column colour text")
    run = night(store, tmp_path)
    assert run.exit_code == 2 and "by a newer version of lumbung (it holds colour): update" in (run.error or "")
    assert values(store) == [1]


def test_a_harvest_folder_that_cannot_be_used_stops_no_night(store: Path, tmp_path: Path) -> None:
    pdf(tmp_path / "in" / "a.pdf", fact(value="1"))
    night(store, tmp_path, '[[publisher]]\nname = "one"\nfolders = ["in"]')
    folder = next((store / "harvests").glob("[0-9a-f]*"))
    shutil.rmtree(folder)
    folder.write_text("another's")
    pdf(tmp_path / "in" / "b.pdf", fact(value="2"))
    run = night(store, tmp_path)
    assert run.exit_code == SOME_FAILED and values(store) == [1, 2]
    assert run.failed[0]["error"].startswith(f"its harvest cannot be kept (File exists): remove {folder} or give it")
    folder.unlink()
    again = refresh(tmp_path / "sources.toml", Settings(store, retry_failed=True))
    assert again.exit_code == ALL_WELL and values(store) == [1, 2]


def test_a_file_that_changes_before_it_is_read_is_not_taken_for_the_one_before(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = pdf(tmp_path / "in" / "a.pdf", fact(value="1"))
    night(store, tmp_path, '[[publisher]]\nname = "one"\nfolders = ["in"]')
    pdf(file, fact(value="2"))
    usual = work.harvest_all

    def late(*given: Any, **how: Any) -> Any:  # the file is written again after it was planned
        pdf(file, fact(value="3"))
        return usual(*given, **how)

    monkeypatch.setattr(work, "harvest_all", late)
    run = night(store, tmp_path)
    assert run.exit_code == SOME_FAILED and values(store) == [1] and run.failed[0]["kept"]
    assert run.failed[0]["error"] == "a.pdf was changed before it was read to its end: the next run reads it again"
    monkeypatch.setattr(work, "harvest_all", usual)
    assert night(store, tmp_path, accept=True).exit_code == ALL_WELL and values(store) == [3]


def test_what_a_source_brought_comes_back_and_is_told(store: Path, tmp_path: Path) -> None:
    pdf(tmp_path / "in" / "a.pdf", fact(value="1"))
    pdf(tmp_path / "in" / "b.pdf", fact(value="2"))
    night(store, tmp_path, '[[publisher]]\nname = "one"\nfolders = ["in"]')
    run = lumbung("remove", "a.pdf", store=store)
    assert run.returncode == 0 and f"sources.toml names {tmp_path / 'in' / 'a.pdf'}: the next" in run.stderr
    assert values(store) == [2]


@pytest.mark.parametrize("encoding", ["latin-1", "ascii"])
def test_an_old_locale_costs_no_night(store: Path, tmp_path: Path, encoding: str) -> None:
    """Names that it cannot write had ended commands with a traceback, and a night after it had published."""
    pdf(tmp_path / "in" / "日本.pdf", fact(value="1"))
    run = night(store, tmp_path, '[[publisher]]\nname = "one"\nfolders = ["in"]')
    assert run.exit_code == ALL_WELL
    environment = {"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"], "PYTHONIOENCODING": encoding}
    asked = ["query", "select document from documents", "--format", "csv", "--store", str(store)]
    said = subprocess.run([sys.executable, "-m", "pipeline.cli", *asked], capture_output=True, env=environment)
    assert (said.returncode, said.stdout.decode().split()[-1]) == (0, "日本.pdf")


def test_a_full_disk_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    monkeypatch.setattr("shutil.disk_usage", lambda path: SimpleNamespace(free=2**19 if path == tmp_path else 2**40))
    assert sentence(full, tmp_path, Path("/")) == (
        f"No space left on device ({tmp_path} has 0.5 MiB left): free some space; the next run goes on from there"
    )


def test_since_when_a_document_fails_is_kept_until_it_is_read(store: Path, tmp_path: Path) -> None:
    pdf(tmp_path / "in" / "a.pdf", fact(value="1"))
    pdf(tmp_path / "in" / "b.pdf", fact(value="2"), do="encrypted")
    night(store, tmp_path, '[[publisher]]\nname = "one"\nfolders = ["in"]')
    catalogue = Catalogue(store)
    since = {document.name: document.failed_since for document in catalogue.documents()}
    document = catalogue.find("b.pdf")[0]
    document.failed_since = "2024-01-02T03:04:05"
    catalogue.save(document)
    catalogue.close()
    assert since["a.pdf"] is None and since["b.pdf"] is not None
    file = tmp_path / "sources.toml"
    run = refresh(file, Settings(store, retry_failed=True))
    assert [row["document"] for row in run.failed] == ["b.pdf"]
    assert night(store, tmp_path).still_failing[0]["since"] == "2024-01-02T03:04:05"
    assert refresh(file, Settings(store, retry_failed=True, password="secret")).exit_code == ALL_WELL
    catalogue = Catalogue(store)
    assert catalogue.find("b.pdf")[0].failed_since is None
    catalogue.close()


def test_what_was_fetched_is_named_by_its_address(store: Path, tmp_path: Path, site: Site) -> None:
    site.pages["/locked.pdf"] = document(tmp_path, 1, do="encrypted")
    night(store, tmp_path, f'[[publisher]]\nname = "one"\nurls = ["{site.url("/locked.pdf")}"]')
    run = night(store, tmp_path)
    said = "\n".join(summary_lines(run))
    assert "password_env in sources.toml" in said and "--password" not in said
    assert site.url("/locked.pdf") in said and sha256(site.pages["/locked.pdf"]).hexdigest()[:12] not in said


@pytest.mark.parametrize("read", [False, True], ids=["planned", "read"])
def test_what_an_interrupted_run_left_is_new(store: Path, tmp_path: Path, read: bool) -> None:
    file = pdf(tmp_path / "in" / "a.pdf", fact(value="1"))
    said = '[[publisher]]\nname = "one"\nfolders = ["in"]'
    if read:
        ingest(store, file, publish=False)
    else:  # a kill -9 between planning and reading
        catalogue = Catalogue(store)
        plan([Place(str(file), file)], catalogue, Settings(store), Summary(), Part(""))
        catalogue.close()
        assert "1 were not read yet" in (status_rows(store, False)[2] or "")
    run = night(store, tmp_path, said)
    assert ([row["document"] for row in run.new], run.changed, run.unchanged) == (["a.pdf"], [], 0)
    assert run.conflicts_found == 1
    again = night(store, tmp_path)
    assert (again.new, again.changed, again.unchanged) == ([], [], 1)


def test_what_is_listed_and_not_published_is_told(store: Path, tmp_path: Path) -> None:
    ingest(store, pdf(tmp_path / "a.pdf", fact(value="1")), publish=False)
    assert "nothing is published yet" in (status_rows(store, False)[2] or "")
    with writing(store):
        publish(store)
    assert status_rows(store, False)[2] is None
    ingest(store, pdf(tmp_path / "b.pdf", fact(value="2")), publish=False)
    assert "generation 1, which is published, is older (1 new since)" in (status_rows(store, False)[2] or "")


def test_a_password_comes_from_the_environment(store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pdf(tmp_path / "in" / "a.pdf", fact(value="1"), do="encrypted")
    monkeypatch.setenv("SECRET_OF_ONE", "secret")
    run = night(store, tmp_path, '[[publisher]]\nname = "one"\npassword_env = "SECRET_OF_ONE"\nfolders = ["in"]')
    assert run.exit_code == 0 and values(store) == [1]


def test_a_wrong_password_is_told_and_alarms_once(store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pdf(tmp_path / "in" / "a.pdf", fact(value="1"), do="encrypted")
    pdf(tmp_path / "in" / "b.pdf", fact(value="2"))
    monkeypatch.setenv("SECRET_OF_ONE", "wrong")
    run = night(store, tmp_path, '[[publisher]]\nname = "one"\npassword_env = "SECRET_OF_ONE"\nfolders = ["in"]')
    assert run.exit_code == SOME_FAILED and "holds another one" in run.failed[0]["error"]
    for module in ("refresh", "ingest"):
        monkeypatch.setattr(f"pipeline.{module}.now", lambda: "2999-01-01T00:00:00")
    run = night(store, tmp_path)
    assert (run.exit_code, run.failed, run.failed_before, values(store)) == (ALL_WELL, [], 1, [2])
    assert "holds another one" in run.still_failing[0]["error"]
    monkeypatch.setenv("SECRET_OF_ONE", "secret")
    run = night(store, tmp_path)
    assert (run.exit_code, run.failed_before, values(store)) == (ALL_WELL, 0, [1, 2])


def test_a_password_that_is_not_set_is_told_first(store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pdf(tmp_path / "in" / "a.pdf", fact(value="1"))
    monkeypatch.delenv("SECRET_OF_ONE", raising=False)
    told: list[str] = []

    class Told(Watch):
        def note(self, text: str) -> None:
            told.append(text)

    said = '[[publisher]]\nname = "one"\npassword_env = "SECRET_OF_ONE"\nfolders = ["in"]'
    run = night(store, tmp_path, said, watch=Told())
    assert run.exit_code == 0 and told == run.notes and "names SECRET_OF_ONE, which is not set" in told[0]
    assert "which is not set" in (store / "runs" / "latest.html").read_text()


def test_publishers_with_a_slash_in_their_names_are_two(store: Path, tmp_path: Path) -> None:
    facts = [fact(value=str(n), status="verified") for n in range(9)]
    pdf(tmp_path / "one" / "a.pdf", *facts)
    said = '[[publisher]]\nname = "BKD/one"\nfolders = ["one"]\n[[publisher]]\nname = "BKD/two"\nfolders = ["two"]'
    night(store, tmp_path, said)
    pdf(tmp_path / "two" / "b.pdf", fact(value="700"))
    assert night(store, tmp_path).drift == []
    pdf(tmp_path / "one" / "c.pdf", fact(value="800"))
    assert {row["publisher"] for row in night(store, tmp_path).drift} == {"BKD/one"}


def test_a_clock_that_goes_back_loses_no_report(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, site: Site
) -> None:
    site.pages["/b.pdf"] = document(tmp_path, 1)
    said = f'[[publisher]]\nname = "one"\nurls = ["{site.url("/b.pdf")}"]'
    monkeypatch.setattr("pipeline.run_report.KEPT", 3)
    days = ["2026-01-05", "2026-01-06", "2026-01-07", "2026-01-06", "2026-01-06"]
    for number, day in enumerate(days):
        for module in ("refresh", "catalogue", "fetch", "ledger", "planning", "ingest", "building", "generations"):
            monkeypatch.setattr(f"pipeline.{module}.now", lambda day=day: f"{day}T02:15:00")
        site.pages["/b.pdf"] = document(tmp_path, number)
        run = night(store, tmp_path, said, accept=True)
        assert (run.exit_code, run.generation, values(store)) == (0, number + 1, [number])
        assert json.loads((store / "runs" / "latest.json").read_text())["generation"] == number + 1
        kept = [json.loads(file.read_text())["generation"] for file in (store / "runs").glob("2*.json")]
        assert number + 1 in kept and len(kept) == min(3, number + 1)
    assert sorted(kept) == [2, 4, 5]
    with reading(store) as connection:
        old = connection.execute("select value::integer from facts_history order by last_generation").fetchall()
    assert [value for (value,) in old] == [0, 1, 2, 3]


def test_a_publisher_whose_tables_no_longer_match(store: Path, tmp_path: Path) -> None:
    facts = [fact(value=str(n), status="verified") for n in range(9)]
    for number in range(2):
        pdf(tmp_path / "in" / f"{number}.pdf", *facts, fact(value=str(100 + number)))
    said = '[[publisher]]\nname = "one"\nfolders = ["in"]'
    assert night(store, tmp_path, said).drift == []
    pdf(tmp_path / "in" / "odd.pdf", fact(value="7"))
    told = night(store, tmp_path).drift
    assert {row["what"] for row in told} == {"1.0 facts a page, usually 10.0", "0% of its facts verified, usually 90%"}
    assert {(row["publisher"], row["document"]) for row in told} == {("one", "odd.pdf")}


def test_the_run_report(store: Path, tmp_path: Path) -> None:
    pdf(tmp_path / "in" / "<script>alert(1).pdf", fact(value="1"))
    pdf(tmp_path / "in" / "bad.pdf", fact(), do="error")
    night(store, tmp_path, '[[publisher]]\nname = "one"\nfolders = ["in", "nowhere"]')
    report = json.loads((store / "runs" / "latest.json").read_text())
    assert "report" not in report
    assert report["exit_code"] == 1 and report["new"][0]["document"] == "<script>alert(1).pdf"
    assert report["conflicts_found"] == 1 and report["sources_failed"][0]["source"].endswith("nowhere")
    page = (store / "runs" / "latest.html").read_text()
    assert "<script>" not in page and "&lt;script&gt;" in page and "bad.pdf" in page and "They differ." in page


@pytest.mark.parametrize("sources", ["[[publisher]]\nfolder = 1", "nonsense"])
def test_wrong_sources_publish_nothing(store: Path, tmp_path: Path, sources: str) -> None:
    pdf(tmp_path / "in" / "a.pdf", fact(value="1"))
    night(store, tmp_path, '[[publisher]]\nname = "one"\nfolders = ["in"]')
    before = logical_hash(store)
    run = night(store, tmp_path, sources)
    assert run.exit_code == NOTHING_PUBLISHED and run.error and "sources.toml" in run.error
    assert logical_hash(store) == before
    assert json.loads((store / "runs" / "latest.json").read_text())["error"] == run.error


def test_wrong_sources_are_all_that_is_told(store: Path, tmp_path: Path) -> None:
    run = night(store, tmp_path, "nonsense")
    lines = summary_lines(run)
    assert len(lines) == 1 and lines[0].startswith("nothing was published: ") and "sources.toml" in lines[0]


def test_a_correction_that_fails_is_told_and_the_rest_published(store: Path, tmp_path: Path) -> None:
    pdf(tmp_path / "in" / "a.pdf", fact(value="1"))
    assert night(store, tmp_path, '[[publisher]]\nname = "one"\nfolders = ["in"]').exit_code == ALL_WELL
    with reading(store) as connection:
        row = connection.execute("select document_id, page, bbox, fact_id from facts").fetchone()
    assert row is not None
    (store / "corrections.toml").write_text(
        f'''[[correction]]
document_id = "{row[0]}"\npage = {row[1]}\nbbox = {list(row[2])}\nfact_id = "{row[3]}"
expected = "7"\ncorrected = "8"\nreason = "r"\nwho = "w"'''
    )
    run = night(store, tmp_path)
    assert run.exit_code == SOME_FAILED and run.generation == 2
    assert len(run.corrections_failed) == 1 and "expects 7, but 1 is printed" in run.corrections_failed[0]
    assert any(line.startswith("CORRECTION NOT APPLIED: ") for line in summary_lines(run))
    assert "expects 7, but 1 is printed" in (store / "runs" / "latest.html").read_text()


def test_a_folder_that_is_not_listed_whole_loses_nothing(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b"):
        pdf(tmp_path / "in" / name / f"{name}.pdf", fact(value=str(ord(name))))
    said = '[[publisher]]\nname = "one"\nfolders = ["in"]'
    night(store, tmp_path, said)
    scandir = os.scandir

    def failing(path: Any) -> Any:
        if str(path).endswith("/b"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", failing)
    run = night(store, tmp_path)
    assert run.exit_code == SOME_FAILED and not run.removed and values(store) == [97, 98]
    assert run.sources_failed[0]["error"].startswith("cannot be opened: Permission denied")


def test_nothing_readable_publishes_no_empty_generation(store: Path, tmp_path: Path) -> None:
    pdf(tmp_path / "in" / "a.pdf", fact(), do="error")
    run = night(store, tmp_path, '[[publisher]]\nname = "one"\nfolders = ["in"]')
    assert run.exit_code == NOTHING_PUBLISHED and run.error == "no document could be read"
    assert not (store / "lumbung.duckdb").exists()
    pdf(tmp_path / "in" / "a.pdf", fact(value="5"))
    assert night(store, tmp_path).exit_code == ALL_WELL and values(store) == [5]


@pytest.mark.parametrize("how", ["head", "middle"])
@pytest.mark.parametrize("file", ["catalogue.sqlite", "raw/fetches.sqlite"])
def test_a_damaged_list_is_named_and_can_be_made_again(
    store: Path, tmp_path: Path, site: Site, file: str, how: str
) -> None:
    for number in range(1, 4):
        site.pages[f"/{number}.pdf"] = document(tmp_path, number)
    urls = json.dumps([site.url(page) for page in site.pages])
    night(store, tmp_path, f'[[publisher]]\nname = "one"\nurls = {urls}')
    before = logical_hash(store)
    data = bytearray((store / file).read_bytes())
    first = 0 if how == "head" else 4096
    data[first : first + 2000] = b"x" * 2000
    (store / file).write_bytes(data)
    run = night(store, tmp_path)
    assert run.exit_code == NOTHING_PUBLISHED and f"{Path(file).name} is damaged" in str(run.error)
    assert "remove it" in str(run.error) and values(store) == [1, 2, 3]
    for part in (store / file).parent.glob(f"{Path(file).name}*"):
        part.unlink()
    assert night(store, tmp_path).exit_code == ALL_WELL and logical_hash(store) == before


def test_a_first_night_that_finds_nothing_publishes_nothing(store: Path, tmp_path: Path) -> None:
    run = night(store, tmp_path, '[[publisher]]\nname = "one"\nfolders = ["in"]')
    assert (run.exit_code, run.generation, run.error) == (NOTHING_PUBLISHED, None, "no document could be read")
    pdf(tmp_path / "in" / "a.pdf", fact(value="1"))
    assert night(store, tmp_path).generation == 1


def test_the_projects_own_sources_are_right() -> None:
    assert [origin.kind for origin in read_sources(ROOT / "data" / "raw" / "sources.toml").origins] == ["folder"]


def lumbung(*words: object, store: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"], "LUMBUNG_STORE": str(store), "COLUMNS": "150"}
    command = [sys.executable, "-m", "pipeline.cli", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment)


def test_the_command_and_its_lock(tmp_path: Path) -> None:
    store, sources = tmp_path / "store", tmp_path / "sources.toml"
    pdf(tmp_path / "in" / "a.pdf", fact(value="1"))
    sources.write_text('[[publisher]]\nname = "one"\nfolders = ["in"]')
    with writing(store):
        run = lumbung("refresh", "--sources", sources, store=store)
    assert run.returncode == 3 and f"process {os.getpid()} (" in run.stderr and "since 20" in run.stderr
    run = lumbung("refresh", "--sources", sources, "--engine", "tests.fakes", store=store)
    assert run.returncode == 0 and "1 new, 0 changed" in run.stdout, run.stdout + run.stderr
    pdf(tmp_path / "in" / "a.pdf", fact(value="2"))
    run = lumbung("refresh", "--sources", sources, "--engine", "tests.fakes", store=store)
    assert run.returncode == 5 and "held, nothing was published" in run.stdout
    run = lumbung("refresh", "--sources", sources, "--engine", "tests.fakes", "--accept", store=store)
    assert run.returncode == 0 and "1 changed" in run.stdout
    run = lumbung("diff", store=store)
    assert run.returncode == 0 and "generation 1 to 2: 0 removed, 1 changed, 0 added" in run.stdout
    assert lumbung("diff", 1, 9, store=store).returncode == 4
    assert lumbung("refresh", "--sources", tmp_path / "none.toml", store=store).returncode == 2
