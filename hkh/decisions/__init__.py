"""Decisions on the tree carried out: what would become of it (``planning``), done (``actions``), undone to the letter.

``plan`` is the typed plan that preview and commit share. It rests on the tree, the members, the funds and the
rounds, so this package stands above all three domains; the tables of decisions are ``members.models``'.
"""
