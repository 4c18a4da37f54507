"""Rasa's own end-to-end stories: every route and every error in both languages, and the shapes of the dialogue rules.

A story's name is its language, what it covers and how: "en route azure_portal: ...", "nl error not_authorized: ...",
"en shape: ...". `rasa test` runs no custom action, so there a story itself says what the slots become and which
question comes next. A second test therefore plays each story through the real assistant and holds that it goes that way.
"""

import json
import os
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any, Dict, List

import pytest
import yaml
from rasa.shared.core.events import ActionExecuted, ActiveLoop, AllSlotsReset, SlotSet, UserUttered

from bot.assistant import PROJECT, newest_model
from bot.engine.outcomes import ROUTES

STORIES = Path(__file__).parent / "stories"
LANGUAGES = ("en", "nl")
# The slots that the rules look at, with their first values.
WATCHED = {"requested_slot": None, "decided": False}
# What Rasa does by itself and no story says.
SILENT_ACTIONS = ("action_listen", "action_session_start", "action_extract_slots")


def told(path: Path) -> List[Dict[str, Any]]:
    """Return the stories of a file, each with the language of the file's name."""
    language = path.stem.rsplit("_", 1)[1]
    return [{**story, "language": language} for story in yaml.safe_load(path.read_text(encoding="utf-8"))["stories"]]


TOLD = [story for path in sorted(STORIES.glob("test_*.yml")) for story in told(path)]


def covered(kind: str, language: str) -> List[str]:
    """Return the ids that the stories of a language cover: of routes or of errors."""
    starts = [story["story"].split(":")[0].split() for story in TOLD if story["language"] == language]
    return [words[2] for words in starts if words[:2] == [language, kind]]


def annotated(text: str, entities: List[Dict[str, Any]]) -> str:
    """Return a message with its entities written the way Rasa's stories write them."""
    for entity in sorted(entities, key=lambda entity: entity["start"], reverse=True):
        named = {key: entity[key] for key in ("entity", "value", "role") if entity.get(key)}
        start, end = entity["start"], entity["end"]
        text = f"{text[:start]}[{text[start:end]}]{json.dumps(named, ensure_ascii=False)}{text[end:]}"
    return text


def plain(message: str) -> str:
    """Return what a person types for an annotated message."""
    from rasa.shared.nlu.training_data.entities_parser import parse_training_example

    return parse_training_example(message).get("text")


def steps_of(events: Any) -> List[Dict[str, Any]]:
    """Return the story steps of a conversation that took place."""
    steps: List[Dict[str, Any]] = []
    now, said = dict(WATCHED), dict(WATCHED)

    def say_slots() -> None:
        changed = [{slot: value} for slot, value in now.items() if value != said[slot]]
        if changed:
            steps.append({"slot_was_set": changed})
        said.update(now)

    for event in events:
        if isinstance(event, UserUttered):
            say_slots()
            steps.append({"user": annotated(event.text, event.entities), "intent": event.intent_name})
        elif isinstance(event, ActionExecuted) and event.action_name not in SILENT_ACTIONS:
            say_slots()
            steps.append({"action": event.action_name})
        elif isinstance(event, ActiveLoop):
            steps.append({"active_loop": event.name})
            if event.name is None:
                said["requested_slot"] = "closed"  # a rule for the end of a form names the empty slot, whatever it was
        elif isinstance(event, SlotSet) and event.key in now:
            now[event.key] = event.value
        elif isinstance(event, AllSlotsReset):
            now.update(WATCHED)
    say_slots()
    return steps


async def played(assistant: Any, messages: List[str]) -> Any:
    """Send messages in a new conversation and return its tracker."""
    sender = uuid.uuid4().hex
    for message in messages:
        await assistant.say(message, sender)
    return await assistant._agent.tracker_store.get_or_create_tracker(sender)  # no person needs it, so no method gives it


def run_rasa(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run a `rasa` command in the project's folder, as a person who knows Rasa would type it."""
    quiet = {"RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3", "SQLALCHEMY_SILENCE_UBER_WARNING": "1"}
    return subprocess.run(
        [sys.executable, "-m", "rasa", *arguments],
        cwd=PROJECT,
        env={**os.environ, **quiet},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_route_has_a_story(language):
    assert set(covered("route", language)) == set(ROUTES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_error_has_a_story(language, knowledge):
    assert set(covered("error", language)) == set(knowledge.programme.facts["error"].values)


def test_story_names_start_with_their_language_and_differ():
    names = [story["story"] for story in TOLD]
    assert len(names) == len(set(names))
    assert [story["story"] for story in TOLD if not story["story"].startswith(story["language"] + " ")] == []


def test_both_languages_tell_the_same_shapes():
    shapes = {
        language: sorted(name[3:] for name in (story["story"] for story in TOLD) if name.startswith(f"{language} shape"))
        for language in LANGUAGES
    }
    assert shapes["en"] == shapes["nl"] != []


@pytest.mark.parametrize("story", TOLD, ids=[story["story"] for story in TOLD])
def test_the_assistant_goes_the_way_of_the_story(story, assistant, loop, monkeypatch):
    monkeypatch.setenv("TRIAGE_ON", "2026-11-22")
    written = [{**step, "user": step["user"].strip()} if "user" in step else step for step in story["steps"]]
    tracker = loop.run_until_complete(played(assistant, [plain(step["user"]) for step in written if "user" in step]))
    assert steps_of(tracker.events) == written
    assert tracker.get_slot("language") == story["language"]
    kind, _, id = story["story"].split(":")[0].partition(" ")[2].partition(" ")
    if kind == "error":
        assert tracker.get_slot("error") == id
    elif id == "human_agent":  # not a decision: it is asked for
        assert "action_hand_over" in [step.get("action") for step in written]
    elif kind == "route":
        assert tracker.get_slot("outcome")["route"] == id


def test_rasa_reads_every_message_and_predicts_every_action_of_the_stories(assistant, tmp_path):
    # Without --e2e Rasa would believe the intents of the stories and only predict the actions.
    run = run_rasa(
        *("test", "core", "--e2e", "--stories", str(STORIES), "--model", str(newest_model()), "--out", str(tmp_path)),
        "--fail-on-prediction-errors",
    )
    assert run.returncode == 0, run.stdout[-2000:] + run.stderr[-4000:]
    failed = yaml.safe_load((tmp_path / "failed_test_stories.yml").read_text(encoding="utf-8"))
    assert not failed
    report = json.loads((tmp_path / "story_report.json").read_text(encoding="utf-8"))
    assert report["conversation_accuracy"]["total"] == len(TOLD)
    assert report["conversation_accuracy"]["correct"] == len(TOLD)


def test_rasa_finds_nothing_wrong_with_the_training_data():
    run = run_rasa("data", "validate")
    assert run.returncode == 0, run.stdout[-2000:] + run.stderr[-4000:]
