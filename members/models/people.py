"""Members and their memberships."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from hkh.core.text import SearchKey, SortKey
from members.models.changes import entered_by
from members.models.tree import Unit
from members.rollups.memberships import MEMBER_MONTH_TRIGGERS
from members.scope import ScopedManager, ScopedQuerySet
from members.triggers.changes import keep_changes
from members.triggers.memberships import MEMBERSHIP_TRIGGERS
from members.triggers.recognitions import BIRTH_TRIGGERS


class Sex(models.TextChoices):
    FEMALE = "f", _("Female")
    MALE = "m", _("Male")
    UNKNOWN = "", _("Not stated")


#: All of a search key but its last word, each word after a space: where family and middle names are looked for.
EARLIER_NAMES = "(' ' || left(search_key, length(search_key) - strpos(reverse(search_key), ' ')))"


class EarlierNames(models.Func):
    """``EARLIER_NAMES`` for an index."""

    template = EARLIER_NAMES
    arity = 0
    output_field = models.TextField()


def seen_by_membership(units: models.QuerySet[Any]) -> Exists:
    """A person is seen by the unit of his or her membership; who went on to another unit, there no more."""
    memberships = Membership.unscoped.filter(member=OuterRef("pk"), unit__in=units)
    return Exists(memberships.exclude(leave_reason__in=(LeaveReason.TRANSFER, LeaveReason.REORGANISATION)))


#: Nothing but digits, signs and spaces. Said so, and not by letters: under some locales PostgreSQL knows those of
#: English alone.
NO_NAME = "^[[:digit:][:punct:][:space:]]*$"


class Member(models.Model):
    """A person of the association. Names are kept as written; order and search use generated keys."""

    full_name = models.CharField(_("full name"), max_length=120)
    birth_date = models.DateField(_("date of birth"), null=True, blank=True)
    birth_year = models.PositiveSmallIntegerField(
        _("year of birth"), null=True, blank=True, help_text=_("Where only the year is known.")
    )
    sex = models.CharField(_("sex"), max_length=1, choices=Sex, default=Sex.UNKNOWN, blank=True)
    phone = models.CharField(_("telephone"), max_length=20, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    occupation = models.CharField(_("occupation"), max_length=120, blank=True)
    address = models.CharField(_("address"), max_length=200, blank=True)
    card_number = models.CharField(_("card number"), max_length=24, blank=True)
    deceased_on = models.DateField(_("died on"), null=True, blank=True)
    note = models.TextField(_("note"), blank=True)
    revision = models.PositiveIntegerField(default=1, editable=False)
    idempotency_key = models.UUIDField(null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True, db_default=Now())
    entered_by = entered_by()
    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        editable=False,
        db_index=False,
        related_name="+",
        verbose_name=_("now entered as"),
    )
    search_key = models.GeneratedField(
        expression=SearchKey("full_name"), output_field=models.TextField(db_collation="C"), db_persist=True
    )
    sort_key = models.GeneratedField(
        expression=SortKey("full_name"), output_field=models.TextField(db_collation="C"), db_persist=True
    )

    unscoped = models.Manager()
    objects = ScopedManager(seen_by_membership)

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        default_manager_name = "unscoped"
        ordering = ["sort_key", "pk"]
        indexes = [
            # What ``members.register`` walks along, and where it looks for the names that a walk would not find.
            models.Index(fields=["sort_key", "id"], include=["search_key"], name="member_order"),
            GinIndex(OpClass(EarlierNames(), name="gin_trgm_ops"), name="member_search"),
            models.Index(fields=["merged_into"], condition=Q(merged_into__isnull=False), name="member_merged"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["card_number"],
                condition=~Q(card_number=""),
                name="member_card_once",
                violation_error_message=_("Another member already has this card number."),
            ),
            models.UniqueConstraint(
                fields=["idempotency_key"],
                condition=Q(idempotency_key__isnull=False),
                name="member_entered_once",
            ),
            models.CheckConstraint(
                name="member_name_is_a_name",
                condition=~Q(full_name__regex=NO_NAME),
                violation_error_message=_("A name holds at least one letter. Write the full name."),
            ),
            models.CheckConstraint(
                name="member_not_merged_into_itself", condition=Q(merged_into=None) | ~Q(merged_into=F("pk"))
            ),
        ]
        triggers = BIRTH_TRIGGERS + keep_changes("member", member="{row}.id", unit="NULL::bigint")

    def __str__(self) -> str:
        return self.full_name


class LeaveReason(models.TextChoices):
    TRANSFER = "transfer", _("Transfer")
    LEFT = "left", _("Left the association")
    DECEASED = "deceased", _("Deceased")
    REORGANISATION = "reorganisation", _("Reorganisation")
    CORRECTION = "correction", _("Correction")
    NONE = "", _("Still a member")


class MembershipQuerySet(ScopedQuerySet["Membership"]):
    def current_on(self, day: date) -> MembershipQuerySet:
        return self.filter(Q(left_on=None) | Q(left_on__gt=day), joined_on__lte=day)


class Membership(models.Model):
    """One person in one unit, ``[joined_on, left_on)``. At most one at a time a person."""

    member = models.ForeignKey(
        Member, models.CASCADE, related_name="memberships", verbose_name=_("member"), db_index=False
    )
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="memberships", verbose_name=_("unit"), db_index=False)
    joined_on = models.DateField(_("joined on"))
    left_on = models.DateField(_("left on"), null=True, blank=True)
    leave_reason = models.CharField(_("why"), max_length=16, choices=LeaveReason, blank=True, default=LeaveReason.NONE)
    entered_at = models.DateTimeField(_("entered"), null=True, editable=False, db_default=Now())
    entered_by = entered_by()

    unscoped = models.Manager.from_queryset(MembershipQuerySet)()
    objects = ScopedManager("unit", queryset_class=MembershipQuerySet)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        default_manager_name = "unscoped"
        indexes = [
            models.Index(fields=["unit", "left_on", "member"], name="membership_unit"),
            models.Index(fields=["member", "joined_on"], name="membership_member"),
            models.Index(fields=["joined_on", "id"], name="membership_joined"),
        ]
        constraints = [
            models.CheckConstraint(
                name="membership_dates_in_order",
                condition=Q(left_on=None) | Q(left_on__gt=F("joined_on")),
                violation_error_message=_("A member cannot leave before joining."),
            ),
            models.UniqueConstraint(
                fields=["member"],
                condition=Q(left_on=None),
                name="membership_one_at_a_time",
                violation_error_message=_("This person is already a member of a unit. Use a transfer."),
            ),
        ]
        triggers = MEMBERSHIP_TRIGGERS + MEMBER_MONTH_TRIGGERS + keep_changes("membership")

    def __str__(self) -> str:
        return f"{self.member_id} @ {self.unit_id} ({self.joined_on}–{self.left_on or '…'})"

    def is_current_on(self, day: date) -> bool:
        return self.joined_on <= day and (self.left_on is None or day < self.left_on)


class MemberMonth(models.Model):
    """Roll-up: who joined and left a unit (itself) in a month. Kept by trigger; ``month`` is its 1st day."""

    unit = models.ForeignKey(Unit, models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    month = models.DateField()
    joined = models.IntegerField(default=0)
    left = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["unit", "month"], name="member_month_once")]
        indexes = [models.Index(fields=["month", "unit"], name="member_month_by_month")]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.month}: +{self.joined} −{self.left}"
