"""The process's own resources: its limits, its memory, which sessions take it, and how it is given back.

| about | modules |
|---|---|
| set before anything runs | process |
| how much is taken | memory_use, weights |
| giving back | collector, eviction |
"""
