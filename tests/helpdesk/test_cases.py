"""What becomes a case, and what becomes of it: on both databases."""

import asyncio
import threading

import pytest

from bot.channels.message import Reply, Situation
from bot.channels.transcript import Transcript
from bot.helpdesk import cases
from bot.helpdesk.cases import Cases, Taken, Wanted
from bot.helpdesk.desk import HelpDesk
from bot.helpdesk.hours import Hours
from bot.helpdesk.settings import HoursSettings
from bot.helpdesk.tables import staff
from bot.wording import shared_wording

DECISION = {"route": "support_for_business", "reason": None, "covered_by": "microsoft_product_support"}
FACTS = {"goal": "open_request", "product": "exchange_server", "version": "subscription_edition"}
VERDICT, HANDOVER, QUESTION = Reply("Yes.", kind="verdict"), Reply("A person.", kind="handover"), Reply("Which?", kind="question")


class House:
    """The transcript and the desk over one database."""

    def __init__(self, database, contact=""):
        self.database = database
        self.transcript = Transcript(database)
        self.announced = []
        self.desk = HelpDesk(
            Hours(HoursSettings()), contact, shared_wording().text, lambda on, event, case: self.announced.append((event, case))
        )
        self.cases = Cases(database)

    def turn(self, text, *replies, conversation="widget-1", facts=FACTS, decision=None, misses=0, language="en"):
        return asyncio.run(self._turn(text, replies, conversation, facts, decision, misses, language))

    async def _turn(self, text, replies, conversation, facts, decision, misses, language):
        await self.transcript.create(conversation, conversation.partition("-")[0], language)
        said = {"id": f"id-{abs(hash(text))}", "from": "person", "kind": "said", "language": language, "text": text, "at": "2026-11-30T10:00:00"}
        await self.transcript.accept(conversation, f"id-{abs(hash(text))}", said, None)
        waiting = await self.transcript.waiting(conversation)
        situation = Situation(language, facts, None, decision, text, misses)
        shown = [{"from": "assistant", "kind": reply.kind, "text": reply.text, "language": language} for reply in replies]
        await self.transcript.answer(
            conversation, waiting.seq, shown, language, lambda on, talk: self.desk.answered(on, talk, replies, situation, True)
        )
        return await self.transcript.after(conversation, 0)

    def look(self, **wanted):
        found, total = asyncio.run(self.cases.look_for(Wanted(**wanted)))
        assert len(found) == total
        return found

    def do(self, work):
        return self.database.write_now(work)

    def member(self, name, role="agent"):
        values = {"login": name, "name": name.title(), "role": role, "is_active": True, "failures": 0, "created_at": 0.0}
        return self.do(lambda on: on.execute(staff.insert().values(**values)).inserted_primary_key[0])


@pytest.fixture
def house(database):
    return House(database)


def test_a_conversation_without_a_decision_is_no_case(house):
    house.turn("hello", QUESTION)
    assert house.look() == [] and house.announced == []


def test_a_decision_makes_a_case_with_its_facts_and_reasons(house):
    house.turn("exchange is down", VERDICT, decision=DECISION)
    (case,) = house.look()
    assert (case.state, case.reasons, case.route, case.facts) == ("open", ("decided",), "support_for_business", FACTS)
    assert case.decision == DECISION and case.problem == "exchange is down" and case.waiting_since is None
    assert house.announced == [("case_opened", case.id)]


@pytest.mark.parametrize("language, says", [("en", "as case **T-00001**"), ("nl", "als melding **T-00001**")])
def test_who_asks_for_a_person_is_told_the_number_and_when_an_answer_comes(house, language, says):
    said = house.turn("a person please", HANDOVER, language=language)
    (case,) = house.look(reason="asked_for_person")
    assert case.waiting_since is not None
    assert said[-1]["from"] == "system" and says in said[-1]["text"] and "{" not in said[-1]["text"]


def test_how_else_the_helpdesk_is_reached_is_told_when_it_is_known(database):
    said = House(database, contact="+31 20 123").turn("a person", HANDOVER)
    assert "+31 20 123" in said[-1]["text"]


def test_two_misses_in_a_row_make_a_case_and_one_does_not(house):
    house.turn("qwerty", Reply("Sorry?"), facts={}, misses=1)
    assert house.look() == []
    house.turn("asdf", Reply("Sorry?"), facts={}, misses=2)
    assert [case.reasons for case in house.look()] == [("failed_twice",)]


def test_a_bad_rating_makes_a_case_and_a_good_one_does_not(house):
    for conversation, helped in (("widget-1", True), ("widget-2", False)):
        house.turn("hi", QUESTION, conversation=conversation)
        talk = asyncio.run(house.transcript.conversation(conversation))
        house.do(lambda on: house.desk.rated(on, talk, helped))
    assert [(case.conversation, case.reasons, case.helped) for case in house.look()] == [("widget-2", ("rated_badly",), False)]


def test_one_conversation_is_one_case_whatever_happens_in_it(house):
    house.turn("one", VERDICT, decision=DECISION)
    house.turn("two", HANDOVER, decision=DECISION)
    house.turn("three", VERDICT, decision={**DECISION, "route": "paid_support"})
    (case,) = house.look()
    assert case.reasons == ("asked_for_person", "decided") and case.route == "paid_support"
    assert house.announced == [("case_opened", case.id)]


