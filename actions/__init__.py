"""Rasa custom actions: slots -> engine -> responses. They decide nothing and hold no words.

`rasa run actions` imports this package; the assistant itself runs the same actions in its own process.
"""

from actions import answers, forms, handling, reading

__all__ = ["answers", "forms", "handling", "reading"]
