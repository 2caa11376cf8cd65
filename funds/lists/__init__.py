"""The lists of money that go out as sheets, found again as their pages find them."""
