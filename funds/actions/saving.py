"""What all verbs that save a form share: a double submit saves once, two people do not overwrite each other."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, NoReturn, TypeVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from hkh.core.text import clean

M = TypeVar("M", bound=models.Model)


def cleaned(facts: Mapping[str, Any], *, but: Collection[str] = ("note",)) -> dict[str, Any]:
    """``facts`` with each line of text as it is stored (NFC, single spaces); ``but`` names those of many lines."""
    return {
        name: clean(value) if isinstance(value, str) and name not in but else value for name, value in facts.items()
    }


def saved_once(rows: models.QuerySet[M], *, key: UUID | None, facts: Mapping[str, Any], make: Callable[[], M]) -> M:
    """The row with ``idempotency_key`` = ``key``, made by ``make`` if there is none yet. 1 query more, with a key.

    A second submit that runs at the same moment waits for the first and gets its row. Raises: ValidationError
    where the key was used for other ``facts`` (the form was sent, changed and sent again).
    """
    if key is None:
        return make()
    first = rows.filter(idempotency_key=key).first()
    if first is None:
        try:
            with transaction.atomic():
                return make()
        except IntegrityError:
            first = rows.filter(idempotency_key=key).first()
            if first is None:
                raise
    if any(getattr(first, name) != value for name, value in facts.items()):
        refuse_other_facts()
    return first


def refuse_other_facts() -> NoReturn:
    """Refuse a form that was saved, changed and sent again. Raises: ValidationError."""
    raise ValidationError(
        _("This form has been saved already, with other details. Open the saved entry and correct it there."),
        code="saved_already",
    )


def save_revised(rows: models.QuerySet[M], *, pk: int, revision: int, changes: Mapping[str, Any]) -> M:
    """The row ``pk`` with ``changes``, where nobody saved it since ``revision``. 2 queries.

    Raises: ValidationError where somebody did.
    """
    if not rows.filter(pk=pk, revision=revision).update(**changes, revision=F("revision") + 1):
        raise ValidationError(
            _("Someone else saved this form meanwhile. Open it again to see what changed, then enter yours."),
            code="stale",
        )
    return rows.get(pk=pk)
