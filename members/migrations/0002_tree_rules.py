"""The rules of the tree as SQL functions; the triggers that call them are declared on the models.

How the rules stay true under concurrency: every statement that writes versions or the life of a unit first
locks the (few) tier rows, so changes of the tree follow one another and the rules of the tiers stand still
meanwhile. What a change may break for a moment (a unit is renamed by ending one version and writing the
next) is looked at when the transaction ends.

The trigger functions themselves hold one line each; what they call is here.
"""

from django.db import migrations

REFUSE = """
CREATE FUNCTION members_refuse(rule text, sentence text, detail jsonb DEFAULT NULL) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING MESSAGE = sentence, ERRCODE = '23514', CONSTRAINT = rule,
        DETAIL = coalesce(detail::text, '');
END $$
"""

LOCK_TREE = """
CREATE FUNCTION members_lock_tree() RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM members_tier ORDER BY id FOR NO KEY UPDATE;
END $$
"""

# Upwards from every version of the units touched and of all that ever stood below them; each step keeps
# the days that both versions share. An ancestor comes out in pieces (one a version on the way), which are
# joined where nothing of the answer changes from one piece to the next. Who meets himself on the way up
# stands in a circle.
REFRESH_TREE = """
CREATE FUNCTION members_refresh_tree(unit_ids bigint[] DEFAULT NULL) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    affected bigint[];
    circle text;
BEGIN
    IF unit_ids = '{}' THEN
        RETURN;
    END IF;

    WITH RECURSIVE below(unit_id) AS (
        SELECT id FROM members_unit WHERE unit_ids IS NULL OR id = ANY (unit_ids)
        UNION
        SELECT version.unit_id FROM below JOIN members_unitversion version ON version.parent_id = below.unit_id
    )
    SELECT array_agg(unit_id) INTO affected FROM below;

    UPDATE members_unit unit
    SET name = latest.name, tier_id = latest.tier_id, parent_id = latest.parent_id
    FROM (
        SELECT DISTINCT ON (unit_id) unit_id, name, tier_id, parent_id
        FROM members_unitversion
        WHERE unit_ids IS NULL OR unit_id = ANY (unit_ids)
        ORDER BY unit_id, valid_from DESC
    ) latest
    WHERE unit.id = latest.unit_id
      AND (unit.name, unit.tier_id, unit.parent_id)
          IS DISTINCT FROM (latest.name, latest.tier_id, latest.parent_id);

    DELETE FROM members_unitancestor WHERE unit_ids IS NULL OR unit_id = ANY (affected);

    INSERT INTO members_unitancestor (ancestor_id, unit_id, depth, via_id, tier_id, valid_from, valid_until, is_latest)
    WITH RECURSIVE walk(unit_id, ancestor_id, depth, via_id, tier_id, valid_from, valid_until) AS (
        SELECT unit_id, unit_id, 0, NULL::bigint, tier_id, valid_from, valid_until
        FROM members_unitversion WHERE unit_id = ANY (affected)
        UNION ALL
        SELECT walk.unit_id, version.parent_id, walk.depth + 1, walk.ancestor_id, walk.tier_id,
               greatest(walk.valid_from, version.valid_from), least(walk.valid_until, version.valid_until)
        FROM walk JOIN members_unitversion version ON version.unit_id = walk.ancestor_id
        WHERE version.parent_id IS NOT NULL
          AND (walk.valid_until IS NULL OR version.valid_from < walk.valid_until)
          AND (version.valid_until IS NULL OR version.valid_until > walk.valid_from)
    ) CYCLE ancestor_id SET meets_itself USING path,
    marked AS (
        SELECT *, lag(valid_until) OVER pieces IS DISTINCT FROM valid_from AS begins
        FROM walk
        WINDOW pieces AS (PARTITION BY unit_id, ancestor_id, depth, via_id, tier_id ORDER BY valid_from)
    ),
    numbered AS (
        SELECT *, count(*) FILTER (WHERE begins) OVER pieces AS stretch
        FROM marked
        WINDOW pieces AS (PARTITION BY unit_id, ancestor_id, depth, via_id, tier_id ORDER BY valid_from)
    ),
    life AS (
        SELECT unit_id, max(coalesce(valid_until, 'infinity')) AS last_until
        FROM members_unitversion WHERE unit_id = ANY (affected) GROUP BY unit_id
    ),
    joined AS (
        SELECT ancestor_id, unit_id, depth, via_id, tier_id, min(valid_from) AS valid_from,
               max(coalesce(valid_until, 'infinity')) AS last_until
        FROM numbered GROUP BY unit_id, ancestor_id, depth, via_id, tier_id, stretch
    )
    SELECT joined.ancestor_id, joined.unit_id, joined.depth, joined.via_id, joined.tier_id, joined.valid_from,
           nullif(joined.last_until, 'infinity'), joined.last_until = life.last_until
    FROM joined JOIN life USING (unit_id)
    ORDER BY joined.unit_id, joined.depth, joined.valid_from;

    SELECT unit.name INTO circle
    FROM members_unitancestor closure JOIN members_unit unit ON unit.id = closure.unit_id
    WHERE closure.unit_id = closure.ancestor_id AND closure.depth > 0
      AND (unit_ids IS NULL OR closure.unit_id = ANY (affected))
    LIMIT 1;
    IF FOUND THEN
        PERFORM members_refuse('tree_no_circle', 'A unit would stand below itself.', jsonb_build_object('unit', circle));
    END IF;
END $$
"""

