"""The explorer in a real browser: what a person clicks and sees."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from pipeline.query import query
from tests import explorer

pytestmark = pytest.mark.skipif(
    explorer.CHROMIUM is None or explorer.DRIVER is None,
    reason="no Chromium on this machine: apt-get install chromium chromium-driver runs the browser tests",
)
CODE = "X.XX.01.*.06"


@pytest.fixture(scope="module")
def store(reports_store: Path) -> Path:
    return reports_store


@pytest.fixture(scope="module")
def address(store: Path) -> Iterator[str]:
    with explorer.running(store) as (found, _):
        yield found


@pytest.fixture(scope="module")
def driver() -> Iterator[Any]:
    with explorer.browser() as made:
        yield made


def one(driver: Any, selector: str) -> Any:
    return driver.find_element("css selector", selector)


def until(what: Callable[[], Any], seconds: float = 30) -> Any:
    """Waits until `what` gives something."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if found := what():
                return found
        except Exception:  # the page is changing
            pass
        time.sleep(0.03)
    raise AssertionError(f"waited {seconds} seconds in vain")


def marked(driver: Any) -> list[float]:
    """The marked cell in points of the page, from the pixels at which the picture and the mark stand on the screen."""
    sides = driver.execute_script("""
        const picture = document.querySelector(".sheet img"), mark = document.querySelector(".mark");
        if (!picture.complete || !picture.naturalWidth) return null;
        const page = picture.getBoundingClientRect(), cell = mark.getBoundingClientRect();
        return [cell.left - page.left, cell.top - page.top, cell.right - page.left, cell.bottom - page.top,
                page.width, page.height];
    """)
    return list(sides) if sides and sides[2] > sides[0] else []


def settled(driver: Any) -> list[float]:
    """As `marked`, when it moves no more."""
    last: list[float] = []
    while True:
        now = until(lambda: marked(driver))
        if now == last:
            return now
        last = now
        time.sleep(0.2)


def test_from_home_to_a_number_and_its_cell(driver: Any, address: str, store: Path) -> None:
    driver.get(address + "/")
    driver.find_element("link text", "lkjip-2024-bkd-provinsi-bengkulu.pdf").click()
    until(lambda: "/pages/" in driver.current_url)
    document_id, page = driver.current_url.split("/documents/")[1].split("/pages/")
    rows = query(
        store,
        f"select fact_id, page, bbox, raw, column_label from facts where document_id = '{document_id}' "
        "and unit = 'Rupiah' and value > 1000000 order by page, fact_id limit 1",
    ).rows
    fact_id, page, box, raw, label = rows[0]
    driver.get(f"{address}/documents/{document_id}/pages/{page}")
    number = one(driver, f'a[data-fact="{fact_id}"]')
    assert raw.split()[0] in number.text
    driver.execute_script("arguments[0].click()", number)
    until(lambda: one(driver, "#panel").get_attribute("data-fact") == fact_id)
    width, height = size(store, document_id, page, driver, address)
    seen = settled(driver)
    scale = seen[4] / width
    assert seen[5] == pytest.approx(height * scale, abs=1.5)
    assert seen[:4] == pytest.approx([side * scale for side in box], abs=2.5)  # 2.5 pixels, the frame among them
    assert label.split(" > ")[-1] in one(driver, "#panel").text
    assert fact_id in driver.current_url
    assert raw.split()[0] in one(driver, "#said").get_attribute("textContent")


def size(store: Path, document_id: str, page: int, driver: Any, address: str) -> tuple[float, float]:
    """Width and height of the page in points, from the file itself."""
    import pypdfium2

    path = query(store, f"select path from document_sources where document_id = '{document_id}'").rows[0][0]
    document = pypdfium2.PdfDocument(path)
    try:
        width, height = document[page - 1].get_size()
    finally:
        document.close()
    return width, height


def test_a_click_on_the_picture_finds_the_number(driver: Any, address: str, store: Path) -> None:
    row = query(store, "select document_id, page, fact_id from facts where document like 'renja%' and unit = 'Rupiah' "
                       "order by page, fact_id limit 1").rows[0]  # fmt: skip
    driver.get(f"{address}/documents/{row[0]}/pages/{row[1]}#{row[2]}")
    seen = settled(driver)
    driver.execute_script("document.querySelectorAll('a.fact').forEach(a => a.removeAttribute('aria-current'))")
    driver.execute_script(
        """
        const picture = document.querySelector(".sheet img").getBoundingClientRect();
        const at = {clientX: picture.left + arguments[0], clientY: picture.top + arguments[1], bubbles: true};
        document.querySelector(".frame svg").dispatchEvent(new MouseEvent("click", at));
        """,
        (seen[0] + seen[2]) / 2,
        (seen[1] + seen[3]) / 2,
    )
    until(lambda: one(driver, "a.fact[aria-current]").get_attribute("data-fact") == row[2])


def test_numbers_are_reached_and_opened_by_keyboard(driver: Any, address: str, store: Path) -> None:
    row = query(store, "select document_id, page from facts where document like 'lkjip%' limit 1").rows[0]
    driver.get(f"{address}/documents/{row[0]}/pages/{row[1]}")
    driver.switch_to.active_element.send_keys("\ue004")
    assert driver.switch_to.active_element.get_attribute("class") == "skip"
    number = one(driver, "a.fact")
    number.send_keys("\ue007")
    until(lambda: one(driver, "#panel").get_attribute("data-fact") == number.get_attribute("data-fact"))


