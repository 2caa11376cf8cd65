"""Roll-ups of money: kept by trigger from facts."""

from __future__ import annotations

from django.db import models

from funds.models.donors import DonorKind
from funds.models.funds import Fund, Pot
from funds.models.gifts import DonationForm
from funds.models.ledger import MovementKind
from members.models import Unit


class FundMonth(models.Model):
    """Roll-up: what came into and went out of a fund's pot in a month, by kind (moves inside the fund left out).

    ``committed_vnd`` and ``transit_vnd`` are the net changes of these two accounts in that month. Kept by trigger.
    """

    fund = models.ForeignKey(Fund, models.CASCADE, related_name="+", db_index=False)
    unit = models.ForeignKey(Unit, models.CASCADE, related_name="+", db_index=False)
    month = models.DateField()
    pot = models.CharField(max_length=5, choices=Pot)
    kind = models.CharField(max_length=10, choices=MovementKind)
    in_vnd = models.BigIntegerField(default=0)
    out_vnd = models.BigIntegerField(default=0)
    committed_vnd = models.BigIntegerField(default=0)
    transit_vnd = models.BigIntegerField(default=0, db_default=0)

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
