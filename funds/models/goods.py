"""Goods: what a gift of goods consists of, and the stock that it becomes."""

from __future__ import annotations

import uuid
from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from funds.models.amounts import MOST_VND
from funds.models.donations import Donation
from funds.models.funds import Fund
from funds.models.ledger import Movement
from funds.triggers.choices import CHOICE_TRIGGERS
from funds.triggers.gifts import GIVER_TRIGGERS, LINE_TRIGGERS
from funds.triggers.stock import ENTRY_TRIGGERS, ISSUE_TRIGGERS, STOCK_PROOF_TRIGGERS, STOCK_TRIGGERS
from hkh.core.text import TitleKey
from members.models import Unit
from members.scope import ScopedManager


class NamedGiver(models.Model):
    """Somebody on whose behalf a gift was handed over: one of a class, a street, a company's staff."""

    donation = models.ForeignKey(Donation, models.PROTECT, related_name="givers", verbose_name=_("donation"))
    name = models.CharField(_("name"), max_length=200)
    amount_vnd = models.BigIntegerField(_("amount (đồng)"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=120, blank=True, default="", db_default="")

    class Meta:
        verbose_name = _("named giver")
        verbose_name_plural = _("named givers")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="giver_named",
                condition=~Q(name="") & (Q(amount_vnd=None) | Q(amount_vnd__gt=0)),
                violation_error_message=_("Each giver needs a name; what each gave is above zero, or left empty."),
            ),
        ]
        triggers = GIVER_TRIGGERS

    def __str__(self) -> str:
        return self.name


class Valuation(models.TextChoices):
    INVOICE = "invoice", _("Invoice")
    MARKET = "market", _("Market price")
    DONOR = "donor", _("As the donor says")
    COMMITTEE = "committee", _("Valued by a committee")


class GoodsLine(models.Model):
    """One kind of goods in a gift: how many, at what value, by whose word. The lines add up to the gift."""

    donation = models.ForeignKey(Donation, models.PROTECT, related_name="lines", verbose_name=_("donation"))
    what = models.CharField(_("what"), max_length=120)
    quantity = models.DecimalField(_("quantity"), max_digits=14, decimal_places=3)
    measure = models.CharField(_("measure"), max_length=24)
    unit_value_vnd = models.BigIntegerField(_("value of one (đồng)"))
    value_vnd = models.BigIntegerField(_("value (đồng)"))
    valuation = models.CharField(_("how valued"), max_length=10, choices=Valuation, default=Valuation.DONOR)
    valued_by = models.CharField(_("valued by"), max_length=120, blank=True, default="", db_default="")

    class Meta:
        verbose_name = _("line of goods")
        verbose_name_plural = _("lines of goods")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="goods_line_counts",
                condition=Q(quantity__gt=0, unit_value_vnd__gt=0, value_vnd__gt=0, value_vnd__lte=MOST_VND)
                & ~Q(what="")
                & ~Q(measure=""),
                violation_error_message=_("Each line says what, how many, in which measure, and what one is worth."),
            ),
            models.CheckConstraint(
                name="goods_line_multiplies",
                condition=Q(
                    value_vnd__gte=F("quantity") * F("unit_value_vnd") - Decimal("0.5"),
                    value_vnd__lte=F("quantity") * F("unit_value_vnd") + Decimal("0.5"),
                ),
                violation_error_message=_("Quantity times the value of one must give the value of the line."),
            ),
        ]
        triggers = LINE_TRIGGERS

    def __str__(self) -> str:
        return f"{self.quantity.normalize():f} {self.measure} {self.what}"


class StockItem(models.Model):
    """One kind of goods that a fund holds or held, in one measure."""

    fund = models.ForeignKey(Fund, models.PROTECT, related_name="stock_items", verbose_name=_("fund"))
    name = models.CharField(_("what"), max_length=120)
    measure = models.CharField(_("measure"), max_length=24)
    title_key = models.GeneratedField(
        expression=TitleKey("name"), output_field=models.TextField(db_collation="C"), db_persist=True
    )
    measure_key = models.GeneratedField(
        expression=TitleKey("measure"), output_field=models.TextField(db_collation="C"), db_persist=True
    )

    unscoped = models.Manager()
    objects = ScopedManager["StockItem"]("fund__unit")

    class Meta:
        verbose_name = _("goods in stock")
        verbose_name_plural = _("goods in stock")
        default_manager_name = "unscoped"
        ordering = ["title_key", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["fund", "title_key", "measure_key"], name="stock_item_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Stock(models.Model):
    """How much of an item is there: in the fund's own store (``holder`` empty) or issued to a unit.

    Follows the entries by trigger, never below zero; its value is part of the fund's goods pot, issued or not.
    """

    item = models.ForeignKey(StockItem, models.PROTECT, related_name="stocks", verbose_name=_("goods"))
    holder = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("held by"))
    quantity = models.DecimalField(_("quantity"), max_digits=18, decimal_places=6, default=0)
    value_vnd = models.BigIntegerField(_("value (đồng)"), default=0)

    class Meta:
        verbose_name = _("stock")
        verbose_name_plural = _("stock")
        constraints = [
            models.UniqueConstraint(fields=["item", "holder"], name="stock_once", nulls_distinct=False),
            models.CheckConstraint(
                name="stock_not_negative",
                condition=Q(quantity__gt=0, value_vnd__gt=0) | Q(quantity=0, value_vnd=0),
                violation_error_message=_(
                    "Of these goods not that many are there: some were issued or handed out since. "
                    "Lower the quantity, or take back what was issued."
                ),
            ),
        ]
        triggers = STOCK_TRIGGERS

    def __str__(self) -> str:
        return f"{self.item_id} {self.holder_id or ''} {self.quantity}"


