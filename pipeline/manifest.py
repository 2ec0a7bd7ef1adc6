"""What the user knows of each file: a CSV with the column `file` and any of the columns below.

    file,region_code,agency,doc_type,fiscal_year,edition,source_uri
    renja-2024.pdf,17.01,Badan Kepegawaian Daerah,renja,2024,murni,https://...

`file` is a path as seen from the manifest's folder, or a bare file name. Empty fields say nothing.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from pathlib import Path

from normalizers.regions import by_code

SAID = (
    "region_code",
    "region",
    "agency",
    "doc_type",
    "fiscal_year",
    "edition",
    "title",
    "nomenclature",
    "number_style",
)
DOC_TYPES = (
    "renja", "renstra", "rkt", "lkjip", "perjanjian_kinerja", "rkpd", "rpjmd", "rka", "dpa", "apbd", "lra", "neraca",
    "lkpj", "statistik", "other",
)  # fmt: skip
EDITIONS = ("rancangan", "murni", "pergeseran", "perubahan")


class ManifestError(Exception):
    """One sentence for the user: the line of the manifest that is wrong and what to write instead."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What is said of one file. `said` holds only what the manifest fills in."""

    said: dict[str, str] = field(default_factory=dict)
    source_uri: str | None = None


class Manifest:
    """Entries by path and, where the file is named without a folder, by file name."""

    def __init__(self, entries: dict[str, Entry], folder: Path) -> None:
        self._entries = entries
        self._folder = folder
        self.unused = set(entries)

    def entry(self, path: Path) -> Entry | None:
        """What is said of the file at `path`; None where the manifest does not know it."""
        for name in (str(path), path.name):
            key = str((self._folder / name).absolute()) if name == str(path) else name
            if key in self._entries:
                self.unused.discard(key)
                return self._entries[key]
        return None


def read_manifest(path: Path) -> Manifest:
    """Read a manifest. Raises ManifestError for an unknown column, a wrong value, or one file said twice."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            sample = file.readline()
            file.seek(0)
            reader = csv.DictReader(file, delimiter=";" if sample.count(";") > sample.count(",") else ",", strict=True)
            columns = [name.strip() for name in reader.fieldnames or []]
            reader.fieldnames = columns
            _check_columns(path, columns)
            lines = list(reader)
    except OSError as error:
        raise ManifestError(f"{path}: cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise ManifestError(f"{path}: cannot be read as a CSV file in UTF-8 ({error})") from error
    entries: dict[str, Entry] = {}
    for number, line in enumerate(lines, start=2):
        where = f"{path}, line {number}"
        if None in line:
            raise ManifestError(f"{where}: more fields than columns; put fields with a comma in double quotes")
        fields = {name: (value or "").strip() for name, value in line.items()}
        key = _key(path, fields["file"])
        if not fields["file"] or key in entries:
            raise ManifestError(f"{where}: " + ("`file` is said twice" if fields["file"] else "`file` is empty"))
        said = {name: fields[name] for name in SAID if fields.get(name)}
        _check_values(where, said)
        entries[key] = Entry(said, fields.get("source_uri") or None)
    return Manifest(entries, Path.cwd())


def _key(manifest: Path, file: str) -> str:
    if Path(file).name == file and not (manifest.parent / file).exists():
        return file
    return str((manifest.parent / file).absolute())


def _check_columns(path: Path, columns: list[str]) -> None:
    known = ("file", *SAID, "source_uri")
    if "file" not in columns:
        raise ManifestError(f"{path}: the first line must name the columns, `file` among them")
    for name in columns:
        if name not in known:
            raise ManifestError(f"{path}: unknown column `{name}`; known are {', '.join(known)}")


def _check_values(where: str, said: dict[str, str]) -> None:
    year = said.get("fiscal_year")
    if year is not None and not (year.isdecimal() and 1945 <= int(year) <= 2100):
        raise ManifestError(f"{where}: fiscal_year `{year}` is no year")
    region = said.get("region_code")
    if region is not None and by_code(region) is None:
        raise ManifestError(f"{where}: region_code `{region}` is no Kemendagri code (`17.01`; a province `17`)")
    for name, allowed in (("doc_type", DOC_TYPES), ("edition", EDITIONS)):
        if name in said and said[name] not in allowed:
            raise ManifestError(f"{where}: {name} `{said[name]}` is none of {', '.join(allowed)}")