# Overlaps, looked for by hand, so that the rule does not rest on the exclusion constraint alone.
CHECK_OVERLAP = """
CREATE FUNCTION members_check_overlap(unit_ids bigint[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    culprit text;
BEGIN
    SELECT one.name INTO culprit
    FROM unnest(unit_ids) asked(id)
    JOIN members_unitversion one ON one.unit_id = asked.id
    JOIN members_unitversion other ON other.unit_id = one.unit_id AND other.valid_from >= one.valid_from
         AND other.id <> one.id
    WHERE one.valid_until IS NULL OR other.valid_from < one.valid_until
    LIMIT 1;
    IF FOUND THEN
        PERFORM members_refuse('version_no_overlap', 'Two versions of a unit share days.', jsonb_build_object('unit', culprit));
    END IF;
END $$
"""

# At the end of the transaction, for one unit.
CHECK_UNIT = """
CREATE FUNCTION members_check_unit(checked_id bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    unit members_unit%ROWTYPE;
    versions record;
    other record;
BEGIN
    SELECT * INTO unit FROM members_unit WHERE id = checked_id;
    IF NOT FOUND THEN
        RETURN;
    END IF;

    SELECT count(*) AS total, min(valid_from) AS first_from, max(coalesce(valid_until, 'infinity')) AS last_until,
           count(*) FILTER (WHERE NOT is_first AND previous_until IS DISTINCT FROM valid_from) AS gaps
    INTO versions
    FROM (
        SELECT valid_from, valid_until, lag(valid_until) OVER life AS previous_until,
               row_number() OVER life = 1 AS is_first
        FROM members_unitversion WHERE unit_id = checked_id
        WINDOW life AS (ORDER BY valid_from)
    ) version;
    IF versions.total = 0 OR versions.gaps > 0 OR versions.first_from <> unit.founded_on
       OR versions.last_until <> coalesce(unit.dissolved_on, 'infinity') THEN
        PERFORM members_refuse('version_covers_unit',
            'The versions of a unit must cover its life, without gap and without more.',
            jsonb_build_object('unit', unit.name));
    END IF;

    SELECT version.name, version.tier_id, version.parent_id INTO other
    FROM members_unitversion version WHERE version.unit_id = checked_id ORDER BY valid_from DESC LIMIT 1;
    IF (other.name, other.tier_id, other.parent_id) IS DISTINCT FROM (unit.name, unit.tier_id, unit.parent_id) THEN
        PERFORM members_refuse('unit_repeats_version',
            'Name, tier and parent of a unit are those of its latest version; change its versions.',
            jsonb_build_object('unit', unit.name));
    END IF;

    SELECT pair.child, pair.parent INTO other
    FROM (
        SELECT version.name AS child, above.name AS parent
        FROM members_unitversion version JOIN members_unit above ON above.id = version.parent_id
        WHERE version.unit_id = checked_id
          AND (version.valid_from < above.founded_on
               OR coalesce(version.valid_until, 'infinity') > coalesce(above.dissolved_on, 'infinity'))
        UNION ALL
        SELECT below.name, unit.name
        FROM members_unitversion below
        WHERE below.parent_id = checked_id
          AND (below.valid_from < unit.founded_on
               OR coalesce(below.valid_until, 'infinity') > coalesce(unit.dissolved_on, 'infinity'))
    ) pair
    LIMIT 1;
    IF FOUND THEN
        PERFORM members_refuse('parent_exists', 'A unit stands under another on days when that does not exist.',
            jsonb_build_object('unit', other.child, 'parent', other.parent));
    END IF;
END $$
"""

