"""A statement as all formats give it, and how one line is told from another."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext_lazy

from hkh.core.text import clean, search_key

#: Said of a file that does not say what it is written in.
GUESSED = gettext_lazy("The letters of this file had to be guessed. Look at the names before booking.")


class Unreadable(ValueError):
    """The file is no statement that can be read. ``args[0]`` is the sentence for people."""


class Cut(Unreadable):
    """The file does not hold together: lines are missing."""


@dataclass(frozen=True)
class Line:
    """One transfer: ``amount_vnd`` above zero came in, below went out. ``number`` is its row or place in the file."""

    number: int
    on: date
    amount_vnd: int
    reference: str = ""
    party: str = ""
    party_account: str = ""
    description: str = ""

    def __post_init__(self) -> None:
        for name in ("reference", "party", "party_account", "description"):
            object.__setattr__(self, name, clean(getattr(self, name)))

    @property
    def content(self) -> str:
        """What makes it this transfer: the bank's reference or, without one, all that is said of it.

        Amount and day stand beside the reference, since some banks give one to a whole batch.
        """
        said = self.reference or "|".join(search_key(text) for text in (self.party, self.description))
        return f"{self.on:%Y%m%d}|{self.amount_vnd}|{said}"


@dataclass(frozen=True)
class Statement:
    """All lines of one account, oldest first. What a format does not tell is None or empty."""

    account_number: str
    currency: str
    lines: tuple[Line, ...]
    opening_vnd: int | None = None
    closing_vnd: int | None = None
    remarks: tuple[str, ...] = field(default=())
    #: Whether a cut would have shown: by the format's own end, by balances or by totals.
    is_proved: bool = True

    @property
    def first_on(self) -> date:
        return min(line.on for line in self.lines)

    @property
    def last_on(self) -> date:
        return max(line.on for line in self.lines)


def keyed(lines: Iterable[Line]) -> Iterator[tuple[Line, str]]:
    """Each line with its key, the same in every file that holds it: what it says and, for those alike, which of them.

    So a statement that comes twice, or overlaps with another, brings nothing twice, and two equal transfers of one
    day are two. 64 hexadecimal digits.
    """
    seen: Counter[str] = Counter()
    for line in lines:
        seen[line.content] += 1
        yield line, hashlib.sha256(f"{line.content}|{seen[line.content]}".encode()).hexdigest()


def digits(text: str) -> str:
    """An account number as it is compared: 0101-234 567 -> 0101234567."""
    return "".join(sign for sign in text if sign.isalnum()).upper()
