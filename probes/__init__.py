"""What a booking page says. Knows nothing of time tables, databases or people; never imports `monitor`."""
