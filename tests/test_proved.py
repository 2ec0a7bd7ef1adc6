"""The benchmark of proved money, on numbers written out here."""

from benchmarks.proved import line, shares
from extractors.tables import Reading
from pipeline.checks import check_document
from pipeline.facts import Document, Harvest
from tests.tables_by_hand import column, table


def test_what_is_not_verified_has_a_reason() -> None:
    rows = [
        ("program", "5.03.02", ["60.000.000", "7.000"]),
        ("kegiatan", "5.03.02.2.01", ["35.000.000", "-"]),
        ("kegiatan", "5.03.02.2.02", ["25.000.000", "8.100"]),
        ("program", "5.03.03", ["9.000.000", None]),
    ]
    meant = table([column(0, "target"), column(1, "realisasi")], rows)
    harvest = Harvest(Document("d" * 64, "a.pdf"), Reading(), [meant])
    harvest.checks = check_document([meant], []).checks
    counts = shares(harvest)
    assert counts["money"] == 7
    assert (
        counts["touched"] == sum(counts[k] for k in counts) - counts["money"] - counts["touched"] - counts["untouched"]
    )
    assert (counts["verified"], counts["untouched"]) == (3, 1)
    assert "42.9% of all" in line("a", counts)
    assert counts["in conflict"] + counts["zero"] + counts["beside a failure"] == 3
