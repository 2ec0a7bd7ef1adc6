"""The nomenclature as far as the store has it: what is printed, and the urusan, bidang and programs above it."""

from __future__ import annotations

from dataclasses import dataclass

from normalizers.nomenclature import four_digit
from pipeline.names import LEVELS, Item, ancestors
from pipeline.web.reader import Reader
from pipeline.web.search import known_items


@dataclass(frozen=True, slots=True)
class Node:
    """An item to pick, or (`documents` 0) one that only leads to others; `below` counts the printed items under it."""

    code: str
    level: str
    name: str
    documents: int
    below: int


def tree(reader: Reader) -> dict[str, Node]:
    """Every node by its code; made once a generation."""
    return reader.kept("tree", lambda: grown(known_items(reader)))


def grown(items: dict[str, Item]) -> dict[str, Node]:
    below: dict[str, int] = {}
    for code in items:
        for above in above_of(code):
            below[above] = below.get(above, 0) + 1
    nodes = {}
    for code in sorted({*items, *below}):
        item = items.get(code)
        if item is not None:
            nodes[code] = Node(code, item.level, item.name, item.documents, below.get(code, 0))
        else:
            nodes[code] = Node(code, _level(code), _official(code), 0, below[code])
    return nodes


def above_of(code: str) -> list[str]:
    """The codes above one, the nearest first; those of any agency (`X`, `X.XX`) say nothing and are left out."""
    return [above for above in ancestors(code) if above not in ("X", "X.XX")]


def under(nodes: dict[str, Node], code: str | None) -> list[Node]:
    """The nodes directly below a code, or the topmost ones."""
    return [node for node in nodes.values() if next(iter(above_of(node.code)), None) == code]


def path(nodes: dict[str, Node], code: str) -> list[Node]:
    """From the top to the code itself."""
    return [nodes[one] for one in [*reversed(above_of(code)), code] if one in nodes]


def _level(code: str) -> str:
    return LEVELS[{1: 0, 2: 1, 3: 2, 5: 3, 6: 4}.get(code.count(".") + 1, 4)]


def _official(code: str) -> str:
    """The official name; kabupaten and provinces may call it otherwise, the first that has it is taken."""
    for pemda, digit in (("kabkota", "2"), ("provinsi", "1")):
        entry = four_digit(pemda).get(code.replace("*", digit))
        if entry is not None:
            return entry.name
    return ""
