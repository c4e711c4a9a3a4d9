"""The debugger: what can be done with computations that stopped and wait."""
