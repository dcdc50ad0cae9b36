"""One module a command; each holds the command and nothing another command needs."""

__all__: list[str] = []
