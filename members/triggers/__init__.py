"""The rules of the register that the database keeps by trigger, by what they guard.

What they call stands in migrations 0002, 0007, 0010, 0016 and 0017, as do the triggers of the table behind
``Tier.may_stand_under``, which is no model of its own. A rule that a change may break for a moment is deferred to
the end of the transaction. Statement triggers that look at the rows of their statement hold their SQL here, since a
function they call would not see these rows; what they are given is stored as one line, so it is written without
comments.
"""
