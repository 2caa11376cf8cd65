"""Rules that accounts and units keep for the sake of giving; their sentences stand in scholarships.triggers."""

from django.db import migrations

# A fund that never had an award is none of our business: nothing is owed, and nothing is compared.
PROVE_FUND = """
CREATE FUNCTION scholarships_prove_fund(asked_fund bigint, asked_pot text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM scholarships_fundowed owed
        JOIN funds_account account ON account.fund_id = owed.fund_id AND account.pot = owed.pot
        WHERE owed.fund_id = asked_fund AND owed.pot = asked_pot
          AND account.kind = 'committed' AND account.balance_vnd <> owed.owed_vnd
    ) THEN
        RAISE EXCEPTION 'What is committed in the fund is not what is approved and not handed out'
        USING ERRCODE = '23514', CONSTRAINT = 'fund_matches_awards';
    END IF;
END $$
"""

COMMITTED_PROVED = """
CREATE FUNCTION scholarships_committed_proved() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM scholarships_prove_fund(NEW.fund_id, NEW.pot);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER scholarships_committed_proved
AFTER UPDATE OF balance_vnd ON funds_account DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (NEW.kind = 'committed' AND NEW.balance_vnd <> OLD.balance_vnd)
EXECUTE FUNCTION scholarships_committed_proved();
"""

# Where a void is counted depends on whether the receiving unit stood on its day, so that must not turn round.
UNIT_HOLDS = """
CREATE FUNCTION scholarships_unit_holds() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM scholarships_round
        WHERE unit_id = NEW.id AND (opened_on < NEW.founded_on OR opened_on >= NEW.dissolved_on)
    ) OR EXISTS (
        SELECT FROM scholarships_award
        WHERE unit_id = NEW.id AND (approved_on < NEW.founded_on OR approved_on >= NEW.dissolved_on)
    ) OR EXISTS (
        SELECT FROM scholarships_distribution
        WHERE unit_id = NEW.id
          AND (held_on < NEW.founded_on OR held_on >= NEW.dissolved_on OR voided_on >= NEW.dissolved_on)
    ) OR EXISTS (
        SELECT FROM scholarships_award award
        JOIN scholarships_distributionline line ON line.award_id = award.id
        JOIN scholarships_distribution held ON held.id = line.distribution_id
        WHERE award.unit_id = NEW.id AND (
            held.held_on < NEW.founded_on OR held.held_on >= NEW.dissolved_on
            OR held.voided_on >= least(
                   coalesce(OLD.dissolved_on, 'infinity'), coalesce(NEW.dissolved_on, 'infinity'))
               AND held.voided_on < greatest(
                   coalesce(OLD.dissolved_on, 'infinity'), coalesce(NEW.dissolved_on, 'infinity'))
        )
    ) THEN
        RAISE EXCEPTION 'The unit has awards outside these dates'
        USING ERRCODE = '23514', CONSTRAINT = 'unit_holds_awards';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER scholarships_unit_holds
AFTER UPDATE OF founded_on, dissolved_on ON members_unit DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (
    (NEW.founded_on, NEW.dissolved_on) IS DISTINCT FROM (OLD.founded_on, OLD.dissolved_on)
) EXECUTE FUNCTION scholarships_unit_holds();
"""


class Migration(migrations.Migration):
    dependencies = [("scholarships", "0002_rules")]
    operations = [
        migrations.RunSQL(PROVE_FUND, "DROP FUNCTION scholarships_prove_fund(bigint, text)"),
        migrations.RunSQL(
            COMMITTED_PROVED,
            "DROP TRIGGER scholarships_committed_proved ON funds_account;"
            "DROP FUNCTION scholarships_committed_proved();",
        ),
        migrations.RunSQL(
            UNIT_HOLDS,
            "DROP TRIGGER scholarships_unit_holds ON members_unit; DROP FUNCTION scholarships_unit_holds();",
        ),
    ]
