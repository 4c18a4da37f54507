"""Slack: its requests in, its Web API out."""
