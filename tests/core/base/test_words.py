"""Words inside sentences."""

import pytest

from core.base.words import LONGEST_NAME, brief, name_of, ordinal, short

PLACES = {1: "1st", 2: "2nd", 3: "3rd", 4: "4th", 11: "11th", 12: "12th", 13: "13th", 22: "22nd"}


@pytest.mark.parametrize(("number", "text"), [*PLACES.items(), (111, "111th"), (121, "121st")])
def test_a_place_is_said_as_people_say_it(number, text):
    assert ordinal(number) == text


def test_a_quotation_has_no_more_characters_than_it_may_whatever_they_are():
    for text in ("\x01" * 100, "x" * 100, "\udcff" * 100):
        assert len(short(text)) == 61 and len(brief(text)) == 83 and short(text).isprintable()
    assert brief("é" * 80) == f"'{'é' * 80}'" and brief(10) == "10"


def test_a_name_is_one_printable_line():
    assert name_of("A network", " two \n words\x01") == "two words\\x01"
    assert len(name_of("A network", "x" * 200)) == LONGEST_NAME
    with pytest.raises(ValueError, match="A network needs a name"):
        name_of("A network", " \n")
