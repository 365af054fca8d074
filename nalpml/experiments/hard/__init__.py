"""Hard cases: how far recall goes as covert traffic hides better, or a capture shows less."""
