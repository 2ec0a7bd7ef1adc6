"""Imports flow one way, and one module alone writes DuckDB files."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FORBIDDEN = {"extractors": {"normalizers", "pipeline"}, "normalizers": {"extractors", "pipeline"}}
WRITER = Path("pipeline/building.py")
MODULES = sorted(
    p.relative_to(ROOT) for room in ("extractors", "normalizers", "pipeline") for p in (ROOT / room).rglob("*.py")
)


def imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def writing_connections(tree: ast.AST) -> list[int]:
    """Lines that connect to a DuckDB file without `read_only=True`, or attach one without `read_only`."""
    lines = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "connect":
            owner = node.func.value
            named = {k.arg: k.value for k in node.keywords}
            only = named.get("read_only")
            if node.args and isinstance(node.args[0], ast.Constant) and node.args[0].value == ":memory:":
                continue  # no file
            if (
                isinstance(owner, ast.Name)
                and owner.id == "duckdb"
                and not (isinstance(only, ast.Constant) and only.value is True)
            ):
                lines.append(node.lineno)
    return lines + [line for line, text in texts(tree) if re.match(r"\s*attach\b", text) and "read_only" not in text]


def texts(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Literal texts with their lines; of an f-string what stands in it literally, in one."""
    parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield node.lineno, "".join(str(p.value) for p in node.values if isinstance(p, ast.Constant))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts:
            yield node.lineno, node.value


def test_all_rooms_are_seen() -> None:
    assert {path.parts[0] for path in MODULES} == {"extractors", "normalizers", "pipeline"} and WRITER in MODULES


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_imports_flow_one_way(path: Path) -> None:
    used = {name.split(".")[0] for name in imports(ast.parse((ROOT / path).read_text(encoding="utf-8")))}
    assert not used & FORBIDDEN.get(path.parts[0], set())


@pytest.mark.parametrize("path", [path for path in MODULES if path != WRITER], ids=str)
def test_only_the_store_writes_duckdb(path: Path) -> None:
    assert writing_connections(ast.parse((ROOT / path).read_text(encoding="utf-8"))) == []


def test_the_rule_would_see_a_writer() -> None:
    connected = "import duckdb\nduckdb.connect('x')\nduckdb.connect('y', read_only=True)\n"
    attached = "f\"attach '{x}' as y\"\nf\"attach '{x}' as y (read_only)\""
    assert writing_connections(ast.parse(connected + attached)) == [2, 4]
    assert writing_connections(ast.parse((ROOT / WRITER).read_text(encoding="utf-8"))) != []
