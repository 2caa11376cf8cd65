"""Nobody is accountant and cashier of one unit on the same day (DOMAIN §3: two people a payment).

The account's row is locked first, so that two administrators cannot each give one of the two roles.
"""

from django.db import migrations

CHECK_HANDS = """
CREATE FUNCTION members_check_two_hands(checked_id bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM members_user WHERE id = (SELECT user_id FROM members_grant WHERE id = checked_id) FOR NO KEY UPDATE;
    IF EXISTS (
        SELECT 1 FROM members_grant one
        JOIN members_grant other ON other.user_id = one.user_id AND other.unit_id = one.unit_id
             AND (other.valid_until IS NULL OR other.valid_until > one.valid_from)
             AND (one.valid_until IS NULL OR one.valid_until > other.valid_from)
        WHERE one.id = checked_id
          AND ((one.role = 'accountant' AND other.role = 'cashier') OR (one.role = 'cashier' AND other.role = 'accountant'))
    ) THEN
        PERFORM members_refuse('grant_two_hands', 'Accountant and cashier of a unit are two people.');
    END IF;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("members", "0003_rules_by_trigger")]
    operations = [
        migrations.RunSQL([CHECK_HANDS], ["DROP FUNCTION members_check_two_hands(bigint)"]),
    ]
