"""From a decision to what is said: which responses, with which values, in which order. Decides nothing, holds no words."""

import json
import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Dict, Iterable, List, Mapping, Optional, Tuple

from bot.engine import Decision, Line
from bot.engine.lifecycle import current
from bot.knowledge import shared
from bot.speaker import Button, Message, Speaker, inform
from bot.wording import LANGUAGES, shared_wording

ANSWER = "answer"
START = "start"  # what the button that starts a walk-through names in the place of a step
MOST_SOURCES = 2
# The documents an answer is linked to, if it rests on them; others only when it rests on neither.
MAIN_DOCUMENTS = ("article", "n1_page")


@dataclass(frozen=True)
class Step:
    """One step of a walk-through: its procedure, its id, and the errors known at it."""

    procedure: str
    id: str
    portal: str
    problems: Tuple[str, ...]

    @property
    def name(self) -> str:
        """What tells the step from every other."""
        return f"{self.procedure}/{self.id}"


def of_step(intent: str, step: str) -> str:
    """Return the payload of a button of a walk-through: it names its step, so that it moves no other later on."""
    return f"/{intent}{json.dumps({'step': step})}"


class Answerer(Speaker):
    """Composes final answers, walk-throughs and case summaries."""

    def buttons(self, fact: str, facts: Mapping[str, str], options: Iterable[str] = ()) -> List[Button]:
        """Return the buttons of a question. A version says whose it is: it would be one of another product too."""
        found = super().buttons(fact, facts, options)
        line = self._line(facts) if fact == "version" else None
        if line is None:
            return found
        given = [(title, json.loads(payload[payload.index("{") :])) for title, payload in found]
        return [(title, inform(**values, version_of=line.id)) for title, values in given]

    # Decisions

    def decision(self, decision: Decision, facts: Mapping[str, str], note_given: bool) -> List[Message]:
        """Return the final answer: covered or not and why; what to do; how many incidents, with what must be said."""
        values = self._values(decision, facts)
        messages = [self._verdict(decision, facts, values)]
        steps = self._to_do(decision, values)
        if steps:
            messages.append(steps)
        remarks = self._remarks(decision, values, note_given)
        if remarks:
            messages.append(remarks)
        messages.append(self.next_steps(decision, facts))
        return [message for message in messages if message.text]

    def also_asked(self, intent: Optional[str]) -> Optional[Message]:
        """Return the answer to what was asked besides, None when nothing was, or nothing that an answer settles."""
        entry = self.knowledge.intents.get(intent or "")
        if entry is None or not entry.topic:
            return None
        key = f"utter_topic_{entry.topic}"
        return Message(f"{self.say('utter_also_asked')}\n\n{self.say(key)}", "answer", [], self.cites(key))

    def reasons(self, decision: Decision, facts: Mapping[str, str]) -> Message:
        """Return why the answer is what it is: the numbered facts it rests on, in the words of the source list."""
        verdict = self._verdict(decision, facts, self._values(decision, facts))
        return Message(verdict.text, "reason", [], verdict.cites)

    def next_steps(self, decision: Optional[Decision], facts: Mapping[str, str]) -> Message:
        """Return "what next?" with its buttons."""
        buttons = [(self.say("utter_button_walk"), of_step("affirm", START))] if decision and self.walk(decision, facts) else []
        buttons += [
            (self.say("utter_button_new_request"), "/request_support"),
            (self.say("utter_button_start_over"), "/start_over"),
            (self.say("utter_button_person"), "/request_human"),
        ]
        return replace(self.message("next", "utter_what_next", buttons), asks_feedback=True)

    def _values(self, decision: Decision, facts: Mapping[str, str]) -> Dict[str, Any]:
        """Return everything that a verdict's words may name."""
        catalogue = self.knowledge.catalogue
        names = ("version", "position", "n", "n_minus_1", "end", "qualifying")
        values = {"product": self.product(decision.product or facts.get("product")), **dict.fromkeys(names, "")}
        values["portal_name"], values["portal_link"] = self._place(decision)
        offer = facts.get("offer")
        values["offer"] = self.knowledge.offers[offer].name if offer in self.knowledge.offers else ""
        line = catalogue.lines.get(decision.product or "")
        if line is None:
            return values
        only = next(iter(line.versions)) if len(line.versions) == 1 else None
        version = only or facts.get("version")
        values["version"] = "" if only else self.version(line, version)
        found = decision.eligibility
        values.update(self._current(line, decision))
        if found is not None:
            values["position"] = found.position
            dates = line.versions[version]
            end = dates.mainstream_end or dates.support_end or dates.extended_end
            values["end"] = end or ""
        return values

    def _current(self, line: Line, decision: Decision) -> Dict[str, str]:
        """Return N and N-1 of a line on the day of the decision, and which of the two qualify."""
        found = current(line, decision.on)
        none = self.say("utter_none_known")
        qualifying = self._listed([self.version(line, version) for version in found.qualifying])
        return {
            "n": self.version(line, found.n) or none,
            "n_minus_1": self.version(line, found.n_minus_1) or none,
            "qualifying": qualifying or self.say("utter_none_qualify"),
        }

    def _place(self, decision: Decision) -> Tuple[str, str]:
        """Return the name and the link of the workload's own portal."""
        workload = self.knowledge.catalogue.workloads.get(decision.product or "")
        if workload is None:
            return "", ""
        portal = self.knowledge.portals[workload.portal]
        return portal.name, f"[{portal.name}]({portal.url})" if portal.url else portal.name

    def _verdict(self, decision: Decision, facts: Mapping[str, str], values: Dict[str, str]) -> Message:
        keys = list(self._verdict_keys(decision, facts))
        text = "\n\n".join(self.say(key, **values) for key in keys)
        links = self._links(decision)
        if links:
            text += "\n\n" + self.say("utter_source", links=links)
        return Message(text, "verdict", [], tuple(dict.fromkeys([*decision.cites, *self.cites(*keys)])))

    def _verdict_keys(self, decision: Decision, facts: Mapping[str, str]) -> Iterable[str]:
        """Yield the responses that say covered or not, why, and where to go."""
        if decision.route == ANSWER:
            yield self._answer_key(decision, facts)
            return
        if self._elsewhere(decision):
            yield f"utter_covered_elsewhere_{decision.portal}"
            return
        because = f"utter_because_{facts.get('error')}_{decision.route}"
        if facts.get("goal") == "fix_error":
            yield from (key for key in [because] if key in self.wording)
        elif decision.reason and decision.route != "partner_center_support":
            yield f"utter_not_covered_{decision.reason}"
        elif decision.covered_by:
            yield f"utter_covered_{decision.covered_by}"
            yield from self._why_keys(decision)
        refused = "route/advisory_refused" in decision.rules
        yield "utter_lead_presales_refused" if refused else f"utter_lead_{decision.route}"

    def _elsewhere(self, decision: Decision) -> bool:
        """Say whether the workload is supported by somebody else, whatever the benefit would cover."""
        return decision.covered_by is not None and f"utter_covered_elsewhere_{decision.portal}" in self.wording

    @staticmethod
    def _why_keys(decision: Decision) -> Iterable[str]:
        found = decision.eligibility
        if found is None:
            if decision.covered_by == "signature_cloud_support":
                yield "utter_why_cloud"
        elif found.modern:
            yield "utter_why_modern"
        else:
            yield "utter_why_n" if found.position == "N" else "utter_why_n_minus_1"

    def _answer_key(self, decision: Decision, facts: Mapping[str, str]) -> str:
        goal = self.knowledge.goals[facts["goal"]]
        if goal.by == "error" and (facts["error"] != "version_not_covered" or decision.eligibility is None):
            return f"utter_answer_error_{facts['error']}"
        if goal.by is None:
            return goal.response
        found = decision.eligibility
        if decision.product in self.knowledge.catalogue.workloads:
            return "utter_eligibility_cloud"
        if found is None:
            return "utter_eligibility_which"
        if found.position == "unreleased":
            return "utter_eligibility_unreleased"
        return {
            None: "utter_eligibility_yes",
            "older_than_n_minus_1": "utter_eligibility_no_older",
            "mainstream_support_ended": "utter_eligibility_no_ended",
            "cannot_confirm_lifecycle": "utter_eligibility_unknown",
        }[found.reason]

    def _links(self, decision: Decision) -> str:
        """Return links to the documents that the decision rests on, the first few."""
        sources = self.knowledge.sources
        cited = dict.fromkeys(sources.facts[cite].document for cite in decision.cites if cite in sources.facts)
        documents = [key for key in MAIN_DOCUMENTS if key in cited] or list(cited)
        linked = [sources.documents[key] for key in documents if sources.documents[key].url]
        return ", ".join(f"[{document.title}]({document.url})" for document in linked[:MOST_SOURCES])

    def _to_do(self, decision: Decision, values: Dict[str, str]) -> Optional[Message]:
        """Return what must be done first, then the numbered steps at the place itself."""
        parts: List[str] = []
        cites = [*self.cites(*(f"utter_first_{item}" for item in decision.preparation))]
        if decision.preparation:
            unsure = {"contract_linked", "activated"} & set(decision.unsure)
            heading = "utter_caveat_if_not_done" if unsure else "utter_first_heading"
            first = "\n".join("- " + self.say(f"utter_first_{item}", **values) for item in decision.preparation)
            parts.append(f"{self.say(heading)}\n{first}")
        procedure = self.knowledge.routes[decision.route].procedure
        if procedure and not self._elsewhere(decision):
            heading = "utter_steps_heading" if decision.preparation else "utter_steps_heading_only"
            steps = [
                Step(procedure, step.id, step.portal, tuple(step.problems))
                for step in self.knowledge.procedures[procedure].steps
            ]
            numbered = "\n".join(
                f"{number}. {self.step_text(step, decision, values)}" for number, step in enumerate(steps, start=1)
            )
            parts.append(f"{self.say(heading)}\n{numbered}")
            cites += [cite for step in self.knowledge.procedures[procedure].steps for cite in step.cites]
        if not parts:
            return None
        return Message("\n\n".join(parts), "steps", [], tuple(dict.fromkeys(cites)))

    def _remarks(self, decision: Decision, values: Dict[str, str], note_given: bool) -> Optional[Message]:
        keys = [f"utter_caveat_{caveat}" for caveat in decision.caveats]
        incidents = decision.incidents
        values = {**values, "count": incidents, "other_count": incidents}
        if isinstance(incidents, dict):
            keys.insert(0, "utter_incidents_cloud_both")
            values["other_count"] = incidents["other_competency"]
        elif incidents == "unlimited":
            keys.insert(0, "utter_incidents_cloud_unlimited")
        elif incidents is not None and decision.covered_by == "signature_cloud_support":
            keys.insert(0, "utter_incidents_cloud_other")
        elif incidents is not None:
            keys.insert(0, "utter_incidents_on_premises")
        if not note_given:
            keys.append("utter_programme_note")
        return Message("\n\n".join(self.say(key, **values) for key in keys), "remarks", [], self.cites(*keys)) if keys else None

    # Walk-through

    def walk(self, decision: Decision, facts: Mapping[str, str]) -> List[Step]:
        """Return every step from here to the end: what comes first, then the route's procedure."""
        route = self.knowledge.routes[decision.route]
        goal = self.knowledge.goals.get(facts.get("goal", ""))
        last = route.procedure or (goal.procedure if goal and not decision.preparation else None)
        procedures = [*decision.preparation, *([last] if last else [])]
        return [
            Step(procedure, step.id, step.portal, tuple(step.problems))
            for procedure in procedures
            for step in self.knowledge.procedures[procedure].steps
        ]

    def step_text(self, step: Step, decision: Decision, values: Optional[Dict[str, str]] = None) -> str:
        """Return the words of one step."""
        key = f"utter_step_{step.procedure}_{step.id}"
        variants = [f"{key}_{case}" for case in (decision.covered_by, decision.product) if f"{key}_{case}" in self.wording]
        return self.say([key, *variants][-1], **(values or self._values(decision, {})))

    def walk_message(self, decision: Decision, facts: Mapping[str, str], index: int) -> Message:
        """Return step `index` (from 0) of the walk-through, with done, back and stuck."""
        steps = self.walk(decision, facts)
        step = steps[index]
        text = self.say(
            "utter_walk_step",
            number=index + 1,
            total=len(steps),
            text=self.step_text(step, decision, self._values(decision, facts)),
        )
        if index == 0:
            title = self.say(f"utter_procedure_{steps[-1].procedure}")
            text = self.say("utter_walk_start", title=title, total=len(steps)) + "\n\n" + text
        moves = [("utter_button_done", "affirm"), ("utter_button_stuck", "deny"), ("utter_button_stop", "goodbye")]
        if index:
            moves.insert(1, ("utter_button_back", "go_back"))
        buttons = [(self.say(title), of_step(intent, step.name)) for title, intent in moves]
        procedure = self.knowledge.procedures[step.procedure]
        cites = next(found.cites for found in procedure.steps if found.id == step.id)
        return Message(text, "step", buttons, tuple(cites), progress=(index + 1, len(steps)))

    def stuck_message(self, decision: Decision, facts: Mapping[str, str], index: int) -> Message:
        """Return the problems known at a step, or the offer of a person."""
        step = self.walk(decision, facts)[index]
        person = (self.say("utter_button_person"), "/request_human")
        go_on = (self.say("utter_button_continue"), "/repeat")
        if not step.problems:
            return self.message("stuck", "utter_walk_stuck_none", [go_on, person])
        reports = {entry.implies.get("error"): intent for intent, entry in self.knowledge.intents.items()}
        buttons = [(self.say(f"utter_problem_{problem}"), f"/{reports[problem]}") for problem in step.problems]
        return self.message("stuck", "utter_walk_stuck", [*buttons, go_on, person])

    # The case

    def summary(self, decision: Optional[Decision], facts: Mapping[str, str], problem: Optional[str]) -> str:
        """Return the case in a form to paste: the problem, every fact, the outcome."""
        plain = re.sub(r"([\\\[\]*_#`<>~|!])", r"\\\1", " ".join((problem or "").split()))  # no Markdown of a stranger's
        lines = [self.say("utter_summary_problem", problem=plain)] if plain else []
        for fact in self.knowledge.programme.facts:
            if fact in facts and fact != "request_kind":
                lines.append(f"{self.say(f'utter_fact_{fact}')}: {self.value(fact, facts[fact], facts)}")
        if decision is not None and decision.route:
            name = self.say(f"utter_route_name_{decision.route}")
            reason = (
                self.say(f"utter_not_covered_{decision.reason}", **self._values(decision, facts)) if decision.reason else ""
            )
            lines.append(self.say("utter_summary_outcome", outcome=f"{name}. {reason}".strip(" .") + "."))
        if not lines:
            return ""
        return self.say("utter_summary_intro") + "\n" + "\n".join(f"- {line}" for line in lines)


@lru_cache(maxsize=len(LANGUAGES))
def answerer(language: str) -> Answerer:
    """Return the voice of a language, over the project's knowledge and words."""
    return Answerer(shared(), shared_wording(), language)
