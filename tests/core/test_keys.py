"""Numbers that come along with a request."""

from __future__ import annotations

import pytest

from hkh.core.keys import key_of, keys_of, number_of

MOST = "9" * 18


@pytest.mark.parametrize(
    ("said", "key"),
    [
        ("1", 1),
        (7, 7),
        ("007", 7),
        (MOST, 10**18 - 1),
        ("", 0),
        ("0", 0),
        (None, 0),
        ("abc", 0),
        ("12a", 0),
        ("-5", 0),
        ("+5", 0),
        ("1.5", 0),
        (" 12", 0),
        ("1 2", 0),
        (" ", 0),
        ("\u0661\u0662", 0),
        ("１２", 0),
        ("²", 0),
        ("1" * 19, 0),
        ("1" * 25, 0),
        ("1" * 5000, 0),
    ],
)
def test_what_can_be_no_key_is_0(said, key):
    assert key_of(said) == key


def test_the_keys_among_what_was_said_keep_their_order():
    assert keys_of(["3", "", "x", "1", "0", "1" * 19, 2, None]) == [3, 1, 2]
    assert keys_of([]) == []


def test_a_number_has_at_most_so_many_digits():
    assert [number_of(said, digits=4) for said in ("9999", "10000", "0", "１２")] == [9999, 0, 0, 0]
