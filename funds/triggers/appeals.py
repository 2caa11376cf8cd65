"""Rules of appeals: their dates, the fund kept for one, and the decisions by which a surplus goes elsewhere."""

from __future__ import annotations

import pgtrigger
from django.utils.translation import gettext_lazy as _

from funds.triggers.rules import SEES_ALL, Rule, never, refuse
from hkh.core.triggers import Rule as RuleTrigger

APPEAL_SETTLED = Rule(
    "appeal_settled",
    "true",
    _("Gifts have come in for this appeal: its unit and its kind do not change any more."),
    "kind",
)
APPEAL_HOLDS_DONATIONS = Rule(
    "appeal_holds_donations",
    "true",
    _("Gifts have come in outside these dates. Choose dates that include them all."),
    "closes_on",
)
APPEAL_FUND_FITS = Rule(
    "appeal_fund_fits",
    "true",
    _("The fund kept for an appeal is a restricted fund of the same unit. Choose such a fund, or open one."),
    "fund",
)
APPEAL_FUND_SETTLED = Rule(
    "appeal_fund_settled",
    "true",
    _("Money has moved in the fund kept for this appeal, so it stays with it."),
    "fund",
)
APPEAL_FUND_ALONE = Rule(
    "appeal_fund_alone",
    "true",
    _(
        "Gifts of this appeal lie in funds of another purpose, or the fund holds gifts that were not given for it. "
        "Choose a fund that holds nothing else."
    ),
    "fund",
)

#: A gift of ``given`` that does not lie where the fund kept for its appeal wants it.
ASTRAY = """given.voided_on IS NULL AND given.fund_id <> appeal.fund_id AND NOT EXISTS (
    SELECT FROM funds_fund kept JOIN funds_fund held ON held.id = given.fund_id
    WHERE kept.id = appeal.fund_id AND held.is_restricted AND held.purpose = kept.purpose
)"""

# A gift on its way holds its fund by the foreign key: with the fund locked none slips by while it is taken.
_TAKEN = f"""
    IF old_fund IS NOT NULL AND (
        EXISTS (SELECT FROM funds_appealdecision WHERE appeal_id = NEW.id)
        OR EXISTS (
            SELECT FROM funds_movement moved JOIN funds_account account
                ON account.id IN (moved.source_id, moved.target_id) AND account.fund_id = old_fund
        )
    ) THEN {refuse(APPEAL_FUND_SETTLED)} END IF;
    PERFORM 1 FROM funds_fund WHERE id = NEW.fund_id FOR UPDATE;
    IF NEW.fund_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM funds_fund WHERE id = NEW.fund_id AND is_restricted AND unit_id = NEW.unit_id
    ) THEN {refuse(APPEAL_FUND_FITS)} END IF;
    IF EXISTS (
        SELECT FROM funds_appeal appeal JOIN funds_donation given ON given.appeal_id = appeal.id
        WHERE appeal.id = NEW.id AND {ASTRAY}
    ) OR EXISTS (
        SELECT FROM funds_donation given WHERE given.fund_id = NEW.fund_id AND given.voided_on IS NULL
        AND given.appeal_id IS DISTINCT FROM NEW.id
    ) THEN {refuse(APPEAL_FUND_ALONE)} END IF;
    RETURN NULL;
"""

APPEAL_TRIGGERS = [
    SEES_ALL,
    RuleTrigger(
        name="appeal_changed",
        level=pgtrigger.Row,
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        condition=pgtrigger.AnyChange("unit", "kind", "opens_on", "closes_on"),
        func=f"""
            IF (NEW.unit_id, NEW.kind) <> (OLD.unit_id, OLD.kind)
               AND EXISTS (SELECT FROM funds_donation WHERE appeal_id = NEW.id)
            THEN {refuse(APPEAL_SETTLED)} END IF;
            IF EXISTS (
                SELECT FROM funds_donation WHERE appeal_id = NEW.id
                AND (received_on < NEW.opens_on OR received_on >= NEW.closes_on)
            ) THEN {refuse(APPEAL_HOLDS_DONATIONS)} END IF;
            RETURN NEW;
        """,
    ),
    RuleTrigger(
        name="appeal_fund_taken",
        level=pgtrigger.Row,
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        condition=pgtrigger.Condition("NEW.fund_id IS NOT NULL"),
        declare=[("old_fund", "bigint")],
        func=_TAKEN,
    ),
    RuleTrigger(
        name="appeal_fund_changed",
        level=pgtrigger.Row,
        when=pgtrigger.After,
        operation=pgtrigger.Update,
        condition=pgtrigger.AnyChange("fund"),
        declare=[("old_fund", "bigint")],
        func=f"old_fund := OLD.fund_id; {_TAKEN}",
    ),
]
# Decisions

