"""Lines of a cell -> one string.

A narrow column breaks words (`Pemerintah` / `an`), numbers (`329.957.274,` / `00`) and codes (`5.03.02.2.01.` /
`0002`). Numbers and codes are joined by their grammar, words by the other words of the same document. Where nothing
tells, a blank stays.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator

from normalizers.grid import fold
from normalizers.number_style import classify, clean
from normalizers.vocabulary import field_words

_WORD = re.compile(r"[^\W\d_]+(?:[-'’/][^\W\d_]+)*")
_LAST_WORD = re.compile(r"[^\W\d_]+(?:[-'’/][^\W\d_]+)*$")
_FIRST_WORD = re.compile(r"^[^\W\d_]+(?:[-'’/][^\W\d_]+)*")
_NUMBER_END = re.compile(r"(?:^|(?<=[\s(:]))(?:[Rr]p\.?)?(?P<token>\d[\d.,]*)$")
_NUMBER_START = re.compile(r"^(?P<token>[\d.,]*\d)(?=$|[\s%);:]|,?-)")
_CODE_END = re.compile(r"(?:^|(?<=\s))(?P<token>(?:\d{1,2}|[Xx]{1,2})\.(?:[\dXx]+\.?)*)$")
# urusan . bidang . program . (kewenangan . kegiatan . sub kegiatan), all parts but the last complete
_CODE = re.compile(r"(?:\d{1,2}|X{1,2})\.(?:\d{2}|XX)(?:\.\d{2}(?:\.\d(?:\.\d{2}(?:\.(?:\d{2}|\d{4}))?)?)?)?", re.I)
_NO_LETTERS = {i: " " for i in range(128) if not chr(i).isalpha() and chr(i) not in "-'/"}  # ... and no part of a word
_HYPHEN = re.compile(r"[-/]")
_MOST_FRAGMENTS = 4
_LONGEST_END = 100  # characters before a break that are looked at


class Lexicon(Collection[str]):
    """Words of a document, lower case, with how often each stands whole inside a line.

    The last word of a line and the first of the next are left out where a break stands between them: they may be
    halves. What the document does not print may still be a word of the field (`field_words`).
    """

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self.counts: Counter[str] = Counter()
        self.joined: dict[str, str] = {}  # texts with broken lines that have been joined
        plain: list[str] = []
        for text, times in Counter(texts).items():
            if _is_plain(text):
                plain += [text] * times
                continue
            for word in _whole_words(text):
                self.counts[word] += times
        for part, times in Counter("\n".join(plain).lower().translate(_NO_LETTERS).split()).items():
            for word in (part,) if part.isalpha() else _WORD.findall(part):  # no word reaches over a line
                self.counts[word] += times
        for word, times in list(self.counts.items()):
            if "-" in word or "/" in word:
                for piece in _HYPHEN.split(word):
                    self.counts[piece] += times

    def __contains__(self, word: object) -> bool:
        return isinstance(word, str) and ((low := word.lower()) in self.counts or low in field_words())

    def __iter__(self) -> Iterator[str]:
        return iter(self.counts)

    def __len__(self) -> int:
        return len(self.counts)


def _is_plain(text: str) -> bool:
    """Whether a text is one line of ASCII characters, with nothing to join or to clean."""
    return text.isascii() and "\n" not in text and "\r" not in text and "\x0b" not in text


def _whole_words(text: str) -> list[str]:
    """The words of a text whose lines are divided by `\\n`, lower case, but those beside a break."""
    lines = [line for line in clean(text).split("\n") if line.strip()]
    whole: list[str] = []
    for number, line in enumerate(lines):
        words = _WORD.findall(line)
        open_start = bool(words) and number > 0 and line.lstrip().startswith(words[0])
        open_end = bool(words) and number < len(lines) - 1 and line.rstrip(" -").endswith(words[-1])
        whole += map(str.lower, words[open_start : len(words) - open_end])
    return whole


def join_lines(text: str, lexicon: Collection[str] | None = None) -> str:
    """One string from the lines of a cell. `lexicon` holds lower-case words (a `Lexicon`, a set) known to be whole."""
    if _is_plain(text):
        return fold(text)
    if not isinstance(lexicon, Lexicon):
        return _joined_lines(text, lexicon)
    known = lexicon.joined.get(text)
    if known is None:
        known = lexicon.joined[text] = _joined_lines(text, lexicon)
    return known


def _joined_lines(text: str, lexicon: Collection[str] | None) -> str:
    lines = [fold(line) for line in clean(text).split("\n")]
    lines = [line for line in lines if line]
    if not lines:
        return ""
    words: Collection[str] = lexicon if lexicon is not None else frozenset()
    joined, at = lines[0], 1
    while at < len(lines):
        taken = _broken_word(joined, lines[at:], words)
        if taken:
            joined += "".join(lines[at : at + taken])
            at += taken
        else:
            joined = _join_two(joined, lines[at], words)
            at += 1
    return joined


def _broken_word(left: str, rest: list[str], words: Collection[str]) -> int:
    """How many of the next lines go on with the last word of `left`: 1 for `TARG` / `ET`, 2 for `Peme` / `rinta` /
    `han`.
    """
    if not _is_letter(rest[0][0]) or not _is_letter(left[-1]):
        return 0
    last = _LAST_WORD.search(left[-_LONGEST_END:].rsplit(None, 1)[-1])
    if not last:
        return 0
    whole, halves = last[0].lower(), [last[0].lower()]
    for count, line in enumerate(rest[: _MOST_FRAGMENTS - 1], start=1):
        first = _FIRST_WORD.match(line)
        if not first or not _same_case(last[0], first[0]):
            return 0
        whole, halves = whole + first[0].lower(), [*halves, first[0].lower()]
        if whole in words and not all(half in words for half in halves):
            return count
        if first.end() != len(line):
            return 0
    return 0


def _is_letter(character: str) -> bool:
    """What the patterns of words above mean by one."""
    return character.isalnum() and not character.isdecimal()


def _same_case(left: str, right: str) -> bool:
    """`Pemerintah` / `An` are two words; `TARG` / `ET` and `Targ` / `et` may be one."""
    return right.islower() or (right.isupper() and (left.isupper() or len(left) == 1))


def _join_two(left: str, right: str, words: Collection[str]) -> str:
    if right[0].isalpha() and left[-1].isalpha() and left[-1] not in "Xx":  # two words; an X may belong to a code
        return f"{left} {right}"
    end = left if len(left) <= _LONGEST_END else " " + left[-_LONGEST_END:]
    if _breaks_number(end, right) or _breaks_code(end, right):
        return left + right
    if re.search(r"[^\W\d_]-$", left[-2:]) and re.match(r"[^\W\d_]", right):
        return _join_hyphen(left, right, words)
    if re.search(r"(?<=\S)/$|\($", left[-2:]) or re.match(r"/(?=\S)|[),;%]|\.(?!\w)", right):
        return left + right
    return f"{left} {right}"


def _join_hyphen(left: str, right: str, words: Collection[str]) -> str:
    """The hyphen goes where the document knows the word without it; else it stays as printed (`Perundang-undangan`)."""
    last, first = _LAST_WORD.search(left[-_LONGEST_END:-1]), _FIRST_WORD.match(right)
    if last and first and "-" not in last[0]:
        with_hyphen = f"{last[0]}-{first[0]}".lower()
        without = f"{last[0]}{first[0]}".lower()
        if with_hyphen not in words and without in words:
            return left[:-1] + right
    return left + right


def _breaks_number(left: str, right: str) -> bool:
    end, start = _NUMBER_END.search(left), _NUMBER_START.match(right)
    if not end or not start:
        return False
    before, after = end["token"], start["token"]
    whole = classify(before + after) if re.fullmatch(r"\d+(?:[.,]\d+)*", before + after) else None
    if whole is None or whole.kind in ("plain", "broken"):
        return False
    alone = end.start("token") == 0 or left[: end.start("token")].rstrip().lower() in ("rp", "rp.", ":")
    if before[-1] in ".,":  # `1.` / `500.000`: a list number before another number looks the same
        return (alone and (whole.kind in ("grouped", "full") or len(before) > 2)) or whole.kind in ("grouped", "full")
    if after[0] in ".,":
        return True
    return classify(before).kind == "broken" and whole.kind in ("grouped", "full")


def _breaks_code(left: str, right: str) -> bool:
    end = _CODE_END.search(left)
    start = re.match(r"(?P<token>\.?[\dXx][\dXx.]*)(?=$|\s)", right)
    if not end or not start:
        return False
    before, after = end["token"], start["token"]
    whole = before + after
    if not _CODE.fullmatch(whole) or before.count(".") + (after[0] == ".") < 2:
        return False
    if before.endswith(".") or after.startswith("."):
        return True
    return not _CODE.fullmatch(before)
