"""website: see DESIGN."""
