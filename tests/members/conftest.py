from __future__ import annotations

import pytest
from django.db import connection

from tests.cast import Cast, a_province


@pytest.fixture
def cast(db) -> Cast:
    """The shared cast, with nothing left for the end of the transaction to check."""
    made = a_province()
    connection.check_constraints()
    return made
