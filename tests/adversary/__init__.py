"""Pages that lie, written from the field guide: nothing here knows the readers or the saved pages."""
