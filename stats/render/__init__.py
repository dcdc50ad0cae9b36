"""stats.render: see DESIGN."""
