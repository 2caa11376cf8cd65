"""Donors, donations, funds and their ledger (DESIGN §6). Whole đồng everywhere."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from funds.triggers.donations import DONATION_TRIGGERS, DONOR_TRIGGERS, PROOF_TRIGGERS
from funds.triggers.funds import APPEAL_TRIGGERS, FUND_TRIGGERS
from funds.triggers.movements import ACCOUNT_TRIGGERS, MOVEMENT_TRIGGERS
from hkh.core.text import SearchKey, TitleKey
from members.models import Unit
from members.scope import ScopedManager

MOST_VND = 10**15


class LegalStatus(models.TextChoices):
    INTERNAL = "internal", _("Internal fund of the association")
    LICENSED = "licensed", _("Licensed fund (legal person)")


class Fund(models.Model):
    """A pot of money of one unit. What it holds stands in its accounts."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="funds", verbose_name=_("unit"))
    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=160)
    purpose = models.CharField(_("purpose"), max_length=240, blank=True)
    is_restricted = models.BooleanField(
        _("restricted"), default=False, help_text=_("Pays only for its purpose, as its donors asked.")
    )
    legal_status = models.CharField(_("legal status"), max_length=10, choices=LegalStatus, default=LegalStatus.INTERNAL)
    opened_on = models.DateField(_("opened on"))
    closed_on = models.DateField(_("closed on"), null=True, blank=True, help_text=_("First day it was no more."))
    revision = models.PositiveIntegerField(default=1, editable=False)
    search_key = models.GeneratedField(
        expression=SearchKey("name"), output_field=models.TextField(db_collation="C"), db_persist=True
    )
    title_key = models.GeneratedField(
        expression=TitleKey("name"), output_field=models.TextField(db_collation="C"), db_persist=True
    )

    unscoped = models.Manager()
    objects = ScopedManager["Fund"]("unit")

    class Meta:
        verbose_name = _("fund")
        verbose_name_plural = _("funds")
        default_manager_name = "unscoped"
        ordering = ["title_key", "pk"]
        constraints = [
            models.CheckConstraint(
                name="fund_dates_in_order",
                condition=Q(closed_on=None) | Q(closed_on__gt=F("opened_on")),
                violation_error_message=_("A fund cannot close before it opens."),
            ),
            models.CheckConstraint(
                name="fund_restricted_has_purpose",
                condition=Q(is_restricted=False) | ~Q(purpose=""),
                violation_error_message=_("Say what the restricted fund is for."),
            ),
        ]
        triggers = FUND_TRIGGERS

    def __str__(self) -> str:
        return self.name


class Pot(models.TextChoices):
    CASH = "cash", _("Money")
    GOODS = "goods", _("Goods")


class AccountKind(models.TextChoices):
    """``free`` and ``committed`` belong to a fund; the others are outside parties, one each a pot."""

    FREE = "free", _("Available")
    COMMITTED = "committed", _("Committed")
    DONORS = "donors", _("Donors")
    RECIPIENTS = "recipients", _("Recipients")
    OPENING = "opening", _("Brought forward")
    ADJUSTMENT = "adjustment", _("Adjustments")


class Account(models.Model):
    """Where money or goods stand. A fund has four (two pots, free and committed); outside parties have one a pot.

    ``balance_vnd`` follows the movements by trigger for a fund's accounts, never goes below zero, and stays 0
    for outside parties (a shared row there would make every clerk wait for every other).
    """

    fund = models.ForeignKey(Fund, models.PROTECT, null=True, related_name="accounts", verbose_name=_("fund"))
    kind = models.CharField(_("kind"), max_length=10, choices=AccountKind)
    pot = models.CharField(_("pot"), max_length=5, choices=Pot)
    balance_vnd = models.BigIntegerField(_("balance"), default=0, editable=False)

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [
            models.UniqueConstraint(fields=["fund", "kind", "pot"], name="account_once", nulls_distinct=False),
            models.CheckConstraint(
                name="account_kind_fits_fund",
                condition=Q(fund=None, kind__in=["donors", "recipients", "opening", "adjustment"])
                | Q(fund__isnull=False, kind__in=["free", "committed"]),
            ),
            models.CheckConstraint(
                name="account_not_overdrawn",
                condition=Q(balance_vnd__gte=0),
                violation_error_message=_("The fund does not hold that much."),
            ),
        ]
        triggers = ACCOUNT_TRIGGERS

    def __str__(self) -> str:
        return f"{self.fund or ''} {self.get_kind_display()} · {self.get_pot_display()}".strip()


