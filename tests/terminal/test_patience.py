"""How long a client waits fits what a server does by default."""

from actors.operations.table import HANDLERS, Turn
from actors.settings import Settings
from terminal.patience import QUEUED_OPERATIONS, Patience


def test_a_client_does_not_give_up_before_the_servers_default_budgets_are_used_up():
    settings = Settings()
    assert Patience().wait_s("evaluate") * 1000 >= settings.cpu_budget_ms + settings.wait_budget_ms


def test_whatever_waits_behind_an_evaluation_is_waited_for_as_long():
    """Tab and `:more` beside another console's long evaluation lost the connection every five seconds."""
    turns = (Turn.QUEUED, Turn.SETTLED, Turn.STORED)
    waiting = {name for name, handler in HANDLERS.items() if handler.turn in turns}
    assert waiting == QUEUED_OPERATIONS
