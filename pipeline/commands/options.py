"""Options that several commands have, and what several of them say at their end."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Store = Annotated[
    Path, typer.Option("--store", envvar="LUMBUNG_STORE", help="Folder of the store.", show_default="data/processed")
]
Workers = Annotated[int | None, typer.Option("--workers", min=1, help="Documents read at once (default: one a core).")]
TimeLimit = Annotated[
    float, typer.Option("--time-limit", min=1, help="Seconds for one document; large files get more.")
]
MemoryLimit = Annotated[
    int, typer.Option("--memory-limit", min=256, help="MiB of memory in use, not of address space, for one document.")
]
Witness = Annotated[
    str, typer.Option("--witness", help="Second engine: auto (on odd and doubtful pages), always or never.")
]
Scheduler = Annotated[
    str | None,
    typer.Option("--scheduler", help="Dask scheduler whose workers read instead of this machine: tcp://host:8786."),
]
Exchange = Annotated[
    str | None,
    typer.Option(
        "--exchange", help="Folder or address (fsspec) for the files, where the workers do not see the store."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="JSON for machines.")]
STORE = Path("data/processed")


def tell_failed_corrections(store: Path) -> bool:
    """Corrections whose printed value has changed are not applied: said on standard error, each time."""
    from pipeline.store import POINTER, failed_corrections

    found = failed_corrections(store) if (store / POINTER).exists() else []
    for text in found:
        typer.echo(f"CORRECTION NOT APPLIED: {text}", err=True)
    return bool(found)
