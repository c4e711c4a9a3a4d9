"""What runs and how it stops: worlds, classes, dispatch, exceptions, evaluations."""
