"""Words inside sentences."""

import pytest

from core.base.words import ordinal

PLACES = {1: "1st", 2: "2nd", 3: "3rd", 4: "4th", 11: "11th", 12: "12th", 13: "13th", 22: "22nd"}


@pytest.mark.parametrize(("number", "text"), [*PLACES.items(), (111, "111th"), (121, "121st")])
def test_a_place_is_said_as_people_say_it(number, text):
    assert ordinal(number) == text
