"""Channels: how messages reach the assistant. They know neither the engine nor the knowledge."""
