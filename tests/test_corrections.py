"""Corrections: laid over the facts, guarded by what they expect, loud when it has changed."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import harvests
from pipeline.corrections import (
    FILE,
    Correction,
    CorrectionError,
    add_correction,
    as_toml,
    correction_id,
    read_corrections,
)
from pipeline.store import failed_corrections, publish, reading, writing
from tests.fakes import fact, pdf
from tests.stores import ingest, store  # noqa: F401

BOX = (50.0, 10.0, 100.0, 20.0)  # of the first fact of a fake document


def correction(document_id: str, **change: Any) -> Correction:
    given: dict[str, Any] = {
        "id": correction_id(document_id, 1, BOX, 0), "document_id": document_id, "fact_id": f"{document_id[:16]}-0",
        "page": 1, "bbox": BOX, "part": 0, "expected": Decimal("893618832"), "corrected": Decimal("839618832"),
        "reason": "two digits exchanged", "who": "Siti", "when": "2026-01-02T03:04:05", "proof": "the sum holds",
        "raw": "893.618.832", "document": "a.pdf",
    }  # fmt: skip
    return Correction(**given | change)


def ask(where: Path, query: str) -> list[tuple[Any, ...]]:
    with reading(where) as connection:
        return connection.execute(query).fetchall()


@pytest.fixture
def held(store: Path, tmp_path: Path) -> tuple[Path, str]:  # noqa: F811
    pdf(tmp_path / "in" / "a.pdf", fact(value="893618832"), fact(value="893618832"), fact(value="5"))
    ingest(store, tmp_path / "in")
    return store, ask(store, "select document_id from documents")[0][0]


def lay(where: Path, *corrections: Correction) -> None:
    with writing(where):
        for one in corrections:
            add_correction(where, one)
        publish(where)


def values(where: Path) -> list[tuple[Any, ...]]:
    return ask(where, "select value::bigint, value_accepted::bigint, correction_id from facts order by row_no")


def test_the_printed_value_stays_beside_the_accepted_one(held: tuple[Path, str]) -> None:
    lay(held[0], one := correction(held[1]))
    assert values(held[0]) == [(893618832, 839618832, one.id), (893618832, 893618832, None), (5, 5, None)]
    assert ask(held[0], "select state, reason, accepted_by, corrected::bigint from corrections") == [
        ("applied", "two digits exchanged", "Siti", 839618832)
    ]
    assert failed_corrections(held[0]) == []


def test_it_survives_a_new_build_and_goes_with_its_line(held: tuple[Path, str]) -> None:
    lay(held[0], correction(held[1]))
    with writing(held[0]):
        assert publish(held[0]).new is False
        publish(held[0], full=True)
    assert values(held[0])[0][1] == 839618832
    (held[0] / FILE).unlink()
    with writing(held[0]):
        assert publish(held[0]).new
    assert values(held[0])[0] == (893618832, 893618832, None)


def test_it_survives_reading_again(held: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay(held[0], correction(held[1]))
    monkeypatch.setattr(harvests, "reading_key", lambda *_: "9-new")
    assert ingest(held[0], tmp_path / "in").outcomes[0].reading == "9-new"
    assert values(held[0])[0][1] == 839618832


@pytest.mark.parametrize(
    ("change", "state", "said"),
    [
        pytest.param(
            {"expected": Decimal(7)}, "changed", "expects 7, but 893.618.832 is printed there now", id="changed"
        ),
        pytest.param(
            {"expected": Decimal(7), "corrected": Decimal("893618832")},
            "changed",
            "is what the correction wants",
            id="mended",
        ),
        pytest.param({"page": 2}, "lost", "no number is read at its place", id="other page"),
        pytest.param(
            {"fact_id": "x", "bbox": (50.0, 500.0, 100.0, 510.0)},
            "lost",
            "no number is read at its place",
            id="far away",
        ),
        pytest.param(
            {"fact_id": "x", "bbox": (50.0, 15.2, 100.0, 25.2)}, "lost", "no number is read", id="between two alike"
        ),
    ],
)
def test_what_has_changed_is_not_applied_and_told(
    held: tuple[Path, str], change: dict[str, Any], state: str, said: str
) -> None:
    lay(held[0], correction(held[1], **change))
    assert [row[2] for row in values(held[0])] == [None, None, None]
    assert [row[1] for row in values(held[0])] == [893618832, 893618832, 5]
    assert ask(held[0], "select state from corrections") == [(state,)]
    problems = ask(held[0], "select severity, kind, explanation from problems where severity = 'stop'")
    assert len(problems) == 1 and problems[0][1] == "correction_failed" and said in problems[0][2]
    assert failed_corrections(held[0]) == [problems[0][2]]


def test_a_box_that_moved_a_little_is_found_by_its_value(held: tuple[Path, str]) -> None:
    lay(held[0], correction(held[1], fact_id="older", bbox=(51.0, 7.0, 101.0, 17.0)))
    assert values(held[0])[0][1] == 839618832
    told = ask(held[0], "select severity, explanation from problems where kind = 'correction_moved'")
    assert told[0][0] == "note" and "moved by 3.2 points" in told[0][1]


def test_two_corrections_cannot_hold_one_cell(held: tuple[Path, str]) -> None:
    other = correction(held[1], id="c-other", bbox=(51.0, 8.0, 101.0, 18.0), corrected=Decimal(1))
    lay(held[0], correction(held[1]), other)
    assert values(held[0])[0][1] == 839618832 and len(values(held[0])) == 3
    assert "another correction holds" in failed_corrections(held[0])[0]


def test_a_refusal_keeps_the_printed_value(held: tuple[Path, str]) -> None:
    lay(held[0], correction(held[1], corrected=None))
    assert values(held[0])[0] == (893618832, 893618832, None)
    assert ask(held[0], "select state, corrected from corrections") == [("refused", None)]


def test_a_later_decision_replaces_the_first(held: tuple[Path, str]) -> None:
    lay(held[0], correction(held[1]), correction(held[1], corrected=Decimal(3)))
    assert values(held[0])[0][1] == 3 and len(ask(held[0], "from corrections")) == 1


def test_the_correction_of_a_removed_document_waits(held: tuple[Path, str]) -> None:
    lay(held[0], correction("f" * 64))
    assert ask(held[0], "select state from corrections") == [("no_document",)] and failed_corrections(held[0]) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("[[correction]", "cannot be read", id="no TOML"),
        pytest.param("[other]\nx = 1", "only [[correction]] entries", id="other table"),
        pytest.param("[[correction]]\npage = 1", "missing", id="missing keys"),
        pytest.param("[[correction]]\nvalue = 1", "unknown keys value", id="unknown key"),
    ],
)
def test_a_wrong_file_stops_the_build_with_one_sentence(held: tuple[Path, str], text: str, said: str) -> None:
    (held[0] / FILE).write_text(text)
    with pytest.raises(CorrectionError, match=r"corrections\.toml") as caught, writing(held[0]):
        publish(held[0])
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"expected": "893.618.832"}, id="grouped number"),
        pytest.param({"bbox": [1, 2, 3]}, id="short box"),
        pytest.param({"page": "1"}, id="page as text"),
        pytest.param({"reason": " "}, id="no reason"),
        pytest.param({"corrected": "nan"}, id="no number"),
    ],
)
def test_wrong_entries_are_refused(tmp_path: Path, change: dict[str, Any]) -> None:
    entry = tomllib.loads(as_toml(correction("a" * 64)))["correction"][0] | change
    lines = (f"{name} = {list(value) if isinstance(value, list) else repr(value)}" for name, value in entry.items())
    (tmp_path / FILE).write_text("[[correction]]\n" + "\n".join(lines), encoding="utf-8")
    with pytest.raises(CorrectionError):
        read_corrections(tmp_path)


@given(st.text(), st.decimals(-(10**17), 10**17, places=6), st.none() | st.decimals(0, 10**9, places=2))
def test_toml_round_trip(text: str, expected: Decimal, corrected: Decimal | None) -> None:
    safe = text.encode("utf-8", "replace").decode()
    one = correction("a" * 64, raw=text, reason=f"x{text}", expected=expected, corrected=corrected)
    entry = tomllib.loads(as_toml(one))["correction"][0]
    assert entry["raw"] == safe and entry["reason"] == f"x{safe}" and Decimal(entry["expected"]) == expected
    assert (Decimal(entry["corrected"]) if "corrected" in entry else None) == corrected


def test_comments_in_the_file_stay(held: tuple[Path, str]) -> None:
    (held[0] / FILE).write_text("# ours\n")
    lay(held[0], correction(held[1]))
    assert (held[0] / FILE).read_text().startswith("# ours\n") and len(read_corrections(held[0])) == 1
