"""Session files: all that is stored of one session as STON text, and back. No disk; `docs/session-files.md`."""
