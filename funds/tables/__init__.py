"""The lists of money as tables, by what stands in their rows."""
