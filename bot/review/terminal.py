"""The review in the terminal: one message at a time, its label typed by a person, kept at once."""

from typing import List, NamedTuple, Optional, Sequence, Union

import click

from bot.engine.errors import did_you_mean
from bot.given import number, printable
from bot.review.candidates import Candidate, short
from bot.review.session import Review
from bot.review.training import FILES, Label

HELP = "a number or an intent (add en or nl if the language is wrong), s skip, a the rest of the group, ? intents, q stop"
SKIP, STOP, ALL, SHOW = "s", "q", "a", "?"


class Choice(NamedTuple):
    """A label: the intent, and the language where the person gave one."""

    intent: str
    language: Optional[str] = None


def ask(review: Review, groups: Sequence[Sequence[Candidate]]) -> None:
    """Go through the groups until they end or the person stops. What was labelled is in the training data already."""
    click.echo(f"Type {HELP}.")
    for place, group in enumerate(groups, start=1):
        times = sum(one.times for one in group)
        click.echo(f"\nGroup {place} of {len(groups)}: {len(group)} different messages, typed {times} times")
        if not _ask_group(review, group):
            break
    click.echo(f"\n{review.summary()}")


def _ask_group(review: Review, group: Sequence[Candidate]) -> bool:
    """Ask for the label of each message; return False when the person stops."""
    left = list(group)
    while left:
        show(left[0])
        shown = left[0]
        while left and left[0] is shown:
            typed = _typed("label")
            if typed == STOP:
                return False
            if typed == SKIP:
                review.remember([shown.text])
                left = left[1:]
            elif typed == SHOW:
                click.echo("  " + ", ".join(review.intents))
            else:
                left = _answer(review, left, typed)
    return True


def _answer(review: Review, left: Sequence[Candidate], typed: str) -> List[Candidate]:
    """Label the first message, or all that are left; return those that still have no label."""
    for_all = typed.split(" ")[0] == ALL
    if for_all:
        typed = typed[1:].strip() or _typed("label for all of them")
    chosen = choice(typed, left[0], review.intents)
    if not isinstance(chosen, Choice):
        click.echo(f"  {chosen}")
        return list(left)
    labelled = left if for_all else left[:1]
    refused = _learn(review, labelled, chosen)
    return [*refused, *left[len(labelled) :]]


def choice(typed: str, one: Candidate, intents: Sequence[str]) -> Union[Choice, str]:
    """Return the label that a person typed for a message, or what is wrong with it."""
    words = typed.split()
    language = words.pop() if len(words) > 1 and words[-1] in FILES else None
    name = words[0] if len(words) == 1 else " ".join(words)
    if name.isdecimal():
        chosen = number(name) or 0
        if 1 <= chosen <= len(one.suggested):
            return Choice(one.suggested[chosen - 1], language)
        return f"{short(name)} is no number of a suggestion; type {HELP}"
    if name in intents:
        return Choice(name, language)
    name = printable(short(name))
    return f'"{name}" is no intent; {did_you_mean(name, intents)}' if name else f"type {HELP}"


def _learn(review: Review, messages: Sequence[Candidate], chosen: Choice) -> List[Candidate]:
    """Learn the messages that nothing speaks against; say why not of the others, and return them."""
    labels = [Label(one.text, chosen.language or one.language, chosen.intent) for one in messages]
    if not review.compared:
        click.echo("  Comparing with the evaluation sentences; the first time takes a while ...")
    refusals = review.refusals(labels)
    good = [label for label, why in zip(labels, refusals) if why is None]
    new = review.learn(good)
    if good:
        known = f", {len(good) - new} stood there already" if new < len(good) else ""
        click.echo(f"  {chosen.intent}: {new} added{known}")
    for label, why in zip(labels, refusals):
        if why is not None:
            click.echo(f'  not added: "{label.text}": {why}')
    return [one for one, why in zip(messages, refusals) if why is not None]


def show(one: Candidate) -> None:
    """Print a message with what stood around it."""
    click.echo(f"\n  {one.text}  ({one.language})")
    for line in context(one):
        click.echo(f"    {line}")
    for place, intent in enumerate(one.suggested, start=1):
        click.echo(f"    {place} {intent}{' (chosen by the person)' if intent == one.suggestion else ''}")


def context(one: Candidate) -> List[str]:
    """Return in lines why a message is shown and what stood around it."""
    lines = [", ".join(one.why) + (f"; {one.times} times" if one.times > 1 else "")]
    if one.asked:
        lines.append(f"asked for: {one.asked}")
    if one.before:
        lines.append(f"before: {one.before}")
    lines.append("read as: " + (", ".join(f"{name} {confidence:.2f}" for name, confidence in one.read) or "nothing"))
    return lines + [f"after, {part}" for part in one.after]


def _typed(question: str) -> str:
    """Return what the person typed; the end of the input, or Ctrl+C, stops."""
    try:
        return click.prompt(question, prompt_suffix="> ", default="", show_default=False).strip()
    except click.Abort:
        click.echo()
        return STOP
