"""How a document prints: numbers, percentages, units, codes."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from decimal import Decimal

MONEY = ("dots", "dots", "dots00", "rp", "rp_flat", "commas00", "commas", "flat", "rp_space")
UNIT_SHORT = {
    "Dokumen": "Dok",
    "Laporan": "Lap",
    "Persen": "%",
    "Orang": "Org",
    "Bulan": "Bln",
    "Unit": "Unit",
    "Paket": "Pkt",
}


@dataclass
class Style:
    """One document's habits. `unit`: where units of performance stand (cell, short, column, none)."""

    money: str = "dots"
    negative: str = "minus"
    percent: str = "plain"
    unit: str = "cell"
    code: str = "dotted"
    english: bool = False
    upper: bool = False
    choices: dict[str, str] = field(default_factory=dict)


def choose(rng: random.Random) -> Style:
    """A style whose parts go together."""
    money = rng.choice(MONEY)
    english = money.startswith("commas")
    return Style(
        money=money,
        negative=rng.choice(["minus", "parentheses"]),
        percent=rng.choice(["plain", "sign", "spaced", "whole"]),
        unit=rng.choice(["cell", "cell", "short", "column"]),
        code=rng.choice(["dotted", "dotted", "spaced", "spread", "bare", "generic", "none", "dot_end"]),
        english=english,
        upper=rng.random() < 0.4,
    )


def _group(number: int, mark: str) -> str:
    return f"{number:,}".replace(",", mark)


def money(amount: int, style: Style) -> str:
    """An amount of whole rupiah."""
    sign = abs(amount)
    mark, point = (",", ".") if style.english else (".", ",")
    text = _group(sign, mark)
    if style.money in ("dots00", "commas00"):
        text += f"{point}00"
    elif style.money in ("flat", "rp_flat"):
        text += ",-"
    if amount < 0:
        text = f"({text})" if style.negative == "parentheses" else f"-{text}"
    if style.money.startswith("rp"):
        text = ("Rp " if style.money == "rp_space" else "Rp.") + text
    return text


def decimal(value: Decimal, style: Style, places: int = 2) -> str:
    """A number with a decimal mark; whole numbers print none."""
    mark = "." if style.english else ","
    if value == value.to_integral_value():
        return str(int(value))
    return f"{value:.{places}f}".replace(".", mark)


def percent(value: Decimal, style: Style) -> tuple[str, Decimal]:
    """A rate, and the value that the print gives."""
    places = 0 if style.percent == "whole" else 2
    rounded = round(value, places)
    text = f"{rounded:.{places}f}".replace(".", "." if style.english else ",")
    if style.percent == "sign":
        text += "%"
    elif style.percent == "spaced":
        text += " %"
    return text, rounded


def quantity(value: Decimal, unit: str, style: Style) -> str:
    """A performance number with its unit where the style prints it in the cell."""
    text = decimal(value, style)
    if style.unit == "cell":
        return f"{text}%" if unit == "Persen" else f"{text} {unit}"
    if style.unit == "short":
        short = UNIT_SHORT.get(unit, unit)
        return f"{text}%" if short == "%" else f"{text} {short}"
    return text


def code_cells(code: str, style: Style, bidang: str) -> list[str]:
    """The cells that print a code: one, or five where the code is spread over columns."""
    parts = code.split(".")
    if style.code == "spread":
        kegiatan = ".".join(parts[3:5])
        cells = [*parts[:3], kegiatan, parts[5] if len(parts) > 5 else ""]
        return (cells + [""] * 5)[:5]
    if style.code == "spaced":
        return [" ".join([*parts[:3], *([".".join(parts[3:5])] if len(parts) > 3 else []), *parts[5:]])]
    if style.code == "bare":
        return ["".join(parts)]
    if style.code == "generic" and len(parts) > 2 and parts[2] == "01" and code.startswith(bidang):
        return [".".join(["X", "XX", *parts[2:]])]
    if style.code == "dot_end":
        return [code + "."]
    return [code]
