"""catalog: see DESIGN."""
