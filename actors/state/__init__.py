"""What there is of a session besides its requests: its image, former states, and marks in its stored meta.

| about | modules |
|---|---|
| its live state | session_state |
| former states | returning, autosave |
| marks in its stored meta | retention, quarantine, stopped |
| what replies say of it | metadata |
"""
