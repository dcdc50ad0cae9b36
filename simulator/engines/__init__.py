"""simulator.engines: see DESIGN."""
