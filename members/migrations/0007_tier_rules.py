"""What a tier forbids is refused by every way in: at the version, at the tier, at what may stand under what.

Rules bind the tree from now on: what stood otherwise before a rule changed stays as it was. Ranks order what may stand
under what, so tiers cannot form a circle. Who changes a tier or its rules locks the tree first, as who changes the tree
does, so neither looks past the other.
"""

from importlib import import_module

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

import hkh.core.triggers

BEFORE = import_module("members.migrations.0002_tree_rules")

# At the end of the transaction, for one version as it then is.
CHECK_VERSION = """
CREATE OR REPLACE FUNCTION members_check_version(version_id bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    version members_unitversion%ROWTYPE;
    tier members_tier%ROWTYPE;
    other record;
BEGIN
    SELECT * INTO version FROM members_unitversion WHERE id = version_id;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    SELECT * INTO tier FROM members_tier WHERE id = version.tier_id;

    IF coalesce(version.valid_until, 'infinity') > tier.retired_on THEN
        PERFORM members_refuse('tier_retired', 'The tier of a unit was retired.',
            jsonb_build_object('unit', version.name, 'tier', tier.name_vi));
    END IF;

    IF version.parent_id IS NULL AND NOT tier.may_stand_alone
       AND EXISTS (SELECT 1 FROM members_tier_may_stand_under WHERE from_tier_id = version.tier_id) THEN
        PERFORM members_refuse('version_needs_parent', 'A unit of this tier must stand under another.',
            jsonb_build_object('unit', version.name));
    END IF;

    SELECT pair.child, pair.parent INTO other
    FROM (
        SELECT version.name AS child, version.tier_id AS child_tier, above.name AS parent, above.tier_id AS parent_tier
        FROM members_unitversion above
        WHERE above.unit_id = version.parent_id
          AND (above.valid_until IS NULL OR above.valid_until > version.valid_from)
          AND (version.valid_until IS NULL OR version.valid_until > above.valid_from)
        UNION ALL
        SELECT below.name, below.tier_id, version.name, version.tier_id
        FROM members_unitversion below
        WHERE below.parent_id = version.unit_id
          AND (below.valid_until IS NULL OR below.valid_until > version.valid_from)
          AND (version.valid_until IS NULL OR version.valid_until > below.valid_from)
    ) pair
    WHERE NOT EXISTS (
        SELECT 1 FROM members_tier_may_stand_under allowed
        WHERE allowed.from_tier_id = pair.child_tier AND allowed.to_tier_id = pair.parent_tier)
    LIMIT 1;
    IF FOUND THEN
        PERFORM members_refuse('tier_under_tier', 'The tier of a unit may not stand under that of its parent.',
            jsonb_build_object('unit', other.child, 'parent', other.parent));
    END IF;

    IF NOT tier.holds_members
       AND EXISTS (
           SELECT 1 FROM members_membership membership
           WHERE membership.unit_id = version.unit_id
             AND (membership.left_on IS NULL OR membership.left_on > version.valid_from)
             AND (version.valid_until IS NULL OR membership.joined_on < version.valid_until)) THEN
        PERFORM members_refuse('membership_tier', 'Units of this tier hold no members.',
            jsonb_build_object('unit', version.name));
    END IF;
END $$
"""

# Entering members locks their units FOR SHARE: whoever takes the members' right from a tier waits for them here.
CHECK_TIER_MEMBERS = """
CREATE OR REPLACE FUNCTION members_check_tier_members(tier_id bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    culprit text;
BEGIN
    IF (SELECT holds_members FROM members_tier tier WHERE tier.id = members_check_tier_members.tier_id) THEN
        RETURN;
    END IF;
    PERFORM 1 FROM members_unit unit WHERE unit.tier_id = members_check_tier_members.tier_id
    ORDER BY unit.id FOR NO KEY UPDATE;
    SELECT unit.name INTO culprit
    FROM members_unit unit JOIN members_membership membership ON membership.unit_id = unit.id
    WHERE unit.tier_id = members_check_tier_members.tier_id AND membership.left_on IS NULL
    LIMIT 1;
    IF FOUND THEN
        PERFORM members_refuse('tier_has_members', 'Units of this tier have members.', jsonb_build_object('unit', culprit));
    END IF;
END $$
"""

