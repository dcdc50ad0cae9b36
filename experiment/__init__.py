"""experiment: see DESIGN."""
