"""Networks and losses that several families share."""