class GoodsIssue(models.Model):
    """A lot of goods from the fund's store to a unit that is to hand it out, or (``is_return``) back from there.

    The goods stay the fund's until they reach a recipient: no money moves, no movement is booked.
    """

    item = models.ForeignKey(StockItem, models.PROTECT, related_name="issues", verbose_name=_("goods"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("to unit"))
    quantity = models.DecimalField(_("quantity"), max_digits=14, decimal_places=3)
    issued_on = models.DateField(_("date"))
    is_return = models.BooleanField(_("taken back"), default=False)
    document = models.CharField(_("document"), max_length=60, blank=True, default="", db_default="")
    note = models.CharField(_("note"), max_length=240, blank=True, default="", db_default="")
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("recorded by")
    )
    recorded_at = models.DateTimeField(auto_now_add=True, db_default=Now())
    idempotency_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    unscoped = models.Manager()
    objects = ScopedManager["GoodsIssue"]("item__fund__unit")

    class Meta:
        verbose_name = _("lot of goods")
        verbose_name_plural = _("lots of goods")
        default_manager_name = "unscoped"
        ordering = ["-issued_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="issue_counts",
                condition=Q(quantity__gt=0),
                violation_error_message=_("Write how many are issued."),
            ),
        ]
        triggers = ISSUE_TRIGGERS

    def __str__(self) -> str:
        return f"{self.item_id} → {self.unit_id}: {self.quantity}"


class StockEntryKind(models.TextChoices):
    IN = "in", _("In")
    OUT = "out", _("Out")
    ISSUE = "issue", _("Issued")
    BACK = "back", _("Taken back")


class StockEntry(models.Model):
    """What came to a stock (above zero) or left it (below), and why: a movement of the ledger, or a lot.

    Written by trigger alone, append-only: so the stock says what the ledger's goods pot says.
    """

    item = models.ForeignKey(StockItem, models.PROTECT, related_name="entries", verbose_name=_("goods"))
    holder = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("held by"))
    kind = models.CharField(_("kind"), max_length=5, choices=StockEntryKind)
    quantity = models.DecimalField(_("quantity"), max_digits=18, decimal_places=6)
    value_vnd = models.BigIntegerField(_("value (đồng)"))
    occurred_on = models.DateField(_("date"))
    movement = models.ForeignKey(
        Movement, models.PROTECT, null=True, blank=True, related_name="stock_entries", verbose_name=_("movement")
    )
    issue = models.ForeignKey(
        GoodsIssue, models.PROTECT, null=True, blank=True, related_name="entries", verbose_name=_("lot")
    )

    class Meta:
        verbose_name = _("stock entry")
        verbose_name_plural = _("stock entries")
        ordering = ["-occurred_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="stock_entry_has_cause",
                condition=Q(movement=None, issue__isnull=False) | Q(movement__isnull=False, issue=None),
            ),
        ]
        triggers = ENTRY_TRIGGERS

    def __str__(self) -> str:
        return f"{self.item_id} {self.quantity} {self.occurred_on}"


class GoodsChoice(models.Model):
    """What goods a payment hands out, and from where, as somebody chose; without any, goods are drawn by value."""

    movement = models.ForeignKey(
        Movement, models.PROTECT, related_name="goods_chosen", verbose_name=_("movement"), db_index=False
    )
    item = models.ForeignKey(StockItem, models.PROTECT, related_name="+", verbose_name=_("goods"))
    holder = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("held by"))
    quantity = models.DecimalField(_("quantity"), max_digits=18, decimal_places=6)

    class Meta:
        verbose_name = _("goods chosen")
        verbose_name_plural = _("goods chosen")
        constraints = [
            models.UniqueConstraint(
                fields=["movement", "item", "holder"],
                name="goods_choice_once",
                nulls_distinct=False,
                violation_error_message=_("Goods from one place stand once in a distribution."),
            ),
            models.CheckConstraint(
                name="goods_choice_counts",
                condition=Q(quantity__gt=0),
                violation_error_message=_("Write how many are handed out."),
            ),
        ]
        triggers = CHOICE_TRIGGERS

    def __str__(self) -> str:
        return f"{self.movement_id}: {self.quantity} × {self.item_id}"


class StockProof(models.Model):
    """Movements of goods whose stock entries are still to be made, from id to id; as ``BookingProof``."""

    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField()

    class Meta:
        triggers = STOCK_PROOF_TRIGGERS

    def __str__(self) -> str:
        return f"{self.first_id}–{self.last_id}"
