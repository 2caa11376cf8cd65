"""Who holds which office in a unit, and for which term."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from members.models.changes import entered_by
from members.models.people import Member
from members.models.tree import Unit
from members.scope import ScopedManager, ScopedQuerySet
from members.triggers.changes import keep_changes
from members.triggers.offices import APPOINTMENT_TRIGGERS


class Position(models.TextChoices):
    """Offices of the association, in the order in which they are named."""

    CHAIR = "chair", pgettext_lazy("office", "Chair")
    STANDING_VICE_CHAIR = "standing_vice_chair", _("Standing vice chair")
    VICE_CHAIR = "vice_chair", _("Vice chair")
    GENERAL_SECRETARY = "general_secretary", _("General secretary")
    SECRETARY = "secretary", _("Secretary")
    OFFICE_CHIEF = "office_chief", _("Head of the office")
    ACCOUNTANT = "accountant", pgettext_lazy("office", "Accountant")
    CASHIER = "cashier", pgettext_lazy("office", "Cashier")
    INSPECTION_HEAD = "inspection_head", _("Head of the inspection committee")
    INSPECTOR = "inspector", _("Member of the inspection committee")
    STANDING_MEMBER = "standing_member", _("Member of the standing committee")
    COMMITTEE_MEMBER = "committee_member", _("Member of the executive committee")
    BRANCH_HEAD = "branch_head", _("Head of the branch")
    BRANCH_DEPUTY = "branch_deputy", _("Deputy head of the branch")


class OfficeEnd(models.TextChoices):
    """Why an office ended before its term did."""

    RELIEVED = "relieved", _("Relieved")
    RESIGNED = "resigned", _("Resigned")
    DECEASED = "deceased", _("Deceased")
    LEFT = "left", _("No longer a member")
    TRANSFER = "transfer", _("Transferred to another unit")
    REORGANISATION = "reorganisation", _("Reorganisation")
    CORRECTION = "correction", _("Entered by mistake")
    NONE = "", _("The term ran out")


class AppointmentQuerySet(ScopedQuerySet["Appointment"]):
    def held_on(self, day: date) -> AppointmentQuerySet:
        return self.filter(Q(valid_until=None) | Q(valid_until__gt=day), valid_from__lte=day)


class Appointment(models.Model):
    """A member holds an office of a unit, ``[valid_from, valid_until)``; the end is that of the term, or earlier.

    Accountant and cashier of a unit are two people, and a unit has one chair at a time (``members.triggers.offices``).
    """

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="appointments", verbose_name=_("unit"), db_index=False)
    member = models.ForeignKey(
        Member, models.PROTECT, related_name="appointments", verbose_name=_("member"), db_index=False
    )
    position = models.CharField(_("office"), max_length=20, choices=Position)
    valid_from = models.DateField(_("from"))
    valid_until = models.DateField(_("until"), null=True, blank=True, help_text=_("First day after the term."))
    end_reason = models.CharField(_("why it ended"), max_length=16, choices=OfficeEnd, blank=True, default="")
    decision = models.CharField(_("decision"), max_length=120, blank=True)
    revision = models.PositiveIntegerField(default=1, db_default=1, editable=False)
    idempotency_key = models.UUIDField(null=True, editable=False)
    entered_at = models.DateTimeField(_("entered"), null=True, editable=False, db_default=Now())
    entered_by = entered_by()

    unscoped = models.Manager.from_queryset(AppointmentQuerySet)()
    objects = ScopedManager("unit", queryset_class=AppointmentQuerySet)

    class Meta:
        verbose_name = _("appointment")
        verbose_name_plural = _("appointments")
        default_manager_name = "unscoped"
        indexes = [
            models.Index(fields=["unit", "valid_until", "position"], name="appointment_unit"),
            models.Index(fields=["member", "valid_from"], name="appointment_member"),
            models.Index(fields=["valid_until", "id"], name="appointment_ends"),
        ]
        constraints = [
            models.CheckConstraint(
                name="appointment_dates_in_order",
                condition=Q(valid_until=None) | Q(valid_until__gt=F("valid_from")),
                violation_error_message=_("The term cannot end before it begins."),
            ),
            models.CheckConstraint(
                name="appointment_reason_needs_end",
                condition=Q(end_reason="") | Q(valid_until__isnull=False),
                violation_error_message=_("Say on which day the office ended."),
            ),
            models.CheckConstraint(
                name="appointment_position_known",
                condition=Q(position__in=Position.values),
                violation_error_message=_("Choose an office from the list."),
            ),
            models.UniqueConstraint(
                fields=["idempotency_key"],
                condition=Q(idempotency_key__isnull=False),
                name="appointment_entered_once",
            ),
        ]
        triggers = APPOINTMENT_TRIGGERS + keep_changes("appointment")

    def __str__(self) -> str:
        return f"{self.member_id} {self.position} @ {self.unit_id} ({self.valid_from}–{self.valid_until or '…'})"
