"""What a decision does to people, money and what is open, part by part, each planned before anything is done."""
