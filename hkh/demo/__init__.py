"""The province of the article, generated from the files in ``data/``: deterministic, in facts, never in figures.

``spec`` says what it adds up to (``FULL``, ``SMALL``); ``story`` plans it in memory, told room by room (``places``,
``tree``, ``reform``, ``people``, ``funds_plan``, ``donors``, ``money``, ``emergencies``, ``gifts``, ``rounds``,
``ledger``); ``loading`` and ``build`` write it. Only ``spec`` is imported here, so that settings can load the app.
"""

from hkh.demo.spec import FULL, SMALL

__all__ = ["FULL", "SMALL"]
