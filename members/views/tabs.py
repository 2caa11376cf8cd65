"""The ways into the register, side by side."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from members.models import Unit


def register_tabs(current: str, unit: Unit) -> list[dict[str, Any]]:
    """For ``components/_tabs.html``; ``current`` is the name of the address. No query."""
    doors = (
        ("members:member-list", _("Members")),
        ("members:office-list", _("Offices")),
        ("members:duplicate-list", _("Likely duplicates")),
    )
    return [
        {"label": label, "url": f"{reverse(name)}?unit={unit.code}", "is_current": name == current}
        for name, label in doors
    ]
