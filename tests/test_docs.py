"""What the documentation shows is run here, on the sample reports, in the order in which it stands."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.cli import app

ROOT = Path(__file__).parent.parent
TUTORIALS = sorted((ROOT / "docs" / "tutorials").glob("*.md"))
PAGES = [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md"]


def blocks(page: Path, kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", page.read_text(encoding="utf-8"), re.S)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as a fresh clone has it: the samples in data/raw, and a store that `lumbung ingest` made."""
    folder = tmp_path_factory.mktemp("desk")
    (folder / "data").mkdir()
    (folder / "data" / "raw").symlink_to(ROOT / "data" / "raw")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.delenv("LUMBUNG_STORE", raising=False)
        run = CliRunner().invoke(app, ["ingest", "data/raw"])
        assert run.exit_code == 0, run.output
    return folder


@pytest.mark.parametrize("page", [*TUTORIALS, ROOT / "docs" / "forms.md"], ids=lambda page: page.stem)
def test_tutorials_run(desk: Path, page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(desk)
    monkeypatch.delenv("LUMBUNG_STORE", raising=False)
    lines = [line for block in blocks(page, "sh") for line in block.splitlines() if line.strip()]
    assert lines
    for line in lines:
        words = shlex.split(line, comments=True)
        assert words[0] == "lumbung", line
        run = CliRunner().invoke(app, words[1:])
        assert run.exit_code == 0, f"{line}: {run.output}{run.exception}"


def test_the_python_page_runs(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(desk)
    code = "\n".join(blocks(ROOT / "docs" / "python.md", "python"))
    exec(compile(code, "docs/python.md", "exec"), {})


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#\s]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_pictures_are_small() -> None:
    pictures = list((ROOT / "docs" / "img").glob("*.png"))
    assert len(pictures) >= 4 and all(picture.stat().st_size < 300_000 for picture in pictures)
