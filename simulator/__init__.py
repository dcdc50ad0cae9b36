"""simulator: see DESIGN."""
