"""stats: see DESIGN."""
