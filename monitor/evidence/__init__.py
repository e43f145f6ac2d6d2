"""The evidence for lawyers: journal, seals, time stamps, bundles. It states what was seen, nothing more."""
