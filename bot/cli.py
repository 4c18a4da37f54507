"""The `triage` command. Every command has --help; --json prints one JSON document (or one a line) and nothing else."""

import json
import sys
from datetime import date
from functools import lru_cache
from importlib import import_module
from typing import Any, Dict, Iterator, List, Optional, TextIO, Tuple

import click

from bot import __version__
from bot.cli_platforms import check_channels, slack_manifest_command, teams_package_command
from bot.clock import day, today
from bot.engine import Line, UnusableFacts, Workload, decide, eligibility
from bot.engine.catalogue import slug
from bot.engine.errors import did_you_mean
from bot.given import printable, read_object

UNUSABLE = 2  # exit status for input that cannot be used
LONGEST_MESSAGE = 400  # characters
REMEMBERED = 100_000  # decisions
STREAM = "-"


class Day(click.ParamType):
    """A date, YYYY-MM-DD."""

    name = "date"

    def convert(self, value: Any, param: Any, context: Any) -> date:
        """Return the date, or refuse with the remedy."""
        return value if isinstance(value, date) else day(value)


# Commands that load much, so only when they are wanted: where each is.
ELSEWHERE = {
    "assist": ("bot.cli_assist", "assist_command"),
    "staff": ("bot.helpdesk.cli", "staff_group"),
    "purge": ("bot.cli_records", "purge_command"),
    "export": ("bot.cli_records", "export_command"),
    "erase": ("bot.cli_records", "erase_command"),
}


class Commands(click.Group):
    """Turns input that cannot be used into one line on standard error and exit status 2."""

    def list_commands(self, context: click.Context) -> List[str]:
        """Return the names of all commands."""
        return sorted([*super().list_commands(context), *ELSEWHERE])

    def get_command(self, context: click.Context, name: str) -> Optional[click.Command]:
        """Return a command, None when there is none of that name."""
        if name not in ELSEWHERE:
            return super().get_command(context, name)
        module, attribute = ELSEWHERE[name]
        found: click.Command = getattr(import_module(module), attribute)
        return found

    def invoke(self, context: click.Context) -> Any:
        """Run the command."""
        from bot.knowledge.loader import BrokenKnowledgeBase

        try:
            today()  # a wrong TRIAGE_ON is said once, here
            return super().invoke(context)
        except OSError as error:
            raise SystemExit(refuse(f"{error.filename or 'the output'}: {error.strerror}")) from None
        except UnusableFacts as error:
            raise SystemExit(refuse(str(error))) from None
        except BrokenKnowledgeBase as error:
            for problem in error.problems:
                click.echo(printable(f"ERROR bot/knowledge/{problem}"), err=True)
            raise SystemExit(UNUSABLE) from None


def refuse(message: str) -> int:
    """Say in one line what cannot be used; return the exit status for it."""
    click.echo(f"triage: {printable(message)[:LONGEST_MESSAGE]}", err=True)
    return UNUSABLE


def emit(document: Any) -> None:
    """Print one JSON document on a line."""
    click.echo(json.dumps(document, ensure_ascii=False))


def standard_input() -> TextIO:
    """Return standard input, with bytes that are no UTF-8 replaced. Raises UnusableFacts when there is none."""
    if sys.stdin is None:
        raise UnusableFacts("there is no standard input to read")
    if hasattr(sys.stdin, "reconfigure"):
        sys.stdin.reconfigure(errors="replace")
    return sys.stdin


def _lines(source: TextIO) -> Iterator[Tuple[int, str]]:
    """Yield the lines with their numbers, empty ones too, but for those that only end the input."""
    empty: List[Tuple[int, str]] = []
    for number, line in enumerate(source, start=1):
        if line.strip():
            yield from empty
            empty = []
            yield number, line
        else:
            empty.append((number, line))


def answer_stream(source: TextIO, answer: Any) -> int:
    """Answer each line of JSON with a line of JSON, an unusable one with {"error": ...}; return the exit status."""
    status = 0
    for number, line in _lines(source):
        try:
            emit(answer(read_object(line, f"line {number}")))
        except UnusableFacts as error:
            emit({"error": str(error)})
            status = UNUSABLE
    return status


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="triage")
def main() -> None:
    """Support triage for members of the Microsoft Partner Network."""


