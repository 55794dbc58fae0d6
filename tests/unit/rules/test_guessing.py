"""Which ids a server may give without anybody having heard of them, and ids that are surely nobody's."""

import uuid

import pytest

from contract_tests.rules.guessing import are_alike, is_short, slightly_other

ALIKE = {
    "numbers": ("7", "1012"),
    "numbers with a word before": ("session-of-a-library-9", "session-of-a-library-10"),
    "numbers with a word around": ("library-session-0000009-update", "library-session-0000412-update"),
    "padded numbers": ("00000000000000000012", "00000000000000000450"),
    "numbers written as UUIDs": ("00000000-0000-0000-0000-00000000002a", "00000000-0000-0000-0000-0000000004b1"),
    "milliseconds": ("session-1764400000123", "session-1764400004567"),
    "an ObjectId": ("692ab1f0c4d5e6f7a8b9c001", "692ab1f2c4d5e6f7a8b9c0f7"),
    "ULIDs of one millisecond": ("01KB6W3V0H7Z5Q9XN2M4T8R6PA", "01KB6W3V0H7Z5Q9XN2M4T8R6PB"),
    "the same": ("5f0c6bb8-7f4d-4d06-9f22-0a4b7ce1d4a1", "5f0c6bb8-7f4d-4d06-9f22-0a4b7ce1d4a1"),
    "short ones, a number for those who can read it": ("jR8kLm2PqX", "7nWvBzE4tY"),
}

APART = {
    "UUIDs": ("5f0c6bb8-7f4d-4d06-9f22-0a4b7ce1d4a1", "0d9a1b44-63d1-4f52-8a0e-3a1f5d1f9c7b"),
    "UUIDs by time, random at the end": (
        "0199c0de-1a2b-7c3d-8e4f-1f2e3d4c5b6a",
        "0199c0de-1a2c-7d4e-9f50-a0b1c2d3e4f5",
    ),
    "an item and a session": ("9c7b3a1f-5d1f-4f52-8a0e-0d9a1b4463d1", f"{uuid.UUID(int=7)}:{uuid.uuid4()}"),
    "services have words of their own": ("update-session-000012", "download-thing-000012"),
}


@pytest.mark.parametrize(("one", "other"), ALIKE.values(), ids=ALIKE)
def test_where_a_server_may_count_its_ids_are_alike(one: str, other: str) -> None:
    assert are_alike(one, other)
    assert are_alike(other, one)


@pytest.mark.parametrize(("one", "other"), APART.values(), ids=APART)
def test_random_ids_are_not(one: str, other: str) -> None:
    assert not are_alike(one, other)
    assert not are_alike(other, one)


@pytest.mark.parametrize(("one", "other"), ALIKE.values(), ids=ALIKE)
def test_an_id_made_of_one_that_may_be_counted_is_nobodys(one: str, other: str) -> None:
    made = slightly_other(one, other)
    assert made.startswith(one)
    assert not is_short(made)
    assert not are_alike(made, one)


def test_an_id_made_of_a_random_one_differs_in_its_last_sign() -> None:
    for _ in range(100):
        one, other = f"{uuid.uuid4()}:{uuid.uuid4()}", f"{uuid.uuid4()}:{uuid.uuid4()}"
        made = slightly_other(one, other)
        assert (made[:-1], len(made)) == (one[:-1], len(one))
        assert made != one


def test_of_an_id_that_ends_as_no_uuid_nobody_knows_where_it_counts() -> None:
    given = "c4d5e6f7a8b9c001!z", "1764400004567981!z"
    assert slightly_other(*given).startswith(given[0])