class MovementKind(models.TextChoices):
    OPENING = "opening", _("Brought forward")
    DONATION = "donation", _("Donation")
    TRANSFER = "transfer", _("Transfer between funds")
    COMMITMENT = "commitment", _("Commitment")
    RELEASE = "release", _("Commitment released")
    PAYMENT = "payment", pgettext_lazy("a movement", "Handed out")
    INTEREST = "interest", _("Interest")
    EXPENSE = "expense", _("Other spending")
    HANDOVER = "handover", _("Handover on reorganisation")


class DonorKind(models.TextChoices):
    ENTERPRISE = "enterprise", _("Enterprise")
    PERSON = "person", _("Person")
    AGENCY = "agency", _("Agency")
    NGO = "ngo", _("Foreign non-governmental organisation")
    MEMBER = "member", _("Members")
    CLAN = "clan", _("Clan")


class Donor(models.Model):
    """Who gives. Kept by the unit that knows the donor."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="donors", verbose_name=_("unit"))
    kind = models.CharField(_("kind"), max_length=10, choices=DonorKind)
    name = models.CharField(_("name"), max_length=200)
    country = models.CharField(_("country"), max_length=60, blank=True)
    phone = models.CharField(_("telephone"), max_length=20, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    address = models.CharField(_("address"), max_length=200, blank=True)
    tax_code = models.CharField(_("tax code"), max_length=14, blank=True)
    is_anonymous = models.BooleanField(
        _("wishes to stay unnamed"), default=False, help_text=_("The name is shown to no one outside.")
    )
    note = models.TextField(_("note"), blank=True)
    revision = models.PositiveIntegerField(default=1, editable=False)
    search_key = models.GeneratedField(
        expression=SearchKey("name"), output_field=models.TextField(db_collation="C"), db_persist=True
    )
    title_key = models.GeneratedField(
        expression=TitleKey("name"), output_field=models.TextField(db_collation="C"), db_persist=True
    )

    unscoped = models.Manager()
    objects = ScopedManager["Donor"]("unit")

    class Meta:
        verbose_name = _("donor")
        verbose_name_plural = _("donors")
        default_manager_name = "unscoped"
        ordering = ["title_key", "pk"]
        indexes = [
            models.Index(fields=["title_key", "id"], name="donor_order"),
            GinIndex(fields=["search_key"], name="donor_search", opclasses=["gin_trgm_ops"]),
        ]
        triggers = DONOR_TRIGGERS

    def __str__(self) -> str:
        return self.name


class AppealKind(models.TextChoices):
    YEARLY = "yearly", _("Yearly drive")
    EMERGENCY = "emergency", _("Emergency appeal")
    PIGGY_BANK = "piggy_bank", _("Piggy-bank drive")


class Appeal(models.Model):
    """A call for gifts with a purpose and dates, ``[opens_on, closes_on)``; nothing is taken outside them."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="appeals", verbose_name=_("unit"))
    kind = models.CharField(_("kind"), max_length=10, choices=AppealKind)
    name = models.CharField(_("name"), max_length=200)
    purpose = models.CharField(_("purpose"), max_length=240, blank=True)
    partner = models.CharField(_("partner"), max_length=120, blank=True)
    target_vnd = models.BigIntegerField(_("target"), null=True, blank=True)
    opens_on = models.DateField(_("opens on"))
    closes_on = models.DateField(_("closes on"), null=True, blank=True)

    unscoped = models.Manager()
    objects = ScopedManager["Appeal"]("unit")

    class Meta:
        verbose_name = _("appeal")
        verbose_name_plural = _("appeals")
        default_manager_name = "unscoped"
        ordering = ["-opens_on", "pk"]
        constraints = [
            models.CheckConstraint(
                name="appeal_dates_in_order",
                condition=Q(closes_on=None) | Q(closes_on__gt=F("opens_on")),
                violation_error_message=_("An appeal cannot close before it opens."),
            ),
            models.CheckConstraint(
                name="appeal_target",
                condition=Q(target_vnd=None) | Q(target_vnd__gt=0, target_vnd__lte=MOST_VND),
                violation_error_message=_("The target must be above zero and at most 10^15 đồng."),
            ),
        ]
        triggers = APPEAL_TRIGGERS

    def __str__(self) -> str:
        return self.name


class DonationForm(models.TextChoices):
    CASH = "cash", _("Cash")
    BANK_TRANSFER = "bank_transfer", _("Bank transfer")
    IN_KIND = "in_kind", _("In kind")


