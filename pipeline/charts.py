"""The chart of a comparison as a Vega-Lite specification, for the page and for files alike."""

from __future__ import annotations

from typing import Any

from pipeline.compare import Comparison
from pipeline.compare_lines import Line

MOST = 40  # bars that a chart can hold and still be read
BUDGET, SPENT = "#0b6e5a", "#c98a1b"
SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"


def bars(lines: list[Line]) -> list[dict[str, Any]]:
    """The bars in their order: label, year, which amount, rupiah, status."""
    many_years = len({line.year for line in lines}) > 1
    records = []
    for line in lines[:MOST]:
        label = line.region or line.document
        if sum(other.region == line.region and other.year == line.year for other in lines) > 1:
            label += f", {line.agency or line.document}"
        if many_years:
            label += f" {line.year}"
        for amount in ("pagu", "realisasi"):
            value = getattr(line, amount)
            if value is not None:
                records.append({"label": label[:70], "amount": amount, "rupiah": float(value), "status": line.status})
    return records


def specification(found: Comparison, million: str = "juta rupiah", width: int | str = "container") -> dict[str, Any]:
    """Horizontal bars, one row an agency and year, grouped pagu and realisasi; amounts in million rupiah.

    Conflicts and unverified amounts are paler. There is no remote data: the values stand in the specification.
    """
    lines = found.lines
    values = bars(lines)
    return {
        "$schema": SCHEMA,
        "description": f"{found.item.code} {found.item.name}",
        "width": width,
        "height": {"step": 16},
        "autosize": {"type": "fit-x", "contains": "padding"},
        "data": {"values": [value | {"million": value["rupiah"] / 1e6} for value in values]},
        "mark": {"type": "bar", "cornerRadiusEnd": 2, "tooltip": False},
        "encoding": {
            "y": {"field": "label", "type": "nominal", "title": None, "sort": None,
                  "axis": {"labelLimit": 220, "domain": False, "ticks": False}},
            "yOffset": {"field": "amount", "sort": ["pagu", "realisasi"]},
            "x": {"field": "million", "type": "quantitative", "title": million,
                  "axis": {"tickCount": 5, "domain": False}},
            "color": {"field": "amount", "type": "nominal", "title": None, "sort": ["pagu", "realisasi"],
                      "scale": {"domain": ["pagu", "realisasi"], "range": [BUDGET, SPENT]},
                      "legend": {"orient": "top"}},
            "opacity": {"condition": {"test": "datum.status === 'conflict' || datum.status === 'unverified'",
                                      "value": 0.55}, "value": 1},
        },
        "config": {"view": {"stroke": None}, "font": "system-ui, sans-serif", "background": "transparent",
                   "axis": {"labelFontSize": 12, "titleFontSize": 12}, "legend": {"labelFontSize": 12}},
    }  # fmt: skip
