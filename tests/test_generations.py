"""The file that the next generation is built in, and what a publish keeps beside the harvests."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline import derived, in_order
from pipeline import ingest as work
from pipeline.corrections import Correction, add_correction, correction_id
from pipeline.generations import KEEP, damaged, generation_path, in_use
from pipeline.query import query
from pipeline.report import status_rows
from pipeline.store import SCHEMA_FILE, StoreError, generations, logical_hash, publish, published_path, reading, writing
from tests.fakes import fact, pdf
from tests.stores import ingest


def spares(store: Path) -> list[Path]:
    return sorted(store.glob(".spare-*"))


def publishes(store: Path, folder: Path, count: int, first: int = 0) -> None:
    for number in range(first, first + count):
        ingest(store, pdf(folder / f"{number}.pdf", fact(value=str(number))))


def facts(connection: duckdb.DuckDBPyConnection) -> int:
    return int((connection.execute("select count(*) from comparable").fetchone() or (0,))[0])


def test_the_next_generation_is_built_in_a_file_that_went_out_of_use(store: Path, tmp_path: Path) -> None:
    publishes(store, tmp_path, KEEP + 1)
    (spare,) = spares(store)
    assert spare.name == ".spare-1.duckdb"
    file = spare.stat().st_ino
    publishes(store, tmp_path, 1, KEEP + 1)
    assert published_path(store).stat().st_ino == file and published_path(store).stat().st_mode & 0o777 == 0o444
    assert [one.name for one in spares(store)] == [".spare-2.duckdb"] and len(generations(store)) == KEEP
    before = logical_hash(store)
    with writing(store):
        publish(store, full=True)
    assert logical_hash(store) == before


def test_history_is_whole_in_such_a_file(store: Path, tmp_path: Path) -> None:
    for number in range(KEEP + 4):
        ingest(store, pdf(tmp_path / "a.pdf", fact(value=str(number))))
    with reading(store) as connection:
        rows = connection.execute("select value::int, last_generation from facts_history order by 2").fetchall()
    assert rows == [(number, number + 1) for number in range(KEEP + 3)]


def test_a_reader_keeps_the_file_that_it_has_open(store: Path, tmp_path: Path) -> None:
    publishes(store, tmp_path, KEEP)
    with duckdb.connect(str(store / "lumbung-1.duckdb"), read_only=True) as reader:
        publishes(store, tmp_path, 1, KEEP)
        (spare,) = spares(store)
        file = spare.stat().st_ino
        publishes(store, tmp_path, 2, KEEP + 1)
        assert file not in {path.stat().st_ino for path in store.glob("*.duckdb")}
        assert facts(reader) == 1
    with reading(store) as connection:
        assert connection.execute("select count(*) from facts").fetchone() == (KEEP + 3,)


def test_a_reader_in_another_process_is_seen(store: Path, tmp_path: Path) -> None:
    publishes(store, tmp_path, 1)
    path = published_path(store)
    code = "import sys, duckdb; c = duckdb.connect(sys.argv[1], read_only=True); print('open', flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", code, str(path)], stdin=-1, stdout=-1, text=True) as reader:
        assert reader.stdout is not None and reader.stdout.readline() == "open\n"
        assert in_use(path)
        reader.communicate("\n")
    assert not in_use(path)


# -- what a publish keeps --------------------------------------------------------------------------


def any_report(dice: random.Random, path: Path) -> Path:
    """One of few reports that share items, regions and names, so that changes meet."""
    said: dict[str, Any] = {
        "region_code": dice.choice(["99.01", "99.02", None]), "edition": dice.choice([None, "perubahan"]),
        "agency": dice.choice(["Dinas A", None]), "agency_key": dice.choice(["a", "b", None]),
    }  # fmt: skip
    lines = [
        fact(
            value=str(dice.randrange(3)), name=dice.choice(["Umum", "Keuangan"]), role=dice.choice(["target", "anggaran"]),
            indicator=dice.choice([None, "Jumlah dokumen", "Jumlah orang"]), agency=dice.choice([None, "Dinas B"]),
            status=dice.choice(["verified", "repaired", "conflict"]), unit=dice.choice(["Rupiah", "Rupiah", "Persen"]),
            level=dice.choice(["kegiatan", "program", "total"]),
        )
        for _ in range(dice.randrange(6))
    ]  # fmt: skip
    return pdf(path, *lines, **said)


def accept(store: Path, dice: random.Random) -> None:
    with reading(store) as connection:
        rows = connection.execute(
            "select document_id, fact_id, page, bbox, part, value from facts order by 2"
        ).fetchall()
    if rows:
        document, fact_id, page, bbox, part, value = dice.choice(rows)
        add_correction(
            store,
            Correction(
                correction_id(document, page, bbox, part), document, fact_id, page, bbox, part, value, value + 7, "seen", "me",
                "2024-01-01",
            ),
        )  # fmt: skip


@pytest.mark.parametrize("seed", [1, 2])
def test_what_is_kept_is_the_same_changed_or_made_anew(store: Path, tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    files = [tmp_path / "in" / f"{number}.pdf" for number in range(4)]
    for step in range(7):
        file = dice.choice(files)
        if file.exists() and dice.random() < 0.3:
            work.remove([str(file)], store)
            file.unlink()
        else:
            ingest(store, any_report(dice, file))
        if step % 3 == 2:
            accept(store, dice)
            with writing(store):
                publish(store)
    before = logical_hash(store)
    with writing(store):
        publish(store, full=True)
    assert logical_hash(store) == before


def test_rows_made_part_by_part_stand_in_one_order(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = ["5.03.02.2.02", "5.03.01.2.01", None]
    for number, region in enumerate(["17.01", "17.02", "18.01", "18.02", None]):
        lines = [fact(code=code, code_generic=code, code_comparable=code, value=str(number)) for code in codes]
        ingest(store, pdf(tmp_path / f"{number}.pdf", *lines, region_code=region))
    before = logical_hash(store)
    for module in (derived, in_order):
        monkeypatch.setattr(module, "AT_ONCE", 2)
    with writing(store):
        publish(store, full=True)
    assert logical_hash(store) == before
    with reading(store) as connection:
        rows = connection.execute("select code_key, region_code from base.comparable_rows").fetchall()
    keyed = [row for row in rows if row[0] is not None]
    assert not list(store.glob("*.parquet")) and not list(store.glob(".building*"))
    assert len(keyed) == 10 and keyed == sorted(keyed, key=lambda row: (row[0], row[1] or "~"))


@pytest.mark.parametrize(
    ("code", "key"),
    [
        ("X.XX.01", 99_99_01_00_0000), ("X.XX.01.*.06", 99_99_01_06_0000), ("X.XX.01.2.06", 99_99_01_06_0000),
        ("5.03.02.2.01.0002", 5_03_02_01_0002), ("5", 5_00_00_00_0000), ("?", 0),
    ],
)  # fmt: skip
def test_the_key_of_a_code(code: str, key: int) -> None:
    with duckdb.connect() as connection:
        connection.execute(SCHEMA_FILE.read_text(encoding="utf-8"))
        assert connection.execute("select code_key(?)", [code]).fetchone() == (key,)


def cut(file: Path) -> None:
    file.chmod(0o644)
    os.truncate(file, 100_000)


def flip(file: Path) -> None:
    """Every hundredth byte behind the headers is another one."""
    data = bytearray(file.read_bytes())
    for at in range(12_288, len(data), 100):
        data[at] ^= 0x55
    file.chmod(0o644)
    file.write_bytes(data)


@pytest.mark.parametrize("spoil", [cut, flip])
def test_a_damaged_generation_is_told_and_built_anew(
    store: Path, tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    files = [pdf(tmp_path / f"{n}.pdf", fact(value=str(n))) for n in (1, 2)]
    ingest(store, *files)
    work.remove(["1.pdf"], store)
    ingest(store, pdf(tmp_path / "3.pdf", fact(value="3")))
    before = logical_hash(store)
    spoil(store / "lumbung-3.duckdb")
    with pytest.raises(StoreError, match=r"lumbung-3\.duckdb cannot be read .*publish --full"):
        query(store, "select sum(hash(f)) from facts f")
    with pytest.raises(StoreError, match=r"lumbung-3\.duckdb cannot be read"), reading(store) as connection:
        connection.execute("select sum(hash(f)) from facts f").fetchall()
    assert "lumbung-3.duckdb cannot be read" in (status_rows(store, False)[2] or "")
    with pytest.raises(StoreError, match=r"lumbung-3\.duckdb cannot be read"):
        ingest(store, pdf(tmp_path / "4.pdf", fact(value="4")))
    with writing(store):
        healed = publish(store, full=True)
    assert healed.generation == 4 and generations(store) == [2, 4]
    work.remove(["4.pdf"], store)
    assert logical_hash(store) == before
    assert [row[0] for row in query(store, "select value::integer from facts_history order by 1").rows] == [1, 4]


def spoil_unread(file: Path) -> None:
    """Damage a block that no publish reads."""
    file.chmod(0o644)
    with duckdb.connect(str(file)) as connection:
        connection.execute("create table base.unread as select hash(range) as x from range(200000)")
        connection.execute("checkpoint")
        found = connection.execute("select max(block_id) from pragma_storage_info('base.unread')").fetchone()
    assert found is not None and found[0] > 0
    with file.open("r+b") as opened:
        opened.seek(3 * 4096 + found[0] * 262_144 + 100)
        opened.write(b"damaged")
    file.chmod(0o444)


@pytest.fixture
def with_spare(store: Path, tmp_path: Path) -> Path:
    """A store with a spare file, and a document that waits to be published."""
    publishes(store, tmp_path, KEEP + 1)
    ingest(store, pdf(tmp_path / "waiting.pdf", fact(value="77")), publish=False)
    return store


@pytest.mark.parametrize(("spoil", "whole"), [(spoil_unread, True), (flip, False)], ids=["unread", "met"])
def test_a_damaged_spare_file_gives_way(with_spare: Path, spoil: Callable[[Path], None], whole: bool) -> None:
    (spare,) = spares(with_spare)
    spoil(spare)
    with writing(with_spare):
        done = publish(with_spare, whole=whole)
    assert (done.new, done.facts, damaged(done.path)) == (True, KEEP + 2, False)


def test_a_night_carries_no_damage_on(with_spare: Path, tmp_path: Path) -> None:
    (spare,) = spares(with_spare)
    spare.unlink()
    spoil_unread(generation_path(with_spare, KEEP + 1))
    with writing(with_spare), pytest.raises(StoreError, match=r"cannot be read .*publish --full"):
        publish(with_spare, whole=True)
    with writing(with_spare):
        assert damaged(publish(with_spare).path)  # what nothing has read
        spoilt = generations(with_spare)[-1]
        done = publish(with_spare, full=True)
    assert (done.facts, damaged(done.path)) == (KEEP + 2, False) and done.generation == spoilt + 1


def test_a_damaged_harvest_is_named_with_what_to_do(store: Path, tmp_path: Path) -> None:
    file = pdf(tmp_path / "a.pdf", fact(value="1"))
    ingest(store, file)
    before = logical_hash(store)
    (folder,) = store.glob("harvests/[0-9a-f]*")
    (parquet,) = folder.glob("meaning-*/facts.parquet")
    os.truncate(parquet, 100)
    with writing(store), pytest.raises(StoreError, match=f"Remove {folder} and ingest the document again"):
        publish(store, full=True)
    shutil.rmtree(folder)
    ingest(store, file)
    with writing(store):
        publish(store, full=True)
    assert logical_hash(store) == before
