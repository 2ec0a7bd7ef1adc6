"""Names of the layers of a harvest: the versions of everything that a layer depends on, as short keys."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from extractors.version import READING_VERSION
from pipeline.version import MEANING_VERSION

READING_ENGINES = (
    "pypdfium2",
    "pdfplumber",
    "pdfminer.six",
    "playa-pdf",
    "camelot-py",
)
SCAN_ENGINES = ("opencv-python-headless", "rapidocr", "onnxruntime")  # and Tesseract, which is no package
LAYOUT = 2  # of the files: raise it when a Parquet column is added or means something else
_BY_SCAN_ENGINES = re.compile(r"-s[0-9a-f]{8}$")
MEANING_ENGINES = ("rapidfuzz",)
REFERENCE = Path(__file__).parent.parent / "normalizers"


@cache
def reading_key(witness: str = "auto") -> str:
    """The version of the extractors and of the engines they stand on, as `<number>-<8 hex digits>`.

    With `-always` or `-never` behind it where the second engine was not called by itself (`witness`).
    """
    key = f"{READING_VERSION}-{_digest([LAYOUT, versions(READING_ENGINES)], 8)}"
    return key if witness == "auto" else f"{key}-{witness}"


@cache
def scan_key() -> str:
    """The versions of what reads pages that are pictures, as 8 hex digits: no part of the key of other documents."""
    from extractors.ocr import tesseract_version

    return _digest([versions(SCAN_ENGINES), tesseract_version()], 8)


def reading_key_of(root: Path, document_id: str, witness: str = "auto") -> str:
    """The key under which a document with scanned pages is, or is to be, read with the readers of pictures at hand.

    What other ones read stands under the plain key and stays; `-s<8 hex digits>` is behind the key of the reading anew.
    """
    key = reading_key(witness)
    file = reading_folder(root, document_id, key) / "reading.json"
    by = json.loads(file.read_text(encoding="utf-8")).get("scan_engines") if file.exists() else None
    return key if by in (None, scan_key()) else f"{key}-s{scan_key()}"


def current_key(key: str) -> str:
    """What a reading key would be with the versions on this machine."""
    plain = reading_key(witness_of(key))
    return f"{plain}-s{scan_key()}" if _BY_SCAN_ENGINES.search(key) else plain


def witness_of(key: str) -> str:
    """The `witness` that a reading key was made with."""
    plain = _BY_SCAN_ENGINES.sub("", key)
    return next((mode for mode in ("always", "never") if plain.endswith(f"-{mode}")), "auto")


def meaning_key(file_name: str, said: Mapping[str, str], reading: str | None = None, answers: str = "") -> str:
    """The version of everything that makes meaning of one reading, as `<number>-<12 hex digits>`.

    `answers` names the second readings kept beside it (`rereads.answers_key`); empty where there are none.
    """
    basis = meaning_basis(file_name, said, reading, answers)
    return f"{MEANING_VERSION}-{_digest([basis, forms_hash()], 12)}"


def meaning_basis(file_name: str, said: Mapping[str, str], reading: str | None = None, answers: str = "") -> str:
    """The version of all of that but the words in `forms/`: of those it counts only what a document asks of them."""
    inputs = [
        LAYOUT,
        MEANING_VERSION,
        reading or reading_key(),
        versions(MEANING_ENGINES),
        reference_hash(),
        file_name,
        sorted(said.items()),
        *([answers] if answers else []),
    ]
    return _digest(inputs, 24)


@cache
def reference_hash() -> str:
    """One hash over the reference lists, by name and content."""
    return _hash_of(REFERENCE / "reference")


@cache
def forms_hash() -> str:
    """One hash over the words of the forms, by name and content."""
    return _hash_of(REFERENCE / "forms")


def _hash_of(folder: Path) -> str:
    total = hashlib.sha256()
    for file in sorted(p for p in folder.rglob("*") if p.suffix in {".csv", ".toml", ".json"}):
        total.update(f"{file.relative_to(REFERENCE)}\0".encode())
        total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()


def reading_folder(root: Path, document_id: str, key: str) -> Path:
    return root / document_id / f"reading-{key}"


def meaning_folder(root: Path, document_id: str, key: str) -> Path:
    return root / document_id / f"meaning-{key}"


def versions(packages: Sequence[str]) -> list[str]:
    return [f"{package} {_version(package)}" for package in packages]


@cache
def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"


def _digest(value: object, length: int) -> str:
    return hashlib.sha256(json.dumps(value, ensure_ascii=False).encode()).hexdigest()[:length]
