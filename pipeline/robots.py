"""robots.txt (RFC 9309): which addresses a server asks machines to leave alone.

Rules are simple texts with `*` and a `$` at the end; the longest one that fits decides, and of two equally long ones the
one that allows. They are matched without regular expressions: a server writes them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

LARGEST = 512 * 1024  # bytes that are looked at (the RFC asks for 500 KiB at least)
MOST = 5000  # rules
LONGEST_DELAY = 60.0  # seconds between two requests that a server may ask for
_ESCAPED = re.compile(r"%([0-9a-fA-F]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


@dataclass(frozen=True, slots=True)
class Robots:
    """What holds for one agent. `rules`: whether the pattern allows, and the pattern; `delay`: seconds, or None."""

    rules: tuple[tuple[bool, str], ...] = ()
    delay: float | None = None

    def allows(self, url: str) -> bool:
        parts = urlsplit(url)
        path = _normal(parts.path or "/") + (f"?{_normal(parts.query)}" if parts.query else "")
        fitting = [(len(pattern), allowed) for allowed, pattern in self.rules if _fits(pattern, path)]
        return path == "/robots.txt" or not fitting or max(fitting)[1]


def product(user_agent: str) -> str:
    """The word by which a robots.txt names an agent: the letters at the beginning of its user agent."""
    found = re.match(r"[A-Za-z_-]+", user_agent)
    return found[0].lower() if found else ""


def read_robots(text: str, agent: str) -> Robots:
    """What `text` says to `agent` (a product word): the groups that name it, else those of `*`."""
    named: list[tuple[str, str]] = []
    others: list[tuple[str, str]] = []
    agents: list[str] = []
    met_rule = True
    for line in text.removeprefix("\ufeff").splitlines():
        key, colon, value = line.split("#", 1)[0].partition(":")
        key, value = key.strip().lower(), value.strip()
        if not colon:
            continue
        if key == "user-agent":
            agents = [value.lower()] if met_rule else [*agents, value.lower()]
            met_rule = False
        elif key in ("allow", "disallow", "crawl-delay"):
            met_rule = True
            if agent and agent in map(product, agents):
                named.append((key, value))
            elif "*" in agents:
                others.append((key, value))
        elif key == "sitemap":
            continue
    names_us = bool(agent) and re.search(rf"(?im)^\s*user-agent\s*:\s*{re.escape(agent)}\b", text) is not None
    return _rules(named if names_us else others)


def _rules(lines: list[tuple[str, str]]) -> Robots:
    rules = tuple((key == "allow", _normal(value)) for key, value in lines[:MOST] if key != "crawl-delay" and value)
    delays = [float(value) for key, value in lines if key == "crawl-delay" and re.fullmatch(r"\d{1,6}(\.\d+)?", value)]
    return Robots(rules, min(max(delays), LONGEST_DELAY) if delays else None)


def _normal(text: str) -> str:
    """One spelling of escapes, so that `%7Euser` and `~user` are the same."""

    def plain(found: re.Match[str]) -> str:
        letter = chr(int(found[1], 16))
        return letter if letter in _UNRESERVED else found[0].upper()

    return _ESCAPED.sub(plain, quote(text, safe="%/?#[]@!$&'()*+,;=:~"))


def _fits(pattern: str, path: str) -> bool:
    """Whether `path` begins as `pattern` says; each `*` takes as little as it can, which finds a fit if there is one."""
    to_end = pattern.endswith("$")
    first, *parts = pattern.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    at = len(first)
    if not parts:
        return not to_end or at == len(path)
    last = parts.pop() if to_end else ""
    for part in parts:
        found = path.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return not to_end or (path.endswith(last) and len(path) - len(last) >= at)
