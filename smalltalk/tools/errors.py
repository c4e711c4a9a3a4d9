"""What a tool says when it is asked about something that is not there."""


class UnknownClassError(Exception):
    """No class has that name."""


class ClassNotFoundError(Exception):
    """No class has that name; `suggestion` is the nearest one, if any is near."""

    def __init__(self, name: str, suggestion: str | None) -> None:
        super().__init__(f"there is no class {name}")
        self.suggestion = suggestion


class MethodNotFoundError(Exception):
    """The class itself has no such method; `suggestion` is the nearest it has, if any is near."""

    def __init__(self, behavior: str, selector: str, suggestion: str | None) -> None:
        super().__init__(f"{behavior} has no method #{selector} of its own")
        self.suggestion = suggestion


class VersionNotFoundError(Exception):
    """No version of that method has that number: it never had, or it is so old that it was dropped."""


class InspectorError(Exception):
    """A step of the inspector that cannot be taken; one sentence says why."""
