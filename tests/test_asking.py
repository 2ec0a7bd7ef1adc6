"""What a document asks of the forms, and that nothing of the forms reaches its meaning unasked."""

from __future__ import annotations

import importlib
import inspect
import os
import pkgutil
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import _lru_cache_wrapper, lru_cache
from pathlib import Path
from typing import Any

import pytest

import normalizers
from extractors.read import read_pdf
from extractors.tables import Reading
from normalizers import asking, row_words, units
from pipeline import harvests, ingest, keys
from pipeline.facts import Harvest
from pipeline.meaning import mean

ROOT = Path(__file__).parent.parent
OF_LISTS = {
    "normalizers.vocabulary._packed",
    "normalizers.vocabulary.field_words",
}  # no forms: `keys.reference_hash` counts
DOCUMENT = next(iter(sorted((Path(__file__).parent / "data" / "generated").glob("tc29*.pdf"))))


@lru_cache
def reading() -> Reading:
    return read_pdf(DOCUMENT)


def meant() -> Harvest:
    return mean(reading(), "0" * 64, DOCUMENT.name)


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    asking.forget()
    yield
    asking.forget()


def loaders() -> dict[str, tuple[Any, Callable[..., Any]]]:
    """Remembering functions that read the forms, themselves or through another one: `module.name` -> (module, function)."""
    modules = [importlib.import_module(f"normalizers.{m.name}") for m in pkgutil.iter_modules(normalizers.__path__)]
    kept = {
        f"{module.__name__}.{name}": (module, value)
        for module in modules
        for name, value in vars(module).items()
        if isinstance(value, _lru_cache_wrapper)
        and value.__module__ == module.__name__
        and f"{module.__name__}.{name}" not in OF_LISTS
    }
    found: dict[str, tuple[Any, Callable[..., Any]]] = {}
    while True:
        words = "|".join(["tomllib", *(rf"\b{key.rpartition('.')[2]}\(" for key in found)])
        more = {key: one for key, one in kept.items() if re.search(words, inspect.getsource(one[1]).split("\n", 2)[2])}
        if more.keys() <= found.keys():
            return found
        found |= more


def test_the_forms_are_read_by_functions_that_ask_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def watched(key: str, loader: Callable[..., Any]) -> Callable[..., Any]:
        def watching(*arguments: Any) -> Any:
            frame, names = sys._getframe(1), []
            while frame is not None:
                names.append(frame.f_code.co_name)
                frame = frame.f_back  # type: ignore[assignment]
            # `recognise` takes the form whose number and consequences it has asked for
            read.append("" if "asking" in names or names[0] == "recognise" else f"{key} from {names[:4]}")
            return loader(*arguments)

        return watching

    known = loaders()
    assert {"normalizers.forms.forms", "normalizers.units._squeezed", "normalizers.header_words.vocabulary"} <= set(
        known
    )
    for key, (module, loader) in known.items():
        monkeypatch.setattr(module, key.rpartition(".")[2], watched(key, loader))
    meant()
    assert read and not any(read), sorted(set(read))


def test_questions_are_the_same_whatever_was_asked_before() -> None:
    first = meant().asked
    assert first and meant().asked == first
    asking.forget()
    assert meant().asked == first


def test_another_process_asks_the_same_in_the_same_order() -> None:
    """Sets of words come in another order there; what is kept beside a meaning must not."""
    report = next(iter(sorted((ROOT / "data" / "raw").glob("rkt*.pdf"))))
    program = "import sys; from tests.test_asking import asked_of; print(asked_of(sys.argv[1]))"
    heard = [
        subprocess.run(
            [sys.executable, "-c", program, str(report)], env={**os.environ, "PYTHONHASHSEED": seed}, cwd=ROOT,
            capture_output=True, text=True, check=True,
        ).stdout
        for seed in ("1", "2")
    ]  # fmt: skip
    assert heard[0] and heard[0] == heard[1]


def asked_of(file: str) -> str:
    harvest = mean(read_pdf(Path(file)), "0" * 64, "a.pdf")
    return repr(harvest.asked)


def test_nobody_listens_outside() -> None:
    with asking.listening() as outer:
        with asking.listening() as inner:
            units.is_unit("Orang")
        units.is_unit("Laporan")
    units.is_unit("Bulan")
    assert list(inner) == [("units.is_unit", ("Orang",))]
    assert list(outer) == [("units.is_unit", ("Laporan",))]


def test_meaning_stays_where_what_was_asked_is_answered_as_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    harvest = meant()
    basis = harvests.meaning_basis(DOCUMENT.name, {}, "1-r")
    harvests.write_meaning(tmp_path, harvest, "1-r", "1-m", basis)

    def equal() -> bool:
        asking.forget()
        return harvests.would_be_equal(tmp_path, "0" * 64, "1-m", basis)

    assert equal()
    assert not harvests.would_be_equal(tmp_path, "0" * 64, "1-m", harvests.meaning_basis("b.pdf", {}, "1-r"))
    assert not harvests.would_be_equal(tmp_path, "0" * 64, "2-m", basis)
    words = row_words.row_words()
    unmet = words | {"levels": [("total", re.compile("^no document says this$")), *words["levels"]]}
    monkeypatch.setattr(row_words, "row_words", lambda: unmet)
    assert equal()
    name = next(row.name_raw for table in harvest.tables for row in table.rows if row.name_raw)
    met = words | {"levels": [("total", re.compile(re.escape(name.lower()))), *words["levels"]]}
    monkeypatch.setattr(row_words, "row_words", lambda: met)
    assert not equal()


def test_reinterpret_leaves_documents_that_hold_none_of_the_changed_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = ingest.Settings(tmp_path, publish=False, workers=1)
    ingest.ingest([str(DOCUMENT)], settings)
    (made,) = tmp_path.glob("harvests/*/meaning-*")
    monkeypatch.setattr(keys, "forms_hash", lambda: "another word in a form")
    told = ingest.reinterpret(settings)
    assert (told.files, told.known, told.outcomes) == (1, 1, [])
    monkeypatch.setattr(harvests, "would_be_equal", lambda *_: pytest.fail("asked a second time"))
    assert ingest.reinterpret(settings).known == ingest.ingest([str(DOCUMENT)], settings).known == 1
    assert list(tmp_path.glob("harvests/*/meaning-*")) == [made]
    monkeypatch.setattr(keys, "forms_hash", lambda: "a word that it holds")
    monkeypatch.setattr(harvests, "would_be_equal", lambda *_: False)
    assert [document.status for document in ingest.reinterpret(settings).outcomes] == ["ok"]
    assert len(list(tmp_path.glob("harvests/*/meaning-*"))) == 2
