from __future__ import annotations

import dataclasses
import errno
import os
import shutil
import subprocess
import sys
import threading
from decimal import Decimal
from pathlib import Path

import pytest

from extractors.tables import Line, PageInfo
from normalizers.rows import Row
from pipeline import harvests, keys, layers
from pipeline.facts import Check, Fact, Harvest, Problem
from pipeline.layers import Layer, shapes, temporary_folder
from tests.fakes import fact, mean, pdf, read

ID = "ab" * 32


def harvest(tmp_path: Path, *facts: dict) -> Harvest:
    return mean(read(pdf(tmp_path / "a.pdf", *(facts or [fact()]))), ID, "a.pdf", {})


def written(root: Path, made: Harvest, reading: str = "1-r", meaning: str = "1-m") -> Path:
    harvests.write_reading(root, ID, made.reading, reading)
    return harvests.write_meaning(root, made, reading, meaning)


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    made = harvest(
        tmp_path,
        fact(value="277964395"),
        fact(value="99.5", unit="Persen", agency="Dinas Lain"),
        fact(value=None, value_text="BB"),
    )
    folder = written(tmp_path / "h", made)
    again = harvests.read_harvest(tmp_path / "h", ID, "1-m")
    assert folder == tmp_path / "h" / ID / "meaning-1-m"
    assert again.reading == made.reading
    assert again.tables[0].facts == made.tables[0].facts
    assert again.checks == made.checks and again.problems == made.problems and again.claims == made.claims
    assert again.document == made.document
    expected = dataclasses.replace(made.tables[0], caption="Tabel 1 Rencana", table_no=0)
    assert again.tables == [expected]


@pytest.mark.parametrize(
    ("kind", "name"), [(Fact, "facts"), (Check, "checks"), (Problem, "problems"), (Row, "rows"), (Line, "lines")]
)
def test_every_field_of_a_record_is_kept(kind: type, name: str) -> None:
    assert {field.name for field in dataclasses.fields(kind)} <= set(shapes()[name].names)


def test_a_layer_is_written_once_and_nothing_unfinished_stays(tmp_path: Path) -> None:
    root = tmp_path / "h"
    folder = written(root, harvest(tmp_path))
    before = {file: file.stat().st_mtime_ns for file in folder.iterdir()}
    assert written(root, harvest(tmp_path, fact(value="7"))) == folder
    assert {file: file.stat().st_mtime_ns for file in folder.iterdir()} == before
    assert list(temporary_folder(root).iterdir()) == []


def test_a_second_writer_at_the_same_moment_is_harmless(tmp_path: Path) -> None:
    root = tmp_path / "h"
    folder = written(root, harvest(tmp_path))
    with Layer(root, folder) as layer:  # it began before the first writer ended
        layer.json("document", {"late": True})
    assert "late" not in (folder / "document.json").read_text()


def test_a_failed_write_leaves_nothing(tmp_path: Path) -> None:
    made = harvest(tmp_path)
    made.checks[0].kind = object()  # type: ignore[assignment]
    with pytest.raises(Exception, match=r"object|convert"):
        written(tmp_path / "h", made)
    assert not (tmp_path / "h" / ID / "meaning-1-m").exists()
    assert list(temporary_folder(tmp_path / "h").iterdir()) == []


@pytest.mark.parametrize(
    ("facts", "kinds", "kept"),
    [
        pytest.param([fact(fact_id="x"), fact(fact_id="x", value="2")], ["duplicate_fact"], 1, id="one place twice"),
        pytest.param([fact(value="1" + "0" * 18)], ["value_out_of_range"], 0, id="too large"),
        pytest.param([fact(value="NaN")], ["value_out_of_range"], 0, id="no number"),
        pytest.param([fact(value="999999999999999999.999999")], [], 1, id="just fits"),
    ],
)
def test_what_the_store_cannot_hold_becomes_a_problem(tmp_path: Path, facts: list, kinds: list, kept: int) -> None:
    written(tmp_path / "h", harvest(tmp_path, *facts))
    again = harvests.read_harvest(tmp_path / "h", ID, "1-m")
    assert [p.kind for p in again.problems[1:]] == kinds
    assert sum(len(t.facts) for t in again.tables) == kept


def test_more_decimals_than_the_store_keeps_are_rounded(tmp_path: Path) -> None:
    written(tmp_path / "h", harvest(tmp_path, fact(value="108.33333335")))
    again = harvests.read_harvest(tmp_path / "h", ID, "1-m")
    assert again.tables[0].facts[0].value == Decimal("108.333333")


