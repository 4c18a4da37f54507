"""Support triage assistant for members of the Microsoft Partner Network."""

__version__ = "0.1.0"
