"""A plan carried out: each kind of row in one statement or two, however many there are. The caller holds the locks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db import connection

from funds.actions import lock_accounts
from funds.models import AccountKind, Appeal, AppealPartner, Fund, Movement, MovementKind, Pot
from hkh.core.acting import act_as
from hkh.core.dates import format_date
from hkh.decisions.plan import Plan, Ref
from hkh.decisions.trace import Trace
from hkh.decisions.world import rows
from members.models import Decision, Tier, Unit, UnitKind, User
from members.models.people import LeaveReason
from members.models.tree import SuccessionKind


def carry_out(decision: Decision, plan: Plan, *, by: User | None) -> None:
    """Everything that ``plan`` says, and the trace of it. About 40 statements, however many units are concerned."""
    act_as(by, decision.number)
    deed = _Deed(decision, plan, by)
    deed.found_units()
    deed.write_versions()
    deed.close_units()
    deed.write_successions()
    deed.transfer_members()
    deed.end_offices()
    deed.close_rounds()
    deed.carry_along()
    deed.hand_over_funds()
    deed.trace.write()


class _Deed:
    def __init__(self, decision: Decision, plan: Plan, by: User | None) -> None:
        self.decision, self.plan, self.by = decision, plan, by
        self.day = plan.effective_on
        self.trace = Trace(decision.pk)
        self.ids: dict[Ref, int] = {}

    def id_of(self, ref: Ref | None) -> int | None:
        return self.ids.get(ref, ref) if ref is not None else None

    def found_units(self) -> None:
        """Their parents follow from their versions, so it does not matter which of two new units comes first."""
        made = Unit.unscoped.bulk_create(
            Unit(
                code=unit.code,
                kind=unit.kind or UnitKind.TERRITORIAL,
                place_id=unit.place_id,
                founded_on=self.day,
                name=unit.name,
                tier=Tier(pk=unit.tier_id),
            )
            for unit in self.plan.opened
        )
        self.ids = {opened.ref: unit.pk for opened, unit in zip(self.plan.opened, made, strict=True)}
        self.trace.made("members_unit", list(self.ids.values()))
        execute(
            "UPDATE members_change change SET unit_id = made.id"
            " FROM unnest(%s::bigint[], %s::bigint[]) made(change_id, id) WHERE change.id = made.change_id",
            [[unit.change_id for unit in self.plan.opened], [self.ids[unit.ref] for unit in self.plan.opened]],
        )

    def write_versions(self) -> None:
        going_on = [unit for unit in self.plan.moved if not unit.same_day]
        ended = [unit.version_id for unit in going_on] + [unit.version_id for unit in self.plan.closed]
        self.trace.changing("members_unitversion", ("valid_until",), ended)
        execute("UPDATE members_unitversion SET valid_until = %s WHERE id = ANY (%s)", [self.day, ended])
        again = [unit for unit in self.plan.moved if unit.same_day]
        self.trace.changing(
            "members_unitversion", ("name", "tier_id", "parent_id"), [unit.version_id for unit in again]
        )
        execute(
            """
            UPDATE members_unitversion version SET name = new.name, tier_id = new.tier_id, parent_id = new.parent_id
            FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::bigint[]) new(id, name, tier_id, parent_id)
            WHERE version.id = new.id
            """,
            columns((u.version_id, u.name, u.tier_id, self.id_of(u.parent_ref)) for u in again) or [[]] * 4,
        )
        new = [(u.unit_id, u.name, u.tier_id, self.id_of(u.parent_ref)) for u in going_on]
        new += [(self.ids[u.ref], u.name, u.tier_id, self.id_of(u.parent_ref)) for u in self.plan.opened]
        if new:
            made = rows(
                """
                INSERT INTO members_unitversion (unit_id, name, tier_id, parent_id, valid_from)
                SELECT new.*, %s FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::bigint[]) new
                RETURNING id
                """,
                [self.day, *columns(new)],
            )
            self.trace.made("members_unitversion", [pk for (pk,) in made])
        execute(
            "UPDATE members_unit SET revision = revision + 1 WHERE id = ANY (%s)",
            [[unit.unit_id for unit in self.plan.moved]],
        )

    def close_units(self) -> None:
        closed = [unit.unit_id for unit in self.plan.closed]
        self.trace.changing("members_unit", ("dissolved_on",), closed)
        execute(
            "UPDATE members_unit SET dissolved_on = %s, revision = revision + 1 WHERE id = ANY (%s)", [self.day, closed]
        )

    def write_successions(self) -> None:
        links = [
            (
                unit.unit_id,
                self.id_of(heir.ref),
                SuccessionKind.WHOLE.value if len(unit.heirs) == 1 else SuccessionKind.PART.value,
                heir.share,
            )
            for unit in self.plan.closed
            for heir in unit.heirs
        ]
        if not links:
            return
        signed = f" ({format_date(self.decision.signed_on)})" if self.decision.signed_on else ""
        made = rows(
            """
            INSERT INTO members_succession (predecessor_id, successor_id, kind, share, effective_on, legal_basis)
            SELECT link.predecessor_id, link.successor_id, link.kind, link.share::numeric, %s, %s
            FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[])
                link(predecessor_id, successor_id, kind, share)
            RETURNING id
            """,
            [self.day, f"{self.decision.number}{signed}"[:120], *columns(links)],
        )
        self.trace.made("members_succession", [pk for (pk,) in made])

    def transfer_members(self) -> None:
        into = {group.unit_id: self.id_of(group.ref) for group in self.plan.people}
        held = rows(
            """
            SELECT id, member_id, unit_id, left_on, leave_reason FROM members_membership
            WHERE unit_id = ANY (%s) AND joined_on < %s AND (left_on IS NULL OR left_on > %s) ORDER BY id
            """,
            [list(into), self.day, self.day],
        )
        if not held:
            return
        ids = [pk for pk, *_rest in held]
        self.trace.changing("members_membership", ("left_on", "leave_reason"), ids)
        execute(
            "UPDATE members_membership SET left_on = %s, leave_reason = %s WHERE id = ANY (%s)",
            [self.day, LeaveReason.REORGANISATION, ids],
        )
        made = rows(
            """
            INSERT INTO members_membership (member_id, unit_id, joined_on, left_on, leave_reason)
            SELECT held.member_id, held.unit_id, %s, held.left_on, held.leave_reason
            FROM unnest(%s::bigint[], %s::bigint[], %s::date[], %s::text[])
                held(member_id, unit_id, left_on, leave_reason)
            RETURNING id
            """,
            [self.day, *columns((member, into[unit], left_on, why) for _pk, member, unit, left_on, why in held)],
        )
        self.trace.made("members_membership", [pk for (pk,) in made])

    def end_offices(self) -> None:
        for table, (until, *also) in OFFICES.items():
            held = [officer for officer in self.plan.officers if officer.source == table]
            removed = [officer.row_id for officer in held if officer.is_removed]
            self.trace.removing(table, removed)
            execute(f"DELETE FROM {table} WHERE id = ANY (%s)", [removed])
            ended = [officer.row_id for officer in held if not officer.is_removed]
            self.trace.changing(table, (until, *also), ended)
            why = "".join(f", {column} = 'reorganisation'" for column in also)
            execute(f"UPDATE {table} SET {until} = %s {why} WHERE id = ANY (%s)", [self.day, ended])

    def close_rounds(self) -> None:
        ids = [ending.row_id for ending in self.plan.rounds]
        self.trace.changing("scholarships_round", ("state", "closed_on"), ids)
        execute(
            "UPDATE scholarships_round SET state = 'closed', closed_on = %s, revision = revision + 1"
            " WHERE id = ANY (%s)",
            [self.day - timedelta(days=1), ids],
        )
        self._end_appeals()

    def _end_appeals(self) -> None:
        ended = {ending.row_id: ending for ending in self.plan.appeals}
        appeals = list(Appeal.unscoped.filter(pk__in=ended).order_by("pk"))
        self.trace.changing("funds_appeal", ("closes_on",), list(ended))
        execute("UPDATE funds_appeal SET closes_on = %s WHERE id = ANY (%s)", [self.day, list(ended)])
        going_on: dict[int, Appeal] = {}
        for appeal in appeals:
            ending = ended[appeal.pk]
            if ending.ref is not None:
                going_on[appeal.pk] = appeal
                appeal.pk, appeal.unit_id = None, self.ids.get(ending.ref, ending.ref)
                appeal.opens_on, appeal.target_vnd = self.day, ending.target_vnd
                # The fund of its own stays with the one that ended; what it hands over keeps its purpose.
                appeal.fund_id = None
        partners = list(AppealPartner.unscoped.filter(appeal__in=list(going_on)).order_by("appeal", "number"))
        for appeal in going_on.values():
            appeal.save(force_insert=True)
        self.trace.made("funds_appeal", [appeal.pk for appeal in going_on.values()])
        along = AppealPartner.unscoped.bulk_create(
            AppealPartner(appeal=going_on[old.appeal_id], number=old.number, name=old.name, role=old.role)
            for old in partners
        )
        self.trace.made("funds_appealpartner", [partner.pk for partner in along])

    def carry_along(self) -> None:
        """Proposals and donors' cards of closed units."""
        for what, table, watched, where in (
            ("award", "scholarships_award", ("unit_id", "state"), "state = 'proposed'"),
            ("donor", "funds_donor", ("unit_id",), "true"),
        ):
            into = {group.unit_id: self.id_of(group.ref) for group in self.plan.carried if group.what == what}
            ids = [pk for (pk,) in rows(f"SELECT id FROM {table} WHERE unit_id = ANY (%s) AND {where}", [list(into)])]
            self.trace.changing(table, watched, ids)
            execute(
                f"UPDATE {table} going SET unit_id = goal.id FROM unnest(%s::bigint[], %s::bigint[]) goal(old, id)"
                " WHERE going.unit_id = goal.old AND going.id = ANY (%s)",
                [list(into), list(into.values()), ids],
            )

    def hand_over_funds(self) -> None:
        """New funds are opened, one statement hands everything over, then the old funds are closed."""
        new = Fund.unscoped.bulk_create(
            Fund(
                unit_id=self.ids.get(fund.unit_ref, fund.unit_ref),
                code=fund.code,
                name=fund.name,
                purpose=fund.purpose,
                is_restricted=fund.is_restricted,
                opened_on=self.day,
            )
            for fund in self.plan.new_funds
        )
        self.trace.made("funds_fund", [fund.pk for fund in new])
        by_code = {fund.code: fund.pk for fund in new}
        old = [fund.fund_id for fund in self.plan.old_funds]
        taking = [part.to_fund_id or by_code[part.to_fund_code] for part in self.plan.handovers]
        accounts = lock_accounts(Fund.unscoped.filter(pk__in=[*old, *taking]))
        moved = Movement.objects.bulk_create(
            Movement(
                source=accounts[part.fund_id, AccountKind.FREE, pot],
                target=accounts[into, AccountKind.FREE, pot],
                amount_vnd=amount_vnd,
                kind=MovementKind.HANDOVER,
                occurred_on=self.day,
                document=self.decision.number,
                note=self.decision.subject,
                recorded_by=self.by,
            )
            for part, into in zip(self.plan.handovers, taking, strict=True)
            for pot, amount_vnd in ((Pot.CASH, part.cash_vnd), (Pot.GOODS, part.goods_vnd))
            if amount_vnd
        )
        self.trace.made("funds_movement", [movement.pk for movement in moved])
        self.trace.changing("funds_fund", ("closed_on",), old)
        execute("UPDATE funds_fund SET closed_on = %s, revision = revision + 1 WHERE id = ANY (%s)", [self.day, old])


#: Tables of roles, offices and seats, each with the column of the day on which they end, and that of the reason.
OFFICES = {
    "members_grant": ("valid_until",),
    "members_appointment": ("valid_until", "end_reason"),
    "funds_boardmember": ("until",),
}


def execute(sql: str, params: list[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def columns(table: Iterable[tuple[Any, ...]]) -> list[list[Any]]:
    """Rows as columns, for ``unnest``."""
    return [list(column) for column in zip(*table, strict=True)]
