"""Demos: one Play of one slide each, turning parameters into frames."""
