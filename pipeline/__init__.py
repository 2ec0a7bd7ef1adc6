"""Lumbung's story: one PDF in, one harvest out; many harvests in, one store out."""
