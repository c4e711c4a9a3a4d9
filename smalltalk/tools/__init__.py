"""What the operations of a session need beyond running code: do-its by shape, printing, inspecting."""
