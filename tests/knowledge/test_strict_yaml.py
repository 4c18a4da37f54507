"""YAML read strictly: no surprises of type, no lost keys, and a name for every problem."""

import pytest

from bot.knowledge.strict_yaml import BrokenKnowledge, read

NAME = "portals.yml"


def parsed(tmp_path, text):
    """Return what a file with `text` holds."""
    path = tmp_path / NAME
    path.write_text(text, encoding="utf-8")
    return read(path, NAME)


def refused(tmp_path, content):
    """Return the message that a file with `content` (text or bytes) is refused with."""
    path = tmp_path / NAME
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    with pytest.raises(BrokenKnowledge) as caught:
        read(path, NAME)
    return str(caught.value)


SURPRISES = "no yes on off true False 3.10 1e3 0x1F 012 2021-06-30 12:30 ~ NULL 1_000".split()


@pytest.mark.parametrize("written", SURPRISES)
def test_a_scalar_stays_the_string_it_was_written_as(tmp_path, written):
    assert parsed(tmp_path, f"value: {written}\n") == {"value": written}


def test_a_key_stays_the_string_it_was_written_as(tmp_path):
    assert list(parsed(tmp_path, "no: a\n3.10: b\n2016: c\n")) == ["no", "3.10", "2016"]


def test_only_the_word_null_means_nothing(tmp_path):
    assert parsed(tmp_path, 'a: null\nb: "null"\nc: nullable\n') == {"a": None, "b": "null", "c": "nullable"}


def test_a_list_keeps_its_words(tmp_path):
    assert parsed(tmp_path, "values: [yes, no, 2019, 10]\n") == {"values": ["yes", "no", "2019", "10"]}


def test_letters_beyond_ascii_are_read(tmp_path):
    assert parsed(tmp_path, "tekst: geëindigd op “vrijdag”\n") == {"tekst": "geëindigd op “vrijdag”"}


def test_a_key_that_stands_twice_is_refused_with_its_line(tmp_path):
    assert refused(tmp_path, "a: 1\nb: 2\na: 3\n") == 'portals.yml: line 3: key "a" stands twice; remove one'


def test_a_key_that_stands_twice_deep_inside_is_refused(tmp_path):
    assert refused(tmp_path, "a:\n  b:\n    c: 1\n    c: 2\n") == 'portals.yml: line 4: key "c" stands twice; remove one'


def test_keys_that_differ_only_as_yaml_types_are_two_keys(tmp_path):
    assert parsed(tmp_path, "1: a\n1.0: b\n") == {"1": "a", "1.0": "b"}


def test_a_key_that_is_no_word_is_refused(tmp_path):
    assert refused(tmp_path, "null: a\n") == "portals.yml: line 1: the key on line 1 is not a word; quote it"
    assert refused(tmp_path, "? [a, b]\n: c\n") == "portals.yml: line 1: the key on line 1 is not a word; quote it"


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(BrokenKnowledge) as caught:
        read(tmp_path / "none.yml", "none.yml")
    assert str(caught.value) == "none.yml: file: is missing; restore it"


def test_a_file_that_is_not_utf_8_is_refused(tmp_path):
    assert refused(tmp_path, "naam: geëindigd\n".encode("latin-1")) == "portals.yml: file: is not UTF-8; save it as UTF-8"


@pytest.mark.parametrize("text", ["", "# only a comment\n", "- a\n- b\n", "just words\n", "null\n"])
def test_a_file_that_is_no_mapping_is_refused(tmp_path, text):
    message = "portals.yml: file: must hold entries (a mapping); see the other knowledge files"
    assert refused(tmp_path, text) == message


def test_what_is_not_yaml_is_refused_with_its_line(tmp_path):
    message = refused(tmp_path, "a: 1\nb: [1, 2\nc: 3\n")
    assert message.startswith("portals.yml: line 3: ")
    assert message.endswith("; correct the YAML")


def test_a_tab_as_indent_is_refused(tmp_path):
    assert refused(tmp_path, "a:\n\tb: 1\n").startswith("portals.yml: line 2: ")


def test_a_tag_that_would_run_code_is_refused(tmp_path):
    message = refused(tmp_path, 'a: !!python/object/apply:os.system ["true"]\n')
    assert message.startswith("portals.yml: line 1: could not determine a constructor")


def test_a_problem_has_its_parts(tmp_path):
    problem = BrokenKnowledge("roles.yml", "sales_agent", "is wrong; mend it")
    assert (problem.where, problem.entry, problem.problem) == ("roles.yml", "sales_agent", "is wrong; mend it")
    assert str(problem) == "roles.yml: sales_agent: is wrong; mend it"
