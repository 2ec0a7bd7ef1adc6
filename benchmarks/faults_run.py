"""What the store and the nightly run withstand, in large numbers. Prints a table and writes results/faults_run.json.

    python benchmarks/faults_run.py                    # everything, some hours
    python benchmarks/faults_run.py kills readers      # some parts
    python benchmarks/faults_run.py writes --every 10  # every tenth write; --share 0.1 for a tenth of the other numbers
    python benchmarks/faults_run.py errors --only EIO  # one of the three errors

Needs Linux and a C compiler for `writes` and `errors`.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks import fault_kills, fault_readers, fault_sizes, fault_strangers  # noqa: E402, F401
from benchmarks.fault_plan import PARTS, Plan, Result  # noqa: E402
from benchmarks.fault_readers import sequence  # noqa: E402
from tests.faults import ERRORS  # noqa: E402

__all__ = ["PARTS", "Plan", "Result", "sequence"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", help=f"{', '.join(PARTS)} (default: all)")
    parser.add_argument("--share", type=float, default=1.0, help="of the full numbers")
    parser.add_argument("--every", type=int, default=1, help="only every n-th write (writes, errors)")
    parser.add_argument("--first", type=int, default=1, help="the first of them")
    parser.add_argument("--only", choices=tuple(ERRORS), help="one of the errors (errors)")
    parser.add_argument("--seed", type=int, default=0, help="other random moments and sequences")
    given = parser.parse_args()
    results = []
    for name in given.parts or list(PARTS):
        result, start = Result(name), time.monotonic()
        with tempfile.TemporaryDirectory(prefix="lumbung-faults-") as folder:
            try:
                PARTS[name](Plan(Path(folder), given.share, given.every, given.first, given.only, given.seed), result)
            except Exception as error:
                result.failures.append(f"{type(error).__name__}: {error}")
        result.seconds = round(time.monotonic() - start, 1)
        results.append(result)
        counted = f"{result.tried:>6} tried {len(result.failures):>4} failures {result.seconds:>8.1f} s"
        print(f"{name:<16}{counted}  {result.figures}", flush=True)
        for failure in result.failures[:5]:
            print(f"    {failure[:400]}", flush=True)
        _keep(result, given)
    return 1 if any(result.failures for result in results) else 0


def _keep(result: Result, given: argparse.Namespace) -> None:
    """Results of parts that were not run stay as they were."""
    out = ROOT / "benchmarks" / "results" / "faults_run.json"
    out.parent.mkdir(exist_ok=True)
    kept = json.loads(out.read_text()) if out.exists() else {}
    kept[result.part] = {
        "tried": result.tried, "failures": result.failures[:20], "figures": result.figures, "seconds": result.seconds,
        "share": given.share, "every": given.every, "what": (PARTS[result.part].__doc__ or "").strip(),
    }  # fmt: skip
    out.write_text(json.dumps(kept, indent=1, ensure_ascii=False, default=str) + "\n")


if __name__ == "__main__":
    sys.exit(main())