CHECK_TIER_ORDER = """
CREATE FUNCTION members_check_tier_order(checked_id bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    pair record;
BEGIN
    SELECT child.name_vi AS child, parent.name_vi AS parent INTO pair
    FROM members_tier_may_stand_under allowed
    JOIN members_tier child ON child.id = allowed.from_tier_id
    JOIN members_tier parent ON parent.id = allowed.to_tier_id
    WHERE checked_id IN (child.id, parent.id) AND child.id <> parent.id AND parent.rank >= child.rank
    LIMIT 1;
    IF FOUND THEN
        PERFORM members_refuse('tier_rank_order', 'A tier stands under tiers of smaller rank.',
            jsonb_build_object('tier', pair.child, 'parent', pair.parent));
    END IF;
END $$
"""

# Units of a tier stand at the top where it may, or where it may stand under no other.
CHECK_TIER_TOP = """
CREATE FUNCTION members_check_tier_top(checked_id bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    alone record;
BEGIN
    SELECT version.name AS unit, tier.name_vi AS tier INTO alone
    FROM members_unitversion version JOIN members_tier tier ON tier.id = version.tier_id
    WHERE tier.id = checked_id AND NOT tier.may_stand_alone
      AND version.parent_id IS NULL AND version.valid_until IS NULL
      AND EXISTS (SELECT 1 FROM members_tier_may_stand_under WHERE from_tier_id = checked_id)
    LIMIT 1;
    IF FOUND THEN
        PERFORM members_refuse('tier_stands_alone', 'Units of this tier stand at the top.',
            jsonb_build_object('unit', alone.unit, 'tier', alone.tier));
    END IF;
END $$
"""

CHECK_TIER_RETIRED = """
CREATE FUNCTION members_check_tier_retired(checked_id bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    late record;
BEGIN
    SELECT version.name AS unit, tier.name_vi AS tier INTO late
    FROM members_unitversion version JOIN members_tier tier ON tier.id = version.tier_id
    WHERE tier.id = checked_id AND coalesce(version.valid_until, 'infinity') > tier.retired_on
    ORDER BY version.valid_until DESC NULLS FIRST
    LIMIT 1;
    IF FOUND THEN
        PERFORM members_refuse('tier_in_use', 'Units still stand in this tier.',
            jsonb_build_object('unit', late.unit, 'tier', late.tier));
    END IF;
END $$
"""

# Emptying the table at once passes triggers for rows by.
TIER_RULE_TRIGGERS = """
CREATE FUNCTION members_tier_rules_locked() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM members_lock_tree();
    RETURN NULL;
END $$;
CREATE TRIGGER a_lock_tree BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON members_tier_may_stand_under
FOR EACH STATEMENT EXECUTE FUNCTION members_tier_rules_locked();

CREATE FUNCTION members_tier_rule_given() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM members_check_tier_order(NEW.from_tier_id);
    PERFORM members_check_tier_top(NEW.from_tier_id);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER members_tier_rule_given
AFTER INSERT OR UPDATE ON members_tier_may_stand_under DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION members_tier_rule_given();

CREATE FUNCTION members_tier_rules_emptied() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    culprit text;
BEGIN
    SELECT name INTO culprit FROM members_unitversion WHERE parent_id IS NOT NULL AND valid_until IS NULL LIMIT 1;
    IF FOUND THEN
        PERFORM members_refuse('tier_rule_in_use', 'Units stand so now.', jsonb_build_object('unit', culprit));
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER members_tier_rules_emptied AFTER TRUNCATE ON members_tier_may_stand_under
FOR EACH STATEMENT EXECUTE FUNCTION members_tier_rules_emptied();
"""

