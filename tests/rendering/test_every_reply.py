"""Every response and every kind of real message, in every form and both languages: valid, and nothing is lost."""

import json
import re
from datetime import date

import pytest

from bot.answer import Answerer
from bot.channels.message import Reply, reply_entry
from bot.channels.rendering import slack, teams
from bot.engine.paths import goal_tree, walk
from bot.wording import LANGUAGES
from tests.rendering.forms import (
    assert_slack,
    assert_teams,
    document,
    read_in_slack,
    read_in_teams,
    slack_choices,
    teams_choices,
    words_of,
)

DAYS = (date(2026, 11, 22), date(2021, 6, 30))
HOSTILE = "<!channel> <@U123> @everyone & *a* _b_ `c` ~d~ {{DATE(2020-01-01T00:00:00Z)}} <at>all</at> \"' ß€😀"
SENDERS = [("staff", "answer"), ("system", "answer"), ("system", "privacy"), ("system", "refused")]
SAMPLES = ("Exchange Server", HOSTILE)


def filled(wording, key, language, sample):
    """Return a response with a sample for all that is no name of the programme."""
    names = wording.responses[key].placeholders(language) - set(wording.constants)
    return wording.text(key, language, **{name: sample for name in names})


def check(message, words, draw):
    """Assert that a message is valid in every form and that all of it is in each."""
    widget = json.loads(json.dumps(message))
    assert widget == message
    on_slack, on_teams = slack.posts(message, words), teams.posts(message, words)
    for post in on_slack:
        assert_slack(post)
    drawn = [assert_teams(activity, draw) for activity in on_teams]
    read = {"slack": read_in_slack(on_slack), "teams": read_in_teams(on_teams)}
    if all(drawn):
        read["drawn"] = "\n".join(
            "\n".join([shown["text"], *shown["buttons"], *shown["options"], *(url for _, url in shown["links"])])
            for shown in drawn
        ).replace("\u200b", "")
    language = message["language"]
    expected = words_of(message["text"])
    for button in message["buttons"]:
        expected += words_of(button["title"])
    if message["ask_feedback"]:
        for part in ("question", "word", "yes", "no"):
            expected += words_of(words(f"utter_widget_feedback_{part}", language))
    for form, text in read.items():
        there = re.findall(r"[^\W_]+", text)
        assert set(expected) <= set(there), (form, set(expected) - set(there))
        for address in re.findall(r"\]\((https://[^)\s]*)\)", message["text"]):
            assert address in text, form
    payloads = [button["payload"] for button in message["buttons"]]
    offered = [value for _, value in slack_choices(on_slack)]
    assert [payloads[int(value[2:])] if value.startswith("7:") else value for value in offered] == payloads
    offered = [value for _, value in teams_choices(on_teams)]
    assert [payloads[value] if isinstance(value, int) else value for value in offered] == payloads
    if message["sources"]:
        why = slack.sources(message, words)
        for post in why:
            assert_slack(post)
        for source in message["sources"]:
            for part in (source["title"], source["says"], source["url"] or ""):
                assert part in read_in_slack(why)
                plain = " ".join(read["teams"].split())
                assert " ".join(part.split()) in plain


def as_document(message, speaker):
    """Return a message of the assistant as the transcript holds it."""
    buttons = [{"title": title, "payload": payload} for title, payload in message.buttons]
    sources = tuple(dict.fromkeys(speaker.source(cite) for cite in message.cites))
    reply = Reply(
        message.text, buttons, message.kind, sources, message.progress, message.asks_feedback, speaker.language
    )
    return {"seq": 7, **reply_entry(reply)}


@pytest.fixture(scope="module", params=LANGUAGES)
def speaker(request, knowledge, wording):
    return Answerer(knowledge, wording, request.param)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("sample", SAMPLES, ids=["sample", "hostile"])
def test_every_response_has_every_form(language, sample, wording, words, draw):
    for key in wording.responses:
        text = filled(wording, key, language, sample)
        if key in ("utter_greet", "utter_goodbye") or sample == HOSTILE:
            check(document(text, language=language, ask_feedback=True), words, draw)
        check(document(text, language=language), words, draw)


@pytest.mark.parametrize("sender,kind", SENDERS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_response_can_be_said_by_staff_and_as_a_notice(sender, kind, language, wording, words, draw):
    for key in wording.responses:
        text = filled(wording, key, language, "Exchange Server")
        check(document(text, language=language, kind=kind, **{"from": sender}), words, draw)


def questions(speaker):
    """Yield every question about every fact, for every product."""
    knowledge = speaker.knowledge
    catalogue = knowledge.catalogue
    products = [None, *catalogue.lines, *catalogue.families, *catalogue.workloads]
    for fact in knowledge.programme.facts:
        for product in products:
            facts = {"product": product} if product else {}
            if fact == "version" and product not in catalogue.lines:
                continue
            if fact == "deployment" and product not in catalogue.families:
                continue
            if fact in ("goal", "product", "competency", "association", "request_kind") and product:
                continue
            if fact in ("competency", "association", "request_kind"):
                continue
            yield speaker.question(fact, facts)
            yield speaker.why(fact, facts) if fact != "goal" else speaker.question("goal", {})


def test_every_question_has_every_form(speaker, words, draw):
    seen = set()
    for message in questions(speaker):
        found = as_document(message, speaker)
        found["at"] = ""
        if repr(found) not in seen:
            seen.add(repr(found))
            check(found, words, draw)
    assert len(seen) > 50


def messages(speaker):
    """Yield the messages of paths to every end: verdicts, what to do, remarks, reasons, every step and what helps at it."""
    programme = speaker.knowledge.programme
    seen = set()
    for on in DAYS:
        for goal in programme.facts["goal"].values:
            for path in walk(goal_tree(programme, goal, on), (("goal", goal),)):
                decision, facts = path.decision, path.facts
                whole = (decision.route, decision.portal, decision.covered_by, decision.reason, decision.preparation)
                if (decision.route, decision.product) in seen and whole in seen:
                    continue
                yield from speaker.decision(decision, facts, note_given=False)
                if whole not in seen:
                    yield speaker.reasons(decision, facts)
                    for index in range(len(speaker.walk(decision, facts))):
                        yield speaker.walk_message(decision, facts, index)
                        yield speaker.stuck_message(decision, facts, index)
                seen |= {whole, (decision.route, decision.product)}


def test_every_answer_and_every_step_has_every_form(speaker, words, draw):
    seen = set()
    for message in messages(speaker):
        if repr(message) not in seen:
            seen.add(repr(message))
            check(as_document(message, speaker), words, draw)
    kinds = {"verdict", "steps", "remarks", "next", "reason", "step", "stuck"}
    assert len(seen) > 100 and all(any(f"kind='{kind}'" in message for message in seen) for kind in kinds)


def test_a_case_with_a_stranger_s_words_has_every_form(speaker, words, draw):
    text = speaker.summary(None, {"product": "exchange", "offer": "gold"}, HOSTILE)
    check(document(text, language=speaker.language, kind="handover"), words, draw)
