"""What must come out of a built demo province, whatever its size: the figures of its files, recomputed from rows."""

from __future__ import annotations

from typing import Any

from hkh.demo.spec import Province
from tests.demo import raw


def assert_adds_up(cursor: Any, province: Province) -> None:
    """Every figure of the files, by plain SQL, and what the reorganisations handed over."""
    assert_half_adds_up(cursor, province)
    _assert_handed_over(cursor, province)


def assert_half_adds_up(cursor: Any, province: Province) -> None:
    """Every figure of the files."""
    _assert_organisation(cursor, province)
    _assert_raised(cursor, province)
    _assert_given(cursor, province)
    assert raw.fund_flows(cursor, "DAT-TO") == (
        province.opening_vnd,
        province.fund_in_vnd,
        province.fund_out_vnd,
        province.fund_closing_vnd,
    )
    assert raw.overdrawn_ever(cursor) == []
    assert raw.stranded(cursor) == []


def _assert_organisation(cursor: Any, province: Province) -> None:
    assert raw.units_by_tier(cursor) == {
        "PROVINCE": 1,
        "DISTRICT": province.district_units,
        "GRASSROOTS": province.base_units,
        "BRANCH": province.branches,
    }
    below = raw.below_districts(cursor)
    assert below == {
        unit.code: (unit.communes, unit.others, unit.branches, unit.members) for unit in province.all_units
    }
    assert sum(members for *_, members in below.values()) == province.members


def _assert_raised(cursor: Any, province: Province) -> None:
    by_tier = raw.raised_by_tier(cursor)
    assert by_tier["PROVINCE"] == {"": province.fund_in_vnd}
    assert by_tier["DISTRICT"] == {unit.code: unit.own_vnd for unit in province.all_units}
    assert by_tier["GRASSROOTS"] == {district.code: district.base_vnd for district in province.districts}
    assert by_tier["BRANCH"] == {district.code: district.branch_vnd for district in province.districts}
    for column, attribute in (("form", "form"), ("donor.kind", "donor_kind")):
        wanted: dict[str, int] = {}
        for source in province.sources:
            key = getattr(source, attribute)
            wanted[key] = wanted.get(key, 0) + source.amount_vnd
        assert raw.raised(cursor, column) == wanted
        assert sum(wanted.values()) == province.mobilised_vnd


def _assert_given(cursor: Any, province: Province) -> None:
    assert raw.given_by(cursor, "beneficiary_group") == {
        line.group: (line.count, line.count * line.unit_value_vnd) for line in province.lines
    }
    assert raw.given_by_district(cursor) == {
        district.code: (district.gifts_count, district.gifts_vnd) for district in province.districts
    }
    emergencies = raw.given_by_district(cursor, "AND award.kind = 'emergency'")
    assert sum(count for count, _ in emergencies.values()) == len(province.emergencies)
    assert sum(value for _, value in emergencies.values()) == sum(case.value_vnd for case in province.emergencies)
    equipment = raw.ask(
        cursor,
        f"SELECT award.recipient_name, award.pot, line.value_vnd {raw.GIVEN} AND award.kind = 'facility'"
        f" AND award.unit_id = (SELECT id FROM members_unit WHERE name = 'Hội Khuyến học {province.equipment.school}')",
    )
    assert equipment == [(province.equipment.school, "goods", province.equipment.value_vnd)]
    passed = raw.ask(
        cursor, f"SELECT amount_vnd FROM funds_donation WHERE is_pass_through AND received_on {raw.HALF} ORDER BY 1"
    )
    direct = sorted(case.pass_through_vnd for case in province.emergencies if case.pass_through_vnd)
    assert [amount for (amount,) in passed] == direct


def _assert_handed_over(cursor: Any, province: Province) -> None:
    """Each closed fund to its heirs by share, rounded down, the remainder to the largest."""
    found = raw.handed_over(cursor)
    codes = {code for code, _, _ in found}
    assert {f"Q-{district.code}" for district in province.districts} <= codes
    for _, parts, shares in found:
        total = sum(parts)
        assert sum(shares) == 1_000_000
        assert parts[1:] == [total * share // 1_000_000 for share in shares[1:]]
