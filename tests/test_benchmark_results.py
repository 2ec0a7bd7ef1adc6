"""The page of benchmark results: a section is replaced, the others stay."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.results import TITLE, conditions, markdown, write_section


def test_a_section_is_replaced_and_the_others_stay(tmp_path: Path) -> None:
    page = tmp_path / "docs" / "benchmarks.md"
    write_section("speed", "Speed", "first run", page=page)
    write_section("store", "Store", "two facts", page=page)
    write_section("speed", "Speed", r"second run \1", ["numpy"], page=page)
    text = page.read_text(encoding="utf-8")
    assert text.startswith(TITLE)
    assert "first run" not in text
    assert text.count("<!-- speed -->") == text.count("<!-- /speed -->") == 1
    assert text.index(r"second run \1") < text.index("two facts")
    assert [file.name for file in page.parent.iterdir()] == ["benchmarks.md"]


def test_text_around_the_sections_is_left_alone(tmp_path: Path) -> None:
    page = tmp_path / "benchmarks.md"
    page.write_text("before\n<!-- a -->\nold\n<!-- /a -->\nafter\n", encoding="utf-8")
    write_section("a", "A", "new", page=page)
    text = page.read_text(encoding="utf-8")
    assert text.startswith("before\n<!-- a -->\n## A\n\nnew\n")
    assert text.endswith("<!-- /a -->\nafter\n")


@pytest.mark.parametrize("name", ["", "Speed", "a -->", "../x"])
def test_a_name_that_would_break_the_marks_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no name of a section"):
        write_section(name, "x", "x", page=tmp_path / "page.md")


def test_tables_and_conditions() -> None:
    assert markdown(["kind", "ms"], [("ruled", 1.234), ("prose", 2)]) == (
        "| kind | ms |\n| --- | ---: |\n| ruled | 1.23 |\n| prose | 2 |"
    )
    line = conditions(["numpy", "no-such-package"])
    assert "Python 3." in line and "numpy " in line and "no-such-package absent" in line
