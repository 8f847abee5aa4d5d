"""Routes: pages, Plays, the JSON API, health, documentation."""
