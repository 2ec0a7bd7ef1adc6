"""What the documentation shows is run here, on the sample reports, in the order in which it stands."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.compare import Wish, compare, table
from pipeline.compare_show import notes
from pipeline.query import query

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


def test_ready_queries_run_and_find_something(desk: Path) -> None:
    found = blocks(ROOT / "docs" / "queries.md", "sql")
    assert len(found) >= 10
    for sql in found:
        assert query(desk / "data" / "processed", sql).rows, sql


def test_the_readme_shows_what_compare_prints(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(desk)
    found = compare(desk / "data" / "processed", Wish("X.XX.01.*.06", (2024,)))
    columns, rows = table(found, years=False)
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    lines = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")
    ]
    shown = [line for line in lines if line[0] != "---"]
    assert shown == [list(columns), *([str(value or "") for value in row] for row in rows)]
    for note in notes(found):
        assert f"    {note}\n" in text or note.startswith("other names alike")


def test_every_command_shows_an_example() -> None:
    runner = CliRunner()
    for name, command in typer.main.get_command(app).commands.items():  # type: ignore[attr-defined]
        for words in ([name], *([name, sub] for sub in getattr(command, "commands", {}))):
            said = runner.invoke(app, [*words, "--help"]).output
            assert re.search(rf"Examples?:(.|\n)*lumbung {name}", said), words


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#\s]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_pictures_are_small() -> None:
    pictures = list((ROOT / "docs" / "img").glob("*.png"))
    assert len(pictures) >= 4 and all(picture.stat().st_size < 300_000 for picture in pictures)
