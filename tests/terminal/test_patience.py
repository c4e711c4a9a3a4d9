"""How long a client waits fits what a server does by default."""

from actors.settings import Settings
from terminal.patience import Patience


def test_a_client_does_not_give_up_before_the_servers_default_budgets_are_used_up():
    settings = Settings()
    assert Patience().wait_s("evaluate") * 1000 >= settings.cpu_budget_ms + settings.wait_budget_ms
