"""Programmes, their rounds, the awards of a round and their distribution (DESIGN §7)."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Cast, Concat, Now, Substr
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from funds.models import MOST_VND, Fund, Movement, Pot
from hkh.core.text import SearchKey
from members.models import Unit
from members.scope import ScopedManager
from scholarships.triggers.awards import AWARD_TRIGGERS
from scholarships.triggers.distributions import DISTRIBUTION_TRIGGERS, LINE_TRIGGERS
from scholarships.triggers.rounds import (
    OWED_TRIGGERS,
    PROGRAMME_TRIGGERS,
    ROUND_TRIGGERS,
    TALLY_TRIGGERS,
)

#: More in one line of a round is a slip of the finger.
MOST_AWARDS = 1_000_000


class Programme(models.Model):
    """A lasting line of work, such as "Tiếp sức cho em đến trường". Shared by all units; kept by administrators."""

    code = models.SlugField(_("code"), max_length=32, unique=True)
    name = models.CharField(_("name"), max_length=160)
    description = models.TextField(_("description"), blank=True)
    partner = models.CharField(_("partner"), max_length=120, blank=True)
    retired_on = models.DateField(_("retired on"), null=True, blank=True)

    class Meta:
        verbose_name = _("programme")
        verbose_name_plural = _("programmes")
        ordering = ["name"]
        triggers = PROGRAMME_TRIGGERS

    def __str__(self) -> str:
        return self.name


class RoundState(models.TextChoices):
    OPEN = "open", _("Open")
    CLOSED = "closed", _("Closed")


def _a_school_year_from(year: models.Func) -> Concat:
    """ "2024" -> "2024-2025"."""
    following = Cast(year, models.IntegerField()) + 1
    return Concat(year, Value("-"), Cast(following, models.TextField()), output_field=models.TextField())


class Round(models.Model):
    """One round of giving of a programme by one unit, paid by one fund."""

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="rounds", verbose_name=_("programme"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="rounds", verbose_name=_("unit"))
    fund = models.ForeignKey(Fund, models.PROTECT, related_name="rounds", verbose_name=_("fund"))
    name = models.CharField(_("name"), max_length=200)
    school_year = models.CharField(_("school year"), max_length=9, help_text=_("For example 2024-2025."))
    opened_on = models.DateField(_("opened on"))
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    budget_vnd = models.BigIntegerField(_("budget (đồng)"), null=True, blank=True)
    quota = models.PositiveIntegerField(_("quota"), null=True, blank=True)
    criteria = models.TextField(_("criteria"), blank=True)
    state = models.CharField(_("state"), max_length=8, choices=RoundState, default=RoundState.OPEN)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("opened by")
    )
    revision = models.PositiveIntegerField(default=1, editable=False)
    idempotency_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    search_key = models.GeneratedField(
        expression=SearchKey("name"), output_field=models.TextField(db_collation="C"), db_persist=True
    )

    unscoped = models.Manager()
    objects = ScopedManager["Round"]("unit")

    class Meta:
        verbose_name = _("round")
        verbose_name_plural = _("rounds")
        default_manager_name = "unscoped"
        ordering = ["-opened_on", "-pk"]
        indexes = [
            models.Index(fields=["-opened_on", "-id"], name="round_order"),
            models.Index(fields=["unit", "-opened_on"], name="round_by_unit"),
        ]
        constraints = [
            models.CheckConstraint(
                name="round_school_year",
                condition=Q(school_year__regex=r"^20\d\d-20\d\d$"),
                violation_error_message=_("Write the school year as 2024-2025."),
            ),
            # Checked after the one above: constraints are checked in the order of their names.
            models.CheckConstraint(
                name="round_school_year_is_one",
                condition=Q(school_year=_a_school_year_from(Substr("school_year", 1, 4))),
                violation_error_message=_("A school year ends in the year after it begins, as 2024-2025."),
            ),
            models.CheckConstraint(
                name="round_dates_in_order",
                condition=Q(closed_on=None) | Q(closed_on__gte=F("opened_on")),
                violation_error_message=_("A round cannot close before it opens."),
            ),
            models.CheckConstraint(
                name="round_closed_is_dated",
                condition=Q(state="open", closed_on=None) | Q(state="closed", closed_on__isnull=False),
                violation_error_message=_("A closed round has the date on which it closed; an open one has none."),
            ),
            models.CheckConstraint(
                name="round_budget",
                condition=Q(budget_vnd=None) | Q(budget_vnd__gt=0, budget_vnd__lte=MOST_VND),
                violation_error_message=_("The budget must be above zero, or empty for none."),
            ),
            models.CheckConstraint(
                name="round_quota_above_zero",
                condition=Q(quota=None) | Q(quota__gt=0),
                violation_error_message=_("The quota must be above zero, or empty for none."),
            ),
        ]
        triggers = ROUND_TRIGGERS

    def __str__(self) -> str:
        return self.name


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


class Distribution(models.Model):
    """A handing-out of approved awards on one day at one place. Never changed: voided whole, with the reason."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="distributions", verbose_name=_("round"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="distributions", verbose_name=_("unit"))
    held_on = models.DateField(_("held on"))
    venue = models.CharField(pgettext_lazy("of an event", "place"), max_length=160, blank=True)
    document = models.CharField(_("document"), max_length=60, blank=True)
    note = models.TextField(_("note"), blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("recorded by")
    )
    recorded_at = models.DateTimeField(auto_now_add=True, db_default=Now())
    voided_on = models.DateField(_("voided on"), null=True, blank=True)
    voided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("voided by"),
    )
    void_reason = models.CharField(_("why voided"), max_length=240, blank=True)
    idempotency_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    unscoped = models.Manager()
    objects = ScopedManager["Distribution"]("unit")

    class Meta:
        verbose_name = _("distribution")
        verbose_name_plural = _("distributions")
        default_manager_name = "unscoped"
        ordering = ["-held_on", "-pk"]
        indexes = [
            models.Index(fields=["-held_on", "-id"], name="distribution_order"),
            models.Index(fields=["unit", "-held_on"], name="distribution_by_unit"),
        ]
        constraints = [
            models.CheckConstraint(
                name="distribution_void_has_reason",
                condition=Q(voided_on=None, void_reason="")
                | (Q(voided_on__isnull=False, voided_on__gte=F("held_on")) & ~Q(void_reason="")),
                violation_error_message=_("Say why the distribution is voided."),
            ),
        ]
        triggers = DISTRIBUTION_TRIGGERS

    def __str__(self) -> str:
        return f"{self.round} · {self.held_on}"


