"""Full-text search over cases: SQLite's FTS5 or PostgreSQL's text search, one index with the words of each case."""

import re
import unicodedata
from typing import Any, Iterator, List, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

MOST_WORDS = 12  # of a search
LONGEST_QUERY = 1_000  # characters
LONGEST_INDEXED = 100_000  # characters of a case, before they are taken apart
LONGEST_WORD, MOST_BYTES = 60, 250_000  # of what is indexed: PostgreSQL takes a megabyte, with places and all
WORD = re.compile(r"[^\W_]+", re.UNICODE)


def words(text: str) -> List[str]:
    """Return the words of a text as they are searched: small letters without accents, cut alike for both databases."""
    plain = unicodedata.normalize("NFKD", text.lower()[:LONGEST_INDEXED])
    return WORD.findall("".join(sign for sign in plain if not unicodedata.combining(sign)))


def index(on: Connection, case_id: int, text: str) -> None:
    """Make a case findable by the words of `text`, and by no other; in a transaction."""
    forget(on, case_id)
    text = " ".join(_kept(words(text)))
    if on.dialect.name == "postgresql":
        insert = "INSERT INTO helpdesk_search (case_id, words) VALUES (:id, to_tsvector('simple', :words))"
    else:
        insert = "INSERT INTO helpdesk_search (rowid, words) VALUES (:id, :words)"
    on.execute(sa.text(insert), {"id": case_id, "words": text})


def _kept(found: Sequence[str]) -> Iterator[str]:
    """Yield each word once, as many as an index takes: some signs stand for many, so a text may grow when it is taken apart."""
    size = 0
    for word in dict.fromkeys(word[:LONGEST_WORD] for word in found):
        size += len(word.encode()) + 1
        if size > MOST_BYTES:
            return
        yield word


def forget(on: Connection, case_id: int) -> None:
    """Make a case unfindable; in a transaction."""
    column = "case_id" if on.dialect.name == "postgresql" else "rowid"
    on.execute(sa.text(f"DELETE FROM helpdesk_search WHERE {column} = :id"), {"id": case_id})


def matching(on: Connection, query: str) -> Any:
    """Return a selection of the cases that hold every word of `query`, or words that begin so; None when it has no word."""
    wanted = [word[:LONGEST_WORD] for word in words(query[:LONGEST_QUERY])[:MOST_WORDS]]
    if not wanted:
        return None
    if on.dialect.name == "postgresql":
        asked = " & ".join(f"'{word}':*" for word in wanted)
        found = sa.text("SELECT case_id FROM helpdesk_search WHERE words @@ to_tsquery('simple', :asked)")
        return found.bindparams(asked=asked).columns(sa.column("case_id", sa.Integer))
    asked = " ".join(f'"{word}"*' for word in wanted)
    found = sa.text("SELECT rowid AS case_id FROM helpdesk_search WHERE words MATCH :asked")
    return found.bindparams(asked=asked).columns(sa.column("case_id", sa.Integer))
