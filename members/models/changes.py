"""What was changed in the register: by whom, when, why. Written by triggers alone, so that nothing goes round it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, Func, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from members.models.tree import Unit
from members.scope import ScopedManager
from members.triggers.changes import CHANGES_STAY


class Actor(Func):
    """The account that acts in this transaction (``hkh.core.acting.act_as``), or NULL."""

    function = "members_actor"
    arity = 0
    allowed_default = True
    output_field = models.BigIntegerField()


def entered_by() -> models.ForeignKey[Any, Any]:
    """A column with who entered the row, filled by the database itself, in COPY too."""
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        null=True,
        editable=False,
        db_default=Actor(),
        db_constraint=False,
        db_index=False,
        related_name="+",
        verbose_name=_("entered by"),
    )


class Changed(models.TextChoices):
    """Rows of which table."""

    MEMBER = "member", _("Person")
    MEMBERSHIP = "membership", _("Membership")
    APPOINTMENT = "appointment", _("Office")
    RECOGNITION = "recognition", _("Title or commendation")


def _seen_with_the_person(units: models.QuerySet[Any]) -> Q:
    """Changes of people in sight; of memberships and offices those in units in sight."""
    from members.models.people import Member, seen_by_membership

    person = Member.unscoped.filter(seen_by_membership(units), pk=OuterRef("member_id"))
    return Q(Exists(person)) & (Q(unit=None) | Q(unit__in=units))


class MemberChange(models.Model):
    """One row changed or deleted: ``changes`` holds [before, after] by column, after being null for a deletion.

    What was entered is no change: the rows themselves say when and by whom. ``member_id`` and ``unit`` are those that
    the row belongs to afterwards. No foreign keys in the database: what was deleted stays on record.
    """

    changed_at = models.DateTimeField(_("when"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
        verbose_name=_("who"),
    )
    why = models.CharField(_("why"), max_length=200, blank=True)
    what = models.CharField(_("what"), max_length=12, choices=Changed)
    row_id = models.BigIntegerField()
    member_id = models.BigIntegerField()
    unit = models.ForeignKey(
        Unit,
        models.DO_NOTHING,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
        verbose_name=_("unit"),
    )
    is_deletion = models.BooleanField(default=False)
    changes = models.JSONField(_("what changed"))

    unscoped = models.Manager()
    objects = ScopedManager(_seen_with_the_person)

    class Meta:
        verbose_name = _("change")
        verbose_name_plural = _("changes")
        default_manager_name = "unscoped"
        ordering = ["-pk"]
        indexes = [models.Index(F("member_id"), F("id").desc(), name="change_of_member")]
        triggers = CHANGES_STAY

    def __str__(self) -> str:
        return f"{self.what} {self.row_id} {self.changed_at:%Y-%m-%d %H:%M}"
