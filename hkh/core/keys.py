"""Keys and other numbers that come along with a request: read where they can be one, else 0.

An address or a form can hold anything. What the database could not even compare ends here, not as a fault there.
"""

from __future__ import annotations

from collections.abc import Iterable

#: Less than any bigint has, so that each number of so many digits fits.
_DIGITS = 18


def number_of(said: object, *, digits: int) -> int:
    """The number that is written with 1 to ``digits`` digits and nothing else; 0 for all that is not."""
    text = str(said)
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= digits else 0


def key_of(said: object) -> int:
    """The key of a row; 0, which no row has, for what can be no key."""
    return number_of(said, digits=_DIGITS)


def keys_of(said: Iterable[object]) -> list[int]:
    """The keys among ``said``, in their order; what can be no key is left out."""
    return [key for key in map(key_of, said) if key]
