"""What a booking page says. Nothing here knows about time tables, databases or people; nothing imports `monitor`."""
