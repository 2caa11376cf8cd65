"""Decisions on the tree: what is to become of which units on which day, and what was done for it (DESIGN §4)."""

from __future__ import annotations

import uuid
from pathlib import PurePath
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from members.models.places import Place
from members.models.tree import Tier, Unit, UnitKind
from members.scope import ScopedManager
from members.triggers.decisions import CHANGE_TRIGGERS, DECISION_TRIGGERS, EFFECT_TRIGGERS

MOST_VND = 10**15


class DecisionState(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("a decision", "Draft")
    SCHEDULED = "scheduled", pgettext_lazy("a decision", "Takes effect on its day")
    BLOCKED = "blocked", pgettext_lazy("a decision", "Did not take effect")
    APPLIED = "applied", pgettext_lazy("a decision", "Carried out")
    UNDONE = "undone", pgettext_lazy("a decision", "Undone")


def _file_path(decision: Decision, name: str) -> str:
    """A path that cannot be guessed; the ending tells what it is."""
    key = uuid.uuid4().hex
    return f"decisions/{key[:2]}/{key}{PurePath(name).suffix.lower()[:8]}"


class Decision(models.Model):
    """A decision of an authority by which units below ``unit`` are founded, changed or closed on one day.

    A draft is put together change by change or from a sheet; carried out, it stands as it was. ``basis`` is what
    a scheduled or applied one rested on, ``plan`` what was done, ``trouble`` why one did not take effect on its day.
    """

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="decisions", verbose_name=_("within"))
    number = models.CharField(_("number"), max_length=60, blank=True)
    signed_on = models.DateField(_("signed on"), null=True, blank=True)
    issuer = models.CharField(_("issued by"), max_length=160, blank=True)
    subject = models.CharField(pgettext_lazy("of a decision", "subject"), max_length=240, blank=True)
    file = models.FileField(_("file"), upload_to=_file_path, blank=True)
    effective_on = models.DateField(_("takes effect on"))
    note = models.TextField(_("note"), blank=True)
    state = models.CharField(_("state"), max_length=10, choices=DecisionState, default=DecisionState.DRAFT)
    drafted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("drafted by")
    )
    drafted_at = models.DateTimeField(_("drafted at"), auto_now_add=True, db_default=Now())
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("scheduled by"),
    )
    applied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("carried out by"),
    )
    applied_at = models.DateTimeField(_("carried out at"), null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("undone by"),
    )
    undone_at = models.DateTimeField(_("undone at"), null=True, blank=True)
    basis = models.CharField(max_length=64, blank=True, editable=False)
    trouble = models.TextField(_("why it did not take effect"), blank=True)
    plan = models.JSONField(null=True, editable=False)
    revision = models.PositiveIntegerField(default=1, editable=False)
    idempotency_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    unscoped = models.Manager()
    objects = ScopedManager["Decision"]("unit")

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        default_manager_name = "unscoped"
        ordering = ["-effective_on", "-pk"]
        indexes = [
            models.Index(fields=["-effective_on", "-id"], name="decision_order"),
            models.Index(fields=["effective_on"], name="decision_due", condition=Q(state="scheduled")),
        ]
        constraints = [
            models.CheckConstraint(name="decision_state_known", condition=Q(state__in=DecisionState.values)),
            models.CheckConstraint(
                name="decision_has_number",
                condition=Q(state="draft") | (~Q(number="") & Q(signed_on__isnull=False)),
                violation_error_message=_("Write the decision's number and the day on which it was signed."),
            ),
            models.CheckConstraint(
                name="decision_applied_is_dated",
                condition=Q(state__in=["applied", "undone"], applied_at__isnull=False, plan__isnull=False)
                | Q(state__in=["draft", "scheduled", "blocked"], applied_at=None),
            ),
            models.CheckConstraint(
                name="decision_undone_is_dated",
                condition=Q(state="undone", undone_at__isnull=False) | (~Q(state="undone") & Q(undone_at=None)),
            ),
            models.CheckConstraint(
                name="decision_trouble_said",
                condition=Q(state="blocked") & ~Q(trouble="") | ~Q(state="blocked") & Q(trouble=""),
            ),
            models.UniqueConstraint(
                fields=["unit", "number", "signed_on", "effective_on"],
                condition=~Q(number="") & ~Q(state="undone"),
                name="decision_entered_once",
                violation_error_message=_("This decision has been entered already, with the same day of effect."),
            ),
        ]
        triggers = DECISION_TRIGGERS

    def __str__(self) -> str:
        return self.number or self.subject or str(self.effective_on)

    @property
    def is_draft(self) -> bool:
        return self.state == DecisionState.DRAFT


