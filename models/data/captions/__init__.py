"""Captions as people speak them, true by construction, and the tokenizer they are read with."""
