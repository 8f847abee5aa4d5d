"""What the slides say and show: words, figures, pictures, stages."""
