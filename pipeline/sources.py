"""What to fetch nightly, and what is known of it: `sources.toml`.

    [fetch]
    allow_hosts = ["intranet.example.go.id"]   # names that may lead to private addresses
    pause_seconds = 1.0                        # between two requests to one host

    [[publisher]]
    name = "personnel agency of the example regency"
    region_code = "17.01"                      # the card: what a document does not say itself
    agency = "Badan Kepegawaian Daerah"
    doc_type = "renja"
    folders = ["inbox"]                        # searched for *.pdf; paths as seen from this file
    globs = ["archive/*/renja*.pdf"]
    urls = ["https://example.go.id/renja-2024.pdf"]

    [[publisher.index]]                        # a page that lists reports
    page = "https://example.go.id/documents"
    links = 'renja-(?P<fiscal_year>20\\d\\d).*\\.pdf$'

    [[publisher.document]]                     # one report with words of its own
    url = "https://example.go.id/download?id=7"
    fiscal_year = 2025

Fields of the card in an index or a document overrule the publisher's; named groups of `links` overrule both.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pipeline.manifest import DOC_TYPES, EDITIONS

CARD = ("region_code", "agency", "doc_type", "fiscal_year", "edition", "title", "nomenclature", "number_style")
NUMBER_STYLES = ("indonesian", "english")
LINK_CHARACTERS = 2000  # a longer address is no report's


class SourcesError(Exception):
    """One sentence for the user: what is wrong in sources.toml and what to write instead."""


@dataclass(frozen=True, slots=True)
class Politeness:
    """How to fetch. Sizes in MiB, times in seconds; `allow_hosts` (`name`, `name:port`) may be private."""

    allow_hosts: tuple[str, ...] = ()
    pause_seconds: float = 1.0
    timeout_seconds: float = 30.0  # without a byte
    total_seconds: float = 600.0  # for one file
    max_mebibytes: int = 200
    attempts: int = 4
    retry_seconds: float = 2.0  # before the second attempt; doubled each time
    give_up_after: int = 3  # addresses of one host without an answer; the others wait for the next run
    user_agent: str = "lumbung (reads published government reports)"
    respect_robots: bool = True  # of index pages and the links found there; an address named by itself is fetched
    proxy: str = ""  # address of an HTTP proxy; `environment` takes HTTP_PROXY, HTTPS_PROXY and NO_PROXY


@dataclass(frozen=True, slots=True)
class Origin:
    """One entry of sources.toml: a folder, a glob, an address, or an index page with the links to follow."""

    publisher: str
    kind: str  # folder, glob, file, url, index
    at: str  # absolute path or pattern, or the address
    said: Mapping[str, str] = field(default_factory=dict)
    links: re.Pattern[str] | None = None
    password_env: str | None = None

    @property
    def key(self) -> str:
        """Names the entry from run to run, so that what was taken out of the file is noticed."""
        return f"{self.publisher}/{self.kind}:{self.at}"


@dataclass(frozen=True, slots=True)
class Sources:
    """All entries, in the order of the file; of two that name the same place the first one counts."""

    politeness: Politeness
    origins: tuple[Origin, ...]


def read_sources(path: Path) -> Sources:
    """Read sources.toml. Raises SourcesError with the entry and the word that is wrong."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))  # Windows editors begin a file with a mark
    except FileNotFoundError as error:
        raise SourcesError(
            f"{path} does not exist: write what to fetch there, or name another with --sources"
        ) from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SourcesError(f"{path} cannot be read: {error}") from error
    _only(path, "the file", content, ("fetch", "publisher"))
    publishers = _tables(path, "publisher", content.get("publisher", []))
    names = [str(publisher.get("name", "")).strip() for publisher in publishers]
    for name in names:
        if not name or names.count(name) > 1:
            raise SourcesError(
                f"{path}: every [[publisher]] needs a `name` of its own" + (f", not `{name}` twice" if name else "")
            )
    politeness = _politeness(path, content.get("fetch", {}))
    origins = {name: list(_origins(path, name, p)) for name, p in zip(names, publishers, strict=True)}
    idle = next((name for name, found in origins.items() if not found), None)
    if idle is not None or not origins:  # a file that was cut is not a wish to remove everything
        who = "it" if idle is None else f"publisher `{idle}`"
        raise SourcesError(f"{path}: {who} names nothing to read: give folders, globs, urls, an index or a document")
    return Sources(politeness, tuple(origin for found in origins.values() for origin in found))


def _politeness(path: Path, said: Mapping[str, Any]) -> Politeness:
    known = {f.name: f for f in fields(Politeness)}
    _only(path, "[fetch]", said, tuple(known))
    values: dict[str, Any] = {}
    for name, value in said.items():
        default = getattr(Politeness(), name)
        if isinstance(default, tuple):
            values[name] = tuple(word.lower() for word in _words(path, f"[fetch] {name}", value))
        elif isinstance(default, str | bool) and type(value) is type(default):
            values[name] = value
        elif (
            not isinstance(default, str | bool)
            and isinstance(value, int | float)
            and not isinstance(value, bool)
            and value >= 0
        ):
            values[name] = type(default)(value)
        else:
            raise SourcesError(f"{path}: [fetch] {name} is {value!r}; it should be like {default!r}")
    proxy = values.get("proxy", "")
    if proxy not in ("", "environment"):
        _address(path, "[fetch] proxy", proxy)
    return Politeness(**values)