class DistributionLine(models.Model):
    """How many of an award were handed out, and the movement that paid for the whole distribution's pot."""

    distribution = models.ForeignKey(Distribution, models.PROTECT, related_name="lines", verbose_name=_("distribution"))
    award = models.ForeignKey(Award, models.PROTECT, related_name="deliveries", verbose_name=_("award"))
    count = models.PositiveIntegerField(_("number"))
    value_vnd = models.BigIntegerField(_("value (đồng)"))
    movement = models.ForeignKey(
        Movement, models.PROTECT, related_name="distribution_lines", verbose_name=_("movement")
    )

    class Meta:
        verbose_name = _("distribution line")
        verbose_name_plural = _("distribution lines")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["distribution", "award"],
                name="distribution_line_once",
                violation_error_message=_("An award stands once in a distribution."),
            ),
            models.CheckConstraint(
                name="distribution_line_positive",
                condition=Q(count__gt=0, value_vnd__gt=0),
                violation_error_message=_("Enter how many were handed out."),
            ),
        ]
        triggers = LINE_TRIGGERS

    def __str__(self) -> str:
        return f"{self.award_id} × {self.count}"


class RoundTally(models.Model):
    """Roll-up: what a round has proposed, approved (less what was cancelled since) and delivered, by pot.

    Kept by trigger. The database proves the round's budget and quota by it when a transaction ends.
    """

    round = models.ForeignKey(Round, models.CASCADE, related_name="tallies", db_index=False)
    pot = models.CharField(max_length=5, choices=Pot)
    proposed_count = models.BigIntegerField(default=0)
    proposed_vnd = models.BigIntegerField(default=0)
    approved_count = models.BigIntegerField(default=0)
    approved_vnd = models.BigIntegerField(default=0)
    delivered_count = models.BigIntegerField(default=0)
    delivered_vnd = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["round", "pot"], name="round_tally_once")]
        triggers = TALLY_TRIGGERS

    def __str__(self) -> str:
        return f"{self.round_id} {self.pot}: {self.approved_vnd}"


class FundOwed(models.Model):
    """Roll-up: what of the awards approved in a fund's rounds is neither handed out nor cancelled, by pot.

    Kept by trigger. When a transaction ends, the database proves that it equals what is committed in the fund.
    """

    fund = models.ForeignKey(Fund, models.CASCADE, related_name="+", db_index=False)
    pot = models.CharField(max_length=5, choices=Pot)
    owed_vnd = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["fund", "pot"], name="fund_owed_once")]
        triggers = OWED_TRIGGERS

    def __str__(self) -> str:
        return f"{self.fund_id} {self.pot}: {self.owed_vnd}"


class GivenMonth(models.Model):
    """Roll-up: what a unit's pupils, teachers and schools received in a month. Kept by trigger.

    A void counts negative on its day; where the unit is no more by then, with the unit that held it.
    """

    unit = models.ForeignKey(Unit, models.CASCADE, related_name="+", db_index=False)
    month = models.DateField()
    programme = models.ForeignKey(Programme, models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=12, choices=AwardKind)
    beneficiary_group = models.CharField(max_length=24, choices=BeneficiaryGroup)
    count = models.IntegerField(default=0)
    value_vnd = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "month", "programme", "kind", "beneficiary_group"], name="given_month_once"
            )
        ]
        indexes = [models.Index(fields=["month", "unit"], name="given_month_by_month")]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.month}: {self.count}"
