"""Work on the record after the visits: quarantine, audit, later readings. Adds rows and changes none."""
