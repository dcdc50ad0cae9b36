"""recommender_client: see DESIGN."""
