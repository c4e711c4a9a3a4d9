"""What the server calls itself; a test holds it to the project file."""

from typing import Final

SERVER_NAME: Final = "stui-server"
SERVER_VERSION: Final = "0.1.0"
