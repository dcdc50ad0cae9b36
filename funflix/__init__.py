"""The command line and the process supervisor: the one place that wires the other packages together."""

__all__: list[str] = []
