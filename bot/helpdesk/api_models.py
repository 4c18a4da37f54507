"""The documents of the HTTP API, as the OpenAPI description of them and as what a request is checked with."""

from datetime import date
from typing import Any, Dict, List, Literal, Optional, Tuple, Type

from pydantic import BaseModel, Extra, Field, StrictStr, create_model, validator
from pydantic.schema import schema

from bot import __version__
from bot.clock import day
from bot.engine.outcomes import BENEFITS, PREPARATIONS, REASONS, ROUTES
from bot.helpdesk.assist import LONGEST_TEXT
from bot.knowledge import shared
from bot.wording import LANGUAGES

COMPONENTS = "#/components/schemas/"
ASSIST, DESCRIPTION = "/api/assist", "/api/openapi.json"
DAY = r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
Language = Literal["en", "nl"]
assert set(Language.__args__) == set(LANGUAGES)  # type: ignore[attr-defined]


def nullable(text: str, **more: Any) -> Any:
    """Return a field that may be null."""
    return Field(None, description=text, nullable=True, **more)


class Given(BaseModel):
    """What a request may hold: an entry that is not known is an error."""

    class Config:
        """Strict."""

        extra = Extra.forbid


def _facts() -> Type[BaseModel]:
    """Return the model of facts that staff set: a value of each, or null for what is not known after all."""
    programme = shared().programme
    fields: Dict[str, Tuple[Any, Any]] = {}
    for fact in programme.facts:
        values = programme.values(fact, {})
        fields[fact] = (Optional[Literal[values]], nullable(f'The fact "{fact}".'))  # type: ignore[valid-type]
    made = create_model("Facts", __base__=Given, **fields)  # type: ignore[call-overload]
    made.__doc__ = "Facts that staff set or corrected. They count instead of what the text says; null makes one unknown."
    return made


Facts = _facts()


class AssistRequest(Given):
    """A partner's text, and what is known besides."""

    text: StrictStr = Field(
        ..., min_length=1, max_length=LONGEST_TEXT, description="The mail or ticket. Secrets are taken out."
    )
    language: Optional[Language] = nullable("The partner's language; the one of the text by default.")
    facts: Facts = Field(default_factory=Facts)  # type: ignore[valid-type]
    on: Optional[StrictStr] = nullable("The day to decide for (YYYY-MM-DD); today by default.", regex=DAY, format="date")

    @validator("facts", pre=True)
    def is_object(cls, given: Any) -> Any:
        """Refuse what is no object: an empty list would pass for one."""
        if not isinstance(given, dict):
            raise ValueError("must be an object of facts")
        return given

    @validator("on")
    def is_day(cls, given: Optional[str]) -> Optional[str]:
        """Take a day of the calendar."""
        if given is not None:
            day(given)
        return given

    @property
    def day(self) -> Optional[date]:
        """The day, None for today."""
        return date.fromisoformat(self.on) if self.on else None


class StretchDocument(BaseModel):
    """Characters of the text, and what they are."""

    start: int = Field(..., ge=0)
    end: int = Field(..., ge=0)
    kind: Literal["said", "log", "quoted", "signature"]


class FoundDocument(BaseModel):
    """A fact. `start` and `end` are characters (Unicode code points) of the text; null for what follows from the rest."""

    fact: str
    value: str
    label: str
    shown: str
    start: Optional[int] = nullable("Where it begins.")
    end: Optional[int] = nullable("Where it ends.")
    by_staff: bool


class OptionDocument(BaseModel):
    """One of the products of which it is not clear which one is meant."""

    product: str
    shown: str
    version: Optional[str] = nullable("The version that was named for it.")
    start: Optional[int] = nullable("Where it begins.")
    end: Optional[int] = nullable("Where it ends.")


class MissingDocument(BaseModel):
    """A question that can still change the outcome. `is_next`: it is asked whatever the other answers are."""

    fact: str
    label: str
    question: str
    choices: List[str]
    is_next: bool


