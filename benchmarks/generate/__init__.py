"""Generator of made-up documents with known facts: `python -m benchmarks.generate OUT --count 40 --seed 1`."""
