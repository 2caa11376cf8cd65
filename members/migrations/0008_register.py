"""The register: offices with terms, what was changed by whom, likely duplicates and people put together."""

import django.contrib.postgres.fields
import django.core.serializers.json
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.manager
import hkh.core.triggers
import members.models.changes
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


# Who acts is said by ``hkh.core.acting.act_as``. One expression, so that COPY pays next to nothing for the default.
ACTOR = """
CREATE FUNCTION members_actor() RETURNS bigint LANGUAGE sql STABLE
RETURN nullif(current_setting('hkh.actor', true), '')::bigint
"""

CHECK_UNIT_OFFICES = """
CREATE FUNCTION members_check_unit_offices(checked_id bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    culprit text;
BEGIN
    SELECT unit.name INTO culprit
    FROM members_unit unit JOIN members_appointment office ON office.unit_id = unit.id
    WHERE unit.id = checked_id
      AND (office.valid_from < unit.founded_on
           OR coalesce(office.valid_until, 'infinity') > coalesce(unit.dissolved_on, 'infinity'))
    LIMIT 1;
    IF FOUND THEN
        PERFORM members_refuse('unit_has_officers', 'A unit has officers on days when it does not exist.',
            jsonb_build_object('unit', culprit));
    END IF;
END $$
"""


