"""What people and newer readers make of the record afterwards. Adds to it, and changes nothing in it."""
