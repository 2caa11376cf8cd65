"""Addresses on printed things that prove them genuine: a row's key and a signature over what is printed.

A new ``HKH_SECRET_KEY`` makes them unknown, unless the old one stays in ``SECRET_KEY_FALLBACKS``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.core.signing import BadSignature, Signer
from django.utils.http import base36_to_int, int_to_base36

_SHAPE = re.compile(r"([0-9a-z]{1,12})\.([A-Za-z0-9_-]{43})")


@dataclass(frozen=True)
class Proof:
    """``salt`` keeps one kind of thing from passing for another."""

    salt: str

    def token(self, pk: int, signed: str) -> str:
        """The part of the address that proves the row ``pk`` of which ``signed`` is printed."""
        return f"{int_to_base36(pk)}.{self._signer.signature(signed)}"

    def pk_of(self, token: str) -> int | None:
        """Which row ``token`` is about, nothing proved yet; None for what has not the shape of a token."""
        shape = _SHAPE.fullmatch(token)
        if shape is None:
            return None
        pk = base36_to_int(shape[1])
        return pk if pk < 2**63 else None

    def holds(self, token: str, signed: str) -> bool:
        """Whether ``token`` was made here for ``signed``."""
        try:
            self._signer.unsign(f"{signed}.{token.partition('.')[2]}")
        except BadSignature:
            return False
        return True

    @property
    def _signer(self) -> Signer:
        return Signer(salt=self.salt, sep=".")
