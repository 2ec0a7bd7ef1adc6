"""One PDF in, one Harvest out: a pure function of the bytes, the reference data and what the user says of the document."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from extractors.pieces import Piece, count_pages, join_pieces, likely_pictures, read_piece_file, write_piece
from extractors.pieces import read_piece as read_pages
from extractors.read import read_pdf
from extractors.tables import Reading
from extractors.witnesses import call_witnesses
from pipeline.facts import Harvest

__all__ = ["count_pages", "harvest", "join", "likely_pictures", "mean", "prepare", "read", "read_piece", "write_piece"]


def harvest(
    path: Path,
    *,
    document_id: str | None = None,
    said: Mapping[str, str] | None = None,
    password: str | None = None,
    witness: str = "auto",
) -> Harvest:
    """Read a PDF and give it meaning.

    `document_id` is the sha256 of its bytes (computed where not given). Raises NotPdf, EmptyFile, Encrypted, Damaged
    (`extractors.errors`).
    """
    identity = document_id or hashlib.sha256(path.read_bytes()).hexdigest()
    return mean(read(path, password, witness), identity, path.name, said)


def read(path: Path, password: str | None = None, witness: str = "auto") -> Reading:
    """The reading layer alone: tables, cells, lines. Slow for scans, and the same for the same bytes.

    `witness`: when a second engine reads the cells again (auto: on odd and doubtful pages; always; never).
    """
    return call_witnesses(path, read_pdf(path, password), password, witness)


def mean(reading: Reading, document_id: str, file_name: str, said: Mapping[str, str] | None = None) -> Harvest:
    """The meaning of a reading (`pipeline.meaning.mean`, loaded when it is wanted: pieces are read without it)."""
    from pipeline.meaning import mean as give_meaning

    return give_meaning(reading, document_id, file_name, said)


def prepare() -> None:
    """Loads what gives meaning, ahead of the first reading."""
    from pipeline.meaning import load_references

    load_references()


def read_piece(
    path: Path, pages: range, password: str | None, witness: str, after: Path | None, pictures: bool
) -> Piece:
    """A range of pages, `pictures` among them or left for later; `after`: the piece that left these ones."""
    before = None if after is None else read_piece_file(after)
    return read_pages(path, pages, password, witness, before, pictures)


def join(path: Path, files: Sequence[Path], password: str | None = None, witness: str = "auto") -> Reading:
    """What `read` gives, from the files of all pieces of a document."""
    return join_pieces(path, [read_piece_file(file) for file in files], password, witness)
