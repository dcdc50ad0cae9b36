"""recommender: see DESIGN."""
