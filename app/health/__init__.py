"""Is the deck ready: warm-up, metrics, readiness, rehearsal and the status page."""
