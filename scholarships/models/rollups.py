"""What is kept summed of rounds, funds and months, by trigger."""

from __future__ import annotations

from django.db import models

from funds.models import Fund, Pot
from members.models import Unit
from scholarships.models.awards import AwardKind, BeneficiaryGroup
from scholarships.models.rounds import Programme, Round
from scholarships.triggers.rounds import (
    OWED_TRIGGERS,
    TALLY_TRIGGERS,
)


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
