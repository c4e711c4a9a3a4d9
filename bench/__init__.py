"""Benchmarks: every figure beside its reference in the same run. `python -m bench.run --help` says how."""
