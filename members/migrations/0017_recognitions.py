"""What members were honoured with."""

import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
import django.db.models.manager
import hkh.core.triggers
import members.models.changes
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

# The person is locked against a second hand that corrects the birth meanwhile.
CHECK_RECOGNITIONS = """
CREATE FUNCTION members_check_recognitions(checked_id bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    person record;
    early record;
BEGIN
    SELECT full_name, birth_date, coalesce(extract(year FROM birth_date)::int, birth_year) AS born INTO person
    FROM members_member WHERE id = checked_id FOR SHARE;

    SELECT coalesce(to_char(recognised_on, 'DD/MM/YYYY'), year::text) AS told INTO early
    FROM members_recognition
    WHERE member_id = checked_id
      AND (year > extract(year FROM members_today()) OR recognised_on > members_today())
    LIMIT 1;
    IF FOUND THEN
        PERFORM members_refuse('recognition_not_in_future', 'A person is honoured in a time to come.',
            jsonb_build_object('when', early.told));
    END IF;

    PERFORM 1 FROM members_recognition
    WHERE member_id = checked_id AND (year < person.born OR recognised_on < person.birth_date);
    IF FOUND THEN
        PERFORM members_refuse('recognition_before_birth', 'A person is honoured before being born.',
            jsonb_build_object('member', person.full_name, 'year', person.born::text));
    END IF;
END $$
"""


