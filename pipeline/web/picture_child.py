"""Draws one page and ends: `python -m pipeline.web.picture_child FILE PAGE OUT SCALE PARENT`, or with the PARENT."""

from __future__ import annotations

import os
import resource
import sys
from pathlib import Path

from pipeline.child import end_with

CPU_SECONDS = 25
MEBIBYTES = 2048
PIXELS = 6000  # along the longer side; a poster-sized page is drawn coarser, and its width says so


def main() -> None:
    end_with(int(sys.argv[5]))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEBIBYTES << 20, MEBIBYTES << 20))
    import pypdfium2 as pdfium

    path, page, out, scale = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]), float(sys.argv[4])
    document = pdfium.PdfDocument(path)
    sheet = document[page - 1]
    width, height = sheet.get_size()
    scale = min(scale, PIXELS / max(width, height))
    image = sheet.render(scale=scale).to_pil().convert("RGB").quantize(64)
    unfinished = out.with_suffix(f".{os.getpid()}")
    image.save(unfinished, format="PNG", pnginfo=_size(width, height))
    unfinished.replace(out)


def _size(width: float, height: float) -> object:
    """The page's size in points, kept in the picture."""
    from PIL.PngImagePlugin import PngInfo

    said = PngInfo()
    said.add_text("points", f"{width:.3f} {height:.3f}")
    return said


if __name__ == "__main__":
    main()
