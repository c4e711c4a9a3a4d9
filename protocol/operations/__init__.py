"""The one table of operations: it validates requests, answers `describe` and generates the reference page.

One file a topic, put together in `table`.
"""
