"""Rules of pledges: promised money, never in the books, and which gifts kept the promise."""

from __future__ import annotations

import pgtrigger
from django.utils.translation import gettext_lazy as _

from funds.triggers.rules import CARD_MERGED, Rule, never, not_merged, refuse
from hkh.core.triggers import Rule as RuleTrigger

PLEDGE_KEPT = Rule(
    "pledge_kept", "true", _("A pledge is not changed or deleted. Cancel it, with the reason, and enter it again.")
)
PLEDGE_ADDS_UP = Rule("pledge_adds_up", "true", _("The instalments do not add up to the pledge."), "amount_vnd")
PLEDGE_NOT_IN_FUTURE = Rule(
    "pledge_not_in_future",
    "true",
    _("The date lies in the future. Enter the day on which it happened."),
    "pledged_on",
)
INSTALMENT_IN_TIME = Rule(
    "instalment_in_time",
    "true",
    _("An instalment falls due on the day of the pledge or later, within 30 years. Check the dates."),
)
MATCH_OF_DONOR = Rule(
    "pledge_match_of_donor",
    "true",
    _("Only a gift of the same donor that was not voided counts towards a pledge that still stands."),
)
MATCH_WITHIN = Rule("pledge_match_within", "true", _("More would be counted than the gift or the instalment comes to."))

DONOR_MERGED = Rule("pledge_donor_not_merged", "true", CARD_MERGED, "donor")

_STEPS = "'{cancelled_on,cancel_reason}'::text[]"
_ADDS_UP = f"""
    IF (SELECT amount_vnd FROM funds_pledge WHERE id = pledge)
       IS DISTINCT FROM (SELECT sum(amount_vnd) FROM funds_pledgeinstalment WHERE pledge_id = pledge)
    THEN {refuse(PLEDGE_ADDS_UP)} END IF;
    RETURN NULL;
"""

PLEDGE_TRIGGERS = [
    *never(PLEDGE_KEPT, pgtrigger.Delete, pgtrigger.Truncate),
    RuleTrigger(
        name="pledge_changed",
        level=pgtrigger.Row,
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        func=f"""
            IF OLD.cancelled_on IS NOT NULL OR to_jsonb(NEW) - {_STEPS} <> to_jsonb(OLD) - {_STEPS}
            THEN {refuse(PLEDGE_KEPT)} END IF;
            RETURN NEW;
        """,
    ),
    RuleTrigger(
        name="pledge_promised",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        referencing=pgtrigger.Referencing(new="new_rows"),
        declare=[("kept_name", "text")],
        func=f"""
            PERFORM 1 FROM funds_donor WHERE id IN (SELECT donor_id FROM new_rows) ORDER BY id FOR SHARE;
            {not_merged(DONOR_MERGED).kept}
            RETURN NULL;
        """,
    ),
    RuleTrigger(
        name="pledge_proved",
        level=pgtrigger.Row,
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        timing=pgtrigger.Deferred,
        declare=[("pledge", "bigint")],
        func=f"""
            IF NEW.pledged_on > funds_today() THEN {refuse(PLEDGE_NOT_IN_FUTURE)} END IF;
            pledge := NEW.id; {_ADDS_UP}
        """,
    ),
]

INSTALMENT_TRIGGERS = [
    *never(PLEDGE_KEPT, pgtrigger.Update, pgtrigger.Delete, pgtrigger.Truncate),
    RuleTrigger(
        name="instalment_proved",
        level=pgtrigger.Row,
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        timing=pgtrigger.Deferred,
        declare=[("pledge", "bigint")],
        func=f"""
            IF EXISTS (
                SELECT FROM funds_pledge promised WHERE promised.id = NEW.pledge_id
                AND (NEW.due_on < promised.pledged_on OR NEW.due_on > promised.pledged_on + interval '30 years')
            ) THEN {refuse(INSTALMENT_IN_TIME)} END IF;
            pledge := NEW.pledge_id; {_ADDS_UP}
        """,
    ),
]

MATCH_TRIGGERS = [
    *never(PLEDGE_KEPT, pgtrigger.Update, pgtrigger.Truncate),
    RuleTrigger(
        name="match_proved",
        level=pgtrigger.Row,
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        func=f"""
            PERFORM 1 FROM funds_donation WHERE id = NEW.donation_id FOR NO KEY UPDATE;
            PERFORM 1 FROM funds_pledgeinstalment WHERE id = NEW.instalment_id FOR NO KEY UPDATE;
            IF NOT EXISTS (
                SELECT FROM funds_pledgeinstalment due
                JOIN funds_pledge pledge ON pledge.id = due.pledge_id AND pledge.cancelled_on IS NULL
                JOIN funds_donor promised ON promised.id = pledge.donor_id
                JOIN funds_donation given ON given.id = NEW.donation_id AND given.voided_on IS NULL
                JOIN funds_donor giver ON giver.id = given.donor_id
                WHERE due.id = NEW.instalment_id
                  AND coalesce(promised.merged_into_id, promised.id) = coalesce(giver.merged_into_id, giver.id)
            ) THEN {refuse(MATCH_OF_DONOR)} END IF;
            IF (SELECT sum(amount_vnd) FROM funds_pledgematch WHERE donation_id = NEW.donation_id)
               > (SELECT amount_vnd FROM funds_donation WHERE id = NEW.donation_id)
            OR (SELECT sum(counted.amount_vnd) FROM funds_pledgematch counted
                JOIN funds_donation given ON given.id = counted.donation_id AND given.voided_on IS NULL
                WHERE counted.instalment_id = NEW.instalment_id)
               > (SELECT amount_vnd FROM funds_pledgeinstalment WHERE id = NEW.instalment_id)
            THEN {refuse(MATCH_WITHIN)} END IF;
            RETURN NULL;
        """,
    ),
]
