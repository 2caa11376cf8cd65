"""The awards of a round."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from funds.models import MOST_VND, Pot
from hkh.core.text import SearchKey
from members.models import Unit
from members.scope import ScopedManager
from scholarships.models.rounds import Round
from scholarships.triggers.awards import AWARD_TRIGGERS

#: More in one line of a round is a slip of the finger.
MOST_AWARDS = 1_000_000


class AwardKind(models.TextChoices):
    SCHOLARSHIP = "scholarship", _("Scholarship")
    GIFT = "gift", _("Gift")
    AWARD = "award", _("Award")
    FACILITY = "facility", _("School facilities")
    EMERGENCY = "emergency", _("Emergency help")


#: What the indicator *given* counts: help and honours to people. Facilities and emergencies have their own.
GIVEN_KINDS = (AwardKind.SCHOLARSHIP, AwardKind.GIFT, AwardKind.AWARD)


class RecipientKind(models.TextChoices):
    PUPIL = "pupil", _("Pupil")
    TEACHER = "teacher", _("Teacher")
    SCHOOL = "school", _("School")
    FAMILY = "family", _("Family")


class BeneficiaryGroup(models.TextChoices):
    POOR_PUPIL = "poor_pupil", _("Poor and near-poor pupils")
    GOOD_PUPIL_COMMUNE = "good_pupil_commune", _("Good pupils, school or commune level")
    GOOD_PUPIL_PROVINCE = "good_pupil_province", _("Good pupils, district or province level")
    GOOD_PUPIL_NATIONAL = "good_pupil_national", _("Good pupils, national or international level")
    POOR_STRIVING_PUPIL = "poor_striving_pupil", _("Poor pupils who strive")
    REMOTE_STRIVING_PUPIL = "remote_striving_pupil", _("Eager pupils of the poorest communes")
    DISABLED_OR_ORPHAN = "disabled_or_orphan", _("Disabled pupils and orphans")
    ETHNIC_MINORITY = "ethnic_minority", _("Pupils of ethnic minorities")
    GOOD_TEACHER = "good_teacher", _("Excellent teachers")
    HARDSHIP_TEACHER = "hardship_teacher", _("Teachers in hardship")
    FAR_FROM_SCHOOL = "far_from_school", _("Poor pupils who live far from school")
    SCHOOL = "school", _("Schools")
    STRICKEN_FAMILY = "stricken_family", _("Families struck by misfortune")


class AwardState(models.TextChoices):
    PROPOSED = "proposed", _("Proposed")
    APPROVED = "approved", _("Approved")
    CANCELLED = "cancelled", _("Cancelled")


class Award(models.Model):
    """A line of a round: one named recipient, or a lot without names (``count`` × ``unit_value_vnd``).

    Approved, it is committed in the round's fund; delivered (wholly or in parts) by distribution lines; what
    will not be delivered of it is cancelled, which frees its money (``cancelled_count`` of a lot in part
    delivered). Once approved nothing else changes. The fact belongs to ``unit``, the unit whose pupils,
    teachers or schools receive.
    """

    round = models.ForeignKey(Round, models.PROTECT, related_name="awards", verbose_name=_("round"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="awards", verbose_name=_("unit"))
    kind = models.CharField(_("kind"), max_length=12, choices=AwardKind)
    beneficiary_group = models.CharField(_("beneficiary group"), max_length=24, choices=BeneficiaryGroup)
    recipient_kind = models.CharField(_("recipient"), max_length=8, choices=RecipientKind, default=RecipientKind.PUPIL)
    recipient_name = models.CharField(
        _("recipient's name"), max_length=160, blank=True, help_text=_("Empty for a lot without names.")
    )
    birth_year = models.PositiveSmallIntegerField(_("year of birth"), null=True, blank=True)
    school = models.CharField(_("school"), max_length=160, blank=True)
    grade = models.CharField(_("grade"), max_length=20, blank=True)
    content = models.CharField(_("content"), max_length=200, blank=True)
    pot = models.CharField(_("paid in"), max_length=5, choices=Pot, default=Pot.CASH)
    count = models.PositiveIntegerField(_("number"), default=1)
    unit_value_vnd = models.BigIntegerField(_("value of one (đồng)"))
    value_vnd = models.GeneratedField(
        expression=F("count") * F("unit_value_vnd"), output_field=models.BigIntegerField(), db_persist=True
    )
    state = models.CharField(_("state"), max_length=10, choices=AwardState, default=AwardState.PROPOSED)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("proposed by"),
    )
    approved_on = models.DateField(_("approved on"), null=True, blank=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("approved by"),
    )
    delivered_count = models.PositiveIntegerField(_("delivered"), default=0, db_default=0, editable=False)
    cancelled_count = models.PositiveIntegerField(_("cancelled of the lot"), default=0, db_default=0, editable=False)
    idempotency_key = models.UUIDField(default=uuid.uuid4, db_default=RandomUUID(), unique=True, editable=False)
    search_key = models.GeneratedField(
        expression=SearchKey("recipient_name"),
        output_field=models.TextField(db_collation="C"),
        db_persist=True,
    )

    unscoped = models.Manager()
    objects = ScopedManager["Award"]("unit")

    class Meta:
        verbose_name = _("award")
        verbose_name_plural = _("awards")
        default_manager_name = "unscoped"
        ordering = ["round", "pk"]
        constraints = [
            models.CheckConstraint(
                name="award_value",
                condition=Q(count__gt=0, unit_value_vnd__gt=0, unit_value_vnd__lte=MOST_VND),
                violation_error_message=_("Number and value must be above zero."),
            ),
            models.CheckConstraint(
                name="award_within_reason",
                condition=Q(count__lte=MOST_AWARDS, value_vnd__lte=MOST_VND),
                violation_error_message=_("Number or value is too high. Check both for a digit too many."),
            ),
            models.CheckConstraint(
                name="award_named_is_one",
                condition=Q(recipient_name="") | Q(recipient_kind="school") | Q(count=1),
                violation_error_message=_("A named recipient receives one; leave the name empty for a lot."),
            ),
            models.CheckConstraint(
                name="award_delivered_at_most_all",
                condition=Q(delivered_count__lte=F("count") - F("cancelled_count")),
                violation_error_message=_("Not so many are left to hand out. Lower the number."),
            ),
            models.CheckConstraint(
                name="award_delivered_once_approved",
                condition=Q(delivered_count=0) | Q(state="approved"),
                violation_error_message=_("Only what has been approved can be handed out."),
            ),
            models.CheckConstraint(
                name="award_approval_dated",
                condition=Q(state="approved", approved_on__isnull=False)
                | Q(state="proposed", approved_on=None)
                | Q(state="cancelled"),
                violation_error_message=_("An approval has its date."),
            ),
            models.CheckConstraint(
                name="award_cancelled_once_approved",
                condition=Q(cancelled_count=0) | ~Q(state="proposed"),
                violation_error_message=_("Only what has been approved can be cancelled in part."),
            ),
        ]
        triggers = AWARD_TRIGGERS

    def __str__(self) -> str:
        return f"{self.recipient_name or self.get_beneficiary_group_display()} ({self.count})"

    @property
    def remaining_count(self) -> int:
        """How many are approved and neither handed out nor cancelled."""
        if self.state != AwardState.APPROVED:
            return 0
        return self.count - self.delivered_count - self.cancelled_count
