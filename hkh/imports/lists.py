"""The list of imports: the same rows for the page and for the sheet that goes out."""

from __future__ import annotations

from typing import Any

from django.db.models import IntegerField
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce, TruncDate
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from hkh.core.filters import ListFilter
from hkh.core.sheets import staging
from hkh.core.sheets.columns import ListResource, going_out
from hkh.core.sheets.lists import Found, list_of
from hkh.imports.models import ImportRun, RunState
from hkh.imports.registry import SHEETS
from members.models import User


def _count(name: str) -> Any:
    return Coalesce(Cast(KT(f"counts__{name}"), IntegerField()), 0)


class RunResource(ListResource):
    """Sheets handed in, and what came of them."""

    slug, title = "imports", _("Sheets handed in")

    file_name = going_out("file_name", _("File"), width=36)
    sheet = going_out(
        "sheet",
        _("Kind of sheet"),
        "choice",
        choices=lambda: [(slug, str(one.title)) for slug, one in SHEETS.items()],
        width=18,
    )
    created_on = going_out(TruncDate("created_at"), _("Handed in"), "day")
    state = going_out("state", _("State"), "choice", choices=RunState.choices, width=18)
    new = going_out(_count(staging.NEW), _("New"), "int", width=10)
    changed = going_out(_count(staging.CHANGED), pgettext_lazy("rows of a sheet", "Changed"), "int", width=10)
    refused = going_out(_count(staging.REFUSED), _("Refused"), "int", width=10)
    applied_on = going_out(TruncDate("applied_at"), _("Taken in"), "day")
    undone_on = going_out(TruncDate("undone_at"), _("Taken back"), "day", shown=False)


def runs_of(user: Any, query: QueryDict) -> Found[ListFilter]:
    """The runs of the account itself: nobody sees another's, whatever the role. The latest first."""
    own = ImportRun.objects.visible_to(user).filter(owner=user.pk).select_related("job")
    return Found(own, ListFilter(query), {"pk": ("pk",)}, "-pk")


@list_of(RunResource)
def runs(user: User, query: QueryDict) -> Found[ListFilter]:
    return runs_of(user, query)
