"""The documented message shapes, one file a family: what a request looks like, and its reply."""
