"""Words: sentences, prompts, tables, answers, and the formulas and code beside a scene."""