@main.command("decide")
@click.option(
    "--facts", "given", required=True, metavar="JSON", help='The facts known, as a JSON object; "-" reads one a line.'
)
@click.option("--on", type=Day(), default=None, help="The day to decide for (YYYY-MM-DD); today by default.")
@click.option("--json", "as_json", is_flag=True, help="Print the decision as JSON.")
def decide_command(given: str, on: Optional[date], as_json: bool) -> None:
    """Decide what facts lead to, or which fact to ask next."""
    from bot.knowledge import shared

    programme = shared().programme
    when = on or today()
    if given == STREAM:
        # The same facts come again and again in a stream, and finding out which question matters takes the longest.
        remembered = lru_cache(maxsize=REMEMBERED)(lambda known: decide(programme, dict(known), when).document())

        def answer(facts: Dict[str, Any]) -> Dict[str, Any]:
            programme.check(facts)
            return remembered(tuple(sorted(facts.items())))

        sys.exit(answer_stream(standard_input(), answer))
    facts = read_object(given, "--facts")
    decision = decide(programme, facts, when)
    if as_json:
        emit(decision.document())
        return
    if decision.next_question:
        click.echo(f"next question: {decision.next_question}")
    for name, value in decision.document().items():
        if value not in (None, []) and name != "next_question":
            click.echo(f"{name}: {', '.join(value) if isinstance(value, list) else value}")


def eligible(product: Any, version: Any, on: date) -> Dict[str, Any]:
    """Return the N-1 answer as the JSON document of `triage eligible`. Raises UnusableFacts."""
    from bot.knowledge import shared

    catalogue = shared().catalogue
    if not isinstance(product, str) or not isinstance(version, str):
        raise UnusableFacts('"product" and "version" must both be given, as strings')
    key = slug(product)
    if key not in catalogue.product_ids:
        raise UnusableFacts(f'unknown product "{product}"; {did_you_mean(key, catalogue.product_ids)}')
    line = catalogue.lines.get(key) or catalogue.resolve(key, "on_premises")
    if isinstance(line, Workload):
        raise UnusableFacts(f'"{key}" is a cloud product; N and N-1 are for on-premises products only (R9)')
    assert isinstance(line, Line)
    version_id = slug(version) if slug(version) in line.versions else line.version_named(version)
    if version_id is None:
        raise UnusableFacts(f'"{key}" has no version "{version}"; {did_you_mean(slug(version), line.versions)}')
    found = eligibility(line, version_id, on)
    return {
        "eligible": found.eligible,
        "position": found.position,
        "reason": found.reason,
        "mainstream_end": found.mainstream_end.isoformat() if found.mainstream_end else None,
        "n": found.n,
        "n_minus_1": found.n_minus_1,
        "cites": list(found.cites),
    }


