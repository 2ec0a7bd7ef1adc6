"""Which reading of a page's tables holds, and why: the lattice, rows found inside it, or columns of white space."""

from __future__ import annotations

from dataclasses import replace

from extractors.pages import PageContent
from extractors.ruled import Found
from extractors.unruled import reread


def choose(content: PageContent, found: Found) -> Found:
    """The tables of a page after every reading that fits it has been tried. Cheap where the lattice suffices."""
    grids = [reread(grid, content) for grid in found.grids]
    if all(new is old for new, old in zip(grids, found.grids, strict=True)):
        return found
    return replace(found, grids=grids)
