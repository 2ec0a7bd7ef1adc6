"""Write and read harvest folders.

    harvests/<sha256>/reading-<key>/    cells, tables, lines (Parquet), reading.json
                                        depends on the bytes and the extractors
    harvests/<sha256>/meaning-<key>/    facts, checks, problems, rows, tables (Parquet), document.json
                                        depends on the reading, normalizers, reference data and what the user said

A layer is written to a temporary folder, synced, and renamed into place; it is never edited. When two writers make the
same layer, the first one stays: both hold the same content.

Here is what other parts use of it; it stands in `keys` (names of the layers), `reading_layer`, `meaning_layer` (their
files) and `asked` (what a meaning asked of the words of the forms).
"""

from pipeline.asked import would_be_equal
from pipeline.keys import (
    current_key,
    meaning_basis,
    meaning_folder,
    meaning_key,
    reading_folder,
    reading_key,
    reading_key_of,
    witness_of,
)
from pipeline.meaning_layer import read_about, read_harvest, write_meaning
from pipeline.reading_layer import read_reading, signature, write_reading

__all__ = [
    "current_key", "meaning_basis", "meaning_folder", "meaning_key", "read_about", "read_harvest", "read_reading",
    "reading_folder", "reading_key", "reading_key_of", "signature", "witness_of", "would_be_equal", "write_meaning",
    "write_reading",
]  # fmt: skip