def test_a_case_that_is_claimed_is_nobody_elses_and_a_lead_may_take_it(house):
    ann, bob = house.member("ann"), house.member("bob")
    house.turn("x", VERDICT, decision=DECISION)
    (case,) = house.look()
    assert house.do(lambda on: cases.claim(on, case.id, ann)).holder_name == "Ann"
    with pytest.raises(Taken, match="Ann"):
        house.do(lambda on: cases.claim(on, case.id, bob))
    with pytest.raises(Taken):
        house.do(lambda on: cases.set_state(on, case.id, bob, "solved"))
    assert house.do(lambda on: cases.claim(on, case.id, bob, by_force=True)).holder == bob


def test_of_many_who_claim_one_case_at_once_one_gets_it(house):
    people = [house.member(f"agent{number}") for number in range(8)]
    house.turn("x", VERDICT, decision=DECISION)
    (case,) = house.look()
    got, barrier = [], threading.Barrier(len(people))

    def try_it(person):
        barrier.wait()
        try:
            house.do(lambda on: cases.claim(on, case.id, person))
            got.append(person)
        except Taken:
            pass

    threads = [threading.Thread(target=try_it, args=(person,)) for person in people]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(got) == 1 and house.look()[0].holder == got[0]


def test_a_solved_case_opens_again_when_the_partner_asks_again(house):
    ann = house.member("ann")
    house.turn("x", VERDICT, decision=DECISION)
    house.do(lambda on: cases.claim(on, 1, ann))
    assert house.do(lambda on: cases.set_state(on, 1, ann, "solved")).solved_at is not None
    house.turn("not solved at all", HANDOVER, decision=DECISION)
    (case,) = house.look(states=["open"])
    assert case.holder is None and case.solved_at is None and case.waiting_since is not None


def test_cases_are_found_by_words_of_the_transcript_notes_tags_and_facts(house):
    ann = house.member("ann")
    house.turn("the Transportdienst hält plötzlich an", VERDICT, decision=DECISION)
    house.turn("sql is slow", VERDICT, conversation="slack-2", decision={**DECISION, "route": "paid_support"}, facts={"product": "sql_server"})
    house.do(lambda on: cases.add_note(on, 1, ann, "called Contoso"))
    house.do(lambda on: cases.tag(on, 2, ann, [" VIP ", "vip", "Big  One"]))
    for text, expected in [
        ("transportd", [1]), ("CONTOSO", [1]), ("big vip", [2]), ("exchange server", [1]), ("T-00002", [2]), ("nothing here", []),
        ("sql contoso", []), ('"; DROP TABLE x; --', []), ("'", []), ("sql* OR exchange", []), ("hält", [1]), ("HALT", [1]),
    ]:  # fmt: skip
        assert [case.id for case in house.look(text=text)] == expected, text
    assert [case.id for case in house.look(tag="big one")] == [2]
    assert [case.id for case in house.look(channel="slack")] == [2] and house.look(route="azure_portal") == []


def test_those_who_wait_for_a_person_come_first_and_the_longest_of_them_first(house):
    for number, reply in enumerate((VERDICT, HANDOVER, HANDOVER, VERDICT), start=1):
        house.turn("x", reply, conversation=f"widget-{number}", decision=DECISION)
    assert [case.id for case in house.look()] == [2, 3, 4, 1]


def test_signs_that_stand_for_many_words_do_not_grow_out_of_the_index(house):
    for number in range(3):
        house.turn("\ufdfa \u3316 " * 600 + f"word{number}", VERDICT, decision=DECISION)
    house.turn(" ".join(chr(0x4E00 + place) * 3 for place in range(20_000)), VERDICT, decision=DECISION)
    (case,) = house.look(text="exchange")
    ann = house.member("ann")
    assert house.do(lambda on: cases.claim(on, case.id, ann)).holder == ann


def test_a_case_that_waits_for_the_partner_is_staffs_turn_when_the_partner_writes(house):
    ann = house.member("ann")
    house.turn("x", VERDICT, decision=DECISION)
    house.do(lambda on: cases.set_state(on, 1, ann, "waiting"))
    house.turn("here it is", QUESTION, decision=DECISION)
    (case,) = house.look()
    assert case.state == "claimed" and case.holder == ann and case.waiting_since is not None


def test_the_tags_of_anothers_case_stay(house):
    ann, bob = house.member("ann"), house.member("bob")
    house.turn("x", VERDICT, decision=DECISION)
    house.do(lambda on: cases.claim(on, 1, ann))
    with pytest.raises(Taken):
        house.do(lambda on: cases.tag(on, 1, bob, ["mine"]))


@pytest.mark.parametrize("given", [["x" * 41], [str(number) for number in range(13)]])
def test_too_long_and_too_many_tags_are_refused(house, given):
    house.turn("x", VERDICT, decision=DECISION)
    with pytest.raises(ValueError, match="at most"):
        house.do(lambda on: cases.tag(on, 1, 0, given))


def test_the_mark_differs_after_every_change(house):
    marks = [asyncio.run(house.cases.mark())]
    house.turn("x", VERDICT, decision=DECISION)
    marks.append(asyncio.run(house.cases.mark()))
    ann = house.member("ann")
    house.do(lambda on: cases.claim(on, 1, ann))
    marks.append(asyncio.run(house.cases.mark()))
    assert len(set(marks)) == 3
