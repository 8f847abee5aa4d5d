"""Numbers as places and lengths: axes, bars, clocks, planes and trees."""
