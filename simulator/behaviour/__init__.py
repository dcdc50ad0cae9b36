"""simulator.behaviour: see DESIGN."""