class DecisionDocument(BaseModel):
    """The decision, as `triage decide --json` prints it."""

    route: Literal[ROUTES]  # type: ignore[valid-type]
    covered_by: Optional[Literal[BENEFITS]] = nullable("The benefit that covers it.")  # type: ignore[valid-type]
    reason: Optional[Literal[REASONS]] = nullable("Why none does.")  # type: ignore[valid-type]
    preparation: List[Literal[PREPARATIONS]]  # type: ignore[valid-type]
    portal: Optional[str] = nullable("Where the request is opened.")
    incidents: Any = Field(
        None, description='A number, "unlimited", both numbers by kind of competency, or null.', nullable=True
    )
    next_question: Optional[str] = nullable("Always null here.")
    rules: List[str]
    cites: List[str]


class AssistedDocument(BaseModel):
    """What was found. Every offset is of `text`, which holds no secrets. `questions` and `reply` are mails in Markdown."""

    text: str
    redacted: List[str]
    language: Language
    intent: Optional[str] = nullable("What the text most likely means.")
    is_sure: bool
    parts: List[StretchDocument]
    problem: str
    error_text: str
    facts: List[FoundDocument]
    options: List[OptionDocument]
    missing: List[MissingDocument]
    questions: Optional[str] = nullable("The missing questions, ready to send; null when there is none.")
    decision: Optional[DecisionDocument] = nullable("Null while a question is open.")
    reply: Optional[str] = nullable("A reply to the partner; null while a question is open.")


class RefusalDocument(BaseModel):
    """Why a request is not taken: a word for programs, a sentence for people."""

    error: str
    message: str
    retry_after: Optional[float] = Field(None, description="Seconds to wait, where waiting helps.")


REFUSALS = {
    "400": "The body is not a JSON object.",
    "401": "There is no token, or none that is known.",
    "413": "The body is too large.",
    "415": "The body is not application/json.",
    "422": "Something in the body cannot be used; the message says what.",
    "429": "Too many requests; Retry-After says how many seconds to wait.",
}


def description() -> Dict[str, Any]:
    """Return the OpenAPI 3.0 description of the API."""
    models = [AssistRequest, AssistedDocument, RefusalDocument]
    schemas = _for_openapi(schema(models, ref_prefix=COMPONENTS)["definitions"])

    def answer(text: str, model: Type[BaseModel]) -> Dict[str, Any]:
        content = {"application/json": {"schema": {"$ref": COMPONENTS + model.__name__}}}
        return {"description": text, "content": content}

    refusals = {status: answer(text, RefusalDocument) for status, text in REFUSALS.items()}
    wait = {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}
    refusals["429"]["headers"] = {"Retry-After": wait}
    assist = {
        "operationId": "assist",
        "summary": "Read a partner's text: facts, open questions, decision, drafted reply.",
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": COMPONENTS + "AssistRequest"}}},
        },
        "responses": {"200": answer("What was found.", AssistedDocument), **refusals},
    }
    described = {
        "operationId": "description",
        "summary": "Return this description.",
        "security": [],
        "responses": {
            "200": {"description": "The description.", "content": {"application/json": {"schema": {"type": "object"}}}}
        },
    }
    return {
        "openapi": "3.0.3",
        "info": {"title": "Partner support triage", "version": __version__, "description": "Assist mode of the helpdesk."},
        "paths": {ASSIST: {"post": assist}, DESCRIPTION: {"get": described}},
        "components": {"schemas": schemas, "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
        "security": [{"token": []}],
    }


def _for_openapi(node: Any) -> Any:
    """Return a JSON Schema as OpenAPI 3.0 writes it: null is one of the values of what may be null, and in no type."""
    if isinstance(node, list):
        return [_for_openapi(item) for item in node]
    if not isinstance(node, dict):
        return node
    made = {key: _for_openapi(value) for key, value in node.items()}
    if made.get("nullable") is True and isinstance(made.get("enum"), list):
        made["enum"] = [*made["enum"], None]
    return made
