"""Today as the rules of money understand it, and the accounts of those outside: one each a pot."""

from django.db import migrations

# Now in Vietnam. Where an installation fixes its day for trying out, that day when it is the later one:
# the database must not take what was typed "today" for the future.
TODAY = """
CREATE FUNCTION funds_today() RETURNS date LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT greatest(
        (now() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date,
        nullif(current_setting('hkh.today', true), '')::date
    )
$$
"""

OUTSIDE_PARTIES = """
INSERT INTO funds_account (fund_id, kind, pot, balance_vnd)
SELECT NULL, kind, pot, 0
FROM unnest('{donors,recipients,opening,adjustment}'::text[]) kind, unnest('{cash,goods}'::text[]) pot
ON CONFLICT DO NOTHING
"""


class Migration(migrations.Migration):
    dependencies = [("funds", "0002_initial")]

    operations = [
        migrations.RunSQL(TODAY, "DROP FUNCTION funds_today()"),
        migrations.RunSQL(OUTSIDE_PARTIES, "DELETE FROM funds_account WHERE fund_id IS NULL"),
    ]
