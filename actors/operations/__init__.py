"""What each operation of the wire does, one topic a file; `table.py` says when each may run."""
