"""What a tool says when it is asked about something that is not there."""


class UnknownClassError(Exception):
    """No class has that name."""