class Donation(models.Model):
    """One gift received by a unit into one of its funds; or, ``is_pass_through``, handed straight to a family.

    Facts never change: a mistake is voided (once, whole, with the reason) and entered again.
    """

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="donations", verbose_name=_("unit"))
    fund = models.ForeignKey(
        Fund, models.PROTECT, null=True, blank=True, related_name="donations", verbose_name=_("fund")
    )
    donor = models.ForeignKey(Donor, models.PROTECT, related_name="donations", verbose_name=_("donor"))
    appeal = models.ForeignKey(
        Appeal, models.PROTECT, null=True, blank=True, related_name="donations", verbose_name=_("appeal")
    )
    received_on = models.DateField(_("received on"))
    form = models.CharField(_("form"), max_length=13, choices=DonationForm)
    amount_vnd = models.BigIntegerField(_("amount (đồng)"))
    is_pass_through = models.BooleanField(
        _("handed straight to the recipient"), default=False, help_text=_("Reported, never in the books.")
    )
    currency = models.CharField(_("currency"), max_length=3, default="VND")
    foreign_amount = models.DecimalField(
        _("amount in that currency"), max_digits=18, decimal_places=2, null=True, blank=True
    )
    exchange_rate = models.DecimalField(_("exchange rate"), max_digits=18, decimal_places=6, null=True, blank=True)
    goods = models.CharField(_("goods"), max_length=240, blank=True, help_text=_("What, how many, who valued it."))
    purpose = models.CharField(_("purpose"), max_length=240, blank=True)
    document = models.CharField(_("document"), max_length=60, blank=True)
    note = models.TextField(_("note"), blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("recorded by")
    )
    recorded_at = models.DateTimeField(auto_now_add=True, db_default=Now())
    idempotency_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
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

    unscoped = models.Manager()
    objects = ScopedManager["Donation"]("unit")

    class Meta:
        verbose_name = _("donation")
        verbose_name_plural = _("donations")
        default_manager_name = "unscoped"
        ordering = ["-received_on", "-pk"]
        indexes = [
            models.Index(fields=["-received_on", "-id"], name="donation_order"),
            models.Index(fields=["unit", "-received_on", "-id"], name="donation_by_unit"),
            models.Index(fields=["donor", "-received_on"], name="donation_by_donor"),
        ]
        constraints = [
            models.CheckConstraint(
                name="donation_amount",
                condition=Q(amount_vnd__gt=0, amount_vnd__lte=MOST_VND),
                violation_error_message=_("The amount must be above zero and at most 10^15 đồng."),
            ),
            models.CheckConstraint(
                name="donation_fund_or_pass_through",
                condition=Q(is_pass_through=True, fund=None) | Q(is_pass_through=False, fund__isnull=False),
                violation_error_message=_("Choose a fund, or mark the gift as handed straight to the recipient."),
            ),
            models.CheckConstraint(
                name="donation_currency",
                condition=Q(currency="VND", foreign_amount=None, exchange_rate=None)
                | (
                    ~Q(currency="VND")
                    & Q(foreign_amount__isnull=False, foreign_amount__gt=0)
                    & Q(exchange_rate__isnull=False, exchange_rate__gt=0)
                ),
                violation_error_message=_("A foreign gift needs its amount and its exchange rate."),
            ),
            models.CheckConstraint(
                name="donation_foreign_adds_up",
                # Up to one đồng, for the bank's way of rounding.
                condition=Q(currency="VND")
                | Q(
                    amount_vnd__gte=F("foreign_amount") * F("exchange_rate") - 1,
                    amount_vnd__lte=F("foreign_amount") * F("exchange_rate") + 1,
                ),
                violation_error_message=_("Amount in that currency times exchange rate must give the đồng."),
            ),
            models.CheckConstraint(
                name="donation_goods_described",
                condition=~Q(form="in_kind") | ~Q(goods=""),
                violation_error_message=_("Describe the goods: what, how many, who valued them."),
            ),
            models.CheckConstraint(
                name="donation_void_has_reason",
                condition=Q(voided_on=None, void_reason="")
                | (Q(voided_on__isnull=False, voided_on__gte=F("received_on")) & ~Q(void_reason="")),
                violation_error_message=_("Say why the donation is voided."),
            ),
        ]
        triggers = DONATION_TRIGGERS

    def __str__(self) -> str:
        return f"{self.donor} · {self.amount_vnd} · {self.received_on}"

    @property
    def pot(self) -> Pot:
        return Pot.GOODS if self.form == DonationForm.IN_KIND else Pot.CASH


