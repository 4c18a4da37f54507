"""PLACEHOLDER, to be replaced by whoever writes this package: the class that bot/platforms.py starts."""

TEAMS = "teams"


class TeamsChannel:
    """Has `platform`, `blueprint` and `close()`."""

    def __init__(self, *arguments: object) -> None:
        raise NotImplementedError
