"""Percentages in prose against the amounts beside them."""

from __future__ import annotations

import pytest

from extractors.tables import Line
from pipeline.checks.prose_percent import prose_percents


@pytest.mark.parametrize(
    ("text", "verdicts"),
    [
        pytest.param("Pagu Rp. 4.811.172.650,- terealisasi Rp. 4.757.246.366,- atau sebesar 98,88%.", ["holds"], id="rounded"),
        pytest.param("Pagu Rp. 4.811.172.650,- terealisasi Rp. 4.757.246.366,- (98%).", ["holds"], id="cut off"),
        pytest.param("Pagu Rp. 4.811.172.650,- terealisasi Rp. 4.757.246.366,- atau sebesar 89,88%.", ["fails"], id="wrong"),
        pytest.param("Realisasi Rp 500.000 atau 50% dari anggaran Rp 1.000.000 pada tahun ini.", ["holds"], id="whole after"),
        pytest.param("Realisasi Rp 500.000 atau 50% lebih sedikit.", [], id="one amount says nothing"),
        pytest.param("Rp 500.000, Rp 700.000 dan Rp 900.000 atau 12%.", [], id="of three amounts none is refuted"),
        pytest.param("Capaian sebesar 25% dari Rp 500.000 dan Rp 1.000.000.", [], id="no claim on an amount"),
    ],
)  # fmt: skip
def test_percentages_of_amounts(text: str, verdicts: list[str]) -> None:
    lines = [Line(1, (0.0, 0.0, 1.0, 1.0), text)]
    assert [r.verdict for r in prose_percents(lines)] == verdicts
