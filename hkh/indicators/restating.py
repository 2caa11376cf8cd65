"""What figures on another tree than that of their time rest on, in a sentence for whoever reads them."""

from __future__ import annotations

from django.utils.translation import gettext as _

from hkh.indicators.lens import Lens
from hkh.indicators.queries import split_units

MOST_NAMED = 15


def warning(lens: Lens) -> str:
    """That ``lens`` restates, and which split units make the single figures estimates; empty *as it was*. One query."""
    if lens.tree_on is None:
        return ""
    names = split_units(lens)
    if not names:
        return _("Figures of units that are no more are shown with those that carry on for them; all are exact.")
    named = "; ".join(names[:MOST_NAMED])
    if len(names) > MOST_NAMED:
        named = _("%(names)s and %(n)s others") % {"names": named, "n": len(names) - MOST_NAMED}
    return _(
        "Figures of units that are no more are shown with those that carry on for them. These were split, and what "
        "they had is divided by their shares: %(names)s. So the figures of single units are estimates; the total is "
        "exact."
    ) % {"names": named}