class ChangeKind(models.TextChoices):
    FOUND = "found", pgettext_lazy("a unit", "Found")
    RENAME = "rename", pgettext_lazy("a unit", "Rename")
    MOVE = "move", pgettext_lazy("a unit", "Move")
    TIER = "tier", pgettext_lazy("a unit", "Change the tier")
    MERGE = "merge", pgettext_lazy("a unit", "Merge")
    SPLIT = "split", pgettext_lazy("a unit", "Split")
    DISSOLVE = "dissolve", pgettext_lazy("a unit", "Dissolve")


#: The kinds that close a unit.
CLOSING = (ChangeKind.MERGE, ChangeKind.SPLIT, ChangeKind.DISSOLVE)


class FundRule(models.TextChoices):
    """How the funds of a split unit are handed over; the remainder đồng goes to the largest part."""

    SHARE = "share", _("By the shares of the split")
    EQUAL = "equal", _("In equal parts")
    MEMBERS = "members", _("By members")
    STATED = "stated", _("By stated amounts")


#: Every fact that a change may need, with what it is when not needed.
_FACTS: dict[str, Any] = {
    "code": "",
    "name": "",
    "unit_kind": "",
    "place": None,
    "tier": None,
    "parent": None,
    "parent_change": None,
    "target": None,
    "target_change": None,
    "share": None,
    "fund_rule": "",
    "cash_vnd": None,
    "goods_vnd": None,
}


def _only(*needed: str) -> Q:
    """No fact but those ``needed``, and these as far as one column tells."""
    condition = Q()
    for fact, nothing in _FACTS.items():
        absent = Q(**{fact: nothing})
        if fact not in needed:
            condition &= absent
        elif nothing == "":
            condition &= ~absent
    return condition


def _one_of(first: str, second: str) -> Q:
    return Q(**{f"{first}__isnull": False, second: None}) | Q(**{first: None, f"{second}__isnull": False})


def _kind(kind: ChangeKind, facts: Q) -> Q:
    return ~Q(kind=kind.value) | facts


