"""PLACEHOLDER, to be replaced by whoever writes this package: the class that bot/platforms.py starts."""

SLACK = "slack"


class SlackChannel:
    """Has `platform`, `blueprint` and `close()`."""

    def __init__(self, *arguments: object) -> None:
        raise NotImplementedError