TIER_RULE_TRIGGERS_GONE = """
DROP TRIGGER members_tier_rules_emptied ON members_tier_may_stand_under;
DROP TRIGGER members_tier_rule_given ON members_tier_may_stand_under;
DROP TRIGGER a_lock_tree ON members_tier_may_stand_under;
DROP FUNCTION members_tier_rules_emptied();
DROP FUNCTION members_tier_rule_given();
DROP FUNCTION members_tier_rules_locked();
"""


def replaced(sql: str, before: str) -> migrations.RunSQL:
    return migrations.RunSQL([sql], [before.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")])


def function(sql: str, signature: str) -> migrations.RunSQL:
    return migrations.RunSQL([sql], [f"DROP FUNCTION {signature}"])


class Migration(migrations.Migration):
    dependencies = [("members", "0006_membership_joined")]
    operations = [
        migrations.AddField(
            model_name='tier',
            name='may_stand_alone',
            field=models.BooleanField(db_default=False, default=False, help_text='Units of a tier that may stand under no other stand at the top in any case.', verbose_name='may stand at the top'),
        ),
        migrations.AlterField(
            model_name='tier',
            name='rank',
            field=models.PositiveSmallIntegerField(help_text='1 is the top. A tier stands under tiers with a smaller number, or under itself.', verbose_name='rank'),
        ),
        migrations.AlterField(
            model_name='tier',
            name='retired_on',
            field=models.DateField(blank=True, help_text='The first day on which no unit stands in this tier any more; older reports keep it.', null=True, verbose_name='retired on'),
        ),
        replaced(CHECK_VERSION, BEFORE.CHECK_VERSION),
        replaced(CHECK_TIER_MEMBERS, BEFORE.CHECK_TIER_MEMBERS),
        function(CHECK_TIER_ORDER, "members_check_tier_order(bigint)"),
        function(CHECK_TIER_TOP, "members_check_tier_top(bigint)"),
        function(CHECK_TIER_RETIRED, "members_check_tier_retired(bigint)"),
        migrations.RunSQL([TIER_RULE_TRIGGERS], [TIER_RULE_TRIGGERS_GONE]),
        pgtrigger.migrations.AddTrigger(
            model_name='tier',
            trigger=pgtrigger.compiler.Trigger(name='a_lock_tree', sql=hkh.core.triggers.RuleSql(func='PERFORM members_lock_tree(); RETURN NULL;', hash='79b88116b8d3c00c28782e53191be4939e26f059', level='STATEMENT', operation='UPDATE OF "rank", "may_stand_alone", "retired_on"', pgid='pgtrigger_a_lock_tree_ec6d7', table='members_tier', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='tier',
            trigger=pgtrigger.compiler.Trigger(name='check_tier_order', sql=hkh.core.triggers.RuleSql(constraint='CONSTRAINT', func='PERFORM members_check_tier_order(NEW.id); RETURN NULL;', hash='d4157c2780596a1a67577bf7dc1835f8a37be1fb', operation='UPDATE OF "rank"', pgid='pgtrigger_check_tier_order_91210', table='members_tier', timing='DEFERRABLE INITIALLY DEFERRED', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='tier',
            trigger=pgtrigger.compiler.Trigger(name='check_tier_top', sql=hkh.core.triggers.RuleSql(constraint='CONSTRAINT', func='PERFORM members_check_tier_top(NEW.id); RETURN NULL;', hash='cc37ef1b027d40de1505eb5bac66e3038465caed', operation='UPDATE OF "may_stand_alone"', pgid='pgtrigger_check_tier_top_9a8af', table='members_tier', timing='DEFERRABLE INITIALLY DEFERRED', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='tier',
            trigger=pgtrigger.compiler.Trigger(name='check_tier_retired', sql=hkh.core.triggers.RuleSql(constraint='CONSTRAINT', func='PERFORM members_check_tier_retired(NEW.id); RETURN NULL;', hash='67e09c4697f2a805a10d84b7e37e8a5244d705df', operation='UPDATE OF "retired_on"', pgid='pgtrigger_check_tier_retired_d88a5', table='members_tier', timing='DEFERRABLE INITIALLY DEFERRED', when='AFTER')),
        ),
    ]
