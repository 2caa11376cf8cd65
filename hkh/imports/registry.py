"""The kinds of sheets that come in, in the order in which an association needs them."""

from __future__ import annotations

from typing import Any

from funds.imports import DonationImport, DonorImport
from hkh.core.sheets.importing import SheetImport
from members.imports import MemberImport, UnitImport
from members.rules import may_somewhere
from scholarships.imports import AwardImport

SHEETS: dict[str, SheetImport] = {
    one.slug: one for one in (MemberImport(), UnitImport(), DonorImport(), DonationImport(), AwardImport())
}


def sheets_for(user: Any) -> list[SheetImport]:
    """The kinds that ``user`` may bring in somewhere. At most 1 query."""
    return [one for one in SHEETS.values() if may_somewhere(user, one.verb)]
