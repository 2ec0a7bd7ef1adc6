"""row_formula: what the numbering row says of each row (`8 = 7/6*100`), and what the words of the header say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation

from normalizers.columns import Column
from normalizers.formulas import Expr, parse_numbering
from pipeline.checks.grid import Grid
from pipeline.checks.relations import Compute, Relation, accept_caps
from pipeline.facts import Fact, MeantTable

HUNDRED = Decimal(100)


def row_formulas(table: MeantTable, grid: Grid) -> list[Relation]:
    """The relations that the formulas of a table's numbering row claim, on each row."""
    labels = _labels(table.columns)
    relations: list[Relation] = []
    for column in table.columns:
        numbering = parse_numbering(column.number) if column.number else None
        if numbering is None or numbering.formula is None:
            continue
        for target in _spread(column, table.columns):
            relations += _best_binding(table, grid, target, column.number or "", numbering.formula, labels)
    return relations


def _labels(columns: Sequence[Column]) -> dict[str, list[Column]]:
    """Which columns a number of the numbering row stands for; a number over a K/Rp pair stands for both."""
    out: dict[str, list[Column]] = {}
    for column in columns:
        numbering = parse_numbering(column.number) if column.number else None
        if numbering is not None and numbering.label is not None:
            for each in _spread(column, columns):
                if each not in out.setdefault(numbering.label, []):
                    out[numbering.label].append(each)
    return out


def _spread(column: Column, columns: Sequence[Column]) -> list[Column]:
    """A numbered column with the unnumbered quantity columns right of it under the same header."""
    out = [column]
    parent = column.label.rpartition(" > ")[0]
    for following in sorted((c for c in columns if c.index > column.index), key=lambda c: c.index):
        same = following.label.rpartition(" > ")[0] == parent and parent
        if following.number or following.kind != "quantity" or not same:
            break
        out.append(following)
    return [c for c in out if c.kind == "quantity"]


def _best_binding(
    table: MeantTable, grid: Grid, target: Column, text: str, formula: Expr, labels: Mapping[str, list[Column]]
) -> list[Relation]:
    """Binds the formula's numbers to columns of one quantity, and finds whether a quotient is a percentage."""
    best: list[Relation] = []
    best_score = (-1.0, 0)
    quantities = [target.quantity] + [q for q in ("anggaran", "kinerja", "jumlah") if q != target.quantity]
    for rank, quantity in enumerate(quantities):
        bound = _bind(grid, formula, labels, target, quantity)
        if bound is None:
            continue
        for scale in (Decimal(1), HUNDRED) if _has(formula, "/") else (Decimal(1),):
            relations = _apply(table, grid, target, text, formula, bound, scale)
            told = [r for r in relations if r.tells()]
            rate = sum(r.verdict == "holds" for r in told) / len(told) if told else 0.0
            if (rate, -rank) > best_score:
                best, best_score = relations, (rate, -rank)
        if best_score[0] > 0.5:
            break
    accept_caps(best)
    return best


def _bind(
    grid: Grid, formula: Expr, labels: Mapping[str, list[Column]], target: Column, quantity: str | None
) -> dict[str, Column] | None:
    bound: dict[str, Column] = {}
    for label in formula.labels():
        columns = [c for c in labels.get(label, []) if c.index != target.index]
        blocks = [c for c in columns if grid.blocks[c.index] == grid.blocks[target.index]]
        columns = blocks or columns
        fitting = [c for c in columns if c.quantity == quantity] or (columns if len(columns) == 1 else [])
        if not fitting:
            return None
        bound[label] = min(fitting, key=lambda c: abs(c.index - target.index))
    return bound


def _apply(
    table: MeantTable,
    grid: Grid,
    target: Column,
    text: str,
    formula: Expr,
    bound: Mapping[str, Column],
    scale: Decimal,
) -> list[Relation]:
    shape = "quotient" if _has(formula, "/") else "product" if _has(formula, "*") else "sum"
    group = (table.table_id, "formula", str(target.index))
    labels = formula.labels()
    computes: dict[frozenset[str], Compute] = {}
    out: list[Relation] = []
    for row in grid.rows_of_column.get(target.index, []):
        for part in grid.parts(row, target.index):
            result = grid.get(row, target.index, part)
            if result is None:
                continue
            inputs, gaps = _inputs(grid, row, part, labels, bound)
            if not inputs or (gaps and shape != "sum"):
                continue
            if gaps not in computes:
                computes[gaps] = _compute(formula, [x for x in labels if x not in gaps], scale)
            relation = Relation(
                "row_formula", table.table_id, subject_of(result), text.strip(), group, shape, inputs, computes[gaps],
                result,
            )  # fmt: skip
            relation.incomplete = bool(gaps)
            relation.judge()
            if relation.verdict == "fails" and gaps:
                relation.verdict = "void"  # a lost cell, not an error of the document
            out.append(relation)
    return out


def _inputs(
    grid: Grid, row: int, part: int, labels: Sequence[str], bound: Mapping[str, Column]
) -> tuple[list[Fact], frozenset[str]]:
    """The facts a row gives for the numbers of a formula, and the numbers whose cells are empty."""
    facts: list[Fact] = []
    gaps: set[str] = set()
    for label in labels:
        fact = grid.get(row, bound[label].index, part)
        if fact is None and len(grid.parts(row, bound[label].index)) == 1:
            fact = grid.get(row, bound[label].index, grid.parts(row, bound[label].index)[0])
        if fact is None:  # a column that some rows divide: the number stands in one of its halves
            halves = [c.index for c in grid.table.columns if c.label == bound[label].label and c.kind == "quantity"]
            found = [f for i in halves if (f := grid.get(row, i, part)) is not None]
            fact = found[0] if len(found) == 1 else None
        if fact is None:
            gaps.add(label)
        else:
            facts.append(fact)
    return facts, frozenset(gaps)


def _compute(formula: Expr, labels: Sequence[str], scale: Decimal) -> Compute:
    """The formula of the values of some of its labels, in their order; the other columns are empty."""
    evaluate = formula.function({label: place for place, label in enumerate(labels)})

    def compute(values: Sequence[Decimal]) -> Decimal | None:
        try:
            return evaluate(values) * scale
        except (InvalidOperation, ZeroDivisionError):
            return None

    return compute


def _has(formula: Expr, op: str) -> bool:
    """Whether an operation between labels occurs in a formula; times a constant is no product."""
    if formula.op == op and not any(s is not None and s.op == "constant" for s in (formula.left, formula.right)):
        return True
    return any(_has(side, op) for side in (formula.left, formula.right) if side is not None)


def subject_of(fact: Fact) -> str:
    """What a fact is about, in few words."""
    return fact.name_raw or fact.name or fact.indicator or fact.agency or f"row {fact.row_no}"