@main.command("eligible")
@click.argument("product")
@click.argument("version", required=False)
@click.option("--on", type=Day(), default=None, help="The day to answer for (YYYY-MM-DD); today by default.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
def eligible_command(product: str, version: Optional[str], on: Optional[date], as_json: bool) -> None:
    """Say whether VERSION of PRODUCT is N or N-1 and in mainstream support. "-" reads {"product","version","on"} a line."""
    when = on or today()
    if product == STREAM:
        sys.exit(
            answer_stream(
                standard_input(),
                lambda asked: eligible(
                    asked.get("product"), asked.get("version"), day(asked["on"]) if asked.get("on") is not None else when
                ),
            )
        )
    if version is None:
        raise UnusableFacts("name the version too: triage eligible PRODUCT VERSION")
    found = eligible(product, version, when)
    if as_json:
        emit(found)
        return
    verdict = {True: "yes", False: "no", None: "cannot confirm"}[found["eligible"]]
    click.echo(f"{verdict} ({found['position']}{', ' + found['reason'] if found['reason'] else ''})")
    click.echo(f"N: {found['n']}, N-1: {found['n_minus_1']}, mainstream support until: {found['mainstream_end']}")


@main.command("check")
@click.option("--channels", is_flag=True, help="Say instead what Slack and Teams need, and where to get it.")
@click.option("--json", "as_json", is_flag=True, help="With --channels: print one JSON document for each.")
def check_command(channels: bool, as_json: bool) -> None:
    """Validate knowledge, domain, training data and translations; or the set-up of the channels."""
    from bot.check import problems

    if channels:
        sys.exit(0 if check_channels(as_json) else UNUSABLE)
    found = problems()
    for problem in found:
        click.echo(printable(f"ERROR {problem}"))
    if found:
        sys.exit(UNUSABLE)
    click.echo("knowledge, responses and training data are sound")


@main.command("draw")
@click.option(
    "--to", "folder", type=click.Path(file_okay=False), default=None, help="Where to write; docs/flows by default."
)
def draw_command(folder: Optional[str]) -> None:
    """Write the flow charts (SVG) from the enumerated paths."""
    from bot.draw import write_charts

    for path in write_charts(folder):
        click.echo(path)


# The commands that need Rasa are loaded when they are called: importing it takes many seconds.


@main.command("train")
def train_command() -> None:
    """Train the model, showing progress."""
    from bot.talk import train_with_progress

    train_with_progress()


@main.command("chat")
@click.option("--on", type=Day(), default=None, help="The day to answer for (YYYY-MM-DD); today by default.")
def chat_command(on: Optional[date]) -> None:
    """Talk to the assistant in the terminal. Trains first when the model is missing or stale."""
    from bot.talk import chat

    standard_input()  # bytes that are no text do not end the talk
    chat(on)


@main.command("serve")
@click.option("--port", type=click.IntRange(0, 65535), default=5005, show_default=True, help="The port to listen on.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--database",
    default=None,
    help="A SQLite file, or an address postgresql://...; TRIAGE_DATABASE or conversations.db by default.",
)
def serve_command(port: int, host: str, database: Optional[str]) -> None:
    """Serve the assistant on one port. Trains first when the model is missing or stale. Settings: channels.yml, helpdesk.yml."""
    from bot.server import serve

    serve(host, port, database)


@main.command("parse")
@click.option("--asked", default=None, metavar="FACT", help="The question that is open.")
@click.option("--json", "as_json", is_flag=True, help="Print each reading as JSON.")
def parse_command(asked: Optional[str], as_json: bool) -> None:
    """Read one text a line on standard input and say how the trained model understands it."""
    from bot.talk import parse_lines

    for reading in parse_lines(standard_input(), asked):
        if as_json:
            emit(reading)
        else:
            entities = ", ".join(f"{entity['entity']}={entity['value']}" for entity in reading["entities"])
            click.echo(
                f"{reading['text']}\n  {reading['language']}  {reading['intent']} {reading['confidence']:.2f} "
                f"({reading['decision']})  {entities}"
            )


@main.command("converse")
@click.argument("script", type=click.Path(exists=False, dir_okay=False))
@click.option("--on", type=Day(), default=None, help="The day to answer for (YYYY-MM-DD); today by default.")
@click.option("--json", "as_json", is_flag=True, help="Print the conversation and its outcome as JSON.")
def converse_command(script: str, on: Optional[date], as_json: bool) -> None:
    """Play the user messages in SCRIPT (a YAML list) through the real assistant."""
    from bot.talk import converse, show_conversation

    played = converse(script, on)
    if as_json:
        emit(played)
    else:
        show_conversation(played)


@main.command("evaluate")
@click.argument("sentences", metavar="PATH", type=click.Path(exists=False))
@click.option(
    "--to", "folder", type=click.Path(file_okay=False), default="results", show_default=True, help="Where to write."
)
@click.option(
    "--report", "report_file", type=click.Path(dir_okay=False), default=None, help="Write a report in Markdown here too."
)
@click.option("--json", "as_json", is_flag=True, help="Print the scores as JSON.")
def evaluate_command(sentences: str, folder: str, report_file: Optional[str], as_json: bool) -> None:
    """Score labelled messages: JSON lines in the file PATH, or in every *.jsonl below the folder PATH.

    Writes scores.json, tables and pictures. What a line holds: docs/how-to/label-a-sentence.md.
    """
    from bot.evaluation import evaluate, show_scores

    scores = evaluate(sentences, folder, report_file)
    if as_json:
        emit(scores)
    else:
        show_scores(scores)


@main.command("review")
@click.option(
    "--from", "source", type=click.Path(), default=None, help="The SQLite file; that of `triage serve` by default."
)
@click.option(
    "--write", "written", type=click.Path(dir_okay=False), default=None, help="Write a file to label in an editor."
)
@click.option("--accept", "labelled", type=click.Path(dir_okay=False), default=None, help="Learn the labels in this file.")
@click.option("--limit", type=click.IntRange(min=1), default=None, help="Show at most so many messages.")
@click.option("--again", is_flag=True, help="Show what was reviewed before too.")
def review_command(
    source: Optional[str], written: Optional[str], labelled: Optional[str], limit: Optional[int], again: bool
) -> None:
    """Label the messages of real conversations that were not understood, alike ones together, as training data.

    Secrets are taken out of what is shown and written. Asks in the terminal; --write and --accept go by way of a file.
    """
    from bot.review.command import accept_labels, review

    if written is not None and labelled is not None:
        raise click.UsageError("--write makes a file and --accept reads one; give one of them")
    if labelled is not None:
        sys.exit(accept_labels(labelled, source))
    if written is None:
        standard_input()  # bytes that are no text do not end the review
    sys.exit(review(source, written, limit, again))


main.add_command(slack_manifest_command)
main.add_command(teams_package_command)