class Movement(models.Model):
    """One movement from an account to another of the same pot. Append-only: a mistake is reversed once, in full."""

    source = models.ForeignKey(Account, models.PROTECT, related_name="movements_out", verbose_name=_("from"))
    target = models.ForeignKey(Account, models.PROTECT, related_name="movements_in", verbose_name=_("to"))
    amount_vnd = models.BigIntegerField(_("amount (đồng)"))
    kind = models.CharField(_("kind"), max_length=10, choices=MovementKind)
    occurred_on = models.DateField(_("date"))
    document = models.CharField(_("document"), max_length=60, blank=True)
    note = models.CharField(_("note"), max_length=240, blank=True)
    donation = models.ForeignKey(
        Donation, models.PROTECT, null=True, blank=True, related_name="movements", verbose_name=_("donation")
    )
    reverses = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="reversal", verbose_name=_("reverses")
    )
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("recorded by")
    )
    recorded_at = models.DateTimeField(auto_now_add=True, db_default=Now())
    idempotency_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    class Meta:
        verbose_name = _("movement")
        verbose_name_plural = _("movements")
        ordering = ["-occurred_on", "-pk"]
        indexes = [
            models.Index(fields=["source", "occurred_on"], name="movement_out"),
            models.Index(fields=["target", "occurred_on"], name="movement_in"),
        ]
        constraints = [
            models.CheckConstraint(
                name="movement_amount",
                condition=Q(amount_vnd__gt=0, amount_vnd__lte=MOST_VND),
                violation_error_message=_("The amount must be above zero and at most 10^15 đồng."),
            ),
            models.CheckConstraint(
                name="movement_between_two",
                condition=~Q(source=F("target")),
                violation_error_message=_("Choose two different funds."),
            ),
            models.UniqueConstraint(
                fields=["donation"],
                condition=Q(kind="donation", reverses=None),
                name="movement_once_a_donation",
            ),
        ]
        triggers = MOVEMENT_TRIGGERS

    def __str__(self) -> str:
        return f"{self.occurred_on} {self.get_kind_display()} {self.amount_vnd}"


class BookingProof(models.Model):
    """Donations whose place in the books is still to be proved, ``first_id`` to ``last_id``.

    Written by trigger and gone again before the transaction ends: no row of it is ever seen from outside.
    """

    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField()

    class Meta:
        triggers = PROOF_TRIGGERS

    def __str__(self) -> str:
        return f"{self.first_id}–{self.last_id}"


class FundMonth(models.Model):
    """Roll-up: what came into and went out of a fund's pot in a month, by kind (moves inside the fund left out).

    ``committed_vnd`` is the net change of the committed account in that month. Kept by trigger.
    """

    fund = models.ForeignKey(Fund, models.CASCADE, related_name="+", db_index=False)
    unit = models.ForeignKey(Unit, models.CASCADE, related_name="+", db_index=False)
    month = models.DateField()
    pot = models.CharField(max_length=5, choices=Pot)
    kind = models.CharField(max_length=10, choices=MovementKind)
    in_vnd = models.BigIntegerField(default=0)
    out_vnd = models.BigIntegerField(default=0)
    committed_vnd = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["fund", "month", "pot", "kind"], name="fund_month_once")]
        indexes = [models.Index(fields=["unit", "month"], name="fund_month_by_unit")]

    def __str__(self) -> str:
        return f"{self.fund_id} {self.month} {self.kind}"


class DonationMonth(models.Model):
    """Roll-up: gifts received by a unit in a month, by form and kind of donor. A void counts negative on its day.

    Pass-through gifts stand in rows of their own and are not *mobilised*. Kept by trigger.
    """

    unit = models.ForeignKey(Unit, models.CASCADE, related_name="+", db_index=False)
    month = models.DateField()
    form = models.CharField(max_length=13, choices=DonationForm)
    donor_kind = models.CharField(max_length=10, choices=DonorKind)
    is_pass_through = models.BooleanField(default=False)
    is_emergency = models.BooleanField(default=False)
    count = models.IntegerField(default=0)
    value_vnd = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "month", "form", "donor_kind", "is_pass_through", "is_emergency"],
                name="donation_month_once",
            )
        ]
        indexes = [models.Index(fields=["month", "unit"], name="donation_month_by_month")]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.month}: {self.value_vnd}"