class Change(models.Model):
    """One change of a decision: what becomes of ``unit``. A split has a row for each successor.

    ``parent`` and ``target`` (who carries on) are units that stand, ``parent_change`` and ``target_change`` ones that
    the same decision founds. ``unit`` of a founding is what came of it.
    """

    decision = models.ForeignKey(Decision, models.CASCADE, related_name="changes", verbose_name=_("decision"))
    position = models.PositiveIntegerField(_("position"))
    kind = models.CharField(_("kind"), max_length=8, choices=ChangeKind)
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="changes", verbose_name=_("unit")
    )
    code = models.CharField(_("code"), max_length=32, blank=True)
    name = models.CharField(_("name"), max_length=200, blank=True)
    unit_kind = models.CharField(_("kind of unit"), max_length=16, choices=UnitKind, blank=True)
    place = models.ForeignKey(Place, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("place"))
    tier = models.ForeignKey(Tier, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("tier"))
    parent = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("stands under")
    )
    parent_change = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("stands under the new unit"),
    )
    target = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("carried on by")
    )
    target_change = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="predecessors",
        verbose_name=_("carried on by the new unit"),
    )
    share = models.DecimalField(_("share"), max_digits=7, decimal_places=6, null=True, blank=True)
    fund_rule = models.CharField(_("funds are handed over"), max_length=8, choices=FundRule, blank=True)
    cash_vnd = models.BigIntegerField(_("money handed over (đồng)"), null=True, blank=True)
    goods_vnd = models.BigIntegerField(_("goods handed over (đồng)"), null=True, blank=True)

    class Meta:
        verbose_name = _("change")
        verbose_name_plural = _("changes")
        ordering = ["decision", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["decision", "position"], name="change_position", deferrable=models.Deferrable.DEFERRED
            ),
            models.CheckConstraint(name="change_kind_known", condition=Q(kind__in=ChangeKind.values)),
            models.CheckConstraint(
                name="change_founds",
                condition=_kind(
                    ChangeKind.FOUND,
                    _only("code", "name", "unit_kind", "place", "tier", "parent", "parent_change")
                    & Q(tier__isnull=False)
                    & _one_of("parent", "parent_change")
                    & (Q(parent_change=None) | ~Q(parent_change=F("id"))),
                ),
                violation_error_message=_("A new unit needs a code, a name, a tier and the unit it stands under."),
            ),
            models.CheckConstraint(
                name="change_renames",
                condition=_kind(ChangeKind.RENAME, Q(unit__isnull=False) & _only("name")),
                violation_error_message=_("Choose the unit and write its new name."),
            ),
            models.CheckConstraint(
                name="change_moves",
                condition=_kind(
                    ChangeKind.MOVE,
                    Q(unit__isnull=False) & _only("parent", "parent_change") & _one_of("parent", "parent_change"),
                ),
                violation_error_message=_("Choose the unit and the unit that it is to stand under."),
            ),
            models.CheckConstraint(
                name="change_sets_tier",
                condition=_kind(ChangeKind.TIER, Q(unit__isnull=False, tier__isnull=False) & _only("tier")),
                violation_error_message=_("Choose the unit and its new tier."),
            ),
            models.CheckConstraint(
                name="change_merges",
                condition=_kind(
                    ChangeKind.MERGE,
                    Q(unit__isnull=False) & _only("target", "target_change") & _one_of("target", "target_change"),
                ),
                violation_error_message=_("Choose the unit that is merged and the unit that carries on."),
            ),
            models.CheckConstraint(
                name="change_splits",
                condition=_kind(
                    ChangeKind.SPLIT,
                    Q(unit__isnull=False, share__isnull=False, share__gt=0, share__lte=1)
                    & _only("target", "target_change", "share", "fund_rule", "cash_vnd", "goods_vnd")
                    & Q(fund_rule__in=FundRule.values)
                    & _one_of("target", "target_change"),
                ),
                violation_error_message=_(
                    "Choose the unit that is split, a unit that carries on, its share (above 0, at most 1) and how the "
                    "funds are handed over."
                ),
            ),
            models.CheckConstraint(
                name="change_dissolves",
                condition=_kind(ChangeKind.DISSOLVE, Q(unit__isnull=False) & _only()),
                violation_error_message=_("Choose the unit that is dissolved."),
            ),
            models.CheckConstraint(
                name="change_amounts",
                condition=Q(
                    fund_rule="stated",
                    cash_vnd__isnull=False,
                    goods_vnd__isnull=False,
                    cash_vnd__gte=0,
                    cash_vnd__lte=MOST_VND,
                    goods_vnd__gte=0,
                    goods_vnd__lte=MOST_VND,
                )
                | (~Q(fund_rule="stated") & Q(cash_vnd=None, goods_vnd=None)),
                violation_error_message=_("State how much money and how much in goods is handed over, 0 for none."),
            ),
            models.CheckConstraint(
                name="change_to_another",
                condition=(Q(target=None) | Q(unit=None) | ~Q(target=F("unit")))
                & (Q(parent=None) | Q(unit=None) | ~Q(parent=F("unit"))),
                violation_error_message=_("A unit cannot carry on for itself or stand under itself."),
            ),
            models.UniqueConstraint(
                fields=["decision", "kind", "unit"],
                condition=Q(kind__in=["rename", "move", "tier", "merge", "dissolve"]),
                name="change_once",
                violation_error_message=_("This change of the unit stands in the decision already."),
            ),
            models.UniqueConstraint(
                fields=["decision", "unit", "target", "target_change"],
                condition=Q(kind="split"),
                nulls_distinct=False,
                name="change_share_once",
                violation_error_message=_("This share of the unit stands in the decision already."),
            ),
            models.UniqueConstraint(
                fields=["decision", "code"],
                condition=Q(kind="found"),
                name="change_code_once",
                violation_error_message=_("The decision founds a unit with this code already."),
            ),
        ]
        triggers = CHANGE_TRIGGERS

    def __str__(self) -> str:
        return f"{self.position}. {self.get_kind_display()} {self.name or self.unit or ''}"


class Deed(models.TextChoices):
    MADE = "made", _("Made")
    CHANGED = "changed", _("Changed")
    REMOVED = "removed", _("Removed")


class DecisionEffect(models.Model):
    """A row that carrying out a decision made, changed or removed, so that it can be undone to the letter.

    ``before`` holds the columns that were changed (all of a removed row), ``after`` what they became.
    """

    decision = models.ForeignKey(Decision, models.PROTECT, related_name="effects")
    table_name = models.CharField(max_length=63)
    row_id = models.BigIntegerField()
    deed = models.CharField(max_length=8, choices=Deed)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["decision", "table_name", "row_id"], name="effect_once"),
        ]
        triggers = EFFECT_TRIGGERS

    def __str__(self) -> str:
        return f"{self.decision_id}: {self.deed} {self.table_name} {self.row_id}"
