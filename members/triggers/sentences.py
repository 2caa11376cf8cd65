"""The sentences of the rules that triggers keep, by rule name (``hkh.core.violations`` shows them)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

SENTENCES = {
    "version_no_overlap": _("“%(unit)s” would have two names or places on one day. Choose another date."),
    "version_covers_unit": _("The history of “%(unit)s” must cover its whole life, without gap and without more."),
    "unit_repeats_version": _("The name, tier and place of “%(unit)s” follow its history. Change them there."),
    "tree_no_circle": _("“%(unit)s” would stand below itself. Choose another unit to stand under."),
    "parent_exists": _("“%(unit)s” would stand under “%(parent)s” on days when that does not exist."),
    "version_needs_parent": _("“%(unit)s” must stand under another unit. Choose it."),
    "tier_under_tier": _("“%(unit)s” may not stand under “%(parent)s”: its tier does not allow it."),
    "tier_rule_in_use": _("Units such as “%(unit)s” stand so now. Move them first."),
    "tier_rank_order": _(
        "“%(tier)s” may stand only under tiers with a smaller rank number than its own, and “%(parent)s” has none. "
        "Change the rank of one of them, or what may stand under what."
    ),
    "tier_stands_alone": _(
        "Units such as “%(unit)s” stand at the top now. Tick “may stand at the top” for “%(tier)s”, or move them first."
    ),
    "tier_in_use": _(
        "Units such as “%(unit)s” stand in the tier “%(tier)s” on that day or later. Move or dissolve them first, "
        "or choose a later day."
    ),
    "tier_retired": _(
        "“%(unit)s” would stand in the tier “%(tier)s” after that was retired. Choose another tier or an earlier day."
    ),
    "tier_has_members": _("Units such as “%(unit)s” have members. Transfer them first."),
    "unit_has_members": _("“%(unit)s” still has members on days when it would not exist. Transfer them first."),
    "closure_follows": _("Who stood below whom follows the history of the units. Change it there."),
    "tree_kept": _("The history of the tree is never emptied. Change or dissolve the units one by one."),
    "membership_kept": _("The list of members is never emptied. End the memberships one by one."),
    "membership_no_overlap": _("%(member)s is already a member of a unit in those days. Use a transfer."),
    "membership_within_unit": _("“%(unit)s” does not exist on all of those days. Choose another date or unit."),
    "membership_tier": _("“%(unit)s” holds no members itself. Choose one of the units below it."),
    "office_within_unit": _("“%(unit)s” does not exist on all days of this term. Choose other dates."),
    "office_once": _("%(member)s holds this office in “%(unit)s” in those days already."),
    "office_one_chair": _(
        "In those days “%(unit)s” is led by %(member)s. End that office first, or choose other dates."
    ),
    "office_two_hands": _(
        "%(member)s would be accountant and cashier of “%(unit)s” at once. These must be two people."
    ),
    "unit_has_officers": _("“%(unit)s” still has officers on days when it would not exist. End their offices first."),
    "changes_stay": _("What was changed is kept for good."),
    "headcount_kept": _("A reported number is never changed or deleted. Enter the right one: both stay on record."),
    "headcount_not_in_future": _("%(day)s has not come yet. Write the day for which the members were counted."),
    "headcount_within_unit": _("“%(unit)s” does not exist on that day. Choose another day."),
    "headcount_tier": _("“%(unit)s” holds no members itself. Enter the numbers of the units below it."),
    "headcount_revisions_in_order": _("The number of “%(unit)s” has changed meanwhile. Look at it again."),
    "title_not_in_future": _("The year %(year)s has not come yet. Choose this year or an earlier one."),
    "title_within_unit": _("“%(unit)s” did not exist in that year. Choose another year or unit."),
    "title_one_speaks": _(
        "“%(unit)s” has entered this title for the year already, and what it says covers this unit too or is covered "
        "by it. Enter it in one of the two places only."
    ),
    "recognition_not_in_future": _("%(when)s has not come yet. Write this year, or an earlier year or day."),
    "recognition_before_birth": _(
        "%(member)s was born in %(year)s. Nobody is honoured before: check the birth, titles and commendations."
    ),
    "grant_two_hands": _("One person cannot be accountant and cashier of one unit. Choose another person."),
    "decision_path": _("The decision cannot go from its present state to that one. Open it again and look."),
    "decision_settled": _("Only a draft may be changed. Take the decision back into draft, or draft another one."),
    "decision_kept": _("Only a draft may be thrown away. A decision that was carried out can be undone."),
    "change_of_draft": _("Only a draft takes changes. Take the decision back into draft, or draft another one."),
    "change_refers_within": _("A change may name only units that its own decision founds. Choose another unit."),
    "effect_kept": _("What was done for a decision is written down once and stays."),
}
