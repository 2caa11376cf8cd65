"""Awards by sheet: proposals into one open round. Who is proposed there already is shown, and who receives elsewhere.

A proposal that stands in the round already is known; one that says something else of the same recipient is refused,
since an award is withdrawn and proposed anew, never changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from funds.models import MOST_VND
from hkh.core.sheets.importing import (
    Cause,
    Check,
    Refusal,
    SheetImport,
    causes_of,
    keep_for_now,
    make_plan,
    note_checks,
    note_problems,
    rows_as,
    settle,
)
from hkh.core.sheets.made import Made, ids_in, next_id, ranges_of, references, resting_on
from hkh.core.sheets.staging import NEW, Stage
from members.imports.units_named import UNIT_CAUSES, find_units, lock_units, unit_checks
from members.models import User
from members.rules import Verb, units_where
from scholarships.models import MOST_AWARDS, Award, Round, RoundState
from scholarships.sheets import AwardResource
from scholarships.triggers.awards import PLACE_RULES

_CONTENT = (
    "concat_ws('|', {0}.unit_id, {0}.kind, {0}.beneficiary_group, {0}.recipient_kind, {1}, coalesce({0}.birth_year, 0),"
    " {2}, {0}.grade, {0}.content, {0}.pot, {0}.count, {0}.unit_value_vnd)"
)

_PLAN = f"""
    WITH said AS MATERIALIZED (
        SELECT cell.row_no, cell.id AS number, cell.unit, found.id AS unit_id, found.is_ambiguous, cell.kind,
               cell.beneficiary_group, coalesce(cell.recipient_kind, 'pupil') AS recipient_kind,
               coalesce(cell.recipient_name, '') AS recipient_name,
               coalesce(hkh_search_key(cell.recipient_name), '') AS name_key,
               coalesce(cell.birth_year_year, extract(year FROM cell.birth_year)::int) AS birth_year,
               coalesce(cell.school, '') AS school, coalesce(hkh_search_key(cell.school), '') AS school_key,
               coalesce(cell.grade, '') AS grade, coalesce(cell.content, '') AS content,
               coalesce(cell.pot, 'cash') AS pot, coalesce(cell.count, 1) AS count, cell.unit_value_vnd,
               coalesce(cell.count, 1)::numeric * cell.unit_value_vnd AS value_vnd, %s::bigint AS round_id,
               'proposed'::text AS state, NULL::date AS approved_on, 0 AS delivered_count, 0 AS cancelled_count
        FROM {{cells}} cell LEFT JOIN imports_found_units found ON found.text = coalesce(cell.unit, '')
    ),
    turns AS (
        SELECT row_no, sum, row_number() OVER (PARTITION BY sum ORDER BY row_no) AS turn,
               min(row_no) OVER (PARTITION BY sum) AS first_row
        FROM (SELECT row_no, hashtextextended({_CONTENT.format("said", "said.name_key", "said.school_key")}, 0) AS sum
              FROM said) hashed
    ),
    proposed AS (
        SELECT award.id, award.unit_id, award.kind, award.search_key, award.birth_year, award.sum,
               row_number() OVER (PARTITION BY award.sum ORDER BY award.id) AS turn
        FROM (
            SELECT award.*, hashtextextended({
    _CONTENT.format("award", "award.search_key", "hkh_search_key(award.school)")
}, 0) AS sum
            FROM scholarships_award award
            WHERE award.round_id = %s AND award.state <> 'cancelled' AND award.unit_id IN (SELECT id FROM imports_units)
        ) award
    ),
    alike AS (
        SELECT said.row_no, min(proposed.id) AS id FROM said
        JOIN proposed ON proposed.search_key = said.name_key AND proposed.unit_id = said.unit_id
            AND proposed.kind = said.kind
        WHERE said.name_key <> ''
          AND (said.birth_year IS NULL OR proposed.birth_year IS NULL OR said.birth_year = proposed.birth_year)
        GROUP BY said.row_no
    ),
    elsewhere AS (
        SELECT said.row_no, min(other.name) AS round_name FROM said
        JOIN scholarships_award award ON award.search_key = said.name_key AND award.birth_year = said.birth_year
            AND award.round_id <> %s AND award.state <> 'cancelled'
            AND award.unit_id IN (SELECT id FROM imports_units)
        JOIN scholarships_round other ON other.id = award.round_id AND other.school_year = %s
        WHERE said.name_key <> '' GROUP BY said.row_no
    ),
    pairs AS (
        SELECT row_no, min(row_no) OVER (PARTITION BY unit_id, kind, name_key, birth_year) AS first_of_pair
        FROM said WHERE name_key <> ''
    )
    SELECT said.*, turns.turn, turns.first_row, pairs.first_of_pair, alike.id AS alike_id,
           elsewhere.round_name AS elsewhere, numbered.id AS numbered_id,
           CASE WHEN said.number IS NOT NULL THEN numbered.id ELSE proposed.id END AS target_id,
           numbered.sum IS DISTINCT FROM turns.sum AS is_other, NULL::jsonb AS changes
    FROM said JOIN turns USING (row_no)
    LEFT JOIN proposed ON proposed.sum = turns.sum AND proposed.turn = turns.turn
    LEFT JOIN proposed numbered ON numbered.id = said.number
    LEFT JOIN alike USING (row_no) LEFT JOIN elsewhere USING (row_no) LEFT JOIN pairs USING (row_no)
