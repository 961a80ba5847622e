"""The rows of saved comparisons: what is measured is as large as it says."""

from core.bench import report


def test_the_pictures_are_as_many_and_as_large_as_the_rows_say():
    found = report.pictures()
    assert len({array.tobytes() for array in found.values()}) == len(found) == report.PICTURES
    assert {array.shape for array in found.values()} == {(report.SIDE, report.SIDE, 3)}
