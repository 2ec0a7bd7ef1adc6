"""Where documents stand tonight: what the entries of sources.toml lead to, and which places have gone."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.catalogue import Catalogue, Source
from pipeline.files import find_files
from pipeline.intake import Place, Watch
from pipeline.sources import Origin, Sources, link_card

if TYPE_CHECKING:
    from pipeline.fetch import Fetched, Fetcher

LINKS = 2000  # of one index page


@dataclass(slots=True)
class Found:
    """The places that the sources lead to now, and what could not be reached."""

    places: list[Place] = field(default_factory=list)
    fetched: dict[str, int] = field(default_factory=dict)
    failed: list[dict[str, str]] = field(default_factory=list)
    unlisted: list[dict[str, str]] = field(default_factory=list)  # links that their index page had and has no longer
    complete: set[str] = field(default_factory=set)  # keys of folders and globs that were listed whole


def find(sources: Sources, store: Path, watch: Watch) -> Found:
    """All places that the entries lead to, files and addresses; what cannot be reached is told and stops nothing."""
    found = Found()
    seen: set[str] = set()
    own = store.absolute()

    def add(place: Place) -> None:
        if place.key not in seen:
            seen.add(place.key)
            found.places.append(place)

    for origin in sources.origins:
        if origin.kind in ("folder", "glob", "file"):
            files, missing = find_files([origin.at])
            for file in files:
                if file.is_relative_to(own):  # a store that stands inside of a folder of sources
                    continue
                add(Place(str(file), file, origin.said, owner=origin.key, password=_password(origin)))
            if not files and not missing:
                missing = [(origin.at, "holds no PDF")]
            for place, why in missing:
                found.failed.append({"source": place, "error": f"{why}: nothing of it was removed"})
            if not missing and origin.kind != "file":
                found.complete.add(origin.key)
    if any(origin.kind in ("url", "index") for origin in sources.origins):
        _find_on_the_network(sources, store, found, add, watch)
    return found


def _find_on_the_network(
    sources: Sources, store: Path, found: Found, add: Callable[[Place], None], watch: Watch
) -> None:
    from pipeline.fetch import Fetcher

    with Fetcher(store / "raw", sources.politeness) as fetcher:
        with watch.part("looking at index pages"):
            gone: dict[str, list[str]] = {}
            wanted = _addresses(sources, store, found, fetcher, gone)
        crawled = {url for url, (origin, _) in wanted.items() if origin.kind == "index"}
        with watch.part(f"fetching {len(wanted)} addresses", len(wanted)) as part:
            for got in fetcher.fetch(wanted, crawled):
                part.done += 1
                found.fetched[got.status] = found.fetched.get(got.status, 0) + 1
                if got.error is not None:
                    found.failed.append({"source": got.url, "error": got.error})
                place = _fetched_place(got, *wanted[got.url])
                if place is not None:
                    add(place)
        for origin in sources.origins:
            for url in gone.get(origin.key, []):
                if url not in wanted:
                    found.unlisted.append({"page": origin.at, "source": url})
                    _keep(url, origin, fetcher, add)


def _keep(url: str, origin: Origin, fetcher: Fetcher, add: Callable[[Place], None]) -> None:
    """The last file of an address that is no longer asked: a new version of ours reads it again like the others."""
    got, match = fetcher.kept(url), origin.links.search(url) if origin.links is not None else None
    place = (
        None
        if got is None
        else _fetched_place(got, origin, link_card(origin.said, match) if match else {**origin.said})
    )
    if place is not None:
        add(place)


def _addresses(
    sources: Sources, store: Path, found: Found, fetcher: Fetcher, gone: dict[str, list[str]]
) -> dict[str, tuple[Origin, dict[str, str]]]:
    """What to fetch: each address with its entry and its card. An index page that fails gives what it gave before.

    `gone` is filled with the links that an index page, by its entry's key, had and has no longer.
    """
    from pipeline.fetch import FetchError

    wanted: dict[str, tuple[Origin, dict[str, str]]] = {}
    for origin in sources.origins:
        if origin.kind == "url":
            wanted.setdefault(origin.at, (origin, dict(origin.said)))
        elif origin.kind == "index" and origin.links is not None:
            before = _addresses_of(origin, store)
            try:
                links = fetcher.links(origin.at, origin.links)
                if not links:
                    raise FetchError("has no link that fits `links`: look at the page, and mend the pattern")
            except FetchError as error:
                found.failed.append({"source": origin.at, "error": str(error)})
                links = [(url, m) for url in before if (m := origin.links.search(url))]
            if len(links) > LINKS:
                why = f"has {len(links)} links that fit, of which the first {LINKS} were taken: narrow `links`"
                found.failed.append({"source": origin.at, "error": why})
            for url, match in links[:LINKS]:
                wanted.setdefault(url, (origin, link_card(origin.said, match)))
            listed = {url for url, _ in links}
            gone[origin.key] = [url for url in before if url not in listed]
    return wanted


def _fetched_place(got: Fetched, origin: Origin, said: dict[str, str]) -> Place | None:
    if got.path is None:
        return None
    return Place(
        got.url,
        got.path.absolute(),
        said,
        got.url,
        got.name,
        origin.key,
        got.document_id,
        got.fetched_at,
        _password(origin),
    )


def _password(origin: Origin) -> str | None:
    return os.environ.get(origin.password_env) if origin.password_env else None


def _addresses_of(origin: Origin, store: Path) -> list[str]:
    """The addresses that an index page gave before."""
    catalogue = Catalogue(store)
    try:
        return [source.path for source in catalogue.sources() if source.owner == origin.key]
    finally:
        catalogue.close()


def gone(sources: Sources, found: Found) -> Callable[[Source], bool]:
    """A place goes when its entry was taken out of sources.toml, or its file out of a folder that still holds others.

    What a server no longer gives stays: that is no wish of ours. What `lumbung ingest` has brought stays too.
    """
    entries = {origin.key for origin in sources.origins}
    standing = {place.key for place in found.places}

    def goes(source: Source) -> bool:
        if not source.owner or source.path in standing:
            return False
        return source.owner not in entries or source.owner in found.complete

    return goes


def come_back(store: Path, names: Sequence[str]) -> dict[str, str]:
    """Of documents by id, file name or path, those that an entry of sources.toml brought: the place, by the id."""
    catalogue = Catalogue(store)
    try:
        found = [known.document_id for name in names for known in catalogue.find(name)]
        return {one: source.path for one in found for source in catalogue.sources_of(one) if source.owner}
    finally:
        catalogue.close()