class Migration(migrations.Migration):

    dependencies = [
        ('members', '0016_closure_and_today'),
    ]

    operations = [
        migrations.RunSQL([CHECK_RECOGNITIONS], ["DROP FUNCTION members_check_recognitions(bigint)"]),
        migrations.CreateModel(
            name='Recognition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('citizen', 'Learning citizen'), ('family', 'Learning family (as its head)'), ('medal', 'Medal “For the cause of promoting learning”'), ('merit', 'Certificate of merit'), ('commendation', 'Letter of commendation'), ('other', 'Another title or commendation')], max_length=12, verbose_name='title or commendation')),
                ('wording', models.CharField(blank=True, max_length=160, verbose_name='wording')),
                ('year', models.PositiveSmallIntegerField(verbose_name='year')),
                ('recognised_on', models.DateField(blank=True, null=True, verbose_name='day')),
                ('given_by', models.CharField(blank=True, max_length=160, verbose_name='given by')),
                ('decision', models.CharField(blank=True, max_length=120, verbose_name='decision')),
                ('idempotency_key', models.UUIDField(editable=False, null=True)),
                ('entered_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, null=True, verbose_name='entered')),
            ],
            options={
                'verbose_name': 'title or commendation',
                'verbose_name_plural': 'titles and commendations',
                'default_manager_name': 'unscoped',
            },
            managers=[
                ('unscoped', django.db.models.manager.Manager()),
            ],
        ),
        migrations.AlterField(
            model_name='memberchange',
            name='what',
            field=models.CharField(choices=[('member', 'Person'), ('membership', 'Membership'), ('appointment', 'Office'), ('recognition', 'Title or commendation')], max_length=12, verbose_name='what'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='member',
            trigger=pgtrigger.compiler.Trigger(name='check_birth', sql=hkh.core.triggers.RuleSql(condition='WHEN (OLD.birth_date IS DISTINCT FROM NEW.birth_date OR OLD.birth_year IS DISTINCT FROM NEW.birth_year)', constraint='CONSTRAINT', func='PERFORM members_check_recognitions(NEW.id); RETURN NULL;', hash='08add7d32486b094f8bc4245f116af7a7095e364', operation='UPDATE OF "birth_date", "birth_year"', pgid='pgtrigger_check_birth_94c27', table='members_member', timing='DEFERRABLE INITIALLY DEFERRED', when='AFTER')),
        ),
        migrations.AddField(
            model_name='recognition',
            name='entered_by',
            field=models.ForeignKey(db_constraint=False, db_default=members.models.changes.Actor(), db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='entered by'),
        ),
        migrations.AddField(
            model_name='recognition',
            name='member',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='recognitions', to='members.member', verbose_name='member'),
        ),
        migrations.AddConstraint(
            model_name='recognition',
            constraint=models.UniqueConstraint(models.F('member'), models.F('year'), models.F('kind'), django.db.models.functions.text.Lower('wording'), models.Case(models.When(kind__in=('merit', 'commendation'), then=django.db.models.functions.text.Lower('given_by')), default=models.Value('')), name='recognition_once', violation_error_message="This stands on the person's page for that year already."),
        ),
        migrations.AddConstraint(
            model_name='recognition',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['citizen', 'family', 'medal', 'merit', 'commendation', 'other'])), name='recognition_kind_known', violation_error_message='Choose a title or commendation from the list.'),
        ),
        migrations.AddConstraint(
            model_name='recognition',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'other'), ('wording__regex', '\\S')), models.Q(('kind', 'other'), _negated=True), _connector='OR'), name='recognition_worded', violation_error_message='Write what it is called.'),
        ),
        migrations.AddConstraint(
            model_name='recognition',
            constraint=models.CheckConstraint(condition=models.Q(('kind', 'other'), ('wording', ''), _connector='OR'), name='recognition_only_other_worded', violation_error_message='Only another title or commendation has a wording of its own. Choose that, or leave this empty.'),
        ),
        migrations.AddConstraint(
            model_name='recognition',
            constraint=models.CheckConstraint(condition=models.Q(('recognised_on', None), ('year', django.db.models.functions.datetime.ExtractYear('recognised_on')), _connector='OR'), name='recognition_day_in_year', violation_error_message='The day lies in another year.'),
        ),
        migrations.AddConstraint(
            model_name='recognition',
            constraint=models.CheckConstraint(condition=models.Q(('year__range', (1900, 2100))), name='recognition_year_sane', violation_error_message='Check the year.'),
        ),
        migrations.AddConstraint(
            model_name='recognition',
            constraint=models.UniqueConstraint(condition=models.Q(('idempotency_key__isnull', False)), fields=('idempotency_key',), name='recognition_entered_once'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='recognition',
            trigger=pgtrigger.compiler.Trigger(name='check_recognition', sql=hkh.core.triggers.RuleSql(constraint='CONSTRAINT', func='PERFORM members_check_recognitions(NEW.member_id); RETURN NULL;', hash='76e14362068bb3c2ea7748f5b6270463c5006e12', operation='INSERT OR UPDATE OF "member_id", "year", "recognised_on"', pgid='pgtrigger_check_recognition_662d2', table='members_recognition', timing='DEFERRABLE INITIALLY DEFERRED', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='recognition',
            trigger=pgtrigger.compiler.Trigger(name='keep_change_update', sql=hkh.core.triggers.RuleSql(func="EXECUTE $kept$\nINSERT INTO members_memberchange\n    (changed_at, actor_id, why, what, row_id, member_id, unit_id, is_deletion, changes)\nSELECT now(), members_actor(), left(coalesce(current_setting('hkh.why', true), ''), 200), 'recognition', was.id,\n       now_.member_id, NULL::bigint, false, told.changes\nFROM old_rows was JOIN new_rows now_ ON now_.id = was.id AND now_.* IS DISTINCT FROM was.*\nCROSS JOIN LATERAL (\n    SELECT jsonb_object_agg(before.key, jsonb_build_array(before.value, to_jsonb(now_) -> before.key)) AS changes\n    FROM jsonb_each(to_jsonb(was) - '{search_key,sort_key,revision}'::text[]) before WHERE before.value IS DISTINCT FROM to_jsonb(now_) -> before.key\n) told\nWHERE told.changes IS NOT NULL ORDER BY was.id\n$kept$; RETURN NULL;", hash='5d2f8a0145c42d16b3437b145cae0bfcef251378', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_keep_change_update_d3c97', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='members_recognition', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='recognition',
            trigger=pgtrigger.compiler.Trigger(name='keep_change_delete', sql=hkh.core.triggers.RuleSql(func="EXECUTE $kept$\nINSERT INTO members_memberchange\n    (changed_at, actor_id, why, what, row_id, member_id, unit_id, is_deletion, changes)\nSELECT now(), members_actor(), left(coalesce(current_setting('hkh.why', true), ''), 200), 'recognition', was.id,\n       was.member_id, NULL::bigint, true, told.changes\nFROM old_rows was \nCROSS JOIN LATERAL (\n    SELECT jsonb_object_agg(before.key, jsonb_build_array(before.value, 'null'::jsonb)) AS changes\n    FROM jsonb_each(to_jsonb(was) - '{search_key,sort_key,revision}'::text[]) before WHERE before.value IS DISTINCT FROM 'null'::jsonb\n) told\nWHERE told.changes IS NOT NULL ORDER BY was.id\n$kept$; RETURN NULL;", hash='6035a506a397ae14dd493be2be9c1b3399e7ac4d', level='STATEMENT', operation='DELETE', pgid='pgtrigger_keep_change_delete_6a67f', referencing='REFERENCING OLD TABLE AS old_rows ', table='members_recognition', when='AFTER')),
        ),
    ]
