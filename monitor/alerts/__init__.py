"""Mails and webhook messages about transitions and incidents, and the pages to subscribe to them."""
