"""The province of the article, generated from the files in ``data/``: the same each time, in facts, never in figures.

``spec`` says what it adds up to (``FULL``, ``SMALL``). ``story`` plans it in memory, by rooms: ``places``, ``tree``,
``reform``, ``people``; ``funds_plan``, ``donors``, ``money``, ``emergencies``; ``gifts``, ``rounds``, ``ledger``.
``loading`` and ``build`` write it. Only ``spec`` and ``logins`` are imported here, since they need no models.
"""

from hkh.demo.logins import LOGINS, PASSWORD
from hkh.demo.spec import FULL, SMALL

__all__ = ["FULL", "LOGINS", "PASSWORD", "SMALL"]
