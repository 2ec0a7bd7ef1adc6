"""Tables whose rows are urusan, program, kegiatan and sub kegiatan with what they measure and cost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from benchmarks.generate import styles
from benchmarks.generate.model import Measure, Node, World
from benchmarks.generate.styles import Style
from benchmarks.generate.tables import Col, Row, TableSpec, Value

Getter = Callable[[Node, Measure], "Decimal | int | None"]
LEVELS = ("urusan", "bidang_urusan", "program", "kegiatan", "sub_kegiatan")
PREFIX = {"kegiatan": "Kegiatan ", "sub_kegiatan": "Sub Kegiatan "}


@dataclass
class Q:
    """A quantity column: header path, meaning, and where its value comes from. `rate`: a percentage."""

    path: tuple[str, ...]
    role: str
    quantity: str
    year: int | None
    get: Getter
    period: str = "tahun"
    rate: bool = False
    width: float = 1.0


@dataclass
class Plan:
    """How one such table is printed; see `table`."""

    kind: str
    caption: list[str]
    name_header: str
    quantities: list[Q]
    indicator_header: str | None = "Indikator Kinerja Program/Kegiatan"
    code_header: str = "Kode"
    number_header: str | None = None
    texts_after: list[tuple[tuple[str, ...], str]] = field(default_factory=list)  # header, what each row prints
    levels: tuple[str, ...] = LEVELS
    multi: str = "span"  # several indicators: span, blank, lines
    own_line: bool = False  # the indicator stands on its own row below the name (SIPD)
    agency_row: bool = False
    total: str | None = None
    numbering: bool = False
    formulas: bool = False
    prefixed: bool = False
    dashes: bool = False
    name_width: float = 3.0


def money_of(field_name: str, year: int) -> Getter:
    """Amounts of one year: `money`, `changed` or `spent`."""
    return lambda node, _: getattr(node, field_name)[year]


def measured(field_name: str, year: int) -> Getter:
    """Performance of one year: `target` or `done`."""
    return lambda _, measure: getattr(measure, field_name)[year]


def share(upper: Getter, lower: Getter) -> Getter:
    """A rate in percent; None where nothing was planned."""

    def get(node: Node, measure: Measure) -> Decimal | None:
        below = lower(node, measure)
        above = upper(node, measure)
        return None if not below or above is None else Decimal(above) * 100 / Decimal(below)

    return get


def pair(
    path: tuple[str, ...],
    role: str,
    year: int | None,
    kinerja: Getter,
    anggaran: Getter,
    period: str = "tahun",
    rate: bool = False,
    names: tuple[str, str] = ("K", "Rp"),
) -> list[Q]:
    """A column of performance and one of money under one heading."""
    return [
        Q((*path, names[0]), role, "kinerja", year, kinerja, period, rate, 0.9),
        Q((*path, names[1]), role, "anggaran", year, anggaran, period, rate, 0.8 if rate else 1.6),
    ]


class PlanTable:
    """Builds a `TableSpec` from a `Plan`, a world and a style."""

    def __init__(self, world: World, style: Style, plan: Plan) -> None:
        self.world, self.style, self.plan = world, style, plan
        self.cols: list[Col] = []
        self.no = self.name = -1
        self.indicator: int | None = None
        self.unit: int | None = None
        self.codes: list[int] = []
        self.first_q = 0
        self.count = 0

    def build(self) -> TableSpec:
        self._columns()
        rows: list[Row] = []
        if self.plan.agency_row:
            rows.append(self._sum_row(self.world.agency.upper(), "perangkat_daerah", self.world.root.children[0]))
        for node in self.world.nodes():
            if node.level in self.plan.levels:
                rows.extend(self._rows(node))
        if self.plan.total:
            rows.append(self._total_row(self.plan.total))
        spec = TableSpec(self.plan.kind, self.plan.caption, self.cols, rows)
        if self.plan.numbering:
            spec.numbering = self._numbers()
        return spec

    def _add(self, col: Col) -> int:
        self.cols.append(col)
        return len(self.cols) - 1

    def _columns(self) -> None:
        plan, style = self.plan, self.style
        if plan.number_header:
            self.no = self._add(Col((plan.number_header,), "number", 0.5))
        if style.code != "none":
            widths = [0.4, 0.45, 0.45, 0.6, 0.7] if style.code == "spread" else [1.8]
            self.codes = [self._add(Col((plan.code_header,), "code", w)) for w in widths]
        self.name = self._add(Col((plan.name_header,), "name", plan.name_width))
        if plan.indicator_header:
            self.indicator = self._add(Col((plan.indicator_header,), "indicator", 2.2))
        if style.unit == "column" and any(q.quantity == "kinerja" for q in plan.quantities):
            self.unit = self._add(Col(("Satuan",), "unit", 1.0))
        self.first_q = len(self.cols)
        for q in plan.quantities:
            width = 1.7 if q.quantity == "anggaran" and not q.rate else 1.1
            self._add(Col(q.path, "q", max(width, q.width), q.role, q.quantity, q.year, q.period))
        for path, _ in plan.texts_after:
            self._add(Col(path, "text", 1.2))

    def _numbers(self) -> list[str]:
        numbers = []
        count = 0
        last: tuple[str, ...] | None = None
        for col in self.cols:
            if col.path != last or col.kind == "q":
                count += 1
            last = col.path
            label = str(count)
            if self.plan.formulas and col.role.startswith("tingkat_"):
                label = f"{count}={count - 1}/{count - 2}"
            numbers.append(label)
        return numbers

    def _rows(self, node: Node) -> list[Row]:
        plan = self.plan
        head = self._head(node)
        measures = node.measures if node.level not in ("urusan", "bidang_urusan") else []
        if plan.indicator_header is None:
            self._fill(head, node, measures[0] if measures else None, money=True)
            return [head]
        if plan.own_line:
            return self._own_lines(node, head, measures)
        if not measures:
            self._fill(head, node, None, money=True)
            return [head]
        if plan.multi == "lines" and len(measures) > 1:
            self._lines(head, node, measures)
            return [head]
        rows = []
        for number, measure in enumerate(measures):
            row = head if number == 0 else self._more(node, head)
            row.texts[self._key("indicator")] = row.indicator = measure.text
            self._fill(row, node, measure, money=number == 0)
            rows.append(row)
        return rows

    def _key(self, which: str) -> int:
        index = self.indicator if which == "indicator" else self.unit
        assert index is not None
        return index

    def _own_lines(self, node: Node, head: Row, measures: list[Measure]) -> list[Row]:
        self._fill(head, node, None, money=True)
        rows = [head]
        for measure in measures:
            row = self._more(node, head, down=False)
            row.texts[self._key("indicator")] = row.indicator = measure.text
            self._fill(row, node, measure, money=False)
            rows.append(row)
        return rows

    def _lines(self, row: Row, node: Node, measures: list[Measure]) -> None:
        """All indicators in one cell, one line of numbers for each."""
        row.texts[self._key("indicator")] = "\n".join(f"{n}. {m.text}" for n, m in enumerate(measures, 1))
        row.indicator = " ".join(f"{n}. {m.text}" for n, m in enumerate(measures, 1))
        self._fill(row, node, measures[0], money=True)
        for index, q in enumerate(self.plan.quantities, self.first_q):
            if q.quantity == "kinerja":
                row.values[index] = [v for m in measures if (v := self._value(q, node, m))]
                for value, measure in zip(row.values[index], measures, strict=False):
                    value.indicator = measure.text
        if self.unit is not None:
            row.texts[self.unit] = "\n".join(m.unit for m in measures)

    def _head(self, node: Node) -> Row:
        name = self._printed(node)
        row = Row(
            level=node.level, code=node.code, name=name, bold=node.level in ("urusan", "bidang_urusan", "program")
        )
        row.texts[self.name] = name
        cells = styles.code_cells(node.code, self.style, self.world.bidang)
        row.code_raw = " ".join(c for c in cells if c) if self.codes else ""
        for index, text in zip(self.codes, cells, strict=False):
            row.texts[index] = text
        if self.no >= 0 and node.level == "program":
            self.count += 1
            row.texts[self.no] = str(self.count)
        for offset, (_, text) in enumerate(self.plan.texts_after):
            if node.level == "sub_kegiatan":
                row.texts[self.first_q + len(self.plan.quantities) + offset] = text
        return row

    def _printed(self, node: Node) -> str:
        name = node.name
        if self.plan.prefixed and node.level in PREFIX:
            name = PREFIX[node.level] + name
        return name.upper() if self.style.upper and node.level == "program" else name

    def _more(self, node: Node, head: Row, down: bool = True) -> Row:
        row = Row(level=node.level, code=node.code, name=head.name, code_raw=head.code_raw)
        if down and self.plan.multi == "span":
            keys = [self.name, *self.codes, *([self.no] if self.no >= 0 else [])]
            row.down = frozenset(keys)
        return row

    def _fill(self, row: Row, node: Node, measure: Measure | None, money: bool) -> None:
        for index, q in enumerate(self.plan.quantities, self.first_q):
            if q.quantity == "anggaran" and not money:
                continue
            if q.quantity == "kinerja" and measure is None:
                continue
            if value := self._value(q, node, measure or Measure("", "")):
                row.values[index] = [value]
        if self.unit is not None and measure is not None:
            row.texts[self.unit] = measure.unit

    def _value(self, q: Q, node: Node, measure: Measure) -> Value | None:
        number = q.get(node, measure)
        return value_of(
            number, q.quantity, q.rate, measure.unit, self.style, self.plan.dashes and self.world.rng.random() < 0.03
        )

    def _sum_row(self, name: str, level: str, node: Node) -> Row:
        row = Row(level=level, name=name, bold=True)
        row.texts[self.name] = name
        self._fill(row, node, None, money=True)
        return row

    def _total_row(self, label: str) -> Row:
        row = Row(level="total", name=label, bold=True)
        row.texts[0] = label
        row.spans[0] = self.first_q
        self._fill(row, self.world.root.children[0], None, money=True)
        return row


def value_of(
    number: Decimal | int | None, quantity: str, rate: bool, unit: str, style: Style, dash: bool = False
) -> Value | None:
    """What a cell prints for a number, and its meaning; a dash is nothing (0 in money)."""
    if number is None:
        return None
    if dash:
        if quantity == "anggaran":
            return Value("-", Decimal(0), "Persen" if rate else "Rupiah")
        return Value("-", None, "", "-")
    if rate:
        raw, value = styles.percent(Decimal(number), style)
        return Value(raw, value, "Persen")
    if quantity == "anggaran":
        return Value(styles.money(int(number), style), Decimal(int(number)), "Rupiah")
    return Value(styles.quantity(Decimal(number), unit, style), round(Decimal(number), 2), unit)


def table(world: World, style: Style, plan: Plan) -> TableSpec:
    """The table of a plan."""
    return PlanTable(world, style, plan).build()