def _origins(path: Path, name: str, publisher: Mapping[str, Any]) -> Iterator[Origin]:
    where = f"publisher `{name}`"
    lists = ("folders", "globs", "urls")
    _only(path, where, publisher, ("name", *CARD, *lists, "index", "document", "password_env"))
    card, password = _card(path, where, publisher), publisher.get("password_env")
    if password is not None and (not isinstance(password, str) or not password.strip() or "=" in password):
        raise SourcesError(
            f'{path}: {where}: password_env is {password!r}; it should name a variable: "EXAMPLE_PASSWORD"'
        )
    for entry in _tables(path, f"{where}, document", publisher.get("document", [])):
        _only(path, f"{where}, document", entry, ("url", "file", *CARD))
        said = card | _card(path, f"{where}, document", entry)
        if ("url" in entry) == ("file" in entry):
            raise SourcesError(f"{path}: {where}: a document needs either `url` or `file`")
        if "url" in entry:
            yield Origin(name, "url", _address(path, where, entry["url"]), said, password_env=password)
        else:
            yield Origin(name, "file", _path(path, where, entry["file"]), said, password_env=password)
    for url in _words(path, f"{where}, urls", publisher.get("urls", [])):
        yield Origin(name, "url", _address(path, where, url), card, password_env=password)
    for entry in _tables(path, f"{where}, index", publisher.get("index", [])):
        _only(path, f"{where}, index", entry, ("page", "links", *CARD))
        said = card | _card(path, f"{where}, index", entry)
        links = _pattern(path, where, entry.get("links", r"\.pdf($|[?#])"))
        yield Origin(name, "index", _address(path, where, entry.get("page")), said, links, password)
    for kind in ("folder", "glob"):
        for text in _words(path, f"{where}, {kind}s", publisher.get(f"{kind}s", [])):
            yield Origin(name, kind, _path(path, where, text), card, password_env=password)


def unset_passwords(sources: Sources) -> list[str]:
    """One sentence for each publisher whose `password_env` names a variable that holds nothing."""
    wanted = {origin.publisher: origin.password_env for origin in sources.origins if origin.password_env}
    return [
        f"publisher `{publisher}`: password_env names {name}, which is not set: encrypted reports cannot be opened"
        for publisher, name in wanted.items()
        if not os.environ.get(name)
    ]


def link_card(said: Mapping[str, str], found: re.Match[str]) -> dict[str, str]:
    """The card of a link: the named groups of the pattern overrule the index's card; impossible values are left out."""
    groups = {
        name: text for name, text in found.groupdict().items() if text and name in CARD and _flaw(name, text) is None
    }
    return {**said, **groups}


def _path(path: Path, where: str, text: object) -> str:
    """As seen from sources.toml; `~` is the home of who runs this."""
    if not isinstance(text, str) or "\0" in text:
        raise SourcesError(f"{path}: {where}: `{text}` is no path")
    try:
        return str((path.parent / Path(text).expanduser()).absolute())
    except RuntimeError as error:
        raise SourcesError(f"{path}: {where}: `{text}`: {error}") from error


def _card(path: Path, where: str, table: Mapping[str, Any]) -> dict[str, str]:
    for name in CARD:
        value = table.get(name, "")
        if not isinstance(value, str) and not (name == "fiscal_year" and type(value) is int):
            raise SourcesError(f"{path}: {where}: {name} is {value!r}; it should be a text in quotes")
    said = {name: str(table[name]).strip() for name in CARD if str(table.get(name, "")).strip()}
    for name, value in said.items():
        flaw = _flaw(name, value)
        if flaw:
            raise SourcesError(f"{path}: {where}: {name} `{value}` {flaw}")
    return said


def _flaw(name: str, value: str) -> str | None:
    """What is wrong with a field of a card; None where nothing is."""
    if name == "fiscal_year":
        return None if value.isdecimal() and 1945 <= int(value) <= 2100 else "is no year"
    if name == "region_code":
        from normalizers.regions import by_code

        return None if by_code(value) else "is no Kemendagri code: see normalizers/reference/regions.csv"
    allowed = {"doc_type": DOC_TYPES, "edition": EDITIONS, "number_style": NUMBER_STYLES}.get(name)
    return None if allowed is None or value in allowed else f"is none of {', '.join(allowed)}"


def _address(path: Path, where: str, text: object) -> str:
    parts = urlsplit(text) if isinstance(text, str) else None
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise SourcesError(f"{path}: {where}: `{text}` is no http or https address")
    return str(text)


def _pattern(path: Path, where: str, text: object) -> re.Pattern[str]:
    try:
        pattern = re.compile(str(text), re.IGNORECASE)
    except re.error as error:
        raise SourcesError(f"{path}: {where}: links `{text}` is no regular expression ({error})") from error
    for name in pattern.groupindex:
        if name not in CARD:
            raise SourcesError(f"{path}: {where}: the group `{name}` of links is none of {', '.join(CARD)}")
    return pattern


def _words(path: Path, where: str, value: object) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(word, str) and word for word in value):
        raise SourcesError(f'{path}: {where} should be a list of texts: ["...", "..."]')
    return value


def _tables(path: Path, where: str, value: object) -> Sequence[Mapping[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise SourcesError(f"{path}: {where} should be written with double brackets: [[{where.rsplit(' ', 1)[-1]}]]")
    return value


def _only(path: Path, where: str, table: object, known: Sequence[str]) -> None:
    if not isinstance(table, dict):
        raise SourcesError(f"{path}: {where} should be a table")
    for name in table:
        if name not in known:
            raise SourcesError(f"{path}: {where}: unknown word `{name}`; known are {', '.join(known)}")
