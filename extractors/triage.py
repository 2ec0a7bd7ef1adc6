"""What a page is: decides which reader gets it. Knows shapes only, no words."""

from __future__ import annotations

import re

import numpy as np

from extractors.native import Floats
from extractors.pages import PageContent, private_use
from extractors.ruled import Found
from extractors.tables import Line

PICTURE = 0.5  # pictures over this share of the page make it a scan where no text is printed
LONG_RULE = 0.25  # a rule over this share of the page's width is no underline
MARGIN = 0.09  # share of the page's height for running heads and feet
BROKEN = 0.3  # this share of characters without a meaning makes the text broken
LEADERS = re.compile(r"(?:\.\s?){5,}|…{2,}|_{5,}")
DIGIT = re.compile(r"\d")
NUMBER = re.compile(r"\(?-?(?:Rp\.?)?\d[\d.,]*\)?%?")


def page_kind(content: PageContent, found: Found, lines: list[Line]) -> str:
    """prose, ruled, partly_ruled, unruled, scan, scan_with_text, broken_text or empty."""
    pictures = covered_share(content.images, content.width, content.height)
    if pictures >= PICTURE and len(content.hidden) > len(content.chars):
        return "scan_with_text"
    if not len(content.chars):
        return "scan" if pictures > 0.1 else "empty"
    if pictures >= PICTURE and len(content.chars) < 20:
        return "scan"
    if _meaningless(content) > BROKEN:
        return "broken_text"
    if _long(found.loose_horizontal, content.width, content.height) >= 3:
        return "partly_ruled"
    if found.grids:
        return "ruled"
    if looks_like_columns(lines):
        return "unruled"
    return "prose"


def covered_share(images: Floats, width: float, height: float) -> float:
    """Share of the page under pictures (pictures in strips add up, overlaps count once on a coarse raster)."""
    if not len(images):
        return 0.0
    x, y = np.meshgrid((np.arange(20) + 0.5) * width / 20, (np.arange(20) + 0.5) * height / 20)
    under = np.zeros(x.shape, dtype=np.bool_)
    for x0, top, x1, bottom in images[:2000].tolist():
        under |= (x >= x0) & (x <= x1) & (y >= top) & (y <= bottom)
    return float(under.mean())


def _meaningless(content: PageContent) -> float:
    code = content.chars.code
    if int(code.max()) < 0xE000 and int(code.min()) >= 32:
        return 0.0
    return float((private_use(code) | (code < 32)).mean())


def _long(rules: Floats, width: float, height: float) -> int:
    """Long rules on the body of the page; those of running heads and feet do not count."""
    if not len(rules):
        return 0
    body = (rules[:, 0] > MARGIN * height) & (rules[:, 0] < (1 - MARGIN) * height)
    return int((body & ((rules[:, 2] - rules[:, 1]) > LONG_RULE * width)).sum())


def looks_like_columns(lines: list[Line]) -> bool:
    """Several lines that each print numbers apart from each other: a table without rules, perhaps."""
    rows = 0
    for line in lines:
        if not DIGIT.search(line.text):
            continue
        words = line.text.split()
        numbers = [word for word in words if NUMBER.fullmatch(word)]
        if len(numbers) < 2 or LEADERS.search(line.text):  # a table of contents
            continue
        if len(numbers) >= 3 or (len(numbers) >= 2 and len(numbers) * 2 >= len(words)):
            rows += 1
            if rows == 4:
                return True
    return False