class Migration(migrations.Migration):

    dependencies = [
        ('members', '0007_tier_rules'),
    ]

    operations = [
        migrations.RunSQL([ACTOR], ["DROP FUNCTION members_actor()"]),
        migrations.RunSQL([CHECK_UNIT_OFFICES], ["DROP FUNCTION members_check_unit_offices(bigint)"]),
        migrations.CreateModel(
            name='Appointment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.CharField(choices=[('chair', 'Chair'), ('standing_vice_chair', 'Standing vice chair'), ('vice_chair', 'Vice chair'), ('general_secretary', 'General secretary'), ('secretary', 'Secretary'), ('office_chief', 'Head of the office'), ('accountant', 'Accountant'), ('cashier', 'Cashier'), ('inspection_head', 'Head of the inspection committee'), ('inspector', 'Member of the inspection committee'), ('standing_member', 'Member of the standing committee'), ('committee_member', 'Member of the executive committee'), ('branch_head', 'Head of the branch'), ('branch_deputy', 'Deputy head of the branch')], max_length=20, verbose_name='office')),
                ('valid_from', models.DateField(verbose_name='from')),
                ('valid_until', models.DateField(blank=True, help_text='First day after the term.', null=True, verbose_name='until')),
                ('end_reason', models.CharField(blank=True, choices=[('relieved', 'Relieved'), ('resigned', 'Resigned'), ('deceased', 'Deceased'), ('left', 'No longer a member'), ('transfer', 'Transferred to another unit'), ('reorganisation', 'Reorganisation'), ('correction', 'Entered by mistake'), ('', 'The term ran out')], default='', max_length=16, verbose_name='why it ended')),
                ('decision', models.CharField(blank=True, max_length=120, verbose_name='decision')),
                ('revision', models.PositiveIntegerField(db_default=1, default=1, editable=False)),
                ('idempotency_key', models.UUIDField(editable=False, null=True)),
                ('entered_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, null=True, verbose_name='entered')),
            ],
            options={
                'verbose_name': 'appointment',
                'verbose_name_plural': 'appointments',
                'default_manager_name': 'unscoped',
            },
            managers=[
                ('unscoped', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='DuplicatePair',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('score', models.PositiveSmallIntegerField(verbose_name='likeness')),
                ('likenesses', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('name', 'same name'), ('name_without_marks', 'same name but for its marks'), ('birth_date', 'born on the same day'), ('birth_year', 'born in the same year'), ('birth_unknown', 'one birth not known'), ('phone', 'same telephone'), ('unit', 'same unit'), ('parent', 'neighbouring units')], max_length=20), size=None, verbose_name='in common')),
                ('state', models.CharField(choices=[('open', 'To decide'), ('different', 'Two different people')], default='open', max_length=10, verbose_name='state')),
                ('found_at', models.DateTimeField(verbose_name='found')),
                ('decided_at', models.DateTimeField(null=True, verbose_name='decided')),
            ],
            options={
                'verbose_name': 'likely duplicate',
                'verbose_name_plural': 'likely duplicates',
                'default_manager_name': 'unscoped',
            },
            managers=[
                ('unscoped', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='MemberChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('changed_at', models.DateTimeField(verbose_name='when')),
                ('why', models.CharField(blank=True, max_length=200, verbose_name='why')),
                ('what', models.CharField(choices=[('member', 'Person'), ('membership', 'Membership'), ('appointment', 'Office')], max_length=12, verbose_name='what')),
                ('row_id', models.BigIntegerField()),
                ('member_id', models.BigIntegerField()),
                ('is_deletion', models.BooleanField(default=False)),
                ('changes', models.JSONField(verbose_name='what changed')),
            ],
            options={
                'verbose_name': 'change',
                'verbose_name_plural': 'changes',
                'ordering': ['-pk'],
                'default_manager_name': 'unscoped',
            },
            managers=[
                ('unscoped', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='MemberMerge',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('before', models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ('after', models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ('merged_at', models.DateTimeField(auto_now_add=True, verbose_name='when')),
                ('undone_at', models.DateTimeField(null=True, verbose_name='undone')),
            ],
            options={
                'verbose_name': 'merge of two entries',
                'verbose_name_plural': 'merges of two entries',
                'default_manager_name': 'unscoped',
            },
            managers=[
                ('unscoped', django.db.models.manager.Manager()),
            ],
        ),
        migrations.AddField(
            model_name='member',
            name='entered_by',
            field=models.ForeignKey(db_constraint=False, db_default=members.models.changes.Actor(), db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='entered by'),
        ),
        migrations.AddField(
            model_name='member',
            name='merged_into',
            field=models.ForeignKey(db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.member', verbose_name='now entered as'),
        ),
        migrations.AddField(
            model_name='membership',
            name='entered_at',
            field=models.DateTimeField(editable=False, null=True, verbose_name='entered'),
        ),
        # Who was there before has no such day: only what comes from now on gets it.
        migrations.AlterField(
            model_name='membership',
            name='entered_at',
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, null=True, verbose_name='entered'),
        ),
        migrations.AddField(
            model_name='membership',
            name='entered_by',
            field=models.ForeignKey(db_constraint=False, db_default=members.models.changes.Actor(), db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='entered by'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='member',
            trigger=pgtrigger.compiler.Trigger(name='keep_change_update', sql=hkh.core.triggers.RuleSql(func="EXECUTE $kept$\nINSERT INTO members_memberchange\n    (changed_at, actor_id, why, what, row_id, member_id, unit_id, is_deletion, changes)\nSELECT now(), members_actor(), left(coalesce(current_setting('hkh.why', true), ''), 200), 'member', was.id,\n       now_.id, NULL::bigint, false, told.changes\nFROM old_rows was JOIN new_rows now_ ON now_.id = was.id AND now_.* IS DISTINCT FROM was.*\nCROSS JOIN LATERAL (\n    SELECT jsonb_object_agg(before.key, jsonb_build_array(before.value, to_jsonb(now_) -> before.key)) AS changes\n    FROM jsonb_each(to_jsonb(was) - '{search_key,sort_key,revision}'::text[]) before WHERE before.value IS DISTINCT FROM to_jsonb(now_) -> before.key\n) told\nWHERE told.changes IS NOT NULL ORDER BY was.id\n$kept$; RETURN NULL;", hash='11f7382a8678d94f32b37bea7e5dbef1a7bb8414', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_keep_change_update_3734f', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='members_member', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='member',
            trigger=pgtrigger.compiler.Trigger(name='keep_change_delete', sql=hkh.core.triggers.RuleSql(func="EXECUTE $kept$\nINSERT INTO members_memberchange\n    (changed_at, actor_id, why, what, row_id, member_id, unit_id, is_deletion, changes)\nSELECT now(), members_actor(), left(coalesce(current_setting('hkh.why', true), ''), 200), 'member', was.id,\n       was.id, NULL::bigint, true, told.changes\nFROM old_rows was \nCROSS JOIN LATERAL (\n    SELECT jsonb_object_agg(before.key, jsonb_build_array(before.value, 'null'::jsonb)) AS changes\n    FROM jsonb_each(to_jsonb(was) - '{search_key,sort_key,revision}'::text[]) before WHERE before.value IS DISTINCT FROM 'null'::jsonb\n) told\nWHERE told.changes IS NOT NULL ORDER BY was.id\n$kept$; RETURN NULL;", hash='e8645485658186c5dfa95c36a9b3bdf519d6fb33', level='STATEMENT', operation='DELETE', pgid='pgtrigger_keep_change_delete_2de07', referencing='REFERENCING OLD TABLE AS old_rows ', table='members_member', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='membership',
            trigger=pgtrigger.compiler.Trigger(name='keep_change_update', sql=hkh.core.triggers.RuleSql(func="EXECUTE $kept$\nINSERT INTO members_memberchange\n    (changed_at, actor_id, why, what, row_id, member_id, unit_id, is_deletion, changes)\nSELECT now(), members_actor(), left(coalesce(current_setting('hkh.why', true), ''), 200), 'membership', was.id,\n       now_.member_id, now_.unit_id, false, told.changes\nFROM old_rows was JOIN new_rows now_ ON now_.id = was.id AND now_.* IS DISTINCT FROM was.*\nCROSS JOIN LATERAL (\n    SELECT jsonb_object_agg(before.key, jsonb_build_array(before.value, to_jsonb(now_) -> before.key)) AS changes\n    FROM jsonb_each(to_jsonb(was) - '{search_key,sort_key,revision}'::text[]) before WHERE before.value IS DISTINCT FROM to_jsonb(now_) -> before.key\n) told\nWHERE told.changes IS NOT NULL ORDER BY was.id\n$kept$; RETURN NULL;", hash='36486b54dfbea6f6d0bb08836798d7449ba2f01a', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_keep_change_update_0908c', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='members_membership', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='membership',
            trigger=pgtrigger.compiler.Trigger(name='keep_change_delete', sql=hkh.core.triggers.RuleSql(func="EXECUTE $kept$\nINSERT INTO members_memberchange\n    (changed_at, actor_id, why, what, row_id, member_id, unit_id, is_deletion, changes)\nSELECT now(), members_actor(), left(coalesce(current_setting('hkh.why', true), ''), 200), 'membership', was.id,\n       was.member_id, was.unit_id, true, told.changes\nFROM old_rows was \nCROSS JOIN LATERAL (\n    SELECT jsonb_object_agg(before.key, jsonb_build_array(before.value, 'null'::jsonb)) AS changes\n    FROM jsonb_each(to_jsonb(was) - '{search_key,sort_key,revision}'::text[]) before WHERE before.value IS DISTINCT FROM 'null'::jsonb\n) told\nWHERE told.changes IS NOT NULL ORDER BY was.id\n$kept$; RETURN NULL;", hash='a7cc7fa061f7e791ff3043aeb75e4e360d8e9029', level='STATEMENT', operation='DELETE', pgid='pgtrigger_keep_change_delete_758f6', referencing='REFERENCING OLD TABLE AS old_rows ', table='members_membership', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='unit',
            trigger=pgtrigger.compiler.Trigger(name='check_unit_offices', sql=hkh.core.triggers.RuleSql(constraint='CONSTRAINT', func='PERFORM members_check_unit_offices(NEW.id); RETURN NULL;', hash='fbbf8478947498245fd89125514bb4c6d993b602', operation='UPDATE OF "founded_on", "dissolved_on"', pgid='pgtrigger_check_unit_offices_1d758', table='members_unit', timing='DEFERRABLE INITIALLY DEFERRED', when='AFTER')),
        ),
        migrations.AddIndex(
            model_name='member',
            index=models.Index(condition=models.Q(('merged_into__isnull', False)), fields=['merged_into'], name='member_merged'),
        ),
        migrations.AddConstraint(
            model_name='member',
            constraint=models.CheckConstraint(condition=models.Q(('merged_into', None), models.Q(('merged_into', models.F('pk')), _negated=True), _connector='OR'), name='member_not_merged_into_itself'),
        ),
        migrations.AddField(
            model_name='appointment',
            name='entered_by',
            field=models.ForeignKey(db_constraint=False, db_default=members.models.changes.Actor(), db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='entered by'),
        ),
        migrations.AddField(
            model_name='appointment',
            name='member',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='appointments', to='members.member', verbose_name='member'),
        ),
        migrations.AddField(
            model_name='appointment',
            name='unit',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='appointments', to='members.unit', verbose_name='unit'),
        ),
        migrations.AddField(
            model_name='duplicatepair',
            name='decided_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='decided by'),
        ),
        migrations.AddField(
            model_name='duplicatepair',
            name='first',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='members.member', verbose_name='one'),
        ),
        migrations.AddField(
            model_name='duplicatepair',
            name='second',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='members.member', verbose_name='the other'),
        ),
        migrations.AddField(
            model_name='memberchange',
            name='actor',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='who'),
        ),
        migrations.AddField(
            model_name='memberchange',
            name='unit',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='members.unit', verbose_name='unit'),
        ),
        migrations.AddField(
            model_name='membermerge',
            name='gone',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='merges_away', to='members.member', verbose_name='put together with it'),
        ),
        migrations.AddField(
            model_name='membermerge',
            name='kept',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='merges', to='members.member', verbose_name='kept'),
        ),
        migrations.AddField(
            model_name='membermerge',
            name='merged_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='who'),
        ),
        migrations.AddField(
            model_name='membermerge',
            name='undone_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='undone by'),
        ),
        migrations.AddIndex(
            model_name='appointment',
            index=models.Index(fields=['unit', 'valid_until', 'position'], name='appointment_unit'),
        ),
        migrations.AddIndex(
            model_name='appointment',
            index=models.Index(fields=['member', 'valid_from'], name='appointment_member'),
        ),
        migrations.AddIndex(
            model_name='appointment',
            index=models.Index(fields=['valid_until', 'id'], name='appointment_ends'),
        ),
        migrations.AddConstraint(
            model_name='appointment',
            constraint=models.CheckConstraint(condition=models.Q(('valid_until', None), ('valid_until__gt', models.F('valid_from')), _connector='OR'), name='appointment_dates_in_order', violation_error_message='The term cannot end before it begins.'),
        ),
        migrations.AddConstraint(
            model_name='appointment',
            constraint=models.CheckConstraint(condition=models.Q(('end_reason', ''), ('valid_until__isnull', False), _connector='OR'), name='appointment_reason_needs_end', violation_error_message='Say on which day the office ended.'),
        ),
        migrations.AddConstraint(
            model_name='appointment',
            constraint=models.CheckConstraint(condition=models.Q(('position__in', ['chair', 'standing_vice_chair', 'vice_chair', 'general_secretary', 'secretary', 'office_chief', 'accountant', 'cashier', 'inspection_head', 'inspector', 'standing_member', 'committee_member', 'branch_head', 'branch_deputy'])), name='appointment_position_known', violation_error_message='Choose an office from the list.'),
        ),
        migrations.AddConstraint(
            model_name='appointment',
            constraint=models.UniqueConstraint(condition=models.Q(('idempotency_key__isnull', False)), fields=('idempotency_key',), name='appointment_entered_once'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='appointment',
            trigger=pgtrigger.compiler.Trigger(name='check_offices_insert', sql=hkh.core.triggers.RuleSql(declare='DECLARE broken record;', func="\nPERFORM 1 FROM members_unit WHERE id IN (SELECT unit_id FROM new_rows) ORDER BY id FOR NO KEY UPDATE;\nEXECUTE $looked$\nSELECT found.rule, found.unit_id, found.member_id FROM (\n    SELECT 1, 'office_within_unit', one.unit_id, one.member_id\n    FROM new_rows one JOIN members_unit unit ON unit.id = one.unit_id\n    WHERE one.valid_from < unit.founded_on\n       OR coalesce(one.valid_until, 'infinity') > coalesce(unit.dissolved_on, 'infinity')\n    UNION ALL\n    SELECT 2, 'office_once', one.unit_id, one.member_id\n    FROM new_rows one JOIN members_appointment other ON other.unit_id = one.unit_id AND other.id <> one.id\n    AND (other.valid_until IS NULL OR other.valid_until > one.valid_from)\n    AND (one.valid_until IS NULL OR one.valid_until > other.valid_from)\n    WHERE other.member_id = one.member_id AND other.position = one.position\n    UNION ALL\n    SELECT 3, 'office_one_chair', one.unit_id, other.member_id\n    FROM new_rows one JOIN members_appointment other ON other.unit_id = one.unit_id AND other.id <> one.id\n    AND (other.valid_until IS NULL OR other.valid_until > one.valid_from)\n    AND (one.valid_until IS NULL OR one.valid_until > other.valid_from)\n    WHERE one.position IN ('chair', 'branch_head') AND other.position IN ('chair', 'branch_head')\n    UNION ALL\n    SELECT 4, 'office_two_hands', one.unit_id, one.member_id\n    FROM new_rows one JOIN members_appointment other ON other.unit_id = one.unit_id AND other.id <> one.id\n    AND (other.valid_until IS NULL OR other.valid_until > one.valid_from)\n    AND (one.valid_until IS NULL OR one.valid_until > other.valid_from)\n    WHERE other.member_id = one.member_id AND one.position <> other.position\n      AND one.position IN ('accountant', 'cashier') AND other.position IN ('accountant', 'cashier')\n) found(rank, rule, unit_id, member_id) ORDER BY found.rank, found.unit_id LIMIT 1\n$looked$ INTO broken;\nIF broken.rule IS NOT NULL THEN\n    PERFORM members_refuse(broken.rule, 'An office breaks the rule ' || broken.rule, jsonb_build_object(\n        'unit', (SELECT name FROM members_unit WHERE id = broken.unit_id),\n        'member', (SELECT full_name FROM members_member WHERE id = broken.member_id)));\nEND IF;\nRETURN NULL;\n", hash='da71a3d0529c497211d9c7d78ba308948d9ea3d2', level='STATEMENT', operation='INSERT', pgid='pgtrigger_check_offices_insert_f8d45', referencing='REFERENCING NEW TABLE AS new_rows ', table='members_appointment', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='appointment',
            trigger=pgtrigger.compiler.Trigger(name='check_offices_update', sql=hkh.core.triggers.RuleSql(declare='DECLARE broken record;', func="\nPERFORM 1 FROM members_unit WHERE id IN (SELECT unit_id FROM new_rows) ORDER BY id FOR NO KEY UPDATE;\nEXECUTE $looked$\nSELECT found.rule, found.unit_id, found.member_id FROM (\n    SELECT 1, 'office_within_unit', one.unit_id, one.member_id\n    FROM new_rows one JOIN members_unit unit ON unit.id = one.unit_id\n    WHERE one.valid_from < unit.founded_on\n       OR coalesce(one.valid_until, 'infinity') > coalesce(unit.dissolved_on, 'infinity')\n    UNION ALL\n    SELECT 2, 'office_once', one.unit_id, one.member_id\n    FROM new_rows one JOIN members_appointment other ON other.unit_id = one.unit_id AND other.id <> one.id\n    AND (other.valid_until IS NULL OR other.valid_until > one.valid_from)\n    AND (one.valid_until IS NULL OR one.valid_until > other.valid_from)\n    WHERE other.member_id = one.member_id AND other.position = one.position\n    UNION ALL\n    SELECT 3, 'office_one_chair', one.unit_id, other.member_id\n    FROM new_rows one JOIN members_appointment other ON other.unit_id = one.unit_id AND other.id <> one.id\n    AND (other.valid_until IS NULL OR other.valid_until > one.valid_from)\n    AND (one.valid_until IS NULL OR one.valid_until > other.valid_from)\n    WHERE one.position IN ('chair', 'branch_head') AND other.position IN ('chair', 'branch_head')\n    UNION ALL\n    SELECT 4, 'office_two_hands', one.unit_id, one.member_id\n    FROM new_rows one JOIN members_appointment other ON other.unit_id = one.unit_id AND other.id <> one.id\n    AND (other.valid_until IS NULL OR other.valid_until > one.valid_from)\n    AND (one.valid_until IS NULL OR one.valid_until > other.valid_from)\n    WHERE other.member_id = one.member_id AND one.position <> other.position\n      AND one.position IN ('accountant', 'cashier') AND other.position IN ('accountant', 'cashier')\n) found(rank, rule, unit_id, member_id) ORDER BY found.rank, found.unit_id LIMIT 1\n$looked$ INTO broken;\nIF broken.rule IS NOT NULL THEN\n    PERFORM members_refuse(broken.rule, 'An office breaks the rule ' || broken.rule, jsonb_build_object(\n        'unit', (SELECT name FROM members_unit WHERE id = broken.unit_id),\n        'member', (SELECT full_name FROM members_member WHERE id = broken.member_id)));\nEND IF;\nRETURN NULL;\n", hash='b32c0fa4ad1828caec846dee1aa96961e70cc5fe', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_check_offices_update_db725', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='members_appointment', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='appointment',
            trigger=pgtrigger.compiler.Trigger(name='keep_change_update', sql=hkh.core.triggers.RuleSql(func="EXECUTE $kept$\nINSERT INTO members_memberchange\n    (changed_at, actor_id, why, what, row_id, member_id, unit_id, is_deletion, changes)\nSELECT now(), members_actor(), left(coalesce(current_setting('hkh.why', true), ''), 200), 'appointment', was.id,\n       now_.member_id, now_.unit_id, false, told.changes\nFROM old_rows was JOIN new_rows now_ ON now_.id = was.id AND now_.* IS DISTINCT FROM was.*\nCROSS JOIN LATERAL (\n    SELECT jsonb_object_agg(before.key, jsonb_build_array(before.value, to_jsonb(now_) -> before.key)) AS changes\n    FROM jsonb_each(to_jsonb(was) - '{search_key,sort_key,revision}'::text[]) before WHERE before.value IS DISTINCT FROM to_jsonb(now_) -> before.key\n) told\nWHERE told.changes IS NOT NULL ORDER BY was.id\n$kept$; RETURN NULL;", hash='e9fd103d36e885aa3dd661ea3045a0ccb9f02d37', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_keep_change_update_759ad', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='members_appointment', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='appointment',
            trigger=pgtrigger.compiler.Trigger(name='keep_change_delete', sql=hkh.core.triggers.RuleSql(func="EXECUTE $kept$\nINSERT INTO members_memberchange\n    (changed_at, actor_id, why, what, row_id, member_id, unit_id, is_deletion, changes)\nSELECT now(), members_actor(), left(coalesce(current_setting('hkh.why', true), ''), 200), 'appointment', was.id,\n       was.member_id, was.unit_id, true, told.changes\nFROM old_rows was \nCROSS JOIN LATERAL (\n    SELECT jsonb_object_agg(before.key, jsonb_build_array(before.value, 'null'::jsonb)) AS changes\n    FROM jsonb_each(to_jsonb(was) - '{search_key,sort_key,revision}'::text[]) before WHERE before.value IS DISTINCT FROM 'null'::jsonb\n) told\nWHERE told.changes IS NOT NULL ORDER BY was.id\n$kept$; RETURN NULL;", hash='9533129988040e34dd4537f4167e152a93e8b90a', level='STATEMENT', operation='DELETE', pgid='pgtrigger_keep_change_delete_0f788', referencing='REFERENCING OLD TABLE AS old_rows ', table='members_appointment', when='AFTER')),
        ),
        migrations.AddIndex(
            model_name='duplicatepair',
            index=models.Index(models.F('state'), models.OrderBy(models.F('score'), descending=True), models.F('id'), name='pair_queue'),
        ),
        migrations.AddConstraint(
            model_name='duplicatepair',
            constraint=models.UniqueConstraint(fields=('first', 'second'), name='pair_once'),
        ),
        migrations.AddConstraint(
            model_name='duplicatepair',
            constraint=models.CheckConstraint(condition=models.Q(('first__lt', models.F('second'))), name='pair_in_order'),
        ),
        migrations.AddIndex(
            model_name='memberchange',
            index=models.Index(models.F('member_id'), models.OrderBy(models.F('id'), descending=True), name='change_of_member'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='memberchange',
            trigger=pgtrigger.compiler.Trigger(name='changes_stay_update', sql=hkh.core.triggers.RuleSql(func="PERFORM members_refuse('changes_stay', 'What was changed is kept for good.'); RETURN NULL;", hash='8099c8c8e7dc88036ce98bcf278893ebc04338bd', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_changes_stay_update_d8ecc', table='members_memberchange', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='memberchange',
            trigger=pgtrigger.compiler.Trigger(name='changes_stay_delete', sql=hkh.core.triggers.RuleSql(func="PERFORM members_refuse('changes_stay', 'What was changed is kept for good.'); RETURN NULL;", hash='129f8871c5b55e522b0814e433ff8f53bee8d674', level='STATEMENT', operation='DELETE', pgid='pgtrigger_changes_stay_delete_29e52', table='members_memberchange', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='membermerge',
            constraint=models.UniqueConstraint(condition=models.Q(('undone_at', None)), fields=('gone',), name='merge_gone_once'),
        ),
    ]
