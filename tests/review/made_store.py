"""Stores of made-up conversations, as Rasa's SQL store writes them."""

import json
import sqlite3
from pathlib import Path
from typing import Any, Dict, Sequence, Tuple

EVALUATED = "My access id has gone missing from the benefits page since Tuesday"


def user(
    text: str,
    intent: str = "inform",
    decision: str = "accept",
    ranking: Sequence[Tuple[str, float]] = (("inform", 0.6), ("ask_ids", 0.3), ("deny", 0.1)),
    language: str = "en",
) -> Dict[str, Any]:
    """Return the event of a message."""
    parsed = {
        "intent": {"name": intent},
        "intent_ranking": [{"name": name, "confidence": confidence} for name, confidence in ranking],
        "decision": decision,
        "language": {"code": language, "known": True},
    }
    if text.startswith("/"):
        parsed = {"intent": {"name": text[1:]}, "intent_ranking": [{"name": text[1:], "confidence": 1.0}]}
    return {"event": "user", "text": text, "parse_data": parsed}


def bot(text: str, kind: str = "note", *payloads: str) -> Dict[str, Any]:
    """Return the event of a message of the assistant."""
    buttons = [{"title": payload, "payload": payload} for payload in payloads]
    return {"event": "bot", "text": text, "metadata": {"kind": kind}, "data": {"buttons": buttons or None}}


def slot(name: str, value: Any) -> Dict[str, Any]:
    """Return the event of a slot."""
    return {"event": "slot", "name": name, "value": value}


def make_store(path: Path, *sessions: Sequence[Dict[str, Any]]) -> Path:
    """Write sessions of events as Rasa's SQL store does."""
    path.unlink(missing_ok=True)
    connection = sqlite3.connect(path)
    connection.execute(
        "CREATE TABLE events (id INTEGER PRIMARY KEY, sender_id VARCHAR(255), type_name VARCHAR(255), timestamp FLOAT, "
        "intent_name VARCHAR(255), action_name VARCHAR(255), data TEXT)"
    )
    for number, events in enumerate(sessions):
        rows = [(f"sender{number}", event["event"], json.dumps(event)) for event in events]
        connection.executemany("INSERT INTO events (sender_id, type_name, data) VALUES (?, ?, ?)", rows)
    connection.commit()
    connection.close()
    return path
