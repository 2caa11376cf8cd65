"""An amount of a split unit divided among those that carry on: whole units by the largest remainder, so that all parts
together are the amount, to the đồng and to the person.

Of equal remainders the first part, the one of the larger share, gets its unit. A negative amount is divided as its
opposite.
"""

from django.db import migrations

PART_OF = """
CREATE FUNCTION members_part_of(amount bigint, weights bigint[], part integer) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    total numeric := 0;
    weight bigint;
    product numeric;
    mine numeric;
    rest numeric;
    my_rest numeric;
    left_over numeric := abs(amount);
    ahead integer := 0;
BEGIN
    FOREACH weight IN ARRAY weights LOOP
        total := total + weight;
    END LOOP;
    product := abs(amount)::numeric * weights[part];
    mine := div(product, total);
    my_rest := product - mine * total;
    FOR n IN 1 .. array_length(weights, 1) LOOP
        product := abs(amount)::numeric * weights[n];
        left_over := left_over - div(product, total);
        rest := product - div(product, total) * total;
        IF rest > my_rest OR (rest = my_rest AND n < part) THEN
            ahead := ahead + 1;
        END IF;
    END LOOP;
    IF ahead < left_over THEN
        mine := mine + 1;
    END IF;
    RETURN sign(amount) * mine;
END $$
"""

# So short that the planner writes it into the statement: whole units cost nothing.
DIVIDED = """
CREATE FUNCTION members_divided(amount bigint, weights bigint[], part integer) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN weights IS NULL THEN amount ELSE members_part_of(amount, weights, part) END
$$
"""


class Migration(migrations.Migration):
    dependencies = [("members", "0012_look_once_at_each_unit")]
    operations = [
        migrations.RunSQL([PART_OF], ["DROP FUNCTION members_part_of(bigint, bigint[], integer)"]),
        migrations.RunSQL([DIVIDED], ["DROP FUNCTION members_divided(bigint, bigint[], integer)"]),
    ]
