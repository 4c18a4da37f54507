"""The programme as data, and its strict loader."""

from bot.knowledge.loader import Knowledge, load, shared
from bot.knowledge.strict_yaml import BrokenKnowledge

__all__ = ["BrokenKnowledge", "Knowledge", "load", "shared"]
