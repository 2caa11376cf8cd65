"""A plan grouped for the page."""

from __future__ import annotations

from datetime import date

from hkh.decisions.plan import Closed, Handover, Heir, Moved, Officer, OldFund, Opened, Plan
from hkh.decisions.showing import MOST_RELIEVED, ROW, shown


def closed(unit_id: int, name: str, *heirs: tuple[int, str, str]) -> Closed:
    found = tuple(Heir(ref, f"H{ref}", heir, share) for ref, heir, share in heirs)
    return Closed(unit_id, unit_id, f"C{unit_id}", name, 1, 1, "territorial", found, 2, 100)


def plan(**facts: object) -> Plan:
    return Plan(1, date(2025, 7, 1), **facts)  # type: ignore[arg-type]


def test_units_that_share_an_heir_stand_in_one_group() -> None:
    """a → x; b → x and y; c → y joins both; d → z stands alone."""
    made = shown(
        plan(
            closed=(
                closed(1, "Hội xã a", (10, "Hội xã x", "1")),
                closed(2, "Hội xã c", (11, "Hội xã y", "1")),
                closed(3, "Hội xã d", (12, "Hội xã z", "1")),
                closed(4, "Hội xã b", (10, "Hội xã x", "0.6"), (11, "Hội xã y", "0.4")),
            )
        )
    )
    groups = [([one.short for one in group.old], [one.short for one in group.new]) for group in made.becomings]
    assert groups == [(["a", "c", "b"], ["x", "y"]), (["d"], ["z"])] or groups == [
        (["d"], ["z"]),
        (["a", "c", "b"], ["x", "y"]),
    ]
    big = max(made.becomings, key=lambda group: len(group.old))
    assert len(big.paths) == 4
    assert len(big.shares) == 2
    assert big.height == 3 * ROW


def test_the_new_and_the_gone_without_kin_are_told_apart() -> None:
    new = Opened(-5, 5, "N", "Mới", "territorial", 1, 1, "Tỉnh hội", None)
    made = shown(plan(opened=(new,), closed=(closed(1, "Cũ"),)))
    assert (list(made.founded), [one.name for one in made.ended], list(made.becomings)) == ([new], ["Cũ"], [])


def test_of_many_units_that_move_some_are_told_and_the_rest_counted() -> None:
    moved = tuple(
        Moved(n, n, False, f"B{n}", f"Chi hội {n}", f"Chi hội {n}", 1, 1, 1, "Cũ", 2, "Mới", True, 10)
        for n in range(30)
    )
    (gathering,) = shown(plan(moved=moved)).gatherings
    assert (gathering.units, gathering.members, len(gathering.told), gathering.untold) == (30, 300, 12, 18)


def test_what_is_given_is_set_against_what_is_received() -> None:
    fund = OldFund(1, "F1", "Quỹ cũ", 1, "Cũ", 700, 300)
    parts = tuple(
        Handover(1, "Quỹ cũ", ref, f"Mới {ref}", None, "", "", cash, goods)
        for ref, cash, goods in ((2, 467, 200), (3, 233, 100))
    )
    made = shown(plan(old_funds=(fund,), handovers=parts))
    assert (made.given_vnd, made.received_vnd, made.difference_vnd) == (1000, 1000, 0)
    assert [(till.unit, till.total_vnd) for till in made.tills] == [("Mới 2", 667), ("Mới 3", 333)]


def test_officers_whose_terms_end_stand_by_their_unit_and_of_very_many_units_some_are_named() -> None:
    def officer(row: int, unit: int) -> Officer:
        return Officer(
            "members_appointment", row, f"Người {row}", "Chủ tịch", unit, f"Hội {unit}", date(2022, 1, 1), False
        )

    made = shown(plan(officers=tuple(officer(2 * unit + n, unit) for unit in range(MOST_RELIEVED + 3) for n in (0, 1))))
    assert [person.person for person in made.relieved_told[1][1]] == ["Người 2", "Người 3"]
    assert [unit for unit, _ in made.relieved_told] == [f"Hội {unit}" for unit in range(MOST_RELIEVED)]
    assert made.units_relieved_beyond == 3
    assert shown(plan()).relieved_told == []
