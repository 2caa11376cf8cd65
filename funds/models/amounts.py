"""How much a row may hold."""

#: The most that one entry may amount to, in đồng.
MOST_VND = 10**15
