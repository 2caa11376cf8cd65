"""What is looked into: that every rule still holds of all that stands, and what a unit settles before it closes."""
