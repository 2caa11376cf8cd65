"""What gifts became, in the sentences of a letter to the donor.

Giving stands above the funds and knows it; it says so here when the system starts, so that papers of funds can ask.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

#: Ids of gifts by letter -> sentences by letter, of many letters in few queries.
Gifts = Mapping[int, Sequence[int]]
Teller = Callable[[Gifts], dict[int, list[str]]]

_tellers: list[Teller] = []


def register(teller: Teller) -> None:
    _tellers[:] = [teller]


def became_told(gifts: Gifts) -> dict[int, list[str]]:
    """For each key of ``gifts`` (the letters), what those gifts became: sentences in Vietnamese, as papers speak.

    None for gifts that paid nothing yet, were voided or handed straight on. 3 queries, and 1 a step from fund to fund,
    however many letters. No recipient is ever named.
    """
    return _tellers[0](gifts) if _tellers else {}
