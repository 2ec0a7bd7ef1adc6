"""Which files are meant by paths, folders and globs."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable
from pathlib import Path


def find_files(paths: Iterable[str]) -> tuple[list[Path], list[tuple[str, str]]]:
    """PDF files under folders, files by name whatever they are called, globs; and each path that leads nowhere with why."""
    files: dict[Path, None] = {}
    missing: list[tuple[str, str]] = []
    for text in paths:
        path = Path(text)
        if path.is_dir():
            found = _pdfs_under(path, missing)
        elif path.is_file():
            found = [path]
        else:
            found = [f for p in sorted(glob.glob(text, recursive=True)) for f in _expanded(Path(p), missing)]
            if not found:
                missing.append((text, "a link that leads nowhere" if path.is_symlink() else "no such file or folder"))
        files.update((file.absolute(), None) for file in found)
    return list(files), missing


def _expanded(path: Path, missing: list[tuple[str, str]]) -> list[Path]:
    return _pdfs_under(path, missing) if path.is_dir() else [path]


def _pdfs_under(folder: Path, missing: list[tuple[str, str]]) -> list[Path]:
    """All files called *.pdf, also behind links to folders; a folder that is met again by a link is not entered."""
    found = []
    entered = {os.path.realpath(folder)}

    def refused(error: OSError) -> None:
        missing.append((str(error.filename), f"cannot be opened: {error.strerror}"))

    for parent, folders, names in os.walk(folder, onerror=refused, followlinks=True):
        folders.sort()
        real = {name: os.path.realpath(os.path.join(parent, name)) for name in folders}
        folders[:] = [name for name in folders if not _seen(real[name], entered)]
        found += [Path(parent, name) for name in sorted(names) if name.lower().endswith(".pdf")]
    return found


def _seen(path: str, entered: set[str]) -> bool:
    if path in entered:
        return True
    entered.add(path)
    return False
