"""Rules that tables of other apps must keep for the sake of giving. Migration 0003 put them there."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from funds.triggers.rules import Rule

FUND_MATCHES = Rule(
    "fund_matches_awards",
    "true",
    _("What is committed in the fund must be what is approved and not yet handed out. Nothing was saved."),
)
UNIT_HOLDS_AWARDS = Rule(
    "unit_holds_awards",
    "true",
    _("Awards were approved, handed out or voided in this unit outside these dates. Choose others."),
)
