"""Tree -> scopes -> IR in A-normal form -> Python code objects, and the rest of an activation from any IR position."""