def test_half_a_surrogate_pair_does_not_stop_a_harvest(tmp_path: Path) -> None:
    written(tmp_path / "h", harvest(tmp_path, fact(name="a\ud83d", raw="1\ud83d\x00")))
    assert harvests.read_harvest(tmp_path / "h", ID, "1-m").tables[0].facts[0].name == "a?"


def test_the_meaning_key_depends_on_all_that_makes_meaning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = harvests.meaning_key("a.pdf", {"agency": "x"}, "1-r")
    assert key == harvests.meaning_key("a.pdf", {"agency": "x"}, "1-r")
    assert (
        len({key, harvests.meaning_key("a.pdf", {}, "1-r"), harvests.meaning_key("b.pdf", {"agency": "x"}, "1-r")}) == 3
    )
    assert key != harvests.meaning_key("a.pdf", {"agency": "x"}, "2-r")
    shutil.copytree(keys.REFERENCE / "forms", tmp_path / "forms")
    (tmp_path / "forms" / "new.toml").write_text("a = 1\n")
    monkeypatch.setattr(keys, "REFERENCE", tmp_path)
    keys.forms_hash.cache_clear()
    try:
        assert key != harvests.meaning_key("a.pdf", {"agency": "x"}, "1-r")
    finally:
        keys.forms_hash.cache_clear()


def test_equal_tables_have_one_signature_whatever_their_white_space(tmp_path: Path) -> None:
    first, second = (read(pdf(tmp_path / "a.pdf", fact(raw=raw))) for raw in ("1 000", "1000"))
    other, none = read(pdf(tmp_path / "a.pdf", fact(raw="2000"))), read(pdf(tmp_path / "a.pdf"))
    assert harvests.signature(first) == harvests.signature(second) != harvests.signature(other)
    assert harvests.signature(none) is None


def test_what_reads_pictures_counts_for_scanned_pages_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reading = harvest(tmp_path).reading
    scanned = dataclasses.replace(reading, pages=[PageInfo(1, "scan", 9.0, 9.0)])
    plain = harvests.reading_key()
    monkeypatch.setattr(keys, "scan_key", lambda: "0" * 8)
    for root, made in ((tmp_path / "born", reading), (tmp_path / "scan", scanned)):
        assert harvests.reading_key_of(root, ID) == plain
        harvests.write_reading(root, ID, made)
        assert harvests.reading_key_of(root, ID) == plain
    monkeypatch.setattr(keys, "scan_key", lambda: "1" * 8)  # Tesseract was installed meanwhile
    assert harvests.reading_key_of(tmp_path / "born", ID) == plain
    other = harvests.reading_key_of(tmp_path / "scan", ID)
    assert other == plain + "-s11111111" and harvests.current_key(other) == other
    always = harvests.reading_key_of(tmp_path / "scan", ID, "always")
    assert harvests.witness_of(always + "-s11111111") == "always"


def test_children_write_without_pandas(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from pipeline import layers; layers.without_pandas()\n"
        "with layers.Layer(Path(sys.argv[1]), Path(sys.argv[1]) / 'x') as layer:\n"
        "    layer.parquet('lines', layers.shapes()['lines'], dict.fromkeys(layers.shapes()['lines'].names, []))\n"
        "assert layers.read_columns(Path(sys.argv[1]) / 'x' / 'lines.parquet')['text'] == []\n"
        "print('pandas' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def write_layer(root: Path) -> Path:
    with layers.Layer(root, root / "final") as layer:
        layer.json("a", {"b": 1})
        layer.packed("c", list(range(9)))
        layer.parquet("lines", layers.shapes()["lines"], {name: [] for name in layers.shapes()["lines"].names})
    return root / "final"


@pytest.mark.parametrize("crowded", [False, True])
def test_a_layer_is_on_the_disk_before_it_appears(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, crowded: bool
) -> None:
    synced: list[int] = []

    def sync(descriptor: int) -> None:
        assert not (tmp_path / "final").exists()
        synced.append(os.fstat(descriptor).st_size)

    def start(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(layers, "sync", sync)
    if crowded:
        monkeypatch.setattr(threading.Thread, "start", start)
    sizes = sorted(file.stat().st_size for file in write_layer(tmp_path).iterdir())
    assert sorted(synced) == sizes and len(sizes) == 3 and sizes[0] > 0


def test_a_layer_that_cannot_be_synced_never_appears(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def sync(descriptor: int) -> None:
        if os.readlink(f"/proc/self/fd/{descriptor}").endswith("c.json.gz"):
            raise OSError(errno.EIO, "the disk fails")

    monkeypatch.setattr(layers, "sync", sync)
    with pytest.raises(OSError, match="the disk fails"):
        write_layer(tmp_path)
    assert not (tmp_path / "final").exists() and not list(layers.temporary_folder(tmp_path).iterdir())
