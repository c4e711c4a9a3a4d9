"""What the server counts and measures of itself, and how monitors and operators get to see it.

| about | modules |
|---|---|
| numbers | counters, measures |
| one worker's present state, with them | health |
| pages for monitors | http_port, http_pages, probe, exposition |
"""
