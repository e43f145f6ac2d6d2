"""What style sheets do to the words of a page that no browser drew. No I/O."""
