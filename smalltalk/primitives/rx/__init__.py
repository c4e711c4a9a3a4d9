"""Regular expressions: pattern text -> tree -> program -> matches, in time proportional to text and program."""
