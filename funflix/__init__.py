"""funflix: see DESIGN."""