DECISION_KEPT = Rule(
    "appeal_decision_kept",
    "true",
    _("A decision about a surplus is not changed or deleted. Withdraw it, with the reason, and enter it again."),
)
DECISION_NEEDS_FUND = Rule(
    "appeal_decision_needs_fund",
    "true",
    _("No fund is kept for this appeal, so it has no surplus of its own. Choose its fund first."),
)
DECISION_ELSEWHERE = Rule(
    "appeal_decision_elsewhere",
    "true",
    _("This is the fund of the appeal itself. Choose where the surplus goes, or leave it empty and name the purpose."),
    "target_fund",
)
DECISION_DATED = Rule(
    "appeal_decision_dated",
    "true",
    _("A surplus is decided between the first day of the appeal and today. Check the date."),
    "decided_on",
)
DECISION_USED = Rule(
    "appeal_decision_used",
    "true",
    _("Money has gone out on this decision, so it stands. Take that back first."),
)


def _pair(decided: str, fund: str, target: str) -> str:
    """SQL: FROM and WHERE of the decisions that stand for ``fund`` → ``target`` (NULL: spending)."""
    return f"""
        FROM funds_appealdecision {decided} JOIN funds_appeal deciding ON deciding.id = {decided}.appeal_id
        WHERE deciding.fund_id = {fund} AND {decided}.target_fund_id IS NOT DISTINCT FROM {target}
          AND {decided}.withdrawn_on IS NULL
    """


def decided_vnd(fund: str, target: str) -> str:
    """SQL: how much of the surplus of ``fund`` decisions let go to ``target`` (NULL: be spent)."""
    return f"coalesce((SELECT sum(decided.amount_vnd) {_pair('decided', fund, target)}), 0)"


def uses(fund: str, target: str) -> str:
    """SQL: FROM and WHERE of the movements ``used`` of money out of ``fund`` into ``target`` (NULL: spent), but those
    taken back."""
    return f"""
        FROM funds_movement used
        JOIN funds_account spent ON spent.id = used.source_id
        JOIN funds_account got ON got.id = used.target_id
        WHERE spent.fund_id = {fund} AND spent.pot = 'cash' AND got.fund_id IS NOT DISTINCT FROM {target}
          AND used.kind IN ('transfer', 'expense') AND used.reverses_id IS NULL
          AND NOT EXISTS (SELECT FROM funds_movement undone WHERE undone.reverses_id = used.id)
    """


def used_vnd(fund: str, target: str) -> str:
    """SQL: how much has gone that way."""
    return f"coalesce((SELECT sum(used.amount_vnd) {uses(fund, target)}), 0)"


def decided_by(fund: str, target: str, day: str) -> str:
    """SQL condition: what has gone from ``fund`` to ``target`` is covered by decisions, one of them made by ``day``."""
    return f"""(
        EXISTS (SELECT {_pair("decided", fund, target)} AND decided.decided_on <= {day})
        AND {decided_vnd(fund, target)} >= {used_vnd(fund, target)}
    )"""


_WITHDRAWAL = "'{withdrawn_on,withdraw_reason}'::text[]"

DECISION_TRIGGERS = [
    SEES_ALL,
    *never(DECISION_KEPT, pgtrigger.Delete, pgtrigger.Truncate),
    RuleTrigger(
        name="appeal_decision_made",
        level=pgtrigger.Row,
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        declare=[("kept", "bigint"), ("opened", "date")],
        func=f"""
            SELECT fund_id, opens_on INTO kept, opened FROM funds_appeal WHERE id = NEW.appeal_id FOR SHARE;
            IF kept IS NULL THEN {refuse(DECISION_NEEDS_FUND)} END IF;
            IF NEW.target_fund_id = kept THEN {refuse(DECISION_ELSEWHERE)} END IF;
            IF NEW.decided_on < opened OR NEW.decided_on > funds_today() THEN {refuse(DECISION_DATED)} END IF;
            RETURN NEW;
        """,
    ),
    RuleTrigger(
        name="appeal_decision_changed",
        level=pgtrigger.Row,
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        func=f"""
            IF OLD.withdrawn_on IS NOT NULL OR to_jsonb(NEW) - {_WITHDRAWAL} <> to_jsonb(OLD) - {_WITHDRAWAL}
            THEN {refuse(DECISION_KEPT)} END IF;
            RETURN NEW;
        """,
    ),
    # The accounts are locked as by a movement, so that nothing goes out on the decision while it is withdrawn.
    RuleTrigger(
        name="appeal_decision_withdrawn",
        level=pgtrigger.Row,
        when=pgtrigger.After,
        operation=pgtrigger.Update,
        declare=[("kept", "bigint")],
        func=f"""
            SELECT fund_id INTO kept FROM funds_appeal WHERE id = NEW.appeal_id;
            PERFORM 1 FROM funds_account WHERE fund_id = kept ORDER BY id FOR NO KEY UPDATE;
            IF EXISTS (
                SELECT {uses("kept", "NEW.target_fund_id")}
                AND NOT {decided_by("kept", "NEW.target_fund_id", "used.occurred_on")}
            ) THEN {refuse(DECISION_USED)} END IF;
            RETURN NULL;
        """,
    ),
]
