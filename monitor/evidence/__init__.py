"""What speaks to lawyers: records, log, seals, time stamps, bundles. It states what was seen and no more."""
