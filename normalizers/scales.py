"""In which unit amounts are printed: thousands or millions of rupiah, said by a header or a caption, and what the numbers say.

A wrong scale is the largest silent error there is, and no sum finds it: all amounts of a table are wrong alike. So a claim
that the amounts refute is dropped and told; where they only make it unlikely, it is dropped too, and no amount is called
verified.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from normalizers.asking import asks
from normalizers.columns import Column
from normalizers.evidence import Evidence
from normalizers.header_rules import occurs, words
from normalizers.setting import Setting

PLAN_KINDS = ("tc31", "tc33", "tc32", "rkt", "iku", "perjanjian_kinerja")
GOVERNMENT = ("lra", "apbd", "neraca", "lkpj", "rkpd", "rpjmd", "statistik")  # documents of a whole region
ROUND = 0.6  # share of the amounts that end in 000 already


@asks
def caption_scale(caption: str) -> Decimal | None:
    """The scale of the amounts that a caption (lower case) claims: `(dalam jutaan rupiah)`, `(Rp.000)`; None where none."""
    for name, scale in (("trillion", 12), ("billion", 9), ("million", 6), ("thousand", 3)):
        if occurs(caption, words()[f"caption_{name}"]):
            return Decimal(10) ** scale
    return None


def scale_columns(columns: Sequence[Column], looks: Sequence[Evidence], setting: Setting) -> list[str]:
    """Settles the multiplier of each column; what of it should be told. Columns that are no money have none."""
    _take_caption(columns, setting)
    notes = [_tested(column, look, setting) for column, look in zip(columns, looks, strict=True)]
    return [note for note in notes if note]


def _take_caption(columns: Sequence[Column], setting: Setting) -> None:
    """The caption's claim counts for all amounts, where no header says otherwise."""
    scale = caption_scale(setting.caption.lower())
    if scale is None or any(c.multiplier != 1 for c in columns):
        return
    for column in columns:
        if column.kind == "quantity" and column.quantity == "anggaran" and not column.percent:
            column.multiplier = scale


def _tested(column: Column, look: Evidence, setting: Setting) -> str | None:
    """A claim over amounts that are full rupiah already is dropped, one that is unlikely is doubted; both are said.

    Amounts are full rupiah when their median, multiplied, would pass 10^10 in a plan of one agency and 10^13 elsewhere; and
    most probably where their median is a million and more and most of them end in 000, in a document of one agency.
    """
    if column.kind != "quantity" or column.multiplier == 1:
        return None
    if column.quantity != "anggaran" or column.percent:
        column.multiplier = Decimal(1)
        return None
    if look.typical is None:
        return None  # numbers below a thousand are no rupiah: the claim stands
    limit = Decimal(10) ** (10 if setting.kind in PLAN_KINDS else 13)
    claims = (
        f"the header `{column.label}` claims amounts in units of {column.multiplier} rupiah, but the amounts below it"
    )
    if look.typical * column.multiplier > limit:
        column.claimed_multiplier, column.multiplier = column.multiplier, Decimal(1)
        return f"{claims} (typically {look.typical:,}) are full rupiah"
    if look.round >= ROUND and look.typical >= 1_000_000 and setting.doc_type not in GOVERNMENT:
        column.claimed_multiplier, column.multiplier = column.multiplier, Decimal(1)
        column.doubted_scale = "is said to count in thousands or millions, and its amounts look like full rupiah"
        return (
            f"{claims} (typically {look.typical:,}) look like full rupiah: they are taken so, and not called verified"
        )
    return None


__all__ = ["caption_scale", "scale_columns"]
