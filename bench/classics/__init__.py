"""The classic programs of the language benchmark: our Smalltalk in `<name>.st`, the same program in `<name>.py`.

Each such Python module has a function `run` that does what `<Name>Benchmark new run` does, line by line, with plain classes:
positions count from 1 there as well, and an accessor of Smalltalk is an attribute of Python.
"""
