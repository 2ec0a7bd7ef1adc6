"""PDFs as strangers may send them: 39 kinds, each in as many variants as there are seeds.

    python benchmarks/hostile.py OUT_FOLDER [VARIANTS]

Every file is made from bytes here, small enough to be uploaded by anyone (under 1 MiB but for a few), and the same for
the same seed.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks import hostile_contents, hostile_sizes, hostile_structures  # noqa: F401
from benchmarks.hostile_pdf import KINDS, Dice, plain

__all__ = ["KINDS", "Dice", "mutated", "plain", "write_all"]


def write_all(folder: Path, variants: int = 10, kinds: Sequence[str] | None = None) -> list[Path]:
    """Write every kind in `variants` variants as `<kind>-<n>.pdf`, all different: equal ones would be read once."""
    folder.mkdir(parents=True, exist_ok=True)
    files, made = [], set[bytes]()
    for name in kinds or KINDS:
        for seed in range(variants):
            path, data = folder / f"{name}-{seed}.pdf", KINDS[name](Dice(f"{name}{seed}"))
            if data in made and data:
                data += b"\n%% %d\n" % seed
            made.add(data)
            path.write_bytes(data)
            files.append(path)
    return files


def mutated(sample: bytes, seed: int) -> bytes:
    """A sample with a few bytes changed, dropped, doubled or moved."""
    dice, data = Dice(seed), bytearray(sample)
    for _ in range(dice.choice([1, 3, 10, 100])):
        at, how = dice.randrange(len(data)), dice.randrange(5)
        if how == 0:
            data[at] = dice.randrange(256)
        elif how == 1:
            data[at] ^= 1 << dice.randrange(8)
        elif how == 2:
            del data[at : at + dice.randrange(1, 64)]
        elif how == 3:
            data[at:at] = data[at : at + dice.randrange(1, 64)]
        else:
            size = dice.randrange(1, 64)
            data[at : at + size] = dice.randbytes(size)
    return bytes(data)


if __name__ == "__main__":
    made = write_all(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 10)
    print(f"{len(made)} files of {len(KINDS)} kinds, {sum(f.stat().st_size for f in made) / 2**20:.1f} MiB")
