from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline import ingest as work
from pipeline.diff import diff
from pipeline.store import Held, StoreError, generations, publish, writing
from tests.fakes import fact, pdf
from tests.stores import ingest


def changes(store: Path) -> list[tuple[Any, ...]]:
    """change, document, old value, new value between the last two generations."""
    old, new = generations(store)[-2:]
    return [(c[0], c[1], c[9], c[10]) for c in diff(store, old, new).changes]


def test_a_new_edition_at_the_same_place_changes_values(store: Path, tmp_path: Path) -> None:
    other = pdf(tmp_path / "b.pdf", fact(value="5"))
    ingest(store, pdf(tmp_path / "a.pdf", fact(value="1"), fact(value="2", role="realisasi")), other)
    ingest(
        store, pdf(tmp_path / "a.pdf", fact(value="7"), fact(value="2", role="realisasi"), fact(value="9", year=2025))
    )
    assert changes(store) == [
        ("changed", "a.pdf", "1", "7"),
        ("added", "a.pdf", None, "9"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        pytest.param([66, 67], [67, 66], [], id="two of one meaning in another order"),
        pytest.param([66, 67, 68], [67, 68], [("removed", "66", None)], id="the first of three goes"),
        pytest.param([66, 67], [67, 99], [("changed", "66", "99")], id="one of two changes"),
        pytest.param([5, 5], [5, 5], [], id="equal ones"),
    ],
)
def test_equal_values_of_one_meaning_are_no_change(
    store: Path, tmp_path: Path, old: list[int], new: list[int], told: list[tuple[Any, ...]]
) -> None:
    for listed in (old, new):
        ingest(store, pdf(tmp_path / "a.pdf", *(fact(value=str(value)) for value in listed), title=str(listed)))
    if old == new:  # saved again
        file = pdf(tmp_path / "a.pdf", *(fact(value=str(value)) for value in new), title="again")
        ingest(store, file)
    assert [(c[0], c[2], c[3]) for c in changes(store)] == told


def test_removed_and_restored_documents(store: Path, tmp_path: Path) -> None:
    file = pdf(tmp_path / "a.pdf", fact(value="1"))
    ingest(store, file, pdf(tmp_path / "b.pdf", fact(value="5")))
    work.remove(["a.pdf"], store)
    assert changes(store) == [("removed", "a.pdf", "1", None)]
    ingest(store, file)
    assert changes(store) == [("added", "a.pdf", None, "1")]


def test_equal_generations_differ_in_nothing(store: Path, tmp_path: Path) -> None:
    ingest(store, pdf(tmp_path / "a.pdf", fact(), fact(value="3")))
    with writing(store):
        publish(store, full=True)
    assert diff(store, 1, 2).totals == {"removed": 0, "changed": 0, "added": 0}


def test_generations_that_are_not_kept(store: Path, tmp_path: Path) -> None:
    ingest(store, pdf(tmp_path / "a.pdf", fact()))
    with pytest.raises(StoreError, match=r"generation 7 is not kept .* there are 1"):
        diff(store, 1, 7)
    with pytest.raises(StoreError, match="both are generation 1: name two of 1"):
        diff(store, 1, 1)


def test_the_gate_holds_what_changes_too_much_until_it_is_accepted(store: Path, tmp_path: Path) -> None:
    files = [pdf(tmp_path / f"{n}.pdf", fact(value=str(n))) for n in range(4)]
    ingest(store, *files)
    pdf(files[0], fact(value="70"))
    ingest(store, files[0], publish=False)
    with writing(store):
        with pytest.raises(
            Held, match=r"0 facts would vanish and 1 change, 25% of 4 \(the gate is 20%\), most in 0\.pdf"
        ):
            publish(store, gate=0.2)
        assert generations(store) == [1] and not list(store.glob(".building*"))
        with pytest.raises(Held):
            publish(store)  # another command must not slip it through
        assert publish(store, accept=True).generation == 2
        assert not publish(store).new


def test_the_gate_lets_small_changes_and_growth_pass(store: Path, tmp_path: Path) -> None:
    ingest(store, *(pdf(tmp_path / f"{n}.pdf", fact(value=str(n))) for n in range(4)))
    ingest(store, *(pdf(tmp_path / f"new{n}.pdf", fact(value=str(100 + n))) for n in range(9)), publish=False)
    pdf(tmp_path / "0.pdf", fact(value="70"))
    ingest(store, tmp_path / "0.pdf", publish=False)
    with writing(store):
        assert publish(store, gate=0.25).generation == 2
