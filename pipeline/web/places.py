"""Regions as a person writes them: `Lahat`, `kab. sleman`, `33.14`."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache

from normalizers.regions import Region, all_regions, by_code
from pipeline.store import StoreError

_KINDS = {"kab": "kabupaten", "kabupaten": "kabupaten", "kota": "kota", "prov": "provinsi", "provinsi": "provinsi"}


def codes_of(text: str) -> tuple[str, ...]:
    """Codes of the regions named in a list with commas or semicolons; codes may be parted by blanks too.

    Raises StoreError for what is no region, and for a name that a kabupaten shares with its kota.
    """
    parts = [part.strip() for part in re.split(r"[,;]+", text) if part.strip()]
    split = [word for part in parts for word in (part.split() if re.fullmatch(r"[\d.\s]+", part) else [part])]
    return tuple(dict.fromkeys(_code(part) for part in split))


def _code(text: str) -> str:
    if re.fullmatch(r"[\d.]+", text):
        region = by_code(text)
        if region is None:
            raise StoreError(f"`{text}` is no region: write its name or its code, like 17.01")
        return region.code
    words = re.findall(r"[^\W\d_]+", text.lower())
    kind = _KINDS.get(words[0]) if words else None
    found = _named().get("".join(words[1:] if kind else words), [])
    fitting = [region for region in found if kind in (None, region.kind)]
    if not fitting:
        raise StoreError(f"`{text}` is no region: write its name or its code, like 17.01")
    if len(fitting) > 1:
        named = ", ".join(f"{region.name} ({region.code})" for region in fitting)
        raise StoreError(f"`{text}` may be {named}: write one of them")
    return fitting[0].code


@cache
def _named() -> dict[str, list[Region]]:
    """Letters of a name without its kind -> the regions that bear it."""
    named: dict[str, list[Region]] = defaultdict(list)
    for region in all_regions():
        bare = re.sub(r"^(?:Provinsi|Kabupaten|Kota)\s+", "", region.name)
        named["".join(re.findall(r"[^\W\d_]+", bare.lower()))].append(region)
    return named
