"""Text -> tree: the whole Pharo syntax, with positions and good errors. Pure; standard library only.

`parser` reads methods and do-its into the tree of `nodes` and marks their faults (`errors`), `shape` gives the key
under which do-its share code, `tonel` reads source files. The layers of the parser, each a subclass of the one before:
`lexer` (with `numbers`), `literals`, `declarations`, `expressions`, `parser`.
"""