def test_the_chart_has_a_bar_for_each_amount(driver: Any, address: str, store: Path) -> None:
    driver.get(f"{address}/compare?code={quote(CODE)}&year=2024")
    until(lambda: one(driver, "#chart[data-drawn]"))
    sql = f"select pagu from pagu where code_comparable = '{CODE}' and year = 2024 and level = 'kegiatan'"
    pagu = [float(row[0]) for row in query(store, sql).rows]
    spent = (
        f"select value from comparable where code_comparable = '{CODE}' and year = 2024 "
        "and role = 'realisasi' and unit = 'Rupiah'"
    )
    amounts = sorted(pagu + [float(row[0]) for row in query(store, spent).rows])
    widths = sorted(driver.execute_script(
        "return [...document.querySelectorAll('#chart .mark-rect path')].map(p => p.getBoundingClientRect().width)"
    ))  # fmt: skip
    assert len(widths) == len(amounts) >= 3
    scale = widths[-1] / amounts[-1]
    assert widths == pytest.approx([amount * scale for amount in amounts], abs=1.5)
    assert len(driver.find_elements("css selector", "#comparison tbody tr")) == len(pagu)


@pytest.mark.parametrize(("language", "word"), [("id", "Bandingkan"), ("en", "Compare")])
def test_the_language_is_chosen_and_kept(driver: Any, address: str, language: str, word: str) -> None:
    driver.get(address + "/")
    one(driver, f'.languages a[hreflang="{language}"]').click()
    until(lambda: one(driver, "html").get_attribute("lang") == language)
    driver.get(address + "/documents")
    assert one(driver, "html").get_attribute("lang") == language
    assert word in one(driver, ".top nav").text


def paths(store: Path) -> list[str]:
    row = query(store, "select document_id, page, fact_id from facts where document like 'renja%' limit 1").rows[0]
    hostile = query(store, "select document_id from documents where document like '%hostile%'").rows[0][0]
    name = query(store, "select max(indicator) from indicators where target is not null").rows[0][0]
    return [
        "/", "/documents", "/search?q=kepegawaian", "/sql?q=select+*+from+facts+limit+3", "/api", "/compare",
        f"/compare?code={quote(CODE)}", "/compare?code=mutasi", "/compare?code=5.03.02&rank=1&like=", "/help",
        "/indicators?name=" + quote(name), f"/documents/{row[0]}/pages/{row[1]}", f"/facts/{row[2]}",
        f"/documents/{hostile}/pages/1", "/nothing",
    ]  # fmt: skip


def test_no_page_scrolls_sideways_leaves_this_machine_or_runs_hostile_text(
    driver: Any, address: str, store: Path
) -> None:
    driver.get_log("browser"), driver.get_log("performance")
    for width in (360, 1920):
        explorer.resize(driver, width, 800)
        for path in paths(store):
            driver.get(address + path)
            if "/compare?" in path and "mutasi" not in path:
                until(lambda: one(driver, "#chart[data-drawn]"))
            wide = driver.execute_script("return document.documentElement.scrollWidth")
            assert wide <= width, f"{path} is {wide} pixels wide at {width}"
    explorer.resize(driver, 1280, 900)
    sent = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    asked = [m["params"]["request"]["url"] for m in sent if m["method"] == "Network.requestWillBeSent"]
    assert len(asked) > 40
    assert [url for url in asked if not url.startswith((address, "data:", "chrome:"))] == []
    assert not [m for m in sent if m["method"] == "Page.javascriptDialogOpening"]
    said = [
        entry for entry in driver.get_log("browser") if entry["level"] == "SEVERE" and "404" not in entry["message"]
    ]
    assert said == []


def test_a_review_changes_the_file_of_corrections(driver: Any, tmp_path: Path) -> None:
    import tomllib

    store = explorer.fill_store(tmp_path, ("lkjip-2024-bkd-provinsi-bengkulu.pdf",))
    with explorer.running(store, review=True) as (address, site):
        driver.get(address + "/review?lang=id")  # whatever language an earlier test has chosen
        assert not driver.find_elements("css selector", "form[action='/review']")
        token = site.tokens.once
        driver.get(f"{address}/review?token={token}")
        until(lambda: one(driver, ".proposal button[value=again]")).click()
        until(lambda: "Pembaca kedua" in one(driver, ".proposal [role=status]").text, 150)
        picture = "const one = document.querySelector('.crop img'); return one.complete && one.naturalWidth > 200"
        until(lambda: driver.execute_script(picture), 150)
        case = one(driver, ".proposal")
        fact_id = case.find_element("css selector", "[name=fact_id]").get_attribute("value")
        for name, words in (("value", "839618832"), ("reason", "Lampiran 3"), ("who", "Peninjau")):
            field = case.find_element("css selector", f"[name={name}]")
            field.clear()
            field.send_keys(words)
        case.find_element("css selector", "button[value=accept]").click()
        until(lambda: driver.find_elements("css selector", "[role=status]"), 150)
        written = tomllib.loads((store / "corrections.toml").read_text(encoding="utf-8"))["correction"]
        assert [(c["fact_id"], c["corrected"], c["who"]) for c in written] == [(fact_id, "839618832", "Peninjau")]
        assert not driver.find_elements("id", f"case-{fact_id}")
        driver.get(f"{address}/facts/{fact_id}?lang=id")
        assert "839.618.832" in one(driver, ".story").text and "Koreksi" in one(driver, ".story").text
        driver.delete_all_cookies()
        driver.get(f"{address}/review?token={token}")
        assert not driver.find_elements("css selector", ".proposal")
