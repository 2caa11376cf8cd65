"""How dates are read and written where Django asks: day before month, in every language."""