"""

_CAUSES = {
    **UNIT_CAUSES,
    **causes_of(Award),
    **{rule.name: Cause(rule.sentence) for rule in PLACE_RULES},
    "number_unknown": Cause(
        gettext_lazy("There is no award number %(value)s in this round. Leave the column empty to propose a new one.")
    ),
    "settled": Cause(
        gettext_lazy("Award number %(value)s says something else. Withdraw it in the round, then propose it anew.")
    ),
    "proposed_already": Cause(
        gettext_lazy("“%(value)s” is proposed in this round already, with other details. Withdraw that one first.")
    ),
    "twice": Cause(gettext_lazy("The same recipient stands in row %(value)s already.")),
    "elsewhere": Cause(
        gettext_lazy("Receives in this school year also in the round “%(value)s”. Look at it before approving."),
        refuses=False,
    ),
}


def _checks() -> Iterable[Check]:
    yield from unit_checks()
    new = "plan.target_id IS NULL"
    yield "number_unknown", "id", "plan.number IS NOT NULL AND plan.numbered_id IS NULL", "plan.number"
    yield "settled", "id", "plan.numbered_id IS NOT NULL AND plan.is_other", "plan.number"
    yield (
        "proposed_already",
        "recipient_name",
        f"{new} AND plan.alike_id IS NOT NULL AND plan.row_no = plan.first_of_pair",
        "plan.recipient_name",
    )
    yield (
        "twice",
        "recipient_name",
        f"{new} AND plan.unit_id IS NOT NULL AND plan.row_no <> plan.first_of_pair",
        "plan.first_of_pair",
    )
    yield "elsewhere", "recipient_name", f"{new} AND plan.elsewhere IS NOT NULL", "plan.elsewhere"
    # Far beyond what the columns hold; the database's own rule could not even be asked.
    yield "award_within_reason", "count", f"plan.count > {MOST_AWARDS} OR plan.value_vnd > {MOST_VND}", "''"


class RoundOption(forms.Form):
    """Into which open round the rows are proposed."""

    round = forms.ModelChoiceField(
        Round.unscoped.none(),
        label=gettext_lazy("Round"),
        help_text=gettext_lazy("Only rounds that are open stand here."),
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["round"].queryset = open_rounds(user)  # type: ignore[attr-defined]

    def said(self) -> dict[str, Any]:
        return {"round": self.cleaned_data["round"].pk}


def open_rounds(user: User) -> Any:
    """The open rounds in sight of ``user`` that proposals of his or hers may go into."""
    may = units_where(user, Verb.PROPOSE_AWARDS).values("pk")
    return Round.objects.visible_to(user).filter(state=RoundState.OPEN, unit__in=may).order_by("-opened_on", "-pk")


class AwardImport(SheetImport):
    """Proposals into an open round."""

    resource = AwardResource
    title = gettext_lazy("Proposals for awards")
    verb = Verb.PROPOSE_AWARDS
    icon = "gift"
    purpose = gettext_lazy("Who shall receive: each row becomes a proposal in the round that you choose.")
    list_url = "scholarships:round-list"
    causes = _CAUSES
    shown = ("recipient_name", "birth_year", "school", "grade", "unit", "kind", "unit_value_vnd")
    model = Award

    def options(self, user: Any, data: Any = None, initial: Mapping[str, Any] | None = None) -> forms.Form:
        return RoundOption(user, data, initial=initial)

    def plan(self, stage: Stage, *, by: Any, options: Mapping[str, Any]) -> None:
        chosen = open_rounds(by).filter(pk=options.get("round")).first()
        if chosen is None:
            raise Refusal(_("The round is closed and takes no more awards. Open it again or choose another round."))
        find_units(stage, by=by, verb=self.verb)
        params = [chosen.pk, chosen.pk, chosen.pk, chosen.school_year]
        make_plan(stage, _PLAN.format(cells=stage.cells), params)
        note_problems(stage, _checks(), causes=self.causes)
        note_checks(stage, Award, causes=self.causes)
        rules = [(rule.name, rule.field, rule.broken_when, "''") for rule in PLACE_RULES]
        source = f"{rows_as(stage, Award)} award JOIN scholarships_round round ON round.id = award.round_id"
        note_problems(stage, rules, causes=self.causes, source=source)
        settle(stage)

    def lock(self, stage: Stage) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT 1 FROM scholarships_round WHERE id IN (SELECT round_id FROM {stage.plan}) FOR NO KEY UPDATE"
            )
        lock_units(stage)

    def apply(self, stage: Stage, *, by: Any, options: Mapping[str, Any]) -> Made:
        with connection.cursor() as cursor:
            keep_for_now(
                "imports_new",
                f"""
                SELECT plan.*, {next_id(Award)} AS id
                FROM (SELECT * FROM {stage.of(NEW)} plan ORDER BY row_no) plan
                """,
            )
            cursor.execute(
                """
                INSERT INTO scholarships_award (id, round_id, unit_id, kind, beneficiary_group, recipient_kind,
                    recipient_name, birth_year, school, grade, content, pot, count, unit_value_vnd, state,
                    proposed_by_id)
                SELECT id, round_id, unit_id, kind, beneficiary_group, recipient_kind, recipient_name, birth_year,
                    school, grade, content, pot, count, unit_value_vnd, 'proposed', %s
                FROM imports_new ORDER BY id
                """,
                [by.pk],
            )
        return {"award": ranges_of(stage, "id", "imports_new new")}

    def obstacles(self, made: Made, changes: str, *, by: Any) -> list[str]:
        spans, found = made["award"], []
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT count(*) FROM scholarships_award WHERE state <> 'proposed' AND {ids_in(spans, 'id')}"
            )
            gone_on = cursor.fetchone()[0]
        if gone_on:
            text = ngettext(
                "%(n)s award has been approved or withdrawn since.",
                "%(n)s awards have been approved or withdrawn since.",
                gone_on,
            )
            found.append(text % {"n": gone_on})
        return [*found, *resting_on(references(Award, spans))]

    def undo(self, made: Made, changes: str, *, by: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM scholarships_award WHERE {ids_in(made['award'], 'id')}")