# At the end of the transaction, for one version as it then is.
CHECK_VERSION = """
CREATE FUNCTION members_check_version(version_id bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    version members_unitversion%ROWTYPE;
    other record;
BEGIN
    SELECT * INTO version FROM members_unitversion WHERE id = version_id;
    IF NOT FOUND THEN
        RETURN;
    END IF;

    IF version.parent_id IS NULL
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

    IF NOT (SELECT holds_members FROM members_tier WHERE id = version.tier_id)
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

# A unit whose life was shortened must not leave members behind.
CHECK_UNIT_MEMBERS = """
CREATE FUNCTION members_check_unit_members(checked_id bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    culprit text;
BEGIN
    SELECT unit.name INTO culprit
    FROM members_unit unit JOIN members_membership membership ON membership.unit_id = unit.id
    WHERE unit.id = checked_id
      AND (membership.joined_on < unit.founded_on
           OR coalesce(membership.left_on, 'infinity') > coalesce(unit.dissolved_on, 'infinity'))
    LIMIT 1;
    IF FOUND THEN
        PERFORM members_refuse('unit_has_members', 'A unit has members on days when it does not exist.',
            jsonb_build_object('unit', culprit));
    END IF;
END $$
"""

# What a tier allows cannot be taken back while units rest on it.
CHECK_TIER = """
CREATE FUNCTION members_check_tier_rule(child_tier bigint, parent_tier bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    culprit text;
BEGIN
    SELECT child.name INTO culprit
    FROM members_unitversion child JOIN members_unitversion parent ON parent.unit_id = child.parent_id
    WHERE child.tier_id = child_tier AND parent.tier_id = parent_tier
      AND child.valid_until IS NULL AND parent.valid_until IS NULL
      AND NOT EXISTS (
          SELECT 1 FROM members_tier_may_stand_under
          WHERE from_tier_id = child_tier AND to_tier_id = parent_tier)
    LIMIT 1;
    IF FOUND THEN
        PERFORM members_refuse('tier_rule_in_use', 'Units stand so now.', jsonb_build_object('unit', culprit));
    END IF;
END $$
"""

# The table behind the many-to-many field is no model of its own, so its trigger is written here.
TIER_RULE_TRIGGER = """
CREATE FUNCTION members_tier_rule_taken_back() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM members_check_tier_rule(OLD.from_tier_id, OLD.to_tier_id);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER members_tier_rule_taken_back
AFTER UPDATE OR DELETE ON members_tier_may_stand_under DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION members_tier_rule_taken_back();
"""

CHECK_TIER_MEMBERS = """
CREATE FUNCTION members_check_tier_members(tier_id bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    culprit text;
BEGIN
    SELECT unit.name INTO culprit
    FROM members_unit unit JOIN members_membership membership ON membership.unit_id = unit.id
    WHERE unit.tier_id = members_check_tier_members.tier_id AND membership.left_on IS NULL
      AND NOT (SELECT holds_members FROM members_tier tier WHERE tier.id = members_check_tier_members.tier_id)
    LIMIT 1;
    IF FOUND THEN
        PERFORM members_refuse('tier_has_members', 'Units of this tier have members.', jsonb_build_object('unit', culprit));
    END IF;
END $$
"""


def function(sql: str, signature: str) -> migrations.RunSQL:
    return migrations.RunSQL([sql], [f"DROP FUNCTION {signature}"])


class Migration(migrations.Migration):
    dependencies = [("members", "0001_initial")]
    operations = [
        function(REFUSE, "members_refuse(text, text, jsonb)"),
        function(LOCK_TREE, "members_lock_tree()"),
        function(REFRESH_TREE, "members_refresh_tree(bigint[])"),
        function(CHECK_OVERLAP, "members_check_overlap(bigint[])"),
        function(CHECK_UNIT, "members_check_unit(bigint)"),
        function(CHECK_VERSION, "members_check_version(bigint)"),
        function(CHECK_UNIT_MEMBERS, "members_check_unit_members(bigint)"),
        function(CHECK_TIER, "members_check_tier_rule(bigint, bigint)"),
        migrations.RunSQL(
            [TIER_RULE_TRIGGER],
            [
                "DROP TRIGGER members_tier_rule_taken_back ON members_tier_may_stand_under;"
                "DROP FUNCTION members_tier_rule_taken_back();"
            ],
        ),
        function(CHECK_TIER_MEMBERS, "members_check_tier_members(bigint)"),
    ]
