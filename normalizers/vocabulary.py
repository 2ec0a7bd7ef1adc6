"""The words that reports of this kind are made of: those of the forms, the nomenclatures and the lists of accounts."""

from __future__ import annotations

import re
import zlib
from functools import cache
from pathlib import Path

from normalizers.asking import asks

HERE = Path(__file__).parent
LISTS = "reference/*.csv"
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


@cache
def _listed() -> frozenset[str]:
    """The words of the reference lists, from `words.txt`; from the lists themselves where one has changed since."""
    state, *words = PACKED.read_text(encoding="utf-8").splitlines() if PACKED.exists() else [""]
    return frozenset(words) if state == _state() else _words(LISTS)


def _state() -> str:
    """What tells whether the lists are those that `words.txt` was made of."""
    sums = [f"{file.name}:{zlib.crc32(file.read_bytes()):08x}" for file in sorted(HERE.glob(LISTS))]
    return " ".join(["#", *sums])


def pack() -> str:
    """The content of `words.txt`: to part megabytes of lists into words takes a tenth of a second in each process."""
    return "\n".join([_state(), *sorted(_words(LISTS))]) + "\n"


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
