"""The words that reports of this kind are made of: those of the forms, the nomenclatures and the lists of accounts."""

from __future__ import annotations

import csv
import re
import tomllib
import zlib
from collections import Counter
from functools import cache
from pathlib import Path

from normalizers.asking import asks

HERE = Path(__file__).parent
LISTS = "reference/*.csv"
NAMES, NAMED = "reference/nomenclature_*.csv", ("name", "kinerja", "indikator")  # the lists of names, and their columns
OWN = HERE / "reference" / "field_words.toml"
OFTEN, MARK = 3, "*"  # what names hold so often is no misprint
PACKED = HERE / "reference" / "words.txt"  # made by `python -m normalizers.vocabulary`
SHORTEST = 4  # letters; shorter ones are abbreviations of everything
WORD = re.compile(rf"[^\W\d_]{{{SHORTEST},}}")
_LETTERS = bytes(ord(chr(i).lower()) if chr(i).isalpha() and i < 128 else ord(" ") for i in range(256))


def words_of(text: str) -> list[str]:
    """The words of four letters and more, lower case, in order."""
    return WORD.findall(text.lower())


def holds_word(text: str, word: str) -> bool:
    """Whether `words_of` a text in lower case hold a word; it need not be parted into words for that."""
    at = text.find(word)
    while at >= 0:
        end = at + len(word)
        if not _is_letter(text[max(at - 1, 0) : at]) and not _is_letter(text[end : end + 1]):
            return True
        at = text.find(word, at + 1)
    return False


def _is_letter(character: str) -> bool:
    """What WORD means by one."""
    return character.isalnum() and not character.isdecimal()


@asks
def is_known(word: str) -> bool:
    """Whether a lower-case word stands in a form, a nomenclature or a list of accounts, in any place."""
    return word in _words("forms/*.toml") or word in _listed()


@cache
def _words(files: str) -> frozenset[str]:
    return frozenset(word for file in HERE.glob(files) for word in _set_of_words(file.read_bytes()))


def _listed() -> frozenset[str]:
    return _packed()[0]


@cache
def field_words() -> frozenset[str]:
    """Words of the field, lower case, by which words that a narrow column broke are joined again.

    Those of four letters and more that the nomenclature lists hold three times or more, and some of their own.
    """
    own: str = tomllib.loads(OWN.read_text(encoding="utf-8"))["words"]
    return _packed()[1].union(own.split())


@cache
def _packed() -> tuple[frozenset[str], frozenset[str]]:
    """The words of the reference lists and those that their names hold often: from `words.txt`, and from the lists
    themselves where one has changed since.
    """
    state, *words = PACKED.read_text(encoding="utf-8").splitlines() if PACKED.exists() else [""]
    if state != _state():
        return _words(LISTS), _often()
    often = frozenset([word.removesuffix(MARK) for word in words if word.endswith(MARK)])
    return frozenset([word.removesuffix(MARK) for word in words]), often


def _often() -> frozenset[str]:
    counts: Counter[str] = Counter()
    for file in HERE.glob(NAMES):
        with file.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(line for line in lines if not line.startswith("#")):
                counts.update(word for column in NAMED for word in words_of(row.get(column) or ""))
    return frozenset([word for word, count in counts.items() if count >= OFTEN])


def _state() -> str:
    """What tells whether the lists are those that `words.txt` was made of."""
    sums = [f"{file.name}:{zlib.crc32(file.read_bytes()):08x}" for file in sorted(HERE.glob(LISTS))]
    return " ".join(["#", *sums])


def pack() -> str:
    """The content of `words.txt`: to part megabytes of lists into words takes a tenth of a second in each process."""
    often = _often()
    marked = [word + MARK if word in often else word for word in sorted(_words(LISTS))]
    return "\n".join([_state(), *marked]) + "\n"


def _set_of_words(text: bytes) -> set[str]:
    """All `words_of` a text in UTF-8: lists of megabytes are parted as bytes, in a quarter of the time."""
    plain: list[bytes] = []
    other: list[bytes] = []
    for line in text.splitlines():
        (plain if line.isascii() else other).append(line)
    words = set(b"\n".join(plain).translate(_LETTERS).split())
    found = {word.decode("ascii") for word in words if len(word) >= SHORTEST}
    return found.union(words_of(b"\n".join(other).decode("utf-8")))


if __name__ == "__main__":
    PACKED.write_text(pack(), encoding="utf-8")
