"""Who is told what changed, by mail and webhook. Reads transitions; never looks at a page."""
