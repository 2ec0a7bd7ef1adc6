"""A store of real reports and a hostile one, an explorer on a free port, and a Chromium to look at it."""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.tiny_pdf import TinyPage, fill, grid, text, write_pdf

RAW = Path(__file__).parent.parent / "data" / "raw"
REPORTS = ("lkjip-2024-bkd-provinsi-bengkulu.pdf", "renja-2024-bkpsdm-pasuruan.pdf")
SCRIPT, FORMULA, QUERY = "<script>alert(1)</script>", "=1+1", '"><img src=x onerror=alert(2)>'
CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
)
DRIVER = shutil.which("chromedriver")
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-default-apps",
)  # fmt: skip


def hostile_pdf(path: Path) -> Path:
    """A report whose every text wants to be a script or a formula."""
    xs, ys = [40.0, 140.0, 340.0, 420.0, 550.0], [740.0, 700.0, 640.0, 580.0]
    rows = [
        ["Kode", f"Program/Kegiatan {SCRIPT}", "Target 2024", "Pagu Indikatif 2024 (Rp)"],
        ["5.03.02", f"{SCRIPT}|{QUERY}", FORMULA, "1.000.000"],
        ["5.03.02.2.01", FORMULA, "10 Dokumen", "1.000.000"],
    ]
    head = text(40, 800, f"Tabel 1 {SCRIPT} Rencana Kerja Tahun 2024") + text(40, 780, f"Kabupaten Contoh {QUERY}")
    return write_pdf(path, TinyPage(head + grid(xs, ys) + fill(xs, ys, rows)))


def fill_store(folder: Path, reports: tuple[str, ...] = REPORTS) -> Path:
    """A store with two of the sample reports and the hostile one, read as any other."""
    from pipeline import ingest as work

    hostile = hostile_pdf(folder / "hostile.pdf")
    named = shutil.copy(hostile, folder / "<b>hostile<b> =1+1.pdf")
    store = folder / "store"
    summary = work.ingest([*(str(RAW / name) for name in reports), str(named)], work.Settings(store, workers=2))
    assert not summary.failed, [d.error for d in summary.failed]
    return store


@contextmanager
def running(store: Path, *, review: bool = False) -> Iterator[tuple[str, Any]]:
    """An explorer on a free port of this machine: its address and its site."""
    import uvicorn

    from pipeline.web.app import create_app

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    app = create_app(store, review=review)
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{port}", app.state.site
    finally:
        server.should_exit = True
        thread.join(10)


@contextmanager
def browser(width: int = 1280, height: int = 900, language: str = "id") -> Iterator[Any]:
    """A headless Chromium that keeps a log of its requests and messages."""
    from selenium import webdriver
    from selenium.webdriver.chrome.options import Options
    from selenium.webdriver.chrome.service import Service

    with tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True) as profile:
        options = Options()
        options.binary_location = str(CHROMIUM)
        for flag in (*FLAGS, f"--user-data-dir={profile}", f"--window-size={width},{height}", f"--lang={language}"):
            options.add_argument(flag)
        options.add_experimental_option("prefs", {"intl.accept_languages": language})
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        driver = webdriver.Chrome(options=options, service=Service(DRIVER, env=os.environ | {"LANG": "C.UTF-8"}))
        try:
            resize(driver, width, height)
            yield driver
        finally:
            driver.quit()


def resize(driver: Any, width: int, height: int) -> None:
    """The page's own width, whatever the smallest window is."""
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
