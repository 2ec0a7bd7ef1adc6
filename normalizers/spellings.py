"""Printed spellings of nomenclature codes -> canonical codes. Only spelling here; `codes.py` weighs names and parents.

Canonical: urusan `5`, bidang urusan `5.03`, program `5.03.02`, kegiatan `5.03.02.2.01`, sub kegiatan
`5.03.02.2.01.0002` (or two digits, as printed, where the list of the time had two). Codes of Permendagri 13/2006
(`1.20.1.20.05.01.002`) are recognised and told apart; so are SIPD's codes of agencies (`5.03.5.04.0.00.01.0000`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from normalizers.lookalikes import fold_digits
from normalizers.nomenclature import PERMENDAGRI_13, level_of

DESTROYED = re.compile(r"^\s*\d+(?:[.,]\s*\d+)?\s*[Ee]\s*\+?\s*\d+\s*$")
_TOKEN = re.compile(r"[0-9]+|[Xx]+")
_ALLOWED = re.compile(r"^[\s0-9Xx.,·_/\-–:;()]*$")
_LEADING = re.compile(
    r"^\s*((?:[0-9]+|[Xx]{1,2}(?![a-z]))(?:\s*[.\s]\s*(?:[0-9]+|[Xx]{1,2}(?![A-Za-z])))*)\s*[.:)\-–]*\s+(?=\D)"
)
PEMDA_DIGIT = {"provinsi": "1", "kabkota": "2"}


@dataclass(frozen=True, slots=True)
class ParsedCode:
    """What a printed code says by itself.

    `kind`: nomenclature, agency (a perangkat daerah's own code) or destroyed. `code` is canonical, None when destroyed;
    `sub_digits` how many digits the sub kegiatan was printed with (2 or 4; 0 above); `generic`: printed with X for the
    bidang; `repaired`: a part was restored; `others`: further readings of a code with a lost digit; `era`: the list's
    shape; `account`: the account code printed behind it (SIPD), if any; `bidang`: those an agency's code names.
    """

    kind: str
    code: str | None
    level: str | None
    sub_digits: int = 0
    generic: bool = False
    repaired: bool = False
    others: tuple[str, ...] = ()
    era: str = ""
    account: str | None = None
    bidang: tuple[str, ...] = ()


def parse_code(text: str | None, pemda: str = "kabkota", era: str | None = None) -> ParsedCode | None:
    """A printed code in any known spelling; None where the text is no code.

    Columns over which a code is spread are to be joined with blanks by the caller. `pemda` (kabkota, provinsi) gives
    the kegiatan's first digit where the print drops it; `era` (`permendagri-13-2006`) reads short codes in the old
    way.
    """
    if text is None or not text.strip():
        return None
    if DESTROYED.match(text):
        return ParsedCode("destroyed", None, None)
    if not _ALLOWED.match(text):
        folded = fold_digits(text)
        if folded == text or not _ALLOWED.match(folded):
            return None
        read = parse_code(folded, pemda, era)
        return replace(read, repaired=True) if read is not None else None
    tokens = _TOKEN.findall(text.upper())
    if not tokens or sum(len(t) for t in tokens) > 40:
        return None
    agency = _sipd_agency(tokens)
    if agency is not None:
        bidang, rest = agency
        if not rest:
            return ParsedCode("agency", ".".join(tokens), "perangkat_daerah", bidang=bidang)
        tokens = rest
    old = _parse_old(tokens, era)
    if old is not None:
        return old
    if len(tokens) == 1:
        return _parse_run(tokens[0], pemda)
    return _parse_tokens(tokens, pemda) or (_parse_run("".join(tokens), pemda) if len(tokens[0]) >= 3 else None)


def split_code(text: str) -> tuple[str | None, str]:
    """A cell that holds a code and a name -> both: `01 Penyediaan ...` -> (`01`, `Penyediaan ...`); (None, text)
    otherwise.
    """
    found = _LEADING.match(text)
    if found is None:
        return None, text.strip()
    rest = text[found.end() :].strip()
    return (found.group(1).strip(), rest) if re.match(r"[A-Za-z(\"“]", rest) else (None, text.strip())


def edits_between(one: str, other: str) -> int:
    """How many digits differ between two codes, dots aside (to judge whether one is a slip of the other)."""
    from rapidfuzz.distance import OSA

    return OSA.distance(one.replace(".", ""), other.replace(".", ""))


# --- agency codes of SIPD -------------------------------------------------------------------------------------------


def _sipd_agency(tokens: list[str]) -> tuple[tuple[str, ...], list[str]] | None:
    """Three bidang (0.00 for none), unit, sub unit: `5.03.5.04.0.00.01.0000`, perhaps with a code behind it."""
    if len(tokens) < 7 or [len(t) for t in tokens[:7]] != [1, 2, 1, 2, 1, 2, 2] or not all(t.isdigit() for t in tokens):
        return None
    pairs = [f"{tokens[i]}.{tokens[i + 1]}" for i in (0, 2, 4)]
    if not all(p == "0.00" or p[0] in "123456789" for p in pairs) or pairs[0] == "0.00":
        return None
    if pairs[2] != "0.00" and len(tokens) == 7:
        return None  # seven parts of 13/2006 have a two-digit fifth part; here a third bidang must be told by its unit
    rest = tokens[8:] if len(tokens) > 7 and len(tokens[7]) == 4 else tokens[7:]
    return tuple(p for p in pairs if p != "0.00"), rest


# --- Permendagri 13/2006 --------------------------------------------------------------------------------------------


def _parse_old(tokens: list[str], era: str | None) -> ParsedCode | None:
    """`urusan.bidang.[unit.]urusan.bidang.unit.program.kegiatan`, all digits; short forms only where `era` says so."""
    if not all(t.isdigit() for t in tokens) or len(tokens) < 2:
        return None
    start = _old_unit_start(tokens)
    if start == 3 and len(tokens) == 6 and era != PERMENDAGRI_13:
        return None  # `2.09.01.2.09.10`: kegiatan 2.09 of bidang 2.09, unless the document is of the old time
    if start is None and era != PERMENDAGRI_13:
        return None
    code = ".".join([tokens[0], *(t.zfill(2) for t in tokens[1:])]) if start is None else ".".join(tokens)
    if start is None:
        level = {2: "bidang_urusan", 3: "perangkat_daerah"}.get(len(tokens))
        kind = "agency" if level == "perangkat_daerah" else "nomenclature"
        return ParsedCode(kind, code, level, era=PERMENDAGRI_13)
    after = len(tokens) - start - 3
    level = {0: "perangkat_daerah", 1: "program", 2: "kegiatan"}.get(after)
    account = None
    if after > 2:  # the kind of belanja stands behind: `... 018.006.5.2`
        account = ".".join(tokens[start + 5 :])
        code, level = ".".join(tokens[: start + 5]), "kegiatan"
    return ParsedCode("agency" if after == 0 else "nomenclature", code, level, era=PERMENDAGRI_13, account=account)


def _old_unit_start(tokens: list[str]) -> int | None:
    """Where the second `urusan.bidang.unit` starts (2 or 3), which only codes of 13/2006 have."""
    for start in (2, 3):
        if len(tokens) < start + 3:
            continue
        widths = [len(t) for t in tokens[: start + 3]]
        head = widths[:2] == [1, 2] and (start == 2 or widths[2] == 2)
        unit = widths[start : start + 2] == [1, 2] and widths[start + 2] in (2, 3)
        repeated = tokens[:2] == tokens[start : start + 2]
        # `1.06 . 1.20.03 . 15 . 01`: another bidang's unit; a bidang never stands as a program's kegiatan otherwise.
        if head and unit and (repeated or (start == 2 and tokens[2] in "1234" and len(tokens) >= 6)):
            return start
    return None


# --- 90/2019 and later ----------------------------------------------------------------------------------------------


def _parse_tokens(tokens: list[str], pemda: str) -> ParsedCode | None:
    urusan, rest = tokens[0], tokens[1:]
    urusan = "X" if set(urusan) == {"X"} else urusan.lstrip("0")
    if len(urusan) != 1 or len(rest) > 20:
        return None
    if set(rest[0]) == {"X"}:
        rest = ["XX", *rest[1:]]
    elif not rest[0].isdigit() or len(rest[0]) > 2 or urusan == "X":
        return None
    if not all(t.isdigit() for t in rest[1:]):
        return None
    head = [urusan, rest[0].zfill(2)]
    if len(rest) == 1:
        return _result(head, generic=urusan == "X")
    if len(rest[1]) > 2:
        return None
    head.append(rest[1].zfill(2))
    return _parse_below_program(head, rest[2:], pemda)


def _parse_below_program(head: list[str], rest: list[str], pemda: str) -> ParsedCode | None:
    """`rest` is what stands behind the program: pemda digit, kegiatan, sub kegiatan, perhaps an account."""
    generic = head[0] == "X"
    if not rest:
        return _result(head, generic=generic)
    if len(rest[0]) == 3 and rest[0][0] in "12345678":  # `201`: the dot inside the kegiatan is lost
        rest = [rest[0][0], rest[0][1:], *rest[1:]]
    dropped = not (len(rest[0]) == 1 and rest[0] in "12345678" and len(rest) >= 2)
    if dropped:
        if len(rest[0]) != 2 or len(rest) > 2:
            return None
        rest = [PEMDA_DIGIT[pemda], *rest]
    digit, kegiatan, *below = rest
    if len(kegiatan) > 2:
        return None
    parts = [*head, digit, kegiatan.zfill(2)]
    account = None
    if below:
        if len(below[0]) > 4:
            return None
        parts.append(below[0].zfill(4 if len(below[0]) > 2 else 2))
        if len(below) > 1:
            if below[1] not in "456":
                return None
            account = ".".join(below[1:])
    result = _result(parts, generic=generic, repaired=dropped)
    return replace(result, account=account) if result else None


def _result(parts: list[str], *, generic: bool = False, repaired: bool = False) -> ParsedCode | None:
    if parts[0] == "0" or "00" in parts[1:5]:
        return None
    code = ".".join(parts)
    digits = len(parts[5]) if len(parts) == 6 else 0
    return ParsedCode("nomenclature", code, level_of(code), sub_digits=digits, generic=generic, repaired=repaired)


# --- without dots ---------------------------------------------------------------------------------------------------

_RUN_WIDTHS = {1: (1,), 3: (1, 2), 5: (1, 2, 2), 8: (1, 2, 2, 1, 2), 10: (1, 2, 2, 1, 2, 2), 12: (1, 2, 2, 1, 2, 4)}


def _cut(run: str) -> list[str] | None:
    widths = _RUN_WIDTHS.get(len(run))
    if widths is None:
        return None
    parts, at = [], 0
    for width in widths:
        parts.append(run[at : at + width])
        at += width
    return parts


def _parse_run(run: str, pemda: str) -> ParsedCode | None:
    """`5030220102`; seven, nine or eleven digits have lost one, which is restored: the pemda digit first."""
    if not run.isdigit():
        return None
    if run.startswith("0") and len(run) in (2, 4, 6, 9, 11, 13):
        run = run[1:]
    parts = _cut(run)
    if parts is not None:
        good = _result(parts) if len(parts) < 4 or parts[3] in "12345678" else None
        if good is not None:
            return good
    if len(run) not in (7, 9, 11):
        return None
    readings = _restorations(run, pemda)
    result = _result(readings[0].split("."), repaired=True) if readings else None
    return replace(result, others=tuple(readings[1:])) if result else None


def _restorations(run: str, pemda: str) -> list[str]:
    """Canonical codes that give `run` when one digit is lost, likeliest first."""
    found: list[str] = []
    tries = [run[:5] + PEMDA_DIGIT[pemda] + run[5:]]
    tries += [run[:i] + "0" + run[i:] for i in (1, 3, 6, 8)]
    tries += [run[:i] + digit + run[i:] for i in range(1, len(run) + 1) for digit in "0123456789"]
    for attempt in tries:
        parts = _cut(attempt)
        if parts is None or parts[3] not in "12345678" or "00" in parts[1:5]:
            continue
        code = ".".join(parts)
        if code not in found:
            found.append(code)
    return found
